using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>The catalogue of trainings, their sessions, who is enrolled.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0004_trainings")]
internal sealed class Trainings : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("kind", "training", nullable: false, defaultValue: 0);
        migrationBuilder.AddColumn<string>("description_fr", "training", nullable: false, defaultValue: "");
        migrationBuilder.AddColumn<string>("description_en", "training", nullable: false, defaultValue: "");
        migrationBuilder.AddColumn<int>("minutes", "training", nullable: true);
        migrationBuilder.AddColumn<int>("places", "training", nullable: true);
        migrationBuilder.AddColumn<Guid>("trainer", "training", nullable: true);
        migrationBuilder.AddColumn<int>("gives", "training", nullable: false, defaultValue: 2);
        migrationBuilder.CreateTable(
            "training_prerequisite",
            table => new
            {
                training_id = table.Column<Guid>(nullable: false),
                needs = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_training_prerequisite", row => new { row.training_id, row.needs });
                table.ForeignKey("fk_training_prerequisite_training_id", row => row.training_id, "training", "id", onDelete: ReferentialAction.Cascade);
                table.ForeignKey("fk_training_prerequisite_needs", row => row.needs, "training", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_training_prerequisite_needs", "training_prerequisite", "needs");
        migrationBuilder.CreateTable(
            "training_session",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                batches = table.Column<int>(nullable: false),
                cancelled_at = table.Column<long>(nullable: true),
                cancelled_why = table.Column<string>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                ends_at = table.Column<long>(nullable: false),
                place = table.Column<string>(maxLength: 100, nullable: false),
                places = table.Column<int>(nullable: false),
                starts_at = table.Column<long>(nullable: false),
                trainer = table.Column<Guid>(nullable: true),
                training_id = table.Column<Guid>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_training_session", row => row.id);
                table.CheckConstraint("ck_training_session_order", "starts_at < ends_at");
                table.ForeignKey("fk_training_session_training_id", row => row.training_id, "training", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_training_session_training_id_starts_at", "training_session", ["training_id", "starts_at"]);
        migrationBuilder.CreateIndex("ix_training_session_starts_at", "training_session", "starts_at");
        migrationBuilder.CreateTable(
            "enrolment",
            table => new
            {
                session_id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                act = table.Column<int>(nullable: true),
                attendance = table.Column<int>(nullable: false),
                batch = table.Column<int>(nullable: true),
                enrolled_at = table.Column<long>(nullable: false),
                enrolled_by = table.Column<Guid>(nullable: false),
                extra = table.Column<bool>(nullable: false),
                given_at = table.Column<long>(nullable: true),
                given_by = table.Column<Guid>(nullable: true),
                given_level = table.Column<int>(nullable: false),
                habilitation_id = table.Column<Guid>(nullable: true),
                marked_at = table.Column<long>(nullable: true),
                marked_by = table.Column<Guid>(nullable: true),
                number = table.Column<int>(nullable: false),
                waited = table.Column<bool>(nullable: false),
                why = table.Column<string>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_enrolment", row => new { row.session_id, row.person_id });
                table.ForeignKey("fk_enrolment_session_id", row => row.session_id, "training_session", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_enrolment_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_enrolment_session_id_number", "enrolment", ["session_id", "number"], unique: true);
        migrationBuilder.CreateIndex("ix_enrolment_person_id", "enrolment", "person_id");
    }
}
