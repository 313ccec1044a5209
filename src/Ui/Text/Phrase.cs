using System.Globalization;

namespace FabLab.Ui.Text;

/// <summary>
/// One sentence in both languages. The constructor asks for both, so a French text without its English twin does not compile.
/// Placeholders are <c>{0}</c>, <c>{1}</c>; both languages use the same ones (a test compares them).
/// </summary>
public sealed record Phrase(string French, string English)
{
    /// <summary>The text in the language asked for.</summary>
    public string In(Language language) => language == Language.French ? French : English;

    /// <summary>The text with its placeholders filled in.</summary>
    public string In(Language language, params object[] values) =>
        string.Format(CultureOf(language), In(language), values);

    /// <summary>The culture numbers and dates are written in.</summary>
    public static CultureInfo CultureOf(Language language) =>
        language == Language.French ? CultureInfo.GetCultureInfo("fr-FR") : CultureInfo.GetCultureInfo("en-GB");
}
