using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>What machines tell of their jobs; readers at the door.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0023_jobs")]
internal sealed class Jobs : Migration
{
    private static readonly string[] OneJob = ["machine_id", "device_id", "job"];
    private static readonly string[] MachineAndStart = ["machine_id", "started_at"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "machine_job",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                attributed_at = table.Column<long>(nullable: true),
                attributed_by = table.Column<Guid>(nullable: true),
                device_id = table.Column<string>(maxLength: 64, nullable: false),
                ended_at = table.Column<long>(nullable: true),
                epoch = table.Column<long>(nullable: false),
                gateway = table.Column<string>(nullable: false),
                job = table.Column<string>(maxLength: 64, nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                milligrams = table.Column<long>(nullable: true),
                millimetres = table.Column<long>(nullable: true),
                name = table.Column<string>(maxLength: 120, nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                progress = table.Column<int>(nullable: true),
                project_id = table.Column<Guid>(nullable: true),
                seq = table.Column<long>(nullable: false),
                session_id = table.Column<Guid>(nullable: true),
                started_at = table.Column<long>(nullable: false),
                state = table.Column<int>(nullable: false),
                version = table.Column<long>(nullable: false),
                working_ms = table.Column<long>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_machine_job", row => row.id));
        migrationBuilder.AddColumn<bool>("at_door", "device", nullable: false, defaultValue: false);
        migrationBuilder.CreateIndex("ix_machine_job_machine_id_device_id_job", "machine_job", OneJob, unique: true);
        migrationBuilder.CreateIndex("ix_machine_job_machine_id_started_at", "machine_job", MachineAndStart);
        migrationBuilder.CreateIndex("ix_machine_job_person_id", "machine_job", "person_id");
        migrationBuilder.CreateIndex("ix_machine_job_session_id", "machine_job", "session_id");
    }
}
