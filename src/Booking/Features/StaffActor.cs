using System.Security.Claims;
using System.Text.Json.Serialization;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;

namespace FabLab.Booking.Features;

/// <summary>Who makes a change: it is written beside it in the audit.</summary>
/// <param name="Id">The person, or the token that acts.</param>
/// <param name="Role">All roles together.</param>
public sealed record StaffActor(PersonId Id, Role Role)
{
    internal const string OnlyClaim = "fablab:only";

    public bool IsManager => Role.HasFlag(Role.Manager);

    /// <summary>A token may be held to fewer rights than its roles have; null when it is not.</summary>
    [JsonIgnore]
    public IReadOnlySet<Right>? Only { get; init; }

    /// <summary>How far a right goes for this one.</summary>
    public Reach Reach(Right right) => Only?.Contains(right) == false ? SignIn.Reach.None : Rights.Of(Role, right);

    public bool Has(Right right) => Reach(right) != SignIn.Reach.None;

    /// <summary>The one who is signed in, or the token that asks; null when nobody does.</summary>
    public static StaffActor? From(ClaimsPrincipal? user) =>
        user?.Identity is { IsAuthenticated: true, AuthenticationType: BookingAuth.CookieScheme or BookingAuth.TokenScheme }
            && Ids.TryParse<PersonId>(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            && Enum.TryParse<Role>(user.FindFirstValue(ClaimTypes.Role), out var role)
                ? new StaffActor(id, role) { Only = Limits(user) }
                : null;

    private static HashSet<Right>? Limits(ClaimsPrincipal user) => user.FindFirstValue(OnlyClaim) is { } only
        ? [.. only.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<Right>)]
        : null;
}
