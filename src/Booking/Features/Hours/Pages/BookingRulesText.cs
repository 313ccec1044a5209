using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>The words of the pages about how things are booked.</summary>
public static class BookingRulesText
{
    public static readonly Phrase Title = new("Règles de réservation", "Booking rules");
    public static readonly Phrase Lead = new("Les règles d’une machine comptent avant celles de son type, et celles du type avant celles du lieu. Les réservations déjà faites restent.", "The rules of a machine count before those of its class, and those before the rules of the place. Bookings already made stay.");
    public static readonly Phrase OfSite = new("Tout le lieu", "The whole place");
    public static readonly Phrase OfClass = new("Type {0}", "Class {0}");
    public static readonly Phrase Scope = new("Pour", "For");
    public static readonly Phrase Rules = new("Règles", "Rules");
    public static readonly Phrase Own = new("règles à part", "rules of its own");
    public static readonly Phrase AsWider = new("comme le lieu", "as the place");
    public static readonly Phrase Change = new("Modifier", "Change");
    public static readonly Phrase ChangeOf = new("Modifier : {0}", "Change: {0}");
    public static readonly Phrase TermsTitle = new("Réserver : {0}", "Booking: {0}");
    public static readonly Phrase Saved = new("Les règles sont enregistrées : {0}.", "The rules are saved: {0}.");
    public static readonly Phrase Forgotten = new("Plus de règles à part : {0}.", "No rules of its own any more: {0}.");
    public static readonly Phrase Forget = new("Retirer ces règles", "Remove these rules");
    public static readonly Phrase Stale = new("Quelqu’un a changé ces règles entre-temps. Relisez la page, puis recommencez.", "Somebody changed these rules in the meantime. Read the page again, then repeat.");

    public static readonly Phrase Bookable = new("Se réserve", "Can be booked");
    public static readonly Phrase Step = new("Pas des réservations, en minutes", "Bookings start every … minutes");
    public static readonly Phrase MinLength = new("Durée la plus courte, en minutes", "Shortest booking, in minutes");
    public static readonly Phrase MaxLength = new("Durée la plus longue, en minutes", "Longest booking, in minutes");
    public static readonly Phrase Horizon = new("Jusqu’à combien de jours à l’avance", "Up to how many days ahead");
    public static readonly Phrase Notice = new("Au moins combien de minutes à l’avance", "At least how many minutes ahead");
    public static readonly Phrase ChangeBefore = new("Annulation libre jusqu’à combien d’heures avant", "Free cancellation until how many hours before");
    public static readonly Phrase RefuseLate = new("Refuser une annulation plus tardive", "Refuse a later cancellation");
    public static readonly Phrase Capacity = new("Places en même temps", "Places at the same time");
    public static readonly Phrase SetUp = new("Minutes de remise en ordre entre deux réservations", "Minutes to clear up between two bookings");
    public static readonly Phrase MaxUpcoming = new("Réservations à venir par personne, au plus", "Bookings to come per person, at most");
    public static readonly Phrase OwnOverlap = new("Deux réservations en même temps sur des machines différentes", "Two bookings at once on different machines");
    public static readonly Phrase InOpenLab = new("Se réserve aussi pendant l’atelier ouvert", "Can be booked during open lab too");
    public static readonly Phrase RunsOn = new("Peut continuer après la fermeture (longue impression)", "May run on after closing (a long print)");
    public static readonly Phrase KeepsHours = new("La machine suit les horaires : elle ne démarre pas quand c’est fermé", "The machine keeps the hours: it does not start when closed");
    public static readonly Phrase WalkUp = new("Utilisable sans réservation tant que personne n’a réservé", "Usable without booking while nobody has booked");
    public static readonly Phrase Accompanied = new("Les personnes à accompagner peuvent réserver", "People who need somebody beside them may book");
    public static readonly Phrase Release = new("Libérer si personne ne vient, après combien de minutes", "Release when nobody comes, after how many minutes");
    public static readonly Phrase NoShowLimit = new("Absences avant une pause des réservations (0 : jamais)", "No-shows before a pause of bookings (0: never)");
    public static readonly Phrase EmptyMeansAny = new("Vide : sans limite.", "Empty: no limit.");
    public static readonly Phrase BadNumber = new("Un nombre entier, par exemple 30.", "A whole number, for example 30.");

    public static readonly Phrase TheyStay = new("Elles restent ; on ne pourrait plus les refaire.", "They stay; they could not be made again.");
    public static readonly Phrase ClaimTitle = new("Arriver en avance", "Coming early");
    public static readonly Phrase ClaimLabel = new("Le badge compte pour la réservation combien de minutes avant le début", "A tap counts for the booking how many minutes before its start");
    public static readonly Phrase ClaimHint = new("De 0 à 120, si la machine est libre.", "0 to 120, when the machine is free.");
    public static readonly Phrase ClaimSaved = new("C’est enregistré.", "It is saved.");
    public static readonly Phrase BadClaim = new("Un nombre entier de 0 à 120.", "A whole number, 0 to 120.");
    public static readonly Phrase EndTitle = new("À la fin d’une réservation", "At the end of a booking");
    public static readonly Phrase EndWhat = new("Que fait la machine ?", "What does the machine do?");
    public static readonly Phrase EndStop = new("Elle s’arrête dès qu’elle ne travaille plus", "It stops as soon as it no longer works");
    public static readonly Phrase EndFinish = new("Elle finit le travail en cours, puis s’arrête (impression)", "It finishes the work in hand, then stops (a print)");
    public static readonly Phrase EndExtend = new("Elle continue tant que personne n’a réservé la suite", "It goes on while nobody has booked what follows");
    public static readonly Phrase EndCap = new("Arrêt dans tous les cas après combien de minutes", "Stopped in any case after how many minutes");
    public static readonly Phrase EndCapHint = new("De 0 à 1440, comptées depuis la fin de la réservation. Une machine qui finit son travail n’est pas concernée.", "0 to 1440, counted from the end of the booking. It does not concern a machine that finishes its work.");
    public static readonly Phrase EndSaved = new("La fin des réservations est enregistrée : {0}.", "The end of bookings is saved: {0}.");
    public static readonly Phrase BadCap = new("Un nombre entier de 0 à 1440.", "A whole number, 0 to 1440.");

    public static readonly Phrase QuotasTitle = new("Quotas", "Quotas");
    public static readonly Phrase QuotasEmpty = new("Aucun quota : chacun réserve autant que les règles le permettent.", "No quota: everybody books as much as the rules allow.");
    public static readonly Phrase QuotaAdd = new("Ajouter un quota", "Add a quota");
    public static readonly Phrase QuotaSaved = new("Le quota est enregistré.", "The quota is saved.");
    public static readonly Phrase QuotaRemoved = new("Le quota est retiré.", "The quota is removed.");
    public static readonly Phrase Period = new("Par", "Per");
    public static readonly Phrase PerDay = new("jour", "day");
    public static readonly Phrase PerWeek = new("semaine", "week");
    public static readonly Phrase PerMonth = new("mois", "month");
    public static readonly Phrase Minutes = new("Temps, en minutes", "Time, in minutes");
    public static readonly Phrase Count = new("Nombre de réservations", "Number of bookings");
    public static readonly Phrase Classes = new("Types de machines", "Classes of machines");
    public static readonly Phrase ClassesHint = new("Rien de coché : toutes les machines.", "None ticked: all machines.");
    public static readonly Phrase Plans = new("Formules", "Plans");
    public static readonly Phrase PlansHint = new("Séparées par des virgules. Vide : pour tout le monde.", "Separated by commas. Empty: for everybody.");
    public static readonly Phrase SameDay = new("Les réservations faites le jour même ne comptent pas", "Bookings made on the same day do not count");
    public static readonly Phrase QuotaTime = new("{0} par {1}", "{0} per {1}");
    public static readonly Phrase QuotaCount = new("{0} {0:réservation|réservations} par {1}", "{0} {0:booking|bookings} per {1}");
    public static readonly Phrase AllMachines = new("toutes les machines", "all machines");
    public static readonly Phrase QuotaFor = new("pour : {0}", "for: {0}");
    public static readonly Phrase QuotaPeople = new("{0} {0:personne|personnes}", "{0} {0:person|people}");
    public static readonly Phrase QuotaNothing = new("Donnez un temps ou un nombre de réservations.", "Give a time or a number of bookings.");
    public static readonly Phrase SameDayShort = new("le jour même ne compte pas", "same day does not count");
    public static readonly Phrase SeeResources = new("Salles, bureaux, malles et groupes de machines", "Rooms, desks, kits and pools");
}
