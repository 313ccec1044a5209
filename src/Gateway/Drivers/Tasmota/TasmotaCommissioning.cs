using System.Globalization;
using System.Text.Json;
using FabLab.Contracts;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>
/// The settings without which a Tasmota's relay is no lease, pushed when it comes and read back from its answers. Until the
/// device has confirmed the ones that matter, no relay is closed. It saves only what changed, so its flash is not worn.
/// </summary>
internal sealed class TasmotaCommissioning(int channels)
{
    /// <summary>Name in the answer, value to set, value expected in the answer, whether a lease depends on it.</summary>
    private static readonly (string Name, string Value, string Answer, bool Needed)[] Wanted =
    [
        // After a power cut everything is off.
        ("PowerOnState", "0", "0", true),
        // It does not remember relay states in flash.
        ("SetOption0", "0", "OFF", true),
        // Nothing is left in the broker's memory that could be taken for news.
        ("PowerRetain", "0", "OFF", false),
        ("SensorRetain", "0", "OFF", false),
        ("StateRetain", "0", "OFF", false),
        // The button on the plug does not switch.
        ("SetOption73", "1", "ON", false),
        // A meter reading every 10 s and at each change of 5 W: job detection lives on it.
        ("TelePeriod", "10", "10", false),
        ("PowerDelta1", "105", "105", false),
    ];

    private readonly Dictionary<string, string> _said = new(StringComparer.OrdinalIgnoreCase);
    private readonly int?[] _pulse = new int?[channels];

    /// <summary>PulseTime as the device has confirmed it last, by channel; null when it has not.</summary>
    public int? Pulse(int channel) => _pulse[channel];

    /// <summary>The command that sets everything, in one message.</summary>
    public string Backlog(IReadOnlyList<int> pulses)
    {
        var parts = Wanted.Select(w => $"{w.Name} {w.Value}")
            .Concat(pulses.Take(channels).Select((pulse, channel) => string.Create(CultureInfo.InvariantCulture, $"PulseTime{channel + 1} {pulse}")));
        return string.Join("; ", parts);
    }

    /// <summary>Forgets what was confirmed: it may be another device, or one that was reset.</summary>
    public void Restart()
    {
        _said.Clear();
        Array.Clear(_pulse);
    }

    /// <summary>Takes an answer.</summary>
    public void OnAnswer(JsonElement answer)
    {
        foreach (var property in answer.EnumerateObject())
        {
            if (Wanted.Any(w => w.Name.Equals(property.Name, StringComparison.OrdinalIgnoreCase)))
            {
                _said[property.Name] = property.Value.ValueKind switch
                {
                    JsonValueKind.String => PlugJson.Text(answer, property.Name) ?? "",
                    JsonValueKind.Number => property.Value.GetRawText(),
                    _ => "",
                };
            }
        }
        foreach (var (channel, setting) in TasmotaJson.Pulse(answer))
        {
            if (channel < channels)
                _pulse[channel] = setting;
        }
    }

    /// <summary>Each setting, with what the device has said of it.</summary>
    /// <param name="pulses">The PulseTime each channel is asked for.</param>
    public IReadOnlyList<DeviceSettingNow> Asked(IReadOnlyList<int> pulses) =>
    [
        .. Wanted.Select(w => _said.TryGetValue(w.Name, out var said)
            ? new DeviceSettingNow(w.Name, w.Value, said, said.Equals(w.Answer, StringComparison.OrdinalIgnoreCase), w.Needed)
            : new DeviceSettingNow(w.Name, w.Value, null, false, w.Needed)),
        .. _pulse.Select((pulse, channel) => new DeviceSettingNow(
            string.Create(CultureInfo.InvariantCulture, $"PulseTime{channel + 1}"), pulses[channel].ToString(CultureInfo.InvariantCulture),
            pulse?.ToString(CultureInfo.InvariantCulture), pulse == pulses[channel], Needed: true)),
    ];

    /// <summary>What a lease needs and the device has not confirmed; empty when it is fit.</summary>
    public IReadOnlyList<string> Missing()
    {
        var missing = Wanted.Where(w => w.Needed && !(_said.TryGetValue(w.Name, out var said) && said.Equals(w.Answer, StringComparison.OrdinalIgnoreCase))).Select(w => w.Name).ToList();
        for (var channel = 0; channel < channels; channel++)
        {
            if (_pulse[channel] is null or 0)
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"PulseTime{channel + 1}"));
        }
        return missing;
    }
}
