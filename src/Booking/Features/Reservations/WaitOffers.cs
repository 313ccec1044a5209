using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>
/// Offers time that has become free to the first of the waiting list whose wish fits. The offer is a row that keeps the machine like
/// a booking, so nobody else gets it while it is held.
/// </summary>
internal sealed class WaitOffers(BookingDesk desk) : IBookingEventSink
{
    // More are looked at in the next round.
    private const int AtOnce = 200;

    /// <inheritdoc/>
    public async Task OnAsync(BookingWrite write, BookingEvent told, CancellationToken cancellationToken)
    {
        if (told.Kind is not (BookingEventKind.Cancelled or BookingEventKind.Moved or BookingEventKind.Released or BookingEventKind.OfferLapsed))
            return;
        // What the handler has changed is looked at in the database.
        await write.Db.SaveChangesAsync(cancellationToken);
        await OfferAsync(write, told.MachineBefore ?? told.Booking.MachineId, cancellationToken);
    }

    /// <summary>Makes the offers that can be made now.</summary>
    /// <param name="write">The write.</param>
    /// <param name="freed">The machine of which time became free; null to look at all who wait.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>How many were made.</returns>
    public async Task<int> OfferAsync(BookingWrite write, MachineId? freed, CancellationToken cancellationToken)
    {
        var waits = await write.Db.BookingWaits.Where(wait => wait.State == WaitState.Waiting && wait.End > write.Now)
            .OrderBy(wait => wait.Lapsed).ThenBy(wait => wait.CreatedAt).ThenBy(wait => wait.Id).Take(AtOnce).ToListAsync(cancellationToken);
        if (waits.Count == 0)
            return 0;
        var settings = await desk.Reader.SettingsAsync(write.Db, cancellationToken);
        // A room that is free frees what stands in it, and the other way round.
        HashSet<MachineId>? near = freed is { } machine
            ? [machine, .. settings.In(machine).Select(one => one.Id), .. settings.Resources.TryGetValue(machine, out var resource) && resource.Room is { } room ? new[] { room } : []]
            : null;
        var offers = 0;
        foreach (var wait in waits)
        {
            var machines = BookingDesk.Machines(settings, wait.MachineId, wait.PoolId);
            if (!machines.Done || (near is not null && !machines.Value.Any(near.Contains)))
                continue;
            if (await FirstFitAsync(write, machines.Value, wait, cancellationToken) is not { } accepted)
                continue;
            await HoldAsync(write, settings, wait, accepted, cancellationToken);
            offers++;
        }
        return offers;
    }

    /// <summary>The earliest time that one who waits could have now.</summary>
    public async Task<BookingDecision.Accepted?> FirstFitAsync(BookingWrite write, IReadOnlyList<MachineId> machines, WaitRow wait, CancellationToken cancellationToken)
    {
        var window = new Interval(Instant.Max(wait.Start, write.Now), wait.End);
        if (window.Duration < wait.Length)
            return null;
        var question = new FactsQuestion
        {
            Now = write.Now, Wish = new BookingWish(window.Start, window.Start + wait.Length), Person = wait.PersonId,
            Reach = new Interval(window.Start - Duration.FromDays(1), window.End + Duration.FromDays(1)),
        };
        var facts = await desk.Reader.ManyAsync(write.Db, machines, question, cancellationToken);
        var access = await desk.Reader.AccessAsync(write.Db, machines, wait.PersonId, write.Now, cancellationToken);
        return facts.Where(one => one.Machine is not null)
            .Select(one => WaitRules.FirstFit(one, window, wait.Length, start => access(one.Machine!.Id, start)))
            .OfType<BookingDecision.Accepted>().MinBy(accepted => accepted.Facts.Wish.Start);
    }

    private static async Task HoldAsync(BookingWrite write, BookingSettings settings, WaitRow wait, BookingDecision.Accepted accepted, CancellationToken cancellationToken)
    {
        var wish = accepted.Facts.Wish;
        var offer = new Reservation
        {
            Id = BookingId.New(write.Now),
            Kind = ReservationKind.Offer,
            MachineId = accepted.Facts.Machine!.Id,
            PersonId = wait.PersonId,
            Places = wish.Places,
            Start = wish.Start,
            End = wish.End,
            PoolId = wait.PoolId,
            CreatedAt = write.Now,
            HeldUntil = Instant.Min(write.Now + WaitRules.Hold, wish.End),
            Decision = BookingDesk.Write(BookingRules.Decide(BookingDesk.Near(accepted.Facts))),
        };
        write.Db.Reservations.Add(offer);
        await BookingPlaces.TakeAsync(write.Db, settings, offer, cancellationToken);
        (wait.State, wait.Offer) = (WaitState.Offered, offer.Id);
        wait.Version++;
        // The next who waits must not get the same time.
        await write.Db.SaveChangesAsync(cancellationToken);
        write.Acts.Add(new AuditAct(write.Now, "booking.offered") { Subject = offer.Id.Value });
        write.Raise(new BookingEvent(BookingEventKind.Offered, offer));
    }

    /// <summary>Ends an offer that was not taken; the time goes to the next who waits.</summary>
    public static async Task LapseAsync(BookingWrite write, Reservation offer, PersonId? by, CancellationToken cancellationToken)
    {
        (offer.CancelledAt, offer.CancelledBy) = (write.Now, by);
        offer.Version++;
        await BookingDesk.FreeAsync(write.Db, offer.Id, cancellationToken);
        write.Acts.Add(new AuditAct(write.Now, "booking.offer_lapsed") { By = by, Subject = offer.Id.Value });
        write.Raise(new BookingEvent(BookingEventKind.OfferLapsed, offer, by));
    }
}
