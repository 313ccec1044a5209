using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Messages;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Habilitations;

/// <summary>What time ends is written down once, with why; what was taken back is as before.</summary>
public sealed class ExpiryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task What_has_reached_its_end_is_written_down_once(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var end = host.Time.Now + Duration.FromDays(3);
        await GrantAsync(host, lab, lab.Ada, end);

        await RoundAsync(host);
        Assert.Single(await ActsAsync(host));
        host.Time.Leap(Duration.FromDays(4));
        await RoundAsync(host);
        await RoundAsync(host);

        var acts = await ActsAsync(host);
        Assert.Equal([HabilitationActKind.Granted, HabilitationActKind.Expired], acts.Select(a => a.Kind));
        Assert.Equal((EvidenceKind.Time, end, default(PersonId)), (acts[1].Ground, acts[1].ValidUntil!.Value, acts[1].By));
        var rule = await RuleAsync(host);
        Assert.Equal(end, rule!.ValidUntil);
        Assert.Single(await host.ReadAsync(db => db.Audit.Where(a => a.Action == "habilitation.expired").ToListAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_renewal_after_the_end_holds_again_and_can_end_again(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        await GrantAsync(host, lab, lab.Ada, host.Time.Now + Duration.FromDays(1));
        host.Time.Leap(Duration.FromDays(2));
        await RoundAsync(host);

        await GrantAsync(host, lab, lab.Ada, host.Time.Now + Duration.FromDays(1), lastAct: 2);
        await RoundAsync(host);
        Assert.True((await StandingAsync(host)).HoldsAt(host.Time.Now));
        host.Time.Leap(Duration.FromDays(2));
        await RoundAsync(host);

        Assert.Equal(
            [HabilitationActKind.Granted, HabilitationActKind.Expired, HabilitationActKind.Renewed, HabilitationActKind.Expired], (await ActsAsync(host)).Select(a => a.Kind));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Without_use_at_the_machine_a_habilitation_ends_and_with_use_it_goes_on(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        await UnusedAfterAsync(host, lab, months: 6);
        await GrantAsync(host, lab, lab.Ada, null);
        await GrantAsync(host, lab, lab.Bob, null);
        host.Time.Leap(Duration.FromDays(150));
        await UseAsync(host, lab, lab.Ada);
        host.Time.Leap(Duration.FromDays(10));
        await Told.ClockAsync(host);
        // Whose use was too long ago is told before it ends.
        Assert.Equal(MessageKind.HabilitationExpiring, Assert.Single(await Told.MessagesAsync(host, lab.Bob)).Kind);
        Assert.Empty(await Told.MessagesAsync(host, lab.Ada));
        host.Time.Leap(Duration.FromDays(50));

        await RoundAsync(host);
        await RoundAsync(host);

        var ended = Assert.Single(await ActsAsync(host), act => act.Kind == HabilitationActKind.Expired);
        Assert.Equal(EvidenceKind.Unused, ended.Ground);
        Assert.Equal(lab.Bob, (await host.ReadAsync(db => db.Habilitations.SingleAsync(h => h.Id == ended.HabilitationId, Cancel))).PersonId);
        host.Time.Leap(Duration.FromDays(150));
        await RoundAsync(host);
        Assert.Equal(2, (await ActsAsync(host)).Count(act => act.Kind == HabilitationActKind.Expired));
    }

    [Fact]
    public async Task Standing_beside_a_learner_counts_as_use_and_time_that_was_taken_back_does_not()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await UnusedAfterAsync(host, lab, months: 6);
        await GrantAsync(host, lab, lab.Ada, null);
        await GrantAsync(host, lab, lab.Bob, null);
        host.Time.Leap(Duration.FromDays(150));
        await UseAsync(host, lab, PersonId.New(host.Time.Now), beside: lab.Ada);
        await UseAsync(host, lab, lab.Bob, takenBack: true);
        host.Time.Leap(Duration.FromDays(60));

        await RoundAsync(host);

        var ended = Assert.Single(await ActsAsync(host), act => act.Kind == HabilitationActKind.Expired);
        Assert.Equal(lab.Bob, (await host.ReadAsync(db => db.Habilitations.SingleAsync(h => h.Id == ended.HabilitationId, Cancel))).PersonId);
    }

    [Fact]
    public async Task A_training_that_no_machine_asks_for_is_not_ended_for_want_of_use()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.Trainings.SingleAsync(cancel)).UnusedMonths = 1, Cancel);
        await GrantAsync(host, lab, lab.Ada, null);
        host.Time.Leap(Duration.FromDays(100));

        await RoundAsync(host);

        Assert.Single(await ActsAsync(host));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task An_undo_brings_back_what_was_and_keeps_every_act(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var undo = host.Services.GetRequiredService<UndoHabilitation>();
        // A training good for 24 months, granted without an end, and suspended.
        var id = await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var head = new Habilitation { Id = HabilitationId.New(write.Now), PersonId = lab.Ada, TrainingId = lab.Training };
                write.Db.Habilitations.Add(head);
                write.Db.HabilitationActs.Add(Act(head.Id, 1, HabilitationActKind.Granted, write.Now));
                write.Db.HabilitationActs.Add(Act(head.Id, 2, HabilitationActKind.Suspended, write.Now));
                await Task.CompletedTask;
                return head.Id;
            },
            Cancel);
        var before = await StandingAsync(host);
        await host.Services.GetRequiredService<ActOnHabilitation>().HandleAsync(id, HabilitationActKind.Withdrawn, new HabilitationActRequest("by mistake", 2), lab.Manager, Cancel);

        Assert.True((await undo.HandleAsync(id, 3, lab.Manager, Cancel)).Done);
        Assert.Equal("stale", (await undo.HandleAsync(id, 3, lab.Manager, Cancel)).Refusal!.Code);

        var after = await StandingAsync(host);
        Assert.Equal((before.Level, before.ValidFrom, before.ValidUntil, before.Suspended), (after.Level, after.ValidFrom, after.ValidUntil, after.Suspended));
        Assert.True(after is { Suspended: true, ValidUntil: null });
        Assert.Equal(5, (await ActsAsync(host)).Count);

        HabilitationAct Act(HabilitationId head, int number, HabilitationActKind what, Instant at) => new()
        {
            HabilitationId = head, Number = number, Kind = what, Level = HabilitationLevel.Autonomous, ValidFrom = at, By = lab.Manager.Id, At = at, Evidence = "seen",
        };
    }

    [Fact]
    public async Task The_undo_of_a_first_grant_leaves_nothing_to_hold()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var acted = await GrantAsync(host, lab, lab.Ada, null);

        await host.Services.GetRequiredService<UndoHabilitation>().HandleAsync(acted.Id, acted.Act, lab.Manager, Cancel);

        Assert.Equal(HabilitationLevel.None, (await StandingAsync(host)).Level);
        Assert.Null(await RuleAsync(host));
    }

    [Fact]
    public async Task What_time_ended_is_not_taken_back_but_renewed()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var acted = await GrantAsync(host, lab, lab.Ada, host.Time.Now + Duration.FromDays(1));
        host.Time.Leap(Duration.FromDays(2));
        await RoundAsync(host);

        Assert.Equal("habilitation_not_so", (await host.Services.GetRequiredService<UndoHabilitation>().HandleAsync(acted.Id, 2, lab.Manager, Cancel)).Refusal!.Code);
    }

    private static Task RoundAsync(BookingHost host) => host.Writer.WriteAsync(ExpireHabilitations.RoundAsync, Cancel);

    private static async Task<HabilitationActed> GrantAsync(BookingHost host, SmallLab lab, PersonId person, Instant? until, int? lastAct = null)
    {
        if (until is null)
            await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.Trainings.SingleAsync(cancel)).ValidMonths = null, Cancel);
        return (await host.Services.GetRequiredService<GrantHabilitation>().HandleAsync(
            person, new HabilitationGrant(lab.Training, HabilitationLevel.Autonomous, "first piece seen", ValidUntil: until, LastAct: lastAct), lab.Manager, Cancel)).Value;
    }

    private static Task UnusedAfterAsync(BookingHost host, SmallLab lab, int months) => host.Writer.WriteAsync(
        async (write, cancel) =>
        {
            (await write.Db.Trainings.SingleAsync(cancel)).UnusedMonths = months;
            var machine = await write.Db.Machines.SingleAsync(cancel);
            machine.Describe(machine.Rule with { Requirement = new TrainingNeed.One(lab.Training) });
        },
        Cancel);

    private static Task UseAsync(BookingHost host, SmallLab lab, PersonId person, PersonId? beside = null, bool takenBack = false) => host.WriteAsync(write =>
    {
        var entry = Entry(LedgerKind.Recorded, null);
        write.Db.Ledger.Add(entry);
        if (takenBack)
            write.Db.Ledger.Add(Entry(LedgerKind.Reversal, entry.Id));

        MachineTimeEntry Entry(LedgerKind kind, Guid? corrects) => new()
        {
            Id = Guid.CreateVersion7(), Kind = kind, EntryKey = $"s:{person}", MachineId = lab.Machine, PersonId = person, AccompaniedBy = beside,
            Start = write.Now - Duration.FromMinutes(10), End = write.Now, PoweredMs = kind == LedgerKind.Reversal ? -600_000 : 600_000,
            Corrects = corrects, RecordedAt = write.Now, Gateway = BookingHost.Gateway, Epoch = 1,
        };
    });

    private static Task<List<HabilitationAct>> ActsAsync(BookingHost host) =>
        host.ReadAsync(db => db.HabilitationActs.OrderBy(a => a.HabilitationId).ThenBy(a => a.Number).ToListAsync(Cancel));

    private static async Task<HabilitationStanding> StandingAsync(BookingHost host) =>
        Assert.Single(await host.ReadAsync(db => HabilitationQueries.StandingsAsync(db, null, null, Cancel)));

    /// <summary>What gateways were told last; null when it was taken from them.</summary>
    private static async Task<HabilitationRule?> RuleAsync(BookingHost host) =>
        (HabilitationRule?)(await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Changes.LastOrDefault(c => c.Kind == PolicyKind.Habilitation)?.Entity;
}
