using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links;

/// <summary>
/// A way to a device that shows a certificate nobody vouches for: what connects to a port of this computer is carried on over TLS, to the
/// device that shows exactly the certificate known, and to no other. So every kind of link can be pinned, whatever its library.
/// </summary>
public sealed partial class PinnedTunnel : IAsyncDisposable
{
    private const int MostAtOnce = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _host;
    private readonly int _port;
    private readonly string _pin;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room = new(MostAtOnce);
    private readonly Task _serving;
    private int _closed;

    /// <summary>Opens the port on this computer.</summary>
    /// <param name="host">The device.</param>
    /// <param name="port">Its port.</param>
    /// <param name="pin">SHA-256 of its certificate, 64 hex digits.</param>
    /// <param name="time">The clock of its patience.</param>
    /// <param name="logger">Says when another certificate is shown, once a minute.</param>
    public PinnedTunnel(string host, int port, string pin, TimeProvider time, ILogger logger)
    {
        (_host, _port, _pin, _time, _logger, _logGate) = (host, port, pin, time, logger, new LogGate(time));
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    /// <summary>The port on this computer.</summary>
    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
        _room.Dispose();
    }

    private async Task ServeAsync()
    {
        var running = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            await _room.WaitAsync(_stop.Token).ConfigureAwait(false);
            var near = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
            running.RemoveAll(task => task.IsCompleted);
            running.Add(CarryAsync(near));
        }
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private async Task CarryAsync(TcpClient near)
    {
        try
        {
            using var here = near;
            using var far = new TcpClient();
            using var limit = new CancellationTokenSource(Patience, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
            await far.ConnectAsync(_host, _port, either.Token).ConfigureAwait(false);
            await using var secure = new SslStream(far.GetStream());
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = _host,
                    RemoteCertificateValidationCallback = (_, shown, _, _) =>
                        shown is not null && string.Equals(shown.GetCertHashString(HashAlgorithmName.SHA256), _pin, StringComparison.OrdinalIgnoreCase),
                },
                either.Token).ConfigureAwait(false);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var plain = here.GetStream();
            var ways = new[] { secure.CopyToAsync(plain, ended.Token), plain.CopyToAsync(secure, ended.Token) };
            await Task.WhenAny(ways).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(ways).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (AuthenticationException)
        {
            if (_logGate.Pass("certificate", out var heldBack))
                Log.AnotherCertificate(_logger, _host, _port, heldBack);
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Who connected sees that the way is closed, and says so.
            Log.Closed(_logger, _host, _port, fault);
        }
        finally
        {
            near.Dispose();
            if (Volatile.Read(ref _closed) == 0)
                _room.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3150, Level = LogLevel.Warning, Message = "{Host}:{Port} shows another certificate than the one known, or speaks no TLS. ({HeldBack} like it not shown)")]
        public static partial void AnotherCertificate(ILogger logger, string host, int port, int heldBack);

        [LoggerMessage(EventId = 3151, Level = LogLevel.Debug, Message = "The way to {Host}:{Port} is closed.")]
        public static partial void Closed(ILogger logger, string host, int port, Exception fault);
    }
}
