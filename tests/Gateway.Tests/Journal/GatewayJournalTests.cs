using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Journal;

public sealed class GatewayJournalTests : IAsyncDisposable
{
    private static readonly MachineId Laser = new(Guid.Parse("0198c000-0000-7000-8000-000000000001"));

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly ManualTime _disk = new();
    private GatewayJournal _journal;

    public GatewayJournalTests() => _journal = Open();

    [Fact]
    public async Task A_full_file_refuses_and_takes_again_when_there_is_space()
    {
        await _journal.CommitAsync(Commit("before"));
        await _journal.LimitAsync(1);
        var changes = new List<StorageFault?>();
        _journal.Health.Changed += changes.Add;

        var refused = await _journal.CommitAsync(Commit(new string('x', 100_000)));
        Assert.Equal(StorageFaultKind.Full, Assert.IsType<JournalResult.Failed>(refused).Fault.Kind);
        Assert.NotNull(_journal.Health.Fault);
        _time.Advance(Duration.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), _journal.Health.FailingFor);

        await _journal.LimitAsync(0);
        Assert.IsType<JournalResult.Written>(await _journal.CommitAsync(Commit("after")));
        Assert.Null(_journal.Health.Fault);
        Assert.Equal(["before", "after"], _journal.ReadAfter(0, 10).Select(r => r.Json));
        Assert.Equal(2, changes.Count);
    }

    [Fact]
    public async Task A_full_file_is_probed_so_that_recovery_needs_no_tap()
    {
        await _journal.LimitAsync(1);
        Assert.IsType<JournalResult.Failed>(await _journal.CommitAsync(Commit(new string('x', 100_000))));
        var recovered = new TaskCompletionSource();
        _journal.Health.Changed += fault => { if (fault is null) recovered.TrySetResult(); };

        _time.Advance(GatewayJournal.ProbeEvery);
        Assert.False(recovered.Task.IsCompleted);
        // Room is made without a write that succeeds: only the probe can find it.
        var made = false;
        while (!made)
        {
            try
            {
                await _journal.WriteAsync<int>(s =>
                {
                    s.Pragma("max_page_count=1073741823");
                    throw new InvalidOperationException("not a write");
                });
            }
            catch (InvalidOperationException)
            {
                made = true;
            }
        }
        Assert.NotNull(_journal.Health.Fault);
        while (!recovered.Task.IsCompleted)
        {
            _time.Advance(GatewayJournal.ProbeEvery);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Null(_journal.Health.Fault);
    }

    [Fact]
    public async Task A_write_that_is_wrong_in_itself_does_not_pull_the_others_down()
    {
        // All in one group: the first keeps the writer busy until the rest is queued.
        using var gate = new ManualResetEventSlim();
        var first = _journal.WriteAsync(_ => { gate.Wait(TestContext.Current.CancellationToken); return 0; });
        var good = _journal.CommitAsync(Commit("good"));
        var bad = _journal.WriteAsync<int>(_ => throw new InvalidOperationException("wrong in itself"));
        var alsoBad = _journal.WriteAsync(s => s.Execute("INSERT INTO policy (id, revision, at) VALUES (2, 0, 0)"));
        var alsoGood = _journal.CommitAsync(Commit("also good"));
        gate.Set();

        await first;
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        await Assert.ThrowsAnyAsync<Exception>(() => alsoBad);
        Assert.IsType<JournalResult.Written>(await good);
        Assert.IsType<JournalResult.Written>(await alsoGood);
        Assert.Equal(["good", "also good"], _journal.ReadAfter(0, 10).Select(r => r.Json));
        Assert.Null(_journal.Health.Fault);
    }

    [Fact]
    public async Task A_second_gateway_on_the_same_file_is_refused_and_told_why()
    {
        var e = Assert.Throws<IOException>(Open);

        Assert.Contains("Another gateway", e.Message, StringComparison.Ordinal);
        Assert.IsType<JournalResult.Written>(await _journal.CommitAsync(Commit("undisturbed")));
    }

    [Fact]
    public async Task After_closing_a_write_is_refused_and_not_forgotten_silently()
    {
        await _journal.DisposeAsync();

        var result = await _journal.CommitAsync(Commit("late"));

        Assert.Equal(StorageFaultKind.Closed, Assert.IsType<JournalResult.Failed>(result).Fault.Kind);
    }

    [Fact]
    public async Task Closing_over_a_disk_that_does_not_answer_ends_and_keeps_other_gateways_out()
    {
        using var answer = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stuck = _journal.WriteAsync(_ =>
        {
            entered.SetResult();
            answer.Wait(CancellationToken.None);
            return 0;
        });
        await entered.Task;
        var behind = _journal.CommitAsync(Commit("behind"));

        var closing = _journal.DisposeAsync().AsTask();
        await _disk.WaitForTimerDueInAsync(Duration.FromTimeSpan(GatewayJournal.PatienceAtClose), TestContext.Current.CancellationToken);
        Assert.False(closing.IsCompleted);
        _disk.Advance(GatewayJournal.PatienceAtClose);
        await closing;

        Assert.Equal(StorageFaultKind.Closed, Assert.IsType<JournalResult.Failed>(await behind).Fault.Kind);
        Assert.Throws<IOException>(Open);
        answer.Set();
        await stuck;
    }

    [Fact]
    public async Task What_was_given_up_on_a_silent_disk_is_not_there_when_the_disk_answers_again()
    {
        var cancel = TestContext.Current.CancellationToken;
        var machine = MachineId.New(default);
        var before = new MachineSnapshot(machine, default, "before");
        var key = new JournalKey(new DeviceId("node-a"), 1, 1);
        await _journal.CommitAsync(new JournalCommit { Snapshot = before });
        using var first = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        var inFirst = Stall(first, out var stalledFirst);
        await inFirst;
        // In one transaction: written, and then the disk is silent once more.
        var now = _journal.CommitNowAsync(
            new JournalCommit { Entries = [new JournalEntry(machine, default, "test", "given up", key)], Snapshot = new MachineSnapshot(machine, default, "after") }, before);
        var other = _journal.CommitAsync(Commit("of somebody else"));
        var inSecond = Stall(second, out var stalledSecond);
        first.Set();
        await inSecond;

        await _disk.WaitForTimerDueInAsync(Duration.FromTimeSpan(GatewayJournal.Patience), cancel);
        _disk.Advance(GatewayJournal.Patience);
        Assert.Equal(StorageFaultKind.Silent, Assert.IsType<JournalResult.Failed>(await now).Fault.Kind);
        Assert.Equal(StorageFaultKind.Silent, _journal.Health.Fault?.Kind);
        second.Set();
        await Task.WhenAll(stalledFirst, stalledSecond);

        Assert.IsType<JournalResult.Written>(await other);
        Assert.Null(_journal.Health.Fault);
        Assert.Equal("before", Assert.Single(_journal.ReadSnapshots()).Json);
        Assert.DoesNotContain(_journal.ReadAfter(0, 100), row => row.Json == "given up");
        Assert.False(_journal.IsKnown(key));
        Assert.IsType<JournalResult.Written>(await _journal.CommitAsync(new JournalCommit { Entries = [new JournalEntry(machine, default, "test", "again", key)] }));
        Assert.Equal(["of somebody else", "again"], _journal.ReadAfter(0, 100).Select(row => row.Json).TakeLast(2));
    }

    [Fact]
    public async Task A_disk_that_is_silent_is_reported_though_nobody_waits_for_it()
    {
        using var answer = new ManualResetEventSlim();
        await Stall(answer, out var stalled);
        Assert.Null(_journal.Health.Fault);

        _time.Advance(GatewayJournal.ProbeEvery);
        Assert.Null(_journal.Health.Fault);
        _disk.Advance(GatewayJournal.Patience);
        _time.Advance(GatewayJournal.ProbeEvery);

        Assert.Equal(StorageFaultKind.Silent, _journal.Health.Fault?.Kind);
        answer.Set();
        await stalled;
        Assert.Null(_journal.Health.Fault);
    }

    /// <summary>A disk that does not answer until it is told to. Completes when it has stopped answering.</summary>
    private Task Stall(ManualResetEventSlim answer, out Task stalled)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stalled = _journal.WriteAsync(_ =>
        {
            entered.SetResult();
            answer.Wait(CancellationToken.None);
            return 0;
        });
        return entered.Task;
    }

    [Fact]
    public async Task A_device_record_is_taken_once_in_any_order_and_across_a_restart()
    {
        var keys = Enumerable.Range(1, 20).Select(i => new JournalKey(new DeviceId("node-a"), (uint)(1 + i / 10), (uint)i)).ToList();
        var shuffled = keys.Concat(keys).Concat(keys).OrderBy(k => (k.Sequence * 7919 + 13) % 31).ToList();

        foreach (var key in shuffled.Take(30))
            await _journal.CommitAsync(Commit($"{key.Sequence}", key));
        await _journal.DisposeAsync();
        _journal = Open();
        foreach (var key in shuffled.Skip(30))
            await _journal.CommitAsync(Commit($"{key.Sequence}", key));

        Assert.Equal(
            keys.Select(k => k.Sequence),
            _journal.ReadAfter(0, 100).Select(r => uint.Parse(r.Json, System.Globalization.CultureInfo.InvariantCulture)).Order());
        Assert.All(keys, k => Assert.True(_journal.IsKnown(k)));
        Assert.False(_journal.IsKnown(new JournalKey(new DeviceId("node-a"), 3, 21)));
        Assert.False(_journal.IsKnown(new JournalKey(new DeviceId("node-b"), 1, 1)));
    }

    [Fact]
    public async Task A_duplicate_changes_no_snapshot()
    {
        var key = new JournalKey(new DeviceId("node-a"), 1, 7);
        await _journal.CommitAsync(Commit("a", key) with { Snapshot = new MachineSnapshot(Laser, _time.Now, "running") });

        var result = await _journal.CommitAsync(Commit("a", key) with { Snapshot = new MachineSnapshot(Laser, _time.Now, "idle") });

        Assert.IsType<JournalResult.Duplicate>(result);
        Assert.Equal("running", Assert.Single(_journal.ReadSnapshots()).Json);
    }

    [Fact]
    public async Task One_known_record_among_new_ones_loses_only_itself()
    {
        var keys = Enumerable.Range(1, 3).Select(i => new JournalKey(new DeviceId("node-a"), 1, (uint)i)).ToList();
        await _journal.CommitAsync(Commit("second", keys[1]));

        var result = await _journal.CommitAsync(new JournalCommit
        {
            Entries = [.. Commit("first", keys[0]).Entries, .. Commit("second again", keys[1]).Entries, .. Commit("mine").Entries],
            Records = [keys[2]],
        });

        Assert.IsType<JournalResult.Written>(result);
        Assert.Equal(["second", "first", "mine"], _journal.ReadAfter(0, 10).Select(r => r.Json));
        Assert.True(_journal.IsKnown(keys[2]));
    }

    [Fact]
    public async Task A_new_file_has_a_new_epoch_and_an_old_one_keeps_its_own()
    {
        var epoch = _journal.Epoch;
        await _journal.DisposeAsync();
        _time.Advance(Duration.FromDays(1));
        _journal = Open();
        Assert.Equal(epoch, _journal.Epoch);

        await using var other = GatewayJournal.Open(_folder.File("other.db"), 0, _time, NullLogger.Instance, _disk);

        Assert.True(other.Epoch > epoch);
    }

    [Fact]
    public async Task Many_writers_share_commits_and_lose_nothing()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(() => _journal.CommitAsync(Commit($"{i}")))));

        var numbers = results.Select(r => Assert.IsType<JournalResult.Written>(r).First).ToList();
        Assert.Equal(2000, numbers.Distinct().Count());
        Assert.Equal(2000, _journal.ReadAfter(0, 5000).Count);
        Assert.Equal(2000, _journal.LastSequence);
        var (groups, items) = _journal.WriterCounts;
        Assert.True(groups < items, $"{items} writes in {groups} transactions");
    }

    [Fact]
    public async Task Somebody_who_waits_for_a_line_wakes_when_it_is_there()
    {
        var waiting = _journal.WaitForAsync(0, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        await _journal.CommitAsync(Commit("now"));

        await waiting;
        Assert.True(_journal.WaitForAsync(0, TestContext.Current.CancellationToken).IsCompleted);
        Assert.False(_journal.WaitForAsync(1, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task A_counter_never_gives_a_number_twice()
    {
        var counters = new CounterStore(_journal);
        Assert.Equal(1, await counters.ReserveAsync("lease", 1000));
        Assert.Equal(1001, await counters.ReserveAsync("lease", 1000));
        await _journal.DisposeAsync();
        _journal = Open();
        counters = new CounterStore(_journal);

        Assert.Equal(2001, await counters.ReserveAsync("lease", 1));
        Assert.True(await counters.RaiseAsync("seen", 50));
        Assert.True(await counters.RaiseAsync("seen", 40));
        Assert.Equal(50, counters.Read("seen"));
        await _journal.DisposeAsync();
        Assert.Null(await counters.ReserveAsync("lease", 1));
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        _folder.Dispose();
    }

    private GatewayJournal Open() => GatewayJournal.Open(_folder.File("gateway.db"), 0, _time, NullLogger.Instance, _disk);

    private JournalCommit Commit(string json, JournalKey? record = null) =>
        new() { Entries = [new JournalEntry(Laser, _time.Now, "test", json, record)] };
}
