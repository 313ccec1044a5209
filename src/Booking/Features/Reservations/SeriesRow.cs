using FabLab.Core;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>A rule by which bookings were made. The bookings are rows of their own: this is what they have in common.</summary>
public sealed class SeriesRow
{
    public required SeriesId Id { get; init; }

    public required SeriesRule Rule { get; set; }

    public Instant CreatedAt { get; init; }

    public PersonId? MadeBy { get; set; }
}
