using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Volunteers' hours.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0016_volunteering")]
internal sealed class Volunteering : Migration
{
    private static readonly string[] PersonAndDay = ["person_id", "day"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "volunteer_hours",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                added_at = table.Column<long>(nullable: false),
                added_by = table.Column<Guid>(nullable: false),
                day = table.Column<int>(nullable: false),
                kind = table.Column<int>(nullable: false),
                minutes = table.Column<int>(nullable: false),
                note = table.Column<string>(maxLength: 200, nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                taken_out = table.Column<bool>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_volunteer_hours", row => row.id);
                table.CheckConstraint("ck_volunteer_hours_minutes", "minutes > 0");
            });
        migrationBuilder.CreateIndex("ix_volunteer_hours_day", "volunteer_hours", "day");
        migrationBuilder.CreateIndex("ix_volunteer_hours_person_id_day", "volunteer_hours", PersonAndDay);
    }
}
