using System.Collections.Concurrent;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Flow;

/// <summary>The devices that are open in this process, whether or not they answer.</summary>
internal sealed partial class DeviceDirectory
{
    private readonly ConcurrentDictionary<DeviceId, Entry> _devices = [];

    public IDevice? Find(DeviceId id) => _devices.TryGetValue(id, out var entry) ? entry.Device : null;

    public bool IsOnline(DeviceId id) => _devices.TryGetValue(id, out var entry) && entry.Online;

    public IReadOnlyList<(DeviceId Id, bool Online)> All => [.. _devices.Select(d => (d.Key, d.Value.Online))];

    /// <summary>It is open.</summary>
    /// <param name="device">The device.</param>
    /// <param name="proven">The firmware its trial was passed with; null when it was not.</param>
    public void Add(IDevice device, string? proven = null) => _devices[device.Id] = new Entry(device, proven);

    public void Remove(IDevice device) => _devices.TryRemove(device.Id, out _);

    public void Online(DeviceId id, bool online)
    {
        if (_devices.TryGetValue(id, out var entry))
            entry.Online = online;
    }

    /// <summary>What it runs, as it says; null while it has not said.</summary>
    public string? Firmware(DeviceId id) => _devices.TryGetValue(id, out var entry) ? entry.Firmware : null;

    /// <summary>Its trial of falling open by itself was passed with the firmware that it runs.</summary>
    public bool IsProven(DeviceId id) => _devices.TryGetValue(id, out var entry) && entry.Proven is { } proven && proven == (entry.Firmware ?? "");

    /// <summary>It was passed, with another firmware.</summary>
    public bool WasProven(DeviceId id) => _devices.TryGetValue(id, out var entry) && entry.Proven is not null && !IsProven(id);

    public void Prove(DeviceId id, string? firmware)
    {
        if (_devices.TryGetValue(id, out var entry))
            entry.Proven = firmware;
    }

    public void Runs(DeviceId id, string? firmware)
    {
        if (_devices.TryGetValue(id, out var entry))
            entry.Firmware = firmware;
    }

    /// <summary>What the device may now forget of its journal.</summary>
    public DeviceAcknowledgements Acknowledgements(DeviceId id) => _acknowledgements.GetOrAdd(id, _ => new DeviceAcknowledgements());

    /// <summary>A record of a device is durable here: tells the device what it may forget. When that does not reach it, it sends the record again and is answered again.</summary>
    public async Task AcknowledgeAsync(JournalKey record, ILogger logger)
    {
        var safe = Acknowledgements(record.Device).Committed(record);
        if (safe.Count == 0 || Find(record.Device) is not { } device)
            return;
        try
        {
            foreach (var key in safe)
                await device.AcknowledgeAsync(key, CancellationToken.None);
        }
        catch (Exception e)
        {
            Log.NotAcknowledged(logger, device.Id, e);
        }
    }

    private readonly ConcurrentDictionary<DeviceId, DeviceAcknowledgements> _acknowledgements = [];

    private sealed class Entry(IDevice device, string? proven)
    {
        private volatile bool _online;
        private volatile string? _told;
        private volatile string? _proven = proven;

        public string? Proven
        {
            get => _proven;
            set => _proven = value;
        }

        /// <summary>As it says now, or as it said when it came.</summary>
        public string? Firmware
        {
            get => Device.Firmware ?? _told;
            set => _told = value;
        }

        public IDevice Device => device;

        public bool Online
        {
            get => _online;
            set => _online = value;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4607, LogLevel.Warning, "{Device} could not be sent an acknowledgement")]
        public static partial void NotAcknowledged(ILogger logger, DeviceId device, Exception exception);
    }
}
