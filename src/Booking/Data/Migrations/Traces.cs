using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>
/// The audit as a chain, with its values apart; retention; minors. The audit of before is set aside under another name, and
/// <see cref="AuditAdoption"/> takes it into the chain right after.
/// </summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0006_traces")]
internal sealed class Traces : Migration
{
    /// <summary>What a gate that is open lets change, by table. Everything else stays refused.</summary>
    private static readonly (string Table, string[] Kept)[] Detachable =
    [
        ("machine_time",
            ["id", "kind", "entry_key", "machine_id", "session_id", "project_id", "booking_id", "starts_at", "ends_at", "powered_ms", "working_ms", "cool_down_ms",
                "exhaust_ms", "unknown_ms", "energy_mwh", "offline", "end_reason", "flags", "corrects", "recorded_at", "gateway", "epoch"]),
        ("journal",
            ["gateway", "epoch", "seq", "at", "kind", "machine_id", "machine_seq", "received_at", "refused", "session_id"]),
        ("habilitation_act",
            ["habilitation_id", "number", "kind", "level", "valid_from", "valid_until", "at", "ground", "evidence_id"]),
    ];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        SetAside(migrationBuilder);
        Audit(migrationBuilder);
        Retention(migrationBuilder);
        Minors(migrationBuilder);
        if (migrationBuilder.IsSqlite())
            SqliteGuards(migrationBuilder);
        else
            PostgresGuards(migrationBuilder);
    }

    private static void SetAside(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("DROP INDEX ix_audit_at");
        migrationBuilder.Sql("DROP INDEX ix_audit_subject_at");
        if (migrationBuilder.IsSqlite())
        {
            migrationBuilder.Sql("DROP TRIGGER audit_no_UPDATE");
            migrationBuilder.Sql("DROP TRIGGER audit_no_DELETE");
        }
        else
        {
            migrationBuilder.Sql("DROP TRIGGER audit_append_only ON audit");
            migrationBuilder.Sql("ALTER TABLE audit RENAME CONSTRAINT pk_audit TO pk_audit_before");
        }
        migrationBuilder.Sql($"ALTER TABLE audit RENAME TO {AuditAdoption.Table}");
    }

    private static void Audit(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "audit",
            table => new
            {
                seq = table.Column<long>(nullable: false),
                action = table.Column<string>(nullable: false),
                at = table.Column<long>(nullable: false),
                by_commitment = table.Column<string>(nullable: true),
                detail_commitment = table.Column<string>(nullable: true),
                fact = table.Column<string>(nullable: false),
                hash = table.Column<string>(nullable: false),
                previous = table.Column<string>(nullable: false),
                subject_commitment = table.Column<string>(nullable: true),
                values_erased = table.Column<int>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_audit", row => row.seq);
            });
        migrationBuilder.CreateIndex("ix_audit_at", "audit", "at");
        migrationBuilder.CreateIndex("ix_audit_fact", "audit", "fact");

        migrationBuilder.CreateTable(
            "audit_value",
            table => new
            {
                seq = table.Column<long>(nullable: false),
                detail = table.Column<string>(nullable: true),
                detail_salt = table.Column<string>(nullable: true),
                done_by = table.Column<Guid>(nullable: true),
                done_by_salt = table.Column<string>(nullable: true),
                subject = table.Column<Guid>(nullable: true),
                subject_salt = table.Column<string>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_audit_value", row => row.seq);
            });
        migrationBuilder.CreateIndex("ix_audit_value_done_by", "audit_value", "done_by");
        migrationBuilder.CreateIndex("ix_audit_value_subject", "audit_value", "subject");

        migrationBuilder.CreateTable(
            "audit_head",
            table => new
            {
                id = table.Column<int>(nullable: false),
                hash = table.Column<string>(nullable: false),
                seq = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_audit_head", row => row.id);
            });
        migrationBuilder.Sql($"INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '{Features.Audit.AuditChain.Beginning}')");
    }

    private static void Retention(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "pseudonym",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                made_at = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_pseudonym", row => row.id);
            });

        migrationBuilder.CreateTable(
            "retention_gate",
            table => new
            {
                id = table.Column<int>(nullable: false),
                open = table.Column<bool>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_retention_gate", row => row.id);
            });
        migrationBuilder.Sql("INSERT INTO retention_gate (id, open) VALUES (1, FALSE)");

        migrationBuilder.CreateTable(
            "retention_run",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                before = table.Column<long>(nullable: false),
                row_count = table.Column<long>(nullable: false),
                rule = table.Column<string>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_retention_run", row => row.id);
            });
        migrationBuilder.CreateIndex("ix_retention_run_at", "retention_run", "at");

        migrationBuilder.CreateTable(
            "erasure_receipt",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                at = table.Column<long>(nullable: false),
                counts = table.Column<string>(nullable: false),
                done_by = table.Column<Guid>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_erasure_receipt", row => row.id);
            });
        migrationBuilder.CreateIndex("ix_erasure_receipt_at", "erasure_receipt", "at");
    }

    private static void Minors(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "minor_sheet",
            table => new
            {
                person_id = table.Column<Guid>(nullable: false),
                may_leave_alone = table.Column<bool>(nullable: true),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_minor_sheet", row => row.person_id);
                table.ForeignKey("fk_minor_sheet_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            "minor_contact",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                added_at = table.Column<long>(nullable: false),
                call_first = table.Column<bool>(nullable: false),
                is_guardian = table.Column<bool>(nullable: false),
                may_fetch = table.Column<bool>(nullable: false),
                name = table.Column<string>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                phone = table.Column<string>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_minor_contact", row => row.id);
                table.ForeignKey("fk_minor_contact_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_minor_contact_person_id", "minor_contact", "person_id");

        migrationBuilder.CreateTable(
            "minor_consent",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                given_by = table.Column<string>(nullable: false),
                given_on = table.Column<int>(nullable: false),
                kind = table.Column<int>(nullable: false),
                person_id = table.Column<Guid>(nullable: false),
                use_for = table.Column<string>(nullable: false),
                valid_until = table.Column<int>(nullable: false),
                withdrawn_at = table.Column<long>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_minor_consent", row => row.id);
                table.ForeignKey("fk_minor_consent_person_id", row => row.person_id, "person", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_minor_consent_person_id", "minor_consent", "person_id");
    }

    private static void SqliteGuards(MigrationBuilder migrationBuilder)
    {
        const string Refuse = "BEGIN SELECT RAISE(ABORT, 'append_only'); END";
        foreach (var change in new[] { "UPDATE", "DELETE" })
            migrationBuilder.Sql($"CREATE TRIGGER audit_no_{change} BEFORE {change} ON audit {Refuse}");
        foreach (var (table, kept) in Detachable)
        {
            var same = string.Join(" AND ", kept.Select(column => $"NEW.{column} IS OLD.{column}"));
            var allowed = $"(SELECT open FROM retention_gate WHERE id = 1) = 1 AND {same}";
            foreach (var column in PeopleOf(table))
            {
                allowed += $" AND (NEW.{column} IS OLD.{column} OR (OLD.{column} IS NOT NULL AND NEW.{column} IN (SELECT id FROM pseudonym)))";
            }
            migrationBuilder.Sql($"DROP TRIGGER {table}_no_UPDATE");
            migrationBuilder.Sql($"CREATE TRIGGER {table}_no_UPDATE BEFORE UPDATE ON {table} WHEN ({allowed}) IS NOT 1 {Refuse}");
        }
        migrationBuilder.Sql("DROP TRIGGER habilitation_act_no_DELETE");
        migrationBuilder.Sql(
            $"CREATE TRIGGER habilitation_act_no_DELETE BEFORE DELETE ON habilitation_act WHEN (SELECT open FROM retention_gate WHERE id = 1) IS NOT 1 {Refuse}");
    }

    private static void PostgresGuards(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()");
        migrationBuilder.Sql("""
            CREATE FUNCTION refuse_unless_open() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                IF (SELECT open FROM retention_gate WHERE id = 1) IS NOT TRUE THEN RAISE EXCEPTION 'append_only'; END IF;
                RETURN OLD;
            END $$
            """);
        foreach (var (table, kept) in Detachable)
        {
            var changed = string.Join(" OR ", kept.Select(column => $"NEW.{column} IS DISTINCT FROM OLD.{column}"));
            foreach (var column in PeopleOf(table))
            {
                changed += $" OR (NEW.{column} IS DISTINCT FROM OLD.{column} AND (OLD.{column} IS NULL OR NOT EXISTS (SELECT 1 FROM pseudonym p WHERE p.id = NEW.{column})))";
            }
            migrationBuilder.Sql($"""
                CREATE FUNCTION {table}_detach_only() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN
                    IF (SELECT open FROM retention_gate WHERE id = 1) IS NOT TRUE OR {changed} THEN RAISE EXCEPTION 'append_only'; END IF;
                    RETURN NEW;
                END $$
                """);
            migrationBuilder.Sql($"DROP TRIGGER {table}_append_only ON {table}");
            migrationBuilder.Sql($"CREATE TRIGGER {table}_detach_only BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_detach_only()");
            var never = table == "habilitation_act" ? "TRUNCATE" : "DELETE OR TRUNCATE";
            migrationBuilder.Sql($"CREATE TRIGGER {table}_append_only BEFORE {never} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()");
        }
        migrationBuilder.Sql("CREATE TRIGGER habilitation_act_delete BEFORE DELETE ON habilitation_act FOR EACH ROW EXECUTE FUNCTION refuse_unless_open()");
    }

    /// <summary>Columns that may only ever come to hold a pseudonym instead of a person.</summary>
    private static string[] PeopleOf(string table) => table switch
    {
        "machine_time" => ["person_id", "accompanied_by", "author"],
        "habilitation_act" => ["done_by"],
        _ => [],
    };
}
