using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Floor;

/// <summary>What a machine does now, as its gateway said last. Told, not decided here.</summary>
public sealed class MachineNow
{
    public required MachineId MachineId { get; init; }

    public required string Gateway { get; set; }

    public required long Epoch { get; set; }

    /// <summary>Place of the event it comes from among the events of the machine; an older one never replaces a newer one.</summary>
    public required long Seq { get; set; }

    /// <summary>When that event happened.</summary>
    public required Instant At { get; set; }

    /// <summary>The code of the state (<see cref="Core.Sessions.MachineState.Code"/>).</summary>
    public required string Code { get; set; }

    /// <summary>Whose use goes on; null for none.</summary>
    public PersonId? PersonId { get; set; }

    public SessionId? SessionId { get; set; }

    /// <summary>When the use that goes on began.</summary>
    public Instant? StartedAt { get; set; }

    /// <summary>Whether the device is not heard.</summary>
    public bool LinkLost { get; set; }

    /// <summary>The whole <see cref="Core.Sessions.MachineState"/> as JSON.</summary>
    public required string State { get; set; }
}
