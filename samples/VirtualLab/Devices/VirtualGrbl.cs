using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FabLab.VirtualLab.Devices;

/// <summary>A controller with GRBL 1.1 behind a network port: it answers the question mark and pushes what GRBL pushes.</summary>
public sealed class VirtualGrbl : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _received = new();
    private readonly List<TcpClient> _clients = [];
    private TcpListener _listener = null!;
    private Task _serving = Task.CompletedTask;
    private int _port;

    /// <summary>Switched on at once.</summary>
    public VirtualGrbl() => Listen();

    /// <summary>Host and port.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <summary>Idle, Run, Hold:0, Jog, Alarm, Door:1, Check, Home or Sleep.</summary>
    public string State { get; set; } = "Idle";

    /// <summary>Everything that was ever sent to it.</summary>
    public string Received
    {
        get
        {
            lock (_gate)
                return _received.ToString();
        }
    }

    /// <summary>Sends a line, or bytes, to who is connected.</summary>
    public void Push(string text)
    {
        lock (_gate)
        {
            foreach (var client in _clients)
                client.GetStream().Write(Encoding.Latin1.GetBytes(text));
        }
    }

    /// <summary>Takes its power away, or gives it back.</summary>
    public async Task PowerAsync(bool on)
    {
        if (on)
        {
            Listen();
            return;
        }
        _listener.Stop();
        lock (_gate)
        {
            foreach (var client in _clients)
                client.Dispose();
            _clients.Clear();
        }
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync() => await PowerAsync(on: false);

    private void Listen()
    {
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync(_listener);
    }

    private async Task ServeAsync(TcpListener listener)
    {
        var running = new List<Task>();
        while (true)
        {
            try
            {
                var client = await listener.AcceptTcpClientAsync();
                lock (_gate)
                    _clients.Add(client);
                running.Add(TalkAsync(client));
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        var stream = client.GetStream();
        var bytes = new byte[64];
        int count;
        while ((count = await stream.ReadAsync(bytes)) > 0)
        {
            lock (_gate)
                _received.Append(Encoding.ASCII.GetString(bytes, 0, count));
            for (var asked = 0; asked < bytes.AsSpan(0, count).Count((byte)'?'); asked++)
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"<{State}|MPos:0.000,0.000,0.000|FS:0.0,0>\r\n"));
        }
    }
}
