using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>
/// The first shape of the database. Tables are the same for both databases; what refuses overlapping bookings and changes of
/// the past is written for each.
/// </summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0001_first")]
internal sealed partial class First : Migration
{
    private static readonly string[] AppendOnlyTables = ["journal", "machine_time", "audit", "habilitation_act"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        Lab(migrationBuilder);
        Records(migrationBuilder);
        migrationBuilder.Sql("INSERT INTO policy_counter (id, revision) VALUES (1, 0)");
        if (migrationBuilder.IsSqlite())
            SqliteGuards(migrationBuilder);
        else
            PostgresGuards(migrationBuilder);
    }

    private static void SqliteGuards(MigrationBuilder migrationBuilder)
    {
        const string Clash = """
            SELECT RAISE(ABORT, 'reservation_overlap')
            WHERE NEW.cancelled_at IS NULL AND NEW.released_at IS NULL AND EXISTS (
                SELECT 1 FROM reservation AS other
                WHERE other.machine_id = NEW.machine_id AND other.id <> NEW.id
                  AND other.cancelled_at IS NULL AND other.released_at IS NULL
                  AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at);
            """;
        migrationBuilder.Sql($"CREATE TRIGGER reservation_overlap_insert BEFORE INSERT ON reservation BEGIN {Clash} END");
        migrationBuilder.Sql($"CREATE TRIGGER reservation_overlap_update BEFORE UPDATE ON reservation BEGIN {Clash} END");
        foreach (var table in AppendOnlyTables)
        {
            foreach (var change in new[] { "UPDATE", "DELETE" })
            {
                migrationBuilder.Sql(
                    $"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, 'append_only'); END");
            }
        }
    }

    private static void PostgresGuards(MigrationBuilder migrationBuilder)
    {
        // For '=' on a uuid inside a gist index.
        migrationBuilder.Sql("CREATE EXTENSION IF NOT EXISTS btree_gist");
        migrationBuilder.Sql("""
            ALTER TABLE reservation ADD CONSTRAINT reservation_overlap
            EXCLUDE USING gist (machine_id WITH =, int8range(starts_at, ends_at) WITH &&)
            WHERE (cancelled_at IS NULL AND released_at IS NULL)
            """);
        migrationBuilder.Sql("""
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'append_only'; END $$
            """);
        foreach (var table in AppendOnlyTables)
        {
            migrationBuilder.Sql(
                $"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()");
        }
    }
}
