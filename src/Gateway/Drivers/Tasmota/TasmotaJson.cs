using System.Text.Json;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>A meter reading of one message.</summary>
internal readonly record struct TasmotaEnergy(int Channel, double Watts, double? Wh);

/// <summary>What is read out of Tasmota's JSON. Everything here tolerates fields that are missing or of another type: they are not there.</summary>
internal static class TasmotaJson
{
    /// <summary>POWER or POWER1 to POWER8 in an object, by channel from 0.</summary>
    public static IEnumerable<(int Channel, bool On)> Power(JsonElement element)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (Channel(property.Name, "POWER") is { } channel && property.Value.ValueKind == JsonValueKind.String && OnOff(property.Value.GetString()) is { } on)
                yield return (channel, on);
        }
    }

    /// <summary>PulseTime answers, by channel from 0: a number, or an object with <c>Set</c>; older ones wrap it in text.</summary>
    public static IEnumerable<(int Channel, int Setting)> Pulse(JsonElement element)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (Channel(property.Name, "PulseTime") is not { } channel)
                continue;
            var value = property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("Set", out var set) ? set : property.Value;
            if (PlugJson.Number(value) is { } setting && setting is >= 0 and <= 64_900)
                yield return (channel, (int)setting);
        }
    }

    /// <summary>Readings of ENERGY: a number, an array by channel, or an array of phases of one relay, which add up.</summary>
    public static IReadOnlyList<TasmotaEnergy> Energy(JsonElement sensor, int channels)
    {
        if (!sensor.TryGetProperty("ENERGY", out var energy) || energy.ValueKind != JsonValueKind.Object || !energy.TryGetProperty("Power", out var power))
            return [];
        energy.TryGetProperty("Total", out var total);
        var watts = Numbers(power);
        var kwh = Numbers(total);
        if (watts.Count == 0)
            return [];
        if (watts.Count == 1 || channels <= 1)
            return [new TasmotaEnergy(0, PlugJson.Bounded(watts.Sum()), kwh.Count == 0 ? null : PlugJson.Bounded(kwh.Sum() * 1000))];
        var all = new List<TasmotaEnergy>();
        for (var i = 0; i < Math.Min(channels, watts.Count); i++)
            all.Add(new TasmotaEnergy(i, PlugJson.Bounded(watts[i]), i < kwh.Count && kwh.Count == watts.Count ? PlugJson.Bounded(kwh[i] * 1000) : null));
        return all;
    }

    public static bool? OnOff(string? text) => text switch
    {
        "ON" or "1" => true,
        "OFF" or "0" => false,
        _ => null,
    };

    /// <summary>The channel from 0 of a name such as POWER, POWER1, PulseTime3.</summary>
    public static int? Channel(string name, string stem)
    {
        if (!name.StartsWith(stem, StringComparison.OrdinalIgnoreCase))
            return null;
        var rest = name.AsSpan(stem.Length);
        if (rest.Length == 0)
            return 0;
        return rest.Length == 1 && rest[0] is >= '1' and <= '8' ? rest[0] - '1' : null;
    }

    private static List<double> Numbers(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
            return PlugJson.Number(element) is { } one ? [one] : [];
        var all = new List<double>();
        foreach (var item in element.EnumerateArray())
        {
            // A hole in the row would shift the channels.
            if (all.Count == 8 || PlugJson.Number(item) is not { } number)
                return [];
            all.Add(number);
        }
        return all;
    }
}
