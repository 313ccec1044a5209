using System.Diagnostics;
using FabLab.Core.Visits;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Visits.Pages;

/// <summary>Codes of visits in words.</summary>
public static class DeskWords
{
    public static Phrase Of(AgeBand band) => band switch
    {
        AgeBand.Under12 => DeskText.Under12,
        AgeBand.From12To17 => DeskText.From12,
        AgeBand.From18To24 => DeskText.From18,
        AgeBand.From25To39 => DeskText.From25,
        AgeBand.From40To59 => DeskText.From40,
        AgeBand.From60To69 => DeskText.From60,
        AgeBand.From70 => DeskText.From70,
        AgeBand.NotSaid => DeskText.BandNotSaid,
        _ => throw new UnreachableException(),
    };
}
