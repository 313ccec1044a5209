using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

/// <summary>Who is in charge of what, and the ways in beside the password.</summary>
internal static partial class BookingModel
{
    private static void Accounts(ModelBuilder model)
    {
        model.Entity<MachineDuty>(duty =>
        {
            duty.ToTable("machine_duty");
            duty.HasKey(d => new { d.PersonId, d.MachineId, d.Duty });
            duty.HasOne<Person>().WithMany().HasForeignKey(d => d.PersonId).OnDelete(DeleteBehavior.Restrict);
            duty.HasOne<Machine>().WithMany().HasForeignKey(d => d.MachineId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<PersonGroup>(group =>
        {
            group.ToTable("person_group");
            group.Property(g => g.Name).HasMaxLength(PersonGroup.MaxName);
            group.Property(g => g.Version).IsConcurrencyToken();
        });
        model.Entity<GroupPlace>(place =>
        {
            place.ToTable("group_place");
            place.HasKey(p => new { p.GroupId, p.PersonId });
            place.HasOne<PersonGroup>().WithMany().HasForeignKey(p => p.GroupId).OnDelete(DeleteBehavior.Cascade);
            place.HasOne<Person>().WithMany().HasForeignKey(p => p.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<ApiToken>(token =>
        {
            token.ToTable("api_token");
            token.HasIndex(t => t.SecretHash).IsUnique();
            token.Property(t => t.Name).HasMaxLength(ApiToken.MaxName);
            token.Property(t => t.Only).HasColumnName("only_rights");
        });
        model.Entity<StaffSession>(session =>
        {
            session.ToTable("staff_session");
            session.HasIndex(s => new { s.AccountId, s.EndedAt });
            session.HasOne<StaffAccount>().WithMany().HasForeignKey(s => s.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<Passkey>(passkey =>
        {
            passkey.ToTable("passkey");
            passkey.HasIndex(p => p.CredentialId).IsUnique();
            passkey.Property(p => p.Name).HasMaxLength(Passkey.MaxName);
            passkey.HasOne<StaffAccount>().WithMany().HasForeignKey(p => p.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
    }
}
