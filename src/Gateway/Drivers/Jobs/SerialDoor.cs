using System.Net;
using System.Net.Sockets;
using FabLab.Gateway.Links;

namespace FabLab.Gateway.Drivers.Jobs;

/// <summary>
/// A network door in front of a serial port of this computer: programs connect to the gateway, one after the other, and what is said goes
/// through the device that keeps the door. What may pass and when is that device's affair.
/// </summary>
/// <param name="link">The port.</param>
/// <param name="at">Where programs connect.</param>
/// <param name="time">For the beat.</param>
internal sealed class SerialDoor(ISerialLink link, IPEndPoint at, TimeProvider time) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(at);
    private readonly CancellationTokenSource _stop = new();
    private Task _serving = Task.CompletedTask;
    private ITimer? _beat;

    /// <summary>Where programs connect; with its true port when any was asked for.</summary>
    public IPEndPoint At => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Cancelled when the device is closed.</summary>
    public CancellationToken Closing => _stop.Token;

    /// <summary>What the settings say: <c>address</c>, an IPv4 address of this computer with or without a port, else this computer alone.</summary>
    /// <param name="settings">The device's settings.</param>
    /// <param name="port">The port when none is given.</param>
    /// <returns>Null when the address is none.</returns>
    public static IPEndPoint? PlaceOf(DeviceSettings settings, int port) =>
        WitnessSettings.HostPort(settings.Address ?? "127.0.0.1", port) is var (host, its) && IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, its) : null;

    /// <summary>Opens port and door. Once.</summary>
    /// <param name="sink">Who hears the port.</param>
    /// <param name="waiting">Programs that may wait while one is there.</param>
    /// <param name="every">How often the beat comes.</param>
    /// <param name="beat">The passing of time.</param>
    /// <param name="serve">A program, from its coming to its going; a fault of its connection ends it.</param>
    public void Start(ISerialSink sink, int waiting, TimeSpan every, Action beat, Func<TcpClient, Task> serve)
    {
        _listener.Start(waiting);
        _beat = time.CreateTimer(_ => beat(), null, every, every);
        link.Start(sink);
        _serving = Task.Run(() => ServeAsync(serve));
    }

    /// <summary>Says something on the port.</summary>
    public LinkSend Write(ReadOnlySpan<byte> bytes) => link.Write(bytes);

    /// <summary>Shows who is there the door, and closes it and the port. Once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_beat is { } beat)
            await beat.DisposeAsync().ConfigureAwait(false);
        await link.DisposeAsync().ConfigureAwait(false);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(Func<TcpClient, Task> serve)
    {
        while (!_stop.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
            client.NoDelay = true;
            await serve(client).ConfigureAwait(false);
        }
    }
}
