using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.Messages;

/// <summary>What people are told because time passes: a booking begins soon, a habilitation ends soon. Each once.</summary>
internal sealed class MessageClock(
    BookingWriter writer, MessageWriting messages, IOptions<BookingOptions> options, TimeProvider time, ILogger<MessageClock> log)
    : RoundWorker(Every.ToTimeSpan(), null, time, log)
{
    public static readonly Duration Every = Duration.FromMinutes(5);

    private LocalDate? _habilitationsOn;

    protected override Task DoAsync(CancellationToken cancellationToken) => writer.WriteAsync(RoundAsync, cancellationToken);

    internal async Task RoundAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        await write.OneAtATimeAsync("message clock", cancellationToken);
        await BookingsAsync(write, cancellationToken);
        var today = write.Now.InZone(await write.Db.ZoneAsync(cancellationToken)).Date;
        if (_habilitationsOn == today)
            return;
        await HabilitationsAsync(write, cancellationToken);
        write.AfterCommit(() => _habilitationsOn = today);
    }

    /// <summary>Whoever booked only now knows: a reminder is for what was booked before the time of the reminder.</summary>
    private async Task BookingsAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var ahead = Duration.FromHours(options.Value.ReminderHours);
        var until = write.Now + ahead;
        var soon = await write.Db.Reservations.AsNoTracking()
            .Where(booking => booking.Kind == ReservationKind.Booking && booking.PersonId != null && booking.CancelledAt == null && booking.NoShowAt == null
                && booking.ClaimedAt == null && booking.Start > write.Now && booking.Start <= until)
            .ToListAsync(cancellationToken);
        foreach (var booking in soon.Where(booking => booking.CreatedAt < booking.Start - ahead))
        {
            var person = booking.PersonId!.Value;
            // With the start in it: a booking that is moved is a new one to remember.
            var once = string.Create(CultureInfo.InvariantCulture, $"reminder:{booking.Id.Value:N}:{booking.Start.ToUnixTimeMilliseconds()}");
            if (await write.Db.Messages.AnyAsync(message => message.PersonId == person && message.Once == once, cancellationToken)
                || await write.Db.Machines.FindAsync([booking.MachineId], cancellationToken) is not { } machine)
            {
                continue;
            }
            var facts = new MessageFacts { Code = machine.Code, NameFr = machine.NameFr, NameEn = machine.NameEn, Start = booking.Start, End = booking.End };
            await messages.AddAsync(write, person, MessageKind.BookingReminder, facts, once, booking.Id, booking.Start, cancellationToken);
        }
    }

    private async Task HabilitationsAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var zone = await db.ZoneAsync(cancellationToken);
        var until = write.Now + Duration.FromDays(options.Value.HabilitationNoticeDays);
        var use = await HabilitationUse.ReadAsync(db, null, write.Now, zone, cancellationToken);
        var trainings = await db.Trainings.AsNoTracking().ToDictionaryAsync(training => training.Id, cancellationToken);
        foreach (var standing in await HabilitationQueries.StandingsAsync(db, null, null, cancellationToken))
        {
            if (standing.Expired || standing.Level == HabilitationLevel.None || use.EndOf(standing) is not { } end || end.At <= write.Now || end.At > until)
                continue;
            var once = string.Create(CultureInfo.InvariantCulture, $"expiring:{standing.Id.Value:N}:{end.At.ToUnixTimeMilliseconds()}");
            if (await db.Messages.AnyAsync(message => message.PersonId == standing.Person && message.Once == once, cancellationToken))
                continue;
            var training = trainings[standing.Training];
            var facts = new MessageFacts { NameFr = training.NameFr, NameEn = training.NameEn, Start = end.At };
            await messages.AddAsync(write, standing.Person, MessageKind.HabilitationExpiring, facts, once, null, end.At, cancellationToken);
        }
    }
}
