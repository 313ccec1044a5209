using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Funders with their strands, partners, programmes with their pathways, steps and skills.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0012_programmes")]
internal sealed class Programmes : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "funder",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                name = table.Column<string>(maxLength: 100, nullable: false),
                retired = table.Column<bool>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_funder", row => row.id);
            });
        migrationBuilder.CreateTable(
            "funder_strand",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                code = table.Column<string>(maxLength: 20, nullable: false),
                funder_id = table.Column<Guid>(nullable: false),
                name = table.Column<string>(maxLength: 100, nullable: false),
                retired = table.Column<bool>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_funder_strand", row => row.id);
                table.ForeignKey("fk_funder_strand_funder_id", row => row.funder_id, "funder", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_funder_strand_code", "funder_strand", "code", unique: true);
        migrationBuilder.CreateIndex("ix_funder_strand_funder_id", "funder_strand", "funder_id");
        migrationBuilder.CreateTable(
            "partner",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                kind = table.Column<string>(maxLength: 60, nullable: false),
                name = table.Column<string>(maxLength: 100, nullable: false),
                retired = table.Column<bool>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_partner", row => row.id);
            });
        migrationBuilder.CreateTable(
            "partner_person",
            table => new
            {
                partner_id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_partner_person", row => new { row.partner_id, row.person_id });
                table.ForeignKey("fk_partner_person_partner_id", row => row.partner_id, "partner", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_partner_person_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_partner_person_person_id", "partner_person", "person_id");
        migrationBuilder.CreateTable(
            "programme",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                closed = table.Column<bool>(nullable: false),
                description = table.Column<string>(maxLength: 1000, nullable: false),
                ends_on = table.Column<int>(nullable: true),
                goal_hours = table.Column<int>(nullable: true),
                goal_people = table.Column<int>(nullable: true),
                goal_sessions = table.Column<int>(nullable: true),
                lead = table.Column<Guid>(nullable: true),
                name_en = table.Column<string>(maxLength: 100, nullable: false),
                name_fr = table.Column<string>(maxLength: 100, nullable: false),
                starts_on = table.Column<int>(nullable: true),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_programme", row => row.id);
            });
        migrationBuilder.CreateTable(
            "programme_strand",
            table => new
            {
                programme_id = table.Column<Guid>(nullable: false),
                strand_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_programme_strand", row => new { row.programme_id, row.strand_id });
                table.ForeignKey("fk_programme_strand_programme_id", row => row.programme_id, "programme", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_programme_strand_strand_id", row => row.strand_id, "funder_strand", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_programme_strand_strand_id", "programme_strand", "strand_id");
        migrationBuilder.CreateTable(
            "pathway",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                closed = table.Column<bool>(nullable: false),
                name_en = table.Column<string>(maxLength: 100, nullable: false),
                name_fr = table.Column<string>(maxLength: 100, nullable: false),
                position = table.Column<int>(nullable: false),
                programme_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_pathway", row => row.id);
                table.ForeignKey("fk_pathway_programme_id", row => row.programme_id, "programme", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_pathway_programme_id", "pathway", "programme_id");
        migrationBuilder.CreateTable(
            "pathway_step",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                closed = table.Column<bool>(nullable: false),
                name_en = table.Column<string>(maxLength: 100, nullable: false),
                name_fr = table.Column<string>(maxLength: 100, nullable: false),
                pathway_id = table.Column<Guid>(nullable: false),
                position = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_pathway_step", row => row.id);
                table.ForeignKey("fk_pathway_step_pathway_id", row => row.pathway_id, "pathway", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_pathway_step_pathway_id", "pathway_step", "pathway_id");
        migrationBuilder.CreateTable(
            "skill",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                kind = table.Column<int>(nullable: false),
                name_en = table.Column<string>(maxLength: 100, nullable: false),
                name_fr = table.Column<string>(maxLength: 100, nullable: false),
                retired = table.Column<bool>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_skill", row => row.id);
            });
        migrationBuilder.CreateTable(
            "step_skill",
            table => new
            {
                step_id = table.Column<Guid>(nullable: false),
                skill_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_step_skill", row => new { row.step_id, row.skill_id });
                table.ForeignKey("fk_step_skill_step_id", row => row.step_id, "pathway_step", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_step_skill_skill_id", row => row.skill_id, "skill", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_step_skill_skill_id", "step_skill", "skill_id");
        migrationBuilder.CreateTable(
            "own_page",
            table => new
            {
                person_id = table.Column<Guid>(nullable: false),
                shows_habilitations = table.Column<bool>(nullable: false),
                shows_hours = table.Column<bool>(nullable: false),
                shows_name = table.Column<bool>(nullable: false),
                shows_projects = table.Column<bool>(nullable: false),
                shows_skills = table.Column<bool>(nullable: false),
                shows_steps = table.Column<bool>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_own_page", row => row.person_id);
                table.ForeignKey("fk_own_page_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
    }
}
