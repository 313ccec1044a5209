using FabLab.Booking.Features;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.GroupSessions;

/// <summary>A mentor, a partner's mentor, ten young people in a group, three machines, a programme with one step and two skills.</summary>
internal sealed record YouthLab(
    BookingHost Host, StaffActor Manager, StaffActor Mentor, StaffActor Partner, StaffActor Stranger, Guid Group, IReadOnlyList<PersonId> Young, IReadOnlyList<MachineId> Machines,
    ProgrammeId Programme, StepId Step, SkillId Draw, SkillId Together, PartnerId School, TrainingId Laser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public HoldSession Hold => Of<HoldSession>();

    public MarkAttendees Marks => Of<MarkAttendees>();

    public KeepSheet Sheet => Of<KeepSheet>();

    public KeepList List => Of<KeepList>();

    public SetGroupSession Set => Of<SetGroupSession>();

    public T Of<T>()
        where T : notnull => Host.Services.GetRequiredService<T>();

    public static async Task<YouthLab> InAsync(BookingHost host)
    {
        var now = host.Time.Now;
        var lab = new YouthLab(
            host, new StaffActor(PersonId.New(now), Role.Manager), new StaffActor(PersonId.New(now), Role.Mentor), new StaffActor(PersonId.New(now), Role.Partner), new StaffActor(PersonId.New(now), Role.Mentor),
            Guid.CreateVersion7(), [.. Enumerable.Range(0, 10).Select(_ => PersonId.New(now))], [MachineId.New(now), MachineId.New(now), MachineId.New(now)],
            ProgrammeId.New(now), StepId.New(now), SkillId.New(now), SkillId.New(now), PartnerId.New(now), TrainingId.New(now));
        await host.WriteAsync(write =>
        {
            var db = write.Db;
            db.Sites.Single().Rule = new SiteRule { Name = "Le Lab", Zone = "Europe/Paris", MinorsPerAdult = 2 };
            db.Trainings.Add(new Training { Id = lab.Laser, Code = "laser", NameFr = "laser", NameEn = "laser" });
            var codes = new[] { "LAS-1", "IMP-1", "VIN-1" };
            for (var place = 0; place < 3; place++)
            {
                db.Machines.Add(Machine.From(new MachineRule
                {
                    Id = lab.Machines[place], Code = codes[place], NameFr = codes[place], NameEn = codes[place], AgeAccompanied = 10, AgeAlone = 16, NeedsCheckIn = place == 0,
                }));
            }
            Person(lab.Manager.Id, "G01", "Gaëlle", true);
            Person(lab.Mentor.Id, "E01", "Malik", true, accompanies: true);
            Person(lab.Partner.Id, "E02", "Carole du collège", true);
            Person(lab.Stranger.Id, "E03", "Autre encadrant", true);
            foreach (var (who, role, login) in new[] { (lab.Manager, Role.Manager, "g01"), (lab.Mentor, Role.Mentor, "e01"), (lab.Partner, Role.Partner, "e02"), (lab.Stranger, Role.Mentor, "e03") })
                db.StaffAccounts.Add(new StaffAccount { Id = who.Id, LoginName = login, Role = role, Stamp = Guid.NewGuid(), CreatedAt = now });
            for (var place = 0; place < lab.Young.Count; place++)
                Person(lab.Young[place], $"J{place:00}", $"Jeune {place}", false);
            db.PersonGroups.Add(new PersonGroup { Id = lab.Group, Name = "Mercredi" });
            db.GroupPlaces.AddRange(lab.Young.Select(young => new GroupPlace { GroupId = lab.Group, PersonId = young, Part = GroupPart.Member }));
            db.GroupPlaces.Add(new GroupPlace { GroupId = lab.Group, PersonId = lab.Mentor.Id, Part = GroupPart.LooksAfter });
            db.Partners.Add(new Partner { Id = lab.School, Name = "Collège Jean-Macé" });
            db.PartnerPeople.Add(new PartnerPerson { PartnerId = lab.School, PersonId = lab.Partner.Id });

            void Person(PersonId id, string code, string name, bool adult, bool accompanies = false) => db.People.Add(new Person
            {
                Id = id, ShortCode = code, DisplayName = name, IsAdult = adult, BirthDate = adult ? null : now.InUtc().Date.PlusYears(-14), MayAccompany = accompanies, CreatedAt = now,
            });
        });
        Assert.True((await lab.Of<SetCatalogue>().SkillAsync(lab.Draw, new SkillToBe(0, "Dessiner pour le laser", "Draw for the laser"), lab.Manager, Cancel)).Done);
        Assert.True((await lab.Of<SetCatalogue>().SkillAsync(lab.Together, new SkillToBe(0, "Travailler à plusieurs", "Work together", SkillKind.Transversal), lab.Manager, Cancel)).Done);
        Assert.True((await lab.Of<SetProgramme>().HandleAsync(lab.Programme, new ProgrammeToBe(0, "Initiation", "Beginners")
        {
            GoalSessions = 6, GoalPeople = 12, GoalHours = 180,
            Pathways = [new PathwayToBe(PathwayId.New(now), "Premiers objets") { Steps = [new StepToBe(lab.Step, "La lampe") { Skills = [lab.Draw, lab.Together] }] }],
        }, lab.Manager, Cancel)).Done);
        return lab;
    }

    /// <summary>A séance of the group with its mentor at the three machines, from now on for three hours.</summary>
    public GroupSessionToBe Wednesday(Instant? start = null) => new("Mercredi des lampes", start ?? Host.Time.Now, 180)
    {
        Kind = GroupSessionKind.Project, Programme = Programme, Step = Step, Group = Group, Mentors = [new MentorToBe(Mentor.Id, "Mission locale")], Machines = Machines,
        Themes = SessionThemes.Creating, Materials = SessionMaterials.Computer, PerMentor = 2,
    };

    public async Task<GroupSessionId> PlannedAsync(GroupSessionToBe? request = null)
    {
        var outcome = await Set.AddAsync(request ?? Wednesday(), Mentor, Cancel);
        Assert.Null(outcome.Refusal);
        return outcome.Value.Id;
    }

    public async Task<GroupSessionId> OpenAsync(GroupSessionToBe? request = null)
    {
        var id = await PlannedAsync(request);
        Assert.Null((await Hold.OpenAsync(id, Mentor, Cancel)).Refusal);
        return id;
    }

    public Task<GroupSession> SessionAsync(GroupSessionId id) => Host.ReadAsync(db => db.GroupSessions.SingleAsync(s => s.Id == id, Cancel));

    public Task<Attendee> LineAsync(GroupSessionId id, PersonId person) => Host.ReadAsync(db => db.Attendees.SingleAsync(a => a.SessionId == id && a.PersonId == person, Cancel));

    public async Task PresentAsync(GroupSessionId id, params PersonId[] people)
    {
        foreach (var person in people)
            Assert.Null((await Marks.MarkAsync(id, new AttendeeMark((await LineAsync(id, person)).Id, AttendanceStatus.Present), Mentor, Cancel)).Refusal);
    }

    public Task MayAloneAsync(PersonId person, bool may) => Host.WriteAsync(write => write.Db.MinorSheets.Add(new MinorSheet { PersonId = person, MayLeaveAlone = may, Version = 1 }));

    public async Task<Guid> FetcherAsync(PersonId person, bool may)
    {
        var id = Guid.CreateVersion7();
        await Host.WriteAsync(write => write.Db.MinorContacts.Add(new MinorContact { Id = id, PersonId = person, Name = "Sa tante", IsGuardian = !may, MayFetch = may, AddedAt = write.Now }));
        return id;
    }
}
