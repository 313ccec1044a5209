using System.Diagnostics;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>
/// The one place where it is decided who may use what. The relay, the web, the kiosk and the API all ask here.
/// Pure and safe to call from any thread.
/// </summary>
public static partial class AccessRules
{
    /// <summary>Gathers the facts and decides.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="request">The question.</param>
    public static AccessDecision Ask(LabPolicy policy, AccessRequest request) => Decide(Gather(policy, request));

    /// <summary>Decides from facts alone: the first reason of <see cref="AccessReasons.InOrder"/> that applies, else yes.</summary>
    /// <param name="facts">The facts, fresh or stored.</param>
    public static AccessDecision Decide(AccessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        foreach (AccessReason reason in AccessReasons.InOrder)
        {
            if (Applies(reason, facts))
            {
                return new AccessDecision.Denied(reason, facts);
            }
        }

        return Grant(facts);
    }

    /// <summary>Every reason that applies, in order: what a person still lacks, for their page. Empty means yes.</summary>
    /// <param name="facts">The facts.</param>
    public static ValueList<AccessReason> Refusals(AccessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ValueList<AccessReason> reasons = [];
        foreach (AccessReason reason in AccessReasons.InOrder)
        {
            if (Applies(reason, facts))
            {
                reasons = reasons.Add(reason);
            }
        }

        return reasons;
    }

    /// <summary>Whether one reason applies to the facts.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="facts">The facts.</param>
    public static bool Applies(AccessReason reason, AccessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (!IsAsked(reason, facts))
        {
            return false;
        }

        MachineFacts? machine = facts.Machine;
        PersonFacts? person = facts.Person;
        return reason switch
        {
            AccessReason.StorageFailure => !facts.StorageHealthy,
            AccessReason.MachineUnknown => machine is null,
            AccessReason.LockedOut => machine?.LockOut is not null,
            AccessReason.MachineBroken => machine?.Broken is not null,
            AccessReason.MachineUnreachable => !facts.Reachable,
            AccessReason.TooManyAttempts => facts.AttemptLimit > 0 && facts.RecentRefusals >= facts.AttemptLimit,
            AccessReason.PolicyTooOld => machine is not null && facts.PolicyAge > machine.MaxPolicyAge,
            AccessReason.UnknownBadge => facts.Badge == BadgeFact.Unknown || (person is null && facts.Badge is BadgeFact.None or BadgeFact.Active),
            AccessReason.AmbiguousBadge => facts.Badge == BadgeFact.Ambiguous,
            AccessReason.BadgeLost => facts.Badge == BadgeFact.Lost,
            AccessReason.BadgeSuspended => facts.Badge == BadgeFact.Suspended,
            AccessReason.BadgeTooWeak => machine is not null && facts.BadgeAssurance < machine.MinAssurance,
            _ => machine is not null && person is not null && Applies(reason, facts, machine, person),
        };
    }

    private static bool Applies(AccessReason reason, AccessFacts facts, MachineFacts machine, PersonFacts person) => reason switch
    {
        AccessReason.PersonInactive => !person.Active,
        AccessReason.MembershipEnded => machine.NeedsMembership && !(person.MembershipUntil > facts.Now),
        AccessReason.AgeUnknown => (machine.AgeAccompanied ?? machine.AgeAlone) is not null && !person.Adult && person.Age is null,
        AccessReason.TooYoung => !person.Adult && person.Age < machine.AgeAccompanied,
        AccessReason.HabilitationSuspended => person.Gap?.State == TrainingState.Suspended,
        AccessReason.TrainingMissing => person.Gap?.State == TrainingState.Missing && !machine.LearnersWelcome,
        AccessReason.TrainingExpired => person.Gap?.State == TrainingState.Expired && !machine.LearnersWelcome,
        AccessReason.ClosedNow => !facts.Open,
        AccessReason.KeptForOthers => facts.KeptFor is not null,
        AccessReason.ReservedByOther => facts.ReservedUntil is not null,
        AccessReason.MachineInUse => facts.InUseByOther && (facts.Working || !machine.Handover),
        AccessReason.RunningElsewhere => facts.RunningElsewhere is not null,
        AccessReason.QuotaUsed => facts.QuotaLeft <= Duration.Zero,
        AccessReason.NotCheckedIn => machine.NeedsCheckIn && !person.Present,
        AccessReason.ProjectRequired => machine.NeedsProject && facts.Project is null,
        AccessReason.CompanionMayNot => NeedsCompanion(machine, person) && facts.Companion is { } companion && !MayAccompany(companion),
        AccessReason.SupervisionRatio => NeedsCompanion(machine, person) && !person.Adult
            && facts.Companion is { } companion && companion.Minors >= companion.MinorsLimit,
        AccessReason.TooYoungAlone => facts.Companion is null && IsTooYoungAlone(machine, person),
        AccessReason.NeedsAccompanying => facts.Companion is null && IsLearner(person),
        AccessReason.NeedsSecondPerson => facts.Companion is null && machine.NeedsSecondPerson,
        _ => throw new UnreachableException(),
    };

    /// <summary>Which reasons count for which purpose.</summary>
    private static bool IsAsked(AccessReason reason, AccessFacts facts) => (facts.Purpose, reason) switch
    {
        (AccessPurpose.Start, _) => true,

        // A use that goes on was already under way: the link (its own rule governs that), the age of the rules, the counting of taps, the project and the person's
        // other machines are asked at the start only; a booking or a quota ends it at the limit it was granted with.
        (AccessPurpose.Continue, AccessReason.MachineUnreachable or AccessReason.TooManyAttempts or AccessReason.PolicyTooOld or AccessReason.ReservedByOther
            or AccessReason.MachineInUse or AccessReason.RunningElsewhere or AccessReason.QuotaUsed or AccessReason.ProjectRequired) => false,

        // Nobody has to stay beside a machine that is not attended.
        (AccessPurpose.Continue, AccessReason.NotCheckedIn) => facts.Machine is { Attended: true },
        (AccessPurpose.Continue, _) => true,

        (AccessPurpose.Preview, AccessReason.StorageFailure or AccessReason.MachineUnreachable or AccessReason.TooManyAttempts or AccessReason.PolicyTooOld
            or AccessReason.ClosedNow or AccessReason.KeptForOthers or AccessReason.ReservedByOther or AccessReason.MachineInUse or AccessReason.RunningElsewhere
            or AccessReason.QuotaUsed or AccessReason.NotCheckedIn or AccessReason.ProjectRequired) => false,
        (AccessPurpose.Preview, _) => true,
        _ => throw new UnreachableException(),
    };

    private static AccessDecision.Granted Grant(AccessFacts facts)
    {
        MachineFacts machine = facts.Machine!;
        PersonFacts person = facts.Person!;
        bool accompanied = NeedsCompanion(machine, person);
        CompanionFacts? companion = accompanied ? facts.Companion : null;

        Limit limit = default;
        limit.Consider(facts.Now, machine.MaxSession, LimitReason.MaxSession);
        limit.Consider(facts.Now, facts.QuotaLeft, LimitReason.Quota);
        limit.Consider(EndsWithBooking(machine, facts) ? facts.OwnBookingUntil : null, LimitReason.BookingEnd);
        limit.Consider(facts.NextBookingAt, LimitReason.NextBooking);
        limit.Consider(RunsPastClosing(machine, facts) ? null : facts.ClosesAt, LimitReason.Closing);
        limit.Consider(machine.NeedsMembership ? person.MembershipUntil : null, LimitReason.Membership);
        limit.Consider(person.LevelUntil, LimitReason.Habilitation);
        limit.Consider(companion?.LevelUntil, LimitReason.Habilitation);
        limit.Consider(companion?.GroupSessionUntil, LimitReason.GroupSession);

        AccessTerms terms = new(
            person.Id, facts.BadgeId, companion?.Id, companion?.Badge, facts.Project, facts.OwnBooking, limit.Reason)
        {
            GroupSession = companion?.GroupSession,
        };
        return new AccessDecision.Granted(limit.At, terms, facts);
    }

    /// <summary>A machine that is extended goes on after the booking, unless the next one follows at once.</summary>
    private static bool EndsWithBooking(MachineFacts machine, AccessFacts facts) =>
        machine.BookingEnd != BookingEnd.ExtendIfFree || facts.NextBookingAt <= facts.OwnBookingUntil;

    /// <summary>A booking over the closing hour was made for a machine that finishes by itself.</summary>
    private static bool RunsPastClosing(MachineFacts machine, AccessFacts facts) =>
        machine.BookingEnd == BookingEnd.LetFinish && facts.OwnBookingUntil > facts.ClosesAt;

    private static bool NeedsCompanion(MachineFacts machine, PersonFacts person) =>
        machine.NeedsSecondPerson || IsTooYoungAlone(machine, person) || IsLearner(person);

    private static bool IsTooYoungAlone(MachineFacts machine, PersonFacts person) => !person.Adult && person.Age < machine.AgeAlone;

    private static bool IsLearner(PersonFacts person) => person.Level < HabilitationLevel.Autonomous;

    private static bool MayAccompany(CompanionFacts companion) =>
        companion is { Active: true, Adult: true, Member: true }
        && (companion.Present || !companion.MustBePresent)
        && (companion.Level == HabilitationLevel.Trainer
            || (companion.Level == HabilitationLevel.Autonomous && companion.MayAccompany));

    /// <summary>The earliest of several ends.</summary>
    private struct Limit
    {
        public Instant? At { get; private set; }

        public LimitReason? Reason { get; private set; }

        public void Consider(Instant? at, LimitReason reason)
        {
            if (at is { } instant && !(instant >= At))
            {
                At = instant;
                Reason = reason;
            }
        }

        public void Consider(Instant now, Duration? left, LimitReason reason)
        {
            if (left is { } duration)
            {
                Consider(now + duration, reason);
            }
        }
    }
}
