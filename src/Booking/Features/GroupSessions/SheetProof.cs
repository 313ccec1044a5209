using FabLab.Booking.Data;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>Half of a day that a séance touches.</summary>
public readonly record struct SheetHalf(LocalDate Day, HalfDay Half);

/// <summary>The half-days of a séance, and what proves that somebody was there in one.</summary>
internal static class SheetProof
{
    private static readonly LocalTime Noon = new(13, 0);

    /// <summary>The half-days in order; one that runs past midnight has them of two days.</summary>
    public static IReadOnlyList<SheetHalf> Halves(GroupSession session, DateTimeZone zone)
    {
        var halves = new List<SheetHalf>();
        var last = Of(session.End - Duration.FromMilliseconds(1), zone);
        for (var half = Of(session.Start, zone); ; half = Next(half))
        {
            halves.Add(half);
            if (half == last)
                return halves;
        }

        static SheetHalf Next(SheetHalf half) => half.Half == HalfDay.Morning ? new(half.Day, HalfDay.Afternoon) : new(half.Day.PlusDays(1), HalfDay.Morning);
    }

    /// <summary>The half-day of an instant.</summary>
    public static SheetHalf Of(Instant at, DateTimeZone zone)
    {
        var local = at.InZone(zone).LocalDateTime;
        return new SheetHalf(local.Date, local.TimeOfDay < Noon ? HalfDay.Morning : HalfDay.Afternoon);
    }

    /// <summary>A badge that was read is a proof for its half-day; before the start it is one for the first.</summary>
    public static async Task BadgeAsync(BookingWrite write, GroupSession session, Attendee attendee, Instant at, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var half = Of(Instant.Min(Instant.Max(at, session.Start), session.End - Duration.FromMilliseconds(1)), zone);
        if (await write.Db.SessionSignatures.AnyAsync(s => s.AttendeeId == attendee.Id && s.Day == half.Day && s.Half == half.Half, cancellationToken))
            return;
        write.Db.SessionSignatures.Add(new SessionSignature
        {
            Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), SessionId = session.Id, AttendeeId = attendee.Id, PersonId = attendee.PersonId,
            Day = half.Day, Half = half.Half, Proof = ProofKind.Badge, At = at,
        });
    }
}
