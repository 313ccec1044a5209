namespace FabLab.Core;

/// <summary>One text in both languages of the product.</summary>
/// <param name="Fr">French: short sentences, common words.</param>
/// <param name="En">English, complete.</param>
public sealed record Words(string Fr, string En)
{
    /// <summary>The text in a language.</summary>
    /// <param name="language">A culture name; anything that starts with "en" is English, all else French.</param>
    public string In(string? language) =>
        language is not null && language.StartsWith("en", StringComparison.OrdinalIgnoreCase) ? En : Fr;
}
