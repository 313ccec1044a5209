using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>Reads what the pages on which one books show. What is offered is asked of the same rules that decide the booking.</summary>
internal sealed class BookQueries(BookingDbContext db, BookingFactsReader reader, PeopleQueries people)
{
    /// <summary>How many people a search shows.</summary>
    private const int FoundShown = 12;

    private static readonly Duration Soon = Duration.FromDays(7);
    private static readonly Duration[] Ahead = [Duration.FromDays(8), Duration.FromDays(36)];
    private static readonly int[] Minutes = [15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880, 10080];

    // Where the terms name no steps any minute can be booked; a page offers these.
    private static readonly Duration OfferedStep = Duration.FromMinutes(30);

    /// <summary>For whom a page books, from its address; null when the viewer may not book for them, or they are not there.</summary>
    public async Task<BookingFor?> ForAsync(Viewer viewer, string? key, CancellationToken cancellationToken)
    {
        if (viewer.Actor is not { } actor)
            return null;
        if (string.IsNullOrEmpty(key))
            return new BookingFor(actor.Id);
        if (key == BookingFor.BlockKey)
            return viewer.HasAll(Right.Book) ? new BookingFor(null, Block: true) : null;
        if (key.StartsWith(BookingFor.GroupMark, StringComparison.Ordinal))
        {
            return Guid.TryParse(key.AsSpan(BookingFor.GroupMark.Length), out var group)
                && (await GroupsAsync(viewer, cancellationToken)).Where(g => g.Id == group).Select(g => ((Guid, string)?)g).FirstOrDefault() is (var id, var name)
                    ? new BookingFor(null, id, Name: name) : null;
        }
        if (!Ids.TryParse(key, out PersonId person) || !viewer.May(Right.BookOwn, person))
            return null;
        if (person == actor.Id)
            return new BookingFor(person);
        var found = await db.People.Where(p => p.Id == person && p.Active).Select(p => new { p.DisplayName, p.ShortCode }).SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : new BookingFor(person, Name: found.DisplayName ?? found.ShortCode);
    }

    /// <summary>Whom the viewer may book for beside themselves.</summary>
    public async Task<WhoSheet> WhoAsync(Viewer viewer, string? search, CancellationToken cancellationToken) => new(
        search,
        string.IsNullOrWhiteSpace(search)
            ? []
            : [.. (await people.FindAsync(viewer, search, cancellationToken))
                .Where(p => p.Active && viewer.May(Right.BookOwn, p.Id)).Take(FoundShown).Select(p => (p.Id, p.Name ?? p.Code))],
        await GroupsAsync(viewer, cancellationToken), viewer.HasAll(Right.Book));

    /// <summary>Everything that can be booked; what this person cannot have is apart, with the reason.</summary>
    public async Task<BookListSheet> ListAsync(Viewer viewer, BookingFor whom, Instant now, CancellationToken cancellationToken)
    {
        var settings = await reader.SettingsAsync(db, cancellationToken);
        MachineId[] all = [.. settings.Resources.Values.OrderBy(r => r.Kind).ThenBy(r => r.Code, StringComparer.Ordinal).Select(r => r.Id)];
        var facts = all.Length == 0
            ? []
            : await reader.ManyAsync(
                db, all,
                new FactsQuestion
                {
                    Now = now, Person = whom.Person, Reach = new Interval(now - Duration.FromHours(1), now + Soon),
                    Wish = new BookingWish(now, now + OfferedStep) { Actor = whom.Actor(viewer), Group = whom.GroupKey },
                },
                cancellationToken);
        var asked = new Dictionary<MachineId, (Interval? Next, BookingDecision? Decision, bool Now)>();
        foreach (var (machine, place) in all.Select((machine, place) => (machine, place)))
        {
            var one = Stepped(facts[place]);
            var length = Usual(Lengths(facts[place].Terms));
            var next = FreeTimes.Next(one, now, length);
            var present = facts[place].Terms.Step is null
                ? FreeTimes.Of(facts[place], new Interval(now, now + length)).Covers(new Interval(now, now + length))
                : next?.Start <= now;
            asked[machine] = (next, BookingRules.Decide(At(facts[place], next ?? new Interval(now, now + length))), present);
        }
        List<BookLine> lines = [];
        foreach (var pool in settings.Pools.Values.OrderBy(p => p.Name.Fr, StringComparer.Ordinal))
        {
            var members = pool.Machines.Where(asked.ContainsKey).Select(m => asked[m]).ToList();
            if (members.Count < 2)
                continue;
            var no = members.All(m => Bars(m.Decision) is not null) ? Bars(members[0].Decision) : null;
            var next = members.Where(m => m.Next is not null && Bars(m.Decision) is null).OrderBy(m => m.Next!.Value.Start).FirstOrDefault().Next;
            lines.Add(new BookLine(pool.Id.ToString(), null, pool.Name, settings.Resources[pool.Machines[0]].Kind, true, next, no, members.Any(m => m.Now && Bars(m.Decision) is null)));
        }
        foreach (var machine in all)
        {
            var resource = settings.Resources[machine];
            var (next, decision, present) = asked[machine];
            lines.Add(new BookLine(resource.Code, resource.Code, resource.Name, resource.Kind, false, next, Bars(decision), present));
        }
        return new BookListSheet(whom, viewer.HasAll(Right.Book), MayChoose(viewer), [.. lines.Where(l => l.No is null)], [.. lines.Where(l => l.No is not null)]);
    }

    /// <summary>One machine or pool on a day; null when there is none of that name.</summary>
    public async Task<BookSheet?> SheetAsync(
        Viewer viewer, BookingFor whom, string key, LocalDate? asked, int? minutes, int places, Instant now, CancellationToken cancellationToken)
    {
        var settings = await reader.SettingsAsync(db, cancellationToken);
        if (Find(settings, key) is not { } found)
            return null;
        var (pool, members) = found;
        var zone = settings.Zone;
        var today = LocalClock.DateOf(now, zone);
        var farthest = LocalClock.DateOf(now + BookingRules.FurthestAhead, zone);
        var day = asked is { } chosen && chosen >= today ? (chosen > farthest ? farthest : chosen) : today;
        var first = members[0];
        var lengths = Lengths(first.Terms);
        var length = minutes is { } wanted && lengths.Contains(Duration.FromMinutes(wanted)) ? Duration.FromMinutes(wanted) : Usual(lengths);
        var range = new Interval(LocalClock.StartOf(day, zone), LocalClock.StartOf(day.PlusDays(1), zone));
        var wish = new BookingWish(Instant.Max(now, range.Start), Instant.Max(now, range.Start) + length)
        {
            Actor = whom.Actor(viewer), Group = whom.GroupKey, Places = Math.Max(1, places), Waive = whom.Block ? Everything : [],
        };
        MachineId[] machines = [.. members.Select(m => m.Id)];
        var question = new FactsQuestion { Now = now, Person = whom.Person, Wish = wish, Reach = new Interval(range.Start - Duration.FromDays(1), range.End + Duration.Min(length, Duration.FromDays(8)) + Duration.FromDays(1)) };
        var facts = await reader.ManyAsync(db, machines, question, cancellationToken);

        var (starts, refused) = Offer(facts, range, length, now, zone);
        WhyNot? no = null;
        Interval? next = null;
        if (starts.Count == 0)
        {
            var decision = Decide(facts, refused.Count > 0 ? new Interval(refused[0].Starts[0], refused[0].Starts[0] + length) : new Interval(wish.Start, wish.End));
            no = Bars(decision);
            if (no is null)
            {
                foreach (var ahead in Ahead)
                {
                    next ??= await NextAsync(facts, range.End, length, ahead, cancellationToken);
                }
            }
        }
        return new BookSheet
        {
            Key = key,
            Code = pool is null ? first.Code : null,
            Name = pool?.Name ?? first.Name,
            Kind = first.Kind,
            Machine = pool is null ? first.Id : null,
            Pool = pool?.Id,
            For = whom,
            Staff = viewer.HasAll(Right.Book),
            MayChoose = MayChoose(viewer),
            Day = day,
            Today = today,
            Length = length,
            Lengths = lengths,
            Starts = starts,
            Refused = refused,
            No = no,
            Hours = [.. facts.SelectMany(f => f.Hours).Where(p => p.Start < range.End && range.Start < p.End)
                .Select(p => p with { Start = Instant.Max(p.Start, range.Start), End = Instant.Min(p.End, range.End) }).Distinct().OrderBy(p => p.Start)],
            WalkUp = !first.Terms.BookableInOpenLab,
            NextFree = next,
            Capacity = first.Terms.Capacity,
            ReleaseAfter = whom.Block ? null : first.Terms.NoShow.ReleaseAfter,
            Projects = await ProjectsAsync(whom.Person, cancellationToken),
        };
    }

    /// <summary>The machines behind an address: of one code, or of a pool.</summary>
    public static (BookablePool? Pool, IReadOnlyList<BookableResource> Members)? Find(BookingSettings settings, string key)
    {
        if (settings.Resources.Values.FirstOrDefault(r => r.Code.Equals(key, StringComparison.OrdinalIgnoreCase)) is { } machine)
            return (null, [machine]);
        return Ids.TryParse(key, out PoolId id) && settings.Pools.TryGetValue(id, out var pool)
            ? (pool, [.. pool.Machines.Where(settings.Resources.ContainsKey).Select(m => settings.Resources[m])])
            : null;
    }

    /// <summary>The projects somebody may count time for.</summary>
    public async Task<IReadOnlyList<(ProjectId Id, string Name)>> ProjectsAsync(PersonId? person, CancellationToken cancellationToken) => person is not { } id
        ? []
        : [.. (await db.Projects.Where(p => !p.Closed && (p.Members.Count == 0 || p.Members.Any(m => m.PersonId == id)))
            .OrderBy(p => p.Name).Select(p => new { p.Id, p.Name }).ToListAsync(cancellationToken)).Select(p => (p.Id, p.Name))];

    private static ValueList<BookingReason> Everything { get; } = [.. BookingReasons.All.Where(reason => reason.CanBeWaived())];

    private static bool MayChoose(Viewer viewer) =>
        viewer.HasAll(Right.BookOwn) || viewer.Charge.People.Any(person => person != viewer.Actor?.Id && viewer.May(Right.BookOwn, person));

    private async Task<IReadOnlyList<(Guid Id, string Name)>> GroupsAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        if (viewer.Actor is not { } actor || !viewer.Has(Right.BookOwn))
            return [];
        var all = viewer.HasAll(Right.Book);
        return
        [
            .. (await db.PersonGroups.Where(g => !g.Closed && (all || db.GroupPlaces.Any(p => p.GroupId == g.Id && p.PersonId == actor.Id && p.Part == GroupPart.LooksAfter)))
                .OrderBy(g => g.Name).Select(g => new { g.Id, g.Name }).ToListAsync(cancellationToken)).Select(g => (g.Id, g.Name)),
        ];
    }

    /// <summary>The starts of a day, each asked of the rules: those that can be had, and the others by their reason.</summary>
    private static (IReadOnlyList<StartChoice> Can, IReadOnlyList<StartsRefused> Cannot) Offer(
        IReadOnlyList<BookingFacts> facts, Interval range, Duration length, Instant now, DateTimeZone zone)
    {
        SortedSet<Instant> candidates = [];
        foreach (var one in facts)
        {
            foreach (var start in FreeTimes.Starts(Stepped(one), range))
            {
                if (start.LatestEnd - start.Start >= length)
                    candidates.Add(start.Start);
            }
        }
        // Who stands before a free machine takes it now, between two steps.
        Instant? present = range.Contains(now) && facts.All(f => f.Terms.Step is null) ? Minute(now, zone) : null;
        List<StartChoice> can = [];
        var cannot = new Dictionary<string, (WhyNot Why, List<Instant> Starts)>(StringComparer.Ordinal);
        if (present is { } here && Decide(facts, new Interval(here, here + length)) is BookingDecision.Accepted)
            can.Add(new StartChoice(here, here + length, Now: true));
        foreach (var start in candidates.Where(start => present is null || start > present))
        {
            switch (Decide(facts, new Interval(start, start + length)))
            {
                case BookingDecision.Accepted:
                    can.Add(new StartChoice(start, start + length, start <= now));
                    break;
                case BookingDecision.Refused refused:
                    if (!cannot.TryGetValue(refused.Code, out var list))
                        cannot[refused.Code] = list = (Why(refused), []);
                    list.Starts.Add(start);
                    break;
            }
        }
        return (can, [.. cannot.Select(c => new StartsRefused(c.Key, c.Value.Why, c.Value.Starts))]);
    }

    private async Task<Interval?> NextAsync(IReadOnlyList<BookingFacts> facts, Instant from, Duration length, Duration ahead, CancellationToken cancellationToken)
    {
        Interval? first = null;
        foreach (var one in facts)
        {
            var wide = Stepped(await reader.WidenAsync(db, one, new Interval(from - Duration.FromDays(1), from + ahead), cancellationToken));
            if (FreeTimes.Next(wide, Instant.Max(from, one.Now), length) is { } next && (first is null || next.Start < first.Value.Start))
                first = next;
        }
        return first;
    }

    private static BookingDecision Decide(IReadOnlyList<BookingFacts> facts, Interval time)
    {
        BookingFacts[] asked = [.. facts.Select(one => At(one, time))];
        return asked.Length == 1 ? BookingRules.Decide(asked[0]) : PoolRules.Decide(asked);
    }

    private static BookingFacts At(BookingFacts facts, Interval time) => facts with { Wish = facts.Wish with { Start = time.Start, End = time.End } };

    private static BookingFacts Stepped(BookingFacts facts) => facts.Terms.Step is null ? facts with { Terms = facts.Terms with { Step = OfferedStep } } : facts;

    /// <summary>Why this person cannot have it whatever the time; null when it is a matter of time.</summary>
    private static WhyNot? Bars(BookingDecision? decision) => decision is BookingDecision.Refused { Reason: BookingReason.NotAllowed or BookingReason.NotBookable or BookingReason.WalkUpOnly or BookingReason.TooManyUpcoming } refused
        ? Why(refused)
        : null;

    private static WhyNot Why(BookingDecision.Refused refused) => new(
        refused.Sentence, refused.NextStep,
        refused.Facts.Access is AccessDecision.Denied { Reason: AccessReason.TrainingMissing or AccessReason.TrainingExpired } && refused.Reason == BookingReason.NotAllowed);

    private static Instant Minute(Instant now, DateTimeZone zone) => LocalClock.ToInstant(now.InZone(zone).LocalDateTime.With(TimeAdjusters.TruncateToMinute), zone);

    /// <summary>The lengths a page offers, from the terms.</summary>
    internal static IReadOnlyList<Duration> Lengths(BookingTerms terms)
    {
        var step = terms.Step ?? Duration.Zero;
        var shortest = Duration.Max(terms.MinLength, Duration.Max(step, Duration.FromMinutes(terms.Step is null ? 30 : 1)));
        List<Duration> fit =
        [
            .. Minutes.Select(m => Duration.FromMinutes(m)).Where(length => length >= shortest && (terms.MaxLength is not { } longest || length <= longest)
                && (step <= Duration.Zero || length.ToInt64Nanoseconds() % step.ToInt64Nanoseconds() == 0)),
        ];
        // Whole days only where nothing shorter can be had: a kit, a room for a week.
        var hours = fit.Where(length => length <= Duration.FromHours(12)).ToList();
        fit = hours.Count > 0 ? hours : fit;
        if (fit.Count == 0)
            fit.Add(Duration.Max(shortest, Duration.FromMinutes(1)));
        return fit.Count > 9 ? fit[..9] : fit;
    }

    private static Duration Usual(IReadOnlyList<Duration> lengths) =>
        lengths.Contains(Duration.FromHours(1)) ? Duration.FromHours(1) : lengths.FirstOrDefault(length => length >= Duration.FromHours(1), lengths[^1]);

    /// <summary>A local day as addresses write it; null for anything else.</summary>
    internal static LocalDate? Day(string? text) =>
        text is { Length: 10 } && NodaTime.Text.LocalDatePattern.Iso.Parse(text) is { Success: true, Value: { Year: > 1990 and < 2200 } day } ? day : null;

    /// <summary>A number of minutes as addresses write it.</summary>
    internal static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
