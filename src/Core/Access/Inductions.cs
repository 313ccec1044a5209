using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>A trainer has tapped; the trainee is awaited.</summary>
/// <param name="Offer">What was armed.</param>
/// <param name="TrainerBadge">The trainer's badge.</param>
/// <param name="Since">When the trainer tapped.</param>
public sealed record InductionWaiting(InductionOffer Offer, BadgeId TrainerBadge, Instant Since);

/// <summary>What a tap means for an induction. A closed set.</summary>
public abstract record InductionStep
{
    private InductionStep()
    {
    }

    /// <summary>Nothing: it is a tap like any other.</summary>
    public sealed record None : InductionStep;

    /// <summary>The armed trainer has tapped.</summary>
    /// <param name="Waiting">What is awaited now.</param>
    public sealed record TraineePlease(InductionWaiting Waiting) : InductionStep;

    /// <summary>The trainer has tapped again: it is given up.</summary>
    public sealed record GivenUp : InductionStep;

    /// <summary>The trainee has tapped.</summary>
    /// <param name="Waiting">What was awaited.</param>
    /// <param name="Trainee">Who.</param>
    /// <param name="Badge">With which badge.</param>
    public sealed record Given(InductionWaiting Waiting, PersonId Trainee, BadgeId Badge) : InductionStep;
}

/// <summary>
/// The induction at the machine: somebody who holds the level "trainer" arms it at the machine's page, taps, and the next person
/// taps within thirty seconds. Without arming, a trainer's tap starts the machine as ever.
/// </summary>
public static class Inductions
{
    /// <summary>How long the trainer's tap is awaited after arming.</summary>
    public static readonly Duration ArmedFor = Duration.FromMinutes(2);

    /// <summary>How long the trainee's tap is awaited after the trainer's.</summary>
    public static readonly Duration TraineeWithin = Duration.FromSeconds(30);

    /// <summary>What a tap means.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="rule">The machine.</param>
    /// <param name="free">Whether nobody uses the machine and it may be used.</param>
    /// <param name="waiting">The trainer who has tapped; null when none has.</param>
    /// <param name="spent">The last induction that was begun here: it does not begin twice.</param>
    /// <param name="badge">The badge tapped; null when it is unknown.</param>
    /// <param name="now">The present instant.</param>
    public static InductionStep OnTap(
        LabPolicy policy, MachineRule rule, bool free, InductionWaiting? waiting, InductionId? spent, BadgeId? badge, Instant now)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(rule);
        BadgeRule? tapped = badge is { } id ? policy.Badge(id) : null;
        PersonRule? person = tapped is { State: BadgeState.Active, Person: { } owner } ? policy.Person(owner) : null;
        if (!free || tapped is null || person is not { Active: true })
        {
            return new InductionStep.None();
        }

        // Called off at the page, it is over here too.
        if (waiting is not null && rule.Induction?.Id == waiting.Offer.Id && now < waiting.Since + TraineeWithin)
        {
            return person.Id == waiting.Offer.Trainer
                ? new InductionStep.GivenUp()
                : MayTrain(policy, waiting.Offer, now)
                    ? new InductionStep.Given(waiting, person.Id, tapped.Id)
                    : new InductionStep.None();
        }

        return rule.Induction is { } offer && offer.Id != spent && now < offer.Until && person.Id == offer.Trainer && MayTrain(policy, offer, now)
            ? new InductionStep.TraineePlease(new InductionWaiting(offer, tapped.Id, now))
            : new InductionStep.None();
    }

    /// <summary>Whether somebody holds the level that trains others.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="offer">The induction.</param>
    /// <param name="now">When.</param>
    public static bool MayTrain(LabPolicy policy, InductionOffer offer, Instant now)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return AccessRules.Trained(policy, offer.Trainer, new TrainingNeed.One(offer.Training), now).Level == HabilitationLevel.Trainer;
    }
}
