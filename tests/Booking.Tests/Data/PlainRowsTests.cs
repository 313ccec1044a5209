using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Reservations;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.Data;

/// <summary>What is put in SQL by hand says the same as EF, on both databases.</summary>
public sealed class PlainRowsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Rows_that_EF_does_not_watch_are_read_back_as_they_were_and_a_mark_is_written_over(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var at = BookingLab.Tomorrow(9);
        var booking = new Reservation
        {
            Id = BookingId.New(lab.Now), Kind = ReservationKind.Booking, MachineId = lab.Saw, PersonId = lab.Ada.Id, Places = 2, Start = at, End = at + Duration.FromHours(1),
            Note = "à l'établi", Why = "école", MadeBy = lab.Desk.Id, CreatedAt = lab.Now, ReleasedAt = at + Duration.FromMinutes(15), CancelledLate = true, Decision = "{}", Version = 7,
        };
        var slot = new BookingSlot { BookingId = booking.Id, MachineId = lab.Saw, Place = 3, Start = booking.Start, End = booking.End };
        var message = new Message
        {
            Id = Guid.CreateVersion7(), PersonId = lab.Ada.Id, Kind = MessageKind.BookingConfirmed, At = lab.Now, BookingId = booking.Id, Facts = new MessageFacts { Code = "SAW", NameFr = "Scie" },
            Once = "once", OnSite = true, Mail = MailState.Due, MailDueAt = lab.Now, UselessAt = booking.End,
        };
        var mark = Guid.NewGuid();

        await host.WriteAsync(write =>
        {
            write.Db.Rows.Add(booking);
            write.Db.Rows.Add(slot);
            write.Db.Rows.Add(message);
            write.Db.Rows.Put(new PolicyMark { Kind = PolicyKind.Project, Key = mark, Revision = 1_000_001 });
            write.Db.Rows.Put(new PolicyMark { Kind = PolicyKind.Project, Key = mark, Revision = 1_000_002 });
        });

        Assert.Equivalent(booking, await host.ReadAsync(db => db.Reservations.SingleAsync(r => r.Id == booking.Id, Cancel)), strict: true);
        Assert.Equivalent(slot, await host.ReadAsync(db => db.BookingSlots.SingleAsync(s => s.BookingId == booking.Id, Cancel)), strict: true);
        Assert.Equivalent(message, await host.ReadAsync(db => db.Messages.SingleAsync(m => m.Id == message.Id, Cancel)), strict: true);
        Assert.Equal(1_000_002, (await host.ReadAsync(db => db.PolicyMarks.SingleAsync(m => m.Key == mark, Cancel))).Revision);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_person_is_asked_by_hand_as_EF_reads_them(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var full = new Person
        {
            Id = PersonId.New(lab.Now), ShortCode = "FULL", DisplayName = "Zoé", Active = false, MemberThrough = new LocalDate(2026, 12, 31), IsAdult = true, BirthDate = new LocalDate(2010, 2, 28),
            MayAccompany = true, MinorsLimit = 3, Plan = "etudiant", CreatedAt = lab.Now,
        };
        await host.WriteAsync(write => write.Db.People.Add(full));

        foreach (var id in new[] { full.Id, lab.Ada.Id, lab.Bob.Id })
        {
            var byEf = await host.ReadAsync(db => db.People.SingleAsync(person => person.Id == id, Cancel));
            var byHand = await host.ReadAsync(db => BookingFactsReader.PersonAsync(db, id, Cancel));
            Assert.Equal((byEf.ToRule(DateTimeZone.Utc), byEf.Plan), (byHand?.ToRule(DateTimeZone.Utc), byHand?.Plan));
        }
        Assert.Null(await host.ReadAsync(db => BookingFactsReader.PersonAsync(db, PersonId.New(lab.Now), Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Numbers_of_the_feed_are_given_out_once_and_in_order_whatever_fails_between(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var before = await host.ReadAsync(db => db.PolicyCounters.Select(counter => counter.Revision).SingleAsync(Cancel));
        var writes = Enumerable.Range(0, 60).Select(number => host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                write.Db.People.Add(new Person { Id = PersonId.New(write.Now), ShortCode = $"N{number}", CreatedAt = write.Now });
                await write.Db.SaveChangesAsync(cancel);
                if (number % 3 == 0)
                    throw new InvalidOperationException("on purpose");
                write.Audit(PersonId.New(write.Now), "test.done", Guid.Empty);
            },
            Cancel)).ToList();
        foreach (var write in writes)
            await ((Task)write).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        var given = await host.ReadAsync(db => db.PolicyMarks.Where(mark => mark.Revision > before).Select(mark => mark.Revision).ToListAsync(Cancel));
        var counter = await host.ReadAsync(db => db.PolicyCounters.Select(counter => counter.Revision).SingleAsync(Cancel));
        Assert.Equal(40, given.Count);
        Assert.Equal(Enumerable.Range(1, 40).Select(place => before + place), given.Order());
        Assert.Equal(before + 40, counter);
    }

    [Fact]
    public async Task What_is_asked_again_on_a_connection_that_stayed_open_hears_what_was_written_since()
    {
        await using var host = await BookingHost.StartAsync();

        for (var there = 0; there < 4; there++)
        {
            Assert.Equal(there, await host.ReadAsync(db => db.People.CountAsync(person => person.ShortCode.StartsWith("AGAIN"), Cancel)));
            // One row of several: the rest of the answer is given up.
            Assert.NotNull(await host.ReadAsync(db => db.PolicyCounters.FirstOrDefaultAsync(Cancel)));
            await host.WriteAsync(write => write.Db.People.Add(new Person { Id = PersonId.New(write.Now), ShortCode = $"AGAIN{there}", CreatedAt = write.Now }));
        }
    }
}
