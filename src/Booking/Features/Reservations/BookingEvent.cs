using FabLab.Booking.Data;
using FabLab.Core;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>What happened to a booking. Names on the wire are these in snake_case.</summary>
public enum BookingEventKind
{
    /// <summary>It was made.</summary>
    Made,

    /// <summary>Its time or its machine changed.</summary>
    Moved,

    /// <summary>It was cancelled, by its owner or by staff.</summary>
    Cancelled,

    /// <summary>Its owner tapped at the machine.</summary>
    Claimed,

    /// <summary>Nobody came; the machine is free for others.</summary>
    Released,

    /// <summary>Free time is held for somebody of the waiting list.</summary>
    Offered,

    /// <summary>The offer was not answered in time.</summary>
    OfferLapsed,

    /// <summary>New hours or a closure leave it without open time. It stands, and nobody is a no-show for it.</summary>
    HitByHours,

    /// <summary>Hours that changed again give it back its open time.</summary>
    FitsAgain,
}

/// <summary>One thing that happened to a booking, told within the write that made it happen.</summary>
/// <param name="Kind">What.</param>
/// <param name="Booking">The booking as it is now.</param>
/// <param name="By">Who did it; null when the clock did.</param>
/// <param name="Before">Its time before; null when that did not change.</param>
/// <param name="MachineBefore">Its machine before; null when that did not change.</param>
public sealed record BookingEvent(
    BookingEventKind Kind, Reservation Booking, PersonId? By = null, Interval? Before = null, MachineId? MachineBefore = null);

/// <summary>Takes note of what happens to bookings, in the same transaction: messages to people, deliveries to other programs, the waiting list.</summary>
internal interface IBookingEventSink
{
    /// <summary>Adds rows for one event. It runs on the writer's task: no network, no waiting; what it throws undoes the write.</summary>
    /// <param name="write">The write in which it happened.</param>
    /// <param name="told">What happened.</param>
    /// <param name="cancellationToken">Stops.</param>
    Task OnAsync(BookingWrite write, BookingEvent told, CancellationToken cancellationToken);
}
