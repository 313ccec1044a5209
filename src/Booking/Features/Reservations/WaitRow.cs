using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Where somebody stands on a waiting list.</summary>
public enum WaitState
{
    /// <summary>Waits for time to become free.</summary>
    Waiting = 0,

    /// <summary>Has an offer that is held for them.</summary>
    Offered = 1,

    /// <summary>Took an offer.</summary>
    Taken = 2,

    /// <summary>Left the list.</summary>
    Left = 3,

    /// <summary>What was waited for is past.</summary>
    Over = 4,
}

/// <summary>Somebody who would take a machine if it became free within a stretch of time.</summary>
public sealed class WaitRow
{
    public required WaitId Id { get; init; }

    /// <summary>Which machine; null with <see cref="PoolId"/>.</summary>
    public MachineId? MachineId { get; init; }

    /// <summary>Any machine of which pool; null with <see cref="MachineId"/>.</summary>
    public PoolId? PoolId { get; init; }

    public required PersonId PersonId { get; init; }

    /// <summary>From when it would suit, included.</summary>
    public required Instant Start { get; set; }

    /// <summary>Until when it would suit, excluded.</summary>
    public required Instant End { get; set; }

    /// <summary>How long it is needed.</summary>
    public required Duration Length { get; set; }

    public Instant CreatedAt { get; init; }

    public WaitState State { get; set; }

    /// <summary>The held booking (<see cref="ReservationKind.Offer"/>) while <see cref="WaitState.Offered"/>.</summary>
    public BookingId? Offer { get; set; }

    /// <summary>How many offers lapsed without an answer.</summary>
    public int Lapsed { get; set; }

    public long Version { get; set; }
}
