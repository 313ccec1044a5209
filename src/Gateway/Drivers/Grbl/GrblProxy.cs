using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using FabLab.Core;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Grbl;

/// <summary>
/// A machine with GRBL on a serial port of this computer, and a network port for the program that drives it. Bytes go both ways as they
/// came. While a program is there the gateway listens and says nothing, not even the question mark; while none is, it asks once a second.
/// </summary>
internal sealed class GrblProxy : GrblWitness, ISerialSink
{
    /// <summary>So few bytes at once that a controller which holds nothing back gets them as its program meant.</summary>
    private const int Piece = 128;

    /// <summary>What waits for a program that does not read; a controller says a few hundred bytes a second.</summary>
    private const int MostWaiting = 4096;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>An answer to our own question is not handed to a program that has just come.</summary>
    private static readonly TimeSpan AnswerTakes = TimeSpan.FromMilliseconds(200);

    private readonly SerialDoor _door;
    private Program? _program;
    private TaskCompletionSource? _answered;
    private bool _isUp;

    public GrblProxy(DeviceId id, ISerialLink link, IPEndPoint door, TimeProvider time, ILogger logger)
        : base(id, time, logger)
    {
        _door = new SerialDoor(link, door, time);
    }

    /// <summary>Where the program connects.</summary>
    internal IPEndPoint Door => _door.At;

    /// <summary>Whether a program is there.</summary>
    internal bool HasProgram
    {
        get
        {
            lock (Gate)
                return _program is not null;
        }
    }

    public void Start() => _door.Start(this, waiting: 1, Every, Tick, ServeAsync);

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        lock (Gate)
        {
            var reported = Reported;
            Listen(bytes);
            if (Reported != reported)
                _answered?.TrySetResult();
            if (_program is { } program && !program.Out.Writer.TryWrite(bytes.ToArray()))
                // It does not read: what it missed would be a line that its counting never gets over.
                program.Stop.Cancel();
        }
    }

    public void OnLinkChanged(bool up)
    {
        lock (Gate)
        {
            _isUp = up;
            Begin();
            if (up)
            {
                Ask();
                return;
            }
            Lost("its port is not there");
            _program?.Stop.Cancel();
        }
    }

    protected override ValueTask CloseAsync() => _door.DisposeAsync();

    private void Tick()
    {
        lock (Gate)
        {
            // What a program that is there does not ask for is not known, and nobody's fault.
            if (!_isUp || _program is not null)
                return;
            if (Time.GetElapsedTime(HeardAt) > Silence)
                Lost("it does not answer");
            Ask();
        }
    }

    private void Ask()
    {
        _answered ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_answered.Task.IsCompleted)
            _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _door.Write(Question);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var program = new Program(_door.Closing);
        if (!await TakeAsync(program).ConfigureAwait(false))
            return;
        var stream = client.GetStream();
        var writing = WriteAsync(stream, program);
        try
        {
            await ReadAsync(stream, program).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
        {
            // It is gone, or it is shown the door because the port is. The next one may come.
            _ = gone;
        }
        lock (Gate)
        {
            _program = null;
            Begin();
        }
        await program.Stop.CancelAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A program has come. From here on nothing is asked; what was asked before is waited for.</summary>
    private async Task<bool> TakeAsync(Program program)
    {
        Task answered;
        lock (Gate)
        {
            if (!_isUp)
                return false;
            answered = _answered?.Task ?? Task.CompletedTask;
        }
        using var limit = new CancellationTokenSource(AnswerTakes, Time);
        await answered.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (Gate)
        {
            _program = program;
            return _isUp;
        }
    }

    private async Task ReadAsync(NetworkStream stream, Program program)
    {
        var bytes = new byte[Piece];
        int count;
        while ((count = await stream.ReadAsync(bytes, program.Stop.Token).ConfigureAwait(false)) > 0)
        {
            if (_door.Write(bytes.AsSpan(0, count)) != LinkSend.Sent)
                return;
        }
    }

    private static async Task WriteAsync(NetworkStream stream, Program program)
    {
        await foreach (var bytes in program.Out.Reader.ReadAllAsync(program.Stop.Token).ConfigureAwait(false))
            await stream.WriteAsync(bytes, program.Stop.Token).ConfigureAwait(false);
    }

    /// <summary>The program that drives the machine now. One at a time: two would drive it against each other.</summary>
    private sealed class Program(CancellationToken stopping) : IDisposable
    {
        public CancellationTokenSource Stop { get; } = CancellationTokenSource.CreateLinkedTokenSource(stopping);

        public Channel<byte[]> Out { get; } = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

        public void Dispose() => Stop.Dispose();
    }
}
