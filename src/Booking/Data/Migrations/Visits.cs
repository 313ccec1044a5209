using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Visits, their reasons, kiosks and what they hand in, calls from the door, PINs of the team there.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0011_visits")]
internal sealed class Visits : Migration
{
    private static readonly string[] PersonAndArrival = ["person_id", "arrived_at"];
    private static readonly string[] PersonAndLeft = ["person_id", "left_at"];
    private static readonly string[] ClosedAndAt = ["closed_at", "at"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "visit",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                age_band = table.Column<int>(nullable: true),
                arrived_at = table.Column<long>(nullable: false),
                clock_off = table.Column<long>(nullable: true),
                first = table.Column<bool>(nullable: false),
                group_session_id = table.Column<Guid>(nullable: true),
                kiosk = table.Column<string>(maxLength: 32, nullable: false),
                left_at = table.Column<long>(nullable: true),
                left_how = table.Column<int>(nullable: true),
                person_id = table.Column<Guid>(nullable: true),
                reason = table.Column<string>(maxLength: 32, nullable: true),
                taken_out = table.Column<bool>(nullable: false),
                version = table.Column<long>(nullable: false),
                way = table.Column<int>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_visit", row => row.id));
        migrationBuilder.CreateIndex("ix_visit_arrived_at", "visit", "arrived_at");
        migrationBuilder.CreateIndex("ix_visit_group_session_id", "visit", "group_session_id");
        migrationBuilder.CreateIndex("ix_visit_left_at", "visit", "left_at");
        migrationBuilder.CreateIndex("ix_visit_person_id_arrived_at", "visit", PersonAndArrival);
        migrationBuilder.CreateIndex("ix_visit_one_open", "visit", "person_id", unique: true, filter: "left_at IS NULL AND person_id IS NOT NULL");
        Reasons(migrationBuilder);
        Kiosks(migrationBuilder);
    }

    private static void Reasons(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "visit_reason",
            table => new
            {
                code = table.Column<string>(maxLength: 32, nullable: false),
                active = table.Column<bool>(nullable: false),
                name_en = table.Column<string>(maxLength: 40, nullable: false),
                name_fr = table.Column<string>(maxLength: 40, nullable: false),
                pictogram = table.Column<string>(maxLength: 32, nullable: false),
                position = table.Column<int>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_visit_reason", row => row.code));
        migrationBuilder.Sql(
            """
            INSERT INTO visit_reason (code, active, name_en, name_fr, pictogram, position) VALUES
              ('machine', TRUE, 'Use a machine', 'Utiliser une machine', 'machine', 1),
              ('workshop', TRUE, 'Workshop', 'Atelier', 'people', 2),
              ('discover', TRUE, 'Look around', 'Découvrir', 'spark', 3),
              ('room', TRUE, 'Room or desk', 'Salle ou coworking', 'room', 4),
              ('digital_help', TRUE, 'Help with digital things', 'Aide numérique', 'screen', 5),
              ('meeting', TRUE, 'Appointment', 'Rendez-vous', 'calendar', 6),
              ('volunteer', TRUE, 'Volunteering', 'Bénévolat', 'hand', 7),
              ('other', TRUE, 'Something else', 'Autre', 'dots', 8)
            """);
    }

    private static void Kiosks(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "kiosk",
            table => new
            {
                name = table.Column<string>(maxLength: 32, nullable: false),
                created_at = table.Column<long>(nullable: false),
                key_hash = table.Column<byte[]>(nullable: false),
                last_seen_at = table.Column<long>(nullable: true),
            },
            constraints: table => table.PrimaryKey("pk_kiosk", row => row.name));
        migrationBuilder.CreateIndex("ix_kiosk_key_hash", "kiosk", "key_hash", unique: true);
        migrationBuilder.CreateTable(
            "door_item",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                answer = table.Column<string>(maxLength: 32, nullable: false),
                kiosk = table.Column<string>(maxLength: 32, nullable: false),
                left_at = table.Column<long>(nullable: true),
                person_id = table.Column<Guid>(nullable: true),
                received_at = table.Column<long>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_door_item", row => row.id));
        migrationBuilder.CreateIndex("ix_door_item_received_at", "door_item", "received_at");
        migrationBuilder.CreateIndex("ix_door_item_person_id_left_at", "door_item", PersonAndLeft);
        migrationBuilder.CreateTable(
            "door_request",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                closed_at = table.Column<long>(nullable: true),
                closed_by = table.Column<Guid>(nullable: true),
                first_name = table.Column<string>(maxLength: 40, nullable: true),
                kiosk = table.Column<string>(maxLength: 32, nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_door_request", row => row.id));
        migrationBuilder.CreateIndex("ix_door_request_closed_at_at", "door_request", ClosedAndAt);
        migrationBuilder.CreateTable(
            "door_pin",
            table => new
            {
                person_id = table.Column<Guid>(nullable: false),
                hash = table.Column<byte[]>(nullable: false),
                rounds = table.Column<int>(nullable: false),
                salt = table.Column<byte[]>(nullable: false),
                set_at = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_door_pin", row => row.person_id);
                table.ForeignKey("fk_door_pin_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
    }
}
