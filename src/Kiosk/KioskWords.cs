using FabLab.Core.Visits;
using FabLab.Ui.Text;

namespace FabLab.Kiosk;

/// <summary>Codes in the words of the door.</summary>
public static class KioskWords
{
    /// <summary>An age band on its tile.</summary>
    public static Phrase Of(AgeBand band) => band switch
    {
        AgeBand.Under12 => KioskText.Under12,
        AgeBand.From12To17 => KioskText.From12,
        AgeBand.From18To24 => KioskText.From18,
        AgeBand.From25To39 => KioskText.From25,
        AgeBand.From40To59 => KioskText.From40,
        AgeBand.From60To69 => KioskText.From60,
        AgeBand.From70 => KioskText.From70,
        _ => KioskText.BandNotSaid,
    };
}
