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
        BookingDbContext db, LabHours before, LabHours after, Instant now, MachineId? only, CancellationToken cancellationToken)
    {
        var standing = await db.Reservations.AsNoTracking()
            .Where(r => r.Kind == ReservationKind.Booking && r.CancelledAt == null && r.NoShowAt == null && r.End > now && (only == null || r.MachineId == only))
            .OrderBy(r => r.Start).ToListAsync(cancellationToken);
        if (standing.Count == 0)
            return [];
        var ids = standing.Select(r => r.MachineId).Distinct().ToList();
        var machines = await db.Machines.AsNoTracking().Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id, cancellationToken);
        var first = LocalClock.DateOf(standing[0].Start, before.Schedule.Zone).PlusDays(-1);
        var next = LocalClock.DateOf(standing.Max(r => r.End), before.Schedule.Zone).PlusDays(2);
        var (daysBefore, daysAfter) = (before.Schedule.Over(before.Schedule.Days(first, next)), after.Schedule.Over(after.Schedule.Days(first, next)));
        var hours = ids.ToDictionary(id => id, id => (ValueList<OpeningPeriod>)[.. daysBefore.ForMachine(before.Own(id))]);
        var facts = standing.Select(r => new BookingFacts
        {
            Now = now,
            Zone = before.Schedule.Zone.Id,
            Wish = new BookingWish(r.Start, r.End)
            {
                Places = r.Places,
                Group = r.GroupId?.ToString("D"),
                Actor = r.MadeBy == r.PersonId ? BookingActor.Self : BookingActor.Staff,
                Before = new BookingBefore(r.Id, r.Start, r.End, Yours: true),
            },
            Machine = new BookedMachine(r.MachineId, machines[r.MachineId].Rule.Type),
            Terms = before.TermsOf(r.MachineId, machines[r.MachineId].Rule.Type),
            Hours = hours[r.MachineId],
        });
        var known = standing.ToDictionary(r => r.Id);
        return
        [
            .. ScheduleChange.Hits(facts, id => daysAfter.ForMachine(after.Own(id))).Select(hit =>
            {
                var row = known[hit.Facts.Wish.Before!.Id];
                return new HitByHours(row.Id, row.MachineId, machines[row.MachineId].Code, row.PersonId, row.GroupId, row.Start, row.End, hit.Reason.Code());
            }),
        ];
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
