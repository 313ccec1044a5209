using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Looks at a series, books it, cancels what is left of it.</summary>
internal sealed class BookSeries(BookingWriter writer, IDbContextFactory<BookingDbContext> readers, BookingDesk desk, CancelBooking cancelling, TimeProvider time)
{
    /// <summary>What could be booked now; nothing is.</summary>
    /// <param name="request">The series.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<Outcome<SeriesAnswer>> PreviewAsync(NewSeries request, StaffActor by, CancellationToken cancellationToken)
    {
        await using var db = await readers.CreateDbContextAsync(cancellationToken);
        var now = Instant.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var planned = await PlanAsync(db, now, request, by, cancellationToken);
        return planned.Refusal is { } no ? no : new SeriesAnswer(null, Times(planned.Value.Plan, []));
    }

    /// <summary>Books a series: all of it, or all but what cannot be had.</summary>
    /// <param name="request">The series.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<SeriesAnswer>> BookAsync(NewSeries request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SeriesAnswer>(
            async (write, cancel) =>
            {
                await BookingDesk.OneAtATimeAsync(write, cancel);
                var planned = await PlanAsync(write.Db, write.Now, request, by, cancel);
                if (planned.Refusal is { } no)
                    return no;
                var (party, plan) = planned.Value;
                if (plan.Refused.Count > 0 && (!request.AllButConflicts || plan.Accepted.Count == 0))
                    return Conflicts(plan);
                if (await BookingDesk.ProjectAsync(write.Db, request.Project, party.Person, cancel) is { } unknown)
                    return unknown;
                var settings = await desk.Reader.SettingsAsync(write.Db, cancel);
                var series = new SeriesRow { Id = SeriesId.New(write.Now), Rule = request.Rule, CreatedAt = write.Now, MadeBy = by.Id };
                write.Db.BookingSeries.Add(series);
                var words = new BookMachine.Words(request.Pool, series.Id, request.Project, request.Note, request.Block);
                var made = new Dictionary<BookingDecision.Accepted, Reservation>(ReferenceEqualityComparer.Instance);
                foreach (var accepted in plan.Accepted)
                {
                    // The facts reached over the whole series; a booking keeps those around it. The answer is the same.
                    var near = BookingRules.Decide(BookingDesk.Near(accepted.Facts)) as BookingDecision.Accepted ?? accepted;
                    // Places are looked for in the database.
                    await write.Db.SaveChangesAsync(cancel);
                    made[accepted] = await BookMachine.MakeAsync(write, settings, near, party, words, by, cancel);
                }
                write.Audit(by.Id, "booking.series_made", series.Id.Value);
                return new SeriesAnswer(series.Id, Times(plan, made));
            },
            cancellationToken);

    /// <summary>Cancels those that have not begun and may be cancelled.</summary>
    /// <param name="id">The series.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<SeriesAnswer>> CancelAsync(SeriesId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SeriesAnswer>(
            async (write, cancel) =>
            {
                await BookingDesk.OneAtATimeAsync(write, cancel);
                var bookings = await write.Db.Reservations
                    .Where(r => r.SeriesId == id && r.Start > write.Now && r.CancelledAt == null && r.Kind != ReservationKind.Offer)
                    .OrderBy(r => r.Start).ToListAsync(cancel);
                if (bookings.Count == 0)
                    return await NothingLeftAsync(write.Db, id, by, cancel);
                var times = new List<SeriesTime>();
                foreach (var booking in bookings)
                {
                    var may = await BookingDesk.MayKeepAsync(write.Db, by, booking, cancel);
                    var decision = CancellationRules.Decide(await cancelling.FactsAsync(write, booking, by, may, cancel));
                    if (decision.Refused is { Reason: BookingReason.NotYours } foreign)
                        return BookingDesk.ToRefusal(foreign);
                    if (decision.Refused is null)
                        await CancelBooking.ApplyAsync(write, booking, decision.Late, null, by, cancel);
                    times.Add(new SeriesTime(
                        booking.Start, booking.End, booking.MachineId, booking.Id, decision.Refused?.Code, decision.Refused?.Sentence, decision.Refused?.NextStep));
                }
                write.Audit(by.Id, "booking.series_cancelled", id.Value);
                return new SeriesAnswer(id, times);
            },
            cancellationToken);

    /// <summary>Over or cancelled before, for whom it belongs to; for others there is none.</summary>
    private static async Task<Refusal> NothingLeftAsync(BookingDbContext db, SeriesId id, StaffActor by, CancellationToken cancel) =>
        await db.Reservations.FirstOrDefaultAsync(r => r.SeriesId == id, cancel) is { } one && await BookingDesk.MayKeepAsync(db, by, one, cancel)
            ? Refusal.Conflict("series_over", "Nothing of this series is still to come.")
            : Refusal.NotFound("series");

    private async Task<Outcome<(BookingParty Party, SeriesPlan Plan)>> PlanAsync(
        BookingDbContext db, Instant now, NewSeries request, StaffActor by, CancellationToken cancel)
    {
        if (request.Rule is null)
            return Refusal.BadValue("rule", "Say when it comes back.");
        var asked = await BookingDesk.PartyAsync(db, by, request.Person, request.Group, request.Block, request.Waive, request.Why, cancel);
        if (asked.Refusal is { } no)
            return no;
        var party = asked.Value;
        var settings = await desk.Reader.SettingsAsync(db, cancel);
        var machines = BookingDesk.Machines(settings, request.Machine, request.Pool);
        if (machines.Refusal is { } none)
            return none;
        // JSON may say null where Core never does.
        request = request with { Rule = request.Rule with { Except = request.Rule.Except ?? [] } };
        if (SeriesRules.Check(request.Rule, settings.Zone) is { } fault)
            return new Refusal(fault.Code, 400, fault.Sentence.En, "rule") { Sentence = fault.Sentence, NextStep = fault.NextStep };

        var times = SeriesRules.Expand(request.Rule, settings.Zone).Select(one => one.Time).ToList();
        var places = request.Places ?? (request.Block && settings.Resources.TryGetValue(machines.Value[0], out var resource) ? resource.Terms.Capacity : 1);
        var wish = new BookingWish(times[0].Start, times[0].End) { Places = places, Actor = party.Actor, Group = party.GroupKey, Waive = party.Waive };
        // What lies beyond what anything is planned for is refused without looking at its hours.
        var from = Instant.Max(times[0].Start, now - Duration.FromDays(2)) - Duration.FromDays(1);
        var until = Instant.Max(from, Instant.Min(times[^1].End, now + BookingRules.FurthestAhead)) + Duration.FromDays(1);
        var facts = await desk.Reader.ManyAsync(
            db, machines.Value, new FactsQuestion { Now = now, Wish = wish, Person = party.Person, Reach = new Interval(from, until) }, cancel);
        if (facts.Any(one => one.Machine is null))
            return Refusal.NotFound("machine");
        var access = await desk.Reader.AccessAsync(db, machines.Value, party.Person, now, cancel);
        return (party, SeriesRules.Plan(request.Rule, facts, (one, start) => access(one.Machine!.Id, start)));
    }

    private static Refusal Conflicts(SeriesPlan plan)
    {
        var first = plan.Refused[0];
        if (plan.Accepted.Count == 0)
            return BookingDesk.ToRefusal(first) with { NextFree = null };
        var (count, all) = (plan.Refused.Count, plan.Refused.Count + plan.Accepted.Count);
        Words sentence = new(
            $"{count} fois sur {all}, ce n'est pas possible. La première : {first.Sentence.Fr}", $"{count} of {all} times cannot be had. The first: {first.Sentence.En}");
        return new Refusal("series_conflicts", 409, sentence.En)
        {
            Sentence = sentence,
            NextStep = new("Réservez les autres, ou changez la répétition.", "Book the others, or change the series."),
        };
    }

    private static List<SeriesTime> Times(SeriesPlan plan, Dictionary<BookingDecision.Accepted, Reservation> made) =>
    [
        .. plan.Accepted.Select(yes => new SeriesTime(
                yes.Facts.Wish.Start, yes.Facts.Wish.End, yes.Facts.Machine!.Id, made.TryGetValue(yes, out var booking) ? booking.Id : null))
            .Concat(plan.Refused.Select(no => new SeriesTime(no.Facts.Wish.Start, no.Facts.Wish.End, null, null, no.Code, no.Sentence, no.NextStep)))
            .OrderBy(one => one.Start),
    ];
}
