using FabLab.Ui.Text;

namespace FabLab.Booking.Features.SignIn.Pages;

/// <summary>The words of signing in and of one's own account.</summary>
public static class SignInText
{
    public static readonly Phrase Title = new("Se connecter", "Sign in");
    public static readonly Phrase Lead = new("Pour l’équipe du lieu.", "For the team of the place.");
    public static readonly Phrase Name = new("Nom de connexion", "Sign-in name");
    public static readonly Phrase Password = new("Mot de passe", "Password");
    public static readonly Phrase Enter = new("Entrer", "Enter");
    public static readonly Phrase Wrong = new("Le nom ou le mot de passe n’est pas le bon.", "The name or the password is wrong.");
    public static readonly Phrase TooMany = new("Trop d’essais. Attendez quelques minutes, ou demandez un lien de connexion.", "Too many tries. Wait a few minutes, or ask for a sign-in link.");
    public static readonly Phrase FirstTimeTitle = new("Première connexion ou mot de passe oublié ?", "First time, or password forgotten?");
    public static readonly Phrase FirstTimeBody = new("Utilisez un lien de connexion. Il s’affiche au premier démarrage du programme. Ensuite, une personne qui gère le lieu peut en faire un autre.", "Use a sign-in link. It is printed when the program starts for the first time. Later, a manager of the place can make another.");
    public static readonly Phrase DemoTitle = new("Ceci est une démonstration", "This is a demonstration");
    public static readonly Phrase DemoBody = new("Les personnes et les machines sont inventées. Vous pouvez entrer comme gestionnaire, sans mot de passe.", "People and machines are invented. You can enter as a manager, without a password.");
    public static readonly Phrase DemoEnter = new("Entrer comme gestionnaire", "Enter as a manager");
    public static readonly Phrase LinkTitle = new("Votre lien de connexion", "Your sign-in link");
    public static readonly Phrase LinkBody = new("Ce lien marche une seule fois.", "This link works only once.");
    public static readonly Phrase LinkEnter = new("Entrer avec ce lien", "Enter with this link");
    public static readonly Phrase LinkSpentTitle = new("Ce lien ne marche plus", "This link no longer works");
    public static readonly Phrase LinkSpentBody = new("Il a déjà servi, ou il est trop ancien. Demandez-en un autre.", "It was used already, or it is too old. Ask for another one.");
    public static readonly Phrase AccountTitle = new("Mon compte", "My account");
    public static readonly Phrase SignedInAs = new("Vous êtes connecté·e avec le nom « {0} ».", "You are signed in as “{0}”.");
    public static readonly Phrase Role = new("Rôle", "Role");
    public static readonly Phrase MyPage = new("Ma page : mes machines, mon temps", "My page: my machines, my time");
    public static readonly Phrase SetPasswordTitle = new("Choisir un mot de passe", "Choose a password");
    public static readonly Phrase ChangePasswordTitle = new("Changer de mot de passe", "Change the password");
    public static readonly Phrase SetPasswordLead = new("Vous n’avez pas encore de mot de passe. Sans lui, il faut un nouveau lien à chaque connexion.", "You have no password yet. Without it you need a new link each time.");
    public static readonly Phrase NewPassword = new("Nouveau mot de passe", "New password");
    public static readonly Phrase NewPasswordHint = new("10 signes ou plus. Une phrase est facile à retenir. Vous pouvez le coller depuis un gestionnaire de mots de passe.", "10 characters or more. A sentence is easy to remember. You can paste it from a password manager.");
    public static readonly Phrase PasswordTooShort = new("Il faut au moins 10 signes.", "It takes at least 10 characters.");
    public static readonly Phrase SavePassword = new("Enregistrer le mot de passe", "Save the password");
    public static readonly Phrase PasswordSaved = new("Le mot de passe est enregistré. Les autres appareils sont déconnectés.", "The password is saved. Other devices are signed out.");
}
