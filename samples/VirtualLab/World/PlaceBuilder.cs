using FabLab.Gateway.Drivers;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging;
using DeviceId = FabLab.Protocol.DeviceId;

namespace FabLab.VirtualLab.World;

/// <summary>How the virtual lab is wired.</summary>
/// <param name="BrokerPort">Port of the broker on this computer.</param>
/// <param name="Folder">Where the devices keep their flash.</param>
/// <param name="Cuttable">Whether each device has a cable of its own that can be cut.</param>
internal sealed record Wiring(int BrokerPort, string Folder, bool Cuttable);

/// <summary>Makes the machines and boxes of a described lab, with the secrets that the gateway has for them.</summary>
internal static class PlaceBuilder
{
    public static VirtualPlace Build(LabDescription lab, IReadOnlyList<DeviceSettings> devices, Wiring wiring, TimeProvider time, ILogger logger)
    {
        var began = time.GetTimestamp();
        var wired = lab.Machines.Where(machine => machine.Roles.Any(role => role.Role == "relay")).ToList();
        var machines = wired.ToDictionary(machine => machine.Code, machine => new VirtualMachine(machine.Code, machine.Kind), StringComparer.OrdinalIgnoreCase);
        var boxes = new List<IVirtualDevice>();
        foreach (var settings in devices)
        {
            IVirtualDevice? box = settings.Driver switch
            {
                "node" => Node(settings, wired, machines, wiring, time, began, logger),
                "tasmota" => Tasmota(settings, wired, machines, wiring, time, began, logger),
                "shelly" or "shelly1" or "esphome" or "zigbee2mqtt" or "homeassistant" => Plug(settings, wired, machines, wiring, time, began, logger),
                "rdm6300" => new VirtualRdm6300(settings.Id, settings.Path!, time, began),
                "pn532" => new VirtualPn532(settings.Id, settings.Path!, time),
                "osdp" => new VirtualOsdp(settings.Id, settings.Path!, Convert.FromHexString(settings.Key!), settings.BusAddress ?? 0),
                _ => null,
            };
            if (box is not null)
                boxes.Add(box);
        }
        var readers = wired
            .Select(machine => (machine.Code, Role: machine.Roles.FirstOrDefault(role => role.Role == "reader")))
            .Where(machine => machine.Role.Device is not null)
            .ToDictionary(machine => machine.Code, machine => (machine.Role.Device, machine.Role.Channel), StringComparer.OrdinalIgnoreCase);
        return new VirtualPlace(machines.Values, boxes, readers, time, began);
    }

    private static VirtualNode? Node(
        DeviceSettings settings, List<DescribedMachine> lab, Dictionary<string, VirtualMachine> machines, Wiring wiring, TimeProvider time, long began, ILogger logger)
    {
        var slots = lab
            .SelectMany(machine => machine.Roles
                .Where(role => role.Device == settings.Id && role.Role is "relay" or "exhaust")
                .Select(role => new Slot(role.Channel, machines[machine.Code], role.Role == "exhaust")))
            .Where(slot => slot.Channel < settings.Channels)
            .OrderBy(slot => slot.Channel)
            .ToList();
        if (slots.Count == 0 || !DeviceKey.TryParse(settings.Key, out var key))
            return null;
        var readers = 1 + lab.SelectMany(machine => machine.Roles).Where(role => role.Device == settings.Id && role.Role == "reader").Select(role => role.Channel).DefaultIfEmpty(0).Max();
        var claim = new Claim(DeviceId.Parse(settings.Id), (byte)settings.KeyId, key!);
        var parts = new NodeParts(settings.Id, claim, slots, readers, wiring.Folder, time, began);
        return settings.Link == DeviceLinkKind.Serial
            ? new SerialLineNode(parts, settings.Path!)
            : new MqttNode(parts, new MqttPlug(wiring.BrokerPort, wiring.Cuttable, time, logger));
    }

    private static VirtualTasmota? Tasmota(
        DeviceSettings settings, List<DescribedMachine> lab, Dictionary<string, VirtualMachine> machines, Wiring wiring, TimeProvider time, long began, ILogger logger)
    {
        var machine = lab.FirstOrDefault(machine => machine.Roles.Any(role => role.Role == "relay" && role.Device == settings.Id));
        return machine is null || settings.MqttPassword is null
            ? null
            : new VirtualTasmota(settings.Id, settings.Topic ?? settings.Id, settings.MqttPassword, wiring.BrokerPort, machines[machine.Code], time, began, logger);
    }

    private static VirtualPlug? Plug(
        DeviceSettings settings, List<DescribedMachine> lab, Dictionary<string, VirtualMachine> machines, Wiring wiring, TimeProvider time, long began, ILogger logger)
    {
        var machine = lab.FirstOrDefault(machine => machine.Roles.Any(role => role.Role == "relay" && role.Device == settings.Id));
        if (machine is null)
            return null;
        var parts = new PlugWiring(settings.Id, settings.Topic ?? settings.Id, settings.MqttPassword, wiring.BrokerPort, machines[machine.Code], time, began, time, logger);
        return settings.Driver switch
        {
            "shelly" => new VirtualShelly(parts),
            "shelly1" => new VirtualShellyGen1(parts),
            "esphome" => new VirtualEspHome(parts),
            "zigbee2mqtt" => new VirtualZigbee(parts),
            _ => new VirtualAnnounced(parts),
        };
    }
}
