using System.Diagnostics;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.SignIn.Pages;

/// <summary>What roles are called.</summary>
public static class RoleWords
{
    public static readonly Phrase FrontDesk = new("Accueil", "Front desk");
    public static readonly Phrase Manager = new("Gestion du lieu", "Manager");
    public static readonly Phrase Trainer = new("Formation", "Trainer");
    public static readonly Phrase MachineLead = new("Référence machine", "Machine lead");
    public static readonly Phrase Mentor = new("Encadrement de groupes", "Mentor of groups");
    public static readonly Phrase Partner = new("Structure partenaire", "Partner organisation");
    public static readonly Phrase Member = new("Adhérent·e", "Member");
    public static readonly Phrase Observer = new("Lecture des chiffres", "Figures only");

    public static Phrase Of(Role role) => role switch
    {
        Role.FrontDesk => FrontDesk,
        Role.Manager => Manager,
        Role.Trainer => Trainer,
        Role.MachineLead => MachineLead,
        Role.Mentor => Mentor,
        Role.Partner => Partner,
        Role.Member => Member,
        Role.Observer => Observer,
        _ => throw new UnreachableException(),
    };
}
