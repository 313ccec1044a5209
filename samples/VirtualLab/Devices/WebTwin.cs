using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FabLab.VirtualLab.Devices;

/// <summary>A device that answers over HTTP on this computer: one question, one answer, the connection closes.</summary>
public abstract class WebTwin : IAsyncDisposable
{
    private const int LongestHead = 8192;

    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<string> _asked = [];
    private TcpListener? _listener;
    private Task _serving = Task.CompletedTask;

    /// <summary>Switched on at once.</summary>
    /// <param name="time">The device's clock.</param>
    protected WebTwin(TimeProvider time)
    {
        _time = time;
        Listen(0);
    }

    /// <summary>Host and port.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>What was asked, the method before the path.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    /// <summary>What its clock shows beside the true time.</summary>
    public TimeSpan ClockOff { get; set; }

    /// <summary>Answers every question with these bytes, head and all, instead of its own.</summary>
    public byte[]? Raw { get; set; }

    /// <summary>Answers every question with this body instead of its own.</summary>
    public byte[]? Body { get; set; }

    /// <summary>The time by its own clock.</summary>
    protected DateTimeOffset Now => _time.GetUtcNow() + ClockOff;

    private int Port { get; set; }

    /// <summary>Takes its power away, or gives it back.</summary>
    public async Task PowerAsync(bool on)
    {
        if (on)
        {
            Listen(Port);
            return;
        }
        _listener?.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await PowerAsync(on: false);
    }

    /// <summary>The answer to a question.</summary>
    /// <param name="path">The path with its query.</param>
    /// <param name="headers">The headers, names in lower case.</param>
    /// <returns>Status, body, and a header more when there is one.</returns>
    protected abstract (int Status, string Body, string? Header) Answer(string path, IReadOnlyDictionary<string, string> headers);

    private void Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _listener = listener;
        _serving = ServeAsync(listener);
    }

    private async Task ServeAsync(TcpListener listener)
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync();
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Its power is gone.
                return;
            }
            using (client)
                await AnswerAsync(client).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        var stream = client.GetStream();
        var head = await ReadHeadAsync(stream);
        if (head is null)
            return;
        var lines = head.Split("\r\n");
        var first = lines[0].Split(' ');
        if (first.Length < 2)
            return;
        _asked.Enqueue($"{first[0]} {first[1]}");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0].Trim().ToUpperInvariant()).ToDictionary(group => group.Key, group => group.First()[1].Trim());
        await stream.WriteAsync(Raw ?? Whole(first[1], headers));
    }

    private byte[] Whole(string path, IReadOnlyDictionary<string, string> headers)
    {
        var (status, text, header) = Answer(path, headers);
        var body = Body ?? Encoding.UTF8.GetBytes(text);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} Said\r\nDate: {Now:R}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{(header is null ? "" : header + "\r\n")}\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static async Task<string?> ReadHeadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[512];
        while (head.Count < LongestHead)
        {
            var count = await stream.ReadAsync(one);
            if (count == 0)
                return null;
            head.AddRange(one.AsSpan(0, count));
            if (head.Count >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n')
                return Encoding.ASCII.GetString([.. head]);
        }
        return null;
    }
}
