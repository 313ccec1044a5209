using System.Text;
using System.Text.Json;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.VirtualLab.Devices;

/// <summary>A door with esp-rfid, as its source makes its messages: it lets in who is on its own list, and publishes on one topic what was held before it. It hears nothing, and nobody keeps what it says.</summary>
internal sealed class VirtualEspRfid : IAsyncDisposable, IMqttSink
{
    private readonly string _topic;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, string> _list = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Switched on at once.</summary>
    /// <param name="brokerPort">Port of the broker on this computer.</param>
    /// <param name="topic">Where it publishes.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="network">The clock of its connection.</param>
    /// <param name="logger">Where the link writes what happens to it.</param>
    public VirtualEspRfid(int brokerPort, string topic, TimeProvider time, TimeProvider network, ILogger logger)
    {
        (_topic, _time) = (topic, time);
        Wire = MqttLinks.Create(
            new MqttLinkOptions { Port = brokerPort, ClientId = "esp-rfid", Version = MqttVersion.V311, KeepAlive = TimeSpan.FromSeconds(15) }, network, logger);
        Wire.Subscribe($"{topic}/nothing", MqttQos.AtMostOnce, this);
        Wire.Start();
    }

    /// <summary>Its connection.</summary>
    public IMqttLink Wire { get; }

    /// <summary>How often its door opened.</summary>
    public int Opened { get; private set; }

    private long Seconds => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Somebody is on its list.</summary>
    public void Know(string number, string name) => _list[number] = name;

    /// <summary>A card is held before it; it decides alone.</summary>
    public void Tap(string number)
    {
        var isKnown = _list.TryGetValue(number, out var name);
        if (isKnown)
            Opened++;
        Say($"{{\"type\":\"access\",\"time\":{Seconds},\"isKnown\":\"{(isKnown ? "true" : "false")}\",\"access\":\"{(isKnown ? "Always" : "Denied")}\",\"username\":{JsonSerializer.Serialize(name ?? "Unknown")},\"uid\":\"{number.ToLowerInvariant()}\"}}");
    }

    /// <summary>It says that it lives.</summary>
    public void Beat() => Say($"{{\"type\":\"heartbeat\",\"time\":{Seconds}}}");

    public void OnMessage(in MqttDelivery message)
    {
        // Nobody tells it anything.
    }

    public void OnLinkChanged(bool up)
    {
        if (up)
            Say($"{{\"type\":\"boot\",\"time\":{Seconds},\"Wifi SSID\":\"lab\",\"Local IP\":\"10.0.0.9\"}}");
    }

    public ValueTask DisposeAsync() => Wire.DisposeAsync();

    private void Say(FormattableString text) => Wire.Publish(_topic, Encoding.UTF8.GetBytes(FormattableString.Invariant(text)), MqttQos.AtMostOnce, retain: false);
}
