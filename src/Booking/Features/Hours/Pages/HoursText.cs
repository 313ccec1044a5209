using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>The words of the pages about hours.</summary>
public static class HoursText
{
    public static readonly Phrase Menu = new("Horaires", "Hours");
    public static readonly Phrase Title = new("Horaires d’ouverture", "Opening hours");
    public static readonly Phrase Lead = new("Les deux semaines à venir, à l’heure d’ici ({0}).", "The next two weeks, in local time ({0}).");
    public static readonly Phrase AlwaysOpen = new("Aucun horaire n’est fixé pour le moment.", "No hours are set for now.");
    public static readonly Phrase AlwaysOpenBody = new("Les machines restent utilisables à toute heure.", "The machines can be used at any time.");
    public static readonly Phrase Closed = new("Fermé", "Closed");
    public static readonly Phrase Manage = new("Changer les horaires", "Change the hours");
    public static readonly Phrase TodayWord = new("Aujourd’hui", "Today");
    public static readonly Phrase FromTo = new("{0} – {1}", "{0} – {1}");
    public static readonly Phrase SchoolHolidays = new("Vacances scolaires : {0}", "School holidays: {0}");

    public static readonly Phrase KindOpenLab = new("Atelier ouvert, sans réservation", "Open lab, no booking needed");
    public static readonly Phrase KindBooked = new("Sur réservation", "By booking");
    public static readonly Phrase KindGroups = new("Réservé aux groupes", "Reserved for groups");
    public static readonly Phrase KindStaff = new("Équipe seulement", "Team only");

    public static readonly Phrase ManageTitle = new("Horaires", "Hours");
    public static readonly Phrase ManageLead = new("Quand le lieu est ouvert. Avant de fermer, vous voyez qui est touché ; ces personnes sont prévenues.", "When the place is open. Before you close, you see who is concerned; these people are told.");
    public static readonly Phrase SeePublic = new("Voir la page publique", "See the public page");
    public static readonly Phrase CloseTitle = new("Fermer un jour", "Close for a day");
    public static readonly Phrase CloseHint = new("En une touche. Vous pouvez annuler juste après.", "In one tap. You can undo right after.");
    public static readonly Phrase CloseToday = new("Fermer aujourd’hui", "Close today");
    public static readonly Phrase CloseOn = new("Fermer {0}", "Close on {0}");
    public static readonly Phrase Reopen = new("Remettre les horaires habituels", "Back to the usual hours");
    public static readonly Phrase HitsNone = new("Aucune réservation touchée.", "No booking is concerned.");
    public static readonly Phrase HitsCount = new("{0} {0:réservation touchée|réservations touchées}.", "{0} {0:booking is|bookings are} concerned.");
    public static readonly Phrase HitsTold = new("Les personnes sont prévenues.", "The people are told.");
    public static readonly Phrase WouldHit = new("Si vous enregistrez : {0}", "If you save: {0}");
    public static readonly Phrase NobodyByName = new("personne en particulier", "nobody by name");
    public static readonly Phrase IsClosed = new("Fermé ce jour", "Closed that day");
    public static readonly Phrase OwnHours = new("Horaires particuliers", "Hours of its own");

    public static readonly Phrase DayTitle = new("Horaires d’une date", "Hours of a date");
    public static readonly Phrase AlsoKeep = new("Ajouter à ce qui est déjà prévu ce jour-là", "Add to what is set for that day already");
    public static readonly Phrase DayHint = new("Laissez les heures vides pour fermer toute la journée.", "Leave the times empty to close for the whole day.");
    public static readonly Phrase Date = new("Date", "Date");
    public static readonly Phrase From = new("De", "From");
    public static readonly Phrase Until = new("À", "To");
    public static readonly Phrase Kind = new("Pour qui", "For whom");
    public static readonly Phrase Label = new("Texte affiché", "Text shown");
    public static readonly Phrase LabelHint = new("Visible par tout le monde. Pas de nom de personne.", "Everybody sees it. No names of people.");
    public static readonly Phrase Preview = new("Voir qui est touché", "See who is concerned");
    public static readonly Phrase Save = new("Enregistrer", "Save");
    public static readonly Phrase Saved = new("Les horaires sont enregistrés. {0}", "The hours are saved. {0}");
    public static readonly Phrase DayClosed = new("Fermé {0}. {1}", "Closed on {0}. {1}");
    public static readonly Phrase DayUsual = new("Horaires habituels {0}. {1}", "Usual hours on {0}. {1}");
    public static readonly Phrase Undone = new("Les horaires sont comme avant. {0}", "The hours are as before. {0}");
    public static readonly Phrase ChangedMeanwhile = new("Quelqu’un a changé les horaires entre-temps. Relisez la page, puis recommencez.", "Somebody changed the hours in the meantime. Read the page again, then repeat.");

    public static readonly Phrase WeekTitle = new("La semaine", "The week");
    public static readonly Phrase WeekEmpty = new("Aucun horaire de semaine.", "No weekly hours.");
    public static readonly Phrase WeekEdit = new("Modifier la semaine", "Change the week");
    public static readonly Phrase ClosuresTitle = new("Fermetures", "Closures");
    public static readonly Phrase ClosuresEmpty = new("Aucune fermeture à venir.", "No closure to come.");
    public static readonly Phrase ClosureAdd = new("Ajouter une fermeture", "Add a closure");
    public static readonly Phrase FirstDay = new("Premier jour fermé", "First day closed");
    public static readonly Phrase Reopens = new("Jour de réouverture", "Day of reopening");
    public static readonly Phrase Remove = new("Retirer", "Remove");
    public static readonly Phrase RemoveOf = new("Retirer : {0}", "Remove: {0}");
    public static readonly Phrase ClosureFromTo = new("Du {0} au {1} (réouverture)", "From {0} until {1} (reopening)");
    public static readonly Phrase DatesTitle = new("Dates particulières", "Single dates");
    public static readonly Phrase DatesEmpty = new("Aucune date particulière à venir.", "No single date to come.");
    public static readonly Phrase HolidaysTitle = new("Jours fériés de l’année à venir", "Public holidays of the coming year");
    public static readonly Phrase HolidayClosed = new("fermé", "closed");
    public static readonly Phrase HolidayOpen = new("ouvert", "open");
    public static readonly Phrase SchoolTitle = new("Vacances scolaires", "School holidays");
    public static readonly Phrase SchoolNone = new("Le lieu ne suit pas les vacances scolaires.", "The place does not follow school holidays.");
    public static readonly Phrase SchoolKnown = new("Zone {0} : connues jusqu’au {1}.", "Zone {0}: known until {1}.");
    public static readonly Phrase SchoolUnknown = new("Zone {0} : les dates ne sont pas connues. Les horaires de période scolaire comptent.", "Zone {0}: the dates are not known. The hours of school time count.");
    public static readonly Phrase SchoolSoon = new("Pensez à mettre un nouveau fichier avant cette date.", "Remember to put a new file in before that date.");
    public static readonly Phrase SchoolOwn = new("Le fichier du lieu est utilisé.", "The file of the place is in use.");
    public static readonly Phrase SchoolFile = new("Nouveau fichier de vacances (JSON)", "New file of holidays (JSON)");
    public static readonly Phrase SchoolFileHint = new("Le format est décrit dans la documentation. Au plus 256 Ko.", "The format is described in the documentation. At most 256 KB.");
    public static readonly Phrase SchoolSend = new("Remplacer le fichier", "Replace the file");
    public static readonly Phrase SchoolForget = new("Revenir aux dates fournies", "Back to the dates that came along");
    public static readonly Phrase SchoolDone = new("Le fichier est en place. {0}", "The file is in place. {0}");
    public static readonly Phrase SchoolForgotten = new("Les dates fournies sont utilisées. {0}", "The dates that came along are in use. {0}");
    public static readonly Phrase SchoolBroken = new("Le fichier a des fautes. Il n’est pas utilisé.", "The file has faults. It is not used.");
    public static readonly Phrase SchoolMissing = new("Choisissez un fichier.", "Choose a file.");

    public static readonly Phrase WeekLead = new("Plusieurs plages par jour sont possibles. Une plage qui finit plus tôt qu’elle ne commence va jusqu’au lendemain.", "Several windows a day are possible. One that ends before it begins runs into the next day.");
    public static readonly Phrase Row = new("Plage {0}", "Window {0}");
    public static readonly Phrase Days = new("Jours", "Days");
    public static readonly Phrase On = new("Quand", "When");
    public static readonly Phrase OnAlways = new("Toute l’année", "All year");
    public static readonly Phrase OnSchoolTime = new("En période scolaire", "In school time");
    public static readonly Phrase OnSchoolHolidays = new("Pendant les vacances scolaires", "In school holidays");
    public static readonly Phrase OnPublicHolidays = new("Les jours fériés", "On public holidays");
    public static readonly Phrase Group = new("Groupe", "Group");
    public static readonly Phrase AnyGroup = new("N’importe quel groupe", "Any group");
    public static readonly Phrase MoreRows = new("Plus de plages", "More windows");
    public static readonly Phrase EmptyRowHint = new("Une plage sans jour ni heure est ignorée. Décochez tous les jours et videz les heures pour retirer une plage.", "A window without days and times is passed over. Clear the days and times to remove one.");
    public static readonly Phrase PlaceTitle = new("Le calendrier du lieu", "The calendar of the place");
    public static readonly Phrase Department = new("Département ou territoire", "Department or territory");
    public static readonly Phrase DepartmentHint = new("Par exemple 38, 2A, 974 ou 988. Il donne le fuseau, les jours fériés et la zone scolaire ; laissez vide pour ne rien changer.", "For example 38, 2A, 974 or 988. It gives the time zone, the public holidays and the school zone; leave it empty to change nothing.");
    public static readonly Phrase DepartmentBad = new("Ce numéro n’est pas connu.", "This number is not known.");
    public static readonly Phrase Region = new("Jours fériés de", "Public holidays of");
    public static readonly Phrase School = new("Zone scolaire", "School zone");
    public static readonly Phrase SchoolNot = new("Aucune", "None");
    public static readonly Phrase ClosedOnHolidays = new("Fermé les jours fériés", "Closed on public holidays");
    public static readonly Phrase BadTime = new("Une heure s’écrit 14:00.", "A time is written 14:00.");
    public static readonly Phrase BadDate = new("Une date s’écrit 2026-12-24.", "A date is written 2026-12-24.");
    public static readonly Phrase NoDays = new("Choisissez au moins un jour de la semaine.", "Choose at least one day of the week.");
    public static readonly Phrase FaultIn = new("{0} : {1}", "{0}: {1}");

    public static readonly Phrase MachineTitle = new("Horaires et réservation", "Hours and booking");
    public static readonly Phrase MachineLead = new("{0} : ses horaires à elle, et comment elle se réserve.", "{0}: its own hours, and how it is booked.");
    public static readonly Phrase MachineOver = new("Ces plages s’ajoutent à celles du lieu et comptent avant elles", "These windows come over those of the place");
    public static readonly Phrase MachineInstead = new("Ces plages remplacent celles du lieu", "These windows take the place of those of the place");
    public static readonly Phrase MachineHow = new("Avec les horaires du lieu", "Beside the hours of the place");
    public static readonly Phrase MachineHours = new("Ses horaires", "Its hours");
    public static readonly Phrase ClosureRow = new("Fermeture {0}", "Closure {0}");
}
