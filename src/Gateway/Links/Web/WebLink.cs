using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using NodaTime;

namespace FabLab.Gateway.Links.Web;

/// <summary>How to reach a device over HTTP.</summary>
public sealed record WebLinkOptions
{
    /// <summary>The root, with a slash at its end.</summary>
    public required Uri Root { get; init; }

    /// <summary>A header that goes with each question; null for none.</summary>
    public (string Name, string Value)? Header { get; init; }

    /// <summary>Shown when the device asks who is there (Digest, and nothing weaker); null for nobody.</summary>
    public NetworkCredential? User { get; init; }

    /// <summary>SHA-256 of the certificate that must be shown, upper case hex; null = one that is vouched for.</summary>
    public string? Certificate { get; init; }

    /// <summary>How long one answer may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A longer answer is none.</summary>
    public int MostBytes { get; init; } = 512 * 1024;
}

/// <summary>What came of a question.</summary>
/// <param name="Status">The status; 0 when there was no answer.</param>
/// <param name="Body">The answer.</param>
/// <param name="Date">What the device's clock said, to the second; null when it did not say.</param>
/// <param name="Trouble">Why there was no answer, for a log; null when there was one.</param>
public sealed record WebAnswer(int Status, byte[] Body, Instant? Date, string? Trouble = null)
{
    /// <summary>Whether it is what was asked for.</summary>
    public bool Good => Status is >= 200 and < 300;
}

/// <summary>Questions to one device over HTTP. It asks (GET) and has no way to tell the device anything. Never throws for what a device does or does not do.</summary>
public sealed class WebLink : IDisposable
{
    private readonly WebLinkOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <summary>Makes the link; nothing is sent yet.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="time">The clock of its patience.</param>
    public WebLink(WebLinkOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = options.Patience,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 1,
        };
        if (options.User is { } user)
            handler.Credentials = new CredentialCache { { options.Root, "Digest", user } };
        if (options.Certificate is { } pin)
            handler.SslOptions = Pinned(pin);
        _http = new HttpClient(handler) { BaseAddress = options.Root, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks for a path below the root.</summary>
    /// <param name="path">The path with its query, without a slash at its start.</param>
    /// <param name="cancellationToken">Ends the question; then it throws.</param>
    public async Task<WebAnswer> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (_options.Header is var (name, value))
                request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            var body = await ReadAsync(answer.Content, either.Token).ConfigureAwait(false);
            return body is null
                ? new WebAnswer(0, [], null, $"an answer of more than {_options.MostBytes} bytes")
                : new WebAnswer((int)answer.StatusCode, body, answer.Headers.Date is { } date ? Instant.FromDateTimeOffset(date) : null);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new WebAnswer(0, [], null, limit.IsCancellationRequested ? "no answer in time" : fault.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private static SslClientAuthenticationOptions Pinned(string pin) => new()
    {
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is not null && string.Equals(certificate.GetCertHashString(HashAlgorithmName.SHA256), pin, StringComparison.OrdinalIgnoreCase),
    };

    private async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var part = new byte[16 * 1024];
        int count;
        while ((count = await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (body.Length + count > _options.MostBytes)
                return null;
            body.Write(part, 0, count);
        }
        return body.ToArray();
    }
}
