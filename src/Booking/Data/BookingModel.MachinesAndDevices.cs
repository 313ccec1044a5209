using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void MachinesAndDevices(ModelBuilder model)
    {
        model.Entity<BadgeEnrolment>(wait =>
        {
            wait.ToTable("badge_enrolment");
            wait.HasOne<Person>().WithMany().HasForeignKey(w => w.PersonId).OnDelete(DeleteBehavior.Cascade);
            wait.HasIndex(w => w.StartedAt);
            // One reader waits for one badge: the database has the last word.
            wait.HasIndex(w => new { w.DeviceId, w.Reader }).IsUnique().HasDatabaseName("ix_badge_enrolment_one_waits").HasFilter("state = 0");
            wait.Property(w => w.DeviceId).HasMaxLength(Device.MaxId);
            wait.Property(w => w.Version).IsConcurrencyToken();
        });
        model.Entity<MachineCare>(care =>
        {
            care.ToTable("machine_care");
            care.HasKey(c => c.MachineId);
            care.HasOne<Machine>().WithOne().HasForeignKey<MachineCare>(c => c.MachineId).OnDelete(DeleteBehavior.Cascade);
            care.HasOne<Training>().WithMany().HasForeignKey(c => c.MaintenanceTraining).OnDelete(DeleteBehavior.SetNull);
            care.Property(c => c.Version).IsConcurrencyToken();
        });
        model.Entity<Maintenance>(done =>
        {
            done.ToTable("maintenance");
            done.HasIndex(d => new { d.MachineId, d.At });
            done.HasOne<Machine>().WithMany().HasForeignKey(d => d.MachineId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<FaultReport>(report =>
        {
            report.ToTable("fault_report");
            report.HasIndex(r => new { r.MachineId, r.At });
            report.HasOne<Machine>().WithMany().HasForeignKey(r => r.MachineId).OnDelete(DeleteBehavior.Restrict);
            report.Property(r => r.Version).IsConcurrencyToken();
        });
    }
}
