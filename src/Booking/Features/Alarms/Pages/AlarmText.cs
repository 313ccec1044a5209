using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Alarms.Pages;

/// <summary>The words of the alarms.</summary>
public static class AlarmText
{
    public static readonly Phrase Title = new("Alarmes", "Alarms");
    public static readonly Phrase Lead = new("Ce que le système demande de regarder.", "What the system asks you to look at.");
    public static readonly Phrase EmptyTitle = new("Rien à regarder", "Nothing to look at");
    public static readonly Phrase EmptyBody = new("Une alarme apparaît ici quand un boîtier ou une machine a un problème.", "An alarm appears here when a device or a machine has a problem.");
    public static readonly Phrase OpenTitle = new("À regarder", "To look at");
    public static readonly Phrase SeenTitle = new("Déjà vues", "Already seen");
    public static readonly Phrase SeenBy = new("Vue par {0}, {1}", "Seen by {0}, {1}");
    public static readonly Phrase MarkSeen = new("C’est vu", "Seen");
    public static readonly Phrase Marked = new("L’alarme est notée comme vue.", "The alarm is marked as seen.");
    public static readonly Phrase OfGateway = new("passerelle {0}", "gateway {0}");
}
