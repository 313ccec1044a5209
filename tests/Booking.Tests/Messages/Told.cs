using FabLab.Booking.Data;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Messages;

/// <summary>Bookings and what happens to them, as handlers tell it.</summary>
internal static class Told
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Reservation Booking(BookingHost host, MachineId machine, PersonId? person, Duration? ahead = null, ReservationKind kind = ReservationKind.Booking) => new()
    {
        Id = BookingId.New(host.Time.Now),
        Kind = kind,
        MachineId = machine,
        PersonId = person,
        Start = host.Time.Now + (ahead ?? Duration.FromHours(50)),
        End = host.Time.Now + (ahead ?? Duration.FromHours(50)) + Duration.FromHours(2),
        CreatedAt = host.Time.Now,
    };

    /// <summary>A booking that was made, and that it was.</summary>
    public static async Task<Reservation> MakeAsync(BookingHost host, MachineId machine, PersonId? person, Duration? ahead = null, PersonId? by = null)
    {
        var booking = Booking(host, machine, person, ahead);
        await host.WriteAsync(write =>
        {
            write.Db.Reservations.Add(booking);
            write.Raise(new BookingEvent(BookingEventKind.Made, booking, by ?? person));
        });
        return booking;
    }

    public static Task HappensAsync(
        BookingHost host, BookingId id, BookingEventKind kind, PersonId? by = null, Action<Reservation>? change = null, Interval? before = null, MachineId? machineBefore = null) =>
        host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var booking = await write.Db.Reservations.SingleAsync(r => r.Id == id, cancel);
                change?.Invoke(booking);
                write.Raise(new BookingEvent(kind, booking, by, before, machineBefore));
            },
            Cancel);

    public static Task<List<Message>> MessagesAsync(BookingHost host, PersonId person) =>
        host.ReadAsync(db => db.Messages.Where(m => m.PersonId == person).OrderBy(m => m.At).ThenBy(m => m.Kind).ToListAsync(Cancel));

    public static Task MayBeWrittenToAsync(BookingHost host, PersonId person, string email, Language language = Language.French) =>
        host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var row = await write.Db.People.SingleAsync(p => p.Id == person, cancel);
                (row.Email, row.MailConsentAt, row.Language) = (email, write.Now, language);
            },
            Cancel);

    public static Task PostAsync(BookingHost host) => host.Services.GetRequiredService<MailPost>().RoundAsync(Cancel);

    public static Task ClockAsync(BookingHost host) => host.Writer.WriteAsync(host.Services.GetRequiredService<MessageClock>().RoundAsync, Cancel);
}
