using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void Bookings(ModelBuilder model)
    {
        model.Entity<Reservation>(reservation =>
        {
            reservation.ToTable("reservation", table => table.HasCheckConstraint("ck_reservation_order", "starts_at < ends_at"));
            reservation.HasIndex(r => new { r.MachineId, r.Start });
            reservation.HasIndex(r => new { r.Start, r.End });
            reservation.HasIndex(r => r.SeriesId);
            reservation.HasOne<Machine>().WithMany().HasForeignKey(r => r.MachineId).OnDelete(DeleteBehavior.Restrict);
            reservation.HasOne<Person>().WithMany().HasForeignKey(r => r.PersonId).OnDelete(DeleteBehavior.Restrict);
            reservation.Property(r => r.Start).HasColumnName("starts_at");
            reservation.Property(r => r.End).HasColumnName("ends_at");
            reservation.Property(r => r.Note).HasMaxLength(Reservation.MaxNote);
            reservation.Property(r => r.Why).HasMaxLength(Reservation.MaxWhy);
            reservation.Property(r => r.Version).IsConcurrencyToken();
            reservation.Ignore(r => r.Stands);
        });
        model.Entity<BookingSlot>(slot =>
        {
            slot.ToTable("booking_slot", table => table.HasCheckConstraint("ck_booking_slot_order", "starts_at < ends_at"));
            slot.HasKey(s => new { s.BookingId, s.MachineId, s.Place });
            slot.HasIndex(s => new { s.MachineId, s.Place, s.Live, s.Start });
            slot.HasOne<Reservation>().WithMany().HasForeignKey(s => s.BookingId).OnDelete(DeleteBehavior.Restrict);
            slot.HasOne<Machine>().WithMany().HasForeignKey(s => s.MachineId).OnDelete(DeleteBehavior.Restrict);
            slot.Property(s => s.Start).HasColumnName("starts_at");
            slot.Property(s => s.End).HasColumnName("ends_at");
        });
        model.Entity<SiteTimetableRow>(row =>
        {
            row.ToTable("site_timetable");
            row.Property(r => r.Id).ValueGeneratedNever();
            row.Property(r => r.Version).IsConcurrencyToken();
        });
        model.Entity<MachineTimetableRow>(row =>
        {
            row.ToTable("machine_timetable");
            row.HasKey(r => r.MachineId);
            row.HasOne<Machine>().WithMany().HasForeignKey(r => r.MachineId).OnDelete(DeleteBehavior.Restrict);
            row.Property(r => r.Version).IsConcurrencyToken();
        });
        model.Entity<TermsRow>(row =>
        {
            row.ToTable("booking_terms");
            row.HasKey(r => r.Scope);
            row.Property(r => r.Scope).HasMaxLength(TermsRow.MaxScope);
            row.Property(r => r.Version).IsConcurrencyToken();
        });
        model.Entity<BookingQuotaRow>(row =>
        {
            row.ToTable("booking_quota");
            row.Property(r => r.Version).IsConcurrencyToken();
        });
        model.Entity<Pool>(pool =>
        {
            pool.ToTable("pool");
            pool.HasMany(p => p.Members).WithOne().HasForeignKey(m => m.PoolId).OnDelete(DeleteBehavior.Cascade);
            pool.Property(p => p.NameFr).HasMaxLength(Pool.MaxName);
            pool.Property(p => p.NameEn).HasMaxLength(Pool.MaxName);
            pool.Property(p => p.Version).IsConcurrencyToken();
        });
        model.Entity<PoolMember>(member =>
        {
            member.ToTable("pool_member");
            member.HasKey(m => m.MachineId);
            member.HasOne<Machine>().WithMany().HasForeignKey(m => m.MachineId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<SeriesRow>(series => series.ToTable("booking_series"));
        model.Entity<WaitRow>(wait =>
        {
            wait.ToTable("booking_wait");
            wait.HasIndex(w => new { w.State, w.CreatedAt });
            wait.HasOne<Person>().WithMany().HasForeignKey(w => w.PersonId).OnDelete(DeleteBehavior.Restrict);
            wait.Property(w => w.Start).HasColumnName("starts_at");
            wait.Property(w => w.End).HasColumnName("ends_at");
            wait.Property(w => w.Version).IsConcurrencyToken();
        });
    }
}
