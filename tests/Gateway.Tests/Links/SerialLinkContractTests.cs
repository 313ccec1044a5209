using System.Threading.Channels;
using FabLab.Gateway.Links;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Links;

/// <summary>What every serial link must do, run on real terminals against the one this build was compiled with.</summary>
public sealed class SerialLinkContractTests : IAsyncLifetime
{
    private readonly PseudoTerminal _terminal = new();
    private readonly TemporaryFolder _locks = new();
    private readonly Sink _sink = new();
    private ISerialLink _link = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _link = Make();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        _terminal.Dispose();
        _locks.Dispose();
    }

    [Fact]
    public async Task Every_byte_value_comes_through_both_ways_unchanged()
    {
        byte[] every = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        _link.Start(_sink);
        Assert.True(await _sink.NextChangeAsync());

        _terminal.Write(every);
        Assert.Equal(every, await _sink.TakeAsync(256));
        Assert.Equal(LinkSend.Sent, _link.Write(every));
        Assert.Equal(every, await _terminal.ReadExactlyAsync(256, Cancellation));
    }

    [Fact]
    public async Task A_frame_in_pieces_comes_in_pieces_and_in_order()
    {
        _link.Start(_sink);
        Assert.True(await _sink.NextChangeAsync());

        foreach (var b in "0123456789"u8.ToArray())
        {
            _terminal.Write([b]);
            Assert.Equal([b], await _sink.TakeAsync(1));
        }
    }

    [Fact]
    public async Task A_port_that_is_unplugged_and_plugged_again_is_opened_again()
    {
        _link.Start(_sink);
        Assert.True(await _sink.NextChangeAsync());

        for (var round = 0; round < 3; round++)
        {
            _terminal.Unplug();
            Assert.False(await _sink.NextChangeAsync());
            Assert.Equal(LinkSend.Down, _link.Write("x"u8));
            _terminal.Plug();
            Assert.True(await _sink.NextChangeAsync());
            _terminal.Write("back"u8);
            Assert.Equal("back"u8.ToArray(), await _sink.TakeAsync(4));
        }
    }

    [Fact]
    public async Task A_port_that_is_not_there_yet_is_waited_for()
    {
        _terminal.Unplug();
        _link.Start(_sink);
        while (_link.Status.Fault != LinkFault.Missing)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);

        _terminal.Plug();

        Assert.True(await _sink.NextChangeAsync());
        Assert.Equal(LinkPhase.Up, _link.Status.Phase);
    }

    [Fact]
    public async Task While_the_port_is_away_attempts_are_counted_and_a_port_that_was_open_starts_anew()
    {
        _link.Start(_sink);
        Assert.True(await _sink.NextChangeAsync());

        _terminal.Unplug();
        Assert.False(await _sink.NextChangeAsync());
        while (_link.Status is not { Fault: LinkFault.Missing, Attempts: >= 4 })
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        _terminal.Plug();
        Assert.True(await _sink.NextChangeAsync());

        Assert.Equal((LinkPhase.Up, LinkFault.None, 0), (_link.Status.Phase, _link.Status.Fault, _link.Status.Attempts));
    }

    [Fact]
    public async Task A_second_user_of_the_port_is_kept_out_and_told_by_whom()
    {
        _link.Start(_sink);
        Assert.True(await _sink.NextChangeAsync());
        await using var second = Make();
        second.Start(new Sink());

        while (second.Status.Fault == LinkFault.None)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);

        Assert.Equal(LinkFault.Busy, second.Status.Fault);
        Assert.Contains($"{Environment.ProcessId}", second.Status.Detail, StringComparison.Ordinal);
        _terminal.Write("mine"u8);
        Assert.Equal("mine"u8.ToArray(), await _sink.TakeAsync(4));
    }

    [Fact]
    public async Task A_device_that_does_not_take_its_bytes_does_not_hold_the_writer_for_ever()
    {
        _link.Start(_sink);
        Assert.True(await _sink.NextChangeAsync());
        var result = LinkSend.Sent;

        // Nobody reads the other end: the terminal's buffer fills and stays full.
        for (var i = 0; i < 100 && result == LinkSend.Sent; i++)
            result = _link.Write(new byte[4096]);

        Assert.Equal(LinkSend.Down, result);
    }

    [Fact]
    public async Task A_megabyte_of_noise_comes_whole()
    {
        _link.Start(_sink);
        Assert.True(await _sink.NextChangeAsync());
        var noise = new byte[1_000_000];
        new Random(3).NextBytes(noise);

        var writing = Task.Run(() => _terminal.Write(noise), Cancellation);

        Assert.Equal(noise, await _sink.TakeAsync(noise.Length));
        await writing;
    }

    [Fact]
    public async Task An_exception_in_the_reader_does_not_end_the_link()
    {
        _sink.Fail = true;
        _link.Start(_sink);
        Assert.True(await _sink.NextChangeAsync());

        _terminal.Write("a"u8);
        await _sink.TakeAsync(1);
        _sink.Fail = false;
        _terminal.Write("b"u8);

        Assert.Equal("b"u8.ToArray(), await _sink.TakeAsync(1));
    }

    [Fact]
    public void A_rate_that_no_adapter_can_do_is_refused_when_it_is_set() =>
        Assert.Throws<ArgumentException>(() => SerialLinks.Create(new SerialLinkOptions { Path = "/dev/null", Baud = 250_000 }, TimeProvider.System, NullLogger.Instance));

    private ISerialLink Make() => SerialLinks.Create(
        new SerialLinkOptions
        {
            Path = _terminal.Path,
            Baud = 115_200,
            LockFolder = _locks.Path,
            Backoff = new BackoffOptions { First = TimeSpan.FromMilliseconds(10), Longest = TimeSpan.FromMilliseconds(100) },
        },
        TimeProvider.System,
        NullLogger.Instance);

    private sealed class Sink : ISerialSink
    {
        private readonly Channel<byte[]> _bytes = Channel.CreateUnbounded<byte[]>();
        private readonly Channel<bool> _changes = Channel.CreateUnbounded<bool>();
        private byte[] _rest = [];

        public bool Fail { get; set; }

        public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
        {
            _bytes.Writer.TryWrite(bytes.ToArray());
            if (Fail)
                throw new InvalidOperationException("test");
        }

        public void OnLinkChanged(bool up) => _changes.Writer.TryWrite(up);

        public async Task<bool> NextChangeAsync() => await _changes.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        public async Task<byte[]> TakeAsync(int count)
        {
            var all = new List<byte>(_rest);
            while (all.Count < count)
                all.AddRange(await _bytes.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
            _rest = [.. all.Skip(count)];
            return [.. all.Take(count)];
        }
    }
}
