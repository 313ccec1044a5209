using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>Reads the plannings: of staff, of everybody, of the wall. A few questions, however many machines and bookings.</summary>
internal sealed class PlanningQueries(BookingDbContext db, BookingFactsReader reader, FloorQueries floor)
{
    /// <summary>The first and the last hour of a planning when nothing says otherwise.</summary>
    private const int MorningHour = 8, EveningHour = 20;

    // A booking that starts before what is shown can reach into it.
    private static readonly Duration Reaches = BookingSettings.Longest + Duration.FromDays(1);

    // More than ten thousand rows in a week of a large lab: EF takes several times as long for them as the database.
    private const string Standing = """
        SELECT id, machine_id, starts_at, ends_at, kind, version, claimed_at IS NOT NULL, person_id, group_id, made_by, CASE WHEN kind = 1 THEN why ELSE '' END
        FROM reservation WHERE cancelled_at IS NULL AND no_show_at IS NULL AND starts_at < $1 AND starts_at > $2 AND ends_at > $3 ORDER BY starts_at
        """;

    /// <summary>The planning with every name, for staff.</summary>
    public async Task<PlanningSheet> StaffAsync(LocalDate? asked, bool week, Instant now, CancellationToken cancellationToken)
    {
        var settings = await reader.SettingsAsync(db, cancellationToken);
        var zone = settings.Zone;
        var today = LocalClock.DateOf(now, zone);
        var day = asked ?? today;
        var first = week ? day.PlusDays(1 - (int)day.DayOfWeek) : day;
        LocalDate[] days = [.. Enumerable.Range(0, week ? 7 : 1).Select(first.PlusDays)];
        var range = new Interval(LocalClock.StartOf(first, zone), LocalClock.StartOf(days[^1].PlusDays(1), zone));
        var named = await NamedAsync(await ItemsAsync(range, cancellationToken), settings, now, cancellationToken);
        var (from, until) = Hours(settings.HoursOf(Any(settings), range), [.. named.Where(item => IsHere(settings, item))], zone);
        return new PlanningSheet(day, today, week, days, Lines(settings), named, from, until);
    }

    /// <summary>The page of the planning at an address of its own, with why a move was refused.</summary>
    public async Task<IResult> ShowAsync(int status, string address, BookProblem? problem, PageText text, CancellationToken cancellationToken)
    {
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(address.Contains('?', StringComparison.Ordinal) ? address[address.IndexOf('?', StringComparison.Ordinal)..] : "");
        var sheet = await StaffAsync(BookQueries.Day(query.TryGetValue("day", out var day) ? day.ToString() : null), query.TryGetValue("view", out var view) && view == "week", text.Now, cancellationToken);
        return Web.Pages.Show<PlanningPage>(status, (nameof(PlanningPage.Sheet), sheet with { Problem = problem }));
    }

    /// <summary>One day, without names.</summary>
    public async Task<PublicSheet> PublicAsync(LocalDate? asked, Instant now, CancellationToken cancellationToken)
    {
        var settings = await reader.SettingsAsync(db, cancellationToken);
        var zone = settings.Zone;
        var today = LocalClock.DateOf(now, zone);
        var day = asked ?? today;
        var range = new Interval(LocalClock.StartOf(day, zone), LocalClock.StartOf(day.PlusDays(1), zone));
        var taken = (await ItemsAsync(range, cancellationToken)).Select(item => item.Item).ToLookup(item => item.Machine);
        var lines = Lines(settings).Select(machine =>
        {
            var resource = settings.Resources[machine.Id];
            return new PublicLine(
                machine, [.. IntervalSet.Of(settings.HoursOf(resource, range).Where(p => p.Kind != OpeningKind.StaffOnly).Select(p => p.Interval))],
                [.. taken[machine.Id]], resource.Terms.Bookable);
        }).ToList();
        var (from, until) = Hours([.. lines.SelectMany(l => l.Open).Select(o => new OpeningPeriod(o.Start, o.End, OpeningKind.Booked))], [.. lines.SelectMany(l => l.Taken).Where(item => IsHere(settings, item))], zone);
        // Marks lie two hours apart.
        until += (until - from) % 2;
        if (until > 24)
            (from, until) = (from - 1, 24);
        return new PublicSheet(
            day, today, lines, LocalClock.ToInstant(day + new LocalTime(from, 0), zone),
            until == 24 ? range.End : LocalClock.ToInstant(day + new LocalTime(until, 0), zone), [.. Enumerable.Range(0, ((until - from) / 2) + 1).Select(step => from + (step * 2))]);
    }

    /// <summary>Every machine now and next, without names.</summary>
    public async Task<WallSheet> WallAsync(Instant now, CancellationToken cancellationToken)
    {
        var settings = await reader.SettingsAsync(db, cancellationToken);
        var end = LocalClock.StartOf(LocalClock.DateOf(now, settings.Zone).PlusDays(1), settings.Zone);
        var glances = (await floor.MachinesAsync(Viewer.Nobody, now, null, cancellationToken)).ToDictionary(glance => glance.Id);
        var taken = (await ItemsAsync(new Interval(now, end), cancellationToken)).Select(item => item.Item).ToLookup(item => item.Machine);
        return new WallSheet(
        [
            .. Lines(settings).Select(machine =>
            {
                PlanningItem[] items = [.. taken[machine.Id]];
                var present = items.Where(item => item.Start <= now).Select(item => (PlanningItem?)item).FirstOrDefault();
                var hours = settings.HoursOf(settings.Resources[machine.Id], new Interval(now, end));
                return new WallLine(
                    machine, glances.GetValueOrDefault(machine.Id), present, [.. items.Where(item => item.Start > now).Take(2)],
                    OpeningPeriods.At(hours, now) is { Kind: not OpeningKind.StaffOnly });
            }),
        ]);
    }

    /// <summary>What is lent is away day and night; that says nothing of the hours of the place.</summary>
    private static bool IsHere(BookingSettings settings, PlanningItem item) =>
        !settings.Resources.TryGetValue(item.Machine, out var resource) || resource.Kind != ResourceKind.Kit;

    private static List<PlanningMachine> Lines(BookingSettings settings) =>
    [
        .. settings.Resources.Values.OrderBy(r => r.Kind).ThenBy(r => r.Code, StringComparer.Ordinal).Select(r => new PlanningMachine(r.Id, r.Code, r.Name, r.Kind)),
    ];

    private static BookableResource Any(BookingSettings settings) => new(
        default, "", new Words("", ""), ResourceKind.Machine, "", null, new BookingTerms(), MachineTimetable.SameAsSite, null);

    /// <summary>The hours a planning shows: those it is open or something is booked.</summary>
    private static (int From, int Until) Hours(IReadOnlyList<OpeningPeriod> open, IReadOnlyList<PlanningItem> items, DateTimeZone zone)
    {
        var (from, until) = (24, 0);
        var wall = new WallClock(zone);
        foreach (var period in open)
            Widen(period.Start, period.End);
        foreach (var item in items)
            Widen(item.Start, item.End);
        return until <= from ? (MorningHour, EveningHour) : (from, until);

        void Widen(Instant start, Instant end)
        {
            var (first, last) = (wall.At(start), wall.At(end));
            var untilMidnight = last.Time == 0 && last.Day == first.Day + 1;
            var within = untilMidnight || first.Day == last.Day;
            from = Math.Min(from, within ? first.Time / WallClock.Hour : 0);
            until = Math.Max(until, within && !untilMidnight ? (last.Time + WallClock.Hour - 1) / WallClock.Hour : 24);
        }
    }

    private async Task<List<Planned>> ItemsAsync(Interval range, CancellationToken cancellationToken)
    {
        var items = new List<Planned>();
        await db.AskAsync(cancellationToken, new PlainQuestion(
            Standing,
            row =>
            {
                Guid? person = row.IsDBNull(7) ? null : row.GetGuid(7), madeBy = row.IsDBNull(9) ? null : row.GetGuid(9);
                items.Add(new Planned(
                    new PlanningItem(
                        new BookingId(row.GetGuid(0)), new MachineId(row.GetGuid(1)), row.InstantAt(2), row.InstantAt(3), (ReservationKind)row.GetInt32(4), row.GetInt64(5), row.GetBoolean(6), null),
                    person is { } known ? new PersonId(known) : null, row.IsDBNull(8) ? null : row.GetGuid(8), madeBy != person, row.GetString(10)));
            },
            range.End.ToUnixTimeMilliseconds(), (range.Start - Reaches).ToUnixTimeMilliseconds(), range.Start.ToUnixTimeMilliseconds()));
        return items;
    }

    /// <summary>The items with whom they are for, and with what new hours have left outside of them marked as such.</summary>
    private async Task<IReadOnlyList<PlanningItem>> NamedAsync(List<Planned> items, BookingSettings settings, Instant now, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
            return [];
        List<PersonId> people = [.. items.Select(i => i.Person).OfType<PersonId>().Distinct()];
        // Past a few hundred names, one read of all is faster than a long list.
        var names = people.Count == 0 ? []
            : (await db.People.Where(p => people.Count > 300 || people.Contains(p.Id)).Select(p => new { p.Id, p.DisplayName, p.ShortCode }).ToListAsync(cancellationToken))
                .ToDictionary(p => p.Id, p => p.DisplayName ?? p.ShortCode);
        List<Guid> groups = [.. items.Select(i => i.Group).OfType<Guid>().Distinct()];
        var groupNames = groups.Count == 0 ? [] : await db.PersonGroups.Where(g => groups.Contains(g.Id)).ToDictionaryAsync(g => g.Id, g => g.Name, cancellationToken);
        var open = new OpenTime(settings, new Interval(items[0].Item.Start, items.Max(i => i.Item.End)), now);
        return
        [
            .. items.Select(i => i.Item with
            {
                Who = i.Person is { } person ? names.GetValueOrDefault(person) : i.Group is { } group ? groupNames.GetValueOrDefault(group) : i.Why.Length > 0 ? i.Why : null,
                Outside = i.Item.Kind == ReservationKind.Booking && open.Misses(i.Item.Machine, i.Item.Start, i.Item.End, i.Group, i.ByStaff),
            }),
        ];
    }

    private sealed record Planned(PlanningItem Item, PersonId? Person, Guid? Group, bool ByStaff, string Why);
}
