using System.Collections.Frozen;
using System.Text.Json;

namespace FabLab.Core.Scheduling;

/// <summary>Why a booking is not made or changed. A closed set; the order is the order in which they are looked for.</summary>
public enum BookingReason
{
    /// <summary>The end is not after the start.</summary>
    NoDuration,

    /// <summary>It starts, or after a change ends, in the past.</summary>
    InThePast,

    /// <summary>It lies further ahead than anything is planned; not even staff can book there.</summary>
    BeyondLimit,

    /// <summary>There is no such machine.</summary>
    MachineUnknown,

    /// <summary>It is somebody else's booking.</summary>
    NotYours,

    /// <summary>The booking to change is over, cancelled or released.</summary>
    BookingOver,

    /// <summary>The booking to move has begun; only its end can change.</summary>
    AlreadyBegun,

    /// <summary>The machine is not one that is booked.</summary>
    NotBookable,

    /// <summary>The person may not use the machine at that time; the access decision in the facts says why and lends its code.</summary>
    NotAllowed,

    /// <summary>After several bookings nobody came to, the person uses free machines without booking for a while.</summary>
    WalkUpOnly,

    /// <summary>Earlier than the machine can be booked at so short notice.</summary>
    NoticeTooShort,

    /// <summary>Further ahead than the machine can be booked.</summary>
    TooFarAhead,

    /// <summary>The booking to change starts too soon for that.</summary>
    TooLateToChange,

    /// <summary>Shorter than the machine is booked for.</summary>
    TooShort,

    /// <summary>Longer than the machine may be booked at once.</summary>
    TooLong,

    /// <summary>It does not start or end on the machine's steps (every 30 minutes, say).</summary>
    OffStep,

    /// <summary>More places than there are, or none.</summary>
    TooManyPlaces,

    /// <summary>Closed for at least a part of it.</summary>
    OutsideHours,

    /// <summary>Time for staff only.</summary>
    StaffTime,

    /// <summary>Time kept for groups.</summary>
    GroupTime,

    /// <summary>Time open to all without booking.</summary>
    OpenLabTime,

    /// <summary>The machine is kept free then: maintenance, or the room it stands in is taken.</summary>
    Blocked,

    /// <summary>The machine is already booked then.</summary>
    BookingOverlap,

    /// <summary>Too close to the booking before or after: the machine needs time to be set up.</summary>
    SetUpTime,

    /// <summary>The person has another booking at the same time.</summary>
    OwnOverlap,

    /// <summary>The person already has as many bookings to come as one may have.</summary>
    TooManyUpcoming,

    /// <summary>The quota of the day, the week or the month is used.</summary>
    QuotaUsed,

    /// <summary>No machine of the pool is free for the whole time.</summary>
    PoolFull,
}

/// <summary>The closed set of reasons with their stable codes.</summary>
public static class BookingReasons
{
    private static readonly BookingReason[] Order = Enum.GetValues<BookingReason>();

    private static readonly string[] Codes = Array.ConvertAll(Enum.GetNames<BookingReason>(), JsonNamingPolicy.SnakeCaseLower.ConvertName);

    private static readonly FrozenDictionary<string, BookingReason> ByCode = Order.ToFrozenDictionary(Code);

    /// <summary>Every reason, in the order in which they are looked for.</summary>
    public static IReadOnlyList<BookingReason> All => Order;

    /// <summary>The stable snake_case code, such as "booking_overlap".</summary>
    /// <param name="reason">The reason.</param>
    public static string Code(this BookingReason reason) => Codes[(int)reason];

    /// <summary>The reason of a code, or null.</summary>
    /// <param name="code">Such as "quota_used".</param>
    public static BookingReason? FromCode(string? code) =>
        code is not null && ByCode.TryGetValue(code, out BookingReason reason) ? reason : null;

    /// <summary>Whether staff may set the rule aside for once, with a reason that is kept. What is impossible, double or dangerous they cannot.</summary>
    /// <param name="reason">The reason.</param>
    public static bool CanBeWaived(this BookingReason reason) => reason is
        BookingReason.NotBookable or BookingReason.WalkUpOnly or BookingReason.NoticeTooShort or BookingReason.TooFarAhead
        or BookingReason.TooLateToChange or BookingReason.TooShort or BookingReason.TooLong or BookingReason.OffStep
        or BookingReason.OutsideHours or BookingReason.StaffTime or BookingReason.GroupTime or BookingReason.OpenLabTime
        or BookingReason.SetUpTime or BookingReason.OwnOverlap or BookingReason.TooManyUpcoming or BookingReason.QuotaUsed;
}
