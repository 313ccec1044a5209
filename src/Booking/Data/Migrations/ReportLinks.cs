using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Secret addresses of reports for funders.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0020_report_links")]
internal sealed class ReportLinks : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "report_link",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                expires_at = table.Column<long>(nullable: false),
                first_day = table.Column<int>(nullable: false),
                for_whom = table.Column<string>(maxLength: 80, nullable: false),
                last_day = table.Column<int>(nullable: false),
                made_at = table.Column<long>(nullable: false),
                made_by = table.Column<Guid>(nullable: true),
                programme_id = table.Column<Guid>(nullable: true),
                read_at = table.Column<long>(nullable: true),
                revoked_at = table.Column<long>(nullable: true),
                secret_hash = table.Column<byte[]>(nullable: false),
                strand_id = table.Column<Guid>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_report_link", row => row.id);
                table.ForeignKey("fk_report_link_programme_id", row => row.programme_id, "programme", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_report_link_strand_id", row => row.strand_id, "funder_strand", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_report_link_secret_hash", "report_link", "secret_hash", unique: true);
        migrationBuilder.CreateIndex("ix_report_link_programme_id", "report_link", "programme_id");
        migrationBuilder.CreateIndex("ix_report_link_strand_id", "report_link", "strand_id");
    }
}
