namespace FabLab.Contracts;

/// <summary>The name of a gateway: part of addresses, of key files and of every journal key.</summary>
public static class GatewayName
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 32;

    /// <summary>Whether a text is a name: 1 to 32 of a–z, 0–9 and '-', not beginning with '-'.</summary>
    /// <param name="name">The text, or null.</param>
    public static bool IsValid(string? name) =>
        name is { Length: > 0 and <= MaxLength } && name[0] != '-'
        && name.All(sign => sign is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');
}
