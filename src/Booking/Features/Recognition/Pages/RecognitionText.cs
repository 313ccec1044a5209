using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Recognition.Pages;

/// <summary>Words of badges.</summary>
internal static class RecognitionText
{
    public static readonly Phrase Title = new("Badges de compétences", "Badges for skills");
    public static readonly Phrase TitleOf = new("Badges de {0}", "Badges of {0}");
    public static readonly Phrase Lead = new("Un badge dit ce que vous savez faire. Il est à vous : gardez l’image ou la feuille, montrez-la à qui vous voulez. Votre nom n’y est pas.", "A badge says what you can do. It is yours: keep the picture or the sheet and show it to whom you like. Your name is not in it.");
    public static readonly Phrase None = new("Aucune compétence validée pour le moment", "No skill validated yet");
    public static readonly Phrase NoneBody = new("Les compétences se valident pendant les séances.", "Skills are validated in sessions.");
    public static readonly Phrase Give = new("Donner le badge", "Give the badge");
    public static readonly Phrase GiveOf = new("Donner le badge : {0}", "Give the badge: {0}");
    public static readonly Phrase Given = new("Le badge est donné.", "The badge is given.");
    public static readonly Phrase GivenOn = new("Donné {0}", "Given {0}");
    public static readonly Phrase NotGiven = new("Validée, sans badge", "Validated, without a badge");
    public static readonly Phrase TakenBack = new("Retiré {0}", "Taken back {0}");
    public static readonly Phrase Revoke = new("Retirer", "Take back");
    public static readonly Phrase RevokeOf = new("Retirer le badge : {0}", "Take back: {0}");
    public static readonly Phrase Revoked = new("Le badge ne compte plus.", "The badge does not count any more.");
    public static readonly Phrase Restored = new("Le badge compte de nouveau.", "The badge counts again.");
    public static readonly Phrase Picture = new("Image (PNG)", "Picture (PNG)");
    public static readonly Phrase PictureOf = new("Image (PNG) du badge : {0}", "Picture (PNG) of the badge: {0}");
    public static readonly Phrase Code = new("Texte signé", "Signed text");
    public static readonly Phrase CodeOf = new("Texte signé du badge : {0}", "Signed text of the badge: {0}");
    public static readonly Phrase Paper = new("Feuille", "Sheet");
    public static readonly Phrase PaperOf = new("Feuille du badge : {0}", "Sheet of the badge: {0}");
    public static readonly Phrase PaperHint = new("Imprimez cette page. Le code mène à une page qui dit si le badge compte toujours, sans dire à qui il est.", "Print this page. The code leads to a page that says whether the badge still counts, and not whose it is.");
    public static readonly Phrase PaperFor = new("{0} a montré cette compétence au lieu {1}.", "{0} has shown this skill at {1}.");
    public static readonly Phrase Scan = new("Vérifier ce badge", "Check this badge");
    public static readonly Phrase VerifyTitle = new("Vérifier un badge", "Check a badge");
    public static readonly Phrase VerifyLead = new("Collez le texte signé d’un badge donné par ce lieu. Rien n’est gardé.", "Paste the signed text of a badge that this place gave. Nothing is kept.");
    public static readonly Phrase Paste = new("Texte signé", "Signed text");
    public static readonly Phrase Check = new("Vérifier", "Check");
    public static readonly Phrase Valid = new("Ce badge compte", "This badge counts");
    public static readonly Phrase ValidBody = new("Ce lieu l’a donné et ne l’a pas retiré.", "This place gave it and has not taken it back.");
    public static readonly Phrase NotValid = new("Ce badge a été retiré", "This badge was taken back");
    public static readonly Phrase NotValidBody = new("Ce lieu l’a donné, puis retiré.", "This place gave it, and took it back.");
    public static readonly Phrase Unknown = new("Ce badge n’est pas connu ici", "This badge is not known here");
    public static readonly Phrase UnknownBody = new("Il vient d’ailleurs, ou son texte a été changé.", "It comes from elsewhere, or its text was changed.");
    public static readonly Phrase Skill = new("Compétence", "Skill");
    public static readonly Phrase Since = new("Donné le", "Given on");
    public static readonly Phrase KeysTitle = new("Clés des badges", "Keys of badges");
    public static readonly Phrase KeysLead = new("Les badges sont signés avec la dernière clé. Les autres restent connues, pour les badges déjà donnés. Faites une clé neuve si quelqu’un a pu lire l’ancienne, et retirez alors les badges douteux.", "Badges are signed with the last key. The others stay known, for badges given before. Make a new key if somebody may have read the old one, and take doubtful badges back then.");
    public static readonly Phrase KeysNone = new("La première clé se fait avec le premier badge.", "The first key is made with the first badge.");
    public static readonly Phrase KeyMake = new("Faire une clé neuve", "Make a new key");
    public static readonly Phrase KeyMade = new("La nouvelle clé signe à partir de maintenant.", "The new key signs from now on.");
    public static readonly Phrase KeySigns = new("signe", "signs");
    public static readonly Phrase KeyKnown = new("connue", "known");
}
