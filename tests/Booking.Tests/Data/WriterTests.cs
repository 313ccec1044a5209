using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Tests.Data;

public sealed class WriterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_write_that_fails_is_undone_alone_and_its_neighbours_are_kept(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var before = await host.ReadAsync(db => db.People.CountAsync(Cancel));
        var writes = Enumerable.Range(0, 100).Select(number => host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                write.Db.People.Add(new Person { Id = PersonId.New(write.Now), ShortCode = $"P{number}", CreatedAt = write.Now });
                await write.Db.SaveChangesAsync(cancel);
                if (number % 10 == 3)
                    throw new InvalidOperationException("on purpose");
                return number;
            },
            Cancel)).ToList();

        var done = 0;
        foreach (var write in writes)
        {
            try
            {
                await write;
                done++;
            }
            catch (InvalidOperationException)
            {
                Assert.True(write.IsFaulted);
            }
        }

        Assert.Equal(90, done);
        Assert.Equal(before + 90, await host.ReadAsync(db => db.People.CountAsync(Cancel)));
    }

    [Fact]
    public async Task What_was_acknowledged_is_in_the_file_when_the_process_dies_there()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var records = new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 60).Records();
        await host.GatewayClient().JournalAsync(new Contracts.JournalBatch(1, records), Cancel);

        // What a process killed now would leave: the file and its log, without the end of any connection.
        using var grave = new FabLab.Testing.TemporaryFolder();
        foreach (var file in Directory.GetFiles(host.Folder).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal) && !file.EndsWith(".lock", StringComparison.Ordinal)))
            File.Copy(file, grave.File(Path.GetFileName(file)));
        await using var risen = await BookingHost.StartAsync(folder: grave, time: host.Time);

        Assert.Equal(records.Count, await risen.ReadAsync(db => db.Journal.CountAsync(Cancel)));
        Assert.Equal(1, await risen.ReadAsync(db => db.Ledger.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_listener_that_throws_does_not_undo_a_committed_write()
    {
        await using var host = await BookingHost.StartAsync();

        await host.Writer.WriteAsync(
            (write, _) =>
            {
                write.Db.People.Add(new Person { Id = PersonId.New(write.Now), ShortCode = "KEPT", CreatedAt = write.Now });
                write.AfterCommit(() => throw new InvalidOperationException("on purpose"));
                return Task.CompletedTask;
            },
            Cancel);

        Assert.True(await host.ReadAsync(db => db.People.AnyAsync(person => person.ShortCode == "KEPT", Cancel)));
    }

    [Fact]
    public async Task When_the_disk_is_full_nothing_is_acknowledged_and_health_says_so()
    {
        await using var host = await BookingHost.StartAsync();
        var pages = await host.Writer.WriteAsync(
            async (write, cancel) => (await write.Db.Database.SqlQueryRaw<long>("PRAGMA page_count").ToListAsync(cancel)).Single(), Cancel);
        // SQLite's own way to be full.
        var limit = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages + 2}");
        await host.Writer.WriteAsync(async (write, cancel) => await write.Db.Database.SqlQueryRaw<long>(limit).ToListAsync(cancel), Cancel);
        var people = await host.ReadAsync(db => db.People.CountAsync(Cancel));

        var acknowledged = 0;
        var refused = false;
        while (!refused && acknowledged < 100)
        {
            try
            {
                await host.WriteAsync(write =>
                {
                    write.Db.People.Add(new Person { Id = PersonId.New(write.Now), ShortCode = $"F{acknowledged}", DisplayName = new string('x', 80), CreatedAt = write.Now });
                    write.Audit(default, "x", Guid.Empty, new string('x', 2000));
                });
                acknowledged++;
            }
            catch (DbUpdateException)
            {
                refused = true;
            }
        }

        Assert.True(refused);
        Assert.Equal(people + acknowledged, await host.ReadAsync(db => db.People.CountAsync(Cancel)));
        // Reading goes on.
        using var browser = host.Browser();
        Assert.NotNull(await browser.GetStringAsync("api/v1/session", Cancel));
        using var health = await browser.GetAsync("health", Cancel);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }
}
