using FabLab.Booking.Features.GroupSessions;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Details.Pages;

/// <summary>How what people say of themselves is called.</summary>
internal static class DetailsWords
{
    public static Phrase Of(PriorityArea area) => area switch
    {
        PriorityArea.Yes => DetailsText.AreaYes,
        PriorityArea.No => DetailsText.AreaNo,
        _ => DetailsText.AreaNotSaid,
    };
}
