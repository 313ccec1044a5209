using System.Collections.Frozen;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Flow;

/// <summary>
/// STEP 1, the way there: which machine is a report about? Made anew from the rules whenever they change, and read without a lock.
/// </summary>
internal sealed class ReportRouter
{
    private readonly FrozenDictionary<DeviceId, Bound[]> _devices;

    public ReportRouter(LabPolicy policy)
    {
        var bound = new Dictionary<DeviceId, List<Bound>>();
        foreach (var machine in policy.Machines.OrderBy(m => m.Code, StringComparer.Ordinal))
        {
            foreach (var binding in machine.Devices)
            {
                if (!bound.TryGetValue(binding.Device, out var list))
                    bound[binding.Device] = list = [];
                list.Add(new Bound(machine.Id, binding));
            }
        }
        _devices = bound.ToFrozenDictionary(b => b.Key, b => b.Value.ToArray());
    }

    /// <summary>Who is told, and about which of their relays. The first one writes down a record of the device's journal.</summary>
    public IEnumerable<(MachineId Machine, RelayChannel? Channel)> Targets(DeviceReport report)
    {
        if (!_devices.TryGetValue(report.Device, out var bound))
            return [];
        return report switch
        {
            // A reader that serves two machines would start either: it serves none until somebody says which.
            DeviceReport.BadgeRead tap => Single(bound.Where(b => b.Is(DeviceRole.Reader, tap.Reader))),
            DeviceReport.RelayReport relay => Relays(bound, relay.Channel),
            DeviceReport.PowerReport power => bound.Where(b => b.Is(DeviceRole.Meter, power.Channel)).Select(b => (b.Machine, (RelayChannel?)RelayChannel.Main)),
            DeviceReport.OfflineUseReport use => Relays(bound, use.Channel).Take(1),
            DeviceReport.JobReport => Witnessed(bound),
            DeviceReport.LinkReport { Online: false } => Switched(bound).Concat(Witnessed(bound)).Distinct(),
            DeviceReport.LinkReport => Switched(bound),
            DeviceReport.UnknownTimeReport gap => Switched(bound.Where(b => (gap.Channels >> b.Binding.Channel & 1) == 1)),
            _ => [],
        };
    }

    public bool IsBound(DeviceId device) => _devices.ContainsKey(device);

    private static IEnumerable<(MachineId, RelayChannel?)> Relays(Bound[] bound, int channel)
    {
        foreach (var b in bound)
        {
            if (b.Is(DeviceRole.Relay, channel))
                yield return (b.Machine, RelayChannel.Main);
            else if (b.Is(DeviceRole.Exhaust, channel))
                yield return (b.Machine, RelayChannel.Exhaust);
        }
    }

    private static IEnumerable<(MachineId, RelayChannel?)> Switched(IEnumerable<Bound> bound) =>
        bound.Where(b => b.Binding.Role is DeviceRole.Relay or DeviceRole.Exhaust).Select(b => b.Machine).Distinct().Select(m => (m, (RelayChannel?)null));

    /// <summary>Jobs are one machine's.</summary>
    private static IEnumerable<(MachineId, RelayChannel?)> Witnessed(IEnumerable<Bound> bound) =>
        Single(bound.Where(b => b.Binding.Role == DeviceRole.Witness));

    private static IEnumerable<(MachineId, RelayChannel?)> Single(IEnumerable<Bound> bound)
    {
        var machines = bound.Select(b => b.Machine).Distinct().Take(2).ToList();
        return machines.Count == 1 ? [(machines[0], null)] : [];
    }

    private sealed record Bound(MachineId Machine, DeviceBinding Binding)
    {
        public bool Is(DeviceRole role, int channel) => Binding.Role == role && Binding.Channel == channel;
    }
}
