using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Volunteering.Pages;

/// <summary>Words of volunteers' hours.</summary>
internal static class VolunteeringText
{
    public static readonly Phrase Title = new("Heures de bénévolat", "Volunteers’ hours");
    public static readonly Phrase Menu = new("Bénévolat", "Volunteering");
    public static readonly Phrase Lead = new("Le temps donné au lieu. Il compte dans le bilan et dans les comptes de l’année.", "Time given to the place. It counts in the report and in the accounts of the year.");
    public static readonly Phrase Of = new("Heures de {0}", "Hours of {0}");
    public static readonly Phrase Add = new("Noter des heures", "Note hours");
    public static readonly Phrase Day = new("Jour", "Day");
    public static readonly Phrase HowLong = new("Durée, en heures", "How long, in hours");
    public static readonly Phrase HowLongHint = new("Par exemple 2, 1,5 ou 1:30.", "Such as 2, 1.5 or 1:30.");
    public static readonly Phrase Kind = new("Activité", "Activity");
    public static readonly Phrase Note = new("Ce qui a été fait", "What was done");
    public static readonly Phrase Save = new("Noter", "Note");
    public static readonly Phrase Saved = new("C’est noté. Merci.", "Noted. Thank you.");
    public static readonly Phrase DayWrong = new("Choisissez un jour des deux dernières années.", "Choose a day of the last two years.");
    public static readonly Phrase HoursWrong = new("Écrivez un nombre d’heures, de 1 minute à 24 heures.", "Write a number of hours, from 1 minute to 24 hours.");
    public static readonly Phrase DayFull = new("Ce jour-là aurait plus de 24 heures avec celles déjà notées.", "That day would have more than 24 hours with those noted before.");
    public static readonly Phrase Hours = new("Durée", "Time");
    public static readonly Phrase Person = new("Personne", "Person");
    public static readonly Phrase Detached = new("Personne dont le nom n’est plus gardé", "Somebody whose name is no longer kept");
    public static readonly Phrase TakeOut = new("Retirer", "Take out");
    public static readonly Phrase TakeOutOf = new("Retirer la ligne du {0}", "Take out: row of {0}");
    public static readonly Phrase TakenOut = new("La ligne ne compte plus.", "The row does not count any more.");
    public static readonly Phrase Restored = new("La ligne compte de nouveau.", "The row counts again.");
    public static readonly Phrase None = new("Aucune heure sur cette période", "No hours in this period");
    public static readonly Phrase NoneBody = new("Chaque heure compte : accueil, atelier, maintenance, réunion.", "Every hour counts: front desk, workshop, maintenance, meeting.");
    public static readonly Phrase Rows = new("Lignes", "Rows");
    public static readonly Phrase ByPerson = new("Par personne", "By person");
    public static readonly Phrase ByKind = new("Par activité", "By activity");
    public static readonly Phrase Worth = new("Valeur", "Worth");
    public static readonly Phrase WorthHint = new("À {0} l’heure, le taux choisi par le lieu pour ses comptes.", "At {0} an hour, the rate the place chose for its accounts.");
    public static readonly Phrase File = new("Fiches de temps (CSV)", "Time sheets (CSV)");
    public static readonly Phrase FileName = new("Nom", "Name");
    public static readonly Phrase FileCode = new("Code", "Code");
    public static readonly Phrase FileHours = new("Durée (h)", "Time (h)");
    public static readonly Phrase FileRate = new("Taux horaire (€)", "Rate (€)");
    public static readonly Phrase FileTotal = new("Total (€)", "Total (€)");
    public static readonly Phrase Desk = new("Accueil", "Front desk");
    public static readonly Phrase Workshop = new("Atelier", "Workshop");
    public static readonly Phrase Maintenance = new("Maintenance", "Maintenance");
    public static readonly Phrase Governance = new("Gouvernance", "Governance");
    public static readonly Phrase Other = new("Autre", "Other");
}
