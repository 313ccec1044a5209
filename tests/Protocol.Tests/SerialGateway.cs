using System.Text;
using System.Threading.Channels;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using FabLab.Protocol.Serial;
using FabLab.Testing;

namespace FabLab.Protocol.Tests;

/// <summary>A gateway of one device: a frame line, a peer, and the loop that joins them to the tty.</summary>
internal sealed class SerialGateway : IAsyncDisposable
{
    private readonly PseudoTerminal _terminal;
    private readonly FrameLine _line = new();
    private readonly NodePeer _peer = new(Vectors.Keys, new PeerMemory());
    private readonly Channel<string> _hellos = Channel.CreateUnbounded<string>();
    private readonly Channel<Claimed> _claimed = Channel.CreateUnbounded<Claimed>();
    private readonly Channel<PeerOutput> _outputs = Channel.CreateUnbounded<PeerOutput>();
    private readonly List<PeerOutput> _seen = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private readonly Task _ticking;
    private bool _away;

    public SerialGateway(PseudoTerminal terminal)
    {
        _terminal = terminal;
        _reading = Task.Run(ReadAsync, Token);
        _ticking = Task.Run(TickAsync, Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static PeerTime Now => PeerTime.From(TimeProvider.System);

    public async Task<string> HelloAsync(CancellationToken token) => await _hellos.Reader.ReadAsync(token);

    public async Task<Claimed> EnrolAsync(Claim claim, CancellationToken token)
    {
        lock (_gate)
            Do(_line.Send(Now.MonoMs, FrameType.Claim, claim.ToJson(), out _));
        return await _claimed.Reader.ReadAsync(token);
    }

    /// <summary>Sends a lease as soon as the device may have one: while it is away, or its clock is not known, none goes out.</summary>
    /// <returns>Its number, which the answer repeats.</returns>
    public async Task<uint> LeaseAsync(string session, int ttl, bool start)
    {
        while (true)
        {
            uint number;
            lock (_gate)
                Do(_peer.Lease(Now, 0, session, ttl, start, out number));
            if (number > 0)
                return number;
            await NextAsync<PeerOutput.Ready>(Token);
        }
    }

    public void Configure(Config config)
    {
        lock (_gate)
            Do(_peer.Configure(config));
    }

    public void Update(FirmwareFile firmware)
    {
        lock (_gate)
            Do(_peer.Update(Now, firmware));
    }

    public void Offer(IReadOnlyList<ListChunk> parts)
    {
        lock (_gate)
            Do(_peer.Offer(Now, parts));
    }

    /// <summary>Tells the device that the gateway goes, as it does when it is stopped on purpose, and falls silent.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _away = true;
            Do(_line.Send(Now.MonoMs, FrameType.Gateway, new GatewayState(false, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 1).ToJson(), out _));
        }
    }

    public void ComeBack()
    {
        lock (_gate)
        {
            _away = false;
            Do(_peer.AskBirth(Now));
        }
    }

    public async Task<PeerOutput.Recorded> RecordAsync<T>(CancellationToken token, Func<T, bool>? that = null)
        where T : JournalRecord =>
        await NextAsync<PeerOutput.Recorded>(token, recorded => recorded.Record is T record && (that is null || that(record)));

    // What others waited past stays for those who come later.
    public async Task<T> NextAsync<T>(CancellationToken token, Func<T, bool>? that = null)
        where T : PeerOutput
    {
        for (var i = 0; ; i++)
        {
            if (i == _seen.Count)
                _seen.Add(await _outputs.Reader.ReadAsync(token));
            if (_seen[i] is T output && (that is null || that(output)))
            {
                _seen.RemoveAt(i);
                return output;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_reading, _ticking);
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _terminal.ReadAsync(_end.Token) is { Length: > 0 } bytes)
            {
                lock (_gate)
                    Do(_line.Received(Now.MonoMs, bytes));
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                lock (_gate)
                {
                    Do(_line.Tick(Now.MonoMs));
                    if (!_away)
                        Do(_peer.Tick(Now));
                }
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private void Do(IReadOnlyList<LineOutput> outputs)
    {
        foreach (var output in outputs)
        {
            if (output is LineOutput.Write write)
                _terminal.Write(write.Bytes);
            else if (output is LineOutput.Arrived { Frame: var frame })
                Arrived(frame);
        }
    }

    private void Arrived(Frame frame)
    {
        if (frame.Type == FrameType.Hello)
        {
            Do(_peer.LinkLost());
            _hellos.Writer.TryWrite(Encoding.ASCII.GetString(frame.Payload.Span));
        }
        else if (frame.Type == FrameType.Claimed)
        {
            _claimed.Writer.TryWrite(MessageReader.ReadClaimed(frame.Payload).Value);
        }
        else if (Frame.TryTopic(frame.Type, out var kind))
        {
            Do(_peer.Received(Now, kind, frame.Payload));
        }
    }

    private void Do(IReadOnlyList<PeerOutput> outputs)
    {
        foreach (var output in outputs)
        {
            _outputs.Writer.TryWrite(output);
            if (output is PeerOutput.Send send)
                Do(_line.Send(Now.MonoMs, Frame.TypeOf(send.Kind), send.Payload, out _));
            else if (output is PeerOutput.Recorded recorded)
                Do(_peer.Committed(recorded.Record.Seq));
        }
    }
}
