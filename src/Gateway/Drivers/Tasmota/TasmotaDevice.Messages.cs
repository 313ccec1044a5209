using System.Text;
using System.Text.Json;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <content>What the device says.</content>
internal sealed partial class TasmotaDevice
{
    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        if (topic == _topics.LastWill)
        {
            LastWill(payload, at);
            return;
        }
        if (TasmotaAnnouncement.IsTopic(topic))
        {
            Announced(payload, at);
            return;
        }
        Heard(at);
        if (topic.StartsWith(_topics.Tele, StringComparison.Ordinal))
            Telemetry(topic[_topics.Tele.Length..], payload, at);
        else if (topic.StartsWith(_topics.Stat, StringComparison.Ordinal))
            Answered(topic[_topics.Stat.Length..], payload, at);
    }

    /// <summary>Every Tasmota of the house announces itself here; ours is the one with our topic.</summary>
    private void Announced(ReadOnlySpan<byte> payload, long at)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null || TasmotaAnnouncement.Read(document.RootElement) is not { } announcement || announcement.Topic != _topics.Topic)
            return;
        Identified(announcement.Mac, at);
        if (announcement.Against(_topics.Template, Relays.Length) is { Count: > 0 } differences)
            Unfit(string.Join("; ", differences), at);
    }

    private void LastWill(ReadOnlySpan<byte> payload, long at)
    {
        if (payload.SequenceEqual("Online"u8))
        {
            Arrived(at);
        }
        else if (payload.SequenceEqual("Offline"u8))
        {
            Away("it signed out or vanished");
        }
        else
        {
            Malformed("a last will that is none", at);
        }
    }

    private void Telemetry(string name, ReadOnlySpan<byte> payload, long at)
    {
        if (name is not ("STATE" or "SENSOR" or "RESULT"))
            return;
        using var document = PlugJson.Parse(payload);
        if (document is null)
        {
            Malformed($"a {name} that is not JSON", at);
            return;
        }
        var root = document.RootElement;
        switch (name)
        {
            case "STATE":
                _readers.OnState(at);
                Powers(root, at);
                break;
            case "SENSOR":
                Sensor(root, at);
                break;
            case "RESULT" when PlugJson.Text(root, "SSerialReceived") is { } text && _readers.OnSerial(text, at) is var (number, profile):
                Tapped(number, profile, at);
                break;
        }
    }

    private void Sensor(JsonElement sensor, long at)
    {
        foreach (var reading in TasmotaJson.Energy(sensor, Relays.Length))
            Measured(reading.Channel, reading.Watts, reading.Wh, at);
        foreach (var (number, profile) in _readers.OnSensor(sensor, at))
            Tapped(number, profile, at);
    }

    private void Answered(string name, ReadOnlySpan<byte> payload, long at)
    {
        // Plain text: stat/…/POWER1 ON. It says the same as the RESULT and either may be switched off.
        if (TasmotaJson.Channel(name, "POWER") is { } channel && payload.Length is > 0 and <= 3 && TasmotaJson.OnOff(Encoding.ASCII.GetString(payload)) is { } on)
        {
            Switched(channel, on, at);
            BecomeOnline(at);
            return;
        }
        using var document = PlugJson.Parse(payload);
        if (document is null)
        {
            // Other plain answers exist and mean nothing here.
            if (name is "RESULT" || name.StartsWith("STATUS", StringComparison.Ordinal))
                Malformed($"a {name} that is not JSON", at);
            return;
        }
        var root = document.RootElement;
        if (name.StartsWith("STATUS", StringComparison.Ordinal))
            Status(root, at);
        // RESULT, or the name of the command where SetOption4 is on.
        _commissioning.OnAnswer(root);
        Powers(root, at);
        foreach (var (which, _) in TasmotaJson.Pulse(root))
            PulseConfirmed(which);
        BecomeOnline(at);
    }

    private void Status(JsonElement root, long at)
    {
        if (PlugJson.Object(root, "StatusSTS") is { } state)
            Powers(state, at);
        if (PlugJson.Object(root, "StatusSNS") is { } sensor)
        {
            // An answer to a question is telemetry, never a scan.
            _readers.OnState(at);
            Sensor(sensor, at);
        }
        if (PlugJson.Object(root, "StatusFWR") is { } firmware && PlugJson.Text(firmware, "Version") is { Length: < 64 } version)
            Firmware = version;
        if (PlugJson.Object(root, "StatusPRM") is { } parameters)
        {
            _bootSeen = true;
            if (PlugJson.Number(parameters, "BootCount") is { } count and >= 0 and <= uint.MaxValue)
                Booted((long)count);
        }
        if (PlugJson.Object(root, "StatusNET") is { } network && PlugJson.Text(network, "Mac") is { Length: < 32 } mac)
            Identified(mac, at);
    }

    private void Powers(JsonElement element, long at)
    {
        foreach (var (channel, on) in TasmotaJson.Power(element))
            Switched(channel, on, at);
    }

    private void PulseConfirmed(int channel)
    {
        if (channel < _wanted.Length && _wanted[channel] is { } wanted && _commissioning.Pulse(channel) == wanted)
            Settled(channel);
    }
}
