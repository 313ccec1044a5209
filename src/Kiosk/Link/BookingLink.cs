using System.Net;
using FabLab.Contracts;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace FabLab.Kiosk.Link;

/// <summary>Why a question to Booking has no answer.</summary>
internal enum LinkFault
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>Not reached, too slow, or in trouble itself.</summary>
    Unavailable,

    /// <summary>Booking does not know this kiosk's key, or there is none here.</summary>
    NotLetIn,

    /// <summary>Booking could make no sense of it, or knows of no such thing.</summary>
    NotUnderstood,
}

/// <summary>The line to Booking. Nobody at the door waits long for it; what waits in the line of the store has all the time there is.</summary>
internal sealed class BookingLink(IHttpClientFactory clients, IOptions<KioskOptions> options, TimeProvider time)
{
    public const string HttpName = "kiosk";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    /// <summary>Somebody stands at the door and looks at the screen.</summary>
    private static readonly TimeSpan DoorLimit = TimeSpan.FromSeconds(3);

    private readonly ResiliencePipeline _patient = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new()
        {
            // A connection that died while it lay idle shows itself only when it is used.
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(),
            MaxRetryAttempts = 1,
            Delay = TimeSpan.Zero,
        })
        .AddCircuitBreaker(new()
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>().Handle<TimeoutRejectedException>().Handle<BookingException>(fault => fault.IsPassing),
            FailureRatio = 0.9,
            MinimumThroughput = 10,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = TimeSpan.FromSeconds(1),
        })
        .AddTimeout(AnswerLimit)
        .Build();

    private readonly ResiliencePipeline _door = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(DoorLimit).Build();

    private string? _key;

    /// <summary>Asks for what the line has to carry.</summary>
    public Task<(T? Answer, LinkFault Fault, string Cause)> AskAsync<T>(Func<KioskClient, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        where T : class => AskAsync(_patient, ask, cancellationToken);

    /// <summary>Asks for somebody who stands there.</summary>
    public Task<(T? Answer, LinkFault Fault, string Cause)> AskSoonAsync<T>(Func<KioskClient, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        where T : class => AskAsync(_door, ask, cancellationToken);

    private async Task<(T? Answer, LinkFault Fault, string Cause)> AskAsync<T>(
        ResiliencePipeline pipeline, Func<KioskClient, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            // The key is read when it is needed: in a lab that starts for the first time Booking makes it a moment after us.
            _key ??= (await File.ReadAllTextAsync(options.Value.KeyPath, cancellationToken)).Trim();
            var http = clients.CreateClient(HttpName);
            var client = new KioskClient(http, _key);
            return (await pipeline.ExecuteAsync(async token => await ask(client, token), cancellationToken), LinkFault.None, "");
        }
        catch (BookingException fault) when (fault.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            // It may have been renewed: read it again next time.
            _key = null;
            return (null, LinkFault.NotLetIn, fault.Code);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or ArgumentException)
        {
            _key = null;
            return (null, LinkFault.NotLetIn, "the key file is missing or empty");
        }
        catch (BookingException fault) when (!fault.IsPassing)
        {
            return (null, LinkFault.NotUnderstood, fault.Message);
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or BookingException or IOException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return (null, LinkFault.Unavailable, fault.GetType().Name);
        }
    }
}
