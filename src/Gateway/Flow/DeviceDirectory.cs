using System.Collections.Concurrent;
using FabLab.Core;
using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Flow;

/// <summary>The devices that are open in this process, whether or not they answer.</summary>
internal sealed class DeviceDirectory
{
    private readonly ConcurrentDictionary<DeviceId, Entry> _devices = [];

    public IDevice? Find(DeviceId id) => _devices.TryGetValue(id, out var entry) ? entry.Device : null;

    public bool IsOnline(DeviceId id) => _devices.TryGetValue(id, out var entry) && entry.Online;

    public IReadOnlyList<(DeviceId Id, bool Online)> All => [.. _devices.Select(d => (d.Key, d.Value.Online))];

    public void Add(IDevice device) => _devices[device.Id] = new Entry(device);

    public void Remove(IDevice device) => _devices.TryRemove(device.Id, out _);

    public void Online(DeviceId id, bool online)
    {
        if (_devices.TryGetValue(id, out var entry))
            entry.Online = online;
    }

    /// <summary>What the device may now forget of its journal.</summary>
    public DeviceAcknowledgements Acknowledgements(DeviceId id) => _acknowledgements.GetOrAdd(id, _ => new DeviceAcknowledgements());

    private readonly ConcurrentDictionary<DeviceId, DeviceAcknowledgements> _acknowledgements = [];

    private sealed class Entry(IDevice device)
    {
        private volatile bool _online;

        public IDevice Device => device;

        public bool Online
        {
            get => _online;
            set => _online = value;
        }
    }
}
