using System.Collections.Frozen;
using System.Text.Json;

namespace FabLab.Core.Access;

/// <summary>The closed set of reasons with their stable codes.</summary>
public static class AccessReasons
{
    // First: the two below are made from it.
    private static readonly AccessReason[] Order = Enum.GetValues<AccessReason>();

    private static readonly string[] Codes = MakeCodes();

    private static readonly FrozenDictionary<string, AccessReason> ByCode = All.ToFrozenDictionary(Code);

    /// <summary>
    /// Every reason in the order in which they are looked for; the first that applies is the answer. The most useful comes first:
    /// what no tap can change (storage, the machine itself), then who is tapping, then what takes the person days to settle
    /// (membership, age, training), then what passes by itself (hours, bookings), then what is settled on the spot
    /// (check-in, project, second badge). The three that wait for a second badge are last, because they mean that all else is well.
    /// </summary>
    public static ReadOnlySpan<AccessReason> InOrder => Order;

    /// <summary>The same as a list.</summary>
    public static IReadOnlyList<AccessReason> All => Order;

    /// <summary>The stable snake_case code, for logs, the API and the devices.</summary>
    /// <param name="reason">The reason.</param>
    public static string Code(this AccessReason reason) => Codes[(int)reason];

    /// <summary>The reason of a code, or null.</summary>
    /// <param name="code">Such as "training_missing".</param>
    public static AccessReason? FromCode(string? code) =>
        code is not null && ByCode.TryGetValue(code, out AccessReason reason) ? reason : null;

    private static string[] MakeCodes() =>
        Array.ConvertAll(Enum.GetNames<AccessReason>(), JsonNamingPolicy.SnakeCaseLower.ConvertName);
}
