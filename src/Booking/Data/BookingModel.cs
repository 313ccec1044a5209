using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.SignIn;
using Microsoft.EntityFrameworkCore;
using FabLab.Booking.Features.Devices;
using Microsoft.EntityFrameworkCore.Metadata;

namespace FabLab.Booking.Data;

/// <summary>Tables, keys and indexes, the same for both databases. Names are in snake_case.</summary>
internal static partial class BookingModel
{
    public static void Build(ModelBuilder model)
    {
        Lab(model);
        People(model);
        Records(model);
        Access(model);
        Accounts(model);
        Habilitations(model);
        MachinesAndDevices(model);
        Traces(model);
        Trainings(model);
        Bookings(model);
        Messages(model);
        Visits(model);
        Programmes(model);
        GroupSessions(model);
        Reports(model);
        Jobs(model);
        Sites(model);
        UseSnakeCase(model);
    }

    private static void Lab(ModelBuilder model)
    {
        model.Entity<Site>(site =>
        {
            site.ToTable("site");
            site.Property(s => s.Version).IsConcurrencyToken();
        });
        model.Entity<Machine>(machine =>
        {
            machine.ToTable("machine");
            machine.HasIndex(m => m.Code).IsUnique();
            machine.Property(m => m.Code).HasMaxLength(Machine.MaxCode);
            machine.Property(m => m.Version).IsConcurrencyToken();
        });
        model.Entity<Device>(device =>
        {
            device.ToTable("device");
            device.Property(d => d.Id).HasMaxLength(Device.MaxId);
            device.Property(d => d.Version).IsConcurrencyToken();
        });
        model.Entity<DeviceTrialRow>(trial =>
        {
            trial.ToTable("device_trial");
            trial.Property(t => t.DeviceId).HasMaxLength(Device.MaxId);
            trial.Property(t => t.Firmware).HasMaxLength(64);
            trial.HasIndex(t => new { t.DeviceId, t.At });
        });
        model.Entity<MachineDevice>(binding =>
        {
            binding.ToTable("machine_device");
            binding.HasKey(b => new { b.MachineId, b.Role, b.DeviceId, b.Channel });
            binding.HasOne<Machine>().WithMany().HasForeignKey(b => b.MachineId).OnDelete(DeleteBehavior.Restrict);
            binding.HasOne<Device>().WithMany().HasForeignKey(b => b.DeviceId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<LockOutRow>(lockOut =>
        {
            lockOut.ToTable("lock_out");
            lockOut.HasIndex(l => new { l.MachineId, l.ReleasedAt });
            // Two members of staff at once: one lock-out set here is open, the other is told so.
            lockOut.HasIndex(l => l.MachineId).IsUnique().HasDatabaseName("ix_lock_out_one_open")
                .HasFilter("released_at IS NULL AND gateway IS NULL");
            lockOut.HasOne<Machine>().WithMany().HasForeignKey(l => l.MachineId).OnDelete(DeleteBehavior.Restrict);
            lockOut.Property(l => l.Version).IsConcurrencyToken();
        });
    }

    private static void People(ModelBuilder model)
    {
        model.Entity<Person>(person =>
        {
            person.ToTable("person");
            person.HasIndex(p => p.ShortCode).IsUnique();
            person.Property(p => p.ShortCode).HasMaxLength(Person.MaxCode);
            person.Property(p => p.Plan).HasMaxLength(Person.MaxPlan);
            person.Property(p => p.DisplayName).HasMaxLength(Person.MaxName);
            person.Property(p => p.Email).HasMaxLength(Person.MaxEmail);
            person.HasOne<Project>().WithMany().HasForeignKey(p => p.DefaultProject).OnDelete(DeleteBehavior.Restrict);
            person.Property(p => p.Version).IsConcurrencyToken();
        });
        model.Entity<Badge>(badge =>
        {
            badge.ToTable("badge");
            badge.HasIndex(b => b.Full).IsUnique();
            badge.HasIndex(b => b.Last4);
            badge.HasIndex(b => b.Last3);
            badge.HasIndex(b => b.PersonId);
            badge.HasOne<Person>().WithMany().HasForeignKey(b => b.PersonId).OnDelete(DeleteBehavior.Restrict);
            badge.Property(b => b.Version).IsConcurrencyToken();
        });
        model.Entity<Training>(training =>
        {
            training.ToTable("training");
            training.HasIndex(t => t.Code).IsUnique();
            training.Property(t => t.Version).IsConcurrencyToken();
        });
        model.Entity<Habilitation>(habilitation =>
        {
            habilitation.ToTable("habilitation");
            habilitation.HasIndex(h => new { h.PersonId, h.TrainingId }).IsUnique();
            habilitation.HasOne<Person>().WithMany().HasForeignKey(h => h.PersonId).OnDelete(DeleteBehavior.Restrict);
            habilitation.HasOne<Training>().WithMany().HasForeignKey(h => h.TrainingId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<HabilitationAct>(act =>
        {
            act.ToTable("habilitation_act");
            act.HasKey(a => new { a.HabilitationId, a.Number });
            act.Property(a => a.By).HasColumnName("done_by");
            act.HasOne<Habilitation>().WithMany().HasForeignKey(a => a.HabilitationId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<Project>(project =>
        {
            project.ToTable("project");
            project.HasIndex(p => p.Code).IsUnique();
            project.HasMany(p => p.Members).WithOne().HasForeignKey(m => m.ProjectId).OnDelete(DeleteBehavior.Cascade);
            project.Property(p => p.Version).IsConcurrencyToken();
        });
        model.Entity<ProjectMember>(member =>
        {
            member.ToTable("project_member");
            member.HasKey(m => new { m.ProjectId, m.PersonId });
            member.HasOne<Person>().WithMany().HasForeignKey(m => m.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<PresenceRow>(presence =>
        {
            presence.ToTable("presence");
            presence.HasKey(p => p.PersonId);
            presence.HasOne<Person>().WithMany().HasForeignKey(p => p.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
    }

    /// <summary>
    /// What happened. No foreign keys to people, machines or projects: a record is stored even when Booking does not know them.
    /// </summary>
    private static void Records(ModelBuilder model)
    {
        model.Entity<JournalRow>(row =>
        {
            row.ToTable("journal");
            row.HasKey(r => new { r.Gateway, r.Epoch, r.Seq });
            row.HasIndex(r => new { r.Gateway, r.Epoch, r.MachineId, r.MachineSeq });
            row.HasIndex(r => r.SessionId);
        });
        model.Entity<MachineProgress>(progress =>
        {
            progress.ToTable("machine_progress");
            progress.HasKey(p => new { p.Gateway, p.Epoch, p.MachineId });
        });
        model.Entity<RefusedTap>(tap =>
        {
            tap.ToTable("refused_tap");
            tap.HasKey(t => new { t.Gateway, t.Epoch, t.Seq });
            tap.HasIndex(t => new { t.MachineId, t.At });
            tap.HasIndex(t => new { t.PersonId, t.At });
        });
        model.Entity<Alarm>(alarm =>
        {
            alarm.ToTable("alarm");
            alarm.HasKey(a => new { a.Gateway, a.Epoch, a.Seq });
            alarm.HasIndex(a => new { a.SeenAt, a.At });
        });
        model.Entity<MachineTimeEntry>(entry =>
        {
            entry.ToTable("machine_time");
            entry.HasIndex(e => new { e.MachineId, e.Start });
            entry.HasIndex(e => new { e.PersonId, e.Start });
            entry.HasIndex(e => new { e.ProjectId, e.Start });
            entry.HasIndex(e => e.SessionId);
            // Time is recorded once; a row is taken back once and replaced once.
            entry.HasIndex(e => new { e.Gateway, e.Epoch, e.EntryKey }).IsUnique().HasDatabaseName("ix_machine_time_recorded_once").HasFilter("kind = 1");
            entry.HasIndex(e => new { e.Corrects, e.Kind }).IsUnique();
            entry.Property(e => e.Start).HasColumnName("starts_at");
            entry.Property(e => e.End).HasColumnName("ends_at");
        });
        model.Entity<MachineNow>(now =>
        {
            now.ToTable("machine_now");
            now.HasKey(n => n.MachineId);
        });
        model.Entity<PolicyMark>(mark =>
        {
            mark.ToTable("policy_mark");
            mark.HasKey(m => new { m.Kind, m.Key });
            mark.HasIndex(m => m.Revision).IsUnique();
            mark.Property(m => m.Key).HasColumnName("rule_key");
        });
        model.Entity<PolicyCounter>(counter =>
        {
            counter.ToTable("policy_counter");
        });
    }

    private static void Access(ModelBuilder model)
    {
        model.Entity<StaffAccount>(account =>
        {
            account.ToTable("staff_account");
            account.HasIndex(a => a.LoginName).IsUnique();
            account.HasOne<Person>().WithOne().HasForeignKey<StaffAccount>(a => a.Id).OnDelete(DeleteBehavior.Restrict);
            account.Property(a => a.Version).IsConcurrencyToken();
        });
        model.Entity<OneTimeLink>(link =>
        {
            link.ToTable("one_time_link");
            link.HasIndex(l => l.SecretHash).IsUnique();
            link.HasIndex(l => l.CodeHash);
            link.HasOne<StaffAccount>().WithMany().HasForeignKey(l => l.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<GatewayAccount>(gateway =>
        {
            gateway.ToTable("gateway");
            gateway.HasKey(g => g.Name);
        });
    }

    private static void UseSnakeCase(ModelBuilder model)
    {
        foreach (var table in model.Model.GetEntityTypes())
        {
            foreach (var property in table.GetProperties())
            {
                // Ids are made here, never by the database.
                property.ValueGenerated = ValueGenerated.Never;
                if (property.GetColumnName() == property.Name)
                    property.SetColumnName(Snake(property.Name));
            }
            var name = table.GetTableName()!;
            table.FindPrimaryKey()!.SetName($"pk_{name}");
            foreach (var key in table.GetForeignKeys())
                key.SetConstraintName($"fk_{name}_{string.Join('_', key.Properties.Select(p => p.GetColumnName()))}");
            foreach (var index in table.GetIndexes())
            {
                if (index.Name is null && index.GetDatabaseName()!.StartsWith("IX_", StringComparison.Ordinal))
                    index.SetDatabaseName($"ix_{name}_{string.Join('_', index.Properties.Select(p => p.GetColumnName()))}");
            }
        }
    }

    private static string Snake(string name) => string.Concat(name.Select(
        (letter, place) => char.IsUpper(letter) && place > 0 ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
