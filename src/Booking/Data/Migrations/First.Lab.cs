using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

internal sealed partial class First
{
    /// <summary>The lab: machines, people, trainings, projects.</summary>
    private static void Lab(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "site",
            table => new
            {
                id = table.Column<int>(nullable: false),
                opening = table.Column<string>(nullable: true),
                rule = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_site", row => row.id);
            });

        migrationBuilder.CreateTable(
            "machine",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                broken_cause = table.Column<string>(nullable: true),
                broken_since = table.Column<long>(nullable: true),
                code = table.Column<string>(maxLength: 16, nullable: false),
                name_en = table.Column<string>(nullable: false),
                name_fr = table.Column<string>(nullable: false),
                retired = table.Column<bool>(nullable: false),
                rule = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_machine", row => row.id);
            });
        migrationBuilder.CreateIndex("ix_machine_code", "machine", "code", unique: true);

        migrationBuilder.CreateTable(
            "device",
            table => new
            {
                id = table.Column<string>(maxLength: 64, nullable: false),
                driver = table.Column<string>(nullable: false),
                label = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_device", row => row.id);
            });

        migrationBuilder.CreateTable(
            "machine_device",
            table => new
            {
                machine_id = table.Column<Guid>(nullable: false),
                role = table.Column<int>(nullable: false),
                device_id = table.Column<string>(maxLength: 64, nullable: false),
                channel = table.Column<int>(nullable: false),
                reader = table.Column<string>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_machine_device", row => new { row.machine_id, row.role, row.device_id, row.channel });
                table.ForeignKey("fk_machine_device_device_id", row => row.device_id, "device", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_machine_device_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_machine_device_device_id", "machine_device", "device_id");

        migrationBuilder.CreateTable(
            "lock_out",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                author = table.Column<Guid>(nullable: true),
                cause = table.Column<string>(nullable: false),
                gateway = table.Column<string>(nullable: true),
                machine_id = table.Column<Guid>(nullable: false),
                mode = table.Column<int>(nullable: false),
                release = table.Column<int>(nullable: false),
                released_at = table.Column<long>(nullable: true),
                released_by = table.Column<Guid>(nullable: true),
                since = table.Column<long>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_lock_out", row => row.id);
                table.ForeignKey("fk_lock_out_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_lock_out_machine_id_released_at", "lock_out", ["machine_id", "released_at"]);
        migrationBuilder.CreateIndex("ix_lock_out_one_open", "lock_out", "machine_id", unique: true, filter: "released_at IS NULL AND gateway IS NULL");

        migrationBuilder.CreateTable(
            "project",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                closed = table.Column<bool>(nullable: false),
                code = table.Column<string>(nullable: false),
                name = table.Column<string>(nullable: false),
                type = table.Column<string>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_project", row => row.id);
            });
        migrationBuilder.CreateIndex("ix_project_code", "project", "code", unique: true);

        migrationBuilder.CreateTable(
            "person",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                active = table.Column<bool>(nullable: false),
                birth_date = table.Column<int>(nullable: true),
                created_at = table.Column<long>(nullable: false),
                default_project = table.Column<Guid>(nullable: true),
                display_name = table.Column<string>(maxLength: 80, nullable: true),
                is_adult = table.Column<bool>(nullable: false),
                may_accompany = table.Column<bool>(nullable: false),
                member_through = table.Column<int>(nullable: true),
                minors_limit = table.Column<int>(nullable: true),
                short_code = table.Column<string>(maxLength: 16, nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_person", row => row.id);
                table.ForeignKey("fk_person_default_project", row => row.default_project, "project", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_person_default_project", "person", "default_project");
        migrationBuilder.CreateIndex("ix_person_short_code", "person", "short_code", unique: true);

        migrationBuilder.CreateTable(
            "project_member",
            table => new
            {
                project_id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_project_member", row => new { row.project_id, row.person_id });
                table.ForeignKey("fk_project_member_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_project_member_project_id", row => row.project_id, "project", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_project_member_person_id", "project_member", "person_id");

        migrationBuilder.CreateTable(
            "badge",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                assurance = table.Column<int>(nullable: false),
                bytes = table.Column<int>(nullable: false),
                enrolled_at = table.Column<long>(nullable: false),
                family = table.Column<int>(nullable: false),
                full = table.Column<string>(nullable: false),
                last3 = table.Column<string>(nullable: false),
                last4 = table.Column<string>(nullable: true),
                person_id = table.Column<Guid>(nullable: true),
                state = table.Column<int>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_badge", row => row.id);
                table.ForeignKey("fk_badge_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_badge_full", "badge", "full", unique: true);
        migrationBuilder.CreateIndex("ix_badge_last3", "badge", "last3");
        migrationBuilder.CreateIndex("ix_badge_last4", "badge", "last4");
        migrationBuilder.CreateIndex("ix_badge_person_id", "badge", "person_id");

        migrationBuilder.CreateTable(
            "presence",
            table => new
            {
                person_id = table.Column<Guid>(nullable: false),
                since = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_presence", row => row.person_id);
                table.ForeignKey("fk_presence_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            "training",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                code = table.Column<string>(nullable: false),
                name_en = table.Column<string>(nullable: false),
                name_fr = table.Column<string>(nullable: false),
                next_session = table.Column<long>(nullable: true),
                retired = table.Column<bool>(nullable: false),
                valid_months = table.Column<int>(nullable: true),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_training", row => row.id);
            });
        migrationBuilder.CreateIndex("ix_training_code", "training", "code", unique: true);

        migrationBuilder.CreateTable(
            "habilitation",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                training_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_habilitation", row => row.id);
                table.ForeignKey("fk_habilitation_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_habilitation_training_id", row => row.training_id, "training", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_habilitation_person_id_training_id", "habilitation", ["person_id", "training_id"], unique: true);
        migrationBuilder.CreateIndex("ix_habilitation_training_id", "habilitation", "training_id");

        migrationBuilder.CreateTable(
            "habilitation_act",
            table => new
            {
                habilitation_id = table.Column<Guid>(nullable: false),
                number = table.Column<int>(nullable: false),
                at = table.Column<long>(nullable: false),
                done_by = table.Column<Guid>(nullable: false),
                evidence = table.Column<string>(nullable: false),
                kind = table.Column<int>(nullable: false),
                level = table.Column<int>(nullable: false),
                valid_from = table.Column<long>(nullable: false),
                valid_until = table.Column<long>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_habilitation_act", row => new { row.habilitation_id, row.number });
                table.ForeignKey("fk_habilitation_act_habilitation_id", row => row.habilitation_id, "habilitation", "id", onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            "reservation",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                cancelled_at = table.Column<long>(nullable: true),
                created_at = table.Column<long>(nullable: false),
                ends_at = table.Column<long>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                released_at = table.Column<long>(nullable: true),
                starts_at = table.Column<long>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_reservation", row => row.id);
                table.CheckConstraint("ck_reservation_order", "starts_at < ends_at");
                table.ForeignKey("fk_reservation_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_reservation_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_reservation_machine_id_starts_at", "reservation", ["machine_id", "starts_at"]);
        migrationBuilder.CreateIndex("ix_reservation_person_id", "reservation", "person_id");
    }
}
