using System.Security.Cryptography;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Reservations;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Data;

/// <summary>A lab goes from its file to PostgreSQL with all it knows.</summary>
public sealed class DatabaseMoveTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lab_is_the_same_on_PostgreSQL_and_its_file_is_not_changed()
    {
        var database = await BookingHost.PostgresAsync(Cancel);
        using var folder = new TemporaryFolder();
        BookingId booking;
        int people, audit;
        await using (var host = await BookingHost.StartAsync(folder: folder))
        {
            var lab = await BookingLab.InAsync(host);
            booking = (await lab.BookAsync(lab.Ada, new NewReservation(lab.Laser, null, BookingLab.Tomorrow(14), BookingLab.Tomorrow(16)) { Note = "élan 🦌" })).Value.Id;
            await lab.CancelAsync(lab.Bob, (await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(14), BookingLab.Tomorrow(16))).Value.Id);
            await host.GatewayClient().JournalAsync(
                new JournalBatch(1, new MachineStory(lab.Laser, host.Time.Now).Use(lab.Ada.Id, BadgeId.New(host.Time.Now), 60).Records()), Cancel);
            (people, audit) = (await host.ReadAsync(db => db.People.CountAsync(Cancel)), await host.ReadAsync(db => db.Audit.CountAsync(Cancel)));
            var running = await Assert.ThrowsAsync<DatabaseMoveException>(() => DatabaseMove.RunAsync(folder.Path, database, Cancel));
            Assert.Contains("Stop it first", running.Message, StringComparison.Ordinal);
        }
        var before = await DigestAsync(folder);

        var tables = await DatabaseMove.RunAsync(folder.Path, database, Cancel);
        var again = await Assert.ThrowsAsync<DatabaseMoveException>(() => DatabaseMove.RunAsync(folder.Path, database, Cancel));

        Assert.Equal(before, await DigestAsync(folder));
        Assert.Contains("not empty", again.Message, StringComparison.Ordinal);
        Assert.Equal((people, audit), ((int)tables.Single(t => t.Name == "person").Rows, (int)tables.Single(t => t.Name == "audit").Rows));
        await using var moved = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:Database"] = database }, folder: folder);
        var row = await moved.ReadAsync(db => db.Reservations.SingleAsync(r => r.Id == booking, Cancel));
        Assert.Equal(("élan 🦌", BookingLab.Tomorrow(14)), (row.Note, row.Start));
        BookingLab.AssertDerivesAgain(row);
        Assert.Equal(1, await BookingLab.AssertNoOverlapAsync(moved));
        Assert.Equal(1, await moved.ReadAsync(db => db.Ledger.CountAsync(Cancel)));
        Assert.Empty((await moved.Services.GetRequiredService<IAuditCheck>().RunAsync(null, Cancel)).Faults);
        var taken = await moved.Services.GetRequiredService<BookMachine>().BookAsync(
            new NewReservation(row.MachineId, null, BookingLab.Tomorrow(15), BookingLab.Tomorrow(17)),
            new Features.StaffActor(row.PersonId!.Value, Features.SignIn.Role.Member), Cancel);
        Assert.Equal("booking_overlap", taken.Refusal?.Code);
    }

    [Fact]
    public async Task A_database_of_something_else_is_left_alone()
    {
        var database = await BookingHost.PostgresAsync(Cancel);
        using var folder = new TemporaryFolder();
        await using (await BookingHost.StartAsync(folder: folder))
        {
        }
        await using (var connection = new Npgsql.NpgsqlConnection(database))
        {
            await connection.OpenAsync(Cancel);
            await using var make = new Npgsql.NpgsqlCommand("CREATE TABLE invoices (id int)", connection);
            await make.ExecuteNonQueryAsync(Cancel);
        }

        var refused = await Assert.ThrowsAsync<DatabaseMoveException>(() => DatabaseMove.RunAsync(folder.Path, database, Cancel));
        var nothing = await Assert.ThrowsAsync<DatabaseMoveException>(() => DatabaseMove.RunAsync(Path.Combine(folder.Path, "none"), database, Cancel));

        Assert.Contains("something else", refused.Message, StringComparison.Ordinal);
        Assert.Contains("no database", nothing.Message, StringComparison.Ordinal);
    }

    private static async Task<string> DigestAsync(TemporaryFolder folder) =>
        Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder.Path, "booking.db"), Cancel)));
}
