using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>
/// Hours, terms and quotas; rooms, pools, series, the waiting list; and what a booking knows of itself. Overlaps are refused by
/// slots, place by place, no longer by the bookings themselves.
/// </summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0007_bookings")]
internal sealed class Bookings : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("kind", "machine", nullable: false, defaultValue: 0);
        migrationBuilder.AddColumn<Guid>("room_id", "machine", nullable: true);
        migrationBuilder.AddColumn<string>("plan", "person", maxLength: 40, nullable: true);
        BookingColumns(migrationBuilder);
        Hours(migrationBuilder);
        Pools(migrationBuilder);
        Slots(migrationBuilder);
    }

    private static void BookingColumns(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("kind", "reservation", nullable: false, defaultValue: 0);
        migrationBuilder.AddColumn<Guid>("group_id", "reservation", nullable: true);
        migrationBuilder.AddColumn<int>("places", "reservation", nullable: false, defaultValue: 1);
        migrationBuilder.AddColumn<Guid>("pool_id", "reservation", nullable: true);
        migrationBuilder.AddColumn<Guid>("series_id", "reservation", nullable: true);
        migrationBuilder.AddColumn<Guid>("project_id", "reservation", nullable: true);
        migrationBuilder.AddColumn<string>("note", "reservation", maxLength: 500, nullable: false, defaultValue: "");
        migrationBuilder.AddColumn<string>("why", "reservation", maxLength: 200, nullable: false, defaultValue: "");
        migrationBuilder.AddColumn<Guid>("made_by", "reservation", nullable: true);
        migrationBuilder.AddColumn<long>("claimed_at", "reservation", nullable: true);
        migrationBuilder.AddColumn<long>("no_show_at", "reservation", nullable: true);
        migrationBuilder.AddColumn<Guid>("waived_by", "reservation", nullable: true);
        migrationBuilder.AddColumn<Guid>("cancelled_by", "reservation", nullable: true);
        migrationBuilder.AddColumn<bool>("cancelled_late", "reservation", nullable: false, defaultValue: false);
        migrationBuilder.AddColumn<long>("held_until", "reservation", nullable: true);
        migrationBuilder.AddColumn<string>("decision", "reservation", nullable: true);
        migrationBuilder.CreateIndex("ix_reservation_series_id", "reservation", "series_id");
        migrationBuilder.CreateIndex("ix_reservation_starts_at_ends_at", "reservation", ["starts_at", "ends_at"]);
    }

    private static void Hours(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "site_timetable",
            table => new
            {
                id = table.Column<int>(nullable: false),
                timetable = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_site_timetable", row => row.id));
        migrationBuilder.CreateTable(
            "machine_timetable",
            table => new
            {
                machine_id = table.Column<Guid>(nullable: false),
                timetable = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_machine_timetable", row => row.machine_id);
                table.ForeignKey("fk_machine_timetable_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateTable(
            "booking_terms",
            table => new
            {
                scope = table.Column<string>(maxLength: 80, nullable: false),
                terms = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_booking_terms", row => row.scope));
        migrationBuilder.CreateTable(
            "booking_quota",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                quota = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_booking_quota", row => row.id));
    }

    private static void Pools(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "pool",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                name_en = table.Column<string>(maxLength: 100, nullable: false),
                name_fr = table.Column<string>(maxLength: 100, nullable: false),
                retired = table.Column<bool>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_pool", row => row.id));
        migrationBuilder.CreateTable(
            "pool_member",
            table => new
            {
                machine_id = table.Column<Guid>(nullable: false),
                pool_id = table.Column<Guid>(nullable: false),
                position = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_pool_member", row => row.machine_id);
                table.ForeignKey("fk_pool_member_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_pool_member_pool_id", row => row.pool_id, "pool", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_pool_member_pool_id", "pool_member", "pool_id");
        migrationBuilder.CreateTable(
            "booking_series",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                made_by = table.Column<Guid>(nullable: true),
                rule = table.Column<string>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_booking_series", row => row.id));
        migrationBuilder.CreateTable(
            "booking_wait",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                ends_at = table.Column<long>(nullable: false),
                lapsed = table.Column<int>(nullable: false),
                length = table.Column<long>(nullable: false),
                machine_id = table.Column<Guid>(nullable: true),
                offer = table.Column<Guid>(nullable: true),
                person_id = table.Column<Guid>(nullable: false),
                pool_id = table.Column<Guid>(nullable: true),
                starts_at = table.Column<long>(nullable: false),
                state = table.Column<int>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_booking_wait", row => row.id);
                table.ForeignKey("fk_booking_wait_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_booking_wait_person_id", "booking_wait", "person_id");
        migrationBuilder.CreateIndex("ix_booking_wait_state_created_at", "booking_wait", ["state", "created_at"]);
    }

    private static void Slots(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "booking_slot",
            table => new
            {
                booking_id = table.Column<Guid>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                place = table.Column<int>(nullable: false),
                ends_at = table.Column<long>(nullable: false),
                live = table.Column<bool>(nullable: false),
                starts_at = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_booking_slot", row => new { row.booking_id, row.machine_id, row.place });
                table.CheckConstraint("ck_booking_slot_order", "starts_at < ends_at");
                table.ForeignKey("fk_booking_slot_booking_id", row => row.booking_id, "reservation", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_booking_slot_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_booking_slot_machine_id_place_live_starts_at", "booking_slot", ["machine_id", "place", "live", "starts_at"]);
        // What stood was compared by the old guard: it fits.
        migrationBuilder.Sql($"""
            INSERT INTO booking_slot (booking_id, machine_id, place, starts_at, ends_at, live)
            SELECT id, machine_id, 0, starts_at, ends_at, {(migrationBuilder.IsSqlite() ? "1" : "true")} FROM reservation
            WHERE cancelled_at IS NULL AND released_at IS NULL
            """);
        if (migrationBuilder.IsSqlite())
            SqliteGuard(migrationBuilder);
        else
            PostgresGuard(migrationBuilder);
    }

    /// <summary>
    /// Live slots of one place never overlap, so the one that starts last before the new one's end is the only one that can reach
    /// into it: one step in the index, however long the past.
    /// </summary>
    private static void SqliteGuard(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("DROP TRIGGER reservation_overlap_insert");
        migrationBuilder.Sql("DROP TRIGGER reservation_overlap_update");
        const string Clash = """
            SELECT RAISE(ABORT, 'booking_overlap')
            WHERE NEW.live = 1 AND NEW.starts_at < (
                SELECT other.ends_at FROM booking_slot AS other
                WHERE other.machine_id = NEW.machine_id AND other.place = NEW.place AND other.live = 1
                  AND other.starts_at < NEW.ends_at AND other.booking_id <> NEW.booking_id
                ORDER BY other.starts_at DESC LIMIT 1);
            """;
        migrationBuilder.Sql($"CREATE TRIGGER booking_overlap_insert BEFORE INSERT ON booking_slot BEGIN {Clash} END");
        migrationBuilder.Sql($"CREATE TRIGGER booking_overlap_update BEFORE UPDATE ON booking_slot BEGIN {Clash} END");
    }

    private static void PostgresGuard(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("ALTER TABLE reservation DROP CONSTRAINT reservation_overlap");
        migrationBuilder.Sql("""
            ALTER TABLE booking_slot ADD CONSTRAINT booking_overlap
            EXCLUDE USING gist (machine_id WITH =, place WITH =, int8range(starts_at, ends_at) WITH &&)
            WHERE (live)
            """);
    }
}
