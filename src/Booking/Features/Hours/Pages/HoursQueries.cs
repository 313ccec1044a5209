using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>Reads what the pages about hours show.</summary>
internal sealed class HoursQueries(BookingDbContext db, SchoolHolidays school)
{
    private const int DaysShown = 14;
    private const int DaysToClose = 7;

    public Task<LabHours> HoursAsync(CancellationToken cancellationToken) => LabHours.ReadAsync(db, school.Calendar, cancellationToken);

    /// <summary>The next two weeks, for anybody.</summary>
    public async Task<HoursSheet> PublicAsync(Instant now, CancellationToken cancellationToken)
    {
        var hours = await HoursAsync(cancellationToken);
        var today = LocalClock.DateOf(now, hours.Schedule.Zone);
        return new HoursSheet(hours.Schedule.Zone.Id, hours.SiteHasHours, Days(hours, today, DaysShown));
    }

    public async Task<ManageSheet> ManageAsync(Instant now, CancellationToken cancellationToken)
    {
        var hours = await HoursAsync(cancellationToken);
        var timetable = hours.Schedule.Site;
        var today = LocalClock.DateOf(now, hours.Schedule.Zone);
        var next = new List<CloseChoice>();
        var standing = await HourChange.StandingAsync(db, hours, now, null, cancellationToken);
        for (var date = today; date < today.PlusDays(DaysToClose); date = date.PlusDays(1))
        {
            var hits = standing.Hits(hours.With(Closed(timetable, date)));
            next.Add(new CloseChoice(date, timetable.Exceptions.LastOrDefault(e => e.Date == date), hits.Count));
        }
        var zone = timetable.SchoolZone;
        return new ManageSheet
        {
            Timetable = timetable,
            Version = await db.SiteTimetables.Select(row => row.Version).SingleOrDefaultAsync(cancellationToken),
            HasHours = hours.SiteHasHours,
            Next = next,
            Today = today,
            Holidays = Holidays(hours, today),
            SchoolKnownUntil = zone is { } named ? hours.School.KnownUntil(named, today) : null,
            SchoolIsOwn = school.HasOwn,
            SchoolFaults = school.Faults,
            Groups = await GroupsAsync(cancellationToken),
        };
    }

    /// <summary>The timetable with a date closed.</summary>
    public static SiteTimetable Closed(SiteTimetable timetable, LocalDate date, string? label = null) =>
        timetable with { Exceptions = [.. timetable.Exceptions.Where(e => e.Date != date), new DateException(date, [], label)] };

    /// <summary>The groups hours can be kept for.</summary>
    public async Task<IReadOnlyList<(string Key, string Name)>> GroupsAsync(CancellationToken cancellationToken) =>
        [.. (await db.PersonGroups.Where(g => !g.Closed).OrderBy(g => g.Name).ToListAsync(cancellationToken)).Select(g => (g.Id.ToString("D"), g.Name))];

    /// <summary>Bookings as they are shown: whose they are only to who may see it.</summary>
    public async Task<IReadOnlyList<HitLine>> LinesAsync(Viewer viewer, IReadOnlyList<HitByHours> hits, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var ids = hits.Select(hit => hit.Person).OfType<PersonId>().Distinct().ToList();
        var people = await db.People.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.DisplayName ?? p.ShortCode, cancellationToken);
        var groups = (await GroupsAsync(cancellationToken)).ToDictionary(g => g.Key, g => g.Name, StringComparer.Ordinal);
        return
        [
            .. hits.Select(hit => new HitLine(
                hit.Code, SpokenTime.Range(new Interval(hit.Start, hit.End), zone),
                hit.Person is { } person && viewer.MaySee(person) ? people.GetValueOrDefault(person)
                    : hit.Group is { } group && viewer.HasAll(Right.SeePeople) ? groups.GetValueOrDefault(group.ToString("D")) : null)),
        ];
    }

    public async Task<WeekSheet> WeekAsync(int rows, CancellationToken cancellationToken)
    {
        var timetable = (await HoursAsync(cancellationToken)).Schedule.Site;
        return new WeekSheet
        {
            Rows = HoursForm.Pad([.. timetable.Weekly.Select(HoursForm.Row)], rows),
            Version = await db.SiteTimetables.Select(row => row.Version).SingleOrDefaultAsync(cancellationToken),
            Region = timetable.Region,
            School = timetable.SchoolZone,
            ClosedOnPublicHolidays = timetable.ClosedOnPublicHolidays,
            Groups = await GroupsAsync(cancellationToken),
        };
    }

    /// <summary>Null when there is no such thing, or it is not the viewer's to keep.</summary>
    public async Task<MachineHoursSheet?> MachineAsync(Viewer viewer, string code, int rows, Instant now, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine || !viewer.May(Right.KeepMachines, machine.Id))
            return null;
        var hours = await HoursAsync(cancellationToken);
        var own = hours.Own(machine.Id);
        return new MachineHoursSheet
        {
            Id = machine.Id,
            Code = machine.Code,
            Name = machine.Rule.Name(),
            Back = machine.Kind == ResourceKind.Machine ? $"/machines/{Uri.EscapeDataString(machine.Code)}" : "/resources",
            Mode = own.Hours,
            Rows = HoursForm.Pad([.. own.Weekly.Select(HoursForm.Row)], rows),
            Closures = [.. own.Closures.Select(HoursForm.Row), new ClosureRow("", "", "")],
            Dates = [.. own.Exceptions.Where(date => date.Date >= LocalClock.DateOf(now, hours.Schedule.Zone)).OrderBy(date => date.Date)],
            End = machine.Kind == ResourceKind.Machine
                ? new BookingEndForm(machine.Rule.BookingEnd, ((long)machine.Rule.BookingEndCap.TotalMinutes).ToString(CultureInfo.InvariantCulture), machine.Version)
                : null,
            Version = await db.MachineTimetables.Where(row => row.MachineId == machine.Id).Select(row => row.Version).SingleOrDefaultAsync(cancellationToken),
            Terms = await TermsAsync(TermsRow.OfMachine(machine.Id), machine.Rule.Name(), hours.TermsOf(machine.Id, machine.Rule.Type), cancellationToken),
            Groups = await GroupsAsync(cancellationToken),
        };
    }

    /// <summary>Null when there is no such scope.</summary>
    public async Task<TermsForm?> TermsAsync(string scope, CancellationToken cancellationToken)
    {
        var hours = await HoursAsync(cancellationToken);
        if (scope == TermsRow.Site)
            return await TermsAsync(scope, new Words(BookingRulesText.OfSite.French, BookingRulesText.OfSite.English), hours.TermsOf(default, ""), cancellationToken);
        return (await ClassesAsync(cancellationToken)).FirstOrDefault(one => TermsRow.OfClass(one) == scope) is { } known
            ? await TermsAsync(scope, BookingRulesText.OfClass.Words(known), hours.TermsOf(default, known), cancellationToken)
            : null;
    }

    public async Task<BookingRulesSheet> RulesAsync(CancellationToken cancellationToken)
    {
        var classes = await ClassesAsync(cancellationToken);
        var own = (await db.BookingTerms.Select(row => row.Scope).ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var codes = await db.Machines.ToDictionaryAsync(m => m.Id, m => m.Code, cancellationToken);
        var site = await db.Sites.SingleOrDefaultAsync(cancellationToken);
        return new BookingRulesSheet
        {
            ClaimMinutes = (int)(site?.Rule ?? new SiteRule()).ClaimBefore.TotalMinutes,
            SiteVersion = site?.Version ?? 0,
            Scopes =
            [
                (TermsRow.Site, new Words(BookingRulesText.OfSite.French, BookingRulesText.OfSite.English), own.Contains(TermsRow.Site)),
                .. classes.Select(one => (TermsRow.OfClass(one), BookingRulesText.OfClass.Words(one), own.Contains(TermsRow.OfClass(one)))),
            ],
            Quotas =
            [
                .. (await db.BookingQuotas.OrderBy(row => row.Id).ToListAsync(cancellationToken))
                    .Select(row => new QuotaLine(row.Id, row.Quota, row.Version, [.. row.Quota.Machines.Select(id => codes.GetValueOrDefault(id, "?"))])),
            ],
            Classes = classes,
        };
    }

    public async Task<ResourcesSheet> ResourcesAsync(CancellationToken cancellationToken)
    {
        var hours = await HoursAsync(cancellationToken);
        var all = (await db.Machines.Where(m => !m.Retired).ToListAsync(cancellationToken)).OrderBy(m => m.Code, StringComparer.Ordinal).Select(m =>
        {
            var terms = hours.TermsOf(m.Id, m.Rule.Type);
            return new ResourceLine(m.Id, m.Kind, m.Code, m.NameFr, m.NameEn, terms.Capacity, (int)terms.SetUp.TotalMinutes, m.RoomId, m.Version);
        }).ToList();
        var pools = await db.Pools.Include(p => p.Members).Where(p => !p.Retired).OrderBy(p => p.NameFr).ToListAsync(cancellationToken);
        return new ResourcesSheet
        {
            Things = [.. all.Where(line => line.Kind != ResourceKind.Machine)],
            Machines = [.. all.Where(line => line.Kind == ResourceKind.Machine)],
            Pools = [.. pools.Select(p => new PoolLine(p.Id, p.NameFr, p.NameEn, [.. p.Members.OrderBy(m => m.Position).Select(m => m.MachineId)], p.Version))],
        };
    }

    private async Task<TermsForm> TermsAsync(string scope, Words name, BookingTerms terms, CancellationToken cancellationToken)
    {
        var version = await db.BookingTerms.Where(row => row.Scope == scope).Select(row => (long?)row.Version).SingleOrDefaultAsync(cancellationToken);
        return HoursForm.Terms(scope, name, version is not null, version ?? 0, terms);
    }

    private async Task<List<string>> ClassesAsync(CancellationToken cancellationToken) =>
        [.. (await db.Machines.Where(m => !m.Retired).ToListAsync(cancellationToken)).Select(m => m.Rule.Type).Where(type => type.Length > 0).Distinct().Order(StringComparer.Ordinal)];

    private static List<DayLine> Days(LabHours hours, LocalDate first, int count)
    {
        var zone = hours.Schedule.Zone;
        var periods = hours.Schedule.Expand(hours.Schedule.Days(first, first.PlusDays(count)));
        var byDay = periods.ToLookup(p => LocalClock.DateOf(p.Start, zone));
        return
        [
            .. Enumerable.Range(0, count).Select(i => first.PlusDays(i)).Select(date => new DayLine(
                date,
                [.. byDay[date].Select(p => new DayPeriod(p.Start.InZone(zone).TimeOfDay, p.End.InZone(zone).TimeOfDay, p.Kind, p.Label))],
                Notes(hours.Schedule.Note(date)))),
        ];
    }

    private static List<Words> Notes(DayNote note)
    {
        var notes = new List<Words>();
        if (note.PublicHoliday is { } holiday)
            notes.Add(holiday.Name);
        notes.AddRange(note.Closures.Select(closure => closure.Label).Append(note.Exception?.Label).OfType<string>().Select(label => new Words(label, label)));
        if (note.SchoolHoliday is { } vacation)
            notes.Add(new Words(HoursText.SchoolHolidays.In(Ui.Text.Language.French, vacation.Name.Fr), HoursText.SchoolHolidays.In(Ui.Text.Language.English, vacation.Name.En)));
        return notes;
    }

    private static List<(PublicHoliday Day, bool Open)> Holidays(LabHours hours, LocalDate today)
    {
        var site = hours.Schedule.Site;
        return
        [
            .. PublicHolidays.Of(today.Year, site.Region).Concat(PublicHolidays.Of(today.Year + 1, site.Region))
                .Where(day => day.Date >= today && day.Date < today.PlusYears(1))
                .Select(day => (day, hours.Schedule.Expand(hours.Schedule.Days(day.Date, day.Date.PlusDays(1))).Count > 0)),
        ];
    }
}
