using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Privacy.Pages;

/// <summary>The words of the pages about traces and about people's data.</summary>
public static class PrivacyText
{
    public static readonly Phrase Title = new("Traces et données", "Traces and data");
    public static readonly Phrase Lead = new("Qui a fait quoi, ce qui a été effacé, et la preuve que rien n’a été changé.", "Who did what, what was erased, and the proof that nothing was changed.");
    public static readonly Phrase ChainTitle = new("La chaîne des traces", "The chain of traces");
    public static readonly Phrase ChainLead = new(
        "Chaque action est liée à la précédente. Gardez l’empreinte ailleurs : sur papier, dans un courriel. Elle prouvera plus tard que rien n’a été retiré.",
        "Each act is tied to the one before. Keep the head somewhere else: on paper, in a mail. Later it proves that nothing was taken away.");
    public static readonly Phrase Head = new("Empreinte ({0} {0:action|actions})", "Head ({0} {0:act|acts})");
    public static readonly Phrase KeptHead = new("Empreinte gardée ailleurs", "Head kept elsewhere");
    public static readonly Phrase KeptHeadFault = new("Une empreinte a 64 chiffres et lettres de a à f.", "A head has 64 digits and letters from a to f.");
    public static readonly Phrase CheckDo = new("Vérifier maintenant", "Check now");
    public static readonly Phrase Sound = new("Rien n’a été changé, retiré, ajouté ni déplacé.", "Nothing was changed, taken out, put in or moved.");
    public static readonly Phrase SoundCounts = new("{0} {0:action|actions}, dont {1} {1:valeur effacée|valeurs effacées} comme prévu.", "{0} {0:act|acts}, {1} {1:value|values} erased as planned.");
    public static readonly Phrase KeptFound = new("L’empreinte gardée est bien là, à l’action {0}.", "The head kept elsewhere is there, at act {0}.");
    public static readonly Phrase Unsound = new("La chaîne ne va pas. Quelqu’un a changé la base de données, ou le disque est abîmé.", "The chain does not hold. Somebody changed the database, or the disk is damaged.");
    public static readonly Phrase UnsoundNext = new("Gardez une copie de la base, puis comparez avec une sauvegarde.", "Keep a copy of the database, then compare with a backup.");
    public static readonly Phrase FaultEntryMissing = new("Il manque une action.", "An act is missing.");
    public static readonly Phrase FaultEntryChanged = new("Une action a été changée.", "An act was changed.");
    public static readonly Phrase FaultChainBroken = new("Le lien avec l’action d’avant est coupé.", "The tie to the act before is cut.");
    public static readonly Phrase FaultValueChanged = new("Un nom ou un mot d’une action a été changé.", "A name or a word of an act was changed.");
    public static readonly Phrase FaultValueForeign = new("Des mots ne sont à aucune action.", "Words belong to no act.");
    public static readonly Phrase FaultValuesMissing = new("Les noms et les mots d’une action ont disparu sans effacement.", "The names and words of an act are gone without an erasure.");
    public static readonly Phrase FaultDecisionChanged = new("Ce qu’une passerelle a décidé a été changé.", "What a gateway decided was changed.");
    public static readonly Phrase FaultDecisionMissing = new("Ce qu’une passerelle a décidé a disparu.", "What a gateway decided is gone.");
    public static readonly Phrase FaultHeadWrong = new("L’empreinte n’est pas celle de la dernière action.", "The head is not that of the last act.");
    public static readonly Phrase FaultKeptHeadMissing = new("L’empreinte gardée ailleurs n’est plus dans la chaîne.", "The head kept elsewhere is no longer in the chain.");
    public static readonly Phrase ActsTitle = new("Dernières actions", "Latest acts");
    public static readonly Phrase NoActs = new("Aucune action pour le moment", "No act yet");
    public static readonly Phrase When = new("Quand", "When");
    public static readonly Phrase Act = new("Action", "Act");
    public static readonly Phrase By = new("Par", "By");
    public static readonly Phrase Detail = new("Détail", "Detail");
    public static readonly Phrase Erased = new("effacé", "erased");
    public static readonly Phrase AtConsole = new("à la console", "at the console");
    public static readonly Phrase ByItself = new("automatique", "by itself");
    public static readonly Phrase RunsTitle = new("Ce que le nettoyage a fait", "What the purge did");
    public static readonly Phrase RunsLead = new("Il passe une fois par jour, tout seul.", "It runs once a day, by itself.");
    public static readonly Phrase NoRuns = new("Rien n’était encore assez vieux", "Nothing was old enough yet");
    public static readonly Phrase Rule = new("Quoi", "What");
    public static readonly Phrase OlderThan = new("Plus vieux que le", "Older than");
    public static readonly Phrase Rows = new("Lignes", "Rows");
    public static readonly Phrase RuleRefusedTaps = new("Badges refusés : supprimés", "Refused taps: deleted");
    public static readonly Phrase RuleMachineJobs = new("Travaux des machines : noms effacés", "Jobs of machines: names erased");
    public static readonly Phrase RuleMachineUse = new("Temps machine : détaché des personnes", "Machine time: detached from people");
    public static readonly Phrase RuleVisits = new("Visites : détachées des personnes", "Visits: detached from people");
    public static readonly Phrase RuleBookings = new("Réservations : détachées des personnes", "Bookings: detached from people");
    public static readonly Phrase RuleAuditValues = new("Traces : noms et mots effacés", "Traces: names and words erased");
    public static readonly Phrase RuleSignIns = new("Connexions passées : supprimées", "Sign-ins that are over: deleted");
    public static readonly Phrase RuleMessages = new("Anciens messages : supprimés", "Old messages: deleted");
    public static readonly Phrase RuleGroupSessions = new("Anciennes séances : prénoms et signatures effacés", "Old sessions: first names and signatures erased");
    public static readonly Phrase RulePeople = new("Personnes parties depuis longtemps : effacées", "People gone for long: erased");
    public static readonly Phrase ReceiptsTitle = new("Effacements", "Erasures");
    public static readonly Phrase NoReceipts = new("Personne n’a été effacé", "Nobody was erased");
    public static readonly Phrase ReceiptTitle = new("Reçu d’effacement", "Receipt of an erasure");
    public static readonly Phrase ReceiptBody = new(
        "Les données d’une personne ont été effacées de {0}, le {1}. Ce qui compte du temps machine reste, sans la personne.",
        "Somebody’s data was erased from {0} on {1}. What counts machine time stays, without the person.");
    public static readonly Phrase ReceiptNumber = new("Numéro du reçu", "Number of the receipt");
    public static readonly Phrase ReceiptNoName = new("Ce reçu ne dit pas de qui il s’agit. Donnez-le à la personne : il n’est gardé que par son numéro.", "This receipt does not say who it was. Give it to the person: it is kept by its number only.");
    public static readonly Phrase ReceiptCounts = new("Lignes effacées ou détachées", "Rows erased or detached");
    public static readonly Phrase DataTitle = new("Ses données", "Their data");
    public static readonly Phrase OwnDataTitle = new("Mes données", "My data");
    public static readonly Phrase DataLead = new("Tout ce qui est gardé sur {0}, à lire ou à donner.", "All that is kept about {0}, to read or to hand over.");
    public static readonly Phrase OwnDataLead = new("Tout ce qui est gardé sur vous, à lire ou à emporter.", "All that is kept about you, to read or to take away.");
    public static readonly Phrase Download = new("Télécharger (JSON)", "Download (JSON)");
    public static readonly Phrase Lines = new("{0} {0:ligne|lignes}", "{0} {0:row|rows}");
    public static readonly Phrase EraseTitle = new("Effacer cette personne", "Erase this person");
    public static readonly Phrase EraseLead = new(
        "Nom, badges, habilitations, réservations et accès sont supprimés. Le temps machine reste, sans la personne. On ne peut pas revenir en arrière.",
        "Name, badges, habilitations, bookings and access are deleted. Machine time stays, without the person. It cannot be taken back.");
    public static readonly Phrase EraseCode = new("Écrivez le code court : {0}", "Type the short code: {0}");
    public static readonly Phrase EraseDo = new("Effacer pour toujours", "Erase for good");
    public static readonly Phrase EraseWrongCode = new("Ce n’est pas le code de cette personne. Rien n’a été effacé.", "This is not the person’s code. Nothing was erased.");
    public static readonly Phrase EraseOneself = new("Un·e autre responsable doit le faire pour vous.", "Another manager must do that for you.");
    public static readonly Phrase EraseLastManager = new("C’est la dernière personne responsable. Nommez-en une autre d’abord.", "This is the last manager. Make somebody else a manager first.");
    public static readonly Phrase EraseBusy = new("Cette personne utilise une machine. Attendez la fin.", "This person is using a machine. Wait until they have finished.");

    public static readonly Phrase TablePerson = new("Personne", "Person");
    public static readonly Phrase TableBadge = new("Badges", "Badges");
    public static readonly Phrase TableHabilitation = new("Habilitations", "Habilitations");
    public static readonly Phrase TableActs = new("Habilitations données par cette personne", "Habilitations given by this person");
    public static readonly Phrase TableActsAbout = new("Actes de ses habilitations", "Acts of their habilitations");
    public static readonly Phrase TableMachineTime = new("Temps machine", "Machine time");
    public static readonly Phrase TableReservation = new("Réservations", "Bookings");
    public static readonly Phrase TableRefused = new("Badges refusés", "Refused taps");
    public static readonly Phrase TableJournal = new("Journal des passerelles", "Journal of the gateways");
    public static readonly Phrase TableAudit = new("Traces", "Traces");
    public static readonly Phrase TableMinor = new("Moins de 18 ans", "Under 18");
    public static readonly Phrase TableContacts = new("Adultes d’une personne mineure", "Grown-ups of a minor");
    public static readonly Phrase TableConsents = new("Autorisations", "Consents");
    public static readonly Phrase TableAccount = new("Compte", "Account");
    public static readonly Phrase TableMessages = new("Messages reçus", "Messages received");
    public static readonly Phrase TableChoices = new("Choix pour être prévenu·e", "Choices of how to be told");
    public static readonly Phrase TableFeed = new("Lien d’agenda", "Calendar link");
    public static readonly Phrase TableSignIns = new("Connexions", "Sign-ins");
    public static readonly Phrase TableLinks = new("Accès à usage unique", "One-time accesses");
    public static readonly Phrase TablePasskeys = new("Clés d’accès", "Passkeys");
    public static readonly Phrase TableDuties = new("Machines confiées", "Machines in their charge");
    public static readonly Phrase TableGroups = new("Groupes", "Groups");
    public static readonly Phrase TablePresence = new("Présence", "Presence");
    public static readonly Phrase TableVisits = new("Visites", "Visits");
    public static readonly Phrase TableDoorPin = new("Code de la borne", "PIN of the kiosk");
    public static readonly Phrase TableProjects = new("Projets", "Projects");
    public static readonly Phrase TableLockOuts = new("Consignations", "Lock-outs");
    public static readonly Phrase TableOther = new("Autres : {0}", "Other: {0}");
    public static readonly Phrase TableFreeWords = new(
        "textes libres (alarmes, consignes, pannes, entretien, séances) où le nom ou le code court a été caché",
        "free texts (alarms, lock-outs, faults, maintenance, sessions) in which the name or the short code was hidden");
}
