using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Charges and groups, tokens, passkeys, one-time passwords, sign-in codes.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0002_accounts")]
internal sealed class Accounts : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("totp_key", "staff_account", nullable: true);
        migrationBuilder.AddColumn<bool>("totp_on", "staff_account", nullable: false, defaultValue: false);
        migrationBuilder.AddColumn<long>("totp_step", "staff_account", nullable: false, defaultValue: 0L);
        migrationBuilder.AddColumn<byte[]>("code_hash", "one_time_link", nullable: true);
        migrationBuilder.CreateIndex("ix_one_time_link_code_hash", "one_time_link", "code_hash");

        migrationBuilder.CreateTable(
            "machine_duty",
            table => new
            {
                person_id = table.Column<Guid>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                duty = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_machine_duty", row => new { row.person_id, row.machine_id, row.duty });
                table.ForeignKey("fk_machine_duty_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_machine_duty_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_machine_duty_machine_id", "machine_duty", "machine_id");

        migrationBuilder.CreateTable(
            "person_group",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                closed = table.Column<bool>(nullable: false),
                name = table.Column<string>(maxLength: 80, nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_person_group", row => row.id);
            });

        migrationBuilder.CreateTable(
            "group_place",
            table => new
            {
                group_id = table.Column<Guid>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                part = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_group_place", row => new { row.group_id, row.person_id });
                table.ForeignKey("fk_group_place_group_id", row => row.group_id, "person_group", "id", onDelete: ReferentialAction.Cascade);
                table.ForeignKey("fk_group_place_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_group_place_person_id", "group_place", "person_id");

        migrationBuilder.CreateTable(
            "api_token",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                expires_at = table.Column<long>(nullable: false),
                last_used_at = table.Column<long>(nullable: true),
                name = table.Column<string>(maxLength: 80, nullable: false),
                only_rights = table.Column<string>(nullable: true),
                revoked_at = table.Column<long>(nullable: true),
                role = table.Column<int>(nullable: false),
                secret_hash = table.Column<byte[]>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_api_token", row => row.id);
            });
        migrationBuilder.CreateIndex("ix_api_token_secret_hash", "api_token", "secret_hash", unique: true);

        migrationBuilder.CreateTable(
            "staff_session",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                account_id = table.Column<Guid>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                ended_at = table.Column<long>(nullable: true),
                way = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_staff_session", row => row.id);
                table.ForeignKey("fk_staff_session_account_id", row => row.account_id, "staff_account", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_staff_session_account_id_ended_at", "staff_session", ["account_id", "ended_at"]);

        migrationBuilder.CreateTable(
            "passkey",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                account_id = table.Column<Guid>(nullable: false),
                attestation_object = table.Column<byte[]>(nullable: false),
                client_data_json = table.Column<byte[]>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                credential_id = table.Column<byte[]>(nullable: false),
                is_backed_up = table.Column<bool>(nullable: false),
                is_backup_eligible = table.Column<bool>(nullable: false),
                is_user_verified = table.Column<bool>(nullable: false),
                name = table.Column<string>(maxLength: 60, nullable: true),
                public_key = table.Column<byte[]>(nullable: false),
                sign_count = table.Column<long>(nullable: false),
                transports = table.Column<string>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_passkey", row => row.id);
                table.ForeignKey("fk_passkey_account_id", row => row.account_id, "staff_account", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_passkey_account_id", "passkey", "account_id");
        migrationBuilder.CreateIndex("ix_passkey_credential_id", "passkey", "credential_id", unique: true);
    }
}
