using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Privacy;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    /// <summary>What was done, chained; what becomes of what is kept about people; what is kept about minors.</summary>
    private static void Traces(ModelBuilder model)
    {
        model.Entity<AuditEntry>(entry =>
        {
            entry.ToTable("audit");
            entry.HasKey(e => e.Seq);
            entry.HasIndex(e => e.At);
            // A decision is found by its place in the journal when its person is detached from it.
            entry.HasIndex(e => e.Fact);
        });
        model.Entity<AuditValue>(value =>
        {
            value.ToTable("audit_value");
            value.HasKey(v => v.Seq);
            value.HasIndex(v => v.Subject);
            value.HasIndex(v => v.By);
            value.Property(v => v.By).HasColumnName("done_by");
            value.Property(v => v.BySalt).HasColumnName("done_by_salt");
        });
        model.Entity<AuditHead>().ToTable("audit_head");
        model.Entity<Pseudonym>().ToTable("pseudonym");
        model.Entity<RetentionGate>().ToTable("retention_gate");
        model.Entity<RetentionRun>(run =>
        {
            run.ToTable("retention_run");
            run.HasIndex(r => r.At);
            run.Property(r => r.Rows).HasColumnName("row_count");
        });
        model.Entity<ErasureReceipt>(receipt =>
        {
            receipt.ToTable("erasure_receipt");
            receipt.HasIndex(r => r.At);
            receipt.Property(r => r.By).HasColumnName("done_by");
        });
        model.Entity<MinorSheet>(sheet =>
        {
            sheet.ToTable("minor_sheet");
            sheet.HasKey(s => s.PersonId);
            sheet.HasOne<Person>().WithOne().HasForeignKey<MinorSheet>(s => s.PersonId).OnDelete(DeleteBehavior.Restrict);
            sheet.Property(s => s.Version).IsConcurrencyToken();
        });
        model.Entity<MinorContact>(contact =>
        {
            contact.ToTable("minor_contact");
            contact.HasIndex(c => c.PersonId);
            contact.HasOne<Person>().WithMany().HasForeignKey(c => c.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<MinorConsent>(consent =>
        {
            consent.ToTable("minor_consent");
            consent.HasIndex(c => c.PersonId);
            consent.HasOne<Person>().WithMany().HasForeignKey(c => c.PersonId).OnDelete(DeleteBehavior.Restrict);
            consent.Property(c => c.Use).HasColumnName("use_for");
            consent.Property(c => c.Until).HasColumnName("valid_until");
        });
    }
}
