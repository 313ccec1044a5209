using System.Globalization;
using System.Text;
using System.Text.Json;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// OctoPrint's MQTT plugin, as its README and source describe it: it publishes events as they happen and progress percent by percent, the
/// latter for the broker to keep, with a last will beside it. It hears nothing.
/// </summary>
public sealed class VirtualOctoPrintPlugin : IAsyncDisposable, IMqttSink
{
    private readonly string _root;
    private readonly TimeProvider _time;

    /// <summary>Switched on at once.</summary>
    /// <param name="brokerPort">Port of the broker on this computer.</param>
    /// <param name="root">Its base topic, without a slash at its end.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="network">The clock of its connection.</param>
    /// <param name="logger">Where the link writes what happens to it.</param>
    public VirtualOctoPrintPlugin(int brokerPort, string root, TimeProvider time, TimeProvider network, ILogger logger)
    {
        (_root, _time) = (root, time);
        Wire = MqttLinks.Create(
            new MqttLinkOptions
            {
                Port = brokerPort, ClientId = $"octoprint-{root}", Version = MqttVersion.V311, KeepAlive = TimeSpan.FromSeconds(60),
                Will = new MqttWill($"{root}/mqtt", "disconnected"u8.ToArray(), MqttQos.AtMostOnce, Retain: true),
            },
            network, logger);
        // What it is told of its connection comes with a subscription.
        Wire.Subscribe($"{root}/nothing", MqttQos.AtMostOnce, this);
        Wire.Start();
    }

    /// <summary>Its connection.</summary>
    public IMqttLink Wire { get; }

    private long Seconds => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>A print begins.</summary>
    public void Begin(string file) => Event("PrintStarted", $",\"name\":{JsonSerializer.Serialize(file)},\"path\":{JsonSerializer.Serialize("folder/" + file)},\"origin\":\"local\",\"size\":1468987");

    /// <summary>It has come so far.</summary>
    public void Go(string file, int percent) => Say(
        "progress/printing",
        string.Create(CultureInfo.InvariantCulture, $"{{\"_timestamp\":{Seconds},\"progress\":{percent},\"location\":\"local\",\"path\":{JsonSerializer.Serialize(file)}}}"), retain: true);

    /// <summary>It waits, or goes on.</summary>
    public void Hold(bool held) => Event(held ? "PrintPaused" : "PrintResumed", "");

    /// <summary>It is done.</summary>
    public void End() => Event("PrintDone", ",\"time\":90.5");

    /// <summary>Somebody cancels it: that counts as a failure first.</summary>
    public void Cancel()
    {
        Event("PrintFailed", ",\"reason\":\"cancelled\"");
        Event("PrintCancelled", "");
    }

    public void OnMessage(in MqttDelivery message)
    {
        // Nobody tells it anything.
    }

    public void OnLinkChanged(bool up)
    {
        if (up)
            Say("mqtt", "connected", retain: true);
    }

    public ValueTask DisposeAsync() => Wire.DisposeAsync();

    private void Event(string name, string more) =>
        Say($"event/{name}", string.Create(CultureInfo.InvariantCulture, $"{{\"_event\":\"{name}\",\"_timestamp\":{Seconds}{more}}}"));

    private void Say(string topic, string text, bool retain = false) => Wire.Publish($"{_root}/{topic}", Encoding.UTF8.GetBytes(text), MqttQos.AtMostOnce, retain);
}
