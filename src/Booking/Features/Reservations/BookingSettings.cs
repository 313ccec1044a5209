using System.Collections.Concurrent;
using System.Collections.Frozen;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Policy;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Something that can be booked: a machine, a room, a desk, a kit.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">Painted on it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What sort of thing it is.</param>
/// <param name="Class">The key of its class ("imprimante-3d"); empty for none.</param>
/// <param name="Room">The room it stands in; null for none.</param>
/// <param name="Terms">How it is booked: its own terms, else its class's, else the site's, else the defaults.</param>
/// <param name="Timetable">Where its hours differ from the place's.</param>
/// <param name="Pool">The pool it is in; null for none.</param>
public sealed record BookableResource(
    MachineId Id, string Code, Words Name, ResourceKind Kind, string Class, MachineId? Room, BookingTerms Terms, MachineTimetable Timetable, PoolId? Pool)
{
    /// <summary>It as Core speaks of it.</summary>
    public BookedMachine ToBooked() => new(Id, Class.Length == 0 ? null : Class);
}

/// <summary>A pool with its machines, in the order in which they are preferred.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Machines">Those in use; at least one.</param>
public sealed record BookablePool(PoolId Id, Words Name, IReadOnlyList<MachineId> Machines);

/// <summary>
/// What bookings are decided from that seldom changes: hours, terms, quotas, pools, what machines ask for. A copy at one moment,
/// safe to share between threads; <see cref="BookingSettingsCache"/> gives a new one when any of it is changed.
/// </summary>
public sealed class BookingSettings
{
    /// <summary>The longest booking or block, when the terms of the machine say nothing: nothing that is compared reaches farther than this and a day to clear up.</summary>
    public static readonly Duration Longest = Duration.FromDays(31);

    private readonly ConcurrentDictionary<(MachineTimetable Timetable, LocalDate Month), IReadOnlyList<OpeningPeriod>> _months = new();
    private readonly FrozenDictionary<MachineId, BookableResource> _resources;
    private readonly ILookup<MachineId, BookableResource> _inRoom;

    internal BookingSettings(SiteSchedule schedule, IEnumerable<BookableResource> resources, IEnumerable<BookablePool> pools, IEnumerable<BookingQuota> quotas, LabPolicy policy)
    {
        Schedule = schedule;
        _resources = resources.ToFrozenDictionary(resource => resource.Id);
        _inRoom = _resources.Values.Where(resource => resource.Room is not null).ToLookup(resource => resource.Room!.Value);
        Pools = pools.ToFrozenDictionary(pool => pool.Id);
        Quotas = [.. quotas];
        Policy = policy;
    }

    /// <summary>The hours of the place.</summary>
    public SiteSchedule Schedule { get; }

    /// <summary>The zone of its clock.</summary>
    public DateTimeZone Zone => Schedule.Zone;

    /// <summary>What can be booked and is still in the lab, by id.</summary>
    public IReadOnlyDictionary<MachineId, BookableResource> Resources => _resources;

    /// <summary>The pools that have a machine, by id.</summary>
    public IReadOnlyDictionary<PoolId, BookablePool> Pools { get; }

    /// <summary>Every quota of the place.</summary>
    public ValueList<BookingQuota> Quotas { get; }

    /// <summary>Site, machines and trainings as the gateways know them; people and what they hold are added for one question.</summary>
    internal LabPolicy Policy { get; }

    /// <summary>Whether another program is told of bookings.</summary>
    public bool SomebodyListens { get; private init; }

    /// <summary>What stands in a room.</summary>
    /// <param name="room">The room.</param>
    public IEnumerable<BookableResource> In(MachineId room) => _inRoom[room];

    /// <summary>When a machine is open, in order. Worked out once for each month.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="range">Over which time; what lies beyond what anything is booked for is closed.</param>
    public IReadOnlyList<OpeningPeriod> HoursOf(BookableResource machine, Interval range)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var first = LocalClock.DateOf(range.Start, Zone);
        var last = LocalClock.DateOf(range.End, Zone);
        if (range.Duration > SiteSchedule.LongestRange || first.Year < 1990 || last.Year > 2199)
            return Schedule.Expand(machine.Timetable, range);
        var hours = new List<OpeningPeriod>();
        for (LocalDate month = new(first.Year, first.Month, 1); month <= last; month = month.PlusMonths(1))
        {
            foreach (var period in Month(machine.Timetable, month))
            {
                if (period.Start < range.End && range.Start < period.End)
                    hours.Add(period with { Start = Instant.Max(period.Start, range.Start), End = Instant.Min(period.End, range.End) });
            }
        }
        return OpeningPeriods.Join(hours);
    }

    private IReadOnlyList<OpeningPeriod> Month(MachineTimetable timetable, LocalDate month) =>
        _months.GetOrAdd((timetable, month), key => Schedule.Expand(key.Timetable, Schedule.Days(key.Month, key.Month.PlusMonths(1))));

    internal static async Task<BookingSettings> LoadAsync(BookingDbContext db, SchoolCalendar school, CancellationToken cancellationToken)
    {
        var site = await db.Sites.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        var own = await db.SiteTimetables.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        var timetables = await db.MachineTimetables.AsNoTracking().ToDictionaryAsync(row => row.MachineId, row => row.Timetable, cancellationToken);
        var terms = await db.BookingTerms.AsNoTracking().ToDictionaryAsync(row => row.Scope, row => row.Terms, cancellationToken);
        var quotas = await db.BookingQuotas.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken);
        var machines = await db.Machines.AsNoTracking().Where(machine => !machine.Retired).ToListAsync(cancellationToken);
        var pools = await db.Pools.AsNoTracking().Include(pool => pool.Members).Where(pool => !pool.Retired).ToListAsync(cancellationToken);
        var wanted = machines.Select(machine => (PolicyKind.Machine, machine.Id.Value)).Append((PolicyKind.Site, Guid.Empty)).ToList();
        wanted.AddRange((await db.Trainings.Select(training => training.Id).ToListAsync(cancellationToken)).Select(id => (PolicyKind.Training, id.Value)));
        var rules = await PolicySource.ReadAsync(db, wanted, default, cancellationToken);
        // What has no relay is not sent to gateways; who may use it is asked in the same way.
        var sent = rules.OfType<MachineRule>().Select(rule => rule.Id).ToHashSet();
        var others = machines.Where(machine => !sent.Contains(machine.Id)).Select(machine => machine.Rule with
        {
            Id = machine.Id,
            Broken = machine is { BrokenCause: { } cause, BrokenSince: { } since } ? new Breakdown(cause, since) : null,
        });

        var tapped = rules.OfType<MachineRule>().Where(rule => rule.Devices.Count > 0).Select(rule => rule.Id).ToHashSet();
        var timetable = own?.Timetable ?? ImpliedHours.Of(site);
        var inPool = pools.SelectMany(pool => pool.Members).ToDictionary(member => member.MachineId, member => member.PoolId);
        var resources = machines.Select(machine => new BookableResource(
            machine.Id, machine.Code, machine.Rule.Name(), machine.Kind, machine.Rule.Type, machine.RoomId,
            Bounded(machine, tapped.Contains(machine.Id), terms.GetValueOrDefault(TermsRow.OfMachine(machine.Id)) ?? terms.GetValueOrDefault(TermsRow.OfClass(machine.Rule.Type))
                ?? terms.GetValueOrDefault(TermsRow.Site) ?? new BookingTerms()),
            timetables.GetValueOrDefault(machine.Id) ?? MachineTimetable.SameAsSite,
            inPool.TryGetValue(machine.Id, out var pool) ? pool : null)).ToList();
        var there = resources.Select(resource => resource.Id).ToHashSet();
        var bookable = pools
            .Select(pool => new BookablePool(
                pool.Id, new Words(pool.NameFr, pool.NameEn), [.. pool.Members.Where(member => there.Contains(member.MachineId)).OrderBy(member => member.Position).Select(member => member.MachineId)]))
            .Where(pool => pool.Machines.Count > 0);
        return new BookingSettings(
            new SiteSchedule(timetable, school), resources, bookable, quotas.Select(row => row.Quota),
            LabPolicy.From(rules.Concat(others), 0, Instant.FromUnixTimeMilliseconds(0)))
        {
            SomebodyListens = await db.Webhooks.AnyAsync(webhook => webhook.Active && webhook.RemovedAt == null, cancellationToken),
        };
    }

    /// <summary>Where nobody can tap, nobody can be missed: a booking is not released.</summary>
    private static BookingTerms Bounded(Machine machine, bool tapped, BookingTerms terms) => terms with
    {
        MaxLength = terms.MaxLength is { } longest && longest <= Longest ? longest : Longest,
        NoShow = tapped && machine.Kind == ResourceKind.Machine ? terms.NoShow : terms.NoShow with { ReleaseAfter = null },
    };
}

/// <summary>Keeps one copy of the settings for all, until something in it is changed.</summary>
/// <param name="school">The school holidays.</param>
internal sealed class BookingSettingsCache(SchoolCalendar school)
{
    private readonly Lock _gate = new();
    private BookingSettings? _current;
    private long _changes;

    /// <summary>The settings as the context sees them: within a write, with what was changed in it before.</summary>
    public async ValueTask<BookingSettings> GetAsync(BookingDbContext db, CancellationToken cancellationToken)
    {
        // What is not committed is nobody else's business.
        if (db.SettingsTouched)
            return await BookingSettings.LoadAsync(db, school, cancellationToken);
        long changes;
        lock (_gate)
        {
            if (_current is { } known)
                return known;
            changes = _changes;
        }
        var loaded = await BookingSettings.LoadAsync(db, school, cancellationToken);
        lock (_gate)
        {
            // Changed while it was read: perhaps this is what was before.
            if (changes == _changes)
                _current = loaded;
        }
        return loaded;
    }

    /// <summary>Something was changed and is committed.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _changes++;
            _current = null;
        }
    }
}
