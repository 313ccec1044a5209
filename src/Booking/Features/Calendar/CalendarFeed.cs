using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Calendar;

/// <summary>The secret address under which a calendar program reads somebody's bookings. One a person; a new one ends the old one.</summary>
public sealed class CalendarFeed
{
    public required PersonId PersonId { get; init; }

    /// <summary>SHA-256 of the secret. The secret has 256 random bits, so a fast hash is enough.</summary>
    public required byte[] SecretHash { get; set; }

    public required Instant CreatedAt { get; set; }

    /// <summary>When a program last read it, to the hour; null when none did.</summary>
    public Instant? ReadAt { get; set; }
}
