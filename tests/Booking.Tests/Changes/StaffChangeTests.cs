using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Changes;

public sealed class StaffChangeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Of_two_members_of_staff_who_change_the_same_person_at_once_one_is_told(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<ChangePerson>();
        var change = new PersonChange(0, "Ada", true, true, null, new LocalDate(2027, 1, 31), null, false);

        var outcomes = await Task.WhenAll(
            handler.HandleAsync(lab.Ada, change, lab.Manager, Cancel),
            handler.HandleAsync(lab.Ada, change with { DisplayName = "Ada L." }, lab.Manager, Cancel));

        Assert.Single(outcomes, outcome => outcome.Done);
        Assert.Single(outcomes, outcome => outcome.Refusal?.Code == "stale");
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Of_two_lock_outs_at_once_one_is_set(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<LockMachineOut>();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => handler.HandleAsync(lab.Machine, new NewLockOut("belt"), lab.Manager, Cancel)));

        Assert.Single(outcomes, outcome => outcome.Done);
        Assert.All(outcomes.Where(outcome => !outcome.Done), outcome => Assert.Equal("already_locked_out", outcome.Refusal!.Code));
    }

    [Fact]
    public async Task A_habilitation_lives_by_acts_and_each_says_who_and_why()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var grant = host.Services.GetRequiredService<GrantHabilitation>();
        var act = host.Services.GetRequiredService<ActOnHabilitation>();

        var id = (await grant.HandleAsync(lab.Ada, new HabilitationGrant(lab.Training, HabilitationLevel.Autonomous, "first piece seen"), lab.Manager, Cancel)).Value.Id;
        var granted = await StandingAsync();
        var suspended = await act.HandleAsync(id, HabilitationActKind.Suspended, new HabilitationActRequest("left the machine alone", 1), lab.Manager, Cancel);
        var twice = await act.HandleAsync(id, HabilitationActKind.Suspended, new HabilitationActRequest("again", 2), lab.Manager, Cancel);
        var blind = await act.HandleAsync(id, HabilitationActKind.Resumed, new HabilitationActRequest("talked", 1), lab.Manager, Cancel);
        var resumed = await act.HandleAsync(id, HabilitationActKind.Resumed, new HabilitationActRequest("talked", 2), lab.Manager, Cancel);
        var withdrawn = await act.HandleAsync(id, HabilitationActKind.Withdrawn, new HabilitationActRequest("accident", 3), lab.Manager, Cancel);
        var gone = await StandingAsync();
        var renewed = await grant.HandleAsync(lab.Ada, new HabilitationGrant(lab.Training, HabilitationLevel.Accompanied, "trained again", LastAct: 4), lab.Manager, Cancel);

        Assert.Equal(Instant.FromUtc(2028, 3, 9, 23, 0), granted.ValidUntil);
        Assert.True(granted.HoldsAt(host.Time.Now));
        Assert.True(suspended.Done);
        Assert.Equal("habilitation_not_so", twice.Refusal?.Code);
        Assert.Equal("stale", blind.Refusal?.Code);
        Assert.True(resumed.Done && withdrawn.Done);
        Assert.False(gone.HoldsAt(host.Time.Now));
        Assert.Equal(5, renewed.Value.Act);
        Assert.Equal(HabilitationLevel.Accompanied, (await StandingAsync()).Level);
        var acts = await host.ReadAsync(db => db.HabilitationActs.OrderBy(a => a.Number).ToListAsync(Cancel));
        Assert.All(acts, a => Assert.Equal(lab.Manager.Id, a.By));
        Assert.Equal(["first piece seen", "left the machine alone", "talked", "accident", "trained again"], acts.Select(a => a.Evidence));

        async Task<HabilitationStanding> StandingAsync() =>
            Assert.Single(await host.ReadAsync(db => HabilitationQueries.StandingsAsync(db, null, lab.Ada, Cancel)));
    }

    [Theory]
    [InlineData("em-hex10", "62E3086CED")]
    [InlineData("em-hex8", "E3086CED")]
    [InlineData("em-dec10", "3808980205")]
    [InlineData("em-fc", "008,27885")]
    [InlineData("w34-hex", "E3086CED")]
    public async Task One_tag_in_any_spelling_is_the_same_badge(string reader, string number)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<EnrolBadge>();
        var first = await handler.HandleAsync(lab.Bob, new BadgeToEnrol("62E3086CED", "em-hex10"), lab.Manager, Cancel);

        var again = await handler.HandleAsync(lab.Bob, new BadgeToEnrol(number, reader), lab.Manager, Cancel);
        var other = await handler.HandleAsync(lab.Ada, new BadgeToEnrol(number, reader), lab.Manager, Cancel);

        Assert.True(first.Done, first.Refusal?.Code);
        Assert.Equal("badge_already_theirs", again.Refusal?.Code);
        Assert.Equal("badge_taken", other.Refusal?.Code);
    }

    [Fact]
    public async Task A_badge_number_that_could_be_read_in_two_ways_asks_for_the_reader_and_is_never_repeated()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<EnrolBadge>();

        var twoWays = await handler.HandleAsync(lab.Bob, new BadgeToEnrol("E3086CED"), lab.Manager, Cancel);
        var noWay = await handler.HandleAsync(lab.Bob, new BadgeToEnrol("0000000000 hello"), lab.Manager, Cancel);
        var oneWay = await handler.HandleAsync(lab.Bob, new BadgeToEnrol("em:11E3086CED"), lab.Manager, Cancel);

        Assert.Equal("reader", twoWays.Refusal?.Field);
        Assert.Equal("number", noWay.Refusal?.Field);
        Assert.DoesNotContain("E3086CED", twoWays.Refusal!.Detail, StringComparison.Ordinal);
        Assert.True(oneWay.Done);
        Assert.DoesNotContain(await host.ReadAsync(db => db.AuditValues.Where(a => a.Detail != null).Select(a => a.Detail!).ToListAsync(Cancel)), detail => detail.Contains("E3086CED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lock_out_is_released_only_by_whom_its_rule_names()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var release = host.Services.GetRequiredService<ReleaseLockOut>();
        var staff = new StaffActor(lab.Ada, Role.FrontDesk);
        var byManager = await LockAsync(LockOutReleaseRule.Manager);
        var refused = await release.HandleAsync(byManager, staff, Cancel);
        var released = await release.HandleAsync(byManager, lab.Manager, Cancel);
        var byAuthor = await LockAsync(LockOutReleaseRule.Author);
        var notAuthor = await release.HandleAsync(byAuthor, staff, Cancel);
        var author = await release.HandleAsync(byAuthor, lab.Manager, Cancel);
        var twice = await release.HandleAsync(byAuthor, lab.Manager, Cancel);

        Assert.Equal("release_not_allowed", refused.Refusal?.Code);
        Assert.True(released.Done);
        Assert.Equal("release_not_allowed", notAuthor.Refusal?.Code);
        Assert.True(author.Done);
        Assert.Equal("already_released", twice.Refusal?.Code);

        async Task<LockOutId> LockAsync(LockOutReleaseRule rule) => (await host.Services.GetRequiredService<LockMachineOut>()
            .HandleAsync(lab.Machine, new NewLockOut("belt", LockOutMode.Immediate, rule), lab.Manager, Cancel)).Value.Id;
    }

    [Fact]
    public async Task One_relay_channel_switches_one_machine()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var other = MachineId.New(host.Time.Now);
        await host.WriteAsync(write => write.Db.Machines.Add(Machine.From(new MachineRule { Id = other, Code = "CNC-1", NameFr = "Fraiseuse", NameEn = "Mill" })));
        var handler = host.Services.GetRequiredService<BindDevices>();
        var devices = new DevicesOfMachine(0, [new(DeviceRole.Relay, "box", 0), new(DeviceRole.Reader, "box", 0, "em-hex10")]);

        var first = await handler.HandleAsync(lab.Machine, devices, lab.Manager, Cancel);
        var taken = await handler.HandleAsync(other, devices, lab.Manager, Cancel);
        var second = await handler.HandleAsync(other, new DevicesOfMachine(0, [new(DeviceRole.Relay, "box", 1), new(DeviceRole.Reader, "box", 0)]), lab.Manager, Cancel);

        Assert.True(first.Done);
        Assert.Equal("channel_taken", taken.Refusal?.Code);
        Assert.True(second.Done);
    }

    [Fact]
    public async Task A_minor_who_comes_of_age_keeps_no_date_of_birth()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var add = host.Services.GetRequiredService<AddPerson>();

        var child = (await add.HandleAsync(new NewPerson(DisplayName: "Lou", BirthDate: new LocalDate(2012, 5, 6)), lab.Manager, Cancel)).Value;
        var adult = (await add.HandleAsync(new NewPerson(BirthDate: new LocalDate(2008, 3, 10)), lab.Manager, Cancel)).Value;
        var unborn = await add.HandleAsync(new NewPerson(BirthDate: new LocalDate(2027, 1, 1)), lab.Manager, Cancel);

        var people = await host.ReadAsync(db => db.People.ToDictionaryAsync(person => person.Id, Cancel));
        Assert.Equal(new LocalDate(2012, 5, 6), people[child.Id].BirthDate);
        Assert.Equal((true, null), (people[adult.Id].IsAdult, people[adult.Id].BirthDate));
        Assert.Equal("birthDate", unborn.Refusal?.Field);
        Assert.Equal(["M03", "M04"], [child.ShortCode, adult.ShortCode]);
    }

    [Fact]
    public async Task Every_change_is_in_the_audit_with_who_made_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        using var browser = await host.StaffBrowserAsync("g01");

        using var locked = await browser.PostAsJsonAsync($"api/v1/machines/{lab.Machine}/lock-outs", new { cause = "belt", mode = "when_idle" }, Cancel);
        var id = (await locked.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetString();
        using var released = await browser.PostAsync($"api/v1/lock-outs/{id}/release", null, Cancel);
        using var broken = await browser.PutAsJsonAsync($"api/v1/machines/{lab.Machine}/service", new { version = 0, brokenCause = "lens" }, Cancel);
        using var stale = await browser.PutAsJsonAsync($"api/v1/machines/{lab.Machine}/service", new { version = 0 }, Cancel);

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict], [locked.StatusCode, released.StatusCode, broken.StatusCode, stale.StatusCode]);
        var audit = await host.ReadAsync(db => (
            from entry in db.Audit join value in db.AuditValues on entry.Seq equals value.Seq
            where value.Subject == lab.Machine.Value select new { entry.Action, value.By }).ToListAsync(Cancel));
        Assert.Equal(["machine.locked_out", "machine.out_of_service", "machine.released"], audit.Select(a => a.Action).Order(StringComparer.Ordinal));
        Assert.All(audit, a => Assert.Equal(lab.Manager.Id, a.By));
    }
}
