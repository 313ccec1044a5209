using FabLab.Ui.Text;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>The words of a person's badges.</summary>
public static class BadgeText
{
    public static readonly Phrase Title = new("Badges", "Badges");
    public static readonly Phrase TitleOf = new("Badges de {0}", "Badges of {0}");
    public static readonly Phrase None = new("Pas encore de badge", "No badge yet");
    public static readonly Phrase NoneBody = new("Donnez un badge ci-dessous : au lecteur, ou en tapant son numéro.", "Give a badge below: at a reader, or by typing its number.");
    public static readonly Phrase Since = new("donné {0}", "given {0}");
    public static readonly Phrase FamilyEm = new("Badge 125 kHz", "125 kHz badge");
    public static readonly Phrase FamilyIso = new("Carte sans contact", "Contactless card");
    public static readonly Phrase FamilyOther = new("Badge", "Badge");
    public static readonly Phrase Bytes = new("{0} octets", "{0} bytes");
    public static readonly Phrase Active = new("Actif", "Active");
    public static readonly Phrase Suspended = new("Suspendu", "Suspended");
    public static readonly Phrase Lost = new("Perdu", "Lost");
    public static readonly Phrase Level = new("Protection", "Protection");
    public static readonly Phrase LevelNumber = new("Numéro seulement (facile à copier)", "Number only (easy to copy)");
    public static readonly Phrase LevelAuthenticated = new("Badge protégé (le lecteur vérifie un secret)", "Protected badge (the reader checks a secret)");
    public static readonly Phrase SayLost = new("Déclarer perdu", "Report lost");
    public static readonly Phrase SayFound = new("Retrouvé", "Found again");
    public static readonly Phrase Suspend = new("Suspendre", "Suspend");
    public static readonly Phrase Resume = new("Rétablir", "Resume");
    public static readonly Phrase TakeBack = new("Reprendre le badge", "Take the badge back");
    public static readonly Phrase LostNow = new("Le badge est déclaré perdu. Il ne marche plus.", "The badge is reported lost. It no longer works.");
    public static readonly Phrase SuspendedNow = new("Le badge est suspendu. Il ne marche plus.", "The badge is suspended. It no longer works.");
    public static readonly Phrase ActiveNow = new("Le badge marche de nouveau.", "The badge works again.");
    public static readonly Phrase TakenBack = new("Le badge est repris. Il n’est plus à personne.", "The badge is taken back. It is nobody’s now.");
    public static readonly Phrase Given = new("Le badge est donné. Il marche tout de suite.", "The badge is given. It works at once.");
    public static readonly Phrase Alike = new("Ce badge peut être le même que celui de {0}. Un lecteur qui ne voit pas tout le numéro refusera les deux. Reprenez l’un des deux.", "This badge may be the same as {0}’s. A reader that does not see the whole number refuses both. Take one of them back.");
    public static readonly Phrase AtReader = new("Enrôler à un lecteur", "Enrol at a reader");
    public static readonly Phrase AtReaderLead = new("Le lecteur choisi attend une minute. Le premier badge inconnu qui le touche est donné à cette personne.", "The chosen reader waits one minute. The first unknown badge tapped there is given to this person.");
    public static readonly Phrase Reader = new("Quel lecteur ?", "Which reader?");
    public static readonly Phrase ReaderOf = new("{0} ({1})", "{0} ({1})");
    public static readonly Phrase ReaderFree = new("{0} (à aucune machine)", "{0} (of no machine)");
    public static readonly Phrase ReaderAway = new("{0}, ne répond pas", "{0}, does not answer");
    public static readonly Phrase NoReaders = new("Aucun lecteur connu", "No reader known");
    public static readonly Phrase Enrol = new("Enrôler", "Enrol");
    public static readonly Phrase ByHand = new("Taper le numéro", "Type the number");
    public static readonly Phrase ByHandLead = new("Tapez le numéro, ou passez le badge sur un lecteur branché en USB à cet ordinateur.", "Type the number, or tap the badge on a reader plugged into this computer by USB.");
    public static readonly Phrase Number = new("Numéro du badge", "Badge number");
    public static readonly Phrase NumberHint = new("Le numéro n’est pas gardé : seule une empreinte l’est.", "The number is not kept: only a fingerprint of it is.");
    public static readonly Phrase Kind = new("Type de lecteur", "Kind of reader");
    public static readonly Phrase KindAny = new("Je ne sais pas", "I do not know");
    public static readonly Phrase Give = new("Donner ce badge", "Give this badge");
    public static readonly Phrase NumberWrong = new("Aucun lecteur connu n’écrit ce numéro ainsi. Vérifiez le numéro.", "No known reader writes a number like this. Check the number.");
    public static readonly Phrase KindNeeded = new("Plusieurs types de lecteur écrivent ainsi. Choisissez le vôtre.", "Several kinds of reader write like this. Choose yours.");
    public static readonly Phrase TakenBy = new("Ce badge est déjà à {0}. Reprenez-le d’abord sur sa page.", "This badge is {0}’s already. Take it back on their page first.");
    public static readonly Phrase TakenByOther = new("Ce badge est déjà à une autre personne.", "This badge is somebody else’s already.");
    public static readonly Phrase SeeOther = new("Voir les badges de {0}", "See the badges of {0}");
    public static readonly Phrase AlreadyTheirs = new("Cette personne a déjà ce badge.", "This person has this badge already.");
    public static readonly Phrase Ambiguous = new("Un numéro si court va à plusieurs badges. Prenez un lecteur qui lit tout le numéro.", "So short a number fits several badges. Use a reader that reads all of it.");
    public static readonly Phrase ReaderBusy = new("Ce lecteur attend déjà le badge d’une autre personne. Choisissez un autre lecteur, ou attendez une minute.", "This reader is waiting for somebody else’s badge. Choose another reader, or wait a minute.");
    public static readonly Phrase ReaderUnknown = new("Ce lecteur n’existe plus. Choisissez-en un autre.", "This reader is no longer there. Choose another one.");
    public static readonly Phrase WaitTitle = new("Touchez le lecteur avec le badge", "Tap the badge on the reader");
    public static readonly Phrase WaitLead = new("Le lecteur {0} attend le badge de {1}.", "Reader {0} waits for the badge of {1}.");
    public static readonly Phrase WaitLeft = new("Temps restant", "Time left");
    public static readonly Phrase WaitHint = new("Le lecteur dira peut-être qu’il ne connaît pas ce badge : c’est normal.", "The reader may say that it does not know this badge: that is as it should be.");
    public static readonly Phrase WaitAgain = new("Où en est-on ?", "Where do we stand?");
    public static readonly Phrase WaitStop = new("Arrêter", "Stop");
    public static readonly Phrase WaitOver = new("La minute est passée sans badge inconnu.", "The minute is over without an unknown badge.");
    public static readonly Phrase WaitOverHint = new("Rien n’a changé. Vérifiez que le lecteur s’allume, puis recommencez.", "Nothing has changed. Check that the reader lights up, then begin again.");
    public static readonly Phrase WaitDone = new("Le badge est donné à {0}. Il marche tout de suite.", "The badge is given to {0}. It works at once.");
    public static readonly Phrase WaitCancelled = new("L’attente est arrêtée. Rien n’a changé.", "The wait was stopped. Nothing has changed.");
    public static readonly Phrase BackToBadges = new("Retour aux badges", "Back to the badges");
}
