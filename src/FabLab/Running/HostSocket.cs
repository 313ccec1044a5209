using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace FabLab.Host.Running;

/// <summary>
/// What a running program can be asked from the same computer: a Unix socket in the data folder that only its owner may open.
/// Booking's file has one writer, so a command that must write asks the program that holds it.
/// </summary>
internal sealed class HostSocket : IAsyncDisposable
{
    public const string FileName = "fablab.sock";

    /// <summary>The same of a gateway that runs alone: a Booking alone may live in the same folder.</summary>
    public const string GatewayFileName = "gateway.sock";

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<JsonObject, CancellationToken, Task<JsonObject>> _answer;
    private readonly string _path;
    private readonly Task _serving;

    public HostSocket(string data, Func<JsonObject, CancellationToken, Task<JsonObject>> answer, string fileName = FileName)
    {
        _path = Path.Combine(data, fileName);
        _answer = answer;
        // The run file has shown that nobody else lives here: a socket that is left is from one that was killed.
        File.Delete(_path);
        _socket.Bind(new UnixDomainSocketEndPoint(_path));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _socket.Listen(4);
        _serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        File.Delete(_path);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
            _ = ServeOneAsync(await _socket.AcceptAsync(_stop.Token));
    }

    private async Task ServeOneAsync(Socket client)
    {
        await using var stream = new NetworkStream(client, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        try
        {
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                var answer = JsonNode.Parse(line) is JsonObject question
                    ? await _answer(question, _stop.Token)
                    : new JsonObject { ["error"] = "no question" };
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer.ToJsonString() + "\n"), _stop.Token);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or System.Text.Json.JsonException)
        {
            // Who asked has gone, or asked nonsense: the connection ends, nothing else.
            _ = fault;
        }
    }
}
