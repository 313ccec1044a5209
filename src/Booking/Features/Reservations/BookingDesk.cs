using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>For whom a booking is, and who asks for it.</summary>
/// <param name="Person">The person; null for a group and for nobody by name.</param>
/// <param name="Group">The group.</param>
/// <param name="Actor">Whether it is asked as the person or as staff.</param>
/// <param name="Waive">The rules set aside.</param>
/// <param name="Why">Why; empty when nothing is set aside.</param>
internal sealed record BookingParty(PersonId? Person, Guid? Group, BookingActor Actor, ValueList<BookingReason> Waive, string Why)
{
    /// <summary>The key of the group, as hours name it.</summary>
    public string? GroupKey => Group?.ToString("D");
}

/// <summary>What booking, moving, series and the waiting list have in common: who may, the decision with its facts, the places that are taken.</summary>
internal sealed class BookingDesk(BookingFactsReader reader)
{
    // How far a refusal looks for the next free time, nearest first: most often it is soon.
    private static readonly Duration[] LookAhead = [Duration.FromDays(7), Duration.FromDays(35)];

    private static readonly ValueList<BookingReason> Everything = [.. BookingReasons.All.Where(reason => reason.CanBeWaived())];

    public BookingFactsReader Reader => reader;

    /// <summary>Who books for whom. Rights are asked here and nowhere else.</summary>
    public static async Task<Outcome<BookingParty>> PartyAsync(
        BookingDbContext db, StaffActor by, PersonId? person, Guid? group, bool block, IReadOnlyList<string>? waive, string? why, CancellationToken cancellationToken)
    {
        var all = by.Reach(Right.Book) == Reach.All;
        if (block && !all)
            return Refusal.NotAllowed;
        if ((person is not null ? 1 : 0) + (group is not null ? 1 : 0) + (block ? 1 : 0) > 1)
            return Refusal.BadValue("person", "It is for a person, for a group, or for nobody: say one.");
        if (Reasons(waive, all) is { Refusal: { } not })
            return not;
        var reasons = Reasons(waive, all).Value;
        var words = "";
        if (reasons.Count > 0 || block)
        {
            if (Text.Required(why, Reservation.MaxWhy) is not { } said)
                return Refusal.BadValue("why", $"Say why, in 1 to {Reservation.MaxWhy} characters.");
            words = said;
        }
        if (block)
            return new BookingParty(null, null, BookingActor.Staff, Everything, words);
        if (group is { } id)
        {
            if (!await db.PersonGroups.AnyAsync(g => g.Id == id && !g.Closed, cancellationToken))
                return Refusal.NotFound("group");
            return all || await LooksAfterAsync(db, by, id, cancellationToken)
                ? new BookingParty(null, id, all ? BookingActor.Staff : BookingActor.Self, reasons, words)
                : Refusal.NotAllowed;
        }
        var whom = person ?? by.Id;
        if (!all && !await MayForAsync(db, by, whom, cancellationToken))
            return Refusal.NotAllowed;
        return new BookingParty(whom, null, all && (whom != by.Id || reasons.Count > 0) ? BookingActor.Staff : BookingActor.Self, reasons, words);
    }

    /// <summary>Whether somebody may change a booking: their own, one of their groups', or any with the right for all.</summary>
    public static async Task<bool> MayKeepAsync(BookingDbContext db, StaffActor by, Reservation booking, CancellationToken cancellationToken)
    {
        if (by.Reach(Right.Book) == Reach.All)
            return true;
        return booking switch
        {
            { PersonId: { } person } => await MayForAsync(db, by, person, cancellationToken),
            { GroupId: { } group } => await LooksAfterAsync(db, by, group, cancellationToken),
            _ => false,
        };
    }

    /// <summary>As whom somebody changes a booking: as staff where it is not their own.</summary>
    public static BookingActor ActorFor(StaffActor by, Reservation booking, int waived) =>
        by.Reach(Right.Book) == Reach.All && (booking.PersonId != by.Id || waived > 0) ? BookingActor.Staff : BookingActor.Self;

    /// <summary>The rules to set aside, by their codes. Only staff may.</summary>
    public static Outcome<ValueList<BookingReason>> Reasons(IReadOnlyList<string>? codes, bool all)
    {
        if (codes is null or { Count: 0 })
            return (ValueList<BookingReason>)[];
        if (!all)
            return Refusal.NotAllowed;
        var reasons = new List<BookingReason>();
        foreach (var code in codes)
        {
            if (BookingReasons.FromCode(code) is not { } reason || !reason.CanBeWaived())
                return Refusal.BadValue("waive", "One of these is no rule that can be set aside.");
            reasons.Add(reason);
        }
        return (ValueList<BookingReason>)[.. reasons.Distinct()];
    }

    /// <summary>
    /// Until the commit no other copy of Booking decides about bookings: what this one has read still holds when it writes. On SQLite
    /// there is only one copy. It is the lock that saving a booking takes anyway, so two copies never wait for each other.
    /// </summary>
    public static async Task OneAtATimeAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        if (write.Db.BookingsHeld || !write.Db.Database.IsNpgsql())
            return;
        if (write.Db.PolicyRevision is null)
            await PolicyMarking.LockRevisionAsync(write.Db, 0, cancellationToken);
        write.Db.BookingsHeld = true;
    }

    /// <summary>The machines a wish is about; a refusal when there are none.</summary>
    public static Outcome<IReadOnlyList<MachineId>> Machines(BookingSettings settings, MachineId? machine, PoolId? pool) => (machine, pool) switch
    {
        ({ } one, null) => new List<MachineId> { one },
        (null, { } id) => settings.Pools.TryGetValue(id, out var known) ? Outcome.Of(known.Machines) : Refusal.NotFound("pool"),
        _ => Refusal.BadValue("machine", "Name a machine or a pool."),
    };

    /// <summary>Decides, with facts no larger than the decision needs.</summary>
    public Task<BookingDecision> DecideAsync(
        BookingDbContext db, Instant now, IReadOnlyList<MachineId> machines, BookingWish wish, PersonId? person, CancellationToken cancellationToken) =>
        DecideAsync(db, now, machines, wish, person, taken: false, cancellationToken);

    /// <summary>The same, where it may be known before that the time is taken.</summary>
    /// <param name="db">Where to read; within a write, its own context.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="machines">The machine, or those of a pool.</param>
    /// <param name="wish">What is wished.</param>
    /// <param name="person">For whom; null for a group and for nobody by name.</param>
    /// <param name="taken">Whether it is known to be refused because the time is taken: then the next free time is looked for at once.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<BookingDecision> DecideAsync(
        BookingDbContext db, Instant now, IReadOnlyList<MachineId> machines, BookingWish wish, PersonId? person, bool taken, CancellationToken cancellationToken)
    {
        var sane = wish.Start == BookingFactsReader.Sane(wish.Start) && wish.End - wish.Start <= LookAhead[0];
        Interval? reach = taken && sane ? Ahead(LookAhead[0]) : null;
        var facts = await reader.ManyAsync(db, machines, new FactsQuestion { Now = now, Wish = wish, Person = person, Reach = reach }, cancellationToken);
        var members = facts.Select(Lean).ToArray();
        var decision = Ask(members);
        foreach (var ahead in reach is null ? LookAhead : LookAhead[1..])
        {
            if (decision is not BookingDecision.Refused { Detail.NextFree: null } refused || !IsAboutTime(refused.Reason))
                break;
            for (var place = 0; place < members.Length; place++)
                members[place] = await reader.WidenAsync(db, members[place], Ahead(ahead), cancellationToken);
            decision = Ask(members);
        }
        return decision;

        Interval Ahead(Duration far)
        {
            var from = Instant.Max(now, wish.Start) - Duration.FromDays(1);
            return new Interval(from, Instant.Max(from + far, wish.End + Duration.FromDays(1)));
        }
    }

    private static BookingDecision Ask(BookingFacts[] members) => members.Length == 1 ? BookingRules.Decide(members[0]) : PoolRules.Decide(members);

    private static bool IsAboutTime(BookingReason reason) => reason is
        BookingReason.OutsideHours or BookingReason.StaffTime or BookingReason.GroupTime or BookingReason.OpenLabTime or BookingReason.Blocked
        or BookingReason.BookingOverlap or BookingReason.SetUpTime or BookingReason.PoolFull;

    /// <summary>Without the quotas and other bookings that cannot matter: this is stored with every booking.</summary>
    public static BookingFacts Lean(BookingFacts facts)
    {
        if (facts is not { Person: { } person, Machine: { } machine } || facts.Wish.End <= facts.Wish.Start)
            return facts;
        var wish = facts.Wish;
        ValueList<BookingQuota> quotas = [.. facts.Quotas.Where(quota => quota.IsFor(person.Id, person.Plan) && quota.Counts(machine.Id, machine.Class))];
        var zone = LocalClock.Find(facts.Zone) ?? DateTimeZone.Utc;
        // Quotas of the longest period reach farthest; weeks reach over the ends of months.
        var from = quotas.Select(quota => QuotaRules.PeriodAround(quota.Period, BookingFactsReader.Sane(wish.Start), zone).Start).DefaultIfEmpty(wish.Start).Min();
        var until = quotas.Select(quota => QuotaRules.PeriodAround(quota.Period, BookingFactsReader.Sane(wish.End), zone).End).DefaultIfEmpty(wish.End).Max();
        return facts with
        {
            Quotas = quotas,
            Own =
            [
                .. facts.Own.Where(own =>
                    (own.State == OwnBookingState.Active && ((own.Start < wish.End && wish.Start < own.End) || facts.Terms.MaxUpcoming is not null))
                    || (quotas.Count > 0 && own.Start < until && from < own.End)),
            ],
        };
    }

    /// <summary>Only what lies near the wish, for facts that were read over a long time.</summary>
    public static BookingFacts Near(BookingFacts facts)
    {
        var (from, until) = (facts.Wish.Start - Duration.FromDays(1), facts.Wish.End + Duration.FromDays(1));
        return Lean(facts) with
        {
            Hours = [.. facts.Hours.Where(period => period.Start < until && from < period.End)],
            Busy = [.. facts.Busy.Where(busy => busy.Start < until && from < busy.End)],
        };
    }

    /// <summary>What is stored with a booking; from its facts the same answer follows again.</summary>
    public static string Write(BookingDecision decision) => JsonSerializer.Serialize(decision, CoreJson.Options);

    /// <summary>A refusal of Core as an answer: the same code, words and next step on every page and in the API.</summary>
    public static Refusal ToRefusal(BookingDecision.Refused refused)
    {
        if (refused.Facts.Access is AccessDecision.Denied { Facts: { Machine: not null, Person: null } })
            return Refusal.NotFound("person");
        return new Refusal(refused.Code, Status(refused.Reason), refused.Sentence.En, Field(refused.Reason))
        {
            Sentence = refused.Sentence, NextStep = refused.NextStep, NextFree = refused.Detail.NextFree,
        };
    }

    private static int Status(BookingReason reason) => reason switch
    {
        BookingReason.NoDuration or BookingReason.BeyondLimit or BookingReason.TooManyPlaces => 400,
        BookingReason.MachineUnknown => 404,
        BookingReason.NotYours => 403,
        _ => 409,
    };

    private static string? Field(BookingReason reason) => reason switch
    {
        BookingReason.NoDuration or BookingReason.BeyondLimit or BookingReason.TooShort or BookingReason.TooLong => "end",
        BookingReason.InThePast or BookingReason.NoticeTooShort or BookingReason.TooFarAhead or BookingReason.OffStep => "start",
        BookingReason.TooManyPlaces => "places",
        BookingReason.MachineUnknown => "machine",
        _ => null,
    };

    /// <summary>The project a booking is meant for, when it is one that the person may count time for.</summary>
    public static async Task<Refusal?> ProjectAsync(BookingDbContext db, ProjectId? project, PersonId? person, CancellationToken cancellationToken)
    {
        if (project is not { } id)
            return null;
        return await db.Projects.AnyAsync(p => p.Id == id && !p.Closed && (p.Members.Count == 0 || person == null || p.Members.Any(m => m.PersonId == person)), cancellationToken)
            ? null
            : Refusal.NotFound("project");
    }

    public static Task FreeAsync(BookingDbContext db, BookingId booking, CancellationToken cancellationToken) =>
        db.BookingSlots.Where(slot => slot.BookingId == booking && slot.Live).ExecuteUpdateAsync(set => set.SetProperty(slot => slot.Live, false), cancellationToken);

    private static async Task<bool> MayForAsync(BookingDbContext db, StaffActor by, PersonId person, CancellationToken cancellationToken) =>
        // Oneself is by far the most frequent, and asks the database nothing.
        by.Has(Right.BookOwn) && (person == by.Id || await db.MayAsync(by, Right.BookOwn, person, cancellationToken));

    private static async Task<bool> LooksAfterAsync(BookingDbContext db, StaffActor by, Guid group, CancellationToken cancellationToken) =>
        by.Has(Right.BookOwn)
        && await db.GroupPlaces.AnyAsync(place => place.GroupId == group && place.PersonId == by.Id && place.Part == GroupPart.LooksAfter, cancellationToken);
}
