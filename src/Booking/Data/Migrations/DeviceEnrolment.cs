using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Devices enrolled by the code that staff type.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0010_device_enrolment")]
internal sealed class DeviceEnrolment : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("enrolment", "device", nullable: false, defaultValue: 0);
        migrationBuilder.AddColumn<long>("enrol_at", "device", nullable: true);
        migrationBuilder.AddColumn<string>("enrol_gateway", "device", nullable: true);
        migrationBuilder.AddColumn<string>("enrol_sealed", "device", nullable: true);
    }
}
