using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Every trial of a relay, also those by somebody's hand.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0027_device_trials")]
internal sealed class DeviceTrials : Migration
{
    private static readonly string[] DeviceAndTime = ["device_id", "at"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("test_asked_kind", "device", nullable: false, defaultValue: 0);
        migrationBuilder.CreateTable(
            "device_trial",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                by_power = table.Column<bool>(nullable: false),
                device_id = table.Column<string>(maxLength: 64, nullable: false),
                firmware = table.Column<string>(maxLength: 64, nullable: true),
                kind = table.Column<int>(nullable: false),
                outcome = table.Column<int>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_device_trial", row => row.id));
        migrationBuilder.CreateIndex("ix_device_trial_device_id_at", "device_trial", DeviceAndTime);
    }
}
