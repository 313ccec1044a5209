namespace FabLab.Gateway.Drivers.Plugs;

/// <summary>The names of relays in the settings, separated by commas.</summary>
internal static class PlugNames
{
    private const int MostCharacters = 64;

    /// <summary>The names; empty when there are none.</summary>
    public static string[] Of(string? relays) => relays?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Whether names are given and cannot be meant: not as many as channels, one twice, or no name.</summary>
    public static bool Faulty(string? relays, int channels)
    {
        if (string.IsNullOrEmpty(relays))
            return false;
        var names = Of(relays);
        return names.Length != channels
            || names.Distinct(StringComparer.Ordinal).Count() != names.Length
            || names.Any(name => name.Length > MostCharacters || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'));
    }
}
