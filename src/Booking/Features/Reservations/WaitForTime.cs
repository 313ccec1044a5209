using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>The waiting list: joining, leaving, answering an offer.</summary>
internal sealed class WaitForTime(BookingWriter writer, BookingDesk desk, WaitOffers offers)
{
    /// <summary>How many times one person can wait for at once.</summary>
    public const int Most = 20;

    /// <summary>Takes a place on the waiting list. When the time is free already, it is offered at once.</summary>
    /// <param name="request">What is waited for.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<Waiting>> JoinAsync(NewWait request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Waiting>(
            async (write, cancel) =>
            {
                var asked = await BookingDesk.PartyAsync(write.Db, by, request.Person, null, false, null, null, cancel);
                if (asked.Refusal is { } no)
                    return no;
                var person = asked.Value.Person!.Value;
                await BookingDesk.OneAtATimeAsync(write, cancel);
                var settings = await desk.Reader.SettingsAsync(write.Db, cancel);
                var machines = BookingDesk.Machines(settings, request.Machine, request.Pool);
                if (machines.Refusal is { } none)
                    return none;
                if (machines.Value.All(machine => !settings.Resources.ContainsKey(machine)))
                    return Refusal.NotFound("machine");
                if (!await write.Db.People.AnyAsync(p => p.Id == person && p.Active, cancel))
                    return Refusal.NotFound("person");
                if (request.End <= request.Start || request.End <= write.Now || request.End - request.Start > BookingSettings.Longest || request.End > write.Now + BookingRules.FurthestAhead)
                    return Refusal.BadValue("end", "Wait for a time that lies ahead, over at most 31 days.");
                if (request.Length <= Duration.Zero || request.Length > request.End - Instant.Max(request.Start, write.Now))
                    return Refusal.BadValue("length", "It must fit into the time that would suit.");
                if (await write.Db.BookingWaits.CountAsync(w => w.PersonId == person && (w.State == WaitState.Waiting || w.State == WaitState.Offered), cancel) >= Most)
                    return Refusal.Conflict("too_many_waits", $"One waits for at most {Most} times at once.");
                var wait = new WaitRow
                {
                    Id = WaitId.New(write.Now), MachineId = request.Machine, PoolId = request.Pool, PersonId = person,
                    Start = request.Start, End = request.End, Length = request.Length, CreatedAt = write.Now,
                };
                write.Db.BookingWaits.Add(wait);
                write.Audit(by.Id, "booking.wait_joined", wait.Id.Value);
                await write.Db.SaveChangesAsync(cancel);
                await offers.OfferAsync(write, null, cancel);
                return await AnswerAsync(write, wait, cancel);
            },
            cancellationToken);

    /// <summary>Leaves the waiting list; an offer goes to the next.</summary>
    /// <param name="id">The place.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<Waiting>> LeaveAsync(WaitId id, StaffActor by, CancellationToken cancellationToken) => ChangeAsync(id, by, LeaveAsync, cancellationToken);

    /// <summary>Takes the offer, which becomes a booking; or lets it go to the next, and leaves the list.</summary>
    /// <param name="id">The place.</param>
    /// <param name="take">Whether to take it.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<Waiting>> AnswerAsync(WaitId id, bool take, StaffActor by, CancellationToken cancellationToken) =>
        ChangeAsync(id, by, take ? TakeAsync : LeaveAsync, cancellationToken);

    private Task<Outcome<Waiting>> ChangeAsync(
        WaitId id, StaffActor by, Func<BookingWrite, WaitRow, StaffActor, CancellationToken, Task<Outcome<Waiting>>> change, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Waiting>(
            async (write, cancel) =>
            {
                await BookingDesk.OneAtATimeAsync(write, cancel);
                if (await write.Db.BookingWaits.SingleOrDefaultAsync(w => w.Id == id, cancel) is not { } wait)
                    return Refusal.NotFound("wait");
                if (wait.PersonId != by.Id && !await write.Db.MayAsync(by, Right.BookOwn, wait.PersonId, cancel))
                    return Refusal.NotFound("wait");
                return await change(write, wait, by, cancel);
            },
            cancellationToken);

    private async Task<Outcome<Waiting>> LeaveAsync(BookingWrite write, WaitRow wait, StaffActor by, CancellationToken cancel)
    {
        if (wait.State is WaitState.Waiting or WaitState.Offered)
        {
            var offer = await OfferOfAsync(write, wait, cancel);
            (wait.State, wait.Offer) = (WaitState.Left, null);
            wait.Version++;
            write.Audit(by.Id, "booking.wait_left", wait.Id.Value);
            if (offer is not null)
                await WaitOffers.LapseAsync(write, offer, by.Id, cancel);
        }
        return await AnswerAsync(write, wait, cancel);
    }

    private async Task<Outcome<Waiting>> TakeAsync(BookingWrite write, WaitRow wait, StaffActor by, CancellationToken cancel)
    {
        if (wait.State == WaitState.Taken)
            return await AnswerAsync(write, wait, cancel);
        if (wait.State != WaitState.Offered || await OfferOfAsync(write, wait, cancel) is not { } offer || offer.HeldUntil <= write.Now)
        {
            return Refusal.Conflict("offer_over", "The offer is over.") with
            {
                Sentence = new("Cette proposition n'est plus valable.", "This offer is over."),
                NextStep = new("Cherchez un autre moment, ou attendez le prochain.", "Look for another time, or wait for the next."),
            };
        }
        // Its own place in the way is given up for it. What it was offered by was asked a moment ago; what may have changed since is asked again.
        var wish = new BookingWish(offer.Start, offer.End) { Places = offer.Places, Before = new BookingBefore(offer.Id, offer.Start, offer.End, true) };
        if (await desk.DecideAsync(write.Db, write.Now, [offer.MachineId], wish, wait.PersonId, cancel) is not BookingDecision.Accepted accepted)
            return BookingDesk.ToRefusal((BookingDecision.Refused)await desk.DecideAsync(write.Db, write.Now, [offer.MachineId], wish, wait.PersonId, cancel));
        offer.Kind = ReservationKind.Booking;
        offer.MadeBy = by.Id;
        offer.HeldUntil = null;
        // An offer may begin at once; whoever takes it has the same time to come as from a start that lies ahead.
        offer.ReleasedAt = accepted.ReleaseAt ?? NoShowRules.ReleaseAt(Instant.Max(offer.Start, write.Now), offer.End, accepted.Facts.Terms.NoShow);
        offer.Decision = BookingDesk.Write(accepted);
        offer.Version++;
        wait.State = WaitState.Taken;
        wait.Version++;
        write.Audit(by.Id, "booking.made", offer.Id.Value);
        write.Raise(new BookingEvent(BookingEventKind.Made, offer, by.Id));
        return new Waiting(wait.Id, wait.State, BookMachine.Answer(offer, accepted));
    }

    private static async Task<Outcome<Waiting>> AnswerAsync(BookingWrite write, WaitRow wait, CancellationToken cancel)
    {
        var offer = await OfferOfAsync(write, wait, cancel);
        return new Waiting(
            wait.Id, wait.State, offer is null ? null : new Reserved(offer.Id, offer.MachineId, offer.Start, offer.End, offer.Version, false, offer.ReleasedAt), offer?.HeldUntil);
    }

    private static async Task<Reservation?> OfferOfAsync(BookingWrite write, WaitRow wait, CancellationToken cancel) =>
        wait.Offer is { } id ? await write.Db.Reservations.SingleOrDefaultAsync(r => r.Id == id && r.CancelledAt == null, cancel) : null;
}
