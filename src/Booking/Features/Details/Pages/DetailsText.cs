using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Details.Pages;

/// <summary>Words of what people say of themselves for the figures.</summary>
internal static class DetailsText
{
    public static readonly Phrase Title = new("Pour les chiffres du lieu", "For the figures of the place");
    public static readonly Phrase Lead = new("Le lieu reçoit de l’argent public. Il doit dire combien de personnes viennent, et lesquelles. Vos réponses sont additionnées avec celles des autres.", "The place is paid with public money. It has to say how many people come, and who they are. Your answers are added up with those of others.");
    public static readonly Phrase Free = new("Vous n’êtes pas obligé·e de répondre. Rien ne change pour vous, et vous pouvez effacer vos réponses à tout moment.", "You need not answer. Nothing changes for you, and you can take your answers back at any time.");
    public static readonly Phrase Seen = new("L’accueil et vous les voyez. Les financeurs ne voient que des totaux, jamais votre nom.", "The front desk and you can see them. Funders see totals only, never your name.");
    public static readonly Phrase Area = new("Quartier prioritaire (QPV)", "Priority neighbourhood (QPV)");
    public static readonly Phrase AreaHint = new("Vivez-vous dans un quartier prioritaire de la politique de la ville ? Votre adresse n’est notée nulle part.", "Do you live in a priority neighbourhood? Your address is not kept anywhere.");
    public static readonly Phrase AreaYes = new("Oui", "Yes");
    public static readonly Phrase AreaNo = new("Non", "No");
    public static readonly Phrase AreaNotSaid = new("Non communiqué", "Not said");
    public static readonly Phrase Save = new("Enregistrer", "Save");
    public static readonly Phrase Saved = new("C’est noté.", "Noted.");
    public static readonly Phrase Stale = new("Quelqu’un vient de changer ces réponses. Les voici.", "Somebody has just changed these answers. Here they are.");
}
