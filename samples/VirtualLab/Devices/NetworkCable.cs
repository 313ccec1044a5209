using System.Net;
using System.Net.Sockets;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// The cable between a device and the broker, as a relay of bytes on this computer: it can be whole, go silent (packets are
/// swallowed, nobody is told) or be broken (connections are reset, new ones refused).
/// </summary>
public sealed class NetworkCable : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _brokerPort;
    private readonly Task _accepting;
    private State _state = State.Whole;

    public NetworkCable(int brokerPort)
    {
        _brokerPort = brokerPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    private enum State
    {
        Whole,
        Silent,
        Broken,
    }

    /// <summary>Where the device connects to.</summary>
    public int Port { get; }

    public void Mend()
    {
        lock (_gate)
        {
            if (_state == State.Whole)
                return;
            _state = State.Whole;
        }
        // What hung in a silent cable is stale: whoever is there connects anew.
        Reset();
    }

    public void Cut(bool silent)
    {
        lock (_gate)
            _state = silent ? State.Silent : State.Broken;
        if (!silent)
            Reset();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Reset();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private State Now
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var device = await _listener.AcceptSocketAsync(_stop.Token);
            _ = CarryAsync(device);
        }
    }

    private async Task CarryAsync(Socket device)
    {
        var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        device.NoDelay = true;
        lock (_gate)
        {
            _sockets.Add(device);
            _sockets.Add(broker);
        }
        try
        {
            if (Now == State.Broken)
                return;
            await broker.ConnectAsync(IPAddress.Loopback, _brokerPort, _stop.Token);
            var up = PumpAsync(device, broker);
            var down = PumpAsync(broker, device);
            await Task.WhenAny(up, down);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The broker is away, or the cable was cut: the device sees a closed connection and tries again.
            _ = fault;
        }
        finally
        {
            lock (_gate)
            {
                _sockets.Remove(device);
                _sockets.Remove(broker);
            }
            device.Dispose();
            broker.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, _stop.Token);
                if (count == 0)
                    return;
                if (Now == State.Whole)
                    await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other pump ends with this one.
            _ = fault;
        }
    }

    private void Reset()
    {
        Socket[] open;
        lock (_gate)
            open = [.. _sockets];
        foreach (var socket in open)
        {
            // Linger 0: a reset, as when the other end is simply gone, and no farewell that the broker could read.
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                continue;
            }
            socket.Close();
        }
    }
}
