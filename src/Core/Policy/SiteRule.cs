using NodaTime;

namespace FabLab.Core.Policy;

/// <summary>What holds for the whole site.</summary>
public sealed record SiteRule : PolicyEntity
{
    /// <summary>The name of the place.</summary>
    public string Name { get; init; } = "";

    /// <summary>The IANA time zone in which dates are said and birthdays fall.</summary>
    public string Zone { get; init; } = "Europe/Paris";

    /// <summary>How many minors one adult may accompany at machines at the same time, unless the person has a limit of their own.</summary>
    public int MinorsPerAdult { get; init; } = 6;

    /// <summary>After this many refused taps of one badge within <see cref="AttemptWindow"/> the badge has to wait. 0 = no limit.</summary>
    public int AttemptLimit { get; init; } = 8;

    /// <summary>The time over which refused taps are counted.</summary>
    public Duration AttemptWindow { get; init; } = Duration.FromMinutes(10);

    /// <summary>Whether a person may use only one attended machine at a time (<see cref="MachineRule.Attended"/>).</summary>
    public bool OneMachineAtATime { get; init; } = true;

    /// <summary>How long before its start a booking is claimed by its owner's tap, when the machine is free.</summary>
    public Duration ClaimBefore { get; init; } = Duration.FromMinutes(10);

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Site;

    /// <inheritdoc/>
    public override Guid Key => Guid.Empty;
}
