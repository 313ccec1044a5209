using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers;

public sealed class ReportQueueTests
{
    private static readonly DeviceId Id = new("las-1");
    private readonly ManualTime _time = new();
    private readonly ReportQueue _queue;

    public ReportQueueTests() => _queue = new ReportQueue("las-1", _time, NullLogger.Instance, capacity: 4);

    [Fact]
    public async Task Reports_come_in_order_also_when_the_reader_was_late()
    {
        for (var i = 0; i < 100; i++)
            Assert.True(_queue.Post(Relay(i)));

        for (var i = 0; i < 100; i++)
            Assert.Equal((long)i, ((DeviceReport.RelayReport)await NextAsync()).UptimeMs);
        Assert.Equal(0, _queue.Dropped);
    }

    [Fact]
    public void Power_readings_are_the_first_to_go()
    {
        for (var i = 0; i < 4; i++)
            Assert.True(_queue.Post(Relay(i)));

        Assert.False(_queue.Post(new DeviceReport.PowerReport(Id, _time.Now, 0, 0, 5)));
        Assert.True(_queue.Post(Relay(4)));
        Assert.Equal(1, _queue.Dropped);
    }

    [Fact]
    public async Task A_live_badge_that_waited_too_long_is_dropped_and_one_of_a_journal_is_not()
    {
        for (var i = 0; i < 4; i++)
            _queue.Post(Relay(i));
        _queue.Post(Tap(null));
        _queue.Post(Tap(new JournalKey(Id, 1, 1)));
        _time.Advance(TimeSpan.FromMilliseconds(300));

        for (var i = 0; i < 4; i++)
            Assert.IsType<DeviceReport.RelayReport>(await NextAsync());
        Assert.NotNull((await NextAsync()).Key);
        Assert.Equal(1, _queue.Dropped);
    }

    [Fact]
    public void When_nobody_reads_the_memory_does_not_grow_and_a_record_is_refused_so_that_it_comes_again()
    {
        var taken = 0;
        while (_queue.Post(Tap(new JournalKey(Id, 1, (uint)taken))))
            taken++;

        Assert.InRange(taken, 4096, 4200);
    }

    [Fact]
    public async Task After_the_end_nothing_is_taken_and_the_reader_is_told()
    {
        _queue.Post(Relay(1));
        _queue.Complete();

        Assert.False(_queue.Post(Relay(2)));
        await NextAsync();
        await _queue.Reader.Completion.WaitAsync(TestContext.Current.CancellationToken);
    }

    private async Task<DeviceReport> NextAsync() => await _queue.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    private DeviceReport.RelayReport Relay(int up) => new(Id, _time.Now, _time.GetTimestamp(), 0, true, RelayCauses.Use, null, up);

    private DeviceReport.BadgeRead Tap(JournalKey? key) => new(Id, _time.Now, _time.GetTimestamp(), 0, ReaderProfile.EmHex.Parse("62E3086CED")!, ReaderProfile.EmHex, true, key);
}
