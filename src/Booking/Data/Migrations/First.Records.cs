using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

internal sealed partial class First
{
    /// <summary>What happened, and who may come in.</summary>
    private static void Records(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "journal",
            table => new
            {
                gateway = table.Column<string>(nullable: false),
                epoch = table.Column<long>(nullable: false),
                seq = table.Column<long>(nullable: false),
                at = table.Column<long>(nullable: false),
                body = table.Column<string>(nullable: false),
                kind = table.Column<string>(nullable: false),
                machine_id = table.Column<Guid>(nullable: true),
                machine_seq = table.Column<long>(nullable: true),
                received_at = table.Column<long>(nullable: false),
                refused = table.Column<string>(nullable: true),
                session_id = table.Column<Guid>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_journal", row => new { row.gateway, row.epoch, row.seq });
            });
        migrationBuilder.CreateIndex("ix_journal_gateway_epoch_machine_id_machine_seq", "journal", ["gateway", "epoch", "machine_id", "machine_seq"]);
        migrationBuilder.CreateIndex("ix_journal_session_id", "journal", "session_id");

        migrationBuilder.CreateTable(
            "machine_progress",
            table => new
            {
                gateway = table.Column<string>(nullable: false),
                epoch = table.Column<long>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                last_seq = table.Column<long>(nullable: false),
                state = table.Column<string>(nullable: false),
                waiting_since = table.Column<long>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_machine_progress", row => new { row.gateway, row.epoch, row.machine_id });
            });

        migrationBuilder.CreateTable(
            "machine_now",
            table => new
            {
                machine_id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                code = table.Column<string>(nullable: false),
                epoch = table.Column<long>(nullable: false),
                gateway = table.Column<string>(nullable: false),
                link_lost = table.Column<bool>(nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                seq = table.Column<long>(nullable: false),
                session_id = table.Column<Guid>(nullable: true),
                started_at = table.Column<long>(nullable: true),
                state = table.Column<string>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_machine_now", row => row.machine_id);
            });

        migrationBuilder.CreateTable(
            "refused_tap",
            table => new
            {
                gateway = table.Column<string>(nullable: false),
                epoch = table.Column<long>(nullable: false),
                seq = table.Column<long>(nullable: false),
                at = table.Column<long>(nullable: false),
                badge_id = table.Column<Guid>(nullable: true),
                decision = table.Column<string>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                reason = table.Column<string>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_refused_tap", row => new { row.gateway, row.epoch, row.seq });
            });
        migrationBuilder.CreateIndex("ix_refused_tap_machine_id_at", "refused_tap", ["machine_id", "at"]);
        migrationBuilder.CreateIndex("ix_refused_tap_person_id_at", "refused_tap", ["person_id", "at"]);

        migrationBuilder.CreateTable(
            "alarm",
            table => new
            {
                gateway = table.Column<string>(nullable: false),
                epoch = table.Column<long>(nullable: false),
                seq = table.Column<long>(nullable: false),
                at = table.Column<long>(nullable: false),
                code = table.Column<string>(nullable: false),
                detail = table.Column<string>(nullable: false),
                machine_id = table.Column<Guid>(nullable: true),
                seen_at = table.Column<long>(nullable: true),
                seen_by = table.Column<Guid>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_alarm", row => new { row.gateway, row.epoch, row.seq });
            });
        migrationBuilder.CreateIndex("ix_alarm_seen_at_at", "alarm", ["seen_at", "at"]);

        migrationBuilder.CreateTable(
            "machine_time",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                accompanied_by = table.Column<Guid>(nullable: true),
                author = table.Column<Guid>(nullable: true),
                badge_id = table.Column<Guid>(nullable: true),
                booking_id = table.Column<Guid>(nullable: true),
                cool_down_ms = table.Column<long>(nullable: false),
                corrects = table.Column<Guid>(nullable: true),
                ends_at = table.Column<long>(nullable: false),
                end_reason = table.Column<string>(nullable: true),
                energy_mwh = table.Column<long>(nullable: false),
                entry_key = table.Column<string>(nullable: false),
                epoch = table.Column<long>(nullable: false),
                exhaust_ms = table.Column<long>(nullable: false),
                flags = table.Column<string>(nullable: false),
                gateway = table.Column<string>(nullable: false),
                kind = table.Column<int>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                offline = table.Column<bool>(nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                powered_ms = table.Column<long>(nullable: false),
                project_id = table.Column<Guid>(nullable: true),
                reason = table.Column<string>(nullable: true),
                recorded_at = table.Column<long>(nullable: false),
                session_id = table.Column<Guid>(nullable: true),
                starts_at = table.Column<long>(nullable: false),
                unknown_ms = table.Column<long>(nullable: false),
                working_ms = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_machine_time", row => row.id);
            });
        migrationBuilder.CreateIndex("ix_machine_time_corrects_kind", "machine_time", ["corrects", "kind"], unique: true);
        migrationBuilder.CreateIndex("ix_machine_time_machine_id_starts_at", "machine_time", ["machine_id", "starts_at"]);
        migrationBuilder.CreateIndex("ix_machine_time_person_id_starts_at", "machine_time", ["person_id", "starts_at"]);
        migrationBuilder.CreateIndex("ix_machine_time_project_id_starts_at", "machine_time", ["project_id", "starts_at"]);
        migrationBuilder.CreateIndex("ix_machine_time_recorded_once", "machine_time", ["gateway", "epoch", "entry_key"], unique: true, filter: "kind = 1");
        migrationBuilder.CreateIndex("ix_machine_time_session_id", "machine_time", "session_id");

        migrationBuilder.CreateTable(
            "audit",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                action = table.Column<string>(nullable: false),
                at = table.Column<long>(nullable: false),
                done_by = table.Column<Guid>(nullable: false),
                detail = table.Column<string>(nullable: false),
                subject = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_audit", row => row.id);
            });
        migrationBuilder.CreateIndex("ix_audit_at", "audit", "at");
        migrationBuilder.CreateIndex("ix_audit_subject_at", "audit", ["subject", "at"]);

        migrationBuilder.CreateTable(
            "policy_mark",
            table => new
            {
                kind = table.Column<int>(nullable: false),
                rule_key = table.Column<Guid>(nullable: false),
                revision = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_policy_mark", row => new { row.kind, row.rule_key });
            });
        migrationBuilder.CreateIndex("ix_policy_mark_revision", "policy_mark", "revision", unique: true);

        migrationBuilder.CreateTable(
            "policy_counter",
            table => new
            {
                id = table.Column<int>(nullable: false),
                revision = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_policy_counter", row => row.id);
            });

        migrationBuilder.CreateTable(
            "staff_account",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                active = table.Column<bool>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                login_name = table.Column<string>(nullable: false),
                password_hash = table.Column<string>(nullable: true),
                role = table.Column<int>(nullable: false),
                stamp = table.Column<Guid>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_staff_account", row => row.id);
                table.ForeignKey("fk_staff_account_id", row => row.id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_staff_account_login_name", "staff_account", "login_name", unique: true);

        migrationBuilder.CreateTable(
            "one_time_link",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                account_id = table.Column<Guid>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                expires_at = table.Column<long>(nullable: false),
                secret_hash = table.Column<byte[]>(nullable: false),
                used_at = table.Column<long>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_one_time_link", row => row.id);
                table.ForeignKey("fk_one_time_link_account_id", row => row.account_id, "staff_account", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_one_time_link_account_id", "one_time_link", "account_id");
        migrationBuilder.CreateIndex("ix_one_time_link_secret_hash", "one_time_link", "secret_hash", unique: true);

        migrationBuilder.CreateTable(
            "gateway",
            table => new
            {
                name = table.Column<string>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                key_hash = table.Column<byte[]>(nullable: false),
                last_seen_at = table.Column<long>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_gateway", row => row.name);
            });
    }
}
