using FabLab.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FabLab.Kiosk;

/// <summary>
/// Keeps the last thing Booking said about the place, so that the door goes on without the network. Booking is asked at most
/// every few seconds, however many screens ask here.
/// </summary>
public sealed partial class PlaceReader(IServiceScopeFactory scopes, TimeProvider time, ILogger<PlaceReader> log) : IDisposable
{
    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>While Booking does not answer, it is asked so often, and nobody waits long for it.</summary>
    private static readonly TimeSpan AskLostAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceWhenLost = TimeSpan.FromMilliseconds(300);

    private readonly SemaphoreSlim _one = new(1, 1);
    private PlaceNow? _last;
    private long _askedAt;
    private bool _asked;
    private bool _lost;

    /// <summary>What is known of the place, without asking.</summary>
    public PlaceSeen Last => new(_last, _lost);

    /// <summary>The place; null when Booking was never reached.</summary>
    public async Task<PlaceSeen> ReadAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!_asked || time.GetElapsedTime(_askedAt) >= (_lost ? AskLostAgain : KeepFor))
            {
                await AskAsync(cancellationToken);
                _askedAt = time.GetTimestamp();
                _asked = true;
            }

            return new PlaceSeen(_last, _lost);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_lost ? PatienceWhenLost : Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await using AsyncServiceScope scope = scopes.CreateAsyncScope();
            _last = await scope.ServiceProvider.GetRequiredService<PlaceClient>().GetAsync(either.Token);
            if (_lost)
                Log.Back(log);
            _lost = false;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException
            && !cancellationToken.IsCancellationRequested)
        {
            if (!_lost)
                Log.Lost(log, failure.GetType().Name);
            _lost = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 6001, Level = LogLevel.Warning, Message = "Booking does not answer the door ({Failure}). The door shows what it knew.")]
        public static partial void Lost(ILogger logger, string failure);

        [LoggerMessage(EventId = 6002, Level = LogLevel.Information, Message = "Booking answers the door again.")]
        public static partial void Back(ILogger logger);
    }
}

/// <param name="Place">What is known; null when nothing is.</param>
/// <param name="Old">Booking does not answer at the moment.</param>
public sealed record PlaceSeen(PlaceNow? Place, bool Old);
