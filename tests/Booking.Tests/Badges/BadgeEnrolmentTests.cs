using System.Text.Json;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Badges;

public sealed class BadgeEnrolmentTests
{
    private static readonly DeviceId Desk = new("desk-1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_unknown_badge_tapped_next_at_the_reader_is_the_persons(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await LabAsync(host);
        var wait = await WaitAsync(host, lab, lab.Bob);
        var since = (await FeedAsync(host, 0)).Revision;

        await TapAsync(host, 1, "em:0C000621A5");

        var after = await EnrolmentAsync(host, wait);
        Assert.Equal(BadgeEnrolmentState.Done, after.State);
        var badge = await host.ReadAsync(db => db.Badges.SingleAsync(b => b.Id == after.BadgeId, Cancel));
        Assert.Equal(lab.Bob, badge.PersonId);
        // In force: what gateways copy has it.
        var rule = Assert.IsType<BadgeRule>(Assert.Single((await FeedAsync(host, since)).Changes).Entity);
        Assert.Equal((badge.Id, lab.Bob), (rule.Id, rule.Person!.Value));
        Assert.Equal(lab.Manager.Id, await host.ReadAsync(db =>
            db.AuditValues.Where(value => db.Audit.Any(entry => entry.Seq == value.Seq && entry.Action == "badge.enrolled")).Select(value => value.By).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task What_is_stored_of_the_tap_holds_neither_number_nor_hash()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        await WaitAsync(host, lab, lab.Bob);

        var receipt = await TapAsync(host, 1, "em:0C000621A5");
        var again = await TapAsync(host, 1, "em:0C000621A5");

        Assert.Empty(receipt.Refused);
        Assert.Empty(again.Refused);
        var row = await host.ReadAsync(db => db.Journal.SingleAsync(Cancel));
        Assert.Equal("""{"device":"desk-1","reader":0}""", row.Body);
    }

    [Fact]
    public async Task A_second_badge_a_late_one_and_one_at_another_reader_are_nobodys()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        await WaitAsync(host, lab, lab.Bob);

        await TapAsync(host, 1, "em:0100000001", device: new DeviceId("desk-2"));
        await TapAsync(host, 2, "em:0100000002", reader: 1);
        await TapAsync(host, 3, "em:0100000003", at: host.Time.Now - Duration.FromMinutes(10));
        await TapAsync(host, 4, "em:0100000004", at: host.Time.Now + BadgeEnrolment.Window + Duration.FromSeconds(3));
        Assert.Empty(await BadgesOfAsync(host, lab.Bob));
        await TapAsync(host, 5, "em:0100000005");
        await TapAsync(host, 6, "em:0100000006");

        Assert.Single(await BadgesOfAsync(host, lab.Bob));
    }

    [Fact]
    public async Task Without_a_wait_an_unknown_badge_leaves_nothing_behind()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);

        await TapAsync(host, 1, "em:0C000621A5");

        Assert.Empty(await BadgesOfAsync(host, lab.Bob));
        Assert.Single(await host.ReadAsync(db => db.Badges.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task A_badge_of_somebody_else_is_a_conflict_and_stays_theirs()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        var wait = await WaitAsync(host, lab, lab.Bob);

        await TapAsync(host, 1, "em:62E3086CED");

        var after = await EnrolmentAsync(host, wait);
        Assert.Equal((BadgeEnrolmentState.Taken, (PersonId?)lab.Ada), (after.State, after.OtherPerson));
        Assert.Equal(lab.AdasBadge, Assert.Single(await BadgesOfAsync(host, lab.Ada)).Id);
        Assert.Empty(await BadgesOfAsync(host, lab.Bob));
    }

    [Fact]
    public async Task A_known_badge_at_a_machines_reader_tells_who_waits()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        await host.WriteAsync(write => write.Db.MachineDevices.Add(new MachineDevice { MachineId = lab.Machine, Role = DeviceRole.Reader, DeviceId = Desk }));
        var wait = await WaitAsync(host, lab, lab.Bob);
        var story = new MachineStory(lab.Machine, host.Time.Now).Tap(lab.Ada, lab.AdasBadge);

        await host.GatewayClient().JournalAsync(new JournalBatch(7, story.Records()), Cancel);

        Assert.Equal((BadgeEnrolmentState.Taken, (PersonId?)lab.Ada), (await EnrolmentAsync(host, wait)).Outcome());
    }

    [Fact]
    public async Task A_number_too_short_to_tell_two_badges_apart_gives_neither()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        var enrol = host.Services.GetRequiredService<EnrolBadge>();
        Assert.True((await enrol.HandleAsync(lab.Ada, new BadgeToEnrol("em:01AABBCCDD"), lab.Manager, Cancel)).Done);
        Assert.True((await enrol.HandleAsync(lab.Ada, new BadgeToEnrol("em:02AABBCCDD"), lab.Manager, Cancel)).Done);
        var wait = await WaitAsync(host, lab, lab.Bob);

        await TapAsync(host, 1, "em:AABBCCDD", truncates: true);

        Assert.Equal(BadgeEnrolmentState.Ambiguous, (await EnrolmentAsync(host, wait)).State);
        Assert.Empty(await BadgesOfAsync(host, lab.Bob));
    }

    [Fact]
    public async Task One_reader_waits_for_one_person_and_a_second_click_waits_once()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        var handler = host.Services.GetRequiredService<WaitForBadge>();
        var first = await handler.HandleAsync(lab.Bob, new ReaderToWatch("desk-1"), lab.Manager, Cancel);

        var twice = await handler.HandleAsync(lab.Bob, new ReaderToWatch("desk-1"), lab.Manager, Cancel);
        var other = await handler.HandleAsync(lab.Ada, new ReaderToWatch("desk-1"), lab.Manager, Cancel);
        var elsewhere = await handler.HandleAsync(lab.Ada, new ReaderToWatch("desk-1", 1), lab.Manager, Cancel);

        Assert.Equal(first.Value.Id, twice.Value.Id);
        Assert.Equal("reader_busy", other.Refusal?.Code);
        Assert.True(elsewhere.Done);

        host.Time.Advance(BadgeEnrolment.Window);
        var later = await handler.HandleAsync(lab.Ada, new ReaderToWatch("desk-1"), lab.Manager, Cancel);
        Assert.True(later.Done, later.Refusal?.Code);
    }

    [Fact]
    public async Task A_wait_that_was_stopped_takes_no_badge_and_cannot_be_stopped_twice()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        var handler = host.Services.GetRequiredService<WaitForBadge>();
        var wait = await WaitAsync(host, lab, lab.Bob);

        Assert.True((await handler.CancelAsync(wait, lab.Manager, Cancel)).Done);
        Assert.Equal("enrolment_over", (await handler.CancelAsync(wait, lab.Manager, Cancel)).Refusal?.Code);
        await TapAsync(host, 1, "em:0C000621A5");

        Assert.Empty(await BadgesOfAsync(host, lab.Bob));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task After_a_new_key_a_badge_is_hashed_anew_when_it_is_read_and_the_old_key_goes_when_no_badge_needs_it(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await LabAsync(host);
        await host.Services.GetRequiredService<EnrolBadge>().HandleAsync(lab.Bob, new BadgeToEnrol("em:0100000005"), lab.Manager, Cancel);
        var keys = host.Services.GetRequiredService<IBadgeKeys>();
        var adas = await host.ReadAsync(db => db.Badges.SingleAsync(b => b.PersonId == lab.Ada, Cancel));

        Assert.Equal(new BadgeKeyStanding(2, 2, 2, 2), await keys.RotateAsync(Cancel));

        // Typed at the front desk: the same badge, not a second one.
        var typed = await host.Services.GetRequiredService<EnrolBadge>().HandleAsync(lab.Bob, new BadgeToEnrol("em:62E3086CED"), lab.Manager, Cancel);
        Assert.Equal("badge_taken", typed.Refusal?.Code);
        // Read at a machine: the gateway tells which badge it is.
        var bobs = await host.ReadAsync(db => db.Badges.SingleAsync(b => b.PersonId == lab.Bob, Cancel));
        var print = Print(host, "em:0100000005");
        var since = (await FeedAsync(host, 0)).Revision;
        await host.GatewayClient().JournalAsync(
            new JournalBatch(7, [new JournalRecord(1, null, host.Time.Now, JournalKinds.Badge, JsonSerializer.SerializeToElement(
                new BadgeSeen(Desk, 0, print, false) { Renews = bobs.Id }, CoreJson.Options))]), Cancel);
        var rule = Assert.IsType<BadgeRule>(Assert.Single((await FeedAsync(host, since)).Changes).Entity);
        Assert.Equal((bobs.Id, print, (ushort)2), (rule.Id, rule.Print, rule.Print.Full.KeyId));
        // A refusal leaves everything as it was; a number that is taken renews nothing.
        var waiting = await keys.StandingAsync(Cancel);
        Assert.Equal(2, waiting.Key);
        await host.WriteAsync(write => write.Db.Badges.Single(b => b.Id == adas.Id).Renew(Print(host, "em:62E3086CED")));

        Assert.Equal(new BadgeKeyStanding(3, 2, 2, 2), await keys.RotateAsync(Cancel));
    }

    [Theory]
    [InlineData(null, 0, "bad_value")]
    [InlineData("", 0, "bad_value")]
    [InlineData("no-such-reader", 0, "device_unknown")]
    [InlineData("desk-1", -1, "bad_value")]
    [InlineData("desk-1", 64, "bad_value")]
    public async Task A_reader_that_is_not_there_is_refused_in_a_clear_way(string? device, int reader, string code)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        var handler = host.Services.GetRequiredService<WaitForBadge>();

        Assert.Equal(code, (await handler.HandleAsync(lab.Bob, new ReaderToWatch(device, reader), lab.Manager, Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task A_record_that_is_no_badge_is_refused_and_the_next_is_taken()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        await WaitAsync(host, lab, lab.Bob);
        var bad = new JournalRecord(1, null, host.Time.Now, JournalKinds.Badge, JsonSerializer.SerializeToElement(new { device = "desk-1", reader = 0 }));

        var receipt = await host.GatewayClient().JournalAsync(new JournalBatch(7, [bad, Tap(host, 2, "em:0C000621A5")]), Cancel);

        Assert.Equal((1L, RecordRefusals.BadBody), (Assert.Single(receipt.Refused).Seq, receipt.Refused[0].Code));
        Assert.Single(await BadgesOfAsync(host, lab.Bob));
    }

    [Theory]
    [InlineData("ààç;éè__(")]
    [InlineData("009,27885")]
    public async Task A_keyboard_wedge_on_an_AZERTY_host_gives_the_same_badge(string typed)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        var enrol = host.Services.GetRequiredService<EnrolBadge>();

        var outcome = await enrol.HandleAsync(lab.Bob, new BadgeToEnrol(typed, "em-fc"), lab.Manager, Cancel);

        Assert.True(outcome.Done, outcome.Refusal?.Detail);
        var badge = Assert.Single(await BadgesOfAsync(host, lab.Bob));
        Assert.Equal(Print(host, "em:096CED").Full, badge.Full);
    }

    [Fact]
    public async Task A_person_has_several_badges_each_with_its_level_and_a_lost_one_is_told_to_gateways_at_once()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        var enrol = host.Services.GetRequiredService<EnrolBadge>();
        var change = host.Services.GetRequiredService<ChangeBadge>();
        var second = await enrol.HandleAsync(lab.Ada, new BadgeToEnrol("iso:94D8FC5F", Assurance: BadgeAssurance.Authenticated), lab.Manager, Cancel);
        var since = (await FeedAsync(host, 0)).Revision;
        var waiting = host.GatewayClient().PolicyAsync(since, TimeSpan.FromSeconds(30), Cancel);

        var lost = await change.HandleAsync(second.Value.Id, new BadgeChange(0, BadgeState.Lost), lab.Manager, Cancel);

        Assert.True(lost.Done, lost.Refusal?.Code);
        // The gateway's question waits at Booking; the commit answers it.
        var rule = Assert.IsType<BadgeRule>(Assert.Single((await waiting).Changes).Entity);
        Assert.Equal((BadgeState.Lost, BadgeAssurance.Authenticated), (rule.State, rule.Assurance));
        Assert.Equal(2, (await BadgesOfAsync(host, lab.Ada)).Count);
        Assert.Equal("stale", (await change.HandleAsync(second.Value.Id, new BadgeChange(0, BadgeState.Active), lab.Manager, Cancel)).Refusal?.Code);
    }

    private static async Task<SmallLab> LabAsync(BookingHost host)
    {
        var lab = await SmallLab.InAsync(host);
        await host.WriteAsync(write =>
        {
            // Under the key of this host, as a badge enrolled here would be.
            var old = write.Db.Badges.Single();
            write.Db.Badges.Remove(old);
        });
        var print = Print(host, "em:62E3086CED");
        var badge = Badge.From(print, host.Time.Now);
        badge.PersonId = lab.Ada;
        await host.WriteAsync(write =>
        {
            write.Db.Badges.Add(badge);
            write.Db.Devices.Add(new Device { Id = Desk, Driver = "node" });
            write.Db.Devices.Add(new Device { Id = new DeviceId("desk-2"), Driver = "node" });
        });
        return lab with { AdasBadge = badge.Id };
    }

    private static BadgePrint Print(BookingHost host, string number) => host.Services.GetRequiredService<BadgeKeys>().Hasher.Print(BadgeNumber.Parse(number)!);

    private static async Task<Guid> WaitAsync(BookingHost host, SmallLab lab, PersonId person)
    {
        var outcome = await host.Services.GetRequiredService<WaitForBadge>().HandleAsync(person, new ReaderToWatch(Desk.Value), lab.Manager, Cancel);
        Assert.True(outcome.Done, outcome.Refusal?.Code);
        return outcome.Value.Id;
    }

    private static JournalRecord Tap(BookingHost host, long seq, string number, DeviceId? device = null, int reader = 0, bool truncates = false, Instant? at = null) =>
        new(seq, null, at ?? host.Time.Now, JournalKinds.Badge, JsonSerializer.SerializeToElement(
            new BadgeSeen(device ?? Desk, reader, Print(host, number), truncates), CoreJson.Options));

    private static Task<JournalReceipt> TapAsync(
        BookingHost host, long seq, string number, DeviceId? device = null, int reader = 0, bool truncates = false, Instant? at = null) =>
        host.GatewayClient().JournalAsync(new JournalBatch(7, [Tap(host, seq, number, device, reader, truncates, at)]), Cancel);

    private static Task<BadgeEnrolment> EnrolmentAsync(BookingHost host, Guid id) =>
        host.ReadAsync(db => db.BadgeEnrolments.SingleAsync(wait => wait.Id == id, Cancel));

    private static Task<List<Badge>> BadgesOfAsync(BookingHost host, PersonId person) =>
        host.ReadAsync(db => db.Badges.Where(badge => badge.PersonId == person).ToListAsync(Cancel));

    private static Task<PolicyFeed> FeedAsync(BookingHost host, long since) => host.GatewayClient().PolicyAsync(since, TimeSpan.Zero, Cancel);
}

file static class Outcomes
{
    public static (BadgeEnrolmentState State, PersonId? Other) Outcome(this BadgeEnrolment wait) => (wait.State, wait.OtherPerson);
}
