using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Sites of the lab. Everything there was belongs to the first.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0028_sites")]
internal sealed class Sites : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "lab_site",
            table => new
            {
                site_number = table.Column<int>(nullable: false),
                closed = table.Column<bool>(nullable: false),
                commune = table.Column<string>(maxLength: 80, nullable: false),
                insee = table.Column<string>(maxLength: 5, nullable: false),
                name = table.Column<string>(maxLength: 80, nullable: false),
                post_code = table.Column<string>(maxLength: 10, nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_lab_site", row => row.site_number));
        foreach (var table in new[] { "machine", "device", "visit", "group_session", "volunteer_hours" })
            migrationBuilder.AddColumn<int>("site", table, nullable: false, defaultValue: 1);
        migrationBuilder.AddColumn<int>("site", "report_link", nullable: true);
    }
}
