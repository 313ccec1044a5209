using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Machines;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    /// <summary>What machines tell of their jobs.</summary>
    private static void Jobs(ModelBuilder model) =>
        model.Entity<MachineJobRow>(job =>
        {
            job.ToTable("machine_job");
            job.HasIndex(j => new { j.MachineId, j.DeviceId, j.Job }).IsUnique();
            job.HasIndex(j => new { j.MachineId, j.StartedAt });
            job.HasIndex(j => j.SessionId);
            job.HasIndex(j => j.PersonId);
            job.Property(j => j.DeviceId).HasMaxLength(Device.MaxId);
            job.Property(j => j.Job).HasMaxLength(MachineJob.MaxId);
            job.Property(j => j.Name).HasMaxLength(MachineJob.MaxName);
            job.Property(j => j.Version).IsConcurrencyToken();
        });
}
