namespace FabLab.Booking.Features;

/// <summary>Text from outside, made fit to be stored in either database and shown on a page.</summary>
internal static class Text
{
    /// <summary>Without control characters and outer blanks, at most so long.</summary>
    public static string Clean(string? text, int longest)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "";
        var kept = string.Concat(text.Select(sign => char.IsControl(sign) ? ' ' : sign)).Trim();
        return kept.Length > longest ? kept[..longest].TrimEnd() : kept;
    }

    /// <summary>The text cleaned, or null when it is empty or too long.</summary>
    public static string? Required(string? text, int longest)
    {
        var clean = Clean(text, int.MaxValue);
        return clean.Length is 0 || clean.Length > longest ? null : clean;
    }
}
