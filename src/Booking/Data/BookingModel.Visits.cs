using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Visits;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void Visits(ModelBuilder model)
    {
        // No key to the person: a visit stays, with a pseudonym, when they are erased.
        model.Entity<Visit>(visit =>
        {
            visit.ToTable("visit");
            visit.HasIndex(v => v.ArrivedAt);
            visit.HasIndex(v => new { v.PersonId, v.ArrivedAt });
            visit.HasIndex(v => v.GroupSessionId);
            visit.HasIndex(v => v.LeftAt);
            // Two kiosks at once: one of them finds the other's visit.
            visit.HasIndex(v => v.PersonId).IsUnique().HasDatabaseName("ix_visit_one_open").HasFilter("left_at IS NULL AND person_id IS NOT NULL");
            visit.Property(v => v.Reason).HasMaxLength(Visit.MaxCode);
            visit.Property(v => v.Kiosk).HasMaxLength(Visit.MaxCode);
            visit.Property(v => v.Version).IsConcurrencyToken();
        });
        model.Entity<VisitReason>(reason =>
        {
            reason.ToTable("visit_reason");
            reason.HasKey(r => r.Code);
            reason.Property(r => r.Code).HasMaxLength(Visit.MaxCode);
            reason.Property(r => r.NameFr).HasMaxLength(VisitReason.MaxName);
            reason.Property(r => r.NameEn).HasMaxLength(VisitReason.MaxName);
            reason.Property(r => r.Pictogram).HasMaxLength(Visit.MaxCode);
        });
        model.Entity<KioskAccount>(kiosk =>
        {
            kiosk.ToTable("kiosk");
            kiosk.HasKey(k => k.Name);
            kiosk.HasIndex(k => k.KeyHash).IsUnique();
            kiosk.Property(k => k.Name).HasMaxLength(Visit.MaxCode);
        });
        model.Entity<DoorItem>(item =>
        {
            item.ToTable("door_item");
            item.HasIndex(i => i.ReceivedAt);
            item.HasIndex(i => new { i.PersonId, i.LeftAt });
            item.Property(i => i.Kiosk).HasMaxLength(Visit.MaxCode);
            item.Property(i => i.Answer).HasMaxLength(Visit.MaxCode);
        });
        model.Entity<DoorRequest>(request =>
        {
            request.ToTable("door_request");
            request.HasIndex(r => new { r.ClosedAt, r.At });
            request.Property(r => r.Kiosk).HasMaxLength(Visit.MaxCode);
            request.Property(r => r.FirstName).HasMaxLength(DoorRequest.MaxName);
        });
        model.Entity<DoorPinRow>(pin =>
        {
            pin.ToTable("door_pin");
            pin.HasKey(p => p.PersonId);
            pin.HasOne<Person>().WithMany().HasForeignKey(p => p.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
    }
}
