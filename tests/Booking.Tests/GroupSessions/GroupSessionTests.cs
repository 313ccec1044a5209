using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.GroupSessions;

/// <summary>Séances: list, opening, who is there, who may leave, machines with a mentor beside, the sheet that becomes final.</summary>
public sealed class GroupSessionTests
{
    private static readonly Duration Hour = Duration.FromHours(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_session_takes_its_group_on_the_list_its_strands_from_the_programme_and_keeps_its_machines(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await YouthLab.InAsync(host);
        var id = await lab.PlannedAsync(lab.Wednesday(host.Time.Now + Hour));

        Assert.Equal(lab.Young.Order(Comparer<PersonId>.Create((a, b) => a.Value.CompareTo(b.Value))), (await host.ReadAsync(db => db.Attendees.Where(a => a.SessionId == id).Select(a => a.PersonId!.Value).ToListAsync(Cancel))).Order(Comparer<PersonId>.Create((a, b) => a.Value.CompareTo(b.Value))));
        var bookings = await host.ReadAsync(db => db.Reservations.ToListAsync(Cancel));
        Assert.Equal(3, bookings.Count);
        Assert.All(bookings, booking => Assert.Equal((lab.Group, ReservationKind.Booking), (booking.GroupId!.Value, booking.Kind)));
        // Nobody else books the time: the database refuses, as for any booking.
        var other = await host.Services.GetRequiredService<BookMachine>().BookAsync(
            new NewReservation(lab.Machines[0], lab.Manager.Id, host.Time.Now + Hour, host.Time.Now + 2 * Hour), lab.Manager, Cancel);
        Assert.NotNull(other.Refusal);
        // A second séance at the same machine and time is refused whole, and says which machine.
        var clash = await lab.Set.AddAsync(lab.Wednesday(host.Time.Now + Hour) with { Title = "Autre" }, lab.Mentor, Cancel);
        Assert.Equal(lab.Machines[0].ToString(), clash.Refusal!.Field);
        Assert.Equal(1, await host.ReadAsync(db => db.GroupSessions.CountAsync(Cancel)));

        // Moved by a day, with one machine less: what it kept goes with it.
        var moved = await lab.Set.ChangeAsync(id, lab.Wednesday(host.Time.Now + 25 * Hour) with { Machines = [lab.Machines[0]], Version = 1 }, lab.Mentor, Cancel);
        Assert.Null(moved.Refusal);
        var stands = Assert.Single(await host.ReadAsync(db => db.Reservations.Where(r => r.CancelledAt == null).ToListAsync(Cancel)));
        Assert.Equal((lab.Machines[0], host.Time.Now + 25 * Hour), (stands.MachineId, stands.Start));
        Assert.Null((await lab.Set.CancelAsync(id, new GroupSessionCancel("neige", 2), lab.Mentor, Cancel)).Refusal);
        Assert.Equal(0, await host.ReadAsync(db => db.Reservations.CountAsync(r => r.CancelledAt == null, Cancel)));
    }

    [Fact]
    public async Task Every_week_until_a_day_is_a_session_each_at_the_same_hour_with_the_list_of_its_group_and_none_in_the_holidays()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];
        await host.WriteAsync(write => write.Db.SiteTimetables.Add(new Features.Hours.SiteTimetableRow { Timetable = Features.Hours.LabHours.AroundTheClock("Europe/Paris") with { SchoolZone = Core.Scheduling.SchoolZone.A } }));
        // Wednesdays from 11 March: summer time begins on the 29th, and school in Lyon is out from 4 to 20 April.
        var first = new LocalDateTime(2026, 3, 11, 14, 0).InZoneStrictly(paris).ToInstant();
        var wanted = lab.Wednesday(first) with { Machines = [lab.Machines[1]], RepeatUntil = new LocalDate(2026, 4, 29), WithoutHolidays = true };

        var made = await lab.Set.AddAsync(wanted, lab.Mentor, Cancel);

        Assert.Null(made.Refusal);
        var sessions = await host.ReadAsync(db => db.GroupSessions.OrderBy(s => s.Start).ToListAsync(Cancel));
        LocalDate[] days = [new(2026, 3, 11), new(2026, 3, 18), new(2026, 3, 25), new(2026, 4, 1), new(2026, 4, 22), new(2026, 4, 29)];
        Assert.Equal(days.Select(day => day.At(new LocalTime(14, 0))), sessions.Select(s => s.Start.InZone(paris).LocalDateTime));
        Assert.Equal((sessions[0].Id, 6), (made.Value.Id, made.Value.Made));
        Assert.All(sessions, s => Assert.Equal((Duration.FromHours(3), "Mercredi des lampes", lab.Programme), (s.End - s.Start, s.Title, s.ProgrammeId!.Value)));
        Assert.All(await host.ReadAsync(db => db.Attendees.GroupBy(a => a.SessionId).Select(g => g.Count()).ToListAsync(Cancel)), count => Assert.Equal(10, count));
        Assert.Equal(sessions.Select(s => s.Start), await host.ReadAsync(db => db.Reservations.OrderBy(r => r.Start).Select(r => r.Start).ToListAsync(Cancel)));

        // One that cannot be had refuses them all and says which day; the others stay as they are.
        var clash = await lab.Set.AddAsync(wanted with { Title = "Autre", Group = lab.Group, Start = first - Duration.FromDays(7) + Duration.FromDays(14), RepeatUntil = new LocalDate(2026, 4, 1) }, lab.Mentor, Cancel);
        Assert.StartsWith("2026-03-18", clash.Refusal!.Detail, StringComparison.Ordinal);
        Assert.Equal(6, await host.ReadAsync(db => db.GroupSessions.CountAsync(Cancel)));
        // Holidays too when they are wanted; each is changed by itself.
        Assert.Equal(3, (await lab.Set.AddAsync(wanted with { Machines = [], Start = new LocalDateTime(2026, 4, 1, 9, 0).InZoneStrictly(paris).ToInstant(), RepeatUntil = new LocalDate(2026, 4, 15), WithoutHolidays = false }, lab.Mentor, Cancel)).Value.Made);
        Assert.Equal("repeatUntil", (await lab.Set.AddAsync(wanted with { Machines = [], RepeatUntil = new LocalDate(2026, 3, 10) }, lab.Mentor, Cancel)).Refusal!.Field);
        Assert.Equal("repeatUntil", (await lab.Set.AddAsync(wanted with { Machines = [], RepeatUntil = new LocalDate(2027, 12, 31), WithoutHolidays = false }, lab.Mentor, Cancel)).Refusal!.Field);
        Assert.Equal("repeatUntil", (await lab.Set.ChangeAsync(sessions[1].Id, wanted with { Version = 1 }, lab.Mentor, Cancel)).Refusal!.Field);
    }

    [Fact]
    public async Task The_list_that_was_prepared_is_copied_to_the_sessions_planned_with_it_once_each_and_that_can_be_taken_back()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var first = await lab.PlannedAsync(lab.Wednesday() with { Machines = [], Group = null, RepeatUntil = new LocalDate(2026, 3, 31) });
        host.Time.Leap(Duration.FromMinutes(1));
        var other = await lab.PlannedAsync(lab.Wednesday() with { Machines = [], Group = null });
        var repeats = await host.ReadAsync(db => db.GroupSessions.Where(s => s.Id != first && s.Id != other).OrderBy(s => s.Start).Select(s => s.Id).ToListAsync(Cancel));
        Assert.Equal(3, repeats.Count);
        Assert.Null((await lab.List.AddAsync(first, new ListAddition { People = [lab.Young[0]], FirstNames = ["Léa", "Noé"], Numbers = 2 }, lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.List.AddAsync(repeats[0], new ListAddition { FirstNames = ["léa"], Numbers = 1 }, lab.Mentor, Cancel)).Refusal);
        var lea = await host.ReadAsync(db => db.Attendees.SingleAsync(a => a.SessionId == first && a.FirstName == "Léa", Cancel));
        Assert.Null((await lab.List.DescribeAsync(first, new AttendeeDetails(lea.Id, AgeBand.From12To17, Gender.Female, Occupation.School, true, "sa tante"), lab.Mentor, Cancel)).Refusal);
        host.Time.Leap(Duration.FromMinutes(1));

        var copied = (await lab.List.CopyAsync(first, lab.Mentor, Cancel)).Value;
        var again = (await lab.List.CopyAsync(first, lab.Mentor, Cancel)).Value;

        Assert.Equal((3, 13, 0), (copied.Sessions, copied.Added, again.Added));
        foreach (var repeat in repeats)
        {
            var lines = await host.ReadAsync(db => db.Attendees.Where(a => a.SessionId == repeat).OrderBy(a => a.Number).ToListAsync(Cancel));
            Assert.Equal((1, 2, 2), (lines.Count(a => a.PersonId == lab.Young[0]), lines.Count(a => a.FirstName.Length > 0), lines.Count(a => a is { PersonId: null, FirstName: "" })));
            Assert.Equal(Enumerable.Range(1, 5), lines.Select(a => a.Number));
            Assert.All(lines, a => Assert.Equal(AttendanceStatus.Expected, a.Status));
        }
        Assert.Equal((AgeBand.From12To17, "sa tante"), await host.ReadAsync(db => db.Attendees.Where(a => a.SessionId == repeats[1] && a.FirstName == "Léa").Select(a => new ValueTuple<AgeBand?, string>(a.Band, a.CameWith)).SingleAsync(Cancel)));
        // One that only looks alike was not planned together with it, and the last has none to come.
        Assert.Equal(0, await host.ReadAsync(db => db.Attendees.CountAsync(a => a.SessionId == other, Cancel)));
        Assert.Equal("no_repeats", (await lab.List.CopyAsync(repeats[2], lab.Mentor, Cancel)).Refusal?.Code);
        Assert.Equal(-13, (await lab.List.UndoCopyAsync(first, copied.At, lab.Mentor, Cancel)).Value.Added);
        Assert.Equal([5, 2, 0, 0], await host.ReadAsync(async db => (await db.GroupSessions.Where(s => s.Id != other).OrderBy(s => s.Start).Select(s => db.Attendees.Count(a => a.SessionId == s.Id)).ToListAsync(Cancel))));
        using var mentor = await host.StaffBrowserAsync("e01");
        Assert.Contains("Copier la liste aux séances suivantes (3)", System.Net.WebUtility.HtmlDecode(await mentor.GetStringAsync($"/sessions/{first}", Cancel)), StringComparison.Ordinal);
        Assert.DoesNotContain("Copier la liste", System.Net.WebUtility.HtmlDecode(await mentor.GetStringAsync($"/sessions/{repeats[2]}", Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_on_the_list_of_todays_session_reads_it_at_the_door_and_nobody_else_does()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var today = await lab.PlannedAsync(lab.Wednesday(host.Time.Now + Hour) with { Machines = [], Place = "Salle des fêtes", PlaceKind = PlaceKind.Elsewhere });
        await lab.PlannedAsync(lab.Wednesday(host.Time.Now + 24 * Hour) with { Machines = [], Title = "Demain" });
        Assert.Null((await lab.Set.CancelAsync(await lab.PlannedAsync(lab.Wednesday(host.Time.Now + Hour) with { Machines = [], Title = "Annulée" }), new GroupSessionCancel("neige", 1), lab.Mentor, Cancel)).Refusal);

        string[] before = ["Votre séance : Mercredi des lampes.", "Le lieu : Salle des fêtes.", "Elle commence à 11 h 00."];
        Assert.Equal(before, (await NewsAsync(lab.Young[0])).Select(Plain));
        Assert.Equal(before, (await NewsAsync(lab.Mentor.Id)).Select(Plain));
        Assert.Equal("It starts at 11:00.", (await NewsAsync(lab.Young[0]))[^1].En);
        Assert.Empty(await NewsAsync(lab.Stranger.Id));
        host.Time.Leap(Hour);
        Assert.Null((await lab.Hold.OpenAsync(today, lab.Mentor, Cancel)).Refusal);
        Assert.Equal("Elle a commencé à 11 h 00.", Plain((await NewsAsync(lab.Young[0]))[^1]));
        Assert.Null((await lab.Hold.EndAsync(today, lab.Mentor, Cancel)).Refusal);
        Assert.Empty(await NewsAsync(lab.Young[0]));

        async Task<IReadOnlyList<Words>> NewsAsync(PersonId person)
        {
            await using var scope = host.Services.CreateAsyncScope();
            return (await scope.ServiceProvider.GetRequiredService<DoorSource>().NewsAsync(person, Cancel))!.Lines;
        }

        static string Plain(Words words) => words.Fr.Replace('\u00a0', ' ').Replace('\u202f', ' ');
    }

    [Fact]
    public async Task A_list_with_duplicates_holds_each_once_and_says_so_and_three_hundred_come_in()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var id = await lab.PlannedAsync(lab.Wednesday() with { Group = null, Machines = [] });

        var first = (await lab.List.AddAsync(id, new ListAddition { People = [lab.Young[0], lab.Young[0], lab.Young[1]], FirstNames = ["Léa", "Noé", "léa", "  ", "Zoé"] }, lab.Mentor, Cancel)).Value;
        var again = (await lab.List.AddAsync(id, new ListAddition { People = [lab.Young[1]], FirstNames = ["Zoé"], Numbers = 24 }, lab.Mentor, Cancel)).Value;

        Assert.Equal(5, first.Added);
        Assert.Equal(["Jeune 0", "léa"], first.Already);
        Assert.Equal(24, again.Added);
        Assert.Equal(["Jeune 1", "Zoé"], again.Already);
        Assert.Equal(Enumerable.Range(1, 29), await host.ReadAsync(db => db.Attendees.Where(a => a.SessionId == id).OrderBy(a => a.Number).Select(a => a.Number).ToListAsync(Cancel)));

        Assert.Equal(300, (await lab.List.AddAsync(id, new ListAddition { Numbers = 300 }, lab.Mentor, Cancel)).Value.Added);
        Assert.Equal("list_full", Code(await lab.List.AddAsync(id, new ListAddition { Numbers = 300 }, lab.Mentor, Cancel)));
        Assert.Equal(ProblemCodes.BadValue, Code(await lab.List.AddAsync(id, new ListAddition(), lab.Mentor, Cancel)));
        Assert.Null((await lab.Hold.OpenAsync(id, lab.Mentor, Cancel)).Refusal);
        Assert.Equal(new Counted(300, 0), (await lab.Marks.CountAsync(id, new CountOf(AgeBand.From12To17, Gender.NotSaid, Occupation.School, false, 300), lab.Mentor, Cancel)).Value);
        // Said twice it is the number, not the sum; and zero takes it away.
        Assert.Equal(new Counted(24, 300), (await lab.Marks.CountAsync(id, new CountOf(AgeBand.From12To17, Gender.NotSaid, Occupation.School, false, 24), lab.Mentor, Cancel)).Value);
        Assert.Equal(new Counted(0, 24), (await lab.Marks.CountAsync(id, new CountOf(AgeBand.From12To17, Gender.NotSaid, Occupation.School, false, 0), lab.Mentor, Cancel)).Value);
        Assert.Equal(0, await host.ReadAsync(db => db.AttendanceCounts.CountAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task While_it_is_open_gateways_hold_its_people_and_the_mentors_who_are_there_and_nothing_once_it_has_ended(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await YouthLab.InAsync(host);
        var planned = await lab.PlannedAsync();
        Assert.Null(await RuleAsync(host, planned));

        Assert.Null((await lab.Hold.OpenAsync(planned, lab.Mentor, Cancel)).Refusal);
        var rule = (await RuleAsync(host, planned))!;
        Assert.Equal((10, 3, 2), (rule.People.Count, rule.Machines.Count, rule.PerMentor));
        Assert.Equal([lab.Mentor.Id], rule.Mentors);
        Assert.Equal(host.Time.Now + 4 * Hour, rule.Until);
        // What it keeps is kept for them, and nobody gives it up because nobody tapped.
        var kept = (BookingRule)(await FeedAsync(host)).Last(c => c.Kind == PolicyKind.Booking).Entity!;
        Assert.Equal(11, kept.People.Count);
        Assert.Null(kept.ReleasedAt);

        // Who leaves, or is absent, is nobody's charge any more; the mentor who leaves stands beside nobody.
        await lab.PresentAsync(planned, lab.Young[0]);
        await lab.MayAloneAsync(lab.Young[0], true);
        Assert.Null((await lab.Marks.LeaveAsync(planned, new AttendeeLeaving((await lab.LineAsync(planned, lab.Young[0])).Id, LeavingWay.Alone), lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Marks.MarkAsync(planned, new AttendeeMark((await lab.LineAsync(planned, lab.Young[1])).Id, AttendanceStatus.Absent), lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Hold.MentorAsync(planned, new MentorPresence(lab.Mentor.Id, false), lab.Mentor, Cancel)).Refusal);
        rule = (await RuleAsync(host, planned))!;
        Assert.Equal((8, 0), (rule.People.Count, rule.Mentors.Count));

        Assert.Null((await lab.Hold.EndAsync(planned, lab.Mentor, Cancel)).Refusal);
        Assert.Null(await RuleAsync(host, planned));
    }

    [Fact]
    public async Task Under_the_rules_of_Booking_a_young_person_starts_with_one_tap_and_not_after_the_end()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var id = await lab.OpenAsync();
        await lab.PresentAsync(id, lab.Young[0]);
        var tap = new AccessRequest { Now = host.Time.Now, Machine = lab.Machines[0], Person = lab.Young[0] };

        var policy = LabPolicy.From((await FeedAsync(host)).Select(c => c.Entity).OfType<PolicyEntity>(), 1, host.Time.Now);
        var granted = Assert.IsType<AccessDecision.Granted>(AccessRules.Ask(policy, tap));
        Assert.Equal((lab.Mentor.Id, id), (granted.Terms.Companion, granted.Terms.GroupSession));
        // Two at other machines already: as many as this mentor may have.
        Assert.Equal(AccessReason.SupervisionRatio, Assert.IsType<AccessDecision.Denied>(AccessRules.Ask(policy, tap with { Companions = [new CompanionLoad(lab.Mentor.Id, id, 2)] })).Reason);

        Assert.Null((await lab.Hold.EndAsync(id, lab.Mentor, Cancel)).Refusal);
        policy = LabPolicy.From((await FeedAsync(host)).Select(c => c.Entity).OfType<PolicyEntity>(), 2, host.Time.Now);
        Assert.True(Assert.IsType<AccessDecision.Denied>(AccessRules.Ask(policy, tap)).AsksForCompanion);
    }

    [Fact]
    public async Task Who_comes_in_at_the_door_or_taps_at_a_machine_is_present_and_the_badge_proves_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var id = await lab.PlannedAsync(lab.Wednesday(host.Time.Now + Duration.FromMinutes(30)));
        var presence = host.Services.GetRequiredService<SetPresence>();

        // Before it is opened, but for it.
        Assert.Null((await presence.HandleAsync(lab.Young[0], true, lab.Manager, Cancel)).Refusal);
        Assert.Null((await presence.HandleAsync(lab.Mentor.Id, true, lab.Manager, Cancel)).Refusal);
        Assert.Null((await lab.Hold.OpenAsync(id, lab.Manager, Cancel)).Refusal);
        var came = await lab.LineAsync(id, lab.Young[0]);
        Assert.Equal((AttendanceStatus.Present, AttendanceWay.Door, host.Time.Now), (came.Status, came.Way, came.ArrivedAt));
        Assert.True((await host.ReadAsync(db => db.SessionMentors.SingleAsync(Cancel))).Here);

        var records = new MachineStory(lab.Machines[1], host.Time.Now).Use(lab.Young[1], default, 600, null).Records();
        await host.GatewayClient().JournalAsync(new JournalBatch(1, records), Cancel);
        await host.GatewayClient().JournalAsync(new JournalBatch(1, records), Cancel);
        Assert.Equal((AttendanceStatus.Present, AttendanceWay.Machine), ((await lab.LineAsync(id, lab.Young[1])).Status, (await lab.LineAsync(id, lab.Young[1])).Way));
        // The desk's word makes present and proves nothing; the badge at the door does, though the desk had said so before.
        Assert.Equal([lab.Young[1]], await ProvenAsync());
        await host.Services.GetRequiredService<BookingWriter>().WriteAsync(
            (write, cancel) => host.Services.GetRequiredService<VisitBook>().ArriveAsync(write, new Arrival(VisitId.New(write.Now), write.Now, VisitWay.Badge) { Person = lab.Young[0] }, closing: null, cancel), Cancel);
        Assert.Equal(new HashSet<PersonId> { lab.Young[0], lab.Young[1] }, (await ProvenAsync()).ToHashSet());
        Assert.Equal(1, await host.ReadAsync(db => db.Visits.CountAsync(v => v.PersonId == lab.Young[0], Cancel)));

        // A minor without leave has not left because a badge went out; with it, and for the mentor, it counts.
        await lab.MayAloneAsync(lab.Young[1], true);
        Assert.Null((await presence.HandleAsync(lab.Young[1], true, lab.Manager, Cancel)).Refusal);
        foreach (var person in new[] { lab.Young[0], lab.Young[1], lab.Mentor.Id })
            Assert.Null((await presence.HandleAsync(person, false, lab.Manager, Cancel)).Refusal);
        Assert.Null((await lab.LineAsync(id, lab.Young[0])).LeftAt);
        Assert.Equal(LeavingWay.Door, (await lab.LineAsync(id, lab.Young[1])).LeftHow);
        Assert.Empty((await RuleAsync(host, id))!.Mentors);
        var alarms = await host.ReadAsync(db => db.Alarms.Select(a => a.Code).ToListAsync(Cancel));
        Assert.Contains(HouseAlarms.MinorAtTheDoor, alarms);
        // Nobody is with those who are left: the team hears it, once.
        Assert.Single(alarms, HouseAlarms.SessionRatio);

        Task<List<PersonId>> ProvenAsync() =>
            host.ReadAsync(db => db.SessionSignatures.Where(s => s.Proof == ProofKind.Badge && s.PersonId != null).Select(s => s.PersonId!.Value).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Whoever_is_ticked_is_in_like_whoever_came_by_the_door_and_is_one_visit_and_one_head_of_the_list_in_case_of_fire()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var presence = host.Services.GetRequiredService<SetPresence>();
        // One came by the door before, one is on no list.
        Assert.Null((await presence.HandleAsync(lab.Young[1], true, lab.Manager, Cancel)).Refusal);
        Assert.Null((await presence.HandleAsync(lab.Stranger.Id, true, lab.Manager, Cancel)).Refusal);
        var id = await lab.OpenAsync(lab.Wednesday() with { Machines = [] });
        host.Time.Leap(Duration.FromMinutes(5));
        await lab.PresentAsync(id, lab.Young[0], lab.Young[1], lab.Young[2]);
        Assert.Null((await lab.List.AddAsync(id, new ListAddition { FirstNames = ["Léa"], Numbers = 1 }, lab.Mentor, Cancel)).Refusal);
        var lea = await host.ReadAsync(db => db.Attendees.SingleAsync(a => a.FirstName == "Léa", Cancel));
        Assert.Null((await lab.Marks.MarkAsync(id, new AttendeeMark(lea.Id, AttendanceStatus.Present), lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Marks.CountAsync(id, new CountOf(AgeBand.Under12, Gender.NotSaid, Occupation.School, false, 7), lab.Mentor, Cancel)).Refusal);

        // Three of the list, one of none, the mentor; Léa and seven without a name.
        Assert.Equal((5, 8), await DoorAsync(host));
        using var manager = await host.StaffBrowserAsync("g01");
        var desk = System.Net.WebUtility.HtmlDecode(await manager.GetStringAsync("/front-desk/evacuation", Cancel));
        foreach (var name in new[] { "Jeune 0", "Jeune 1", "Jeune 2", "Malik", "Autre encadrant" })
            Assert.Single(System.Text.RegularExpressions.Regex.Matches(desk, $"☐ {name}"));
        Assert.Contains("13 personnes là maintenant", desk, StringComparison.Ordinal);
        Assert.Contains("Mercredi des lampes", desk, StringComparison.Ordinal);
        // By the door and by the tick it is one visit; a tick proves no badge.
        var visits = await host.ReadAsync(db => db.Visits.Where(v => !v.TakenOut && v.LeftAt == null).ToListAsync(Cancel));
        Assert.Equal(4, visits.Count);
        Assert.Equal((VisitWay.Desk, id.Value), visits.Where(v => v.PersonId == lab.Young[1]).Select(v => (v.Way, v.GroupSessionId!.Value)).Single());
        Assert.Equal((VisitWay.Session, id.Value, host.Time.Now), visits.Where(v => v.PersonId == lab.Young[0]).Select(v => (v.Way, v.GroupSessionId!.Value, v.ArrivedAt)).Single());
        Assert.Empty(await host.ReadAsync(db => db.SessionSignatures.ToListAsync(Cancel)));

        // A tick by mistake counts nowhere; said again it is one visit.
        await MarkAsync(0, AttendanceStatus.Absent);
        Assert.Equal((4, 8), await DoorAsync(host));
        Assert.True(await host.ReadAsync(db => db.Visits.Where(v => v.PersonId == lab.Young[0]).Select(v => v.TakenOut).SingleAsync(Cancel)));
        await MarkAsync(0, AttendanceStatus.Present);
        Assert.Equal((5, 8), await DoorAsync(host));
        Assert.Equal(1, await host.ReadAsync(db => db.Visits.CountAsync(v => v.PersonId == lab.Young[0] && !v.TakenOut, Cancel)));

        // Who leaves the séance with leave to go is out, also of the door's list; taken back, the same visit goes on.
        await lab.MayAloneAsync(lab.Young[1], true);
        var line = (await lab.LineAsync(id, lab.Young[1])).Id;
        Assert.Null((await lab.Marks.LeaveAsync(id, new AttendeeLeaving(line, LeavingWay.Alone), lab.Mentor, Cancel)).Refusal);
        Assert.Equal((4, 8), await DoorAsync(host));
        Assert.Equal((host.Time.Now, LeavingWay.Alone), await host.ReadAsync(db => db.Attendees.Where(a => a.Id == line).Select(a => new ValueTuple<Instant, LeavingWay>(a.LeftAt!.Value, a.LeftHow)).SingleAsync(Cancel)));
        Assert.Equal(0, await host.ReadAsync(db => db.Visits.CountAsync(v => v.PersonId == lab.Young[1] && v.LeftAt == null, Cancel)));
        Assert.Null((await lab.Marks.BackAsync(id, line, lab.Mentor, Cancel)).Refusal);
        Assert.Equal((5, 8), await DoorAsync(host));
        Assert.Null(await host.ReadAsync(db => db.Visits.Where(v => v.PersonId == lab.Young[1]).Select(v => v.LeftAt).SingleAsync(Cancel)));

        // The report counts each once, and still does when somebody was erased.
        Assert.Equal(4 + 8, await PassagesAsync());
        Assert.Null((await host.Services.GetRequiredService<Features.Privacy.ErasePerson>().HandleAsync(lab.Young[2], new Features.Privacy.ErasureRequest("J02"), lab.Manager, Cancel)).Refusal);
        Assert.Equal(4 + 8, await PassagesAsync());

        // Whoever is in by a tick alone, and the mentor who is no visit, leave at the desk like anybody else: off the door's list, and off the sheet.
        Assert.Null((await presence.HandleAsync(lab.Stranger.Id, false, lab.Manager, Cancel)).Refusal);
        Assert.Null((await host.Services.GetRequiredService<SetPresence>().HandleAsync(lab.Young[0], false, lab.Manager, Cancel)).Refusal);
        Assert.Equal(host.Time.Now, await host.ReadAsync(db => db.Visits.Where(v => v.PersonId == lab.Young[0] && !v.TakenOut).Select(v => v.LeftAt).SingleAsync(Cancel)));
        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await manager.GetStringAsync("/front-desk", Cancel));
        var form = page.QuerySelector($"form[action='/front-desk/left']:has(input[value='{lab.Mentor.Id}'])")!;
        using var left = await manager.PostAsync("/front-desk/left", new FormUrlEncodedContent(form.QuerySelectorAll("input").Select(input => KeyValuePair.Create(input.GetAttribute("name")!, input.GetAttribute("value")!))), Cancel);
        Assert.Equal(System.Net.HttpStatusCode.Redirect, left.StatusCode);
        Assert.Equal(host.Time.Now, await host.ReadAsync(db => db.SessionMentors.Where(m => m.PersonId == lab.Mentor.Id).Select(m => m.LeftAt).SingleAsync(Cancel)));
        // One of the list is left, and without a name those of before and who was erased.
        Assert.Equal((1, 9), await DoorAsync(host));
        // It was the wrong line: undone, they are in as they were, on the door's list and in the séance, and no visit was made of it.
        var made = await host.ReadAsync(db => db.Visits.CountAsync(Cancel));
        host.Time.Leap(Duration.FromSeconds(20));
        page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await manager.GetStringAsync("/front-desk", Cancel));
        form = page.QuerySelector(".notice form[action='/front-desk/back']")!;
        var undo = form.QuerySelectorAll("input").Select(input => KeyValuePair.Create(input.GetAttribute("name")!, input.GetAttribute("value")!)).ToList();
        for (var twice = 0; twice < 2; twice++)
        {
            using var back = await manager.PostAsync("/front-desk/back", new FormUrlEncodedContent(undo), Cancel);
            Assert.Equal(System.Net.HttpStatusCode.Redirect, back.StatusCode);
            Assert.Equal((2, 9), await DoorAsync(host));
        }
        Assert.Contains("est encore là", System.Net.WebUtility.HtmlDecode(await manager.GetStringAsync("/front-desk", Cancel)), StringComparison.Ordinal);
        Assert.Null(await host.ReadAsync(db => db.SessionMentors.Where(m => m.PersonId == lab.Mentor.Id).Select(m => m.LeftAt).SingleAsync(Cancel)));
        Assert.Equal(made, await host.ReadAsync(db => db.Visits.CountAsync(Cancel)));
        Assert.Null((await presence.HandleAsync(lab.Mentor.Id, false, lab.Manager, Cancel)).Refusal);
        Assert.Equal(3, await host.ReadAsync(db => db.AuditValues.CountAsync(value => value.By == lab.Manager.Id && value.Subject == lab.Mentor.Id.Value, Cancel)));

        async Task MarkAsync(int young, AttendanceStatus status) =>
            Assert.Null((await lab.Marks.MarkAsync(id, new AttendeeMark((await lab.LineAsync(id, lab.Young[young])).Id, status), lab.Mentor, Cancel)).Refusal);

        async Task<int> PassagesAsync() => (await host.ReadAsync(db => new Features.Reports.ReportQueries(db).ReadAsync(
            new Features.Reports.ReportScope(host.Time.Now - Hour, host.Time.Now + Hour), DateTimeZoneProviders.Tzdb["Europe/Paris"], Cancel))).Passages.Count;
    }

    /// <summary>Who is in as kiosks are told: by name, and without one.</summary>
    private static async Task<(int Named, int WithoutName)> DoorAsync(BookingHost host)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var door = await scope.ServiceProvider.GetRequiredService<Features.Visits.DoorSource>().ReadAsync(null, Cancel);
        return (door.Present.Count, door.WithoutName);
    }

    [Fact]
    public async Task A_minor_leaves_alone_only_if_that_was_agreed_or_with_somebody_who_may_fetch_or_with_who_brought_them()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var id = await lab.OpenAsync();
        await lab.PresentAsync(id, [.. lab.Young.Take(4)]);
        var (aunt, other) = (await lab.FetcherAsync(lab.Young[1], true), await lab.FetcherAsync(lab.Young[1], false));
        await lab.MayAloneAsync(lab.Young[2], true);
        await lab.MayAloneAsync(lab.Young[3], false);

        Assert.Equal("may_not_leave_alone", Code(await LeaveAsync(0, LeavingWay.Alone)));
        Assert.Equal("may_not_leave_alone", Code(await LeaveAsync(3, LeavingWay.Alone)));
        Assert.Equal("may_not_fetch", Code(await LeaveAsync(1, LeavingWay.Fetched, other)));
        Assert.Equal("may_not_fetch", Code(await LeaveAsync(0, LeavingWay.Fetched, aunt)));
        Assert.Equal("no_partner", Code(await LeaveAsync(0, LeavingWay.WithGroup)));
        Assert.Null((await LeaveAsync(1, LeavingWay.Fetched, aunt)).Refusal);
        Assert.Null((await LeaveAsync(2, LeavingWay.Alone)).Refusal);
        // Taken back, and said again.
        Assert.Null((await lab.Marks.BackAsync(id, (await lab.LineAsync(id, lab.Young[2])).Id, lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.LineAsync(id, lab.Young[2])).LeftAt);
        Assert.Equal("attendee_not_here", Code(await LeaveAsync(5, LeavingWay.Alone)));

        async Task<Outcome<AttendeeMarked>> LeaveAsync(int young, LeavingWay how, Guid? with = null) =>
            await lab.Marks.LeaveAsync(id, new AttendeeLeaving((await lab.LineAsync(id, lab.Young[young])).Id, how, with), lab.Mentor, Cancel);
    }

    [Fact]
    public async Task A_session_nobody_ended_ends_at_its_hour_a_sheet_is_final_after_a_day_and_a_correction_says_why()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        // Over midnight in Paris.
        var start = host.Time.Now.InUtc().Date.AtMidnight().InUtc().ToInstant() + 21 * Hour;
        host.Time.Leap(start - host.Time.Now);
        var id = await lab.OpenAsync(lab.Wednesday(start));
        await lab.PresentAsync(id, lab.Young[0]);

        host.Time.Leap(3 * Hour + Duration.FromMinutes(59));
        await RoundAsync(host);
        Assert.Equal(GroupSessionState.Open, (await lab.SessionAsync(id)).State);
        host.Time.Leap(Duration.FromMinutes(2));
        await RoundAsync(host);
        var ended = await lab.SessionAsync(id);
        Assert.Equal((GroupSessionState.Done, ended.End, null), (ended.State, ended.ClosedAt, ended.ClosedBy));
        Assert.Null(await RuleAsync(host, id));
        Assert.Equal(2, SheetProof.Halves(ended, DateTimeZoneProviders.Tzdb["Europe/Paris"]).Select(h => h.Day).Distinct().Count());

        // Within the day the sheet is written; after it nothing is, unless somebody says why.
        Assert.Null((await lab.Sheet.NoteAsync(id, new SheetNotes("Une lampe", "Souder", "La peindre", ended.Version) { Skills = [lab.Draw] }, lab.Mentor, Cancel)).Refusal);
        host.Time.Leap(25 * Hour);
        await RoundAsync(host);
        var locked = await lab.SessionAsync(id);
        Assert.Equal(GroupSessionState.Locked, locked.State);
        var line = (await lab.LineAsync(id, lab.Young[1])).Id;
        Assert.Equal("group_session_locked", Code(await lab.Marks.MarkAsync(id, new AttendeeMark(line, AttendanceStatus.Present), lab.Mentor, Cancel)));
        Assert.Equal("group_session_locked", Code(await lab.Sheet.NoteAsync(id, new SheetNotes("x", "", "", locked.Version), lab.Mentor, Cancel)));
        Assert.Equal(ProblemCodes.BadValue, Code(await lab.Sheet.CorrectAsync(id, new SheetCorrection(" "), lab.Mentor, Cancel)));
        Assert.Null((await lab.Sheet.CorrectAsync(id, new SheetCorrection("Jeune 1 était là"), lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Marks.MarkAsync(id, new AttendeeMark(line, AttendanceStatus.Present), lab.Mentor, Cancel)).Refusal);
        var acts = await host.ReadAsync(db => db.Audit.OrderBy(a => a.Seq).Select(a => a.Action).ToListAsync(Cancel));
        Assert.Equal(["group_session.corrected", "group_session.corrected_present"], acts.Where(act => act.StartsWith("group_session.corrected", StringComparison.Ordinal)));
        // Noted afterwards: from its beginning to its end.
        Assert.Equal((locked.Start, locked.End), ((await lab.LineAsync(id, lab.Young[1])).ArrivedAt, (await lab.LineAsync(id, lab.Young[1])).LeftAt));
        host.Time.Leap(Hour);
        Assert.Equal("group_session_locked", Code(await lab.Marks.MarkAsync(id, new AttendeeMark(line, AttendanceStatus.Absent), lab.Mentor, Cancel)));
    }

    [Fact]
    public async Task What_is_ticked_signed_and_validated_can_be_taken_back_and_two_mentors_do_not_overwrite_each_other()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var id = await lab.OpenAsync();
        await lab.PresentAsync(id, lab.Young[0]);
        var line = (await lab.LineAsync(id, lab.Young[0])).Id;
        var half = SheetProof.Halves(await lab.SessionAsync(id), DateTimeZoneProviders.Tzdb["Europe/Paris"])[0];

        Assert.Equal(ProblemCodes.Stale, Code(await lab.Marks.MarkAsync(id, new AttendeeMark(line, AttendanceStatus.Absent, AttendanceStatus.Expected), lab.Mentor, Cancel)));
        foreach (var drawing in new[] { "", "M1 1L700 2", "<svg>", "M1 1 L2 2", "L2 2", "M1,1" })
            Assert.Equal(ProblemCodes.BadValue, Code(await lab.Sheet.SignAsync(id, new Signing(line, half.Day, half.Half, drawing), lab.Mentor, Cancel)));
        Assert.Equal(ProblemCodes.BadValue, Code(await lab.Sheet.SignAsync(id, new Signing(line, half.Day.PlusDays(3), half.Half, "M1 1L2 2"), lab.Mentor, Cancel)));
        var signed = (await lab.Sheet.SignAsync(id, new Signing(line, half.Day, half.Half, "M1 1L600 200M5 5"), lab.Mentor, Cancel)).Value;
        // Signed again: the later one counts.
        var again = (await lab.Sheet.SignAsync(id, new Signing(line, half.Day, half.Half, "M1 1L2 2"), lab.Mentor, Cancel)).Value;
        Assert.Equal([again.Id], await host.ReadAsync(db => db.SessionSignatures.Select(s => s.Id).ToListAsync(Cancel)));
        Assert.NotEqual(signed.Id, again.Id);
        Assert.Null((await lab.Sheet.SignAsync(id, new Signing(null, half.Day, half.Half, "M1 1L2 2"), lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Sheet.UnsignAsync(id, again.Id, lab.Mentor, Cancel)).Refusal);

        Assert.Equal("attendee_not_here", Code(await lab.Sheet.SkillAsync(id, new SkillMarking(lab.Young[1], lab.Draw, SkillMark.Validated), lab.Mentor, Cancel)));
        Assert.Equal(new SkillMarked(lab.Young[0], lab.Draw, SkillMark.Validated, null), (await lab.Sheet.SkillAsync(id, new SkillMarking(lab.Young[0], lab.Draw, SkillMark.Validated), lab.Mentor, Cancel)).Value);
        Assert.Equal(SkillMark.Validated, (await lab.Sheet.SkillAsync(id, new SkillMarking(lab.Young[0], lab.Draw, null), lab.Mentor, Cancel)).Value.Before);
        Assert.Equal(0, await host.ReadAsync(db => db.SessionSkills.CountAsync(Cancel)));

        // The opening is not taken back while somebody is there; the end is while the day lasts.
        Assert.Equal("group_session_no_undo", Code(await lab.Hold.UndoAsync(id, lab.Mentor, Cancel)));
        Assert.Null((await lab.Hold.EndAsync(id, lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Hold.UndoAsync(id, lab.Mentor, Cancel)).Refusal);
        Assert.Equal(GroupSessionState.Open, (await lab.SessionAsync(id)).State);
        Assert.True((await host.ReadAsync(db => db.SessionMentors.SingleAsync(Cancel))).Here);
    }

    [Fact]
    public async Task A_partner_proposes_prepares_and_sees_its_own_and_the_lab_says_yes()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var proposed = (await lab.Set.AddAsync(new GroupSessionToBe("Classe de 5e", host.Time.Now + 48 * Hour, 120) { Expected = 24, Machines = lab.Machines, Lead = lab.Manager.Id }, lab.Partner, Cancel)).Value;

        var session = await lab.SessionAsync(proposed.Id);
        Assert.Equal((GroupSessionState.Proposed, null, 24), (session.State, session.Lead, session.Expected));
        Assert.Equal(0, await host.ReadAsync(db => db.SessionMachines.CountAsync(Cancel)));
        Assert.Equal([lab.School], await host.ReadAsync(db => db.SessionPartners.Select(p => p.PartnerId).ToListAsync(Cancel)));
        Assert.Equal(24, (await lab.List.AddAsync(proposed.Id, new ListAddition { Numbers = 24 }, lab.Partner, Cancel)).Value.Added);
        // Nobody of the lab whom it does not look after, no ticking, no yes of its own, nothing of others.
        Assert.Equal(ProblemCodes.NotAllowed, Code(await lab.List.AddAsync(proposed.Id, new ListAddition { People = [lab.Young[0]] }, lab.Partner, Cancel)));
        Assert.Equal(ProblemCodes.NotAllowed, Code(await lab.Hold.OpenAsync(proposed.Id, lab.Partner, Cancel)));
        Assert.Equal(ProblemCodes.NotAllowed, Code(await lab.Set.AcceptAsync(proposed.Id, lab.Partner, Cancel)));
        Assert.Equal(ProblemCodes.NotAllowed, Code(await lab.List.AddAsync(await lab.PlannedAsync(), new ListAddition { Numbers = 1 }, lab.Partner, Cancel)));
        Assert.Equal(ProblemCodes.NotAllowed, Code(await lab.List.AddAsync(proposed.Id, new ListAddition { Numbers = 1 }, lab.Stranger, Cancel)));

        Assert.Equal(GroupSessionState.Planned, (await lab.Set.AcceptAsync(proposed.Id, lab.Manager, Cancel)).Value.State);
        Assert.Equal(ProblemCodes.NotAllowed, Code(await lab.Set.ChangeAsync(proposed.Id, new GroupSessionToBe("Autre", host.Time.Now, 60) { Version = 2 }, lab.Partner, Cancel)));
        Assert.Equal(1, (await lab.List.AddAsync(proposed.Id, new ListAddition { FirstNames = ["Ilyes"] }, lab.Partner, Cancel)).Value.Added);
    }

    [Fact]
    public async Task Erasing_somebody_leaves_a_line_without_a_name_and_takes_their_signature_their_skills_and_their_name_from_the_notes()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var id = await lab.OpenAsync();
        await lab.PresentAsync(id, lab.Young[0]);
        var line = (await lab.LineAsync(id, lab.Young[0])).Id;
        var half = SheetProof.Halves(await lab.SessionAsync(id), DateTimeZoneProviders.Tzdb["Europe/Paris"])[0];
        Assert.True((await lab.Sheet.SignAsync(id, new Signing(line, half.Day, half.Half, "M1 1L2 2"), lab.Mentor, Cancel)).Done);
        Assert.True((await lab.Sheet.SkillAsync(id, new SkillMarking(lab.Young[0], lab.Draw, SkillMark.Validated), lab.Mentor, Cancel)).Done);
        Assert.True((await lab.Sheet.NoteAsync(id, new SheetNotes("Avec Jeune 0, une lampe", "", "", (await lab.SessionAsync(id)).Version), lab.Mentor, Cancel)).Done);

        var erased = await host.Services.GetRequiredService<Features.Privacy.ErasePerson>().HandleAsync(lab.Young[0], new Features.Privacy.ErasureRequest("J00"), lab.Manager, Cancel);

        Assert.Null(erased.Refusal);
        var left = await host.ReadAsync(db => db.Attendees.SingleAsync(a => a.Id == line, Cancel));
        Assert.Equal((null, AttendanceStatus.Present), (left.PersonId, left.Status));
        Assert.Equal(0, await host.ReadAsync(db => db.SessionSignatures.CountAsync(Cancel)) + await host.ReadAsync(db => db.SessionSkills.CountAsync(Cancel)));
        Assert.DoesNotContain("Jeune 0", (await lab.SessionAsync(id)).Did, StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_names_and_signatures_go_after_three_years_and_the_lines_stay_and_who_comes_is_not_forgotten()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var id = await lab.OpenAsync(lab.Wednesday() with { Machines = [] });
        Assert.True((await lab.List.AddAsync(id, new ListAddition { FirstNames = ["Léa"] }, lab.Mentor, Cancel)).Done);
        await lab.PresentAsync(id, lab.Young[0]);
        var half = SheetProof.Halves(await lab.SessionAsync(id), DateTimeZoneProviders.Tzdb["Europe/Paris"])[0];
        Assert.True((await lab.Sheet.SignAsync(id, new Signing((await lab.LineAsync(id, lab.Young[0])).Id, half.Day, half.Half, "M1 1L2 2"), lab.Mentor, Cancel)).Done);
        var purge = host.Services.GetRequiredService<Features.Privacy.Purge>();

        host.Time.Leap(Duration.FromDays(35 * 30));
        await host.Writer.WriteAsync((write, cancel) => purge.RoundAsync(write, cancel), Cancel);
        Assert.Equal((1, 1), (await host.ReadAsync(db => db.Attendees.CountAsync(a => a.FirstName == "Léa", Cancel)), await host.ReadAsync(db => db.SessionSignatures.CountAsync(Cancel))));
        Assert.True(await host.ReadAsync(db => db.People.AnyAsync(p => p.Id == lab.Young[0], Cancel)));

        host.Time.Leap(Duration.FromDays(60));
        await host.Writer.WriteAsync((write, cancel) => purge.RoundAsync(write, cancel), Cancel);
        Assert.Equal((0, 0), (await host.ReadAsync(db => db.Attendees.CountAsync(a => a.FirstName != "", Cancel)), await host.ReadAsync(db => db.SessionSignatures.CountAsync(Cancel))));
        Assert.Equal(11, await host.ReadAsync(db => db.Attendees.CountAsync(Cancel)));
        Assert.Contains(Features.Privacy.RetentionRules.GroupSessions, await host.ReadAsync(db => db.RetentionRuns.Select(run => run.Rule).ToListAsync(Cancel)));
    }

    private static string? Code<T>(Outcome<T> outcome) => outcome.Refusal?.Code;

    private static async Task<IReadOnlyList<PolicyChange>> FeedAsync(BookingHost host) => (await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Changes;

    private static async Task<GroupSessionRule?> RuleAsync(BookingHost host, GroupSessionId id) =>
        (GroupSessionRule?)(await FeedAsync(host)).LastOrDefault(c => c.Kind == PolicyKind.GroupSession && c.Id == id.Value)?.Entity;

    private static Task RoundAsync(BookingHost host) => host.Writer.WriteAsync((write, cancel) => GroupSessionClock.RoundAsync(write, cancel), Cancel);
}
