using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>A machine kept for somebody, from <see cref="Start"/> until before <see cref="End"/>. The database refuses two that overlap.</summary>
public sealed class Reservation
{
    public required BookingId Id { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>For whom; null when the machine is kept for nobody by name (maintenance).</summary>
    public PersonId? PersonId { get; init; }

    public required Instant Start { get; init; }

    public required Instant End { get; init; }

    /// <summary>From when anybody may use the machine because nobody came.</summary>
    public Instant? ReleasedAt { get; set; }

    public Instant? CancelledAt { get; set; }

    public Instant CreatedAt { get; init; }

    public long Version { get; set; }

    internal BookingRule ToRule() => new()
    {
        Id = Id,
        Machine = MachineId,
        People = PersonId is { } person ? [person] : [],
        Start = Start,
        End = End,
        ReleasedAt = ReleasedAt,
    };
}
