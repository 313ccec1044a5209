using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Badges given for skills.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0015_recognition")]
internal sealed class Recognition : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "given_badge",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                given_at = table.Column<long>(nullable: false),
                given_by = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                revoked_at = table.Column<long>(nullable: true),
                skill_id = table.Column<Guid>(nullable: false),
                status_place = table.Column<int>(nullable: false),
                token = table.Column<string>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_given_badge", row => row.id);
                table.ForeignKey("fk_given_badge_skill_id", row => row.skill_id, "skill", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_given_badge_person_id", "given_badge", "person_id");
        migrationBuilder.CreateIndex("ix_given_badge_skill_id", "given_badge", "skill_id");
        migrationBuilder.CreateIndex("ix_given_badge_status_place", "given_badge", "status_place", unique: true);
    }
}
