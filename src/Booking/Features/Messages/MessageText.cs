using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Messages;

/// <summary>The words of messages, on the site and by mail, and of their page.</summary>
public static class MessageText
{
    public static readonly Phrase Confirmed = new("Réservation confirmée", "Booking confirmed");
    public static readonly Phrase ConfirmedBody = new("{0} est à vous : {1}, jusqu’à {2}.", "{0} is yours: {1}, until {2}.");
    public static readonly Phrase ConfirmedNext = new("Le moment venu, passez votre badge à la machine. Si vous ne pouvez pas venir, annulez : quelqu’un d’autre en profitera.", "When the time comes, tap your badge at the machine. If you cannot come, cancel it: somebody else will be glad.");
    public static readonly Phrase Moved = new("Réservation déplacée", "Booking moved");
    public static readonly Phrase MovedBody = new("{0} est maintenant à vous : {1}, jusqu’à {2}.", "{0} is now yours: {1}, until {2}.");
    public static readonly Phrase MovedBefore = new("Avant, c’était : {0}.", "Before, it was: {0}.");
    public static readonly Phrase MovedNext = new("Si cela ne vous va pas, choisissez une autre heure ou annulez.", "If it does not suit you, choose another time or cancel it.");
    public static readonly Phrase Cancelled = new("Réservation annulée", "Booking cancelled");
    public static readonly Phrase CancelledBody = new("L’équipe a annulé votre réservation : {0}, {1}.", "The team has cancelled your booking: {0}, {1}.");
    public static readonly Phrase CancelledNext = new("Choisissez une autre heure. Une question ? Demandez à l’accueil.", "Choose another time. A question? Ask at the front desk.");
    public static readonly Phrase Why = new("La raison : {0}", "The reason: {0}");
    public static readonly Phrase Released = new("Réservation rendue", "Booking given up");
    public static readonly Phrase ReleasedBody = new("Personne n’a passé de badge à {0}, {1}. La machine est libre pour les autres.", "Nobody tapped at {0}, {1}. The machine is free for others.");
    public static readonly Phrase ReleasedNext = new("Vous pouvez réserver une autre heure. La prochaine fois, annulez si vous ne venez pas. Une erreur ? Dites-le à l’accueil.", "You can book another time. Next time, cancel if you do not come. A mistake? Tell the front desk.");
    public static readonly Phrase Offered = new("Une place s’est libérée", "Time has become free");
    public static readonly Phrase OfferedBody = new("{0} est libre : {1}, jusqu’à {2}. C’est gardé pour vous jusqu’à {3}.", "{0} is free: {1}, until {2}. It is held for you until {3}.");
    public static readonly Phrase OfferedNext = new("Prenez-la avant cette heure. Ensuite, elle sera proposée à la personne suivante.", "Take it before then. After that it is offered to the next person.");
    public static readonly Phrase Hit = new("Les horaires changent", "The hours change");
    public static readonly Phrase HitBody = new("Le lieu ou la machine sera fermé pendant votre réservation : {0}, {1}.", "The place or the machine will be closed during your booking: {0}, {1}.");
    public static readonly Phrase HitNext = new("Choisissez une autre heure, ou demandez à l’accueil.", "Choose another time, or ask at the front desk.");
    public static readonly Phrase Reminder = new("C’est bientôt", "It is soon");
    public static readonly Phrase ReminderBody = new("Vous avez réservé {0} : {1}, jusqu’à {2}.", "You have booked {0}: {1}, until {2}.");
    public static readonly Phrase ReminderNext = new("Passez votre badge à la machine. Si vous ne pouvez pas venir, annulez maintenant.", "Tap your badge at the machine. If you cannot come, cancel it now.");
    public static readonly Phrase Expiring = new("Une habilitation se termine", "A habilitation ends");
    public static readonly Phrase ExpiringBody = new("« {0} » se termine {1}.", "“{0}” ends on {1}.");
    public static readonly Phrase ExpiringNext = new("Demandez à une formatrice ou un formateur de la renouveler, ou inscrivez-vous à une séance.", "Ask a trainer to renew it, or take a place in a session.");
    public static readonly Phrase SeeBookings = new("Voir mes réservations", "See my bookings");
    public static readonly Phrase SeeTrainings = new("Voir les formations", "See the trainings");
    public static readonly Phrase MachineName = new("{0} ({1})", "{0} ({1})");
    public static readonly Phrase MailNext = new("Que faire : {0}", "What to do: {0}");
    public static readonly Phrase MailWhy = new("Vous recevez ce message parce que vous avez accepté que {0} vous écrive. Pour choisir ou arrêter : {1}", "You get this message because you agreed that {0} writes to you. To choose or to stop: {1}");
    public static readonly Phrase MailSubject = new("{0} : {1}", "{0}: {1}");

    public static readonly Phrase Title = new("Mes messages", "My messages");
    public static readonly Phrase InHeader = new("Messages", "Messages");
    public static readonly Phrase Lead = new("Ce qui arrive à vos réservations et à vos habilitations.", "What happens to your bookings and habilitations.");
    public static readonly Phrase Unread = new("{0} non lus", "{0} unread");
    public static readonly Phrase UnreadTitle = new("Non lus", "Unread");
    public static readonly Phrase ReadTitle = new("Déjà lus", "Read");
    public static readonly Phrase EmptyTitle = new("Aucun message", "No messages");
    public static readonly Phrase EmptyBody = new("Un message apparaît ici quand quelque chose change pour vous.", "A message appears here when something changes for you.");
    public static readonly Phrase MarkRead = new("C’est lu", "Read");
    public static readonly Phrase MarkAllRead = new("Tout est lu", "All read");
    public static readonly Phrase MarkUnread = new("Remettre en non lu", "Mark as unread");
    public static readonly Phrase MarkedRead = new("Le message est noté comme lu.", "The message is marked as read.");
    public static readonly Phrase MarkedAllRead = new("Tous les messages sont notés comme lus.", "All messages are marked as read.");
    public static readonly Phrase MarkedUnread = new("Le message est de nouveau non lu.", "The message is unread again.");
    public static readonly Phrase Settings = new("Choisir comment être prévenu·e", "Choose how you are told");
    public static readonly Phrase SettingsTitle = new("Comment être prévenu·e", "How you are told");
    public static readonly Phrase SettingsLead = new("Pour chaque sujet : sur le site, par mail, les deux ou rien.", "For each subject: on the site, by mail, both or nothing.");
    public static readonly Phrase Email = new("Adresse mail", "Mail address");
    public static readonly Phrase EmailHint = new("Elle sert seulement à vous prévenir. L’équipe de l’accueil peut la voir.", "It only serves to tell you. The front desk can see it.");
    public static readonly Phrase EmailWrong = new("Écrivez une seule adresse, comme prenom@exemple.org.", "Write one address, such as name@example.org.");
    public static readonly Phrase EmailMissing = new("Écrivez une adresse, ou retirez votre accord.", "Write an address, or take back your consent.");
    public static readonly Phrase Consent = new("J’accepte que l’on m’écrive à cette adresse.", "I agree to be written to at this address.");
    public static readonly Phrase NoMail = new("Ce lieu n’envoie pas de mail pour le moment. Votre choix comptera le jour où il en enverra.", "This place sends no mail for now. Your choice will count once it does.");
    public static readonly Phrase MailRefused = new("Le dernier mail n’a pas pu être remis à cette adresse. Vérifiez-la.", "The last mail could not be delivered to this address. Check it.");
    public static readonly Phrase LanguageOf = new("Langue des mails", "Language of the mails");
    public static readonly Phrase French = new("français", "French");
    public static readonly Phrase English = new("anglais", "English");
    public static readonly Phrase Subject = new("Sujet", "Subject");
    public static readonly Phrase OnSite = new("Sur le site", "On the site");
    public static readonly Phrase ByMail = new("Par mail", "By mail");
    public static readonly Phrase Always = new("toujours", "always");
    public static readonly Phrase Save = new("Enregistrer", "Save");
    public static readonly Phrase Saved = new("Votre choix est enregistré.", "Your choice is saved.");
    public static readonly Phrase AlarmNotSent = new("Les mails ne partent plus depuis une heure (code {0}). Vérifiez les réglages Booking:Mail et le serveur.", "No mail has left for an hour (code {0}). Check the settings Booking:Mail and the server.");
    public static readonly Phrase AlarmSetAside = new("Un mail a été mis de côté après trois jours d’essais (code {0}).", "A mail was set aside after three days of attempts (code {0}).");
}
