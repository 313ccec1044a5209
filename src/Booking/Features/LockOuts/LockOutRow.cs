using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.LockOuts;

/// <summary>One lock-out (consignation) of one machine, set by a person here or by a gateway. At most one set here is open for a machine.</summary>
public sealed class LockOutRow
{
    public const int MaxCause = 300;

    public required LockOutId Id { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>Why, in words for everybody.</summary>
    public required string Cause { get; init; }

    /// <summary>Who set it; null when a gateway did.</summary>
    public PersonId? Author { get; init; }

    public required Instant Since { get; init; }

    public LockOutReleaseRule Release { get; init; }

    public LockOutMode Mode { get; init; }

    /// <summary>The gateway that set it by itself (a welded contact, say); null when it was set here.</summary>
    public string? Gateway { get; init; }

    public Instant? ReleasedAt { get; set; }

    public PersonId? ReleasedBy { get; set; }

    public long Version { get; set; }

    internal LockOut ToRule() => new(Id, Cause, Author, Since, Release, Mode);
}
