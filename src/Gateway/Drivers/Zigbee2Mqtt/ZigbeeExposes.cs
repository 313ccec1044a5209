using System.Text.Json;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.Zigbee2Mqtt;

/// <summary>What the bridge says of one device: who it is, and which of its properties are relays and meters.</summary>
/// <param name="Address">Its IEEE address, which no other device has.</param>
/// <param name="Firmware">Its software build, when it tells one.</param>
/// <param name="States">Properties that can be set to ON and OFF, in the order they are listed.</param>
/// <param name="Powers">Properties in watts, in that order.</param>
/// <param name="Energies">Properties in kilowatt hours, in that order.</param>
internal sealed record ZigbeeExposes(string? Address, string? Firmware, IReadOnlyList<string> States, IReadOnlyList<string> Powers, IReadOnlyList<string> Energies)
{
    private const int Most = 32;

    /// <summary>The entry of a device in the bridge's list; null when it is not in it, or is no list entry.</summary>
    public static ZigbeeExposes? Find(JsonElement list, string name)
    {
        foreach (var device in list.EnumerateArray())
        {
            if (PlugJson.Text(device, "friendly_name") != name)
                continue;
            var (states, powers, energies) = (new List<string>(), new List<string>(), new List<string>());
            if (PlugJson.Object(device, "definition") is { } definition)
                Collect(PlugJson.Items(definition, "exposes"), states, powers, energies, depth: 0);
            return new ZigbeeExposes(PlugJson.Text(device, "ieee_address"), PlugJson.Text(device, "software_build_id"), states, powers, energies);
        }
        return null;
    }

    private static void Collect(IEnumerable<JsonElement> exposes, List<string> states, List<string> powers, List<string> energies, int depth)
    {
        foreach (var expose in exposes.Take(Most))
        {
            // A switch holds its state as a feature of its own.
            if (depth < 2)
                Collect(PlugJson.Items(expose, "features"), states, powers, energies, depth + 1);
            if (PlugJson.Text(expose, "property") is not { Length: > 0 and < 64 } property)
                continue;
            var into = (PlugJson.Text(expose, "type"), PlugJson.Text(expose, "name")) switch
            {
                ("binary", "state") => states,
                ("numeric", "power") => powers,
                ("numeric", "energy") => energies,
                _ => null,
            };
            if (into is { Count: < Most } && !into.Contains(property))
                into.Add(property);
        }
    }
}
