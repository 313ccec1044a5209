using FabLab.Booking.Data;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core.Scheduling;
using FabLab.Testing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Tests.Data;

public sealed class MigrationTests
{
    private static readonly string[] SqliteShape =
    [
        """
        SELECT 'column ' || m.name || '.' || c.name || ' ' || c.type || ' notnull=' || c."notnull" || ' pk=' || c.pk
        FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
        """,
        """
        SELECT 'index ' || m.name || '.' || i.name || ' unique=' || i."unique" || ' on ' ||
               (SELECT group_concat(x.name, ',') FROM pragma_index_info(i.name) x) || coalesce(' ' || (SELECT substr(s.sql, instr(s.sql, ' WHERE ')) FROM sqlite_master s WHERE s.name = i.name AND instr(s.sql, ' WHERE ') > 0), '')
        FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin = 'c'
        """,
        """
        SELECT 'key ' || m.name || '.' || f."from" || ' to ' || f."table" || '.' || f."to" || ' ' || f.on_delete
        FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
        """,
    ];

    private static readonly string[] PostgresShape =
    [
        """
        SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(character_maximum_length::text, '')
        FROM information_schema.columns WHERE table_schema = 'public'
        """,
        "SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'",
        """
        SELECT 'constraint ' || conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f', 'c')
        """,
    ];

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task What_the_migrations_build_is_what_the_model_says(DatabaseKind kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var byMigration = await OptionsAsync(kind, folder, "migrated", cancel);
        var byModel = await OptionsAsync(kind, folder, "model", cancel);

        await BookingDatabase.MigrateAsync(byMigration, cancel);
        await using (var context = BookingDbContext.ForWriting(byModel.Options))
            await context.Database.EnsureCreatedAsync(cancel);

        Assert.Equal(await ShapeAsync(kind, byModel, cancel), await ShapeAsync(kind, byMigration, cancel));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Hours_that_were_only_written_down_become_hours_that_are_read_and_bind_no_relay(DatabaseKind kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var options = await OptionsAsync(kind, folder, "before", cancel);
        await BookingDatabase.MigrateAsync(options, cancel);
        await using (var before = BookingDbContext.ForWriting(options.Options))
        {
            // As it was before this step, which is then taken once more.
            string[] back =
            [
                "ALTER TABLE site ADD COLUMN opening TEXT", "ALTER TABLE site_timetable DROP COLUMN previous", "ALTER TABLE machine_timetable DROP COLUMN previous",
                """DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" = '0009_hours'""", "DELETE FROM site",
            ];
            foreach (var step in back)
                await before.Database.ExecuteSqlRawAsync(step, cancel);
            await before.Database.ExecuteSqlRawAsync(
                "INSERT INTO site (id, rule, opening, version) VALUES (1, {0}, {1}, 0)",
                ["{\"name\":\"Atelier\",\"zone\":\"Indian/Reunion\"}", "{\"friday\":[\"10:00-12:00\"],\"tuesday\":[\"10:00-12:00\",\"14:00-18:00\"]}"], cancel);
        }

        await BookingDatabase.MigrateAsync(options, cancel);

        await using var after = BookingDbContext.ForWriting(options.Options);
        var hours = (await after.SiteTimetables.SingleAsync(cancel)).Timetable;
        Assert.Equal(("Indian/Reunion", 3), (hours.Zone, hours.Weekly.Count));
        Assert.Contains(hours.Weekly, rule => rule.Days == WeekDays.Tuesday && rule.Window is { Kind: OpeningKind.Booked, Start.Hour: 14, End.Hour: 18 });
        Assert.False((await after.BookingTerms.SingleAsync(cancel)).Terms.KeepsHours);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Migrating_twice_changes_nothing(DatabaseKind kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var options = await OptionsAsync(kind, folder, "twice", cancel);

        await BookingDatabase.MigrateAsync(options, cancel);
        var first = await ShapeAsync(kind, options, cancel);
        await BookingDatabase.MigrateAsync(options, cancel);

        Assert.Equal(first, await ShapeAsync(kind, options, cancel));
    }

    /// <summary>A second model of all tables would cost half a second of every start and ten megabytes for good.</summary>
    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Migrations_readers_and_the_writer_share_one_model(DatabaseKind kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var migrations = BookingDbContext.ForWriting((await OptionsAsync(kind, folder, "shared", cancel)).Options);
        await using var host = await BookingHost.StartAsync(kind);

        var reader = await host.ReadAsync(db => Task.FromResult(db.Model));
        var writer = await host.Writer.WriteAsync((write, _) => Task.FromResult(write.Db.Model), cancel);

        Assert.Same(reader, writer);
        Assert.Same(reader, migrations.Model);
    }

    private static async Task<DbContextOptionsBuilder<BookingDbContext>> OptionsAsync(
        DatabaseKind kind, TemporaryFolder folder, string name, CancellationToken cancellationToken)
    {
        var builder = BookingDatabase.Options();
        if (kind == DatabaseKind.Postgres)
            builder.UseNpgsql(await BookingHost.PostgresAsync(cancellationToken) + ";Pooling=false");
        else
            builder.UseSqlite($"Data Source={Path.Combine(folder.Path, name + ".db")};Pooling=False");
        return builder;
    }

    private static async Task<string> ShapeAsync(DatabaseKind kind, DbContextOptionsBuilder<BookingDbContext> options, CancellationToken cancellationToken)
    {
        await using var context = BookingDbContext.ForWriting(options.Options);
        var lines = new List<string>();
        foreach (var sql in kind == DatabaseKind.Postgres ? PostgresShape : SqliteShape)
            lines.AddRange(await context.Database.SqlQueryRaw<string>(sql).ToListAsync(cancellationToken));
        return string.Join('\n', lines.Where(line => !line.Contains("__EFMigrations", StringComparison.Ordinal) && !line.Contains("booking_overlap", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }
}
