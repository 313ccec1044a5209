using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.Reservations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FabLab.Booking.Data;

/// <summary>Names this copy of Booking among those that share a PostgreSQL.</summary>
internal sealed class CopyId
{
    public string Value { get; } = Guid.NewGuid().ToString("N");
}

/// <summary>
/// Where several copies of Booking share a PostgreSQL: wakes the waiting gateways and the live pages of this copy when another
/// one has committed something. What is told is only that something changed; everybody reads the database again.
/// </summary>
internal sealed partial class ChangeRelay(
    IOptions<BookingOptions> options, CopyId copy, PolicyNews news, FloorChanges floor, BookingSettingsCache cache, TimeProvider time, ILogger<ChangeRelay> log)
    : BackgroundService
{
    public const string Channel = "fablab_changes";

    /// <summary>Stands behind the name of the copy when what bookings are decided from has changed.</summary>
    public const string Settings = "/settings";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once changes of other copies are heard.</summary>
    public Task Listening => _listening.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.UsesPostgres)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is NpgsqlException or IOException && !stoppingToken.IsCancellationRequested)
            {
                Log.Lost(log, fault);
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                Log.Ended(log);
                return;
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        await using var connection = new NpgsqlConnection(options.Value.Database);
        connection.Notification += (_, told) =>
        {
            if (told.Payload.StartsWith(copy.Value, StringComparison.Ordinal))
                return;
            if (told.Payload.EndsWith(Settings, StringComparison.Ordinal))
                cache.Forget();
            Announce();
        };
        await connection.OpenAsync(stoppingToken);
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
            await listen.ExecuteNonQueryAsync(stoppingToken);
        _listening.TrySetResult();
        // What was told before this moment was not heard.
        cache.Forget();
        Announce();
        while (true)
            await connection.WaitAsync(stoppingToken);
    }

    private void Announce()
    {
        news.Announce();
        foreach (var topic in Enum.GetValues<FloorTopic>())
            floor.Announce(new FloorChange(topic, null));
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5011, Level = LogLevel.Warning, Message = "Changes made by other copies are not heard; trying again.")]
        public static partial void Lost(ILogger logger, Exception fault);

        [LoggerMessage(EventId = 5012, Level = LogLevel.Debug, Message = "No longer listening for other copies.")]
        public static partial void Ended(ILogger logger);
    }
}
