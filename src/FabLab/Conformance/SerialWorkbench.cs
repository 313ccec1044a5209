using System.Globalization;
using FabLab.Gateway.Links;
using FabLab.Protocol;
using FabLab.Protocol.Serial;
using Microsoft.Extensions.Logging;

namespace FabLab.Host.Conformance;

/// <summary>A device on a tty.</summary>
internal sealed class SerialWorkbench : IWorkbench, ISerialSink
{
    /// <summary>How often unacknowledged frames are looked at.</summary>
    private const int TickMs = 25;

    private readonly TimeProvider _time;
    private readonly ISerialLink _link;
    private readonly SerialSide _side;
    private readonly long _began;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _news = new(0);

    public SerialWorkbench(string path, int baud, IHands hands, TimeProvider time, ILogger logger)
    {
        Wire = string.Create(CultureInfo.InvariantCulture, $"serial line, {baud} baud");
        Hands = hands;
        _time = time;
        _began = time.GetTimestamp();
        _link = SerialLinks.Create(new SerialLinkOptions { Path = path, Baud = baud }, time, logger);
        _side = new SerialSide(bytes => _link.Write(bytes));
        _link.Start(this);
    }

    public string Wire { get; }

    public bool IsSerial => true;

    public long Now => (long)_time.GetElapsedTime(_began).TotalMilliseconds;

    public long Utc => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public IHands Hands { get; }

    public bool Bare
    {
        get => _side.IsBare;
        set
        {
            lock (_gate)
                _side.IsBare = value;
        }
    }

    public bool Deaf
    {
        get => _side.IsDeaf;
        set
        {
            lock (_gate)
                _side.IsDeaf = value;
        }
    }

    public void Send(TopicKind topic, byte[] payload) => Put(Frame.TypeOf(topic), payload);

    public void Claim(byte[] json) => Put(FrameType.Claim, json);

    public void Raw(byte[] bytes) => _link.Write(bytes);

    public void Retain(TopicKind topic, byte[] payload) => throw new InvalidOperationException("A serial line keeps nothing.");

    public Task DropAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            _side.Greet(Now);
        return Task.CompletedTask;
    }

    public async Task<Heard?> NextAsync(long until, CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                _side.Tick(Now);
                if (_side.TryTake(out var heard))
                    return heard;
            }
            var left = until - Now;
            if (left <= 0)
                return null;
            await _news.WaitAsync(TimeSpan.FromMilliseconds(Math.Min(left, TickMs)), cancellationToken);
        }
    }

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        lock (_gate)
            _side.Received(Now, bytes);
        _news.Release();
    }

    public void OnLinkChanged(bool up)
    {
        if (!up)
            return;
        lock (_gate)
            _side.Greet(Now);
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        _news.Dispose();
    }

    private void Put(FrameType type, byte[] payload)
    {
        lock (_gate)
            _side.Send(Now, type, payload);
    }
}
