using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>What came of the trial of a device's relay.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0019_device_tests")]
internal sealed class DeviceTests : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<long>("test_asked_at", "device", nullable: true);
        migrationBuilder.AddColumn<long>("tested_at", "device", nullable: true);
        migrationBuilder.AddColumn<string>("tested_firmware", "device", nullable: true);
        migrationBuilder.AddColumn<int>("test_outcome", "device", nullable: true);
        migrationBuilder.AddColumn<bool>("tested_by_power", "device", nullable: false, defaultValue: false);
    }
}
