using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>A booking that a change of hours concerns.</summary>
/// <param name="Booking">The booking.</param>
/// <param name="Machine">Its machine.</param>
/// <param name="Code">What is painted on it.</param>
/// <param name="Person">Whose it is; null for a group or nobody by name.</param>
/// <param name="Group">Which group's it is; null for a person.</param>
/// <param name="Start">Its start.</param>
/// <param name="End">Its end.</param>
/// <param name="Reason">What keeps it out of the new hours, as the code of a refusal.</param>
public sealed record HitByHours(BookingId Booking, MachineId Machine, string Code, PersonId? Person, Guid? Group, Instant Start, Instant End, string Reason);

/// <summary>What a change of hours did, or would do.</summary>
/// <param name="Version">The version from now on.</param>
/// <param name="Hits">Bookings that no longer lie in open time. They stand; their owners are told.</param>
/// <param name="FitAgain">Bookings that do again.</param>
public sealed record HoursSaved(long Version, IReadOnlyList<HitByHours> Hits, IReadOnlyList<HitByHours> FitAgain);

/// <summary>Whom a change of hours concerns, and telling them.</summary>
internal static class HourChange
{
    /// <summary>The bookings that fit the hours of before and not those of after, by their start.</summary>
    /// <param name="db">The database.</param>
    /// <param name="before">The hours until now.</param>
    /// <param name="after">The new ones.</param>
    /// <param name="now">The present: what is over is not asked.</param>
    /// <param name="only">One machine; null = all.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<HitByHours>> HitsAsync(
        BookingDbContext db, LabHours before, LabHours after, Instant now, MachineId? only, CancellationToken cancellationToken) =>
        (await StandingAsync(db, before, now, only, cancellationToken)).Hits(after);

    /// <summary>The bookings that could be made by the terms of before and not by those of after, by their start. They stand.</summary>
    /// <param name="db">The database.</param>
    /// <param name="before">The hours and terms until now.</param>
    /// <param name="after">The new ones.</param>
    /// <param name="now">The present: what has begun is not asked.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<HitByHours>> TermsHitsAsync(BookingDbContext db, LabHours before, LabHours after, Instant now, CancellationToken cancellationToken)
    {
        var standing = await StandingAsync(db, before, now, null, cancellationToken);
        var busy = standing.Rows.ToLookup(row => row.MachineId, row => new BusyTime(row.Start, row.End, BusyKind.Booking, row.Places, row.Id));
        var hits = new List<HitByHours>();
        foreach (var row in standing.Rows.Where(row => row.Start > now))
        {
            // Only what can come into its way: what begins before it has ended and been cleared up, and the other way round.
            var facts = standing.Facts[row.Id] with
            {
                Busy = [.. busy[row.MachineId].Where(other => other.Booking != row.Id && other.Start < row.End + Duration.FromDays(1) && row.Start < other.End + Duration.FromDays(1))],
            };
            if (ScheduleChange.HitByTerms(facts, after.TermsOf(row.MachineId, facts.Machine!.Class ?? "")) is { } reason)
                hits.Add(standing.Hit(row, reason));
        }
        return hits;
    }

    /// <summary>Bookings that are not over, each as the wish of facts by the hours and terms of now: read once for any number of changes that are thought of.</summary>
    /// <param name="db">The database.</param>
    /// <param name="hours">The hours as they are.</param>
    /// <param name="now">The present: what is over is not asked.</param>
    /// <param name="only">One machine; null = all.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<Standing> StandingAsync(BookingDbContext db, LabHours hours, Instant now, MachineId? only, CancellationToken cancellationToken)
    {
        var rows = await db.Reservations.AsNoTracking()
            .Where(r => r.Kind == ReservationKind.Booking && r.CancelledAt == null && r.NoShowAt == null && r.End > now && (only == null || r.MachineId == only))
            .OrderBy(r => r.Start).ToListAsync(cancellationToken);
        var ids = rows.Select(r => r.MachineId).Distinct().ToList();
        var machines = ids.Count == 0 ? [] : await db.Machines.AsNoTracking().Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id, cancellationToken);
        var first = LocalClock.DateOf(rows.Count > 0 ? rows[0].Start : now, hours.Schedule.Zone).PlusDays(-1);
        var next = LocalClock.DateOf(rows.Count > 0 ? rows.Max(r => r.End) : now, hours.Schedule.Zone).PlusDays(2);
        var days = hours.Schedule.Days(first, next);
        var open = hours.Schedule.Over(days);
        var periods = ids.ToDictionary(id => id, id => (ValueList<OpeningPeriod>)[.. open.ForMachine(hours.Own(id))]);
        var facts = rows.ToDictionary(r => r.Id, r => new BookingFacts
        {
            Now = now,
            Zone = hours.Schedule.Zone.Id,
            Wish = OpenTime.Wish(r.Start, r.End, r.GroupId, r.MadeBy != r.PersonId) with { Places = r.Places },
            Machine = new BookedMachine(r.MachineId, machines[r.MachineId].Rule.Type),
            Terms = hours.TermsOf(r.MachineId, machines[r.MachineId].Rule.Type),
            Hours = periods[r.MachineId],
        });
        return new Standing(rows, facts, days, machines.ToDictionary(one => one.Key, one => one.Value.Code));
    }

    /// <summary>Bookings that are not over, with what is asked about them when hours or terms change.</summary>
    internal sealed record Standing(IReadOnlyList<Reservation> Rows, IReadOnlyDictionary<BookingId, BookingFacts> Facts, Interval Days, IReadOnlyDictionary<MachineId, string> Codes)
    {
        /// <summary>Those that fit the hours they were read with and not these, by their start.</summary>
        public IReadOnlyList<HitByHours> Hits(LabHours after)
        {
            var days = after.Schedule.Over(Days);
            var rows = Rows.ToDictionary(row => row.Id);
            var facts = Rows.Select(row => Facts[row.Id] with { Wish = Facts[row.Id].Wish with { Before = new BookingBefore(row.Id, row.Start, row.End, Yours: true) } });
            return [.. ScheduleChange.Hits(facts, id => days.ForMachine(after.Own(id))).Select(hit => Hit(rows[hit.Facts.Wish.Before!.Id], hit.Reason))];
        }

        /// <summary>A row as one that a change hits.</summary>
        public HitByHours Hit(Reservation row, BookingReason reason) =>
            new(row.Id, row.MachineId, Codes[row.MachineId], row.PersonId, row.GroupId, row.Start, row.End, reason.Code());
    }

    /// <summary>
    /// Notes the change at the bookings it concerns and tells of each. Who cannot come because it is closed is no no-show: such a
    /// booking is not released.
    /// </summary>
    public static async Task<(IReadOnlyList<HitByHours> Hits, IReadOnlyList<HitByHours> FitAgain)> TellAsync(
        BookingWrite write, LabHours before, LabHours after, PersonId by, MachineId? only, CancellationToken cancellationToken)
    {
        var hits = await HitsAsync(write.Db, before, after, write.Now, only, cancellationToken);
        var again = await HitsAsync(write.Db, after, before, write.Now, only, cancellationToken);
        var ids = hits.Concat(again).Select(hit => hit.Booking).ToList();
        var rows = await write.Db.Reservations.Where(r => ids.Contains(r.Id)).ToDictionaryAsync(r => r.Id, cancellationToken);
        foreach (var hit in hits)
            Note(rows[hit.Booking], null, BookingEventKind.HitByHours);
        var types = await write.Db.Machines.AsNoTracking().ToDictionaryAsync(m => m.Id, m => m.Rule.Type, cancellationToken);
        foreach (var fits in again)
        {
            var terms = after.TermsOf(fits.Machine, types[fits.Machine]);
            Note(rows[fits.Booking], rows[fits.Booking].ClaimedAt is null ? NoShowRules.ReleaseAt(fits.Start, fits.End, terms.NoShow) : null, BookingEventKind.FitsAgain);
        }
        return (hits, again);

        void Note(Reservation row, Instant? releasedAt, BookingEventKind kind)
        {
            row.ReleasedAt = releasedAt;
            row.Version++;
            write.Raise(new BookingEvent(kind, row, by));
        }
    }
}
