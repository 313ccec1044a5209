using System.Globalization;
using FabLab.Core;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>A correction as it was typed, and what is wrong with it.</summary>
public sealed record CorrectionForm(
    string Person, ProjectId? Project, string Powered, string Why, Phrase? PersonError = null, Phrase? PoweredError = null, Phrase? WhyError = null)
{
    /// <summary>31 days.</summary>
    public const int MostMinutes = 31 * 24 * 60;

    /// <summary>Minutes as people write them, with a comma or a point; null when it is none or out of bounds.</summary>
    public static long? Milliseconds(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return decimal.TryParse(text.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal minutes)
            && minutes is >= 0 and <= MostMinutes
                ? (long)decimal.Round(minutes * 60_000)
                : null;
    }
}
