using FabLab.Booking.Features;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Trainings;

/// <summary>Catalogue, sessions, waiting list, and the habilitation for all who were present.</summary>
public sealed class TrainingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prerequisites_never_go_in_circles_and_a_training_a_machine_asks_for_stays()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        var (set, manager) = (Of<SetTraining>(host), Manager(lab));
        var first = (await set.AddAsync(new TrainingDetails("securite", "Sécurité", "Safety"), manager, Cancel)).Value;
        var second = (await set.AddAsync(new TrainingDetails("base", "Base", "Basics", Prerequisites: [first.Id]), manager, Cancel)).Value;
        var third = (await set.AddAsync(new TrainingDetails("suite", "Suite", "Next", Prerequisites: [second.Id]), manager, Cancel)).Value;

        Assert.Equal("prerequisite_circle", Code(await set.ChangeAsync(first.Id, new TrainingDetails(null, "Sécurité", "Safety", Prerequisites: [third.Id]), manager, Cancel)));
        Assert.Equal("prerequisite_circle", Code(await set.ChangeAsync(first.Id, new TrainingDetails(null, "Sécurité", "Safety", Prerequisites: [first.Id]), manager, Cancel)));
        Assert.True((await set.ChangeAsync(third.Id, new TrainingDetails(null, "Suite", "Next", Prerequisites: [first.Id, second.Id]), manager, Cancel)).Done);
        Assert.Equal(ProblemCodes.Stale, Code(await set.ChangeAsync(third.Id, new TrainingDetails(null, "Suite", "Next"), manager, Cancel)));
        Assert.Equal("code_taken", Code(await set.AddAsync(new TrainingDetails("BASE", "x", "x"), manager, Cancel)));
        Assert.Equal("training_asked", Code(await set.ChangeAsync(lab.OwnTraining, new TrainingDetails(null, "laser", "laser", Retired: true), manager, Cancel)));
        Assert.Equal(3, await host.ReadAsync(db => db.TrainingPrerequisites.CountAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_waiting_list_moves_up_in_order_when_a_place_is_freed_or_added(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await RoleLab.InAsync(host);
        var (manager, enrol, sessions) = (Manager(lab), Of<Enrol>(host), Of<SetSession>(host));
        var people = await PeopleAsync(host, 4);
        var session = (await sessions.AddAsync(lab.OwnTraining, Details(host, places: 1), manager, Cancel)).Value.Id;

        var waits = new List<int>();
        foreach (var person in people)
            waits.Add((await enrol.HandleAsync(session, new EnrolmentRequest(person), manager, Cancel)).Value.Waiting);
        var again = (await enrol.HandleAsync(session, new EnrolmentRequest(people[2]), manager, Cancel)).Value;
        var left = (await enrol.LeaveAsync(session, people[0], manager, Cancel)).Value;
        var twice = (await enrol.LeaveAsync(session, people[0], manager, Cancel)).Value;

        Assert.Equal([0, 1, 2, 3], waits);
        Assert.Equal((2, true), (again.Waiting, again.Already));
        Assert.Equal((people[1], false), (left.MovedUp, left.Already));
        Assert.True(twice.Already);
        var version = await VersionAsync(host, session);
        Assert.True((await sessions.ChangeAsync(session, Details(host, places: 2) with { Version = version }, manager, Cancel)).Done);
        var seats = await SeatsAsync(host, session);
        Assert.Equal([true, true, false], seats.Select(s => s.HasPlace));
        Assert.Equal([true, true, false], seats.Select(s => s.MovedUp));
        Assert.Equal("places_taken", Code(await sessions.ChangeAsync(session, Details(host, places: 1) with { Version = version + 1 }, manager, Cancel)));
        Assert.Equal(ProblemCodes.Stale, Code(await sessions.ChangeAsync(session, Details(host, places: 9) with { Version = version }, manager, Cancel)));
    }

    [Fact]
    public async Task Without_the_prerequisite_nobody_enrols_unless_the_trainer_says_why()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        var (manager, enrol) = (Manager(lab), Of<Enrol>(host));
        Assert.True((await Of<SetTraining>(host).ChangeAsync(lab.OwnTraining, new TrainingDetails(null, "laser", "laser", Prerequisites: [lab.OtherTraining]), manager, Cancel)).Done);
        var member = new StaffActor(lab.People[Role.Member], Role.Member);
        var desk = new StaffActor(lab.People[Role.FrontDesk], Role.FrontDesk);
        var trainer = new StaffActor(lab.People[Role.Trainer], Role.Trainer);

        Assert.Equal("prerequisite_missing", Code(await enrol.HandleAsync(lab.OwnSession, new EnrolmentRequest(Why: "si"), member, Cancel)));
        Assert.Equal("prerequisite_missing", Code(await enrol.HandleAsync(lab.OwnSession, new EnrolmentRequest(member.Id, "si"), desk, Cancel)));
        Assert.Equal("prerequisite_missing", Code(await enrol.HandleAsync(lab.OwnSession, new EnrolmentRequest(member.Id), trainer, Cancel)));
        Assert.True((await enrol.HandleAsync(lab.OwnSession, new EnrolmentRequest(member.Id, "Menuisier de métier"), trainer, Cancel)).Done);
        Assert.Equal("Menuisier de métier", (await SeatsAsync(host, lab.OwnSession)).Of(member.Id)!.Enrolment.Why);
        Assert.Equal(ProblemCodes.NotAllowed, Code(await enrol.HandleAsync(lab.OwnSession, new EnrolmentRequest(lab.InGroup), member, Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task All_present_get_the_habilitation_at_once_the_gateways_hear_it_and_the_undo_takes_all_back(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await RoleLab.InAsync(host);
        var trainer = new StaffActor(lab.People[Role.Trainer], Role.Trainer);
        var (give, people) = (Of<GiveHabilitations>(host), await PeopleAsync(host, 3));
        foreach (var person in people)
            Assert.True((await Of<Enrol>(host).ArriveAsync(lab.OwnSessionToday, new EnrolmentRequest(person), trainer, Cancel)).Done);
        var version = await VersionAsync(host, lab.OwnSessionToday);
        var request = new SessionGiving(HabilitationLevel.Autonomous, people, version);

        var given = (await give.HandleAsync(lab.OwnSessionToday, request, trainer, Cancel)).Value;
        var again = (await give.HandleAsync(lab.OwnSessionToday, request, trainer, Cancel)).Value;
        var other = await give.HandleAsync(lab.OwnSessionToday, request with { Level = HabilitationLevel.Accompanied }, Manager(lab), Cancel);

        Assert.Equal((1, 3, false), (given.Batch, given.People, given.Already));
        Assert.Equal((1, 3, true), (again.Batch, again.People, again.Already));
        Assert.Equal(ProblemCodes.Stale, Code(other));
        var acts = await host.ReadAsync(db => db.HabilitationActs.Where(a => a.Ground == EvidenceKind.Session).ToListAsync(Cancel));
        Assert.Equal(3, acts.Count);
        Assert.All(acts, act => Assert.Equal((lab.OwnSessionToday.Value, trainer.Id, HabilitationActKind.Granted), (act.EvidenceId!.Value, act.By, act.Kind)));
        var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        var policy = LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);
        Assert.All(people, person => Assert.Equal(HabilitationLevel.Autonomous, Assert.Single(policy.Habilitations(person)).Level));

        Assert.Equal(3, (await give.UndoAsync(lab.OwnSessionToday, 1, trainer, Cancel)).Value.People);
        Assert.True((await give.UndoAsync(lab.OwnSessionToday, 1, trainer, Cancel)).Value.Already);
        feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        policy = LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);
        Assert.All(people, person => Assert.Empty(policy.Habilitations(person)));
    }

    [Fact]
    public async Task One_who_cannot_have_it_means_that_nobody_gets_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        var (manager, give, people) = (Manager(lab), Of<GiveHabilitations>(host), await PeopleAsync(host, 2));
        foreach (var person in people)
            await Of<Enrol>(host).ArriveAsync(lab.OwnSessionToday, new EnrolmentRequest(person), manager, Cancel);
        await Of<ActOnHabilitation>(host).HandleAsync(lab.OwnHabilitation, HabilitationActKind.Suspended, new HabilitationActRequest("accident", 1), manager, Cancel);
        var version = await VersionAsync(host, lab.OwnSessionToday);

        var refused = await give.HandleAsync(lab.OwnSessionToday, new SessionGiving(HabilitationLevel.Autonomous, [.. people, lab.Stranger], version), manager, Cancel);

        Assert.Equal(("habilitation_suspended", lab.Stranger.ToString()), (Code(refused), refused.Refusal!.Field));
        Assert.Equal(0, await host.ReadAsync(db => db.HabilitationActs.CountAsync(a => a.Ground == EvidenceKind.Session, Cancel)));
        Assert.Equal(version, await VersionAsync(host, lab.OwnSessionToday));
        Assert.True((await give.HandleAsync(lab.OwnSessionToday, new SessionGiving(HabilitationLevel.Accompanied, people, version), manager, Cancel)).Done);
        // What changed since stands: the undo takes back all of it or nothing.
        var head = await host.ReadAsync(db => db.Habilitations.SingleAsync(h => h.PersonId == people[1] && h.TrainingId == lab.OwnTraining, Cancel));
        await Of<ActOnHabilitation>(host).HandleAsync(head.Id, HabilitationActKind.Withdrawn, new HabilitationActRequest("x", 1), manager, Cancel);
        Assert.Equal(ProblemCodes.Stale, Code(await give.UndoAsync(lab.OwnSessionToday, 1, manager, Cancel)));
        Assert.Equal(2, await host.ReadAsync(db => db.Enrolments.CountAsync(e => e.Batch == 1, Cancel)));
    }

    [Fact]
    public async Task A_session_never_lowers_a_level_and_its_trainer_without_more_makes_no_trainers()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        var (manager, give) = (Manager(lab), Of<GiveHabilitations>(host));
        var guest = new StaffActor(lab.People[Role.Trainer], Role.Trainer);
        await host.WriteAsync(write => write.Db.TrainingSessions.Single(s => s.Id == lab.OtherSessionToday).Trainer = guest.Id);
        var version = await VersionAsync(host, lab.OtherSessionToday);

        Assert.Equal(ProblemCodes.NotAllowed, Code(await give.HandleAsync(lab.OtherSessionToday, new SessionGiving(HabilitationLevel.Trainer, [lab.Stranger], version), guest, Cancel)));
        Assert.True((await give.HandleAsync(lab.OtherSessionToday, new SessionGiving(HabilitationLevel.Accompanied, [lab.Stranger], version), guest, Cancel)).Done);

        var acts = await host.ReadAsync(db => db.HabilitationActs.Where(a => a.HabilitationId == lab.OtherHabilitation).OrderBy(a => a.Number).ToListAsync(Cancel));
        Assert.Equal((HabilitationActKind.Renewed, HabilitationLevel.Autonomous), (acts[^1].Kind, acts[^1].Level));
        Assert.Equal(ProblemCodes.NotAllowed, Code(await Of<SetSession>(host).ChangeAsync(lab.OtherSessionToday, Details(host) with { Version = version + 1, Trainer = lab.People[Role.Manager] }, guest, Cancel)));
        Assert.Equal(manager.Id, lab.People[Role.Manager]);
    }

    [Fact]
    public async Task Who_is_told_no_at_a_machine_hears_of_the_next_session_that_takes_place()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        var (manager, sessions) = (Manager(lab), Of<SetSession>(host));
        var soon = Details(host) with { Start = host.Time.Now + Duration.FromDays(1) };
        var id = (await sessions.AddAsync(lab.OwnTraining, soon, manager, Cancel)).Value.Id;
        Assert.Equal(soon.Start, await NextAsync());

        await sessions.CancelAsync(id, new SessionCancel("panne", 0), manager, Cancel);
        Assert.Equal(soon.Start + Duration.FromDays(2), await NextAsync());
        await sessions.ResumeAsync(id, new SessionResume(1), manager, Cancel);
        Assert.Equal(soon.Start, await NextAsync());
        host.Time.Leap(Duration.FromDays(1.5));
        await host.Writer.WriteAsync((write, cancel) => SessionAccess.RoundAsync(write, cancel), Cancel);
        Assert.Equal(soon.Start + Duration.FromDays(2), await NextAsync());

        Task<Instant?> NextAsync() => host.ReadAsync(db => db.Trainings.Where(t => t.Id == lab.OwnTraining).Select(t => t.NextSession).SingleAsync(Cancel));
    }

    private static T Of<T>(BookingHost host)
        where T : notnull => host.Services.GetRequiredService<T>();

    private static string? Code<T>(Outcome<T> outcome) => outcome.Refusal?.Code;

    private static StaffActor Manager(RoleLab lab) => new(lab.People[Role.Manager], Role.Manager);

    private static SessionDetails Details(BookingHost host, int places = 6) => new(host.Time.Now + Duration.FromDays(5), 120, places);

    private static Task<long> VersionAsync(BookingHost host, TrainingSessionId id) => host.ReadAsync(db => db.TrainingSessions.Where(s => s.Id == id).Select(s => s.Version).SingleAsync(Cancel));

    private static Task<IReadOnlyList<Seat>> SeatsAsync(BookingHost host, TrainingSessionId id) => host.ReadAsync(async db =>
        Seats.Of((await db.TrainingSessions.SingleAsync(s => s.Id == id, Cancel)).Places, await db.Enrolments.Where(e => e.SessionId == id).ToListAsync(Cancel)));

    private static async Task<List<PersonId>> PeopleAsync(BookingHost host, int count)
    {
        List<PersonId> ids = [.. Enumerable.Range(0, count).Select(_ => PersonId.New(host.Time.Now))];
        await host.WriteAsync(write => write.Db.People.AddRange(ids.Select((id, i) => new Features.People.Person { Id = id, ShortCode = $"P{i}", IsAdult = true, CreatedAt = write.Now })));
        return ids;
    }
}
