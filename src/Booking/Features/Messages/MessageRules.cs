using FabLab.Booking.Features.Reservations;
using FabLab.Core;

namespace FabLab.Booking.Features.Messages;

/// <summary>Who is told what, and how when they chose nothing.</summary>
public static class MessageRules
{
    /// <summary>All kinds, in the order in which they are offered.</summary>
    public static IReadOnlyList<MessageKind> Kinds { get; } = Enum.GetValues<MessageKind>();

    /// <summary>The kinds somebody chooses about: of faults are told only those who look after a machine.</summary>
    /// <param name="leads">Whether they look after one.</param>
    public static IEnumerable<MessageKind> Offered(bool leads) => Kinds.Where(kind => kind != MessageKind.FaultReported || leads);

    /// <summary>Whether it stays on the site whatever somebody chose: without it they would stand before a closed door.</summary>
    public static bool AlwaysOnSite(MessageKind kind) => kind is MessageKind.BookingCancelled or MessageKind.BookingHit;

    /// <summary>What counts until somebody chooses.</summary>
    public static (bool Site, bool Mail) Usual(MessageKind kind) => kind == MessageKind.BookingReleased ? (true, false) : (true, true);

    /// <summary>The kind of message that an event becomes; null for none.</summary>
    /// <param name="told">What happened.</param>
    /// <param name="reader">Who would be told: not of what they did themselves, unless it is worth keeping.</param>
    internal static MessageKind? Of(BookingEvent told, PersonId reader) => (told.Kind, told.Booking.Kind) switch
    {
        (_, ReservationKind.Block) => null,
        (BookingEventKind.Offered, _) => MessageKind.BookingOffered,
        (_, ReservationKind.Offer) => null,
        // Hours that had left it without open time were changed back.
        (BookingEventKind.Made or BookingEventKind.FitsAgain, _) => MessageKind.BookingConfirmed,
        (BookingEventKind.Moved, _) => MessageKind.BookingMoved,
        (BookingEventKind.Cancelled, _) when told.By != reader => MessageKind.BookingCancelled,
        (BookingEventKind.Released, _) => MessageKind.BookingReleased,
        (BookingEventKind.HitByHours, _) => MessageKind.BookingHit,
        _ => null,
    };
}
