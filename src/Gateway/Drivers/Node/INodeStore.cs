using FabLab.Core;
using FabLab.Protocol.Peer;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>Keeps what the gateway must remember of each node over its own restarts: counters above all, so that no number is ever used twice.</summary>
public interface INodeStore
{
    /// <summary>What was stored of a device; null when nothing was.</summary>
    PeerMemory? Load(DeviceId device);

    /// <summary>
    /// Takes it at once, so that the last call wins, and completes when it is durable, with false when it could not be made
    /// so. Several devices are written in one transaction; one that is not urgent waits a little for others.
    /// </summary>
    Task<bool> SaveAsync(DeviceId device, PeerMemory memory, bool urgent);

    /// <summary>Forgets a device: before it is enrolled anew, or when it was removed.</summary>
    Task<bool> ForgetAsync(DeviceId device);

    /// <summary>Keeps a record nobody can read, for a person to look at.</summary>
    Task<bool> SetAsideAsync(DeviceId device, uint boot, uint sequence, string fault, ReadOnlyMemory<byte> raw);
}
