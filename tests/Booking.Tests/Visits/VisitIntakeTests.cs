using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Visit = FabLab.Booking.Features.Visits.Visit;

namespace FabLab.Booking.Tests.Visits;

/// <summary>What kiosks tell: counted once, in order, whatever happens on the way.</summary>
public sealed class VisitIntakeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Somebody_comes_says_why_and_leaves_and_whoever_wants_to_know_is_told_in_the_same_write(DatabaseKind kind)
    {
        var told = new Told();
        await using var host = await BookingHost.StartAsync(kind, services: services => services.AddSingleton<IArrivals>(told));
        var lab = await SmallLab.InAsync(host);
        var kiosk = host.KioskClient();
        var came = Came(host, lab.Ada);

        var receipt = await SendAsync(host, kiosk, came, Says(host, came, "machine"));
        var here = await VisitAsync(host);
        host.Time.Advance(Duration.FromHours(1));
        await SendAsync(host, kiosk, Left(host, lab.Ada, came.Visit));

        Assert.Equal([VisitAnswers.Stored, VisitAnswers.Stored], receipt.Answers.Select(answer => answer.Code));
        Assert.Equal((lab.Ada, "machine", VisitWay.Badge, "door", true, null), (here.PersonId!.Value, here.Reason, here.Way, here.Kiosk, here.First, here.LeftAt));
        var over = await VisitAsync(host);
        Assert.Equal((host.Time.Now, LeftHow.Said), (over.LeftAt!.Value, over.LeftHow!.Value));
        Assert.Empty(await host.ReadAsync(db => db.Presence.ToListAsync(Cancel)));
        Assert.Equal([$"in {lab.Ada} 1", $"out {lab.Ada} 0"], told.Lines);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_same_batch_again_is_answered_as_before_and_counts_nothing_twice(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var kiosk = host.KioskClient();
        var named = Came(host, lab.Ada);
        var nameless = Nameless(host, "discover", AgeBand.From70);
        VisitItem[] items = [named, nameless, Left(host, lab.Ada, named.Visit), Left(host, lab.Bob, VisitId.New(host.Time.Now))];

        var first = await SendAsync(host, kiosk, items);
        host.Time.Advance(Duration.FromMinutes(3));
        var again = await SendAsync(host, kiosk, [.. items, .. items]);

        Assert.Equal([VisitAnswers.Stored, VisitAnswers.Stored, VisitAnswers.Stored, VisitAnswers.NotIn], first.Answers.Select(answer => answer.Code));
        Assert.Equal([.. first.Answers, .. first.Answers], again.Answers);
        Assert.Equal(2, await host.ReadAsync(db => db.Visits.CountAsync(Cancel)));
        Assert.Equal((AgeBand.From70, null, true), await host.ReadAsync(db => db.Visits.Where(v => v.PersonId == null).Select(v => new ValueTuple<AgeBand, string?, bool>(v.AgeBand!.Value, null, v.First == false)).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task Two_kiosks_meet_the_same_person_and_it_is_one_visit()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:Kiosks:1"] = "annexe" });
        var lab = await SmallLab.InAsync(host);
        var (one, other) = (host.KioskClient(), host.KioskClient("annexe"));
        var first = Came(host, lab.Ada);
        host.Time.Advance(Duration.FromMinutes(2));
        var second = Came(host, lab.Ada);

        // The later one arrives first: its line was not cut.
        await SendAsync(host, other, second);
        var late = await SendAsync(host, one, first);
        await SendAsync(host, one, Says(host, first, "workshop"));

        Assert.Equal(VisitAnswers.AlreadyIn, Assert.Single(late.Answers).Code);
        var visit = await VisitAsync(host);
        Assert.Equal((first.At, "workshop", "annexe"), (visit.ArrivedAt, visit.Reason, visit.Kiosk));
    }

    [Fact]
    public async Task An_earlier_arrival_that_is_told_after_the_visit_was_over_is_no_second_visit()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:Kiosks:1"] = "annexe" });
        var lab = await SmallLab.InAsync(host);
        var first = Came(host, lab.Ada);
        host.Time.Advance(Duration.FromMinutes(2));
        var second = Came(host, lab.Ada);
        host.Time.Advance(Duration.FromHours(1));
        var left = Left(host, lab.Ada, second.Visit);
        await SendAsync(host, host.KioskClient("annexe"), second, left);

        await SendAsync(host, host.KioskClient(), first);

        var visit = await VisitAsync(host);
        Assert.Equal((first.At, left.At), (visit.ArrivedAt, visit.LeftAt));
        Assert.Empty(await host.ReadAsync(db => db.Presence.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task What_one_kiosk_tells_of_yesterday_does_not_disturb_who_is_in_today()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:Kiosks:1"] = "annexe" });
        var lab = await SmallLab.InAsync(host);
        await OpenAsync(host, (10, 18));
        var yesterday = Came(host, lab.Ada);
        host.Time.Leap(Duration.FromDays(1));
        var today = Came(host, lab.Ada);
        await SendAsync(host, host.KioskClient("annexe"), today);

        await SendAsync(host, host.KioskClient(), yesterday);

        var visits = await host.ReadAsync(db => db.Visits.OrderBy(v => v.ArrivedAt).ToListAsync(Cancel));
        Assert.Equal([(yesterday.At, (Instant?)Instant.FromUtc(2026, 3, 10, 17, 0)), (today.At, null)], visits.Select(v => (v.ArrivedAt, v.LeftAt)));
        Assert.Equal(today.At, (await host.ReadAsync(db => db.Presence.SingleAsync(Cancel))).Since);
    }

    [Fact]
    public async Task The_same_badge_twice_in_three_seconds_is_one_visit()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var kiosk = host.KioskClient();

        await SendAsync(host, kiosk, Came(host, lab.Ada));
        host.Time.Advance(Duration.FromSeconds(3));
        await SendAsync(host, kiosk, Came(host, lab.Ada));

        await VisitAsync(host);
    }

    [Fact]
    public async Task Somebody_leaves_whose_arrival_is_still_on_its_way_and_the_visit_is_whole_in_the_end()
    {
        var told = new Told();
        await using var host = await BookingHost.StartAsync(
            settings: new Dictionary<string, string?> { ["Booking:Kiosks:1"] = "annexe" }, services: services => services.AddSingleton<IArrivals>(told));
        var lab = await SmallLab.InAsync(host);
        var came = Came(host, lab.Ada);
        host.Time.Advance(Duration.FromHours(1));
        var left = Left(host, lab.Ada, VisitId.New(host.Time.Now));

        var answer = await SendAsync(host, host.KioskClient("annexe"), left);
        host.Time.Advance(Duration.FromHours(1));
        await SendAsync(host, host.KioskClient(), came);

        Assert.Equal(VisitAnswers.NotIn, Assert.Single(answer.Answers).Code);
        var visit = await VisitAsync(host);
        Assert.Equal((came.At, left.At), (visit.ArrivedAt, visit.LeftAt));
        Assert.Empty(await host.ReadAsync(db => db.Presence.ToListAsync(Cancel)));
        Assert.Equal(2, told.Lines.Count);
        // Used up: it ends no other visit.
        await SendAsync(host, host.KioskClient(), Came(host, lab.Ada));
        Assert.Equal(1, await host.ReadAsync(db => db.Visits.CountAsync(v => v.LeftAt == null, Cancel)));
    }

    [Fact]
    public async Task Somebody_leaves_who_never_came_and_nothing_is_counted()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);

        await SendAsync(host, host.KioskClient(), Left(host, lab.Ada, VisitId.New(host.Time.Now)));

        Assert.Equal(0, await host.ReadAsync(db => db.Visits.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_kiosk_whose_clock_is_wrong_by_a_day_is_put_right_and_its_visits_are_marked(int days)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var wrong = Duration.FromDays(days);
        var came = Came(host, lab.Ada) with { At = host.Time.Now + wrong };
        host.Time.Advance(Duration.FromMinutes(30));

        await host.KioskClient().VisitsAsync(new VisitBatch(host.Time.Now + wrong, [came]), Cancel);

        var visit = await VisitAsync(host);
        Assert.Equal((host.Time.Now - Duration.FromMinutes(30), -wrong), (visit.ArrivedAt, visit.ClockOff));
    }

    [Fact]
    public async Task A_clock_that_is_four_minutes_off_is_let_be_and_never_lies_ahead()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var came = Came(host, lab.Ada) with { At = host.Time.Now + Duration.FromMinutes(4) };

        await host.KioskClient().VisitsAsync(new VisitBatch(host.Time.Now + Duration.FromMinutes(4), [came]), Cancel);

        var visit = await VisitAsync(host);
        Assert.Equal((host.Time.Now, null), (visit.ArrivedAt, visit.ClockOff));
    }

    [Fact]
    public async Task At_the_last_closing_of_the_day_everybody_is_out_and_a_pause_at_noon_sends_nobody_away()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await OpenAsync(host, (10, 12), (14, 18));
        // 10:00 in Paris.
        await SendAsync(host, host.KioskClient(), Came(host, lab.Ada), Nameless(host, "workshop", AgeBand.Under12));

        await LeapAsync(host, Duration.FromHours(3));
        var atNoon = await host.ReadAsync(db => db.Visits.CountAsync(v => v.LeftAt == null, Cancel));
        await LeapAsync(host, Duration.FromHours(5));

        Assert.Equal(2, atNoon);
        var closing = Instant.FromUtc(2026, 3, 10, 17, 0);
        Assert.All(await host.ReadAsync(db => db.Visits.ToListAsync(Cancel)), visit => Assert.Equal((closing, LeftHow.Closing), (visit.LeftAt!.Value, visit.LeftHow!.Value)));
        Assert.Empty(await host.ReadAsync(db => db.Presence.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task An_evening_that_goes_on_beyond_midnight_ends_when_it_ends()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await OpenAsync(host, (18, 2));
        host.Time.Leap(Duration.FromHours(13));
        // 23:00, and 0:30 of the next day.
        await SendAsync(host, host.KioskClient(), Came(host, lab.Ada));
        host.Time.Leap(Duration.FromMinutes(90));
        await SendAsync(host, host.KioskClient(), Came(host, lab.Bob));

        await LeapAsync(host, Duration.FromMinutes(30));
        var afterMidnight = await host.ReadAsync(db => db.Visits.CountAsync(v => v.LeftAt == null, Cancel));
        await LeapAsync(host, Duration.FromHours(2));

        Assert.Equal(2, afterMidnight);
        Assert.All(await host.ReadAsync(db => db.Visits.ToListAsync(Cancel)), visit => Assert.Equal(Instant.FromUtc(2026, 3, 11, 1, 0), visit.LeftAt));
    }

    [Fact]
    public async Task Without_opening_hours_a_visit_ends_at_midnight_and_the_next_day_is_another_visit()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await SendAsync(host, host.KioskClient(), Came(host, lab.Ada));
        host.Time.Leap(Duration.FromDays(1));

        // Told before anybody has noted the end of the first.
        await SendAsync(host, host.KioskClient(), Came(host, lab.Ada));

        var visits = await host.ReadAsync(db => db.Visits.OrderBy(v => v.ArrivedAt).ToListAsync(Cancel));
        Assert.Equal([Instant.FromUtc(2026, 3, 10, 23, 0), null], visits.Select(v => v.LeftAt));
    }

    [Fact]
    public async Task What_comes_after_the_closing_is_a_visit_that_is_over_and_the_hour_somebody_said_is_truer_than_the_closing()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await OpenAsync(host, (10, 18));
        var came = Came(host, lab.Ada);
        host.Time.Leap(Duration.FromHours(2));
        var left = Left(host, lab.Ada, came.Visit);
        var unsaid = Came(host, lab.Bob);
        host.Time.Leap(Duration.FromHours(8));

        await SendAsync(host, host.KioskClient(), came, unsaid, left);

        var visits = await host.ReadAsync(db => db.Visits.ToDictionaryAsync(v => v.PersonId!.Value, Cancel));
        Assert.Equal((left.At, LeftHow.Said), (visits[lab.Ada].LeftAt!.Value, visits[lab.Ada].LeftHow!.Value));
        Assert.Equal((Instant.FromUtc(2026, 3, 10, 17, 0), LeftHow.Closing), (visits[lab.Bob].LeftAt!.Value, visits[lab.Bob].LeftHow!.Value));
        Assert.Empty(await host.ReadAsync(db => db.Presence.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Five_hundred_check_ins_in_a_minute_from_two_doors_lose_none_and_count_none_twice()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:Kiosks:1"] = "annexe" });
        await SmallLab.InAsync(host);
        KioskClient[] doors = [host.KioskClient(), host.KioskClient("annexe")];
        var items = Enumerable.Range(0, 500).Select(_ => Nameless(host, "discover", AgeBand.From12To17)).ToList();

        // Each as a kiosk sends it the moment it happens, and every fifth once more as after a lost answer.
        await Parallel.ForEachAsync(
            items.Index(), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel },
            async (one, cancel) =>
            {
                var batch = new VisitBatch(host.Time.Now, [one.Item]);
                await doors[one.Index % 2].VisitsAsync(batch, cancel);
                if (one.Index % 5 == 0)
                    await doors[one.Index % 2].VisitsAsync(batch, cancel);
            });

        var stored = await host.ReadAsync(db => db.Visits.Select(v => v.Id).ToListAsync(Cancel));
        Assert.Equal(items.Select(item => item.Visit.Value).Order(), stored.Select(id => id.Value).Order());
    }

    [Fact]
    public async Task An_item_that_cannot_be_read_is_said_to_be_so_and_the_others_are_taken()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var kiosk = host.WithKioskKey();
        var good = JsonSerializer.SerializeToElement(Nameless(host, "machine", AgeBand.From25To39), CoreJson.Options);
        var unknown = JsonSerializer.SerializeToElement(Nameless(host, "no-such-reason", null) with { Person = PersonId.New(host.Time.Now) }, CoreJson.Options);

        using var answer = await kiosk.PostAsJsonAsync("api/v1/visits", new { sentAt = host.Time.Now.ToUnixTimeMilliseconds(), items = new object?[] { null, new { id = "x" }, new { id = Guid.NewGuid(), act = "flew" }, good, unknown } }, Cancel);

        var receipt = (await answer.Content.ReadFromJsonAsync<VisitReceipt>(CoreJson.Options, Cancel))!;
        Assert.Equal(
            [VisitAnswers.Malformed, VisitAnswers.Malformed, VisitAnswers.Malformed, VisitAnswers.Stored, VisitAnswers.UnknownPerson],
            receipt.Answers.Select(one => one.Code));
        // Somebody unknown is counted, without a name and without a reason that does not exist.
        Assert.Equal(["machine", null], await host.ReadAsync(db => db.Visits.OrderBy(v => v.Reason == null).Select(v => v.Reason).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Only_the_key_of_a_kiosk_opens_the_door()
    {
        await using var host = await BookingHost.StartAsync();
        using var nobody = host.Browser();
        using var gateway = host.WithGatewayKey();
        using var kiosk = host.WithKioskKey();

        foreach (var client in new[] { nobody, gateway })
        {
            using var answer = await client.GetAsync("api/v1/door", Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal(ProblemCodes.KioskUnknown, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString());
        }
        using var let = await kiosk.GetAsync("api/v1/door", Cancel);
        Assert.Equal(HttpStatusCode.OK, let.StatusCode);
    }

    [Fact]
    public async Task A_tap_at_the_door_is_what_a_machine_that_asks_for_it_waits_for()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var machine = await write.Db.Machines.SingleAsync(m => m.Id == lab.Machine, cancel);
                machine.Rule = machine.Rule with { NeedsCheckIn = true, NeedsMembership = false };
            },
            Cancel);
        var came = Came(host, lab.Ada);

        var before = await AskAsync(host, lab);
        await SendAsync(host, host.KioskClient(), came);
        var during = await AskAsync(host, lab);
        await SendAsync(host, host.KioskClient(), Left(host, lab.Ada, came.Visit));
        var after = await AskAsync(host, lab);

        Assert.Equal(AccessReason.NotCheckedIn, Assert.IsType<AccessDecision.Denied>(before).Reason);
        Assert.IsType<AccessDecision.Granted>(during);
        Assert.Equal(AccessReason.NotCheckedIn, Assert.IsType<AccessDecision.Denied>(after).Reason);
    }

    [Fact]
    public async Task The_desk_and_the_door_write_into_one_book()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Services.GetRequiredService<SetPresence>().HandleAsync(lab.Bob, here: true, lab.Manager, Cancel);
        var atDoor = await SendAsync(host, host.KioskClient(), Came(host, lab.Bob));

        await host.Services.GetRequiredService<SetPresence>().HandleAsync(lab.Bob, here: false, lab.Manager, Cancel);

        Assert.Equal(VisitAnswers.AlreadyIn, Assert.Single(atDoor.Answers).Code);
        var visit = await VisitAsync(host);
        Assert.Equal((VisitWay.Desk, LeftHow.Said), (visit.Way, visit.LeftHow!.Value));
        // What staff said of somebody is noted with who said it; what the door saw is not an act of staff.
        Assert.Equal(
            [("visit.added", lab.Manager.Id, visit.Id.Value), ("visit.left", lab.Manager.Id, visit.Id.Value)],
            (await host.ReadAsync(db => (
                from entry in db.Audit join value in db.AuditValues on entry.Seq equals value.Seq orderby entry.Seq
                select new { entry.Action, value.By, value.Subject }).ToListAsync(Cancel))).Select(act => (act.Action, act.By!.Value, act.Subject!.Value)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task With_a_person_erased_the_visits_are_still_counted_and_after_some_years_nobody_is_in_them(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        await SendAsync(host, host.KioskClient(), Came(host, lab.Ada), Left(host, lab.Bob, VisitId.New(host.Time.Now)));
        await SendAsync(host, host.KioskClient(), Left(host, lab.Ada, VisitId.New(host.Time.Now)));
        await SendAsync(host, host.KioskClient(), Came(host, lab.Manager.Id), Left(host, lab.Manager.Id, VisitId.New(host.Time.Now)));

        await host.Services.GetRequiredService<ErasePerson>().HandleAsync(lab.Ada, new ErasureRequest("M01"), lab.Manager, Cancel);
        var erased = await host.ReadAsync(db => db.Visits.Select(v => v.PersonId).ToListAsync(Cancel));
        host.Time.Leap(Duration.FromDays(900));
        await host.Writer.WriteAsync(host.Services.GetRequiredService<Keeper>().PurgeAsync, Cancel);

        Assert.Equal(2, erased.Count);
        Assert.DoesNotContain(lab.Ada, erased.OfType<PersonId>());
        Assert.Contains(lab.Manager.Id, erased.OfType<PersonId>());
        var years = await host.ReadAsync(db => db.Visits.Select(v => v.PersonId).ToListAsync(Cancel));
        Assert.Equal((2, 2), (years.Count, years.OfType<PersonId>().Distinct().Count()));
        Assert.DoesNotContain(lab.Manager.Id, years.OfType<PersonId>());
        Assert.Equal(0, await host.ReadAsync(db => db.DoorItems.CountAsync(Cancel)));
    }

    private static VisitItem Came(BookingHost host, PersonId person) =>
        new(Guid.NewGuid(), VisitAct.Arrived, VisitId.New(host.Time.Now), host.Time.Now) { Person = person, Way = VisitWay.Badge };

    private static VisitItem Nameless(BookingHost host, string reason, AgeBand? band) =>
        new(Guid.NewGuid(), VisitAct.Arrived, VisitId.New(host.Time.Now), host.Time.Now) { Reason = reason, Band = band };

    private static VisitItem Says(BookingHost host, VisitItem came, string reason) =>
        new(Guid.NewGuid(), VisitAct.Told, came.Visit, host.Time.Now) { Person = came.Person, Reason = reason };

    private static VisitItem Left(BookingHost host, PersonId person, VisitId visit) =>
        new(Guid.NewGuid(), VisitAct.Left, visit, host.Time.Now) { Person = person };

    private static Task<VisitReceipt> SendAsync(BookingHost host, KioskClient kiosk, params VisitItem[] items) =>
        kiosk.VisitsAsync(new VisitBatch(host.Time.Now, items), Cancel);

    private static Task<Visit> VisitAsync(BookingHost host) => host.ReadAsync(db => db.Visits.SingleAsync(Cancel));

    private static async Task LeapAsync(BookingHost host, Duration by)
    {
        host.Time.Leap(by);
        await host.Writer.WriteAsync(host.Services.GetRequiredService<Keeper>().RoundAsync, Cancel);
    }

    private static Task OpenAsync(BookingHost host, params (int From, int Until)[] hours) => host.WriteAsync(write => write.Db.SiteTimetables.Add(new SiteTimetableRow
    {
        Timetable = new SiteTimetable
        {
            Zone = "Europe/Paris",
            Weekly = [.. hours.Select(one => new WeeklyOpening { Days = WeekDays.All, Window = new(new LocalTime(one.From, 0), new LocalTime(one.Until, 0), OpeningKind.OpenLab) })],
        },
    }));

    private static async Task<AccessDecision> AskAsync(BookingHost host, SmallLab lab)
    {
        var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        var policy = LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);
        return AccessRules.Ask(policy, new AccessRequest { Now = host.Time.Now, Machine = lab.Machine, Purpose = AccessPurpose.Start, Person = lab.Ada });
    }

    /// <summary>Writes down who came and went, with how many are present at that point of the write.</summary>
    private sealed class Told : IArrivals
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> Lines => [.. _lines];

        public async Task ArrivedAsync(BookingWrite write, PersonId person, Instant at, VisitWay way, CancellationToken cancellationToken) =>
            _lines.Enqueue($"in {person} {await write.Db.Presence.CountAsync(cancellationToken)}");

        public async Task LeftAsync(BookingWrite write, PersonId person, Instant at, CancellationToken cancellationToken) =>
            _lines.Enqueue($"out {person} {await write.Db.Presence.CountAsync(cancellationToken)}");
    }
}
