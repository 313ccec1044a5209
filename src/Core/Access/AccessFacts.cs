using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>
/// Everything one decision rests on, as plain data that can be stored as JSON.
/// <see cref="AccessRules.Decide"/> needs nothing else, so a stored decision can be derived again years later.
/// </summary>
public sealed record AccessFacts
{
    /// <summary>When it was asked.</summary>
    public required Instant Now { get; init; }

    /// <summary>What was asked.</summary>
    public AccessPurpose Purpose { get; init; }

    /// <summary>The zone in which dates are said.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>The revision of the policy.</summary>
    public long Revision { get; init; }

    /// <summary>The age of the policy; negative when the gateway's clock is behind Booking's.</summary>
    public Duration PolicyAge { get; init; }

    /// <summary>Whether the decision could be written down.</summary>
    public bool StorageHealthy { get; init; } = true;

    /// <summary>Whether the device at the machine answered.</summary>
    public bool Reachable { get; init; } = true;

    /// <summary>Refused taps of this badge in the last minutes.</summary>
    public int RecentRefusals { get; init; }

    /// <summary>How many the site allows; 0 = any number.</summary>
    public int AttemptLimit { get; init; }

    /// <summary>The machine; null when the policy does not know it.</summary>
    public MachineFacts? Machine { get; init; }

    /// <summary>What the badge was.</summary>
    public BadgeFact Badge { get; init; }

    /// <summary>Which badge, when it is known.</summary>
    public BadgeId? BadgeId { get; init; }

    /// <summary>How hard that badge is to copy; null without one.</summary>
    public BadgeAssurance? BadgeAssurance { get; init; }

    /// <summary>The person; null when the badge leads to nobody.</summary>
    public PersonFacts? Person { get; init; }

    /// <summary>Who stands beside; null when nobody has badged in as second.</summary>
    public CompanionFacts? Companion { get; init; }

    /// <summary>The end of the opening that is running; null when there is no opening rule or the machine is closed.</summary>
    public Instant? ClosesAt { get; init; }

    /// <summary>Whether it is open now, for whomever.</summary>
    public bool Open { get; init; } = true;

    /// <summary>When it opens next for this person; null when it is open to them or not known.</summary>
    public Instant? OpensAt { get; init; }

    /// <summary>For whom the hours are kept while that is not this person; null when the machine is closed or open to them.</summary>
    public OpeningKind? KeptFor { get; init; }

    /// <summary>The person's own booking now, or soon enough that a tap claims it.</summary>
    public BookingId? OwnBooking { get; init; }

    /// <summary>Its end, or that of the last of the own bookings that follow it without a gap.</summary>
    public Instant? OwnBookingUntil { get; init; }

    /// <summary>Whether it was claimed before.</summary>
    public bool OwnBookingClaimed { get; init; }

    /// <summary>The machine of the same pool from which a tap here brings it; null when it is kept here.</summary>
    public MachineId? ClaimFrom { get; init; }

    /// <summary>The bookings that then go from here to that machine.</summary>
    public ValueList<BookingId> ClaimSwaps { get; init; } = [];

    /// <summary>The end of somebody else's booking that is running and not released; null for none.</summary>
    public Instant? ReservedUntil { get; init; }

    /// <summary>When that booking is given up if nobody comes; null when it is not.</summary>
    public Instant? ReservedUnlessClaimedBy { get; init; }

    /// <summary>A machine of the same pool that the person could use now instead, by its code; null when none is known.</summary>
    public string? FreeInstead { get; init; }

    /// <summary>The start of the next booking of somebody else; null for none.</summary>
    public Instant? NextBookingAt { get; init; }

    /// <summary>Whether somebody else uses the machine now.</summary>
    public bool InUseByOther { get; init; }

    /// <summary>Whether the machine works in the hands of somebody else.</summary>
    public bool Working { get; init; }

    /// <summary>The code of another attended machine that the person uses now; null for none.</summary>
    public string? RunningElsewhere { get; init; }

    /// <summary>The time left in the tightest quota, not below zero; null without quota.</summary>
    public Duration? QuotaLeft { get; init; }

    /// <summary>When that quota begins anew.</summary>
    public Instant? QuotaUntil { get; init; }

    /// <summary>The project the time would be counted for; null for none.</summary>
    public ProjectId? Project { get; init; }
}

/// <summary>What a badge was when it was tapped.</summary>
public enum BadgeFact
{
    /// <summary>None was tapped: the person is known otherwise.</summary>
    None,

    /// <summary>It may be used.</summary>
    Active,

    /// <summary>No badge of the lab, or a badge of nobody.</summary>
    Unknown,

    /// <summary>It could be more than one.</summary>
    Ambiguous,

    /// <summary>Suspended.</summary>
    Suspended,

    /// <summary>Reported lost.</summary>
    Lost,
}

/// <summary>The rules of the machine that a decision used.</summary>
public sealed record MachineFacts
{
    /// <summary>The machine.</summary>
    public required MachineId Id { get; init; }

    /// <summary>Its code.</summary>
    public required string Code { get; init; }

    /// <summary>Why it is out of service; null while it is not.</summary>
    public Breakdown? Broken { get; init; }

    /// <summary>Its lock-out, from the policy or from its session; null for none.</summary>
    public LockOut? LockOut { get; init; }

    /// <summary>From which age with somebody beside.</summary>
    public int? AgeAccompanied { get; init; }

    /// <summary>From which age alone.</summary>
    public int? AgeAlone { get; init; }

    /// <summary>The codes of the options that were fitted, or that were asked about; their demands are in <see cref="AgeAlone"/> and in the person's level.</summary>
    public ValueList<string> Options { get; init; } = [];

    /// <summary>Whether only members may use it.</summary>
    public bool NeedsMembership { get; init; }

    /// <summary>Whether one must have checked in.</summary>
    public bool NeedsCheckIn { get; init; }

    /// <summary>Whether time must be counted for a project.</summary>
    public bool NeedsProject { get; init; }

    /// <summary>Whether it is used by two.</summary>
    public bool NeedsSecondPerson { get; init; }

    /// <summary>Whether learners may use it with somebody beside.</summary>
    public bool LearnersWelcome { get; init; }

    /// <summary>Whether its user stays beside it.</summary>
    public bool Attended { get; init; }

    /// <summary>Whether it can be handed over while it is on.</summary>
    public bool Handover { get; init; }

    /// <summary>The longest use.</summary>
    public Duration? MaxSession { get; init; }

    /// <summary>What happens when the person's booking ends.</summary>
    public BookingEnd BookingEnd { get; init; }

    /// <summary>How old the policy may be for a new use.</summary>
    public Duration MaxPolicyAge { get; init; }

    /// <summary>How hard to copy a badge must be here.</summary>
    public BadgeAssurance MinAssurance { get; init; }
}

/// <summary>What a decision used of the person.</summary>
public sealed record PersonFacts
{
    /// <summary>The person.</summary>
    public required PersonId Id { get; init; }

    /// <summary>Whether they are active.</summary>
    public bool Active { get; init; }

    /// <summary>The end of the membership, excluded.</summary>
    public Instant? MembershipUntil { get; init; }

    /// <summary>Whether they are 18 or older.</summary>
    public bool Adult { get; init; }

    /// <summary>The age in whole years; null for adults and where it is not known.</summary>
    public int? Age { get; init; }

    /// <summary>Whether they are checked in.</summary>
    public bool Present { get; init; }

    /// <summary>How far they may go on this machine by their trainings.</summary>
    public HabilitationLevel Level { get; init; }

    /// <summary>Until when that holds; null = without end.</summary>
    public Instant? LevelUntil { get; init; }

    /// <summary>The habilitations it rests on.</summary>
    public ValueList<HabilitationId> Habilitations { get; init; } = [];

    /// <summary>The training that stands in the way; null when none does.</summary>
    public TrainingGap? Gap { get; init; }
}

/// <summary>Why a training does not count.</summary>
public enum TrainingState
{
    /// <summary>The person never had it, or it begins later.</summary>
    Missing,

    /// <summary>It has expired.</summary>
    Expired,

    /// <summary>It is suspended.</summary>
    Suspended,
}

/// <summary>The training that stands between a person and a machine.</summary>
/// <param name="Training">The training.</param>
/// <param name="NameFr">Its French name.</param>
/// <param name="NameEn">Its English name.</param>
/// <param name="State">Why it does not count.</param>
/// <param name="ExpiredAt">When it expired; null when it did not.</param>
/// <param name="NextSession">When it is next given; null when no date is set or the date is past.</param>
public sealed record TrainingGap(
    TrainingId Training, string NameFr, string NameEn, TrainingState State, Instant? ExpiredAt, Instant? NextSession);

/// <summary>What a decision used of the person beside.</summary>
public sealed record CompanionFacts
{
    /// <summary>Who; null when the second badge leads to nobody.</summary>
    public PersonId? Id { get; init; }

    /// <summary>With which badge.</summary>
    public BadgeId? Badge { get; init; }

    /// <summary>Whether badge and person may be used here and they are not the maker themselves.</summary>
    public bool Active { get; init; }

    /// <summary>Whether they are 18 or older.</summary>
    public bool Adult { get; init; }

    /// <summary>Whether the membership holds, when the machine asks for one.</summary>
    public bool Member { get; init; }

    /// <summary>Whether they are checked in.</summary>
    public bool Present { get; init; }

    /// <summary>Whether they must be checked in: the machine asks for it, or they were when the use began.</summary>
    public bool MustBePresent { get; init; }

    /// <summary>How far they may go on this machine.</summary>
    public HabilitationLevel Level { get; init; }

    /// <summary>Until when that holds.</summary>
    public Instant? LevelUntil { get; init; }

    /// <summary>Whether they may stand beside others where they are autonomous.</summary>
    public bool MayAccompany { get; init; }

    /// <summary>Minors they accompany elsewhere.</summary>
    public int Minors { get; init; }

    /// <summary>How many minors they may accompany in all.</summary>
    public int MinorsLimit { get; init; }

    /// <summary>The séance by which they stand beside; null where a badge was tapped.</summary>
    public GroupSessionId? GroupSession { get; init; }

    /// <summary>When that séance ends by itself, where the use may not outlast it.</summary>
    public Instant? GroupSessionUntil { get; init; }
}
