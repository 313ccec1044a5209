using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Hours;

/// <summary>Hours as they are set, whom a change concerns, and what gateways are told of them.</summary>
public sealed class HoursTests
{
    private static readonly Duration Hour = Duration.FromHours(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Closing_a_day_shows_and_tells_whom_it_concerns_and_the_undo_gives_it_back(DatabaseKind kind)
    {
        var told = new Told();
        await using var host = await BookingHost.StartAsync(kind, services: services => services.AddSingleton<IBookingEventSink>(told));
        var lab = await SmallLab.InAsync(host);
        var (today, noon) = Today(host);
        var hit = await BookAsync(host, lab, lab.Ada, noon + Duration.FromDays(2), noon + Duration.FromDays(2) + Hour);
        var other = await BookAsync(host, lab, lab.Bob, noon + Duration.FromDays(3), noon + Duration.FromDays(3) + Hour);
        var wanted = Weekly("Europe/Paris");

        var set = await SetAsync(host, lab, wanted, 0);
        var closed = wanted with { Exceptions = [new DateException(today.PlusDays(2), [], "Grève")] };
        var preview = await SetAsync(host, lab, closed, set.Version, preview: true);
        var untouched = await host.ReadAsync(db => db.SiteTimetables.SingleAsync(Cancel));
        var saved = await SetAsync(host, lab, closed, set.Version);

        Assert.Empty(set.Hits);
        Assert.Equal(hit, Assert.Single(preview.Hits).Booking);
        Assert.Equal(wanted, untouched.Timetable);
        Assert.Equal((hit, "LAS-1", lab.Ada, "outside_hours"), saved.Hits.Select(h => (h.Booking, h.Code, h.Person!.Value, h.Reason)).Single());
        Assert.Equal([(BookingEventKind.HitByHours, hit, lab.Manager.Id)], told.Events);
        var standing = await host.ReadAsync(db => db.Reservations.SingleAsync(r => r.Id == hit, Cancel));
        Assert.Equal((null, null, true), (standing.CancelledAt, standing.ReleasedAt, standing.Stands));

        var undone = await host.Services.GetRequiredService<SetSiteHours>().UndoAsync(saved.Version, lab.Manager, Cancel);
        Assert.Equal(hit, Assert.Single(undone.Value.FitAgain).Booking);
        Assert.Equal((BookingEventKind.FitsAgain, hit, lab.Manager.Id), told.Events[^1]);
        Assert.Equal(standing.Start + Duration.FromMinutes(15), (await host.ReadAsync(db => db.Reservations.SingleAsync(r => r.Id == hit, Cancel))).ReleasedAt);
        Assert.Equal(wanted, (await host.ReadAsync(db => db.SiteTimetables.SingleAsync(Cancel))).Timetable);
        Assert.NotEqual(other, hit);
        var twice = await host.Services.GetRequiredService<SetSiteHours>().UndoAsync(saved.Version, lab.Manager, Cancel);
        Assert.Equal("stale", twice.Refusal?.Code);
    }

    [Fact]
    public async Task The_front_desk_closes_a_day_and_leaves_the_week_alone()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var desk = new StaffActor(lab.Bob, Role.FrontDesk);
        var (today, _) = Today(host);
        var wanted = Weekly("Europe/Paris");
        await SetAsync(host, lab, wanted, 0);
        var handler = host.Services.GetRequiredService<SetSiteHours>();

        var week = await handler.HandleAsync(new SiteHoursToBe(wanted with { Weekly = [] }, 1), desk, Cancel);
        var day = await handler.HandleAsync(new SiteHoursToBe(wanted with { Exceptions = [new DateException(today, [])] }, 1), desk, Cancel);
        await SetAsync(host, lab, wanted with { Weekly = [] }, 2);
        var undo = await handler.UndoAsync(3, desk, Cancel);

        Assert.Equal("not_allowed", week.Refusal?.Code);
        Assert.True(day.Done);
        Assert.Equal("not_allowed", undo.Refusal?.Code);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_at_its_place()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<SetSiteHours>();
        var good = Weekly("Europe/Paris");
        (SiteTimetable Wanted, string Field)[] cases =
        [
            (good with { Zone = "Europe/Lutece" }, "zone"),
            (good with { Weekly = [good.Weekly[0] with { Days = WeekDays.None }] }, "weekly[0].days"),
            (good with { Weekly = [good.Weekly[0] with { Window = good.Weekly[0].Window with { Label = new string('x', 101) } }] }, "weekly[0]"),
            (good with { Weekly = [good.Weekly[0] with { Window = good.Weekly[0].Window with { Kind = OpeningKind.Groups, Group = Guid.NewGuid().ToString() } }] }, "weekly"),
            (good with { Closures = [Closure.Days(new LocalDate(2026, 8, 17), new LocalDate(2026, 8, 3))] }, "closures[0].until"),
            (good with { Closures = [Closure.Days(new LocalDate(1789, 7, 14), new LocalDate(2026, 8, 3))] }, "closures[0]"),
            (good with { Exceptions = [new DateException(new LocalDate(2026, 8, 3), []), new DateException(new LocalDate(2026, 8, 3), [])] }, "exceptions[1].date"),
            (good with { Weekly = [.. Enumerable.Repeat(good.Weekly[0], 61)] }, "weekly"),
        ];

        foreach (var (wanted, field) in cases)
            Assert.Equal(field, (await handler.HandleAsync(new SiteHoursToBe(wanted, 0), lab.Manager, Cancel)).Refusal?.Field);
        Assert.Equal("stale", (await handler.HandleAsync(new SiteHoursToBe(good, 7), lab.Manager, Cancel)).Refusal?.Code);
        Assert.Equal(0, await host.ReadAsync(db => db.SiteTimetables.CountAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_gateway_is_told_the_hours_of_the_next_days_and_says_closed_by_itself(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var before = await PolicyAsync(host);

        await SetAsync(host, lab, Weekly("Europe/Paris"), 0);
        var policy = await PolicyAsync(host);

        Assert.IsType<OpeningRule.Always>(before.Machine("LAS-1")!.Opening);
        var told = Assert.IsType<OpeningRule.Within>(policy.Machine("LAS-1")!.Opening).Intervals;
        Assert.True(told[^1].Until > host.Time.Now + Duration.FromDays(13));
        var (_, noon) = Today(host);
        Assert.Null(Closed(policy, lab, noon));
        Assert.Equal(AccessReason.ClosedNow, Closed(policy, lab, noon + 9 * Hour));
        Assert.Equal(LimitReason.Closing, ((AccessDecision.Granted)AccessRules.Ask(policy, Tap(lab, noon))).Terms.Limit);
    }

    [Fact]
    public async Task A_gateway_hears_of_every_change_of_hours_and_of_a_day_more_each_day()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Writer.WriteAsync(host.Services.GetRequiredService<Keeper>().RoundAsync, Cancel);
        var client = host.GatewayClient();
        var revision = (await client.PolicyAsync(0, TimeSpan.Zero, Cancel)).Revision;

        await SetAsync(host, lab, Weekly("Europe/Paris"), 0);
        var first = Assert.Single(await NewsAsync(), change => change.Kind == PolicyKind.Machine);
        Assert.Empty(await NewsAsync());
        host.Time.Leap(Duration.FromDays(1));
        var next = Assert.Single(await NewsAsync());

        Assert.Equal(Duration.FromDays(1), Last(next) - Last(first));
        Assert.Empty(await NewsAsync());

        async Task<IReadOnlyList<PolicyChange>> NewsAsync()
        {
            await host.Writer.WriteAsync(host.Services.GetRequiredService<Keeper>().RoundAsync, Cancel);
            var feed = await client.PolicyAsync(revision, TimeSpan.Zero, Cancel);
            revision = feed.Revision;
            return feed.Changes;
        }

        static Instant Last(PolicyChange change) => ((OpeningRule.Within)((MachineRule)change.Entity!).Opening).Intervals[^1].Until;
    }

    [Theory]
    [InlineData("Europe/Paris", 2026, 10, 24, "2026-10-24T16:00:00Z", "2026-10-25T17:00:00Z")]
    [InlineData("Indian/Reunion", 2026, 10, 24, "2026-10-24T14:00:00Z", "2026-10-25T14:00:00Z")]
    [InlineData("Pacific/Noumea", 2026, 10, 24, "2026-10-24T07:00:00Z", "2026-10-25T07:00:00Z")]
    [InlineData("Europe/Paris", 2027, 3, 27, "2027-03-27T17:00:00Z", "2027-03-28T16:00:00Z")]
    public async Task The_feed_keeps_the_clock_on_the_wall(string zone, int year, int month, int day, string first, string second)
    {
        await using var host = await BookingHost.StartAsync(time: new FabLab.Testing.ManualTime(Instant.FromUtc(year, month, day, 0, 30)));
        var lab = await SmallLab.InAsync(host);
        await SetAsync(host, lab, new SiteTimetable
        {
            Zone = zone,
            Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new OpeningWindow(new LocalTime(18, 0), new LocalTime(21, 0), OpeningKind.OpenLab) }],
        }, 0);

        var told = ((OpeningRule.Within)(await PolicyAsync(host)).Machine("LAS-1")!.Opening).Intervals.Select(i => i.From.ToString()).ToList();

        Assert.Contains(first, told);
        Assert.Contains(second, told);
        Assert.Equal(zone, (await PolicyAsync(host)).Site.Zone);
    }

    [Fact]
    public async Task A_machine_keeps_its_own_hours_its_terms_say_whether_and_for_whom()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var (_, noon) = Today(host);
        await SetAsync(host, lab, Weekly("Europe/Paris"), 0);

        Assert.Null(Closed(await PolicyAsync(host), lab, noon));
        await TermsAsync(TermsRow.Site, new BookingTerms { WalkUpInBookedHours = false }, 0);
        Assert.Equal(AccessReason.KeptForOthers, Closed(await PolicyAsync(host), lab, noon));
        await BookAsync(host, lab, lab.Ada, noon, noon + Hour);
        Assert.Null(Closed(await PolicyAsync(host), lab, noon));
        await TermsAsync(TermsRow.OfMachine(lab.Machine), new BookingTerms { KeepsHours = false }, 0);
        Assert.IsType<OpeningRule.Always>((await PolicyAsync(host)).Machine("LAS-1")!.Opening);

        await TermsAsync(TermsRow.OfMachine(lab.Machine), null, 1);
        var own = await host.Services.GetRequiredService<SetMachineHours>().HandleAsync(
            lab.Machine, new MachineHoursToBe(new MachineTimetable { Hours = MachineHours.Instead }, 0), lab.Manager, Cancel);
        Assert.Single(own.Value.Hits);
        Assert.Equal(AccessReason.ClosedNow, Closed(await PolicyAsync(host), lab, noon));
        var undone = await host.Services.GetRequiredService<SetMachineHours>().UndoAsync(lab.Machine, own.Value.Version, lab.Manager, Cancel);
        Assert.Single(undone.Value.FitAgain);
        Assert.Null(Closed(await PolicyAsync(host), lab, noon));

        async Task TermsAsync(string scope, BookingTerms? terms, long version) =>
            Assert.Null((await host.Services.GetRequiredService<SetTerms>().HandleAsync(scope, new TermsToBe(terms, version), lab.Manager, Cancel)).Refusal);
    }

    [Fact]
    public async Task Group_hours_open_to_who_comes_with_the_group_and_to_the_team()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var (_, noon) = Today(host);
        var group = Guid.CreateVersion7();
        var groups = host.Services.GetRequiredService<SetGroup>();
        await groups.HandleAsync(group, new GroupToBe(0, "Mission locale", [lab.Ada], []), lab.Manager, Cancel);
        await SetAsync(host, lab, Weekly("Europe/Paris", OpeningKind.Groups, group.ToString("D")), 0);
        var client = host.GatewayClient();
        var full = await client.PolicyAsync(0, TimeSpan.Zero, Cancel);
        var policy = LabPolicy.From(full.Changes.Select(change => change.Entity!), full.Revision, full.ServerTime);

        Assert.Null(Closed(policy, lab, noon));
        Assert.Equal(AccessReason.KeptForOthers, Closed(policy, lab with { Ada = lab.Bob }, noon));
        Assert.Null(Closed(policy, lab with { Ada = lab.Manager.Id }, noon));

        await groups.HandleAsync(group, new GroupToBe(1, "Mission locale", [], []), lab.Manager, Cancel);
        var changes = (await client.PolicyAsync(full.Revision, TimeSpan.Zero, Cancel)).Changes;
        policy = policy.Apply(changes, full.ServerTime);
        Assert.Equal(AccessReason.KeptForOthers, Closed(policy, lab, noon));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_change_of_terms_shows_which_bookings_could_not_be_made_any_more_and_leaves_them(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var (_, noon) = Today(host);
        var soon = await BookAsync(host, lab, lab.Ada, host.Time.Now + Hour, host.Time.Now + 2 * Hour);
        var longer = await BookAsync(host, lab, lab.Ada, noon + Duration.FromDays(2), noon + Duration.FromDays(2) + 3 * Hour);
        var close = await BookAsync(host, lab, lab.Bob, noon + Duration.FromDays(2) + 3 * Hour, noon + Duration.FromDays(2) + 4 * Hour);
        var handler = host.Services.GetRequiredService<SetTerms>();
        var machine = TermsRow.OfMachine(lab.Machine);

        Assert.Equal([(longer, "too_long")], await HitsAsync(TermsRow.Site, new BookingTerms { MaxLength = 2 * Hour }));
        Assert.Equal([(soon, "too_short"), (close, "too_short")], await HitsAsync(machine, new BookingTerms { MinLength = 2 * Hour }));
        Assert.Equal([(soon, "notice_too_short")], await HitsAsync(machine, new BookingTerms { Notice = 3 * Hour }));
        Assert.Equal([(longer, "set_up_time"), (close, "set_up_time")], await HitsAsync(machine, new BookingTerms { SetUp = Duration.FromMinutes(15) }));
        // Steps of two hours from the start of the day: 10:00 to 11:00 ends between them, and so do those of the day after tomorrow.
        Assert.Equal([(soon, "off_step"), (longer, "off_step"), (close, "off_step")], await HitsAsync(machine, new BookingTerms { Step = 2 * Hour }));
        Assert.Empty(await HitsAsync(machine, new BookingTerms { Step = Hour, Capacity = 4 }));
        Assert.Equal(3, (await HitsAsync(machine, new BookingTerms { Bookable = false })).Count(hit => hit.Reason == "not_bookable"));
        // Of a class that no machine is of, nothing is concerned.
        Assert.Empty(await HitsAsync(TermsRow.OfClass("nothing"), new BookingTerms { MaxLength = Duration.FromMinutes(30) }));
        Assert.Empty(await host.ReadAsync(db => db.BookingTerms.ToListAsync(Cancel)));

        var saved = await handler.HandleAsync(machine, new TermsToBe(new BookingTerms { MaxLength = 2 * Hour }, 0), lab.Manager, Cancel);
        Assert.Equal(longer, Assert.Single(saved.Value.Hits).Booking);
        Assert.Equal(3, await host.ReadAsync(db => db.Reservations.CountAsync(r => r.CancelledAt == null, Cancel)));
        // What never fitted is not hit again.
        Assert.Empty((await handler.HandleAsync(machine, new TermsToBe(new BookingTerms { MaxLength = Hour + Hour }, 1, Preview: true), lab.Manager, Cancel)).Value.Hits);

        async Task<IEnumerable<(BookingId Booking, string Reason)>> HitsAsync(string scope, BookingTerms terms) =>
            (await handler.HandleAsync(scope, new TermsToBe(terms, 0, Preview: true), lab.Manager, Cancel)).Value.Hits.Select(hit => (hit.Booking, hit.Reason));
    }

    [Fact]
    public async Task Terms_without_sense_are_refused_at_their_field()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<SetTerms>();

        Assert.Equal("maxLength", await FaultAsync(TermsRow.Site, new BookingTerms { MinLength = Hour, MaxLength = Duration.FromMinutes(30) }));
        Assert.Equal("capacity", await FaultAsync(TermsRow.OfClass("laser"), new BookingTerms { Capacity = 0 }));
        Assert.Equal("terms", await FaultAsync(TermsRow.Site, new BookingTerms { Horizon = Duration.FromDays(40_000) }));
        Assert.Equal("machine_unknown", (await handler.HandleAsync(TermsRow.OfMachine(new MachineId(Guid.NewGuid())), new TermsToBe(new BookingTerms(), 0), lab.Manager, Cancel)).Refusal?.Code);
        Assert.Equal("scope_unknown", (await handler.HandleAsync("planet", new TermsToBe(new BookingTerms(), 0), lab.Manager, Cancel)).Refusal?.Code);

        async Task<string?> FaultAsync(string scope, BookingTerms terms) =>
            (await handler.HandleAsync(scope, new TermsToBe(terms, 0), lab.Manager, Cancel)).Refusal?.Field;
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Rooms_desks_and_kits_are_kept_beside_machines_and_never_reach_a_gateway(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<SetResource>();
        var room = new MachineId(Guid.CreateVersion7());
        var hall = new ResourceToBe(ResourceKind.Room, "sal-a", "Salle A", "Room A", 12, 15, null, 0);

        Assert.Equal(1, (await handler.HandleAsync(room, hall, lab.Manager, Cancel)).Value.Version);
        var inRoom = await handler.PlaceAsync(lab.Machine, new MachinePlace(room, 0), lab.Manager, Cancel);
        var terms = await host.ReadAsync(db => db.BookingTerms.SingleAsync(row => row.Scope == TermsRow.OfMachine(room), Cancel));

        Assert.True(inRoom.Done);
        Assert.Equal((12, Duration.FromMinutes(15)), (terms.Terms.Capacity, terms.Terms.SetUp));
        Assert.Equal(room, (await host.ReadAsync(db => db.Machines.SingleAsync(m => m.Id == lab.Machine, Cancel))).RoomId);
        Assert.Equal(["LAS-1"], (await PolicyAsync(host)).Machines.Select(m => m.Code));
        Assert.Equal("code_taken", (await handler.HandleAsync(new MachineId(Guid.CreateVersion7()), hall, lab.Manager, Cancel)).Refusal?.Code);
        Assert.Equal("kind", (await handler.HandleAsync(new MachineId(Guid.CreateVersion7()), hall with { Kind = ResourceKind.Machine }, lab.Manager, Cancel)).Refusal?.Field);
        Assert.Equal("resource_unknown", (await handler.HandleAsync(lab.Machine, hall with { Version = 1 }, lab.Manager, Cancel)).Refusal?.Code);
        Assert.Equal("room_in_use", (await handler.HandleAsync(room, hall with { Version = 1, Retired = true }, lab.Manager, Cancel)).Refusal?.Code);
        Assert.Equal("room", (await handler.PlaceAsync(lab.Machine, new MachinePlace(lab.Machine, 1), lab.Manager, Cancel)).Refusal?.Field);
        var kit = new MachineId(Guid.CreateVersion7());
        await handler.HandleAsync(kit, new ResourceToBe(ResourceKind.Kit, "MAL-1", "Malle", "Case", null, null, room, 0), lab.Manager, Cancel);
        await BookAsync(host, lab with { Machine = kit }, lab.Ada, host.Time.Now + Hour, host.Time.Now + 2 * Hour);
        Assert.Equal("still_booked", (await handler.HandleAsync(kit, new ResourceToBe(ResourceKind.Kit, "MAL-1", "Malle", "Case", null, null, room, 1, Retired: true), lab.Manager, Cancel)).Refusal?.Code);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_machine_is_in_one_pool_at_most(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var second = MachineId.New(host.Time.Now);
        var third = MachineId.New(host.Time.Now);
        await host.WriteAsync(write => write.Db.Machines.AddRange(
            Machine.From(new MachineRule { Id = second, Code = "LAS-2", NameFr = "Laser", NameEn = "Laser" }), Machine.From(new MachineRule { Id = third, Code = "LAS-3", NameFr = "Laser", NameEn = "Laser" })));
        var handler = host.Services.GetRequiredService<SetPool>();
        var pool = new PoolId(Guid.CreateVersion7());

        Assert.True((await handler.HandleAsync(pool, new PoolToBe("Lasers", "Lasers", [lab.Machine, second], 0), lab.Manager, Cancel)).Done);
        Assert.Equal("in_another_pool", (await handler.HandleAsync(new PoolId(Guid.CreateVersion7()), new PoolToBe("Autres", "Others", [third, second], 0), lab.Manager, Cancel)).Refusal?.Code);
        Assert.Equal("machines", (await handler.HandleAsync(pool, new PoolToBe("Lasers", "Lasers", [second], 1), lab.Manager, Cancel)).Refusal?.Field);
        Assert.True((await handler.HandleAsync(pool, new PoolToBe("Lasers", "Lasers", [third, second], 1), lab.Manager, Cancel)).Done);
        Assert.Equal([third, second], await host.ReadAsync(db => db.PoolMembers.OrderBy(m => m.Position).Select(m => m.MachineId).ToListAsync(Cancel)));
        Assert.True((await handler.HandleAsync(pool, new PoolToBe("Lasers", "Lasers", null, 2, Retired: true), lab.Manager, Cancel)).Done);
        Assert.Equal(0, await host.ReadAsync(db => db.PoolMembers.CountAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_quota_says_what_it_limits_and_erasing_somebody_forgets_them_in_it(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<SetQuota>();
        var quota = new BookingQuota { Period = QuotaPeriod.Week, Time = 4 * Hour };
        var (both, hers) = (new QuotaId(Guid.CreateVersion7()), new QuotaId(Guid.CreateVersion7()));

        Assert.Equal("time", (await handler.HandleAsync(both, new QuotaToBe(quota with { Time = null }, 0), lab.Manager, Cancel)).Refusal?.Field);
        Assert.Equal("machines", (await handler.HandleAsync(both, new QuotaToBe(quota with { Machines = [new MachineId(Guid.NewGuid())] }, 0), lab.Manager, Cancel)).Refusal?.Field);
        Assert.Equal("people", (await handler.HandleAsync(both, new QuotaToBe(quota with { People = [new PersonId(Guid.NewGuid())] }, 0), lab.Manager, Cancel)).Refusal?.Field);
        Assert.True((await handler.HandleAsync(both, new QuotaToBe(quota with { People = [lab.Ada, lab.Bob] }, 0), lab.Manager, Cancel)).Done);
        Assert.True((await handler.HandleAsync(hers, new QuotaToBe(quota with { People = [lab.Ada] }, 0), lab.Manager, Cancel)).Done);
        var export = await host.Services.GetRequiredService<Features.Privacy.PersonExport>().OfAsync(lab.Ada, Cancel);
        Assert.Equal(2, export!["tables"]!["booking_quota"]!.AsArray().Count);
        Assert.DoesNotContain(lab.Bob.ToString(), export.ToJsonString(), StringComparison.Ordinal);

        Assert.True((await host.Services.GetRequiredService<Features.Privacy.ErasePerson>().HandleAsync(lab.Ada, new Features.Privacy.ErasureRequest("M01"), lab.Manager, Cancel)).Done);

        var left = Assert.Single(await host.ReadAsync(db => db.BookingQuotas.ToListAsync(Cancel)));
        Assert.Equal((both, lab.Bob), (left.Id, Assert.Single(left.Quota.People)));
    }

    [Fact]
    public async Task The_file_of_school_holidays_is_replaced_by_hand_and_its_faults_are_told_by_place()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var (today, noon) = Today(host);
        using var manager = await host.StaffBrowserAsync("g01");
        var site = Weekly("Europe/Paris");
        await SetAsync(host, lab, site with { SchoolZone = SchoolZone.Mayotte, Weekly = [site.Weekly[0] with { On = DayCondition.SchoolTime }] }, 0);
        var booked = await BookAsync(host, lab, lab.Ada, noon + Duration.FromDays(2), noon + Duration.FromDays(2) + Hour);
        string File(string until) => $$"""
            {"format": "fablab-school-holidays/1", "calendars": [{"zone": "Mayotte", "year": "essai", "knownFrom": "{{today.PlusDays(-5):uuuu-MM-dd}}", "knownUntil": "{{today.PlusDays(60):uuuu-MM-dd}}",
              "source": "main", "holidays": [{"fr": "Pause", "from": "{{today.PlusDays(1):uuuu-MM-dd}}", "until": "{{until}}"}]}]}
            """;

        using var broken = await manager.PutAsync("api/v1/hours/school-holidays", new StringContent(File("demain"), System.Text.Encoding.UTF8, "application/json"), Cancel);
        var faults = await broken.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        using var taken = await manager.PutAsync("api/v1/hours/school-holidays", new StringContent(File($"{today.PlusDays(9):uuuu-MM-dd}"), System.Text.Encoding.UTF8, "application/json"), Cancel);
        var done = await taken.Content.ReadFromJsonAsync<JsonElement>(Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Contains("calendars[0].holidays[0].until", faults.GetProperty("faults")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(booked.Value, done.GetProperty("hits")[0].GetProperty("booking").GetGuid());
        Assert.Equal(AccessReason.ClosedNow, Closed(await PolicyAsync(host), lab, noon + Duration.FromDays(2)));
        Assert.True(host.Services.GetRequiredService<SchoolHolidays>().HasOwn);
        using var forgotten = await manager.DeleteAsync("api/v1/hours/school-holidays", Cancel);
        Assert.Equal(HttpStatusCode.OK, forgotten.StatusCode);
        Assert.Null(Closed(await PolicyAsync(host), lab, noon + Duration.FromDays(2)));
        await System.IO.File.WriteAllTextAsync(Path.Combine(host.Folder, "school-holidays.json"), "nonsense", Cancel);
        Assert.NotEmpty(host.Services.GetRequiredService<SchoolHolidays>().Faults);
        Assert.Same(SchoolCalendar.Shipped, host.Services.GetRequiredService<SchoolHolidays>().Calendar);
    }

    [Fact]
    public async Task Anybody_reads_the_open_hours_without_those_of_the_team()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var site = Weekly("Pacific/Noumea", OpeningKind.OpenLab);
        await SetAsync(host, lab, site with { Weekly = site.Weekly.Add(site.Weekly[0] with { Window = new OpeningWindow(new LocalTime(20, 0), new LocalTime(21, 0), OpeningKind.StaffOnly) }) }, 0);
        using var nobody = host.Browser();

        var hours = await nobody.GetFromJsonAsync<JsonElement>("api/v1/hours?days=3", Cancel);
        using var wrong = await nobody.GetAsync("api/v1/hours?days=0", Cancel);
        var place = await nobody.GetFromJsonAsync<JsonElement>("api/v1/place", Cancel);

        Assert.Equal(("Pacific/Noumea", 3), (hours.GetProperty("zone").GetString(), hours.GetProperty("periods").GetArrayLength()));
        Assert.All(hours.GetProperty("periods").EnumerateArray(), period => Assert.Equal("open_lab", period.GetProperty("kind").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.True(place.TryGetProperty("open", out _));
    }

    private static (LocalDate Today, Instant Noon) Today(BookingHost host)
    {
        var today = host.Time.Now.InZone(DateTimeZoneProviders.Tzdb["Europe/Paris"]).Date;
        return (today, today.At(new LocalTime(12, 0)).InZoneLeniently(DateTimeZoneProviders.Tzdb["Europe/Paris"]).ToInstant());
    }

    /// <summary>Every day from ten to seven.</summary>
    private static SiteTimetable Weekly(string zone, OpeningKind kind = OpeningKind.Booked, string? group = null) => new()
    {
        Zone = zone,
        ClosedOnPublicHolidays = false,
        Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new OpeningWindow(new LocalTime(10, 0), new LocalTime(19, 0), kind, group) }],
    };

    private static async Task<HoursSaved> SetAsync(BookingHost host, SmallLab lab, SiteTimetable wanted, long version, bool preview = false)
    {
        var outcome = await host.Services.GetRequiredService<SetSiteHours>().HandleAsync(new SiteHoursToBe(wanted, version, preview), lab.Manager, Cancel);
        Assert.Null(outcome.Refusal);
        return outcome.Value;
    }

    private static async Task<BookingId> BookAsync(BookingHost host, SmallLab lab, PersonId person, Instant start, Instant end)
    {
        var id = BookingId.New(host.Time.Now);
        await host.WriteAsync(write =>
        {
            write.Db.Reservations.Add(new Reservation
            {
                Id = id, MachineId = lab.Machine, PersonId = person, MadeBy = person, Start = start, End = end, CreatedAt = write.Now, ReleasedAt = start + Duration.FromMinutes(15),
            });
            write.Db.BookingSlots.Add(new BookingSlot { BookingId = id, MachineId = lab.Machine, Place = 0, Start = start, End = end });
        });
        return id;
    }

    private static async Task<LabPolicy> PolicyAsync(BookingHost host)
    {
        var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        return LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);
    }

    private static AccessRequest Tap(SmallLab lab, Instant at) => new() { Now = at, Machine = lab.Machine, Person = lab.Ada };

    private static AccessReason? Closed(LabPolicy policy, SmallLab lab, Instant at) =>
        (AccessRules.Ask(policy, Tap(lab, at)) as AccessDecision.Denied)?.Reason;

    private sealed class Told : IBookingEventSink
    {
        public List<(BookingEventKind Kind, BookingId Booking, PersonId? By)> Events { get; } = [];

        public Task OnAsync(BookingWrite write, BookingEvent told, CancellationToken cancellationToken)
        {
            Events.Add((told.Kind, told.Booking.Id, told.By));
            return Task.CompletedTask;
        }
    }
}
