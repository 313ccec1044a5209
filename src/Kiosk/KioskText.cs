using FabLab.Ui.Text;

namespace FabLab.Kiosk;

/// <summary>The words of the door: one idea a sentence, common words.</summary>
public static class KioskText
{
    public static readonly Phrase Title = new("Bienvenue", "Welcome");
    public static readonly Phrase Lead = new("Ici, on fabrique, on apprend, on essaie.", "Here we make, we learn, we try.");
    public static readonly Phrase Open = new("C’est ouvert", "We are open");
    public static readonly Phrase OpenUntil = new("C’est ouvert jusqu’à {0}", "We are open until {0}");
    public static readonly Phrase Closed = new("C’est fermé", "We are closed");
    public static readonly Phrase ClosedUntil = new("C’est fermé. Ça ouvre {0}", "We are closed. We open {0}");
    public static readonly Phrase NoHours = new("Il n’y a pas d’horaires ici. Demandez à l’équipe.", "Opening hours are not entered here. Ask the team.");
    public static readonly Phrase NoNews = new("Il n’y a pas d’informations en ce moment.", "The information is not available right now.");
    public static readonly Phrase OldNews = new("Ces informations datent de {0}.", "This information is from {0}.");
    public static readonly Phrase FreeCount = new("{0} {0:machine libre|machines libres}", "{0} {0:machine|machines} free");
    public static readonly Phrase FreeNone = new("Aucune machine libre", "No machine free");
    public static readonly Phrase SeeMachines = new("Voir les machines", "See the machines");
    public static readonly Phrase SeeMachinesHint = new("Lesquelles sont libres ?", "Which ones are free?");
    public static readonly Phrase HowItWorks = new("Comment ça marche", "How it works");
    public static readonly Phrase HowItWorksHint = new("Utiliser une machine avec un badge.", "Use a machine with a badge.");
    public static readonly Phrase Help = new("Quelqu’un peut m’aider", "Somebody can help me");
    public static readonly Phrase HelpTitle = new("Une personne peut vous aider", "Somebody can help you");
    public static readonly Phrase HelpFirst = new("Allez à l’accueil.", "Go to the front desk.");
    public static readonly Phrase HelpSecond = new("Dites : « J’ai besoin d’aide. »", "Say: “I need some help.”");
    public static readonly Phrase HelpThird = new("Une personne de l’équipe peut tout faire avec vous.", "Somebody of the team can do everything with you.");
    public static readonly Phrase Step1 = new("Posez votre badge sur le lecteur de la machine.", "Put your badge on the reader of the machine.");
    public static readonly Phrase Step2 = new("Si c’est oui, la machine s’allume.", "If it is yes, the machine switches on.");
    public static readonly Phrase Step3 = new("Si c’est non, demandez pourquoi à l’équipe.", "If it is no, ask the team why.");
    public static readonly Phrase Step4 = new("À la fin, posez votre badge encore une fois.", "At the end, put your badge there once more.");
    public static readonly Phrase NoBadge = new("Pas de badge ? Demandez à l’accueil.", "No badge? Ask at the front desk.");
    public static readonly Phrase Machines = new("Les machines", "The machines");
    public static readonly Phrase Free = new("Libre", "Free");
    public static readonly Phrase InUse = new("Occupée", "In use");
    public static readonly Phrase NotAvailable = new("Pas disponible", "Not available");
    public static readonly Phrase ClosedMachine = new("Fermée en ce moment", "Closed right now");
    public static readonly Phrase NoMachines = new("Il n’y a pas de machine ici.", "No machine is entered.");
    public static readonly Phrase Home = new("Retour au début", "Back to the start");
    public static readonly Phrase MoreTime = new("Encore du temps ?", "More time?");
    public static readonly Phrase MoreTimeBody = new("Sans réponse, l’écran revient au début.", "Without an answer, the screen goes back to the start.");
    public static readonly Phrase MoreTimeYes = new("Oui, je continue", "Yes, I go on");

    // Coming in.
    public static readonly Phrase ShowBadge = new("Posez votre badge sur le lecteur.", "Put your badge on the reader.");
    public static readonly Phrase CodeTile = new("J’ai un code", "I have a code");
    public static readonly Phrase CodeTileHint = new("Vous n’avez pas de badge sur vous.", "You have no badge with you.");
    public static readonly Phrase NoNameTile = new("Je préfère ne pas dire mon nom", "I would rather not say my name");
    public static readonly Phrase NoNameTileHint = new("Votre visite compte, sans nom.", "Your visit counts, without a name.");
    public static readonly Phrase FirstTile = new("C’est ma première visite", "It is my first visit");
    public static readonly Phrase FirstTileHint = new("Vous avez 2 choix.", "You have 2 choices.");
    public static readonly Phrase LeaveTile = new("Je pars", "I am leaving");
    public static readonly Phrase LeaveTileHint = new("Dites-le avant de sortir.", "Say so before you go.");
    public static readonly Phrase CodeTitle = new("Votre code", "Your code");
    public static readonly Phrase CodeLead = new("Touchez les signes de votre code. Puis touchez « C’est bon ».", "Touch the signs of your code. Then touch “Done”.");
    public static readonly Phrase CodeField = new("Code", "Code");
    public static readonly Phrase KeyErase = new("Effacer", "Erase");
    public static readonly Phrase KeyDone = new("C’est bon", "Done");
    public static readonly Phrase UnknownTitle = new("Je ne reconnais pas ce badge ou ce code", "I do not know this badge or code");
    public static readonly Phrase UnknownBody = new("Vous pouvez entrer quand même. Choisissez une case.", "You can come in all the same. Choose a tile.");
    public static readonly Phrase UnknownAgain = new("Essayer encore", "Try again");
    public static readonly Phrase UnknownAgainHint = new("Posez le badge, ou tapez le code.", "Put the badge there, or type the code.");
    public static readonly Phrase WhyTitle = new("Pourquoi venez-vous aujourd’hui ?", "Why do you come today?");
    public static readonly Phrase WhyLead = new("Touchez une case.", "Touch a tile.");
    public static readonly Phrase AgeTitle = new("Quel âge avez-vous ?", "How old are you?");
    public static readonly Phrase AgeLead = new("C’est pour compter. Nous ne demandons pas votre nom.", "It is for counting. We do not ask your name.");
    public static readonly Phrase FirstTitle = new("Bienvenue", "Welcome");
    public static readonly Phrase FirstLead = new("Que voulez-vous faire ?", "What would you like to do?");
    public static readonly Phrase FirstCount = new("Entrer simplement", "Just come in");
    public static readonly Phrase FirstCountHint = new("Votre visite compte, sans nom.", "Your visit counts, without a name.");
    public static readonly Phrase FirstName = new("Dire mon prénom et avoir de l’aide", "Say my first name and get help");
    public static readonly Phrase FirstNameHint = new("Une personne de l’équipe vient vous voir.", "Somebody of the team comes to see you.");
    public static readonly Phrase NameTitle = new("Votre prénom", "Your first name");
    public static readonly Phrase NameLead = new("Touchez les lettres. L’équipe lit votre prénom. Puis elle efface votre prénom.", "Touch the letters. The team reads your first name. Then they erase it.");
    public static readonly Phrase NameField = new("Prénom", "First name");
    public static readonly Phrase NameEmpty = new("Touchez au moins une lettre.", "Touch one letter at least.");
    public static readonly Phrase NameCalled = new("Nous avons prévenu l’équipe. Elle vient vous voir.", "We have told the team. They come to see you.");
    public static readonly Phrase Thanks = new("Merci", "Thank you");
    public static readonly Phrase ThanksName = new("Merci {0}", "Thank you {0}");
    public static readonly Phrase Noted = new("C’est noté. Vous pouvez entrer.", "It is noted. You can come in.");
    public static readonly Phrase NotedCut = new("Internet ne marche pas. Nous gardons votre visite ici.", "The internet does not work. We keep your visit here.");
    public static readonly Phrase PossibleTitle = new("Ce qui est possible maintenant", "What is possible now");
    public static readonly Phrase PossibleTeam = new("L’équipe peut vous montrer les machines.", "The team can show you the machines.");
    public static readonly Phrase Hello = new("Bonjour", "Hello");
    public static readonly Phrase HelloName = new("Bonjour {0}", "Hello {0}");
    public static readonly Phrase HelloIn = new("Nous avons noté votre arrivée.", "We have noted your arrival.");
    public static readonly Phrase HelloAlready = new("Nous savons déjà que vous êtes là.", "We know already that you are in.");
    public static readonly Phrase MineTitle = new("Pour vous", "For you");
    public static readonly Phrase MineLoading = new("Un instant…", "One moment…");
    public static readonly Phrase MineSee = new("Voir mes réservations", "See my bookings");
    public static readonly Phrase MineCut = new("Internet ne marche pas. Demandez vos réservations à l’accueil.", "The internet does not work. Ask for your bookings at the front desk.");
    public static readonly Phrase MineBooked = new("Vous avez réservé : {0}, {1}, jusqu’à {2}.", "You booked: {0}, {1}, until {2}.");
    public static readonly Phrase MineNoBooking = new("Vous n’avez pas de réservation ces jours-ci.", "You have no booking these days.");
    public static readonly Phrase MineMayUse = new("Vous pouvez utiliser : {0}.", "You may use: {0}.");
    public static readonly Phrase MineMayNone = new("Pour utiliser une machine, parlez à l’équipe.", "To use a machine, talk to the team.");

    // A way in on one's own phone.
    public static readonly Phrase PhoneTile = new("Me connecter sur mon téléphone", "Sign in on my phone");
    public static readonly Phrase PhoneTitle = new("Sur votre téléphone", "On your phone");
    public static readonly Phrase PhoneScan = new("Visez ce carré avec l’appareil photo de votre téléphone.", "Point the camera of your phone at this square.");
    public static readonly Phrase PhoneQr = new("Carré à viser avec votre téléphone", "Square for the camera of your phone");
    public static readonly Phrase PhoneType = new("Ou ouvrez {0} et tapez ce code :", "Or open {0} and type this code:");
    public static readonly Phrase PhoneTypeOnly = new("Sur votre téléphone, ouvrez {0} et tapez ce code :", "On your phone, open {0} and type this code:");
    public static readonly Phrase PhoneUntil = new("Ce code marche une seule fois, jusqu’à {0}.", "This code works once, until {0}.");
    public static readonly Phrase PhoneKeep = new("Ne le montrez à personne.", "Do not show it to anybody.");
    public static readonly Phrase PhoneCut = new("Internet ne marche pas. Demandez votre code à l’accueil.", "This is not possible right now: the network is cut. Ask at the front desk.");
    public static readonly Phrase PhoneTooMany = new("La borne a donné trop de codes. Attendez 10 minutes, ou demandez à l’accueil.", "Too many codes were asked for here. Wait ten minutes, or ask at the front desk.");
    public static readonly Phrase PhoneElsewhere = new("La borne ne donne pas de code pour ce badge. Utilisez votre mot de passe ou votre clé d’accès. Vous pouvez aussi demander à l’accueil.", "For this badge the kiosk gives no code. Sign in with your password or your passkey, or ask at the front desk.");
    public static readonly Phrase LeaveTitle = new("Vous partez ?", "Are you leaving?");
    public static readonly Phrase LeaveLead = new("Posez votre badge sur le lecteur, ou tapez votre code.", "Put your badge on the reader, or type your code.");
    public static readonly Phrase LeaveNoName = new("Vous n’avez pas de badge ? Vous pouvez partir. Au revoir.", "You have no badge? You can go. Goodbye.");
    public static readonly Phrase Bye = new("Au revoir", "Goodbye");
    public static readonly Phrase ByeName = new("Au revoir {0}", "Goodbye {0}");
    public static readonly Phrase ByeBody = new("Nous avons noté votre départ. À bientôt.", "We have noted your departure. See you soon.");
    public static readonly Phrase StayTile = new("En fait, je reste", "In fact, I stay");
    public static readonly Phrase StayTileHint = new("Nous effaçons votre départ.", "We take your departure back.");
    public static readonly Phrase OverTitle = new("C’est fini ici", "This is over");
    public static readonly Phrase OverBody = new("L’écran est revenu au début. Nous avons noté votre choix.", "The screen went back to the start. We have noted your choice.");

    // Help, reading aloud, contrast.
    public static readonly Phrase HelpCalled = new("C’est fait. Une personne de l’équipe vient.", "Done. Somebody of the team is coming.");
    public static readonly Phrase HelpNotCalled = new("L’appel ne marche pas. Allez à l’accueil.", "The call does not work. Go to the front desk.");
    public static readonly Phrase ReadAloud = new("Lire à voix haute", "Read aloud");
    public static readonly Phrase ContrastMore = new("Plus de contraste", "More contrast");
    public static readonly Phrase ContrastLess = new("Contraste normal", "Normal contrast");

    // The team, after badge and PIN.
    public static readonly Phrase StaffTile = new("Espace de l’équipe", "The team’s part");
    public static readonly Phrase StaffTileHint = new("Avec votre code à 6 chiffres.", "With your 6-digit PIN.");
    public static readonly Phrase PinTitle = new("Votre code à 6 chiffres", "Your 6-digit PIN");
    public static readonly Phrase PinField = new("Code", "PIN");
    public static readonly Phrase PinTyped = new("{0} sur 6", "{0} of 6");
    public static readonly Phrase PinWrong = new("Ce code n’est pas le bon. Après 5 essais, attendez 10 minutes.", "This PIN is not the right one. After 5 tries wait for 10 minutes.");
    public static readonly Phrase EvacuationTitle = new("Liste d’évacuation", "Evacuation list");
    public static readonly Phrase EvacuationLead = new("Liste faite {0}. Comptez aussi autour de vous. Une liste peut être fausse.", "List made {0}. Count around you too. A list can be wrong.");
    public static readonly Phrase EvacuationOld = new("Internet ne marche pas. Cette liste vient de cet écran seul.", "The internet does not work. This list is from this screen alone.");
    public static readonly Phrase EvacuationNobody = new("La liste est vide.", "The list is empty.");
    public static readonly Phrase EvacuationNamed = new("Avec un nom ou un code : {0}", "With a name or a code: {0}");
    public static readonly Phrase EvacuationWithoutName = new("Sans nom : {0}", "Without a name: {0}");
    public static readonly Phrase NameMissing = new("Sans prénom noté", "No first name noted");
    public static readonly Phrase HasLeft = new("Est parti·e", "Has left");
    public static readonly Phrase HasLeftDone = new("Noté : {0} est parti·e.", "Noted: {0} has left.");
    public static readonly Phrase Undo = new("Annuler", "Undo");
    public static readonly Phrase Print = new("Imprimer", "Print");
    public static readonly Phrase Today = new("Aujourd’hui : {0} {0:visite|visites}, dont {1} sans nom et {2} {2:première visite|premières visites}.", "Today: {0} {0:visit|visits}, of which {1} without a name and {2} first {2:visit|visits}.");
    public static readonly Phrase WaitingToSend = new("À envoyer quand Internet revient : {0}.", "To be sent when the internet is back: {0}.");
    public static readonly Phrase StaffEnd = new("Fermer", "Close");

    // Age bands.
    public static readonly Phrase Under12 = new("Moins de 12 ans", "Under 12");
    public static readonly Phrase From12 = new("12 à 17 ans", "12 to 17");
    public static readonly Phrase From18 = new("18 à 24 ans", "18 to 24");
    public static readonly Phrase From25 = new("25 à 39 ans", "25 to 39");
    public static readonly Phrase From40 = new("40 à 59 ans", "40 to 59");
    public static readonly Phrase From60 = new("60 à 69 ans", "60 to 69");
    public static readonly Phrase From70 = new("70 ans et plus", "70 and older");
    public static readonly Phrase BandNotSaid = new("Je préfère ne pas dire", "I would rather not say");
}
