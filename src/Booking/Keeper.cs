using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Features.Visits;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking;

/// <summary>
/// What only the passing of time brings: who has come of age loses the date of birth and what was kept for a minor, a booking that
/// is over leaves the gateways and one that comes near goes there, gateways learn the hours of one day more, habilitations end, events that
/// waited too long for a missing one go on without it, a maintenance falls due, the place closes upon who has not said that they left, and once a day what is older than it may be goes.
/// </summary>
internal sealed class Keeper(
    BookingWriter writer, MachineRecords machines, FloorChanges floor, Purge purge, VisitBook visits, SchoolHolidays school, IOptions<BookingOptions> options,
    TimeProvider time, ILogger<Keeper> log) : RoundWorker(Every.ToTimeSpan(), null, time, log)
{
    public static readonly Duration Every = Duration.FromMinutes(10);

    /// <summary>After a start, bookings that ended so long ago are taken from the gateways once more.</summary>
    private static readonly Duration LookBack = Duration.FromDays(7);

    private Instant? _bookingsUpTo;
    private Instant? _bookingsAhead;
    private LocalDate? _purgedOn;
    private LocalDate? _hoursToldOn;

    /// <summary>The two apart, so that neither keeps the other from its work.</summary>
    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        await TryAsync(cancel => writer.WriteAsync(RoundAsync, cancel), cancellationToken);
        await TryAsync(cancel => writer.WriteAsync(PurgeAsync, cancel), cancellationToken);
    }

    internal async Task RoundAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        await ComeOfAgeAsync(write, cancellationToken);
        await PastBookingsAsync(write, cancellationToken);
        await ComingBookingsAsync(write, cancellationToken);
        await HoursAsync(write, cancellationToken);
        await visits.CloseAsync(write, new Closing(await LabHours.ReadAsync(write.Db, school.Calendar, cancellationToken)), cancellationToken);
        await ExpireHabilitations.RoundAsync(write, cancellationToken);
        await SessionAccess.RoundAsync(write, cancellationToken);
        await GroupSessionClock.RoundAsync(write, cancellationToken);
        await GapsAsync(write, cancellationToken);
        await MaintenanceClock.RemindAsync(write, floor, cancellationToken);
        await Features.Devices.EnrolDevice.ForgetAsync(write, cancellationToken);
        var yesterday = write.Now - Duration.FromDays(1);
        await write.Db.BadgeEnrolments.Where(wait => wait.StartedAt < yesterday).ExecuteDeleteAsync(cancellationToken);
        await write.Db.DoorRequests.Where(call => call.At < yesterday).ExecuteDeleteAsync(cancellationToken);
    }

    internal async Task PurgeAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var today = write.Now.InZone(await write.Db.ZoneAsync(cancellationToken)).Date;
        if (_purgedOn == today)
            return;
        await purge.RoundAsync(write, cancellationToken);
        write.AfterCommit(() => _purgedOn = today);
    }

    private static async Task ComeOfAgeAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var zone = await write.Db.ZoneAsync(cancellationToken);
        var latest = write.Now.InZone(zone).Date.PlusYears(-18);
        foreach (var person in await write.Db.People.Where(person => person.BirthDate != null && person.BirthDate <= latest).ToListAsync(cancellationToken))
        {
            person.IsAdult = true;
            person.BirthDate = null;
            person.Version++;
        }
        await write.Db.SaveChangesAsync(cancellationToken);
        await MinorRules.ForgetAdultsAsync(write.Db, cancellationToken);
    }

    private async Task PastBookingsAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var upTo = write.Now - PolicySource.KeepPastBookings;
        var from = _bookingsUpTo ?? upTo - LookBack;
        var over = await write.Db.Reservations.Where(booking => booking.End > from && booking.End <= upTo).Select(booking => booking.Id).ToListAsync(cancellationToken);
        await PolicyMarking.MarkAsync(write.Db, [.. over.Select(id => (PolicyKind.Booking, id.Value))], cancellationToken);
        write.AfterCommit(() => _bookingsUpTo = upTo);
    }

    /// <summary>Once a day gateways get the hours of one day more, for those machines that keep any.</summary>
    private async Task HoursAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var hours = await LabHours.ReadAsync(write.Db, school.Calendar, cancellationToken);
        var today = LocalClock.DateOf(write.Now, hours.Schedule.Zone);
        if (_hoursToldOn == today)
            return;
        var machines = await write.Db.Machines.AsNoTracking().Where(m => !m.Retired && m.Kind == ResourceKind.Machine).ToListAsync(cancellationToken);
        var kept = machines.Where(m => hours.Has(m.Id) && hours.TermsOf(m.Id, m.Rule.Type).KeepsHours).Select(m => (PolicyKind.Machine, m.Id.Value));
        await PolicyMarking.MarkAsync(write.Db, [.. kept], cancellationToken);
        write.AfterCommit(() => _hoursToldOn = today);
    }

    /// <summary>A booking made long before is told to the gateways when it comes near.</summary>
    private async Task ComingBookingsAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var ahead = write.Now + Duration.FromDays(options.Value.BookingDaysAtGateways);
        var from = _bookingsAhead ?? ahead - LookBack;
        var near = await write.Db.Reservations.Where(booking => booking.Start >= from && booking.Start < ahead && booking.CancelledAt == null)
            .Select(booking => booking.Id).ToListAsync(cancellationToken);
        await PolicyMarking.MarkAsync(write.Db, [.. near.Select(id => (PolicyKind.Booking, id.Value))], cancellationToken);
        write.AfterCommit(() => _bookingsAhead = ahead);
    }

    private async Task GapsAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var latest = write.Now - MachineRecords.Patience;
        var waiting = await write.Db.MachineProgress.Where(progress => progress.WaitingSince != null && progress.WaitingSince <= latest)
            .Select(progress => new { progress.Gateway, progress.Epoch, progress.MachineId }).ToListAsync(cancellationToken);
        foreach (var gap in waiting)
            await machines.GoOnAsync(write, gap.Gateway, gap.Epoch, gap.MachineId, cancellationToken);
    }
}
