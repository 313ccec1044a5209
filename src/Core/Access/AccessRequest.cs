using FabLab.Core.Badges;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>What is being asked.</summary>
public enum AccessPurpose
{
    /// <summary>To start, or to take over, now.</summary>
    Start,

    /// <summary>To go on with a use that was granted: what concerns only the start is not asked again.</summary>
    Continue,

    /// <summary>What this person may use in general: what holds only at this moment (hours, bookings, presence, project, who is beside) is not asked.</summary>
    Preview,
}

/// <summary>Who uses the machine asked for.</summary>
/// <param name="Person">Who.</param>
/// <param name="Working">Whether the machine is working now.</param>
public sealed record Occupancy(PersonId Person, bool Working);

/// <summary>One question to the decision function, with everything that is not in the policy.</summary>
public sealed record AccessRequest
{
    /// <summary>The present instant, by the caller's clock.</summary>
    public required Instant Now { get; init; }

    /// <summary>The machine.</summary>
    public required MachineId Machine { get; init; }

    /// <summary>What is being asked.</summary>
    public AccessPurpose Purpose { get; init; }

    /// <summary>The badge tapped; null when the person is known without one.</summary>
    public BadgeMatch? Badge { get; init; }

    /// <summary>The person, when no badge was tapped. Ignored when <see cref="Badge"/> is set.</summary>
    public PersonId? Person { get; init; }

    /// <summary>The badge of who stands beside; null for nobody.</summary>
    public BadgeMatch? CompanionBadge { get; init; }

    /// <summary>Who stands beside, when known without a badge. Ignored when <see cref="CompanionBadge"/> is set.</summary>
    public PersonId? Companion { get; init; }

    /// <summary>Minors whom the companion now accompanies at other machines.</summary>
    public int MinorsWithCompanion { get; init; }

    /// <summary>Whether the companion was checked in when the use began, so that checking out means they have left. Only asked with <see cref="AccessPurpose.Continue"/>.</summary>
    public bool CompanionWasPresent { get; init; }

    /// <summary>Who accompanies minors at other machines now; from it follows which mentor of a séance stands beside.</summary>
    public ValueList<CompanionLoad> Companions { get; init; } = [];

    /// <summary>The séance under which the use began. Only asked with <see cref="AccessPurpose.Continue"/>.</summary>
    public GroupSessionId? GroupSession { get; init; }

    /// <summary>The project chosen; null = the person's own.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>The options of the machine that are asked about; null = those fitted now, which is what a tap asks.</summary>
    public ValueList<string>? Options { get; init; }

    /// <summary>Who uses this machine now; null for nobody.</summary>
    public Occupancy? Occupied { get; init; }

    /// <summary>The other machines the person uses now.</summary>
    public ValueList<MachineId> RunningElsewhere { get; init; } = [];

    /// <summary>Bookings that were claimed at machines of this gateway and of which the policy may not know yet.</summary>
    public ValueList<BookingClaim> Claims { get; init; } = [];

    /// <summary>Machines that are in use, locked out by themselves or out of reach: they are not named as free instead.</summary>
    public ValueList<MachineId> NotFree { get; init; } = [];

    /// <summary>Refused taps of this badge within the window of the site, those refused for <see cref="AccessReason.TooManyAttempts"/> not counted.</summary>
    public int RecentRefusals { get; init; }

    /// <summary>A lock-out that the machine's session knows of and the policy perhaps not yet; null for none.</summary>
    public LockOut? LockOut { get; init; }

    /// <summary>Whether the device at the machine answers.</summary>
    public bool Reachable { get; init; } = true;

    /// <summary>Whether what is decided can be written down.</summary>
    public bool StorageHealthy { get; init; } = true;
}
