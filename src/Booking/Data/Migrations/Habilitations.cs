using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>Grounds of habilitations, their end for want of use, inductions at the machine.</summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0003_habilitations")]
internal sealed class Habilitations : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("unused_months", "training", nullable: true);
        migrationBuilder.AddColumn<int>("ground", "habilitation_act", nullable: false, defaultValue: 0);
        migrationBuilder.AddColumn<Guid>("evidence_id", "habilitation_act", nullable: true);
        migrationBuilder.CreateTable(
            "induction",
            table => new
            {
                id = table.Column<Guid>(nullable: false),
                armed_at = table.Column<long>(nullable: false),
                armed_until = table.Column<long>(nullable: false),
                cancelled_at = table.Column<long>(nullable: true),
                done_at = table.Column<long>(nullable: true),
                level = table.Column<int>(nullable: false),
                machine_id = table.Column<Guid>(nullable: false),
                trainee = table.Column<Guid>(nullable: true),
                trainer = table.Column<Guid>(nullable: false),
                training_id = table.Column<Guid>(nullable: false),
                version = table.Column<long>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_induction", row => row.id);
                table.ForeignKey("fk_induction_machine_id", row => row.machine_id, "machine", "id", onDelete: ReferentialAction.Restrict);
                table.ForeignKey("fk_induction_training_id", row => row.training_id, "training", "id", onDelete: ReferentialAction.Restrict);
            });
        migrationBuilder.CreateIndex("ix_induction_machine_id_armed_until", "induction", ["machine_id", "armed_until"]);
        migrationBuilder.CreateIndex("ix_induction_training_id", "induction", "training_id");
    }
}
