using FabLab.Booking.Data;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>The hours and terms of the place as they stand, read at once. Immutable: what would be is made with <see cref="With(SiteTimetable)"/>.</summary>
internal sealed class LabHours
{
    /// <summary>How many days ahead gateways are told at least.</summary>
    public const int DaysAhead = 14;

    private readonly SchoolCalendar _school;
    private readonly string _zone;
    private readonly SiteTimetable? _site;
    private readonly IReadOnlyDictionary<MachineId, MachineTimetable> _machines;
    private readonly IReadOnlyDictionary<string, BookingTerms> _terms;

    private LabHours(
        SchoolCalendar school, string zone, SiteTimetable? site, IReadOnlyDictionary<MachineId, MachineTimetable> machines, IReadOnlyDictionary<string, BookingTerms> terms)
    {
        (_school, _zone, _site, _machines, _terms) = (school, zone, site, machines, terms);
        // The zone of the place is the one; a timetable only repeats it.
        Schedule = new SiteSchedule((site ?? AroundTheClock(zone)) with { Zone = zone }, school);
    }

    /// <summary>The rules of the site, ready to be expanded.</summary>
    public SiteSchedule Schedule { get; }

    /// <summary>Whether somebody has set hours for the place.</summary>
    public bool SiteHasHours => _site is not null;

    /// <summary>The school holidays they go by.</summary>
    public SchoolCalendar School => _school;

    /// <summary>Hours of a place that has none: open at any time, to be booked or not.</summary>
    public static SiteTimetable AroundTheClock(string zone) => new()
    {
        Zone = zone,
        ClosedOnPublicHolidays = false,
        Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new OpeningWindow(LocalTime.Midnight, LocalTime.Midnight, OpeningKind.Booked) }],
    };

    public static async Task<LabHours> ReadAsync(BookingDbContext db, SchoolCalendar school, CancellationToken cancellationToken)
    {
        var site = await db.Sites.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        var zone = LocalClock.Find(site?.Rule.Zone) is null ? "UTC" : site!.Rule.Zone;
        var timetable = await db.SiteTimetables.AsNoTracking().Select(row => row.Timetable).SingleOrDefaultAsync(cancellationToken);
        var machines = await db.MachineTimetables.AsNoTracking().ToDictionaryAsync(row => row.MachineId, row => row.Timetable, cancellationToken);
        var terms = await db.BookingTerms.AsNoTracking().ToDictionaryAsync(row => row.Scope, row => row.Terms, StringComparer.Ordinal, cancellationToken);
        return new LabHours(school, zone, timetable, machines, terms);
    }

    /// <summary>The same with other hours of the place.</summary>
    public LabHours With(SiteTimetable site) => new(_school, LocalClock.Find(site.Zone) is null ? _zone : site.Zone, site, _machines, _terms);

    /// <summary>The same with other hours of one machine.</summary>
    public LabHours With(MachineId machine, MachineTimetable timetable) =>
        new(_school, _zone, _site, new Dictionary<MachineId, MachineTimetable>(_machines) { [machine] = timetable }, _terms);

    /// <summary>The same by another school calendar.</summary>
    public LabHours With(SchoolCalendar school) => new(school, _zone, _site, _machines, _terms);

    /// <summary>The same with other terms of a scope; null = none of its own.</summary>
    public LabHours With(string scope, BookingTerms? terms)
    {
        var all = new Dictionary<string, BookingTerms>(_terms, StringComparer.Ordinal);
        if (terms is null)
            all.Remove(scope);
        else
            all[scope] = terms;
        return new(_school, _zone, _site, _machines, all);
    }

    /// <summary>How a machine is booked.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="machineClass">The key of its class; may be empty.</param>
    public BookingTerms TermsOf(MachineId machine, string machineClass) =>
        _terms.GetValueOrDefault(TermsRow.OfMachine(machine))
        ?? (machineClass.Length > 0 ? _terms.GetValueOrDefault(TermsRow.OfClass(machineClass)) : null)
        ?? _terms.GetValueOrDefault(TermsRow.Site)
        ?? new BookingTerms();

    /// <summary>A machine's own rules.</summary>
    public MachineTimetable Own(MachineId machine) => _machines.GetValueOrDefault(machine) ?? MachineTimetable.SameAsSite;

    /// <summary>Whether a machine has hours at all: the place's or its own.</summary>
    public bool Has(MachineId machine) => SiteHasHours || _machines.ContainsKey(machine);

    /// <summary>
    /// What a relay goes by, from yesterday on, told so far ahead that a gateway without Booking knows the hours for as long as it
    /// may work alone. Days are whole, so that two answers of one day are the same.
    /// </summary>
    public OpeningRule OpeningOf(MachineRule machine, DaysOf days)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var terms = TermsOf(machine.Id, machine.Type);
        return MachineOpening.Of(
            Has(machine.Id) && terms.KeepsHours ? days.Ahead(machine.MaxPolicyAge).ForMachine(Own(machine.Id)) : null, terms);
    }

    /// <summary>The calendar from yesterday on, worked out once for all machines that look equally far ahead.</summary>
    public sealed class DaysOf(LabHours hours, Instant now)
    {
        private readonly Dictionary<int, SiteDays> _known = [];

        public SiteDays Ahead(Duration alone)
        {
            var days = Math.Max(DaysAhead, (int)Math.Ceiling(alone.TotalDays) + 2);
            if (!_known.TryGetValue(days, out var found))
            {
                var today = LocalClock.DateOf(now, hours.Schedule.Zone);
                _known[days] = found = hours.Schedule.Over(hours.Schedule.Days(today.PlusDays(-1), today.PlusDays(days)));
            }
            return found;
        }
    }
}
