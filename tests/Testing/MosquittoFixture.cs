using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace FabLab.Testing;

/// <summary>
/// A real Mosquitto on 127.0.0.1 and a free port. Anonymous and open unless the test brings its own lines. It can be
/// killed and started again on the same port. <see cref="DisposeAsync"/> stops it by its process id.
/// </summary>
public sealed class MosquittoFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _configuration;
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;

    private MosquittoFixture(int port, string[] lines)
    {
        Port = port;
        _configuration = _folder.File("mosquitto.conf");
        string[] all =
        [
            $"listener {port} 127.0.0.1", "persistence false", "log_dest stderr", "log_type all", "log_timestamp false", "set_tcp_nodelay true",
            // As root the broker would change to a user who may not read the test's folder.
            .. Environment.UserName == "root" ? new[] { "user root" } : [],
            .. lines.Length > 0 ? lines : ["allow_anonymous true"],
        ];
        File.WriteAllLines(_configuration, all);
    }

    public int Port { get; }

    /// <summary>What the broker has logged so far.</summary>
    public IReadOnlyCollection<string> Log => _log;

    public static async Task<MosquittoFixture> StartAsync(CancellationToken cancellationToken, params string[] lines)
    {
        // Between asking for a free port and using it somebody else may take it: then another one is tried.
        for (var attempt = 1; ; attempt++)
        {
            var fixture = new MosquittoFixture(FreePort(), lines);
            try
            {
                await fixture.StartAsync(cancellationToken);
                return fixture;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                await fixture.DisposeAsync();
            }
        }
    }

    /// <summary>A free port, not one of those the kernel gives to whoever connects: another test would have it before the broker.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(8_192, 32_768));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                continue;
            }
        }
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same port.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo(File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto")
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(_configuration);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not { } text)
                return;
            _log.Enqueue(text);
            if (text.EndsWith(" running", StringComparison.Ordinal))
                running.TrySetResult();
        };
        process.Exited += (_, _) => running.TrySetException(new InvalidOperationException("Mosquitto ended: " + string.Join(" | ", _log)));
        process.Start();
        process.BeginErrorReadLine();
        _process = process;
        await running.Task.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
    }

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Completes when the broker has logged a line that contains the text.</summary>
    public async Task WaitForLogAsync(string text, CancellationToken cancellationToken)
    {
        while (!_log.Any(line => line.Contains(text, StringComparison.Ordinal)))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }
}
