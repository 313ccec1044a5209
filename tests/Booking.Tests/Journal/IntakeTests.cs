using System.Text.Json;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.Journal;

public sealed class IntakeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_use_from_tap_to_tap_is_one_row_with_its_time(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var story = new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 600, lab.Project);

        var receipt = await host.GatewayClient().JournalAsync(new JournalBatch(1, story.Records()), Cancel);

        Assert.Empty(receipt.Refused);
        Assert.Equal(story.Events.Count, receipt.AcceptedUpTo);
        var row = Assert.Single(await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel)));
        var expected = Assert.Single(LedgerProjection.Of(story.Events).Entries());
        Assert.True(expected is { Settled: true, PoweredMs: > 600_000, WorkingMs: > 0, CoolDownMs: > 0 }, $"{expected}");
        Assert.Equal(
            (expected.Person, expected.Project, expected.PoweredMs, expected.WorkingMs, expected.CoolDownMs, "tapped", ""),
            (row.PersonId, row.ProjectId, row.PoweredMs, row.WorkingMs, row.CoolDownMs, row.EndReason, row.Flags));
        var now = Assert.Single(await host.ReadAsync(db => db.MachinesNow.ToListAsync(Cancel)));
        Assert.Equal(("idle", story.Events[^1].Seq), (now.Code, now.Seq));
    }

    [Fact]
    public async Task Any_order_with_duplicates_gives_the_same_ledger()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var client = host.GatewayClient();
        long epoch = 0;
        for (var seed = 1; seed <= 6; seed++)
        {
            var story = new MachineStory(lab.Machine, host.Time.Now, seed)
                .Random([(lab.Ada, lab.AdasBadge), (lab.Bob, BadgeId.New(host.Time.Now))], signals: 60)
                .Use(lab.Ada, lab.AdasBadge, 300, lab.Project);
            var records = story.Records();
            await client.JournalAsync(new JournalBatch(++epoch, records), Cancel);
            var expected = await LedgerAsync(host, epoch);
            Assert.NotEmpty(expected);

            var random = new Random(seed);
            for (var permutation = 0; permutation < 3; permutation++)
            {
                epoch++;
                var sent = records.Concat(records.Where(_ => random.Next(3) == 0)).ToArray();
                random.Shuffle(sent);
                foreach (var batch in sent.Chunk(random.Next(1, 12)))
                    await client.JournalAsync(new JournalBatch(epoch, batch), Cancel);

                var ledger = await LedgerAsync(host, epoch);
                Assert.True(
                    expected.SequenceEqual(ledger),
                    $"Seed {seed}, permutation {permutation} gives another ledger.\n- {string.Join("\n- ", expected.Except(ledger))}\n+ {string.Join("\n+ ", ledger.Except(expected))}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task What_is_counted_is_what_core_counts(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        for (var seed = 100; seed < 108; seed++)
        {
            var story = new MachineStory(lab.Machine, host.Time.Now, seed).Random([(lab.Ada, lab.AdasBadge)], signals: 80);
            await host.GatewayClient().JournalAsync(new JournalBatch(seed, story.Records()), Cancel);

            var expected = LedgerProjection.Of(story.Events).Entries().Where(entry => entry is { Settled: true, EndedAt: not null }).ToList();
            var rows = await host.ReadAsync(db => db.Ledger.Where(row => row.Epoch == seed).ToListAsync(Cancel));
            Assert.Equal(
                expected.Select(entry => $"{entry.Key} {entry.PoweredMs} {entry.WorkingMs} {entry.UnknownMs} {entry.CoolDownMs}").Order(StringComparer.Ordinal),
                rows.Select(row => $"{row.EntryKey} {row.PoweredMs} {row.WorkingMs} {row.UnknownMs} {row.CoolDownMs}").Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_use_by_somebody_unknown_on_an_unknown_machine_is_stored_and_flagged(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var story = new MachineStory(MachineId.New(host.Time.Now), host.Time.Now).Use(PersonId.New(host.Time.Now), BadgeId.New(host.Time.Now), 60);

        var receipt = await host.GatewayClient().JournalAsync(new JournalBatch(1, story.Records()), Cancel);

        Assert.Empty(receipt.Refused);
        var row = Assert.Single(await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel)));
        Assert.Equal($"{LedgerFlags.UnknownMachine} {LedgerFlags.UnknownPerson}", row.Flags);
    }

    [Fact]
    public async Task A_use_by_somebody_who_may_no_longer_is_stored_and_flagged()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.Badges.SingleAsync(cancel)).State = BadgeState.Lost, Cancel);
        var story = new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 60);

        await host.GatewayClient().JournalAsync(new JournalBatch(1, story.Records()), Cancel);

        Assert.Equal(LedgerFlags.NoLongerAllowed, Assert.Single(await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel))).Flags);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_clock_at_1970_is_stored_and_flagged(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var story = new MachineStory(lab.Machine, Instant.FromUnixTimeSeconds(5)).Use(lab.Ada, lab.AdasBadge, 60);

        await host.GatewayClient().JournalAsync(new JournalBatch(1, story.Records()), Cancel);

        Assert.Equal(LedgerFlags.ClockWrong, Assert.Single(await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel))).Flags);
    }

    [Fact]
    public async Task A_refused_tap_is_kept_with_its_reason_and_its_facts()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var story = new MachineStory(lab.Machine, host.Time.Now).RefusedTap(AccessReason.TrainingMissing, lab.Ada, lab.AdasBadge);

        await host.GatewayClient().JournalAsync(new JournalBatch(1, story.Records()), Cancel);
        await host.GatewayClient().JournalAsync(new JournalBatch(1, story.Records()), Cancel);

        var tap = Assert.Single(await host.ReadAsync(db => db.RefusedTaps.ToListAsync(Cancel)));
        Assert.Equal(("training_missing", lab.Ada), (tap.Reason, tap.PersonId));
        var denied = Assert.IsType<AccessDecision.Denied>(JsonSerializer.Deserialize<AccessDecision>(tap.Decision, CoreJson.Options));
        Assert.Equal(host.Time.Now, denied.Facts.Now);
    }

    [Fact]
    public async Task A_poison_record_is_refused_with_a_code_and_the_rest_goes_on()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var story = new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 60);
        var bad = story.Events.Count;
        var records = story.RefusedTap(AccessReason.MachineBroken).Use(lab.Ada, lab.AdasBadge, 60).Records().ToList();
        records[bad] = records[bad] with
        {
            Body = JsonSerializer.SerializeToElement(new { t = "no_such_event", machine = lab.Machine, seq = bad + 1 }, CoreJson.Options),
        };

        var receipt = await host.GatewayClient().JournalAsync(new JournalBatch(1, records), Cancel);
        var again = await host.GatewayClient().JournalAsync(new JournalBatch(1, [records[bad]]), Cancel);

        Assert.Equal(RecordRefusals.BadBody, Assert.Single(receipt.Refused).Code);
        Assert.Equal(RecordRefusals.BadBody, Assert.Single(again.Refused).Code);
        Assert.Equal(2, await host.ReadAsync(db => db.Ledger.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Another_record_in_the_same_place_is_refused_and_the_first_stays()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var first = new MachineStory(lab.Machine, host.Time.Now).RefusedTap(AccessReason.TrainingMissing, lab.Ada).Records();
        var other = new MachineStory(lab.Machine, host.Time.Now).RefusedTap(AccessReason.MachineBroken, lab.Ada).Records();

        await host.GatewayClient().JournalAsync(new JournalBatch(1, first), Cancel);
        var receipt = await host.GatewayClient().JournalAsync(new JournalBatch(1, other), Cancel);

        Assert.Equal(RecordRefusals.Conflict, Assert.Single(receipt.Refused).Code);
        Assert.Equal("training_missing", (await host.ReadAsync(db => db.RefusedTaps.SingleAsync(Cancel))).Reason);
    }

    [Fact]
    public async Task Events_after_a_gap_wait_for_the_missing_one_but_not_for_ever()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var records = new MachineStory(lab.Machine, host.Time.Now).RefusedTap(AccessReason.MachineBroken).Use(lab.Ada, lab.AdasBadge, 60).Records();
        var client = host.GatewayClient();

        await client.JournalAsync(new JournalBatch(1, [.. records.Skip(1)]), Cancel);
        Assert.Equal(0, await host.ReadAsync(db => db.Ledger.CountAsync(Cancel)));
        host.Time.Advance(Duration.FromMinutes(61));
        await client.JournalAsync(new JournalBatch(1, [new JournalRecord(records.Count + 1, lab.Machine, host.Time.Now, "event",
            JsonSerializer.SerializeToElement<MachineEvent>(new MachineEvent.LinkCameBack(lab.Machine, records.Count + 1, host.Time.Now), CoreJson.Options))]), Cancel);

        var row = Assert.Single(await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel)));
        Assert.Equal(LedgerFlags.Gap, row.Flags);
    }

    [Fact]
    public async Task An_event_that_comes_after_its_use_was_counted_corrects_it_by_new_rows()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var story = new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 60);
        var records = story.Records();
        var work = story.Events.FindIndex(happened => happened is MachineEvent.WorkEnded);
        var client = host.GatewayClient();
        await client.JournalAsync(new JournalBatch(1, [.. records.Where((_, place) => place != work)]), Cancel);
        host.Time.Advance(Duration.FromMinutes(61));
        // Anything that comes after the patience is over lets the machine go on.
        await client.JournalAsync(new JournalBatch(1, [MachineStory.Record(records.Count + 1, new MachineEvent.LinkCameBack(lab.Machine, records.Count + 1, host.Time.Now))]), Cancel);

        await client.JournalAsync(new JournalBatch(1, [records[work]]), Cancel);

        var rows = await host.ReadAsync(db => db.Ledger.OrderBy(row => row.Kind).ToListAsync(Cancel));
        Assert.Equal([LedgerKind.Recorded, LedgerKind.Reversal, LedgerKind.Replacement], rows.Select(row => row.Kind));
        Assert.Equal(LedgerProjection.Of(story.Events).Entries().Sum(entry => entry.WorkingMs), rows.Sum(row => row.WorkingMs));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_lock_out_set_by_the_gateway_is_shown_and_can_be_released_here(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var story = new MachineStory(lab.Machine, host.Time.Now).Power(900).Wait(10).Power(900).Wait(10).Power(900).Signal(new MachineSignal.Tick());
        Assert.Contains(story.Events, happened => happened is MachineEvent.FaultRaised);

        await host.GatewayClient().JournalAsync(new JournalBatch(1, story.Records()), Cancel);

        var open = Assert.Single(await host.ReadAsync(db => db.LockOuts.ToListAsync(Cancel)));
        Assert.Equal((BookingHost.Gateway, null), (open.Gateway, open.ReleasedAt));
        Assert.Equal("welded_contact", Assert.Single(await host.ReadAsync(db => db.Alarms.ToListAsync(Cancel))).Code);
        using var browser = await host.StaffBrowserAsync();
        using var released = await browser.PostAsync($"api/v1/lock-outs/{open.Id}/release", null, Cancel);
        released.EnsureSuccessStatusCode();
        var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        var rule = Assert.IsType<MachineRule>(feed.Changes.Single(change => change.Kind == PolicyKind.Machine).Entity);
        Assert.Equal(open.Id, rule.Released?.LockOut);
    }

    /// <summary>
    /// What stands, and what the whole chain of each entry adds up to. An event that comes after its use was counted replaces the
    /// row by a correction: how many there were on the way is history and depends on the order, what they come to does not.
    /// </summary>
    private static async Task<List<string>> LedgerAsync(BookingHost host, long epoch) => [.. (await host.ReadAsync(
        db => db.Ledger.Where(row => row.Epoch == epoch).ToListAsync(Cancel)))
        .GroupBy(row => row.EntryKey)
        .Select(chain =>
        {
            var r = LedgerBooks.Standing([.. chain])!;
            Assert.Equal(
                (r.PoweredMs, r.WorkingMs, r.CoolDownMs, r.UnknownMs, r.EnergyMwh),
                (chain.Sum(c => c.PoweredMs), chain.Sum(c => c.WorkingMs), chain.Sum(c => c.CoolDownMs), chain.Sum(c => c.UnknownMs), chain.Sum(c => c.EnergyMwh)));
            return $"{r.EntryKey} {r.PersonId} {r.ProjectId} {r.Start} {r.End} {r.PoweredMs} {r.WorkingMs} {r.CoolDownMs} {r.UnknownMs} {r.EnergyMwh} {r.EndReason} {r.Flags}";
        })
        .Order(StringComparer.Ordinal)];
}
