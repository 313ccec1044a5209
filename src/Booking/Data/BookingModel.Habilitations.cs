using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void Habilitations(ModelBuilder model) => model.Entity<InductionRow>(induction =>
    {
        induction.ToTable("induction");
        induction.HasIndex(i => new { i.MachineId, i.ArmedUntil });
        induction.HasOne<Machine>().WithMany().HasForeignKey(i => i.MachineId).OnDelete(DeleteBehavior.Restrict);
        induction.HasOne<Training>().WithMany().HasForeignKey(i => i.TrainingId).OnDelete(DeleteBehavior.Restrict);
        induction.Property(i => i.Version).IsConcurrencyToken();
    });
}
