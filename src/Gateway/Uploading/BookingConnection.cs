using System.Net;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Gateway.Policy;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace FabLab.Gateway.Uploading;

/// <summary>
/// The line to Booking, for the rules, for the journal and for what is known of devices. Each question has a time limit; a broken connection is tried once more
/// at once; when Booking is in trouble the breaker lets it breathe. Patience beyond that is the callers'.
/// </summary>
public sealed class BookingConnection : IJournalIntake, IPolicySource, IDeviceDesk
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;
    private readonly GatewayOptions _options;
    private readonly ResiliencePipeline _journal;
    private readonly ResiliencePipeline _policy;
    private readonly ResiliencePipeline _devices;
    private GatewayClient? _client;

    public BookingConnection(HttpClient http, IOptions<GatewayOptions> options, TimeProvider time)
    {
        _http = http;
        _options = options.Value;
        _http.BaseAddress = new Uri(_options.BookingAddress.TrimEnd('/') + "/");
        // The pipelines below have the limits; the client's own would cut the long question short.
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _journal = Pipeline(time, AnswerLimit);
        _devices = Pipeline(time, AnswerLimit);
        _policy = Pipeline(time, TimeSpan.FromSeconds(PolicyFeed.MaxWaitSeconds) + AnswerLimit);
    }

    public async Task<IntakeAnswer> SendAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            var client = Client();
            var receipt = await _journal.ExecuteAsync(async token => await client.JournalAsync(batch, token), cancellationToken);
            return new IntakeAnswer.Received(receipt);
        }
        catch (BookingException e) when (e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            // The key may have been renewed: read it again next time.
            _client = null;
            return new IntakeAnswer.NotLetIn(e.Code);
        }
        catch (BookingException e) when (!e.IsPassing && e.Status != HttpStatusCode.NotFound)
        {
            return new IntakeAnswer.NotUnderstood(e.Code, e.Message);
        }
        catch (Exception e) when (IsTrouble(e, cancellationToken))
        {
            return new IntakeAnswer.Unavailable(Cause(e));
        }
    }

    public async Task<FeedAnswer> AskAsync(long since, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            var client = Client();
            var feed = await _policy.ExecuteAsync(async token => await client.PolicyAsync(since, wait, token), cancellationToken);
            return new FeedAnswer.Received(feed);
        }
        catch (BookingException e)
        {
            if (e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                _client = null;
            return new FeedAnswer.Unavailable(e.Message);
        }
        catch (Exception e) when (IsTrouble(e, cancellationToken))
        {
            return new FeedAnswer.Unavailable(Cause(e));
        }
    }

    public async Task<DeviceOrders?> TellAsync(DevicesNow devices, CancellationToken cancellationToken)
    {
        try
        {
            var client = Client();
            return await _devices.ExecuteAsync(async token => await client.DevicesAsync(devices, token), cancellationToken);
        }
        catch (Exception e) when (IsTrouble(e, cancellationToken))
        {
            // That Booking is away is said by the two other questions; this one is asked again soon.
            return null;
        }
    }

    public async Task<byte[]?> FirmwareAsync(DeviceId device, CancellationToken cancellationToken)
    {
        try
        {
            var client = Client();
            return await _devices.ExecuteAsync(async token => await client.FirmwareAsync(device, token), cancellationToken);
        }
        catch (Exception e) when (IsTrouble(e, cancellationToken))
        {
            // The order is told again as long as it stands.
            return null;
        }
    }

    /// <summary>The key is read when it is needed: in a lab that starts for the first time Booking makes it a moment after us.</summary>
    private GatewayClient Client()
    {
        if (_client is { } client)
            return client;
        var key = File.ReadAllText(_options.KeyPath).Trim();
        if (key.Length == 0)
            throw new IOException($"{_options.KeyPath} is empty");
        return _client = new GatewayClient(_http, _options.Name, key);
    }

    private static ResiliencePipeline Pipeline(TimeProvider time, TimeSpan limit) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new()
        {
            // A connection that died while it lay idle shows itself only when it is used.
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(),
            MaxRetryAttempts = 1,
            Delay = TimeSpan.FromMilliseconds(50),
            UseJitter = true,
        })
        .AddCircuitBreaker(new()
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>().Handle<TimeoutRejectedException>().Handle<BookingException>(e => e.IsPassing),
            FailureRatio = 0.9,
            MinimumThroughput = 10,
            SamplingDuration = TimeSpan.FromSeconds(30),
            // Short: when Booking is back, a revocation made meanwhile must not wait for the breaker.
            BreakDuration = TimeSpan.FromSeconds(1),
        })
        .AddTimeout(limit)
        .Build();

    /// <summary>What went wrong over there is an answer also when the asker is about to end; only the end itself is none.</summary>
    private static bool IsTrouble(Exception e, CancellationToken cancellationToken) => e is HttpRequestException or TimeoutRejectedException or BrokenCircuitException
        or BookingException or IOException or UnauthorizedAccessException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static string Cause(Exception e) => e switch
    {
        TimeoutRejectedException => "no answer in time",
        BrokenCircuitException => "several questions failed, waiting a moment",
        FileNotFoundException => "the key file is not there yet",
        _ => e.Message,
    };
}
