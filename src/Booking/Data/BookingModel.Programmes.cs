using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Reservations;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void Programmes(ModelBuilder model)
    {
        model.Entity<Funder>(funder =>
        {
            funder.ToTable("funder");
            funder.Property(f => f.Name).HasMaxLength(Funder.MaxName);
            funder.Property(f => f.Version).IsConcurrencyToken();
        });
        model.Entity<FunderStrand>(strand =>
        {
            strand.ToTable("funder_strand");
            strand.HasIndex(s => s.Code).IsUnique();
            strand.HasOne<Funder>().WithMany().HasForeignKey(s => s.FunderId).OnDelete(DeleteBehavior.Restrict);
            strand.Property(s => s.Name).HasMaxLength(FunderStrand.MaxName);
            strand.Property(s => s.Code).HasMaxLength(FunderStrand.MaxCode);
        });
        model.Entity<Partner>(partner =>
        {
            partner.ToTable("partner");
            partner.Property(p => p.Name).HasMaxLength(Partner.MaxName);
            partner.Property(p => p.Kind).HasMaxLength(Partner.MaxKind);
            partner.Property(p => p.Version).IsConcurrencyToken();
        });
        model.Entity<PartnerPerson>(person =>
        {
            person.ToTable("partner_person");
            person.HasKey(p => new { p.PartnerId, p.PersonId });
            person.HasOne<Partner>().WithMany().HasForeignKey(p => p.PartnerId).OnDelete(DeleteBehavior.Restrict);
            person.HasOne<Person>().WithMany().HasForeignKey(p => p.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<Programme>(programme =>
        {
            programme.ToTable("programme");
            programme.Property(p => p.NameFr).HasMaxLength(Programme.MaxName);
            programme.Property(p => p.NameEn).HasMaxLength(Programme.MaxName);
            programme.Property(p => p.Description).HasMaxLength(Programme.MaxDescription);
            programme.Property(p => p.From).HasColumnName("starts_on");
            programme.Property(p => p.Until).HasColumnName("ends_on");
            programme.Property(p => p.Version).IsConcurrencyToken();
        });
        model.Entity<ProgrammeStrand>(strand =>
        {
            strand.ToTable("programme_strand");
            strand.HasKey(s => new { s.ProgrammeId, s.StrandId });
            strand.HasOne<Programme>().WithMany().HasForeignKey(s => s.ProgrammeId).OnDelete(DeleteBehavior.Restrict);
            strand.HasOne<FunderStrand>().WithMany().HasForeignKey(s => s.StrandId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<Pathway>(pathway =>
        {
            pathway.ToTable("pathway");
            pathway.HasOne<Programme>().WithMany().HasForeignKey(p => p.ProgrammeId).OnDelete(DeleteBehavior.Restrict);
            pathway.Property(p => p.NameFr).HasMaxLength(Pathway.MaxName);
            pathway.Property(p => p.NameEn).HasMaxLength(Pathway.MaxName);
        });
        model.Entity<PathwayStep>(step =>
        {
            step.ToTable("pathway_step");
            step.HasOne<Pathway>().WithMany().HasForeignKey(s => s.PathwayId).OnDelete(DeleteBehavior.Restrict);
            step.Property(s => s.NameFr).HasMaxLength(PathwayStep.MaxName);
            step.Property(s => s.NameEn).HasMaxLength(PathwayStep.MaxName);
        });
        model.Entity<Skill>(skill =>
        {
            skill.ToTable("skill");
            skill.Property(s => s.NameFr).HasMaxLength(Skill.MaxName);
            skill.Property(s => s.NameEn).HasMaxLength(Skill.MaxName);
            skill.Property(s => s.Version).IsConcurrencyToken();
        });
        model.Entity<StepSkill>(skill =>
        {
            skill.ToTable("step_skill");
            skill.HasKey(s => new { s.StepId, s.SkillId });
            skill.HasOne<PathwayStep>().WithMany().HasForeignKey(s => s.StepId).OnDelete(DeleteBehavior.Restrict);
            skill.HasOne<Skill>().WithMany().HasForeignKey(s => s.SkillId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<OwnPage>(page =>
        {
            page.ToTable("own_page");
            page.HasKey(p => p.PersonId);
            page.HasOne<Person>().WithMany().HasForeignKey(p => p.PersonId).OnDelete(DeleteBehavior.Restrict);
            page.Property(p => p.Name).HasColumnName("shows_name");
            page.Property(p => p.Steps).HasColumnName("shows_steps");
            page.Property(p => p.Skills).HasColumnName("shows_skills");
            page.Property(p => p.Hours).HasColumnName("shows_hours");
            page.Property(p => p.Projects).HasColumnName("shows_projects");
            page.Property(p => p.Habilitations).HasColumnName("shows_habilitations");
            page.Property(p => p.Version).IsConcurrencyToken();
        });
    }

    private static void GroupSessions(ModelBuilder model)
    {
        model.Entity<GroupSession>(session =>
        {
            session.ToTable("group_session", table => table.HasCheckConstraint("ck_group_session_order", "starts_at < ends_at"));
            session.HasIndex(s => s.Start);
            session.HasIndex(s => new { s.State, s.End });
            session.HasIndex(s => new { s.ProgrammeId, s.Start });
            session.HasOne<Programme>().WithMany().HasForeignKey(s => s.ProgrammeId).OnDelete(DeleteBehavior.Restrict);
            session.HasOne<PathwayStep>().WithMany().HasForeignKey(s => s.StepId).OnDelete(DeleteBehavior.Restrict);
            session.HasOne<Project>().WithMany().HasForeignKey(s => s.ProjectId).OnDelete(DeleteBehavior.Restrict);
            session.Property(s => s.Start).HasColumnName("starts_at");
            session.Property(s => s.End).HasColumnName("ends_at");
            session.Property(s => s.Title).HasMaxLength(GroupSession.MaxTitle);
            session.Property(s => s.Place).HasMaxLength(GroupSession.MaxPlace);
            session.Property(s => s.Commune).HasMaxLength(GroupSession.MaxCommune);
            session.Property(s => s.PostCode).HasMaxLength(GroupSession.MaxPostCode);
            session.Property(s => s.Insee).HasMaxLength(GroupSession.MaxInsee);
            session.Property(s => s.Did).HasMaxLength(GroupSession.MaxNote);
            session.Property(s => s.Learned).HasMaxLength(GroupSession.MaxNote);
            session.Property(s => s.Next).HasMaxLength(GroupSession.MaxNote).HasColumnName("to_follow");
            session.Property(s => s.IncidentText).HasMaxLength(GroupSession.MaxNote);
            session.Property(s => s.CancelledWhy).HasMaxLength(GroupSession.MaxWhy);
            session.Property(s => s.Version).IsConcurrencyToken();
        });
        model.Entity<SessionPartner>(partner =>
        {
            partner.ToTable("session_partner");
            partner.HasKey(p => new { p.SessionId, p.PartnerId });
            partner.HasOne<GroupSession>().WithMany().HasForeignKey(p => p.SessionId).OnDelete(DeleteBehavior.Restrict);
            partner.HasOne<Partner>().WithMany().HasForeignKey(p => p.PartnerId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<SessionStrand>(strand =>
        {
            strand.ToTable("session_strand");
            strand.HasKey(s => new { s.SessionId, s.StrandId });
            strand.HasOne<GroupSession>().WithMany().HasForeignKey(s => s.SessionId).OnDelete(DeleteBehavior.Restrict);
            strand.HasOne<FunderStrand>().WithMany().HasForeignKey(s => s.StrandId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<SessionMentor>(mentor =>
        {
            mentor.ToTable("session_mentor");
            mentor.HasKey(m => new { m.SessionId, m.PersonId });
            mentor.HasIndex(m => m.PersonId);
            mentor.HasOne<GroupSession>().WithMany().HasForeignKey(m => m.SessionId).OnDelete(DeleteBehavior.Restrict);
            mentor.Property(m => m.Employer).HasMaxLength(SessionMentor.MaxEmployer);
            mentor.Ignore(m => m.Here);
        });
        model.Entity<SessionMachine>(machine =>
        {
            machine.ToTable("session_machine");
            machine.HasKey(m => new { m.SessionId, m.MachineId });
            machine.HasOne<GroupSession>().WithMany().HasForeignKey(m => m.SessionId).OnDelete(DeleteBehavior.Restrict);
            machine.HasOne<Machine>().WithMany().HasForeignKey(m => m.MachineId).OnDelete(DeleteBehavior.Restrict);
            machine.HasOne<Reservation>().WithMany().HasForeignKey(m => m.BookingId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<SessionTopic>(topic =>
        {
            topic.ToTable("session_topic");
            topic.HasKey(t => new { t.SessionId, t.SkillId });
            topic.HasOne<GroupSession>().WithMany().HasForeignKey(t => t.SessionId).OnDelete(DeleteBehavior.Restrict);
            topic.HasOne<Skill>().WithMany().HasForeignKey(t => t.SkillId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<SessionSkill>(skill =>
        {
            skill.ToTable("session_skill");
            skill.HasKey(s => new { s.SessionId, s.PersonId, s.SkillId });
            skill.HasOne<GroupSession>().WithMany().HasForeignKey(s => s.SessionId).OnDelete(DeleteBehavior.Restrict);
            skill.HasOne<Person>().WithMany().HasForeignKey(s => s.PersonId).OnDelete(DeleteBehavior.Restrict);
            skill.HasOne<Skill>().WithMany().HasForeignKey(s => s.SkillId).OnDelete(DeleteBehavior.Restrict);
            skill.Property(s => s.By).HasColumnName("done_by");
        });
        model.Entity<Attendee>(attendee =>
        {
            attendee.ToTable("attendance");
            attendee.HasIndex(a => new { a.SessionId, a.Number }).IsUnique();
            // Nobody is on a list twice.
            attendee.HasIndex(a => new { a.SessionId, a.PersonId }).IsUnique();
            attendee.HasIndex(a => new { a.PersonId, a.ArrivedAt });
            attendee.HasOne<GroupSession>().WithMany().HasForeignKey(a => a.SessionId).OnDelete(DeleteBehavior.Restrict);
            attendee.HasOne<Person>().WithMany().HasForeignKey(a => a.PersonId).OnDelete(DeleteBehavior.Restrict);
            attendee.Property(a => a.FirstName).HasMaxLength(Attendee.MaxName);
            attendee.Property(a => a.CameWith).HasMaxLength(Attendee.MaxWith);
            attendee.Ignore(a => a.Here);
        });
        model.Entity<AttendanceCount>(count =>
        {
            count.ToTable("attendance_count", table => table.HasCheckConstraint("ck_attendance_count_number", "head_count > 0"));
            count.HasKey(c => new { c.SessionId, c.Band, c.Gender, c.Occupation, c.Known });
            count.HasOne<GroupSession>().WithMany().HasForeignKey(c => c.SessionId).OnDelete(DeleteBehavior.Restrict);
            count.Property(c => c.Number).HasColumnName("head_count");
        });
        model.Entity<SessionSignature>(signature =>
        {
            signature.ToTable("session_signature");
            signature.HasIndex(s => new { s.SessionId, s.Day, s.Half });
            signature.HasIndex(s => s.PersonId);
            signature.HasOne<GroupSession>().WithMany().HasForeignKey(s => s.SessionId).OnDelete(DeleteBehavior.Restrict);
            signature.HasOne<Attendee>().WithMany().HasForeignKey(s => s.AttendeeId).OnDelete(DeleteBehavior.Restrict);
            signature.Property(s => s.Drawing).HasMaxLength(SessionSignature.MaxDrawing);
        });
    }
}
