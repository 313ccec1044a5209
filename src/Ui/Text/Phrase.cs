using System.Globalization;

namespace FabLab.Ui.Text;

/// <summary>
/// One sentence in both languages. The constructor asks for both, so a French text without its English twin does not compile.
/// Placeholders are <c>{0}</c>, <c>{1}</c>; both languages use the same ones (a test compares them). What a number counts agrees with
/// it: <c>{0} {0:machine|machines}</c> takes the first form for one, in French for none too, and the second for all others.
/// </summary>
public sealed record Phrase(string French, string English)
{
    /// <summary>The text in the language asked for.</summary>
    public string In(Language language) => language == Language.French ? French : English;

    /// <summary>The text with its placeholders filled in.</summary>
    public string In(Language language, params object[] values) =>
        string.Format(language == Language.French ? Counting.French : Counting.English, In(language), values);

    /// <summary>The culture numbers and dates are written in.</summary>
    public static CultureInfo CultureOf(Language language) =>
        language == Language.French ? CultureInfo.GetCultureInfo("fr-FR") : CultureInfo.GetCultureInfo("en-GB");

    /// <summary>Writes values as the culture does, and chooses between two forms by a number.</summary>
    private sealed class Counting(CultureInfo culture, Func<long, bool> isOne) : IFormatProvider, ICustomFormatter
    {
        public static readonly Counting French = new(CultureOf(Language.French), number => number is 0 or 1);
        public static readonly Counting English = new(CultureOf(Language.English), number => number is 1);

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : culture.GetFormat(formatType);

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => format?.Split('|') switch
        {
            [var one, var many] => arg is int or long && isOne(Convert.ToInt64(arg, CultureInfo.InvariantCulture)) ? one : many,
            _ => arg is IFormattable written ? written.ToString(format, culture) : arg?.ToString() ?? "",
        };
    }
}
