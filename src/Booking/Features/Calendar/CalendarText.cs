using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Calendar;

/// <summary>The words of calendars and of their page.</summary>
public static class CalendarText
{
    public static readonly Phrase PersonalName = new("Mes réservations, {0}", "My bookings, {0}");
    public static readonly Phrase AgendaName = new("Agenda, {0}", "Agenda, {0}");
    public static readonly Phrase OpenLab = new("Atelier ouvert, sans réservation", "Open session, no booking");
    public static readonly Phrase Booked = new("Ouvert sur réservation", "Open with a booking");
    public static readonly Phrase Title = new("Mes réservations dans mon agenda", "My bookings in my calendar");
    public static readonly Phrase Lead = new("Un lien secret montre vos réservations dans l’agenda de votre téléphone ou de votre ordinateur. Elles s’y mettent à jour toutes seules.", "A secret link shows your bookings in the calendar of your phone or computer. They are kept up to date by themselves.");
    public static readonly Phrase None = new("Vous n’avez pas de lien pour le moment.", "You have no link for now.");
    public static readonly Phrase There = new("Vous avez un lien depuis {0}.", "You have had a link since {0}.");
    public static readonly Phrase LastRead = new("Un agenda l’a lu {0}.", "A calendar read it {0}.");
    public static readonly Phrase NeverRead = new("Aucun agenda ne l’a encore lu.", "No calendar has read it yet.");
    public static readonly Phrase Make = new("Faire un lien", "Make a link");
    public static readonly Phrase MakeNew = new("Faire un autre lien", "Make another link");
    public static readonly Phrase MakeNewHint = new("L’ancien lien ne marchera plus.", "The old link will stop working.");
    public static readonly Phrase Revoke = new("Supprimer le lien", "Remove the link");
    public static readonly Phrase Revoked = new("Le lien ne marche plus.", "The link does not work any more.");
    public static readonly Phrase Shown = new("Votre lien, affiché une seule fois", "Your link, shown only once");
    public static readonly Phrase ShownLead = new("Copiez-le dans votre agenda, avec « S’abonner » ou « Ajouter par URL ». Ne le donnez à personne : qui l’a voit vos réservations.", "Copy it into your calendar, with “Subscribe” or “Add by URL”. Give it to nobody: whoever has it sees your bookings.");
    public static readonly Phrase AgendaTitle = new("L’agenda du lieu", "The agenda of the place");
    public static readonly Phrase AgendaLead = new("Les ouvertures et les formations, sans aucun nom. Ce lien est public.", "Openings and trainings, without any name. This link is public.");
    public static readonly Phrase AgendaLink = new("Lien de l’agenda du lieu", "Link of the place’s agenda");
}
