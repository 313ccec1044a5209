using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Journal;

/// <summary>One record of a gateway's journal as it came. Never changed, never deleted.</summary>
public sealed class JournalRow
{
    public required string Gateway { get; init; }

    public required long Epoch { get; init; }

    /// <summary>Place in the gateway's journal.</summary>
    public required long Seq { get; init; }

    public MachineId? MachineId { get; init; }

    /// <summary>For an event of a machine: its place among the events of that machine.</summary>
    public long? MachineSeq { get; init; }

    /// <summary>The use it is about.</summary>
    public SessionId? SessionId { get; init; }

    public required Instant At { get; init; }

    public required string Kind { get; init; }

    /// <summary>The body as it came, JSON. Of a refused record only what could be kept.</summary>
    public required string Body { get; init; }

    public required Instant ReceivedAt { get; init; }

    /// <summary>Why it was refused; null when it was accepted. A refused record keeps its place so that the next ones need not wait for it.</summary>
    public string? Refused { get; init; }
}

/// <summary>How far the events of one machine in one journal have been taken into the ledger, without a gap.</summary>
public sealed class MachineProgress
{
    public required string Gateway { get; init; }

    public required long Epoch { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>Place of the last event taken in.</summary>
    public long LastSeq { get; set; }

    /// <summary>Since when later events wait for a missing one; null when none does.</summary>
    public Instant? WaitingSince { get; set; }

    /// <summary>The state after that event, Core's JSON.</summary>
    public required string State { get; set; }
}
