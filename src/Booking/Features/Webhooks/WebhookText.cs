using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>The words of the page of webhooks.</summary>
public static class WebhookText
{
    public static readonly Phrase Title = new("Prévenir d’autres programmes", "Tell other programs");
    public static readonly Phrase Lead = new("À chaque événement choisi, une adresse reçoit un message signé. Il contient des numéros et des codes courts, jamais un nom.", "At each event you choose, an address gets a signed message. It holds numbers and short codes, never a name.");
    public static readonly Phrase EmptyTitle = new("Aucun programme n’est prévenu", "No program is told");
    public static readonly Phrase EmptyBody = new("Ajoutez l’adresse d’un programme qui doit suivre les réservations.", "Add the address of a program that is to follow the bookings.");
    public static readonly Phrase AddTitle = new("Ajouter un programme", "Add a program");
    public static readonly Phrase Add = new("Ajouter", "Add");
    public static readonly Phrase Label = new("À quoi il sert", "What it is for");
    public static readonly Phrase Url = new("Adresse", "Address");
    public static readonly Phrase UrlHint = new("Elle commence par https://.", "It begins with https://.");
    public static readonly Phrase Kinds = new("Événements", "Events");
    public static readonly Phrase On = new("Prévenu", "Told");
    public static readonly Phrase Off = new("Arrêté", "Stopped");
    public static readonly Phrase SwitchedOff = new("Arrêté tout seul : rien n’arrivait depuis trois jours", "Stopped by itself: nothing had arrived for three days");
    public static readonly Phrase Failing = new("Rien n’arrive depuis {0}", "Nothing has arrived since {0}");
    public static readonly Phrase LabelWrong = new("Dites à quoi il sert.", "Say what it is for.");
    public static readonly Phrase UrlWrong = new("Cette adresse n’est pas acceptée : https, publique, sans mot de passe.", "This address is not taken: https, public, without a password.");
    public static readonly Phrase KindsWrong = new("Choisissez au moins un événement.", "Choose at least one event.");
    public static readonly Phrase SecretTitle = new("Le secret, affiché une seule fois", "The secret, shown only once");
    public static readonly Phrase SecretLead = new("Copiez-le dans l’autre programme : il sert à vérifier que les messages viennent d’ici.", "Copy it into the other program: it serves to check that messages come from here.");
    public static readonly Phrase Save = new("Enregistrer", "Save");
    public static readonly Phrase Saved = new("C’est enregistré.", "Saved.");
    public static readonly Phrase Active = new("Prévenir ce programme", "Tell this program");
    public static readonly Phrase Test = new("Envoyer un essai", "Send a test");
    public static readonly Phrase Tested = new("L’essai est parti. Rechargez la page pour voir la réponse.", "The test is on its way. Reload the page to see the answer.");
    public static readonly Phrase NewSecret = new("Changer le secret", "Change the secret");
    public static readonly Phrase Remove = new("Retirer", "Remove");
    public static readonly Phrase Removed = new("Le programme est retiré.", "The program is removed.");
    public static readonly Phrase Restored = new("Le programme est de retour.", "The program is back.");
    public static readonly Phrase LogTitle = new("Derniers envois", "Latest deliveries");
    public static readonly Phrase NoLog = new("Rien n’a encore été envoyé", "Nothing was sent yet");
    public static readonly Phrase Number = new("N°", "No.");
    public static readonly Phrase Event = new("Événement", "Event");
    public static readonly Phrase When = new("Quand", "When");
    public static readonly Phrase Answer = new("Réponse", "Answer");
    public static readonly Phrase Tries = new("Essais", "Attempts");
    public static readonly Phrase Done = new("reçu ({0})", "taken ({0})");
    public static readonly Phrase Waits = new("attend", "waits");
    public static readonly Phrase Again = new("nouvel essai {0} ({1})", "next attempt {0} ({1})");
    public static readonly Phrase SetAside = new("mis de côté ({0})", "set aside ({0})");
    public static readonly Phrase Resend = new("Renvoyer", "Send again");
    public static readonly Phrase Resent = new("L’événement repart, à la fin de la file.", "The event goes out again, at the end of the row.");
    public static readonly Phrase AlarmOff = new("Le programme « {0} » n’est plus prévenu : rien n’arrivait. Page « Prévenir d’autres programmes ».", "The program “{0}” is no longer told: nothing arrived. Page “Tell other programs”.");
}
