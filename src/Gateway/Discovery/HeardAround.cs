using System.Collections.Concurrent;
using System.Text.Json;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Drivers.Tasmota;
using FabLab.Gateway.Links;

namespace FabLab.Gateway.Discovery;

/// <summary>
/// Bought devices that say on the broker that they are there: Tasmota and Shelly of the first generation by themselves, Zigbee plugs through
/// Zigbee2MQTT. It listens and sends nothing; what it hears it forgets when there is too much of it.
/// </summary>
internal sealed class HeardAround : IMqttSink, IDisposable
{
    /// <summary>More than a lab has, and little enough for anybody who talks nonsense on purpose.</summary>
    private const int Most = 100;

    private const int MostText = 64;
    private const int MostBytes = 256 * 1024;
    private const string ShellyTopic = "shellies/announce";
    private const string ZigbeeTopic = "zigbee2mqtt/bridge/devices";

    private readonly ConcurrentDictionary<string, Around> _heard = new(StringComparer.Ordinal);
    private readonly IMqttSubscription[] _subscriptions;

    public HeardAround(IMqttLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        _subscriptions = [.. new[] { TasmotaAnnouncement.Filter, ShellyTopic, ZigbeeTopic }.Select(filter => link.Subscribe(filter, MqttQos.AtLeastOnce, this))];
    }

    public IEnumerable<Around> Look() => _heard.Values.OrderBy(a => a.Place, StringComparer.Ordinal);

    public void OnLinkChanged(bool up)
    {
        // Another broker may stand there now; what is retained on it comes by itself.
        if (up)
            _heard.Clear();
    }

    public void OnMessage(in MqttDelivery message)
    {
        if (message.Payload.Length is 0 or > MostBytes)
        {
            // An empty message in the place of a retained one: it is gone.
            if (message.Payload.IsEmpty)
                _heard.TryRemove(message.Topic, out _);
            return;
        }
        if (message.Topic == ZigbeeTopic)
        {
            using var list = PlugJson.ParseList(message.Payload);
            if (list is null)
                return;
            foreach (var gone in _heard.Keys.Where(place => place.StartsWith("zigbee2mqtt/", StringComparison.Ordinal)))
                _heard.TryRemove(gone, out _);
            foreach (var device in list.RootElement.EnumerateArray())
                Keep(Zigbee(device));
            return;
        }
        using var document = PlugJson.Parse(message.Payload);
        if (document is { RootElement: var said })
            Keep(message.Topic == ShellyTopic ? Shelly(said) : Tasmota(message.Topic, said));
    }

    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
            subscription.Dispose();
    }

    private void Keep(Around? around)
    {
        if (around is not null && (_heard.Count < Most || _heard.ContainsKey(around.Place)))
            _heard[around.Place] = around;
    }

    private static Around? Tasmota(string topic, JsonElement said)
    {
        if (TasmotaAnnouncement.Read(said) is not { } plug || !TopicFilter.IsTopic(plug.Topic))
            return null;
        var relays = Math.Min(plug.Relays, 4);
        var pulses = Enumerable.Repeat(TasmotaPulse.Of(NodaTime.Duration.FromSeconds(30)), relays).ToList();
        return new Around(
            new DeviceSettings
            {
                Id = Around.Name("plug", plug.Topic), Driver = "tasmota", Topic = plug.Topic, Channels = relays,
                FullTopic = plug.FullTopic == "%prefix%/%topic%/" ? null : plug.FullTopic,
            },
            topic, string.Join(", ", new[] { PlugJson.Text(said, "dn"), PlugJson.Text(said, "md"), plug.Firmware }.Where(text => text is { Length: > 0 and <= MostText })))
        {
            Address = Address(said),
            WillSet = relays == 0 ? [] : new TasmotaCommissioning(relays).Backlog(pulses).Split("; "),
        };
    }

    private static Around? Shelly(JsonElement said) =>
        PlugJson.Text(said, "id") is { Length: > 0 and <= MostText } id && !id.Contains('/', StringComparison.Ordinal) && TopicFilter.IsTopic(id)
            ? new Around(
                new DeviceSettings { Id = Around.Name("plug", id), Driver = "shelly1", Topic = id, Channels = 1 },
                "shellies/" + id, string.Join(", ", new[] { PlugJson.Text(said, "model"), PlugJson.Text(said, "fw_ver") }.Where(text => text is { Length: > 0 and <= MostText })))
            {
                Address = Address(said),
            }
            : null;

    private static string? Address(JsonElement said) => PlugJson.Text(said, "ip") is { Length: <= 15 } ip && System.Net.IPAddress.TryParse(ip, out _) ? ip : null;

    /// <summary>A member of the mesh that can be switched; lamps, buttons and the coordinator are none.</summary>
    private static Around? Zigbee(JsonElement said)
    {
        if (PlugJson.Text(said, "friendly_name") is not { Length: > 0 and <= MostText } name || !TopicFilter.IsTopic(name)
            || PlugJson.Text(said, "ieee_address") is not { Length: > 0 and <= 32 } address
            || PlugJson.Object(said, "definition") is not { } definition
            || !PlugJson.Items(definition, "exposes").Any(expose => PlugJson.Text(expose, "type") == "switch"))
        {
            return null;
        }
        return new Around(
            new DeviceSettings { Id = Around.Name("plug", name), Driver = "zigbee2mqtt", Topic = name, Channels = 1 },
            "zigbee2mqtt/" + address, string.Join(", ", new[] { name, PlugJson.Text(definition, "vendor"), PlugJson.Text(definition, "model") }.Where(text => text is { Length: > 0 and <= MostText })));
    }
}
