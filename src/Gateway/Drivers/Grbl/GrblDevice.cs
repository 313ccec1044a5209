using FabLab.Core;
using FabLab.Gateway.Links.Tcp;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Grbl;

/// <summary>
/// A machine with GRBL behind a network port. It is sent the one byte that asks for its status and nothing else; whoever streams the
/// program does so on another connection.
/// </summary>
internal sealed class GrblDevice(DeviceId id, TcpLink link, TimeProvider time, ILogger logger) : GrblWitness(id, time, logger), ITcpSink
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private ITimer? _timer;
    private bool _isUp;

    public void Start()
    {
        _timer = Time.CreateTimer(_ => Tick(), null, Every, Every);
        link.Start(this);
    }

    public void OnBytes(ReadOnlySpan<byte> bytes)
    {
        lock (Gate)
            Listen(bytes);
    }

    public void OnLinkChanged(bool up, string? why)
    {
        lock (Gate)
        {
            _isUp = up;
            Begin();
            if (up)
                link.Write(Question);
            else
                Lost(why ?? "the connection is closed");
        }
    }

    protected override async ValueTask CloseAsync()
    {
        if (_timer is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
        await link.DisposeAsync().ConfigureAwait(false);
    }

    private void Tick()
    {
        lock (Gate)
        {
            if (!_isUp)
                return;
            if (Time.GetElapsedTime(HeardAt) > Silence)
            {
                Lost("it does not answer");
                link.Again();
            }
            else
            {
                link.Write(Question);
            }
        }
    }
}
