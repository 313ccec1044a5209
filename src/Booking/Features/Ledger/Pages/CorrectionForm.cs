using FabLab.Core;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>A correction as it was typed, and what is wrong with it.</summary>
public sealed record CorrectionForm(
    string Person, ProjectId? Project, string Powered, string Why, Phrase? PersonError = null, Phrase? PoweredError = null, Phrase? WhyError = null)
{
    /// <summary>A week: longer uses are several rows.</summary>
    public const int MostMinutes = 7 * 24 * 60;
}
