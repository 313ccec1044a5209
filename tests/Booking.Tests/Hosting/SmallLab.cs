using FabLab.Booking.Features;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;

namespace FabLab.Booking.Tests.Hosting;

/// <summary>A lab of one machine, one training, one project and two people, and one member of staff.</summary>
internal sealed record SmallLab(MachineId Machine, TrainingId Training, ProjectId Project, PersonId Ada, BadgeId AdasBadge, PersonId Bob, StaffActor Manager)
{
    public static async Task<SmallLab> InAsync(BookingHost host)
    {
        var now = host.Time.Now;
        var lab = new SmallLab(
            MachineId.New(now), TrainingId.New(now), ProjectId.New(now), PersonId.New(now), default, PersonId.New(now), new StaffActor(PersonId.New(now), Role.Manager));
        var hasher = new BadgeHasher(1, new byte[32]);
        var badge = Badge.From(hasher.Print(BadgeNumber.Parse("em:62E3086CED")!), now);
        badge.PersonId = lab.Ada;
        lab = lab with { AdasBadge = badge.Id };
        await host.WriteAsync(write =>
        {
            write.Db.Machines.Add(Features.Machines.Machine.From(
                new MachineRule { Id = lab.Machine, Code = "LAS-1", NameFr = "Découpeuse laser", NameEn = "Laser cutter" }));
            write.Db.Trainings.Add(new Training { Id = lab.Training, Code = "laser", NameFr = "laser", NameEn = "laser", ValidMonths = 24 });
            write.Db.Projects.Add(new Project { Id = lab.Project, Code = "lampes", Name = "Lampes" });
            write.Db.People.Add(new Person { Id = lab.Ada, ShortCode = "M01", DisplayName = "Ada", IsAdult = true, CreatedAt = now });
            write.Db.People.Add(new Person { Id = lab.Bob, ShortCode = "M02", IsAdult = true, CreatedAt = now });
            write.Db.People.Add(new Person { Id = lab.Manager.Id, ShortCode = "G01", DisplayName = "Gestion", IsAdult = true, CreatedAt = now });
            write.Db.StaffAccounts.Add(new StaffAccount { Id = lab.Manager.Id, LoginName = "g01", Role = Role.Manager, Stamp = Guid.NewGuid() });
            write.Db.Badges.Add(badge);
        });
        return lab;
    }
}
