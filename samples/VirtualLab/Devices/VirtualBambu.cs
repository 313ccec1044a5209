using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FabLab.Gateway.Links;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A Bambu printer: it reports on a broker, and the way to that broker is TLS with a certificate that nobody vouches for. The broker
/// itself is a real one beside it.
/// </summary>
public sealed class VirtualBambu : IAsyncDisposable, IMqttSink
{
    /// <summary>Its serial number.</summary>
    public const string Serial = "01S00A000000001";

    private readonly X509Certificate2 _certificate;
    private readonly IMqttLink _broker;
    private readonly int _brokerPort;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;
    private int _asked;

    /// <summary>Switched on at once.</summary>
    /// <param name="broker">Its own connection to its broker, started.</param>
    /// <param name="brokerPort">Where that broker listens.</param>
    /// <param name="now">The time its certificate was made.</param>
    public VirtualBambu(IMqttLink broker, int brokerPort, DateTimeOffset now)
    {
        (_broker, _brokerPort) = (broker, brokerPort);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={Serial}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        _broker.Subscribe($"device/{Serial}/request", MqttQos.AtMostOnce, this);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>SHA-256 of its certificate.</summary>
    public string Pin => _certificate.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>How often it was asked for everything.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What it answers to that; null for nothing, as some firmware does.</summary>
    public string? Everything { get; set; }

    /// <summary>Reports something.</summary>
    public void Report(string json) => _broker.Publish($"device/{Serial}/report", Encoding.UTF8.GetBytes(json), MqttQos.AtLeastOnce);

    public void OnMessage(in MqttDelivery message)
    {
        Interlocked.Increment(ref _asked);
        if (Everything is { } all)
            Report(all);
    }

    public void OnLinkChanged(bool up)
    {
        // Its broker is in the same box.
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _broker.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync();
            _ = CarryAsync(client);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        {
            await using var secure = new SslStream(client.GetStream());
            try
            {
                await secure.AuthenticateAsServerAsync(_certificate);
                using var broker = new TcpClient();
                await broker.ConnectAsync(IPAddress.Loopback, _brokerPort);
                var plain = broker.GetStream();
                await Task.WhenAny(secure.CopyToAsync(plain), plain.CopyToAsync(secure));
            }
            catch (Exception gone) when (gone is IOException or SocketException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
            {
                // Whoever connected did not like the certificate, or is gone.
                return;
            }
        }
    }
}
