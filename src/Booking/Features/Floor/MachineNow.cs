using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Floor;

/// <summary>What a machine does now, as its gateway said last. Told, not decided here.</summary>
public sealed class MachineNow
{
    public required MachineId MachineId { get; init; }

    public required string Gateway { get; set; }

    public required long Epoch { get; set; }

    /// <summary>The journal record it comes from; an older one never replaces a newer one.</summary>
    public required long Seq { get; set; }

    public required Instant At { get; set; }

    /// <summary>The state of Core.Sessions as JSON.</summary>
    public required string State { get; set; }
}
