using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>What activity reports count of people, as they say it themselves; and of a line of a list whether it is of a priority neighbourhood.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0022_person_details")]
internal sealed class PersonDetails : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "person_details",
            table => new
            {
                person_id = table.Column<Guid>(nullable: false),
                gender = table.Column<int>(nullable: false),
                occupation = table.Column<int>(nullable: false),
                priority_area = table.Column<int>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_person_details", row => row.person_id);
                table.ForeignKey("fk_person_details_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.AddColumn<int>("priority_area", "attendance", nullable: false, defaultValue: 0);
    }
}
