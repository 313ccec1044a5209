using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Recognition;
using FabLab.Booking.Features.Reports;
using FabLab.Booking.Features.Volunteering;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void Reports(ModelBuilder model)
    {
        model.Entity<PersonDetails>(details =>
        {
            details.ToTable("person_details");
            details.HasKey(d => d.PersonId);
            details.HasOne<Person>().WithMany().HasForeignKey(d => d.PersonId).OnDelete(DeleteBehavior.Restrict);
            details.Property(d => d.Version).IsConcurrencyToken();
        });
        model.Entity<ReportLink>(link =>
        {
            link.ToTable("report_link");
            link.HasIndex(l => l.SecretHash).IsUnique();
            link.HasOne<Programme>().WithMany().HasForeignKey(l => l.ProgrammeId).OnDelete(DeleteBehavior.Restrict);
            link.HasOne<FunderStrand>().WithMany().HasForeignKey(l => l.StrandId).OnDelete(DeleteBehavior.Restrict);
            link.Property(l => l.ForWhom).HasMaxLength(ReportLink.MaxForWhom);
            link.Property(l => l.From).HasColumnName("first_day");
            link.Property(l => l.Through).HasColumnName("last_day");
        });
        // No key to the person: the time stays, with a pseudonym, when they are erased.
        model.Entity<VolunteerHours>(hours =>
        {
            hours.ToTable("volunteer_hours", table => table.HasCheckConstraint("ck_volunteer_hours_minutes", "minutes > 0"));
            hours.HasIndex(h => h.Day);
            hours.HasIndex(h => new { h.PersonId, h.Day });
            hours.Property(h => h.Note).HasMaxLength(VolunteerHours.MaxNote);
        });
        model.Entity<GivenBadge>(badge =>
        {
            badge.ToTable("given_badge");
            badge.HasIndex(b => b.PersonId);
            badge.HasIndex(b => b.StatusPlace).IsUnique();
            badge.HasOne<Skill>().WithMany().HasForeignKey(b => b.SkillId).OnDelete(DeleteBehavior.Restrict);
        });
    }
}
