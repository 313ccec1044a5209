using System.Globalization;
using System.Text;
using System.Text.Json;
using FabLab.Gateway.Drivers.Plugs;
using NodaTime;

namespace FabLab.Gateway.Drivers.Zigbee2Mqtt;

/// <summary>
/// A Zigbee plug behind Zigbee2MQTT. Each renewal carries <c>on_time</c>, after which the plug itself opens; whether its firmware
/// does so differs from model to model, so only the test of the device decides whether it counts as falling open by itself. Between
/// us and the relay are three: broker, bridge and radio.
/// </summary>
internal sealed class Zigbee2MqttDevice : PlugDevice
{
    /// <summary>A list of a network of some fifty devices.</summary>
    private const int ListBytes = 768 * 1024;

    private readonly string _root;
    private readonly string _name;
    private readonly string _topic;
    private ZigbeeExposes? _exposes;
    private string[] _states;
    private bool? _bridge;
    private bool? _available;

    public Zigbee2MqttDevice(DeviceSettings settings, string root, string name, PlugParts parts)
        : base(settings, parts)
    {
        (_root, _name, _topic) = (root, name, $"{root}/{name}");
        _states = States(null);
    }

    protected override IReadOnlyList<string> Filters =>
        [_topic, $"{_topic}/availability", $"{_topic}/set", $"{_root}/bridge/state", $"{_root}/bridge/devices"];

    protected override bool FailsSafeAlone => IsProven;

    protected override bool IsKnown => _bridge != false && _available != false;

    /// <summary>A plug at rest says nothing for an hour, so it is asked each minute; where the bridge watches it as well, it is known sooner.</summary>
    protected override TimeSpan? Silence => TimeSpan.FromMinutes(3);

    protected override TimeSpan? AskEvery => TimeSpan.FromSeconds(60);

    protected override bool IsCommand(string topic) => topic == _topic + "/set";

    /// <summary>The state too, where retain is switched on for the device; from the broker's memory it only says what it was.</summary>
    protected override bool MayBeRetained(string topic) => true;

    protected override int MostBytes(string topic) => topic.EndsWith("/bridge/devices", StringComparison.Ordinal) ? ListBytes : base.MostBytes(topic);

    protected override void Ask()
    {
        foreach (var state in _states)
            Send(_topic + "/get", $$"""{"{{state}}":""}""");
    }

    protected override void AskAgain() => Ask();

    protected override void AskAway() => Ask();

    protected override SendOutcome SendOn(int channel, Duration lease) =>
        Send(_topic + "/set", string.Create(CultureInfo.InvariantCulture, $$"""{"{{_states[channel]}}":"ON","on_time":{{Math.Max(1, (long)Math.Floor(lease.TotalSeconds))}}}"""));

    protected override SendOutcome SendOff(int channel) => Send(_topic + "/set", $$"""{"{{_states[channel]}}":"OFF"}""");

    protected override void LinkUp() => Ask();

    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        if (topic == _topic)
            Spoke(payload, retained, at);
        else if (topic == $"{_topic}/availability")
            Available(Presence(payload, "an availability that is neither online nor offline", at), at);
        else if (topic == $"{_root}/bridge/state")
            Bridge(Presence(payload, "a bridge state that is neither online nor offline", at), at);
        else if (topic == $"{_root}/bridge/devices")
            Listed(payload, at);
    }

    private void Spoke(ReadOnlySpan<byte> payload, bool retained, long at)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null)
        {
            Malformed("a state that is not JSON", at);
            return;
        }
        // Yesterday's state would be taken for today's: it is asked for instead.
        if (retained)
            return;
        // While the bridge is away nobody speaks for the plug.
        if (_bridge == false)
            return;
        _available = null;
        Heard(at);
        var root = document.RootElement;
        if (PlugJson.Object(root, "device") is { } device)
            Introduced(PlugJson.Text(device, "ieeeAddr"), PlugJson.Text(device, "softwareBuildID"), at);
        for (var channel = 0; channel < _states.Length; channel++)
        {
            if (PlugJson.Text(root, _states[channel]) is "ON" or "OFF")
                Switched(channel, PlugJson.Text(root, _states[channel]) == "ON", at);
        }
        for (var channel = 0; channel < Math.Max(1, Relays.Length); channel++)
        {
            if (PlugJson.Number(root, Property(_exposes?.Powers, "power", channel)) is { } watts)
                Measured(channel, watts, PlugJson.Number(root, Property(_exposes?.Energies, "energy", channel)) * 1000, at);
        }
        BecomeOnline(at);
    }

    private void Available(bool? available, long at)
    {
        if (available is not { } there)
            return;
        _available = there;
        if (!there)
            Away("Zigbee2MQTT does not reach it");
        else if (!IsThere && _bridge != false)
            Heard(at);
    }

    private void Bridge(bool? online, long at)
    {
        if (online is not { } there)
            return;
        _bridge = there;
        if (!there)
            Away("Zigbee2MQTT is away");
        else if (!IsThere)
            Ask();
    }

    private void Listed(ReadOnlySpan<byte> payload, long at)
    {
        using var document = PlugJson.ParseList(payload);
        if (document is null)
        {
            Malformed("a list of devices that is not JSON", at);
            return;
        }
        if (ZigbeeExposes.Find(document.RootElement, _name) is not { } found)
            return;
        _exposes = found;
        var states = States(found);
        if (!states.SequenceEqual(_states) && Relays.All(r => r.Session is null))
            _states = states;
        Introduced(found.Address, found.Firmware, at);
        BecomeOnline(at);
    }

    private void Introduced(string? address, string? firmware, long at)
    {
        if (firmware is { Length: > 0 and < 64 })
            Firmware = firmware;
        if (address is { Length: > 0 and < 32 })
            Identified(address, at);
    }

    private bool? Presence(ReadOnlySpan<byte> payload, string wrong, long at)
    {
        // Emptied from the broker's memory: it says nothing.
        if (payload.IsEmpty)
            return null;
        var text = payload.Length < 16 ? Encoding.ASCII.GetString(payload) : "";
        if (text is not ("online" or "offline"))
        {
            using var document = PlugJson.Parse(payload);
            text = document is null ? null : PlugJson.Text(document.RootElement, "state");
        }
        if (text is "online" or "offline")
            return text == "online";
        Malformed(wrong, at);
        return null;
    }

    /// <summary>The property of each relay: from the settings, else as the bridge lists them, else the usual ones.</summary>
    private string[] States(ZigbeeExposes? exposes)
    {
        if (PlugNames.Of(Settings.Relays) is { Length: > 0 } named)
            return named;
        return [.. Enumerable.Range(0, Relays.Length).Select(channel =>
            exposes?.States.Count > channel && PlugNames.Of(exposes.States[channel]) is [var listed] && !PlugNames.Faulty(listed, 1) ? listed
            : Relays.Length == 1 ? "state"
            : string.Create(CultureInfo.InvariantCulture, $"state_l{channel + 1}"))];
    }

    private string Property(IReadOnlyList<string>? listed, string usual, int channel)
    {
        if (listed?.Count > channel)
            return listed[channel];
        return Relays.Length <= 1 ? usual : string.Create(CultureInfo.InvariantCulture, $"{usual}_l{channel + 1}");
    }
}
