using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Journal;

/// <summary>A tap that was answered with no, and why.</summary>
public sealed class RefusedTap
{
    public required string Gateway { get; init; }

    public required long Epoch { get; init; }

    public required long Seq { get; init; }

    public required MachineId MachineId { get; init; }

    public required Instant At { get; init; }

    /// <summary>Stable code of the reason.</summary>
    public required string Reason { get; init; }

    /// <summary>Null for a badge nobody knows.</summary>
    public PersonId? PersonId { get; init; }

    public BadgeId? BadgeId { get; init; }

    /// <summary>The decision with its facts, JSON.</summary>
    public required string Decision { get; init; }
}

/// <summary>Something a gateway wants staff to look at.</summary>
public sealed class Alarm
{
    public required string Gateway { get; init; }

    public required long Epoch { get; init; }

    public required long Seq { get; init; }

    public MachineId? MachineId { get; init; }

    public required Instant At { get; init; }

    /// <summary>Stable code.</summary>
    public required string Code { get; init; }

    /// <summary>What happened, JSON or one sentence.</summary>
    public required string Detail { get; init; }

    public PersonId? SeenBy { get; set; }

    public Instant? SeenAt { get; set; }
}
