using FabLab.Booking.Features;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;

namespace FabLab.Booking.Web;

/// <summary>Who looks at the page, and what is theirs. Nobody signed in sees no name.</summary>
public sealed record Viewer(StaffActor? Actor, string? LoginName)
{
    public static Viewer Nobody { get; } = new(null, null);

    /// <summary>What is the viewer's own, where a right reaches no farther.</summary>
    public Charge Charge { get; init; } = Charge.Nothing;

    public bool SignedIn => Actor is not null;

    public Reach Reach(Right right) => Actor?.Reach(right) ?? Features.SignIn.Reach.None;

    /// <summary>Whether the viewer has the right for anything at all.</summary>
    public bool Has(Right right) => Reach(right) != Features.SignIn.Reach.None;

    /// <summary>Whether the viewer has the right for everything.</summary>
    public bool HasAll(Right right) => Reach(right) == Features.SignIn.Reach.All;

    public bool May(Right right, MachineId machine) => HasAll(right) || (Has(right) && Charge.Has(right, machine));

    public bool May(Right right, PersonId person) => HasAll(right) || (Actor is not null && Has(right) && Charge.Has(Actor, right, person));

    public bool May(Right right, TrainingId training) => HasAll(right) || (Has(right) && Charge.Trainings.Contains(training));

    /// <summary>Whether the viewer may read who somebody is.</summary>
    public bool MaySee(PersonId person) => May(Right.SeePeople, person);
}
