using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Trainings;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void Trainings(ModelBuilder model)
    {
        model.Entity<TrainingPrerequisite>(prerequisite =>
        {
            prerequisite.ToTable("training_prerequisite");
            prerequisite.HasKey(p => new { p.TrainingId, p.Needs });
            prerequisite.HasOne<Training>().WithMany().HasForeignKey(p => p.TrainingId).OnDelete(DeleteBehavior.Cascade);
            prerequisite.HasOne<Training>().WithMany().HasForeignKey(p => p.Needs).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<TrainingSession>(session =>
        {
            session.ToTable("training_session", table => table.HasCheckConstraint("ck_training_session_order", "starts_at < ends_at"));
            session.HasIndex(s => new { s.TrainingId, s.Start });
            session.HasIndex(s => s.Start);
            session.HasOne<Training>().WithMany().HasForeignKey(s => s.TrainingId).OnDelete(DeleteBehavior.Restrict);
            session.Property(s => s.Start).HasColumnName("starts_at");
            session.Property(s => s.End).HasColumnName("ends_at");
            session.Property(s => s.Place).HasMaxLength(TrainingSession.MaxPlace);
            session.Property(s => s.Version).IsConcurrencyToken();
        });
        model.Entity<Enrolment>(enrolment =>
        {
            enrolment.ToTable("enrolment");
            enrolment.HasKey(e => new { e.SessionId, e.PersonId });
            // Two at once for the same place: one of them is told to look again.
            enrolment.HasIndex(e => new { e.SessionId, e.Number }).IsUnique();
            enrolment.HasOne<TrainingSession>().WithMany().HasForeignKey(e => e.SessionId).OnDelete(DeleteBehavior.Restrict);
            enrolment.HasOne<Person>().WithMany().HasForeignKey(e => e.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
    }
}
