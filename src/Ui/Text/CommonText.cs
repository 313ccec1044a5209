namespace FabLab.Ui.Text;

/// <summary>The words every page shares.</summary>
public static class CommonText
{
    public static readonly Phrase Today = new("aujourd’hui", "today");
    public static readonly Phrase Yesterday = new("hier", "yesterday");
    public static readonly Phrase Tomorrow = new("demain", "tomorrow");
    public static readonly Phrase DayAtTime = new("{0} à {1}", "{0} at {1}");
    public static readonly Phrase SkipToContent = new("Aller au contenu", "Skip to content");
    public static readonly Phrase MainMenu = new("Menu principal", "Main menu");
    public static readonly Phrase ChooseLanguage = new("Langue", "Language");
    public static readonly Phrase Help = new("Besoin d’aide ? Demandez à une personne de l’équipe, à l’accueil.", "Need help? Ask somebody of the team at the front desk.");
    public static readonly Phrase NotASafetyDevice = new("Cette page n’arrête pas une machine. En cas de danger, utilisez l’arrêt d’urgence sur la machine.", "This page does not stop a machine. In danger, use the emergency stop on the machine.");
    public static readonly Phrase Undo = new("Annuler cette action", "Undo this");
    public static readonly Phrase Optional = new("(facultatif)", "(optional)");
    public static readonly Phrase Loading = new("Chargement…", "Loading…");
    public static readonly Phrase LinkLost = new("La liaison est coupée. L’affichage date de quelques instants ; il se remettra à jour tout seul.", "The connection is lost. What you see is a moment old; it will catch up by itself.");
    public static readonly Phrase Refresh = new("Actualiser", "Refresh");
    public static readonly Phrase NoScript = new("Sans JavaScript, cette page ne bouge pas toute seule.", "Without JavaScript this page does not update by itself.");
    public static readonly Phrase Search = new("Chercher", "Search");
    public static readonly Phrase Back = new("Retour", "Back");
    public static readonly Phrase Unknown = new("inconnu", "unknown");
    public static readonly Phrase NotFoundTitle = new("Cette page n’existe pas", "This page does not exist");
    public static readonly Phrase NotFoundBody = new("L’adresse est peut-être mal écrite, ou la page a été retirée.", "The address may be mistyped, or the page was removed.");
    public static readonly Phrase ForbiddenTitle = new("Cette page est réservée", "This page is reserved");
    public static readonly Phrase ForbiddenBody = new("Elle est pour l’équipe du lieu, ou pour la personne concernée.", "It is for the team of the place, or for the person it is about.");
    public static readonly Phrase FailedTitle = new("Quelque chose n’a pas marché", "Something went wrong");
    public static readonly Phrase FailedBody = new("Ce n’est pas de votre faute. Rien n’a été perdu. Essayez encore dans un moment.", "It is not your fault. Nothing was lost. Please try again in a moment.");
    public static readonly Phrase BadRequestTitle = new("La demande n’a pas été comprise", "The request was not understood");
    public static readonly Phrase BadRequestBody = new("Revenez en arrière, rechargez la page et essayez encore.", "Go back, reload the page and try again.");
    public static readonly Phrase BackToFloor = new("Voir l’atelier en direct", "See the live floor");
    public static readonly Phrase SignIn = new("Se connecter", "Sign in");
    public static readonly Phrase SignOut = new("Se déconnecter", "Sign out");
    public static readonly Phrase Reference = new("Référence : {0}", "Reference: {0}");
}
