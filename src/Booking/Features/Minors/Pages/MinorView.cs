using FabLab.Core;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Minors.Pages;

/// <summary>All that a minor's page shows.</summary>
public sealed record MinorView(
    PersonId Id, string Name, string Code, bool IsAdult, LocalDate? BirthDate, bool? MayLeaveAlone, long Version,
    IReadOnlyList<MinorContact> Contacts, IReadOnlyList<MinorConsent> Consents)
{
    /// <summary>Of the two consents without which nobody under 18 stays, those that do not hold.</summary>
    public IEnumerable<ConsentKind> Missing(LocalDate today) =>
        new[] { ConsentKind.TakePart, ConsentKind.Care }.Where(kind => !Consents.Any(consent => consent.Kind == kind && consent.HoldsOn(today)));
}

/// <summary>A form that came back with a fault: what was written, the field and the sentence.</summary>
public sealed record MinorEntered(string Form, string? Field, Phrase Fault, NewContact? Contact = null, NewConsent? Consent = null);
