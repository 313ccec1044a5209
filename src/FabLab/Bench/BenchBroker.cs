using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FabLab.Host.Bench;

/// <summary>A Mosquitto of its own for a measurement: this computer only, no passwords, so that the bare responder may use it as well.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    private readonly Process _process;

    private BenchBroker(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<BenchBroker> StartAsync(string folder, int port, CancellationToken cancellationToken)
    {
        var program = Doctor.InstalledChecks.BrokerPrograms.FirstOrDefault(File.Exists)
            ?? throw new BenchException("Mosquitto is not installed: sudo apt-get install mosquitto");
        var file = Path.Combine(folder, "bench-broker.conf");
        await File.WriteAllTextAsync(
            file,
            string.Create(CultureInfo.InvariantCulture, $"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nlog_dest none\nmax_connections -1\n"),
            cancellationToken);
        var process = Process.Start(new ProcessStartInfo(program, ["-c", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var broker = new BenchBroker(process, port);
        var began = TimeProvider.System.GetTimestamp();
        while (!await AnswersAsync(port, cancellationToken))
        {
            if (process.HasExited || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(10))
                throw new BenchException("Mosquitto does not start.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
    }

    private static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
