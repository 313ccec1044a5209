using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Waits for a badge, the care of machines, reports of faults, and what is known of devices.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0005_machines_devices")]
internal sealed class MachinesAndDevices : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<Guid>("broken_by", "machine", nullable: true);
        migrationBuilder.AddColumn<int>("broken_release", "machine", nullable: false, defaultValue: 0);
        migrationBuilder.AddColumn<string>("gateway", "device", nullable: true);
        migrationBuilder.AddColumn<bool>("online", "device", nullable: false, defaultValue: false);
        migrationBuilder.AddColumn<string>("firmware", "device", nullable: true);
        migrationBuilder.AddColumn<long>("last_seen_at", "device", nullable: true);
        migrationBuilder.AddColumn<long>("withdrawn_at", "device", nullable: true);
        migrationBuilder.AddColumn<string>("replaced_by", "device", nullable: true);

        migrationBuilder.CreateTable(
            "badge_enrolment",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                assurance = table.Column<int>(nullable: false),
                badge_id = table.Column<Guid>(nullable: true),
                device_id = table.Column<string>(maxLength: 64, nullable: false),
                ends_at = table.Column<long>(nullable: false),
                other_person = table.Column<Guid>(nullable: true),
                person_id = table.Column<Guid>(nullable: false),
                reader = table.Column<int>(nullable: false),
                started_at = table.Column<long>(nullable: false),
                started_by = table.Column<Guid>(nullable: false),
                state = table.Column<int>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_badge_enrolment", row => row.id);
                table.ForeignKey("fk_badge_enrolment_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_badge_enrolment_one_waits", "badge_enrolment", ["device_id", "reader"], unique: true, filter: "state = 0");
        migrationBuilder.CreateIndex("ix_badge_enrolment_person_id", "badge_enrolment", "person_id");
        migrationBuilder.CreateIndex("ix_badge_enrolment_started_at", "badge_enrolment", "started_at");

        migrationBuilder.CreateTable(
            "machine_care",
            table => new
            {
                machine_id = table.Column<Guid>(nullable: false),
                advice = table.Column<string>(nullable: false),
                allowed = table.Column<string>(nullable: false),
                every_hours = table.Column<int>(nullable: true),
                forbidden = table.Column<string>(nullable: false),
                maintenance_training = table.Column<Guid>(nullable: true),
                protection = table.Column<string>(nullable: false),
                reminded_at = table.Column<long>(nullable: true),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_machine_care", row => row.machine_id);
                table.ForeignKey("fk_machine_care_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Cascade);
                table.ForeignKey("fk_machine_care_maintenance_training", row => row.maintenance_training, "training", "id", onDelete: ReferentialAction.SetNull);
            });
        migrationBuilder.CreateIndex("ix_machine_care_maintenance_training", "machine_care", "maintenance_training");

        migrationBuilder.CreateTable(
            "maintenance",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                done_by = table.Column<Guid>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                note = table.Column<string>(nullable: false),
                used_ms = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_maintenance", row => row.id);
                table.ForeignKey("fk_maintenance_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_maintenance_machine_id_at", "maintenance", ["machine_id", "at"]);

        migrationBuilder.CreateTable(
            "fault_report",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                closed_at = table.Column<long>(nullable: true),
                closed_by = table.Column<Guid>(nullable: true),
                machine_id = table.Column<Guid>(nullable: false),
                photo = table.Column<byte[]>(nullable: true),
                text = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_fault_report", row => row.id);
                table.ForeignKey("fk_fault_report_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_fault_report_machine_id_at", "fault_report", ["machine_id", "at"]);
    }
}
