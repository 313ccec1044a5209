using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Journal;

/// <summary>One record of a gateway's journal as it came. Never changed, never deleted.</summary>
public sealed class JournalRow
{
    public required string Gateway { get; init; }

    public required long Epoch { get; init; }

    public required long Seq { get; init; }

    public MachineId? MachineId { get; init; }

    public required Instant At { get; init; }

    public required string Kind { get; init; }

    /// <summary>The body as it came, JSON.</summary>
    public required string Body { get; init; }

    public required Instant ReceivedAt { get; init; }

    /// <summary>What Booking noticed: a person or machine it does not know, a clock that was wrong. Empty when nothing.</summary>
    public string Flags { get; init; } = "";
}
