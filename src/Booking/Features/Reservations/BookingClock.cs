using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>
/// What only the passing of time brings to bookings: nobody came and others may have the machine, an offer was not answered, what
/// was waited for is past. It looks often and writes only when there is something to do.
/// </summary>
internal sealed class BookingClock(
    BookingWriter writer, IDbContextFactory<BookingDbContext> readers, WaitOffers offers, TimeProvider time, ILogger<BookingClock> log)
    : RoundWorker(Every.ToTimeSpan(), null, time, log)
{
    public static readonly Duration Every = Duration.FromSeconds(30);

    /// <summary>Those who wait are looked at anew after so long: hours may have been added, a horizon may have come nearer.</summary>
    public static readonly Duration LookAnew = Duration.FromMinutes(5);

    // One that should have been released longer ago than the longest booking is over anyway.
    private static readonly Duration LookBack = BookingSettings.Longest + Duration.FromDays(1);

    private Instant _looked;

    // Whoever comes just when Booking is back has half a minute to tap.
    protected override bool StartsAtOnce => false;

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        if (await IsDueAsync(cancellationToken))
            await writer.WriteAsync(RoundAsync, cancellationToken);
    }

    /// <summary>Whether a round would do anything. Asked of the readers, so that the writer is left alone.</summary>
    internal async Task<bool> IsDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await readers.CreateDbContextAsync(cancellationToken);
        var now = Instant.FromUnixTimeMilliseconds(Time.GetUtcNow().ToUnixTimeMilliseconds());
        return await Unclaimed(db, now).AnyAsync(cancellationToken)
            || await Unanswered(db, now).AnyAsync(cancellationToken)
            || await db.BookingWaits.AnyAsync(w => w.State == WaitState.Waiting && (w.End <= now || _looked + LookAnew <= now), cancellationToken);
    }

    internal async Task RoundAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        await BookingDesk.OneAtATimeAsync(write, cancellationToken);
        await ReleaseAsync(write, cancellationToken);
        await LapseAsync(write, cancellationToken);
        foreach (var wait in await write.Db.BookingWaits.Where(w => w.State == WaitState.Waiting && w.End <= write.Now).ToListAsync(cancellationToken))
        {
            wait.State = WaitState.Over;
            wait.Version++;
        }
        await write.Db.SaveChangesAsync(cancellationToken);
        await offers.OfferAsync(write, null, cancellationToken);
        write.AfterCommit(() => _looked = write.Now);
    }

    /// <summary>Nobody has tapped: the machine is free for others, and it is counted.</summary>
    private static async Task ReleaseAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        foreach (var booking in await Unclaimed(write.Db, write.Now).ToListAsync(cancellationToken))
        {
            booking.NoShowAt = booking.ReleasedAt;
            booking.Version++;
            await BookingDesk.FreeAsync(write.Db, booking.Id, cancellationToken);
            write.Acts.Add(new AuditAct(write.Now, "booking.released") { Subject = booking.Id.Value });
            write.Raise(new BookingEvent(BookingEventKind.Released, booking));
        }
    }

    private static async Task LapseAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        foreach (var offer in await Unanswered(write.Db, write.Now).ToListAsync(cancellationToken))
        {
            if (await write.Db.BookingWaits.SingleOrDefaultAsync(w => w.Offer == offer.Id, cancellationToken) is { } wait)
            {
                wait.Lapsed++;
                wait.Offer = null;
                wait.State = wait.Lapsed >= WaitRules.MostLapses || wait.End <= write.Now ? WaitState.Over : WaitState.Waiting;
                wait.Version++;
            }
            await WaitOffers.LapseAsync(write, offer, null, cancellationToken);
        }
    }

    private static IQueryable<Reservation> Unclaimed(BookingDbContext db, Instant now)
    {
        var oldest = now - LookBack;
        return db.Reservations.Where(r => r.Start > oldest && r.Start <= now && r.ReleasedAt <= now && r.Kind == ReservationKind.Booking
            && r.ClaimedAt == null && r.NoShowAt == null && r.CancelledAt == null);
    }

    private static IQueryable<Reservation> Unanswered(BookingDbContext db, Instant now)
    {
        var oldest = now - LookBack;
        return db.Reservations.Where(r => r.Start > oldest && r.Kind == ReservationKind.Offer && r.HeldUntil <= now && r.CancelledAt == null);
    }
}
