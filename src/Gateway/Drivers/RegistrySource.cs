using System.Collections.Concurrent;
using FabLab.Contracts;
using FabLab.Gateway.Drivers.Node;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers;

/// <summary>The devices of <c>devices.json</c>.</summary>
internal sealed partial class RegistrySource(
    DeviceRegistry registry, INodeStore nodes, DeviceConnections connections, TimeProvider time, ILogger<RegistrySource> logger) : IDeviceSource
{
    /// <summary>The broker reads its passwords again in a moment; who was turned away before that is no proof.</summary>
    private static readonly TimeSpan UntilInForce = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, long> _enrolled = new(StringComparer.Ordinal);

    public ValueTask<IReadOnlyList<DeviceSettings>> ReadAsync(CancellationToken cancellationToken)
    {
        registry.Refresh();
        return ValueTask.FromResult(registry.Current);
    }

    public ValueTask WithdrawAsync(string id, CancellationToken cancellationToken)
    {
        _enrolled.TryRemove(id, out _);
        registry.Remove(id);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<EnrolmentResult> EnrolAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        registry.Refresh();
        var listed = registry.Current.FirstOrDefault(d => d.Id == settings.Id);
        if (listed == settings)
        {
            // Asked again because the answer got lost.
            return EnrolmentResult.Taken;
        }
        if (listed is not null && (listed.Driver != settings.Driver || nodes.Load(settings.DeviceId) is { LastBoot: > 0 }))
            return EnrolmentResult.Already;
        try
        {
            // What is remembered under this name belongs to the key before.
            if (!await nodes.ForgetAsync(settings.DeviceId))
                return EnrolmentResult.NotStored;
            _enrolled[settings.Id] = time.GetTimestamp();
            registry.Put(settings);
            return EnrolmentResult.Taken;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            Log.NotEnrolled(logger, settings.Id, e);
            return EnrolmentResult.NotStored;
        }
    }

    public ValueTask<bool> ProveAsync(string id, string? firmware, CancellationToken cancellationToken)
    {
        try
        {
            registry.Refresh();
            if (registry.Current.FirstOrDefault(d => d.Id == id) is not { } listed)
                return ValueTask.FromResult(false);
            if (listed.ProvenFirmware != firmware)
                registry.Put(listed with { ProvenFirmware = firmware });
            return ValueTask.FromResult(true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            Log.NotProven(logger, id, e);
            return ValueTask.FromResult(false);
        }
    }

    public bool WasTurnedAway(string id) =>
        _enrolled.TryGetValue(id, out var since) && connections.Broker?.TurnedAwayAt(id) is { } at && time.GetElapsedTime(since, at) > UntilInForce;

    private static partial class Log
    {
        [LoggerMessage(EventId = 3220, Level = LogLevel.Error, Message = "{Device} could not be put on the list of devices.")]
        public static partial void NotEnrolled(ILogger logger, string device, Exception exception);

        [LoggerMessage(EventId = 3221, Level = LogLevel.Error, Message = "{Device}: what came of its trial could not be written into the list of devices.")]
        public static partial void NotProven(ILogger logger, string device, Exception exception);
    }
}
