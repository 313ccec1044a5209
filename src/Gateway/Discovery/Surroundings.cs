using FabLab.Contracts;
using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Discovery;

/// <summary>What is around this gateway and could be taken on its list.</summary>
/// <param name="ports">What hangs on this computer.</param>
/// <param name="heard">What speaks on the broker; null where there is none.</param>
/// <param name="time">Says when to look again.</param>
internal sealed class Surroundings(PortsAround ports, HeardAround? heard, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);

    private IReadOnlyList<Around> _ports = [];
    private long? _looked;

    /// <summary>What is there and not on the list, at most <see cref="DeviceFound.Most"/>.</summary>
    public IReadOnlyList<DeviceFound> Look(IEnumerable<DeviceSettings> listed)
    {
        if (_looked is not { } before || time.GetElapsedTime(before) >= LookEvery)
            (_ports, _looked) = ([.. ports.Look()], time.GetTimestamp());
        var known = listed.ToList();
        return [.. All.Where(around => !known.Exists(settings => IsSame(settings, around.Settings))).Take(DeviceFound.Most).Select(around => around.Told)];
    }

    /// <summary>
    /// The entry for what staff adopt. Only what is there can be adopted: the place, the topic and all else come from here and not from
    /// who asks, so that nobody has a gateway open a file of their choice.
    /// </summary>
    /// <returns>Null when it is not there any more, or not with that driver.</returns>
    public DeviceSettings? Adopt(DeviceToAdopt order) =>
        All.FirstOrDefault(around => around.Place == order.Place) is { } found && found.Drivers.Contains(order.Driver)
            ? found.Settings with { Id = order.Device.Value, Driver = order.Driver, Channels = Math.Min(found.Settings.Channels, Math.Max(order.Relays, 0)) }
            : null;

    private IEnumerable<Around> All => heard is null ? _ports : _ports.Concat(heard.Look());

    private static bool IsSame(DeviceSettings listed, DeviceSettings around) =>
        around.Path is { } path ? listed.Path == path || RealPath(listed.Path) == RealPath(path)
            : listed.Driver == around.Driver && (string.IsNullOrEmpty(listed.Topic) ? listed.Id : listed.Topic) == around.Topic;

    /// <summary>A port has several names; two of one port are one.</summary>
    private static string? RealPath(string? path)
    {
        try
        {
            return path is null ? null : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }
}
