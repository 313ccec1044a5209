using FabLab.Ui.Text;

namespace FabLab.Kiosk;

/// <summary>The words of the door: one idea a sentence, common words.</summary>
public static class KioskText
{
    public static readonly Phrase Title = new("Bienvenue", "Welcome");
    public static readonly Phrase Lead = new("Ici, on fabrique, on apprend, on essaie.", "Here we make, we learn, we try.");
    public static readonly Phrase NothingToFill = new("Vous n’avez rien à remplir sur cet écran.", "There is nothing to fill in on this screen.");
    public static readonly Phrase Open = new("C’est ouvert", "We are open");
    public static readonly Phrase OpenUntil = new("C’est ouvert jusqu’à {0}", "We are open until {0}");
    public static readonly Phrase Closed = new("C’est fermé", "We are closed");
    public static readonly Phrase ClosedUntil = new("C’est fermé. Ça ouvre {0}", "We are closed. We open {0}");
    public static readonly Phrase NoHours = new("Les horaires ne sont pas inscrits ici. Demandez à l’équipe.", "Opening hours are not entered here. Ask the team.");
    public static readonly Phrase NoNews = new("Les informations ne sont pas disponibles en ce moment.", "The information is not available right now.");
    public static readonly Phrase OldNews = new("Ces informations datent de {0}.", "This information is from {0}.");
    public static readonly Phrase FreeCount = new("{0} machines libres", "{0} machines free");
    public static readonly Phrase FreeOne = new("1 machine libre", "1 machine free");
    public static readonly Phrase FreeNone = new("Aucune machine libre", "No machine free");
    public static readonly Phrase SeeMachines = new("Voir les machines", "See the machines");
    public static readonly Phrase SeeMachinesHint = new("Lesquelles sont libres ?", "Which ones are free?");
    public static readonly Phrase HowItWorks = new("Comment ça marche", "How it works");
    public static readonly Phrase HowItWorksHint = new("Utiliser une machine avec un badge.", "Use a machine with a badge.");
    public static readonly Phrase Help = new("Quelqu’un peut m’aider", "Somebody can help me");
    public static readonly Phrase HelpHint = new("Où trouver une personne de l’équipe.", "Where to find somebody of the team.");
    public static readonly Phrase HelpTitle = new("Une personne peut vous aider", "Somebody can help you");
    public static readonly Phrase HelpFirst = new("Allez à l’accueil.", "Go to the front desk.");
    public static readonly Phrase HelpSecond = new("Dites : « J’ai besoin d’aide. »", "Say: “I need some help.”");
    public static readonly Phrase HelpThird = new("Une personne de l’équipe peut tout faire avec vous.", "Somebody of the team can do everything with you.");
    public static readonly Phrase HelpNoCall = new("Cet écran n’appelle personne.", "This screen does not call anybody.");
    public static readonly Phrase Step1 = new("Posez votre badge sur le lecteur de la machine.", "Put your badge on the reader of the machine.");
    public static readonly Phrase Step2 = new("Si c’est oui, la machine s’allume.", "If it is yes, the machine switches on.");
    public static readonly Phrase Step3 = new("Si c’est non, l’équipe peut vous dire pourquoi, et quoi faire.", "If it is no, the team can tell you why, and what to do.");
    public static readonly Phrase Step4 = new("À la fin, posez votre badge encore une fois.", "At the end, put your badge there once more.");
    public static readonly Phrase NoBadge = new("Pas de badge ? Demandez à l’accueil.", "No badge? Ask at the front desk.");
    public static readonly Phrase Machines = new("Les machines", "The machines");
    public static readonly Phrase Free = new("Libre", "Free");
    public static readonly Phrase InUse = new("Occupée", "In use");
    public static readonly Phrase NotAvailable = new("Pas disponible", "Not available");
    public static readonly Phrase ClosedMachine = new("Fermée en ce moment", "Closed right now");
    public static readonly Phrase NoMachines = new("Aucune machine n’est inscrite.", "No machine is entered.");
    public static readonly Phrase Home = new("Retour au début", "Back to the start");
    public static readonly Phrase MoreTime = new("Encore du temps ?", "More time?");
    public static readonly Phrase MoreTimeBody = new("Sans réponse, l’écran revient au début.", "Without an answer, the screen goes back to the start.");
    public static readonly Phrase MoreTimeYes = new("Oui, je continue", "Yes, I go on");
}
