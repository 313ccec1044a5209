using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Séances: who was there, with whom, at what, what was learned, what proves it.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0013_group_sessions")]
internal sealed class GroupSessions : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "group_session",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                cancelled_why = table.Column<string>(maxLength: 200, nullable: false),
                closed_at = table.Column<long>(nullable: true),
                closed_by = table.Column<Guid>(nullable: true),
                commune = table.Column<string>(maxLength: 80, nullable: false),
                correcting_until = table.Column<long>(nullable: true),
                created_at = table.Column<long>(nullable: false),
                did = table.Column<string>(maxLength: 2000, nullable: false),
                ends_at = table.Column<long>(nullable: false),
                expected = table.Column<int>(nullable: true),
                group_id = table.Column<Guid>(nullable: true),
                incident = table.Column<bool>(nullable: false),
                incident_text = table.Column<string>(maxLength: 2000, nullable: false),
                insee = table.Column<string>(maxLength: 5, nullable: false),
                kind = table.Column<int>(nullable: false),
                lead = table.Column<Guid>(nullable: true),
                learned = table.Column<string>(maxLength: 2000, nullable: false),
                level = table.Column<int>(nullable: false),
                locked_at = table.Column<long>(nullable: true),
                made_by = table.Column<Guid>(nullable: true),
                materials = table.Column<int>(nullable: false),
                opened_at = table.Column<long>(nullable: true),
                opened_by = table.Column<Guid>(nullable: true),
                per_mentor = table.Column<int>(nullable: true),
                photos_checked = table.Column<bool>(nullable: false),
                place = table.Column<string>(maxLength: 100, nullable: false),
                place_kind = table.Column<int>(nullable: false),
                post_code = table.Column<string>(maxLength: 10, nullable: false),
                programme_id = table.Column<Guid>(nullable: true),
                project_id = table.Column<Guid>(nullable: true),
                starts_at = table.Column<long>(nullable: false),
                state = table.Column<int>(nullable: false),
                step_id = table.Column<Guid>(nullable: true),
                themes = table.Column<int>(nullable: false),
                title = table.Column<string>(maxLength: 100, nullable: false),
                to_follow = table.Column<string>(maxLength: 2000, nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_group_session", row => row.id);
                table.CheckConstraint("ck_group_session_order", "starts_at < ends_at");
                table.ForeignKey("fk_group_session_programme_id", row => row.programme_id, "programme", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_group_session_step_id", row => row.step_id, "pathway_step", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_group_session_project_id", row => row.project_id, "project", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_group_session_starts_at", "group_session", "starts_at");
        migrationBuilder.CreateIndex("ix_group_session_state_ends_at", "group_session", ["state", "ends_at"]);
        migrationBuilder.CreateIndex("ix_group_session_programme_id_starts_at", "group_session", ["programme_id", "starts_at"]);
        migrationBuilder.CreateIndex("ix_group_session_step_id", "group_session", "step_id");
        migrationBuilder.CreateIndex("ix_group_session_project_id", "group_session", "project_id");
        migrationBuilder.CreateTable(
            "session_partner",
            table => new
            {
                session_id = table.Column<Guid>(nullable: false),
                partner_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_session_partner", row => new { row.session_id, row.partner_id });
                table.ForeignKey("fk_session_partner_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_session_partner_partner_id", row => row.partner_id, "partner", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_session_partner_partner_id", "session_partner", "partner_id");
        migrationBuilder.CreateTable(
            "session_strand",
            table => new
            {
                session_id = table.Column<Guid>(nullable: false),
                strand_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_session_strand", row => new { row.session_id, row.strand_id });
                table.ForeignKey("fk_session_strand_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_session_strand_strand_id", row => row.strand_id, "funder_strand", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_session_strand_strand_id", "session_strand", "strand_id");
        migrationBuilder.CreateTable(
            "session_mentor",
            table => new
            {
                session_id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                arrived_at = table.Column<long>(nullable: true),
                employer = table.Column<string>(maxLength: 100, nullable: false),
                left_at = table.Column<long>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_session_mentor", row => new { row.session_id, row.person_id });
                table.ForeignKey("fk_session_mentor_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_session_mentor_person_id", "session_mentor", "person_id");
        migrationBuilder.CreateTable(
            "session_machine",
            table => new
            {
                session_id = table.Column<Guid>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                booking_id = table.Column<Guid>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_session_machine", row => new { row.session_id, row.machine_id });
                table.ForeignKey("fk_session_machine_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_session_machine_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_session_machine_booking_id", row => row.booking_id, "reservation", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_session_machine_machine_id", "session_machine", "machine_id");
        migrationBuilder.CreateIndex("ix_session_machine_booking_id", "session_machine", "booking_id");
        migrationBuilder.CreateTable(
            "session_topic",
            table => new
            {
                session_id = table.Column<Guid>(nullable: false),
                skill_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_session_topic", row => new { row.session_id, row.skill_id });
                table.ForeignKey("fk_session_topic_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_session_topic_skill_id", row => row.skill_id, "skill", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_session_topic_skill_id", "session_topic", "skill_id");
        migrationBuilder.CreateTable(
            "session_skill",
            table => new
            {
                session_id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                skill_id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                done_by = table.Column<Guid>(nullable: true),
                mark = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_session_skill", row => new { row.session_id, row.person_id, row.skill_id });
                table.ForeignKey("fk_session_skill_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_session_skill_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_session_skill_skill_id", row => row.skill_id, "skill", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_session_skill_person_id", "session_skill", "person_id");
        migrationBuilder.CreateIndex("ix_session_skill_skill_id", "session_skill", "skill_id");
        migrationBuilder.CreateTable(
            "attendance",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                added_at = table.Column<long>(nullable: false),
                arrived_at = table.Column<long>(nullable: true),
                band = table.Column<int>(nullable: true),
                came_with = table.Column<string>(maxLength: 80, nullable: false),
                first_name = table.Column<string>(maxLength: 40, nullable: false),
                gender = table.Column<int>(nullable: false),
                known = table.Column<bool>(nullable: true),
                left_at = table.Column<long>(nullable: true),
                left_how = table.Column<int>(nullable: false),
                left_with = table.Column<Guid>(nullable: true),
                marked_at = table.Column<long>(nullable: true),
                marked_by = table.Column<Guid>(nullable: true),
                number = table.Column<int>(nullable: false),
                occupation = table.Column<int>(nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                session_id = table.Column<Guid>(nullable: false),
                status = table.Column<int>(nullable: false),
                way = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_attendance", row => row.id);
                table.ForeignKey("fk_attendance_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_attendance_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_attendance_session_id_number", "attendance", ["session_id", "number"], unique: true);
        migrationBuilder.CreateIndex("ix_attendance_session_id_person_id", "attendance", ["session_id", "person_id"], unique: true);
        migrationBuilder.CreateIndex("ix_attendance_person_id_arrived_at", "attendance", ["person_id", "arrived_at"]);
        migrationBuilder.CreateTable(
            "attendance_count",
            table => new
            {
                session_id = table.Column<Guid>(nullable: false),
                band = table.Column<int>(nullable: false),
                gender = table.Column<int>(nullable: false),
                occupation = table.Column<int>(nullable: false),
                known = table.Column<bool>(nullable: false),
                head_count = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_attendance_count", row => new { row.session_id, row.band, row.gender, row.occupation, row.known });
                table.CheckConstraint("ck_attendance_count_number", "head_count > 0");
                table.ForeignKey("fk_attendance_count_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateTable(
            "session_signature",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                attendee_id = table.Column<Guid>(nullable: true),
                day = table.Column<int>(nullable: false),
                drawing = table.Column<string>(maxLength: 8000, nullable: false),
                half = table.Column<int>(nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                proof = table.Column<int>(nullable: false),
                session_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_session_signature", row => row.id);
                table.ForeignKey("fk_session_signature_session_id", row => row.session_id, "group_session", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_session_signature_attendee_id", row => row.attendee_id, "attendance", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_session_signature_session_id_day_half", "session_signature", ["session_id", "day", "half"]);
        migrationBuilder.CreateIndex("ix_session_signature_person_id", "session_signature", "person_id");
        migrationBuilder.CreateIndex("ix_session_signature_attendee_id", "session_signature", "attendee_id");
    }
}
