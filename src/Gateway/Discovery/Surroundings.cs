using FabLab.Contracts;
using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Discovery;

/// <summary>What is around this gateway and could be taken on its list.</summary>
/// <param name="ports">What hangs on this computer.</param>
/// <param name="heard">What speaks on the broker; null where there is none.</param>
/// <param name="network">What says on the network that it is there; null where nobody listens for it.</param>
/// <param name="time">Says when to look again.</param>
internal sealed class Surroundings(PortsAround ports, HeardAround? heard, NetworkAround? network, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);

    private IReadOnlyList<Around> _ports = [];
    private long? _looked;

    private IEnumerable<Around> All
    {
        get
        {
            List<Around> all = [.. _ports, .. heard?.Look() ?? []];
            // What speaks on the broker has what is to be set behind it.
            var speaking = all.Select(around => around.Address).OfType<string>().ToHashSet(StringComparer.Ordinal);
            return all.Concat((network?.Look() ?? []).Where(around => around.ToSet is null || !speaking.Contains(around.Address!)));
        }
    }

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
        New(listed).FirstOrDefault(around => around.Place == order.Place) is { } found && found.Drivers.Contains(order.Driver) && IsWhole(found, order)
            ? found.Settings with
            {
                Id = order.Device.Value, Driver = order.Driver, Channels = Math.Clamp(order.Relays, 0, found.ToSet is null ? found.Settings.Channels : Protocol.Limits.Relays),
                // It comes to the broker under its new name, with the password it was given there.
                MqttPassword = found.ToSet is null ? null : order.Secret,
                Secret = found.Needs.Contains(DeviceNeed.Secret) ? order.Secret : null,
                Certificate = found.Needs.Contains(DeviceNeed.Certificate) ? order.Certificate : null,
                Place = found.Settings.Path is null ? found.Place : null,
            }
            : null;

    private static bool IsWhole(Around found, DeviceToAdopt order) =>
        ((!found.Needs.Contains(DeviceNeed.Secret) && found.ToSet is null) || order.Secret is { Length: > 0 and <= DeviceToAdopt.MostSecret })
        && (!found.Needs.Contains(DeviceNeed.Certificate) || order.Certificate is { Length: 64 })
        && found.ToSet is not "";

    /// <summary>What is on no list. A port has several names; two of one port are one.</summary>
    private IEnumerable<Around> New(IEnumerable<DeviceSettings> listed)
    {
        HashSet<string> ports = new(StringComparer.Ordinal);
        HashSet<(string Driver, string Topic)> topics = [];
        HashSet<string> places = new(StringComparer.Ordinal);
        HashSet<string> addresses = new(StringComparer.OrdinalIgnoreCase);
        foreach (var settings in listed)
        {
            if (settings.Place is { } place)
                places.Add(place);
            if (settings.Path is { } path)
                ports.Add(RealPath(path));
            else if (settings.Link == DeviceLinkKind.Network)
                addresses.Add(settings.Address ?? "");
            else
                topics.Add((settings.Driver, string.IsNullOrEmpty(settings.Topic) ? settings.Id : settings.Topic));
        }
        return All.Where(around => !places.Contains(around.Place) && around.Settings switch
        {
            { Path: { } path } => !ports.Contains(RealPath(path)),
            { Link: DeviceLinkKind.Network } => !addresses.Contains(around.Settings.Address!) && !addresses.Contains(around.Address!),
            // One that was put up by hand has its own name as its topic, or the one it is found under.
            { Topic: null } => !topics.Contains((around.Settings.Driver, around.Place[(around.Place.IndexOf('/', StringComparison.Ordinal) + 1)..])),
            _ => !topics.Contains((around.Settings.Driver, around.Settings.Topic)),
        });
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
