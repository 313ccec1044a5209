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

    private IEnumerable<Around> All => heard is null ? _ports : _ports.Concat(heard.Look());

    /// <summary>What is there and not on the list, at most <see cref="DeviceFound.Most"/>.</summary>
    public IReadOnlyList<DeviceFound> Look(IEnumerable<DeviceSettings> listed)
    {
        if (_looked is not { } before || time.GetElapsedTime(before) >= LookEvery)
            (_ports, _looked) = ([.. ports.Look()], time.GetTimestamp());
        return [.. New(listed).Take(DeviceFound.Most).Select(around => around.Told)];
    }

    /// <summary>
    /// The entry for what staff adopt. Only what is there and on no list can be adopted: the place, the topic and all else come from here and
    /// not from who asks, so that nobody has a gateway open a file of their choice, or one port under two names.
    /// </summary>
    /// <returns>Null when it is not there any more, is on the list by now, or not with that driver.</returns>
    public DeviceSettings? Adopt(DeviceToAdopt order, IEnumerable<DeviceSettings> listed) =>
        New(listed).FirstOrDefault(around => around.Place == order.Place) is { } found && found.Drivers.Contains(order.Driver)
            ? found.Settings with { Id = order.Device.Value, Driver = order.Driver, Channels = Math.Min(found.Settings.Channels, Math.Max(order.Relays, 0)) }
            : null;

    /// <summary>What is on no list. A port has several names; two of one port are one.</summary>
    private IEnumerable<Around> New(IEnumerable<DeviceSettings> listed)
    {
        HashSet<string> ports = new(StringComparer.Ordinal);
        HashSet<(string Driver, string Topic)> topics = [];
        foreach (var settings in listed)
        {
            if (settings.Path is { } path)
                ports.Add(RealPath(path));
            else
                topics.Add((settings.Driver, string.IsNullOrEmpty(settings.Topic) ? settings.Id : settings.Topic));
        }
        return All.Where(around => around.Settings.Path is { } path ? !ports.Contains(RealPath(path)) : !topics.Contains((around.Settings.Driver, around.Settings.Topic!)));
    }

    private static string RealPath(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }
}
