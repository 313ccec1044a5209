using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Options;
using NodaTime;
using Polly;
using Polly.Timeout;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>What the other program said.</summary>
/// <param name="Status">Its HTTP status; null when there was no answer.</param>
/// <param name="Fault">Why there was none, as a code.</param>
internal readonly record struct DeliveryAnswer(int? Status, string? Fault);

/// <summary>One delivery to be sent now.</summary>
internal sealed record DeliveryToSend(Guid Id, Guid WebhookId, string Url, string Secret, string Kind, string Body);

/// <summary>
/// Posts deliveries. No redirects, no proxy, no cookies; the address is looked up once, looked at, and that one is connected to, so
/// that a name cannot be public when it is asked about and private when it is used.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly ResiliencePipeline _limit;
    private readonly TimeProvider _time;
    private readonly bool _allowPrivate;

    public WebhookSender(IOptions<BookingOptions> options, TimeProvider time)
    {
        _time = time;
        _allowPrivate = options.Value.Webhooks.AllowPrivate;
        _limit = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(new TimeoutStrategyOptions { Timeout = AnswerLimit }).Build();
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 16,
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Where a name leads.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Lookup { get; init; } = Dns.GetHostAddressesAsync;

    public async Task<DeliveryAnswer> SendAsync(DeliveryToSend delivery, CancellationToken cancellationToken)
    {
        // The rules may have become stricter since it was noted.
        if (WebhookUrl.Fault(delivery.Url, _allowPrivate) is not null)
            return new DeliveryAnswer(null, "address_refused");
        try
        {
            return await _limit.ExecuteAsync(async cancel => await PostAsync(delivery, cancel), cancellationToken);
        }
        catch (TimeoutRejectedException)
        {
            return new DeliveryAnswer(null, "no_answer");
        }
        catch (HttpRequestException fault) when (!cancellationToken.IsCancellationRequested)
        {
            return new DeliveryAnswer(null, fault.InnerException switch
            {
                AddressRefusedException => "address_refused",
                AuthenticationException => "certificate",
                SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "name_unknown",
                _ => "not_reached",
            });
        }
        catch (IOException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DeliveryAnswer(null, "not_reached");
        }
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<DeliveryAnswer> PostAsync(DeliveryToSend delivery, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url) { Content = new StringContent(delivery.Body, Encoding.UTF8, "application/json") };
        request.Headers.UserAgent.ParseAdd("FabLab-Webhooks/1");
        request.Headers.Add(WebhookSigning.DeliveryHeader, delivery.Id.ToString());
        request.Headers.Add(WebhookSigning.EventHeader, delivery.Kind);
        request.Headers.Add(WebhookSigning.SignatureHeader, WebhookSigning.Header(delivery.Secret, Instant.FromDateTimeOffset(_time.GetUtcNow()), delivery.Body));
        // What it says beside the status is not read: it could be without end.
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return new DeliveryAnswer((int)answer.StatusCode, null);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        IPAddress[] addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Lookup(host, cancellationToken);
        var allowed = addresses.Where(address => _allowPrivate || PublicAddresses.Has(address)).ToArray();
        if (allowed.Length == 0)
            throw new AddressRefusedException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class AddressRefusedException() : IOException("The address is not public.");
}
