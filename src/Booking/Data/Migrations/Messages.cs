using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Messages to people, deliveries to other programs, keys of repeated requests, calendar feeds.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0008_messages")]
internal sealed class Messages : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("email", "person", maxLength: 254, nullable: true);
        migrationBuilder.AddColumn<long>("mail_consent_at", "person", nullable: true);
        migrationBuilder.AddColumn<int>("language", "person", nullable: false, defaultValue: 0);
        ToPeople(migrationBuilder);
        ToPrograms(migrationBuilder);
        migrationBuilder.CreateTable(
            "idempotency_key",
            table => new
            {
                actor = table.Column<Guid>(nullable: false),
                name = table.Column<string>(maxLength: 200, nullable: false),
                answer = table.Column<string>(nullable: true),
                body_hash = table.Column<byte[]>(nullable: false),
                claim = table.Column<Guid>(nullable: false),
                claimed_at = table.Column<long>(nullable: false),
                committed = table.Column<bool>(nullable: false),
                content_type = table.Column<string>(nullable: true),
                etag = table.Column<string>(nullable: true),
                location = table.Column<string>(nullable: true),
                path = table.Column<string>(nullable: false),
                status = table.Column<int>(nullable: true),
            },
            constraints: table => table.PrimaryKey("pk_idempotency_key", row => new { row.actor, row.name }));
        migrationBuilder.CreateIndex("ix_idempotency_key_claimed_at", "idempotency_key", "claimed_at");
        migrationBuilder.CreateTable(
            "calendar_feed",
            table => new
            {
                person_id = table.Column<Guid>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                read_at = table.Column<long>(nullable: true),
                secret_hash = table.Column<byte[]>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_calendar_feed", row => row.person_id);
                table.ForeignKey("fk_calendar_feed_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_calendar_feed_secret_hash", "calendar_feed", "secret_hash", unique: true);
    }

    private static void ToPeople(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "message",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                booking_id = table.Column<Guid>(nullable: true),
                facts = table.Column<string>(nullable: false),
                kind = table.Column<int>(nullable: false),
                mail = table.Column<int>(nullable: false),
                mail_due_at = table.Column<long>(nullable: true),
                mail_fault = table.Column<string>(maxLength: 40, nullable: true),
                mail_sent_at = table.Column<long>(nullable: true),
                mail_tries = table.Column<int>(nullable: false),
                on_site = table.Column<bool>(nullable: false),
                once = table.Column<string>(maxLength: 120, nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                read_at = table.Column<long>(nullable: true),
                useless_at = table.Column<long>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_message", row => row.id);
                table.ForeignKey("fk_message_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_message_person_id_once", "message", ["person_id", "once"], unique: true);
        migrationBuilder.CreateIndex("ix_message_person_id_at", "message", ["person_id", "at"]);
        migrationBuilder.CreateIndex("ix_message_mail_mail_due_at", "message", ["mail", "mail_due_at"]);
        migrationBuilder.CreateTable(
            "message_choice",
            table => new
            {
                person_id = table.Column<Guid>(nullable: false),
                kind = table.Column<int>(nullable: false),
                mail = table.Column<bool>(nullable: false),
                site = table.Column<bool>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_message_choice", row => new { row.person_id, row.kind });
                table.ForeignKey("fk_message_choice_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
    }

    private static void ToPrograms(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "webhook",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                active = table.Column<bool>(nullable: false),
                created_at = table.Column<long>(nullable: false),
                failing_since = table.Column<long>(nullable: true),
                kinds = table.Column<string>(maxLength: 400, nullable: false),
                label = table.Column<string>(maxLength: 80, nullable: false),
                last_seq = table.Column<long>(nullable: false),
                made_by = table.Column<Guid>(nullable: true),
                removed_at = table.Column<long>(nullable: true),
                secret = table.Column<string>(nullable: false),
                switched_off_at = table.Column<long>(nullable: true),
                url = table.Column<string>(maxLength: 500, nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table => table.PrimaryKey("pk_webhook", row => row.id));
        migrationBuilder.CreateTable(
            "webhook_delivery",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                body = table.Column<string>(nullable: false),
                due_at = table.Column<long>(nullable: true),
                fault = table.Column<string>(maxLength: 40, nullable: true),
                kind = table.Column<string>(maxLength: 40, nullable: false),
                person_id = table.Column<Guid>(nullable: true),
                seq = table.Column<long>(nullable: false),
                state = table.Column<int>(nullable: false),
                status = table.Column<int>(nullable: true),
                tried_at = table.Column<long>(nullable: true),
                tries = table.Column<int>(nullable: false),
                webhook_id = table.Column<Guid>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_webhook_delivery", row => row.id);
                table.ForeignKey("fk_webhook_delivery_webhook_id", row => row.webhook_id, "webhook", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_webhook_delivery_webhook_id_seq", "webhook_delivery", ["webhook_id", "seq"], unique: true);
        migrationBuilder.CreateIndex("ix_webhook_delivery_state_due_at", "webhook_delivery", ["state", "due_at"]);
        migrationBuilder.CreateIndex("ix_webhook_delivery_person_id", "webhook_delivery", "person_id");
    }
}
