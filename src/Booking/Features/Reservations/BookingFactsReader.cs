using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.People;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Whose booking is asked about, what is wished, and how far to look.</summary>
public sealed record FactsQuestion
{
    /// <summary>The present instant.</summary>
    public required Instant Now { get; init; }

    /// <summary>What is wished. For free times only the places count; who may use the machine is asked at its start.</summary>
    public required BookingWish Wish { get; init; }

    /// <summary>For whom; null when it is for a group or for nobody by name.</summary>
    public PersonId? Person { get; init; }

    /// <summary>Over which time hours and bookings are read; null = the day before and the day after the wish, which is enough to decide.</summary>
    public Interval? Reach { get; init; }
}

/// <summary>
/// Gathers what Core decides bookings from: hours, terms, what is taken, the person's other bookings, quotas, no-shows, and the
/// answer of the access rules at the booking's start. It only reads, and asks few questions whatever the number of machines.
/// </summary>
/// <param name="cache">The settings.</param>
internal sealed class BookingFactsReader(BookingSettingsCache cache)
{
    private static readonly Duration Around = Duration.FromDays(1);

    // Up to so many machines it is quicker to ask for one after the other.
    private const int Few = 20;

    // From Core's policy of no-shows at most: sixty days counted and thirty of pause; terms may ask for more.
    private static readonly Duration NoShowsBack = Duration.FromDays(400);

    // What a rule about a person says, see Person.ToRule.
    private const string OnePerson =
        "SELECT short_code, active, member_through, is_adult, birth_date, default_project, may_accompany, minors_limit, plan FROM person WHERE id = $1";

    private const string OwnOf = """
        SELECT id, machine_id, starts_at, ends_at, created_at, cancelled_at IS NOT NULL, no_show_at, waived_by IS NOT NULL
        FROM reservation WHERE person_id = $1 AND kind = 0 AND (ends_at > $2 OR no_show_at > $3) AND (cancelled_at IS NULL OR cancelled_late)
        """;

    // On one place nothing overlaps: only the last that starts before can reach into it, and from there on every one is needed.
    // Places it no longer has may still be taken. That a slot is live is compared with a value: SQLite looks into its index for nothing
    // else, and PostgreSQL would look for the rare places into the index that guards against overlaps, which takes twenty times as long.
    private const string OfOnePlace = """
        SELECT s.place, s.ends_at, r.id, r.machine_id, r.kind, r.starts_at, r.ends_at, r.pool_id IS NOT NULL, r.claimed_at
        FROM (
            SELECT booking_id, place, ends_at FROM booking_slot
            WHERE machine_id = $1 AND place = 0 AND live = $4 AND starts_at < $3 AND ends_at > $2
                AND starts_at >= coalesce((SELECT max(starts_at) FROM booking_slot WHERE machine_id = $1 AND place = 0 AND live = $4 AND starts_at <= $2), $2)
            UNION ALL
            SELECT booking_id, place, ends_at FROM booking_slot WHERE machine_id = $1 AND place > 0 AND live = $4 AND starts_at < $3 AND ends_at > $2) s
        JOIN reservation r ON r.id = s.booking_id
        """;

    // The one that starts last before the end is the only one that can reach into it.
    private const string LastBefore =
        "SELECT ends_at FROM booking_slot WHERE machine_id = $1 AND place = 0 AND live = $3 AND starts_at < $2 ORDER BY starts_at DESC LIMIT 1";

    /// <summary>Whether the only place of a machine is taken within a time. For a machine with more places no.</summary>
    public async Task<bool> IsTakenAsync(BookingDbContext db, MachineId machine, Instant start, Instant end, CancellationToken cancellationToken)
    {
        if (!(await cache.GetAsync(db, cancellationToken)).Resources.TryGetValue(machine, out var resource) || resource.Terms.Capacity != 1 || start >= end)
            return false;
        var taken = Instant.MinValue;
        await db.AskAsync(cancellationToken, new PlainQuestion(LastBefore, row => taken = row.InstantAt(0), machine.Value, end.ToUnixTimeMilliseconds(), true));
        return taken > start;
    }

    /// <summary>Hours, terms, quotas, pools and machines as they are now.</summary>
    public ValueTask<BookingSettings> SettingsAsync(BookingDbContext db, CancellationToken cancellationToken) => cache.GetAsync(db, cancellationToken);

    /// <summary>What the rules and quotas ask of a person; null for nobody known.</summary>
    internal static async Task<Person?> PersonAsync(BookingDbContext db, PersonId id, CancellationToken cancellationToken)
    {
        Person? found = null;
        await db.AskAsync(cancellationToken, ThePerson(id, person => found = person));
        return found;
    }

    /// <summary>The facts for one machine. For one that is not there, facts that say so.</summary>
    public async Task<BookingFacts> OneAsync(BookingDbContext db, MachineId machine, FactsQuestion question, CancellationToken cancellationToken) =>
        (await ManyAsync(db, [machine], question, cancellationToken))[0];

    /// <summary>The facts for many machines at once, in their order.</summary>
    /// <param name="db">Where to read; within a write, its own context.</param>
    /// <param name="machines">The machines.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyList<BookingFacts>> ManyAsync(
        BookingDbContext db, IReadOnlyList<MachineId> machines, FactsQuestion question, CancellationToken cancellationToken)
    {
        var settings = await cache.GetAsync(db, cancellationToken);
        var wish = question.Wish;
        var reach = question.Reach ?? Near(wish);
        // All of it is asked at once.
        var questions = new List<PlainQuestion>();
        var person = question.Person is { } id ? AboutPerson(questions, settings, id, machines) : null;
        var own = question.Person is { } owner ? AboutOwn(questions, settings, owner, wish, question.Now) : null;
        var taken = AboutTaken(questions, settings, machines, wish, reach);
        if (questions.Count > 0)
            await db.AskAsync(cancellationToken, questions);
        var (rules, rows, busy) = (person?.Invoke(question.Now), own?.Invoke() ?? [], await taken(db, cancellationToken));
        return [.. machines.Select(machine => Facts(settings, machine, question, reach, rules, rows, busy))];
    }

    /// <summary>What the access rules say of a person at any start, for a series or a window of time. Read once, asked often.</summary>
    public async Task<Func<MachineId, Instant, AccessDecision?>> AccessAsync(
        BookingDbContext db, IReadOnlyList<MachineId> machines, PersonId? person, Instant now, CancellationToken cancellationToken)
    {
        if (person is not { } id)
            return (_, _) => null;
        var settings = await cache.GetAsync(db, cancellationToken);
        var questions = new List<PlainQuestion>();
        var about = AboutPerson(questions, settings, id, machines);
        await db.AskAsync(cancellationToken, questions);
        var rules = about(now);
        return (machine, start) => Access(rules?.Policy ?? settings.Policy, machine, id, start);
    }

    /// <summary>The same facts with hours and bookings over a longer time, so that a refusal can name the next free time.</summary>
    public async Task<BookingFacts> WidenAsync(BookingDbContext db, BookingFacts facts, Interval reach, CancellationToken cancellationToken)
    {
        var settings = await cache.GetAsync(db, cancellationToken);
        if (facts.Machine is not { } machine || !settings.Resources.TryGetValue(machine.Id, out var resource))
            return facts;
        var questions = new List<PlainQuestion>();
        var taken = AboutTaken(questions, settings, [machine.Id], facts.Wish, reach);
        if (questions.Count > 0)
            await db.AskAsync(cancellationToken, questions);
        var busy = await taken(db, cancellationToken);
        return facts with { Hours = [.. settings.HoursOf(resource, reach)], Busy = [.. busy[machine.Id]] };
    }

    private static Interval Near(BookingWish wish)
    {
        // A wish may be anything; what lies outside the calendar of what is planned is refused before hours are looked at.
        var start = Sane(wish.Start);
        var end = Instant.Min(Instant.Max(Sane(wish.End), start), start + BookingSettings.Longest + Around);
        return new Interval(start - Around, end + Around);
    }

    /// <summary>An instant within the years that hours are known for; nothing outside them is ever booked.</summary>
    internal static Instant Sane(Instant instant) =>
        Instant.Min(Instant.Max(instant, Instant.FromUtc(1990, 1, 3, 0, 0)), Instant.FromUtc(2199, 1, 1, 0, 0));

    private static BookingFacts Facts(
        BookingSettings settings, MachineId machine, FactsQuestion question, Interval reach, PersonRules? person, IReadOnlyList<OwnRow> own, ILookup<MachineId, BusyTime> busy)
    {
        var facts = new BookingFacts { Now = question.Now, Zone = settings.Zone.Id, Wish = question.Wish };
        if (!settings.Resources.TryGetValue(machine, out var resource))
            return facts;
        facts = facts with
        {
            Machine = resource.ToBooked(),
            Terms = resource.Terms,
            Hours = [.. settings.HoursOf(resource, reach)],
            Busy = [.. busy[machine]],
        };
        if (question.Person is not { } id)
            return facts;
        var policy = resource.Terms.NoShow;
        var noShows = own.Where(row => row.NoShowAt is not null).Select(row => new NoShow(row.NoShowAt!.Value, row.Waived));
        return facts with
        {
            Person = new BookingPerson(id, person?.Plan, NoShowRules.Standing(noShows, question.Now, policy).WalkUpOnlyUntil),
            Access = Access(person?.Policy ?? settings.Policy, machine, id, question.Wish.Start),
            Own = [.. own.Where(row => row.Own is not null).Select(row => row.Own!)],
            Quotas = settings.Quotas,
        };
    }

    private static AccessDecision Access(LabPolicy policy, MachineId machine, PersonId person, Instant start) => AccessRules.Ask(
        policy, new AccessRequest { Now = Sane(start), Machine = machine, Purpose = AccessPurpose.Preview, Person = person });

    private static Func<Instant, PersonRules?> AboutPerson(List<PlainQuestion> questions, BookingSettings settings, PersonId id, IReadOnlyList<MachineId> machines)
    {
        Person? found = null;
        questions.Add(ThePerson(id, person => found = person));
        // Most machines of some labs ask for no training at all.
        var standings = machines.Any(machine => settings.Policy.Machine(machine)?.Needed() is not null) ? HabilitationQueries.AboutPerson(questions, id) : null;
        return now =>
        {
            if (found is null)
                return null;
            List<PolicyEntity> rules = [found.ToRule(settings.Zone)];
            if (standings is not null)
                rules.AddRange(standings().Select(standing => standing.ToRule()).OfType<HabilitationRule>());
            return new PersonRules(found.Plan, settings.Policy.Apply(rules.Select((rule, place) => PolicyChange.Put(place + 1, rule)), now));
        };
    }

    private static PlainQuestion ThePerson(PersonId id, Action<Person> found) => new(
        OnePerson,
        row => found(new Person
        {
            Id = id,
            ShortCode = row.GetString(0),
            Active = row.GetBoolean(1),
            MemberThrough = row.IsDBNull(2) ? null : LocalDateNumber.ToDate(row.GetInt32(2)),
            IsAdult = row.GetBoolean(3),
            BirthDate = row.IsDBNull(4) ? null : LocalDateNumber.ToDate(row.GetInt32(4)),
            DefaultProject = row.IsDBNull(5) ? null : new ProjectId(row.GetGuid(5)),
            MayAccompany = row.GetBoolean(6),
            MinorsLimit = row.IsDBNull(7) ? null : row.GetInt32(7),
            Plan = row.IsDBNull(8) ? null : row.GetString(8),
        }),
        id.Value);

    /// <summary>The person's bookings that still count for anything: to come, in the periods of quotas that the wish touches, and no-shows.</summary>
    private static Func<IReadOnlyList<OwnRow>> AboutOwn(List<PlainQuestion> questions, BookingSettings settings, PersonId person, BookingWish wish, Instant now)
    {
        var month = QuotaRules.PeriodAround(QuotaPeriod.Month, Sane(wish.Start), settings.Zone).Start;
        var week = QuotaRules.PeriodAround(QuotaPeriod.Week, Sane(wish.Start), settings.Zone).Start;
        var from = Instant.Min(now, Instant.Min(month, week));
        var missed = now - NoShowsBack;
        var rows = new List<OwnRead>();
        questions.Add(new PlainQuestion(
            OwnOf,
            row => rows.Add(new OwnRead(
                new BookingId(row.GetGuid(0)), new MachineId(row.GetGuid(1)), row.InstantAt(2), row.InstantAt(3), row.InstantAt(4), row.GetBoolean(5), row.InstantOrNull(6), row.GetBoolean(7))),
            person.Value, from.ToUnixTimeMilliseconds(), missed.ToUnixTimeMilliseconds()));
        return () =>
        [
            .. rows.OrderBy(r => r.Start).ThenBy(r => r.Id.Value).Select(r => new OwnRow(
                r.End <= from ? null : new OwnBooking(
                    r.Id, r.MachineId, settings.Resources.TryGetValue(r.MachineId, out var resource) ? resource.ToBooked().Class : null, r.Start, r.End, r.CreatedAt,
                    r.Cancelled ? OwnBookingState.CancelledLate
                    : r.NoShowAt is not null ? OwnBookingState.NoShow
                    : r.End <= now ? OwnBookingState.Used
                    : OwnBookingState.Active),
                r.NoShowAt, r.Waived)),
        ];
    }

    /// <summary>What takes each machine. A room asked for whole is taken by whatever is booked in it.</summary>
    private static Func<BookingDbContext, CancellationToken, ValueTask<ILookup<MachineId, BusyTime>>> AboutTaken(
        List<PlainQuestion> questions, BookingSettings settings, IReadOnlyList<MachineId> machines, BookingWish wish, Interval reach)
    {
        // Which machines of a room count for it.
        var rooms = new Dictionary<MachineId, MachineId>();
        foreach (var machine in machines)
        {
            if (settings.Resources.TryGetValue(machine, out var room) && wish.Places == room.Terms.Capacity)
            {
                foreach (var inside in settings.In(machine))
                    rooms[inside.Id] = machine;
            }
        }
        var wanted = machines.Concat(rooms.Keys).Distinct().ToList();
        var rows = new List<SlotRow>();
        if (wanted.Count <= Few)
        {
            foreach (var one in wanted.Where(HasOnePlace))
            {
                questions.Add(new PlainQuestion(
                    OfOnePlace,
                    row => rows.Add(new SlotRow(
                        one, row.GetInt32(0), row.InstantAt(1), new BookingId(row.GetGuid(2)), new MachineId(row.GetGuid(3)), (ReservationKind)row.GetInt32(4), row.InstantAt(5), row.InstantAt(6),
                        row.GetBoolean(7), row.InstantOrNull(8))),
                    one.Value, reach.Start.ToUnixTimeMilliseconds(), reach.End.ToUnixTimeMilliseconds(), true));
            }
            wanted.RemoveAll(HasOnePlace);
        }
        return async (db, cancellationToken) =>
        {
            if (wanted.Count > 0)
                rows.AddRange(await OfManyAsync(db, wanted, reach, cancellationToken));
            return Taken(settings, machines, rooms, rows);
        };

        bool HasOnePlace(MachineId machine) => settings.Resources.TryGetValue(machine, out var resource) && resource.Terms.Capacity == 1;
    }

    private static ILookup<MachineId, BusyTime> Taken(
        BookingSettings settings, IReadOnlyList<MachineId> machines, Dictionary<MachineId, MachineId> rooms, List<SlotRow> rows)
    {
        var asked = machines.ToHashSet();
        var busy = new List<(MachineId Machine, BusyTime Time)>();
        foreach (var taken in rows.GroupBy(row => (row.MachineId, row.BookingId)))
        {
            var row = taken.First();
            if (asked.Contains(row.MachineId))
            {
                var kind = row.Kind == ReservationKind.Block ? BusyKind.Block : row.MachineId == row.Header ? BusyKind.Booking : BusyKind.Room;
                // What was kept to clear up after it counts even when the terms have become shorter since.
                var setUp = settings.Resources.TryGetValue(row.MachineId, out var resource) ? resource.Terms.SetUp : Duration.Zero;
                var end = kind == BusyKind.Booking ? Instant.Max(row.End, taken.Max(slot => slot.SlotEnd) - setUp) : row.End;
                busy.Add((row.MachineId, new BusyTime(row.Start, end, kind, taken.Count(), row.BookingId, row.Pool && row.ClaimedAt is null)));
            }
            if (rooms.TryGetValue(row.MachineId, out var room) && row.Header != room)
                busy.Add((room, new BusyTime(row.Start, row.End, BusyKind.Room, 1, row.BookingId)));
        }
        return busy.OrderBy(one => one.Time.Start).ThenBy(one => one.Time.Booking!.Value.Value).ToLookup(one => one.Machine, one => one.Time);
    }

    private static Task<List<SlotRow>> OfManyAsync(BookingDbContext db, List<MachineId> machines, Interval reach, CancellationToken cancellationToken)
    {
        var (from, until) = (reach.Start, reach.End);
        var farthest = from - BookingSettings.Longest - Duration.FromDays(2);
        // By the time of the bookings, whose index holds start and end; a slot ends up to a day later.
        var ended = from - Duration.FromDays(1);
        return db.Reservations.AsNoTracking().Where(r => r.Start < until && r.Start > farthest && r.End > ended)
            .Join(db.BookingSlots.Where(s => s.Live && s.End > from && machines.Contains(s.MachineId)), r => r.Id, s => s.BookingId, (r, s) => new SlotRow(
                s.MachineId, s.Place, s.End, r.Id, r.MachineId, r.Kind, r.Start, r.End, r.PoolId != null, r.ClaimedAt))
            .ToListAsync(cancellationToken);
    }

    private sealed record PersonRules(string? Plan, LabPolicy Policy);

    private sealed record OwnRow(OwnBooking? Own, Instant? NoShowAt, bool Waived);

    private sealed record OwnRead(
        BookingId Id, MachineId MachineId, Instant Start, Instant End, Instant CreatedAt, bool Cancelled, Instant? NoShowAt, bool Waived);

    private sealed record SlotRow(
        MachineId MachineId, int Place, Instant SlotEnd, BookingId BookingId, MachineId Header, ReservationKind Kind, Instant Start, Instant End, bool Pool, Instant? ClaimedAt);
}
