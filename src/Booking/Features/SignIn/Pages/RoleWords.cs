using System.Diagnostics;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.SignIn.Pages;

/// <summary>What roles are called.</summary>
public static class RoleWords
{
    public static Phrase Of(Role role) => role switch
    {
        Role.FrontDesk => SignInText.RoleFrontDesk,
        Role.Manager => SignInText.RoleManager,
        Role.Trainer => SignInText.RoleTrainer,
        Role.MachineLead => SignInText.RoleMachineLead,
        Role.Mentor => SignInText.RoleMentor,
        Role.Partner => SignInText.RolePartner,
        Role.Member => SignInText.RoleMember,
        Role.Observer => SignInText.RoleObserver,
        _ => throw new UnreachableException(),
    };

    /// <summary>In a few words, what a role is for.</summary>
    public static Phrase Means(Role role) => role switch
    {
        Role.FrontDesk => SignInText.MeansFrontDesk,
        Role.Manager => SignInText.MeansManager,
        Role.Trainer => SignInText.MeansTrainer,
        Role.MachineLead => SignInText.MeansMachineLead,
        Role.Mentor => SignInText.MeansMentor,
        Role.Partner => SignInText.MeansPartner,
        Role.Member => SignInText.MeansMember,
        Role.Observer => SignInText.MeansObserver,
        _ => throw new UnreachableException(),
    };
}
