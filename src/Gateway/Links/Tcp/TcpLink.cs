using System.Net.Sockets;
using System.Threading.Channels;

namespace FabLab.Gateway.Links.Tcp;

/// <summary>Where a TCP link delivers, on the link's own task, one call at a time. Return quickly.</summary>
public interface ITcpSink
{
    /// <param name="bytes">What was read, at least one byte, cut anywhere; only valid during the call.</param>
    void OnBytes(ReadOnlySpan<byte> bytes);

    /// <summary>The connection was made, or is gone.</summary>
    /// <param name="up">Whether it is there.</param>
    /// <param name="why">Why not, for a log; null when it is.</param>
    void OnLinkChanged(bool up, string? why);
}

/// <summary>One connection to a device that speaks over plain TCP. It connects by itself, again and again, ever more seldom. Thread-safe.</summary>
public sealed class TcpLink : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly BackoffOptions Waits = new() { First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(30) };

    private readonly string _host;
    private readonly int _port;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();

    // Full: what is newer is dropped. A question that waits behind others is none any more.
    private readonly Channel<byte[]> _out = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private Task _running = Task.CompletedTask;
    private CancellationTokenSource? _once;
    private int _closed;

    /// <summary>Makes the link; nothing is sent yet.</summary>
    public TcpLink(string host, int port, TimeProvider time) => (_host, _port, _time) = (host, port, time);

    /// <summary>Starts to connect and to deliver. Once.</summary>
    public void Start(ITcpSink sink) => _running = Task.Run(() => RunAsync(sink));

    /// <summary>Sends now or not at all.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _out.Writer.TryWrite(bytes.ToArray());

    /// <summary>Gives the present connection up and makes another.</summary>
    public void Again()
    {
        try
        {
            Volatile.Read(ref _once)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just been given up by itself.
            return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(ITcpSink sink)
    {
        var backoff = new Backoff(Waits);
        while (!_stop.IsCancellationRequested)
        {
            var why = await OnceAsync(sink, backoff).ConfigureAwait(false);
            if (_stop.IsCancellationRequested)
                return;
            sink.OnLinkChanged(false, why);
            await Task.Delay(backoff.Next(), _time, _stop.Token).ConfigureAwait(false);
        }
    }

    private async Task<string> OnceAsync(ITcpSink sink, Backoff backoff)
    {
        using var once = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Volatile.Write(ref _once, once);
        Task writing = Task.CompletedTask;
        try
        {
            using var client = new TcpClient { NoDelay = true };
            using (var limit = new CancellationTokenSource(Patience, _time))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, once.Token))
                await client.ConnectAsync(_host, _port, either.Token).ConfigureAwait(false);
            var stream = client.GetStream();
            while (_out.Reader.TryRead(out _))
            {
                // Asked of the connection before.
            }
            backoff.Reset();
            writing = WriteAsync(stream, once.Token);
            sink.OnLinkChanged(true, null);
            var bytes = new byte[4096];
            int count;
            while ((count = await stream.ReadAsync(bytes, once.Token).ConfigureAwait(false)) > 0)
                sink.OnBytes(bytes.AsSpan(0, count));
            return "it closed the connection";
        }
        catch (Exception fault) when (fault is SocketException or IOException or OperationCanceledException)
        {
            return fault is OperationCanceledException ? "no answer in time" : fault.Message;
        }
        finally
        {
            Volatile.Write(ref _once, null);
            await once.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        await foreach (var bytes in _out.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }
}
