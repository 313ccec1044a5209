using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Volunteering.Pages;

/// <summary>How the kinds of volunteers' time are called.</summary>
internal static class VolunteeringWords
{
    public static Phrase Of(VolunteeringKind kind) => kind switch
    {
        VolunteeringKind.Desk => VolunteeringText.Desk,
        VolunteeringKind.Workshop => VolunteeringText.Workshop,
        VolunteeringKind.Maintenance => VolunteeringText.Maintenance,
        VolunteeringKind.Governance => VolunteeringText.Governance,
        _ => VolunteeringText.Other,
    };
}
