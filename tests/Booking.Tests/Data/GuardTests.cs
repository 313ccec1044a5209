using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Data;

/// <summary>What the database itself refuses, whatever the code above it does.</summary>
public sealed class GuardTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Two_bookings_never_overlap_and_two_that_touch_are_fine(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<BookMachine>();
        var noon = host.Time.Now + Duration.FromHours(3);

        var first = await BookAsync(0, 60);
        var overlapping = await Task.WhenAll(BookAsync(30, 90), BookAsync(-30, 30), BookAsync(10, 20), BookAsync(-10, 70), BookAsync(0, 60));
        var touching = await Task.WhenAll(BookAsync(60, 90), BookAsync(-30, 0));
        await host.Services.GetRequiredService<CancelBooking>().CancelAsync(first.Value.Id, null, null, lab.Manager, Cancel);
        var again = await BookAsync(0, 60);

        Assert.True(first.Done);
        Assert.All(overlapping, outcome => Assert.Equal(DatabaseRefusals.Overlap, outcome.Refusal?.Code));
        Assert.All(touching, outcome => Assert.True(outcome.Done));
        Assert.True(again.Done);

        Task<Outcome<Reserved>> BookAsync(int from, int until) => handler.BookAsync(
            new NewReservation(lab.Machine, lab.Ada, noon + Duration.FromMinutes(from), noon + Duration.FromMinutes(until)), lab.Manager, Cancel);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_cancelled_booking_cannot_be_brought_back_over_another(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<BookMachine>();
        var wish = new NewReservation(lab.Machine, lab.Ada, host.Time.Now + Duration.FromHours(1), host.Time.Now + Duration.FromHours(2));
        var first = await handler.BookAsync(wish, lab.Manager, Cancel);
        await host.Services.GetRequiredService<CancelBooking>().CancelAsync(first.Value.Id, null, null, lab.Manager, Cancel);
        await handler.BookAsync(wish, lab.Manager, Cancel);

        await Assert.ThrowsAsync<DbUpdateException>(() => host.Writer.WriteAsync(
            async (write, cancel) => (await write.Db.BookingSlots.SingleAsync(slot => slot.BookingId == first.Value.Id, cancel)).Live = true, Cancel));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_past_cannot_be_changed_or_deleted(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        await host.GatewayClient().JournalAsync(new JournalBatch(1, new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 60).Records()), Cancel);
        await host.Services.GetRequiredService<Features.Habilitations.GrantHabilitation>().HandleAsync(
            lab.Ada, new Features.Habilitations.HabilitationGrant(lab.Training, Core.Policy.HabilitationLevel.Autonomous, "seen"), lab.Manager, Cancel);

        foreach (var table in new[] { "journal", "machine_time", "audit", "habilitation_act" })
        {
            foreach (var change in new[] { $"DELETE FROM {table}", $"UPDATE {table} SET {(table is "habilitation_act" ? "evidence" : table is "machine_time" ? "flags" : table is "audit" ? "action" : "body")} = 'x'" })
            {
                var fault = await Assert.ThrowsAnyAsync<Exception>(() => host.Writer.WriteAsync(
                    (write, cancel) => write.Db.Database.ExecuteSqlRawAsync(change, cancel), Cancel));
                Assert.Contains(DatabaseRefusals.AppendOnly, fault.Message, StringComparison.Ordinal);
            }
        }
        Assert.Equal(1, await host.ReadAsync(db => db.Ledger.CountAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_reader_cannot_write(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        await SmallLab.InAsync(host);
        var people = await host.ReadAsync(db => db.People.CountAsync(Cancel));

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.ReadAsync(async db =>
        {
            db.People.Add(new Features.People.Person { Id = PersonId.New(host.Time.Now), ShortCode = "X" });
            return await db.SaveChangesAsync(Cancel);
        }));
        await Assert.ThrowsAnyAsync<Exception>(() => host.ReadAsync(db => db.People.ExecuteDeleteAsync(Cancel)));
        Assert.Equal(people, await host.ReadAsync(db => db.People.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_second_process_does_not_get_the_same_sqlite_file()
    {
        using var folder = new FabLab.Testing.TemporaryFolder();
        await using var first = await BookingHost.StartAsync(folder: folder);

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => BookingHost.StartAsync(folder: folder));

        Assert.Contains("Another FabLab has the database", fault.Message, StringComparison.Ordinal);
    }
}
