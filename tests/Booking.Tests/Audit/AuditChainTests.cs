using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.People;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Audit;

/// <summary>The chain of what was done: it holds by itself, under several writers, and shows whatever is done to it.</summary>
public sealed class AuditChainTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Acts_of_staff_and_decisions_are_chained_with_who_did_them(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await StoryAsync(host);

        var report = await CheckAsync(host);
        var acts = await host.ReadAsync(db => (
            from entry in db.Audit join value in db.AuditValues on entry.Seq equals value.Seq orderby entry.Seq
            select new { entry.Action, value.By }).ToListAsync(Cancel));

        Assert.Empty(report.Faults);
        Assert.Equal(acts.Count, report.Entries);
        Assert.Equal(
            ["person.added", "habilitation.granted", "machine.locked_out", "decision.granted", "decision.granted", "decision.refused"],
            acts.Select(act => act.Action));
        Assert.All(acts.Take(3), act => Assert.Equal(lab.Manager.Id, act.By));
        Assert.All(acts.Skip(3), act => Assert.Null(act.By));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_write_that_is_refused_leaves_no_trace_and_no_gap(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var add = host.Services.GetRequiredService<AddPerson>();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => add.HandleAsync(new NewPerson(ShortCode: $"X{i / 2}"), lab.Manager, Cancel)));

        var report = await CheckAsync(host);
        Assert.Empty(report.Faults);
        Assert.Equal(outcomes.Count(outcome => outcome.Done), report.Entries);
        Assert.Equal(15, report.Entries);
    }

    [Fact]
    public async Task Two_copies_over_one_PostgreSQL_write_one_chain()
    {
        var database = await BookingHost.PostgresAsync(Cancel);
        var settings = new Dictionary<string, string?> { ["Booking:Database"] = database };
        await using var one = await BookingHost.StartAsync(settings: settings);
        await using var two = await BookingHost.StartAsync(settings: settings);
        var lab = await SmallLab.InAsync(one);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 120).Select(i =>
            (i % 2 == 0 ? one : two).Services.GetRequiredService<AddPerson>().HandleAsync(new NewPerson(ShortCode: $"C{i}"), lab.Manager, Cancel)));

        Assert.All(outcomes, outcome => Assert.True(outcome.Done));
        var report = await CheckAsync(two);
        Assert.Empty(report.Faults);
        Assert.Equal(120, report.Entries);
        Assert.Equal(report.Head, (await CheckAsync(one)).Head);
    }

    [Fact]
    public async Task Whatever_is_done_to_the_file_is_found()
    {
        using var folder = new TemporaryFolder();
        string kept;
        await using (var host = await BookingHost.StartAsync(folder: folder))
        {
            await StoryAsync(host);
            kept = (await CheckAsync(host)).Head;
        }
        // A value moved between two entries; the same value, another salt; and so on. Triggers do not stop who owns the file.
        (string Sql, string Code)[] blows =
        [
            ("UPDATE audit SET action = 'person.changed' WHERE seq = 1", AuditFaults.EntryChanged),
            ("UPDATE audit SET at = at + 1 WHERE seq = 2", AuditFaults.EntryChanged),
            ("UPDATE audit SET fact = 'lab/1/9' WHERE seq = 4", AuditFaults.EntryChanged),
            ("UPDATE audit SET by_commitment = NULL WHERE seq = 1", AuditFaults.EntryChanged),
            ("UPDATE audit SET values_erased = 1 WHERE seq = 1", AuditFaults.EntryChanged),
            ("UPDATE audit SET hash = '" + new string('a', 64) + "' WHERE seq = 3", AuditFaults.EntryChanged),
            ("UPDATE audit SET previous = '" + new string('a', 64) + "' WHERE seq = 3", AuditFaults.ChainBroken),
            ("DELETE FROM audit WHERE seq = 1", AuditFaults.EntryMissing),
            ("DELETE FROM audit WHERE seq = 3", AuditFaults.EntryMissing),
            ("DELETE FROM audit WHERE seq = 6", AuditFaults.HeadWrong),
            ("DELETE FROM audit", AuditFaults.HeadWrong),
            ("UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3); UPDATE audit SET seq = -seq WHERE seq < 0", AuditFaults.EntryChanged),
            ("INSERT INTO audit SELECT seq + 100, action, at, by_commitment, detail_commitment, fact, hash, previous, subject_commitment, values_erased FROM audit WHERE seq = 1", AuditFaults.EntryMissing),
            ("UPDATE audit_value SET done_by = (SELECT id FROM person WHERE short_code = 'M01') WHERE seq = 1", AuditFaults.ValueChanged),
            ("UPDATE audit_value SET detail = 'belts' WHERE seq = 3", AuditFaults.ValueChanged),
            ("UPDATE audit_value SET detail_salt = '00' WHERE seq = 3", AuditFaults.ValueChanged),
            ("UPDATE audit_value SET detail = 'why', detail_salt = '00' WHERE seq = 1", AuditFaults.ValueChanged),
            ("UPDATE audit_value SET done_by = NULL, done_by_salt = NULL WHERE seq = 1", AuditFaults.ValuesMissing),
            ("DELETE FROM audit_value WHERE seq = 2", AuditFaults.ValuesMissing),
            ("INSERT INTO audit_value (seq, detail, detail_salt) VALUES (99, 'x', '00')", AuditFaults.ValueForeign),
            ("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)", AuditFaults.DecisionMissing),
            ("UPDATE journal SET body = replace(body, 'machine_broken', 'closed_now') WHERE seq = (SELECT max(seq) FROM journal)", AuditFaults.DecisionChanged),
            ("UPDATE audit_head SET seq = 5", AuditFaults.HeadWrong),
            ("UPDATE audit_head SET hash = '" + new string('0', 64) + "'", AuditFaults.HeadWrong),
            ("DELETE FROM audit_head", AuditFaults.HeadWrong),
        ];

        foreach (var (sql, code) in blows)
        {
            var report = await AfterAsync(folder, sql, kept: null);
            Assert.True(report.Faults.Any(fault => fault.Code == code), $"{sql}: {string.Join("; ", report.Faults)}");
        }
        Assert.Empty((await AfterAsync(folder, "SELECT 1", kept)).Faults);
    }

    [Fact]
    public async Task A_tail_that_was_cut_off_or_a_chain_written_anew_is_found_by_a_head_kept_elsewhere()
    {
        using var folder = new TemporaryFolder();
        string before, kept;
        await using (var host = await BookingHost.StartAsync(folder: folder))
        {
            var lab = await StoryAsync(host);
            before = (await CheckAsync(host)).Head;
            await host.Services.GetRequiredService<AddPerson>().HandleAsync(new NewPerson(), lab.Manager, Cancel);
            kept = (await CheckAsync(host)).Head;
        }
        const string Cut = """
            DELETE FROM audit WHERE seq = 7; DELETE FROM audit_value WHERE seq = 7;
            UPDATE audit_head SET seq = 6, hash = (SELECT hash FROM audit WHERE seq = 6)
            """;

        var withoutHead = await AfterAsync(folder, Cut, kept: null);
        var withHead = await AfterAsync(folder, Cut, kept);
        var untouched = await AfterAsync(folder, "SELECT 1", before.ToUpperInvariant());

        Assert.Empty(withoutHead.Faults);
        Assert.Equal(AuditFaults.KeptHeadMissing, Assert.Single(withHead.Faults).Code);
        Assert.Empty(untouched.Faults);
        Assert.Equal(6, untouched.KeptHeadAt);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_audit_of_before_the_chain_is_taken_into_it(DatabaseKind kind)
    {
        using var folder = new TemporaryFolder();
        var builder = BookingDatabase.Options();
        if (kind == DatabaseKind.Postgres)
            builder.UseNpgsql(await BookingHost.PostgresAsync(Cancel) + ";Pooling=false");
        else
            builder.UseSqlite($"Data Source={Path.Combine(folder.Path, "old.db")};Pooling=False");
        var by = Guid.CreateVersion7();
        await BookingDatabase.MigrateAsync(builder, Cancel);
        await using (var context = BookingDbContext.ForWriting(builder.Options))
        {
            // As the migration leaves it.
            await context.Database.ExecuteSqlRawAsync(
                kind == DatabaseKind.Postgres
                    ? "CREATE TABLE audit_before (id uuid PRIMARY KEY, action text NOT NULL, at bigint NOT NULL, done_by uuid NOT NULL, detail text NOT NULL, subject uuid NOT NULL)"
                    : "CREATE TABLE audit_before (id TEXT PRIMARY KEY, action TEXT NOT NULL, at INTEGER NOT NULL, done_by TEXT NOT NULL, detail TEXT NOT NULL, subject TEXT NOT NULL)",
                Cancel);
            foreach (var (id, at) in new[] { (Guid.CreateVersion7(), 2000L), (Guid.CreateVersion7(), 1000L) })
            {
                await context.Database.ExecuteSqlAsync(
                    $"INSERT INTO audit_before (id, action, at, done_by, detail, subject) VALUES ({id}, 'person.added', {at}, {by}, {"at " + at}, {Guid.Empty})", Cancel);
            }
        }

        await BookingDatabase.MigrateAsync(builder, Cancel);
        await BookingDatabase.MigrateAsync(builder, Cancel);

        await using var db = BookingDbContext.ForWriting(builder.Options);
        Assert.Equal(["at 1000", "at 2000"], await db.AuditValues.OrderBy(value => value.Seq).Select(value => value.Detail).ToListAsync(Cancel));
        Assert.Empty((await new AuditCheck(new Contexts(builder.Options)).RunAsync(null, Cancel)).Faults);
    }

    /// <summary>One person added, one habilitation, one lock-out, a use (two taps) and a refused tap: six entries.</summary>
    private static async Task<SmallLab> StoryAsync(BookingHost host)
    {
        var lab = await SmallLab.InAsync(host);
        await host.Services.GetRequiredService<AddPerson>().HandleAsync(new NewPerson(ShortCode: "M03", DisplayName: "Cleo"), lab.Manager, Cancel);
        await host.Services.GetRequiredService<GrantHabilitation>().HandleAsync(
            lab.Ada, new HabilitationGrant(lab.Training, HabilitationLevel.Autonomous, "seen"), lab.Manager, Cancel);
        await host.Services.GetRequiredService<LockMachineOut>().HandleAsync(lab.Machine, new NewLockOut("belt"), lab.Manager, Cancel);
        var records = new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 60).RefusedTap(AccessReason.MachineBroken, lab.Ada, lab.AdasBadge).Records();
        await host.GatewayClient().JournalAsync(new JournalBatch(1, records), Cancel);
        // Sent twice it is noted once.
        await host.GatewayClient().JournalAsync(new JournalBatch(1, records), Cancel);
        return lab;
    }

    private static Task<AuditReport> CheckAsync(BookingHost host) => host.Services.GetRequiredService<IAuditCheck>().RunAsync(null, Cancel);

    /// <summary>A copy of the file, after somebody who knows SQL was at it.</summary>
    private static async Task<AuditReport> AfterAsync(TemporaryFolder folder, string sql, string? kept)
    {
        var copy = Path.Combine(folder.Path, $"{Guid.NewGuid():N}.db");
        File.Copy(Path.Combine(folder.Path, "booking.db"), copy);
        var connectionString = $"Data Source={copy};Pooling=False";
        await using (var connection = new SqliteConnection(connectionString))
        {
            await connection.OpenAsync(Cancel);
            var triggers = new List<string>();
            await using (var find = connection.CreateCommand())
            {
                find.CommandText = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
                await using var names = await find.ExecuteReaderAsync(Cancel);
                while (await names.ReadAsync(Cancel))
                    triggers.Add($"DROP TRIGGER {names.GetString(0)}");
            }
            foreach (var statement in triggers.Concat(sql.Split(';')))
            {
                await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Written above.
                command.CommandText = statement;
#pragma warning restore CA2100
                await command.ExecuteNonQueryAsync(Cancel);
            }
        }
        return await new AuditCheck(new Contexts(BookingDatabase.Options().UseSqlite(connectionString).Options)).RunAsync(kept, Cancel);
    }

    private sealed class Contexts(DbContextOptions<BookingDbContext> options) : IDbContextFactory<BookingDbContext>
    {
        public BookingDbContext CreateDbContext() => new(options);
    }
}
