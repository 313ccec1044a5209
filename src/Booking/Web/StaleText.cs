using FabLab.Ui.Text;

namespace FabLab.Booking.Web;

/// <summary>What somebody is told whose form was overtaken by somebody else's change.</summary>
public static class StaleText
{
    public static readonly Phrase Title = new("Quelqu’un a changé ceci entre-temps.", "Somebody changed this in the meantime.");
    public static readonly Phrase Kept = new(
        "Rien n’est perdu : ce que vous avez écrit est encore dans le formulaire. Rien n’est enregistré pour le moment.",
        "Nothing is lost: what you wrote is still in the form. Nothing is saved yet.");
    public static readonly Phrase Same = new("Ce qui est en place est déjà ce que vous avez écrit.", "What stands is already what you wrote.");
    public static readonly Phrase Caption = new("Ce qui est différent", "What differs");
    public static readonly Phrase Field = new("Champ", "Field");
    public static readonly Phrase Stands = new("En place maintenant", "Stands now");
    public static readonly Phrase Sent = new("Vous avez écrit", "You wrote");
    public static readonly Phrase Nothing = new("rien", "nothing");
    public static readonly Phrase Ticked = new("coché", "ticked");
    public static readonly Phrase NotTicked = new("pas coché", "not ticked");
    public static readonly Phrase OtherField = new("Autre champ", "Other field");
    public static readonly Phrase Again = new("Enregistrer ce que j’ai écrit", "Save what I wrote");
    public static readonly Phrase AllTheSame = new("Le faire quand même", "Do it all the same");
    public static readonly Phrase Leave = new("Garder ce qui est en place", "Keep what stands");
    public static readonly Phrase By = new("par {0}", "by {0}");
    public static readonly Phrase Yourself = new("vous-même", "yourself");
    public static readonly Phrase Team = new("l’équipe", "the team");
}
