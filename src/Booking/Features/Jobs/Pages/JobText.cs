using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Jobs.Pages;

/// <summary>The words about jobs of machines.</summary>
public static class JobText
{
    public static readonly Phrase Title = new("Travaux", "Jobs");
    public static readonly Phrase Lead = new("Ce que la machine dit elle-même de ses travaux.", "What the machine itself says of its jobs.");
    public static readonly Phrase SeeAll = new("Tous les travaux", "All jobs");
    public static readonly Phrase None = new("Aucun travail noté", "No job on record");
    public static readonly Phrase NoneBody = new("Un appareil « travaux » doit être relié à cette machine.", "A “jobs” device must be bound to this machine.");
    public static readonly Phrase OfPerson = new("Travaux récents", "Recent jobs");
    public static readonly Phrase NoName = new("Travail", "Job");
    public static readonly Phrase Running = new("En cours", "In hand");
    public static readonly Phrase RunningAt = new("En cours, {0} %", "In hand, {0}%");
    public static readonly Phrase Paused = new("En pause", "Paused");
    public static readonly Phrase Done = new("Terminé", "Done");
    public static readonly Phrase Failed = new("Échoué", "Failed");
    public static readonly Phrase Cancelled = new("Arrêté", "Stopped");
    public static readonly Phrase Lost = new("Fin inconnue", "End unknown");
    public static readonly Phrase Grams = new("{0} g", "{0} g");
    public static readonly Phrase Metres = new("{0} m", "{0} m");
    public static readonly Phrase Nobodys = new("Sans badge", "Without a badge");
    public static readonly Phrase Whose = new("À qui est ce travail ?", "Whose job is it?");
    public static readonly Phrase IsMine = new("Ce travail est le vôtre ?", "Is this job yours?");
    public static readonly Phrase Mine = new("C’est mon travail", "This is my job");
    public static readonly Phrase Assign = new("Attribuer", "Assign");
    public static readonly Phrase Who = new("Code de la personne", "Short code of the person");
    public static readonly Phrase WhoHint = new("Par exemple M07", "For instance M07");
    public static readonly Phrase WhoWrong = new("Personne n’a ce code.", "Nobody has this code.");
    public static readonly Phrase Project = new("Projet", "Project");
    public static readonly Phrase NoProject = new("Aucun projet", "No project");
    public static readonly Phrase GiveBack = new("Ce n’est pas le mien", "It is not mine");
    public static readonly Phrase TakeBack = new("Retirer l’attribution", "Take the name off");
    public static readonly Phrase Attributed = new("Le travail est attribué.", "The job is assigned.");
    public static readonly Phrase GivenBack = new("Le travail n’est plus à personne.", "The job is nobody’s again.");
    public static readonly Phrase Taken = new("Quelqu’un d’autre a dit que ce travail est le sien. Parlez à l’équipe.", "Somebody else has said that this job is theirs. Talk to the team.");
    public static readonly Phrase OfAUse = new("Ce travail appartient à une utilisation : corrigez le temps machine.", "This job belongs to a use: correct the machine time.");
    public static readonly Phrase Changed = new("Ce travail a changé entre-temps. Regardez-le à nouveau.", "This job has changed meanwhile. Look at it again.");
    public static readonly Phrase Since = new("Les 30 derniers jours, le plus récent en premier.", "The last 30 days, the newest first.");
}
