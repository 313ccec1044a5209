using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>The words of the ledger of machine time.</summary>
public static class LedgerText
{
    public static readonly Phrase Title = new("Temps machine", "Machine time");
    public static readonly Phrase Lead = new("Chaque utilisation est une ligne. Une ligne ne change jamais : une correction s’ajoute.", "Every use is a row. A row never changes: a correction is added.");
    public static readonly Phrase From = new("Du", "From");
    public static readonly Phrase Through = new("Au", "Through");
    public static readonly Phrase Machine = new("Machine", "Machine");
    public static readonly Phrase Person = new("Personne", "Person");
    public static readonly Phrase Project = new("Projet", "Project");
    public static readonly Phrase All = new("Toutes", "All");
    public static readonly Phrase AllProjects = new("Tous", "All");
    public static readonly Phrase Show = new("Afficher", "Show");
    public static readonly Phrase Everything = new("Tout afficher", "Show everything");
    public static readonly Phrase Periods = new("Périodes", "Periods");
    public static readonly Phrase PeriodToday = new("Aujourd’hui", "Today");
    public static readonly Phrase PeriodWeek = new("Cette semaine", "This week");
    public static readonly Phrase PeriodMonth = new("Ce mois-ci", "This month");
    public static readonly Phrase PeriodYear = new("Cette année", "This year");
    public static readonly Phrase TotalTitle = new("Total de la sélection", "Total of the selection");
    public static readonly Phrase Booked = new("Réservé", "Booked");
    public static readonly Phrase Bookings = new("Réservations", "Bookings");
    public static readonly Phrase NoShow = new("Non venu·e", "No-show");
    public static readonly Phrase NoShows = new("Réservations sans personne", "Bookings nobody came to");
    public static readonly Phrase SideTitle = new("Réservé, allumé, en travail", "Booked, switched on, at work");
    public static readonly Phrase SideHint = new("Une réservation compte en entier dès qu’elle commence. Une réservation annulée ne compte pas.", "A booking counts with its whole length once it begins. A cancelled booking does not count.");
    public static readonly Phrase ByPerson = new("Par personne", "By person");
    public static readonly Phrase ByMachine = new("Par machine", "By machine");
    public static readonly Phrase ByProject = new("Par projet", "By project");
    public static readonly Phrase Nobody = new("Sans personne connue", "Nobody known");
    public static readonly Phrase File = new("Fichier pour tableur (CSV)", "File for a spreadsheet (CSV)");
    public static readonly Phrase Total = new("Total", "Total");
    public static readonly Phrase Unknown = new("Temps inconnu", "Unknown time");
    public static readonly Phrase EmptyTitle = new("Aucune ligne pour cette sélection", "No row for this selection");
    public static readonly Phrase EmptyBody = new("Choisissez une autre période, ou affichez tout.", "Choose another period, or show everything.");
    public static readonly Phrase Reversal = new("Reprise", "Taken back");
    public static readonly Phrase Replacement = new("Remplacement", "Replacement");
    public static readonly Phrase TakenBack = new("reprise par une correction", "taken back by a correction");
    public static readonly Phrase CorrectedBy = new("Par {0}, {1} : {2}", "By {0}, {1}: {2}");
    public static readonly Phrase Correct = new("Corriger", "Correct");
    public static readonly Phrase CorrectTitle = new("Corriger une ligne", "Correct a row");
    public static readonly Phrase CorrectLead = new("L’ancienne ligne reste. Une ligne la reprend, une autre la remplace.", "The old row stays. One row takes it back, another one stands for it.");
    public static readonly Phrase RowIs = new("{0}, {1}, allumée {2}, en travail {3}", "{0}, {1}, on for {2}, working for {3}");
    public static readonly Phrase NewPerson = new("Code court de la personne", "Short code of the person");
    public static readonly Phrase NewPersonHint = new("Par exemple M01. Laissez vide si personne n’est connu.", "For example M01. Leave empty if nobody is known.");
    public static readonly Phrase PersonUnknown = new("Personne n’a le code court « {0} ».", "Nobody has the short code “{0}”.");
    public static readonly Phrase NewProject = new("Projet", "Project");
    public static readonly Phrase NoProject = new("Sans projet", "No project");
    public static readonly Phrase Why = new("Pourquoi ?", "Why?");
    public static readonly Phrase WhyHint = new("Cette phrase reste dans le registre.", "This sentence stays on the ledger.");
    public static readonly Phrase WhyMissing = new("Écrivez pourquoi en une phrase.", "Write why in one sentence.");
    public static readonly Phrase Save = new("Enregistrer la correction", "Save the correction");
    public static readonly Phrase Done = new("La correction est enregistrée.", "The correction is saved.");
    public static readonly Phrase UndoReason = new("Correction annulée", "Correction undone");
    public static readonly Phrase AlreadyCorrected = new("Cette ligne a déjà été corrigée. Corrigez plutôt la ligne qui la remplace.", "This row was corrected already. Correct the row that stands for it instead.");
    public static readonly Phrase NothingChanged = new("Rien n’a changé : choisissez une autre personne, un autre projet, une autre durée.", "Nothing changed: choose another person, project or length.");
    public static readonly Phrase Previous = new("Plus récentes", "Newer");
    public static readonly Phrase Next = new("Plus anciennes", "Older");
    public static readonly Phrase PoweredMinutes = new("Allumée, en minutes", "Switched on, in minutes");
    public static readonly Phrase MinutesHint = new("La ligne dit {0}. Ne changez ce nombre que si la mesure est fausse.", "The row says {0}. Change this number only if the measurement is wrong.");
    public static readonly Phrase MinutesWrong = new("Écrivez un nombre entre 0 et {0}.", "Write a number from 0 to {0}.");
}
