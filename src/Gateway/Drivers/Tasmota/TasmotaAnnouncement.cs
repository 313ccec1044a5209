using System.Text.Json;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>What a Tasmota says of itself, retained, under <c>tasmota/discovery/&lt;MAC&gt;/config</c>, unless SetOption19 is on.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="FullTopic">The template its topics are made with.</param>
/// <param name="Mac">Its MAC, without colons.</param>
/// <param name="Relays">How many plain relays it has; lights and shutters are not counted.</param>
/// <param name="Firmware">Its version.</param>
/// <param name="Prefixes">What it puts for <c>%prefix%</c>: command, status, telemetry.</param>
/// <param name="Online">Its word in the last will when it is there.</param>
/// <param name="Offline">Its word in the last will when it went.</param>
internal sealed record TasmotaAnnouncement(
    string Topic, string FullTopic, string Mac, int Relays, string? Firmware, IReadOnlyList<string> Prefixes, string Online, string Offline)
{
    public const string Filter = "tasmota/discovery/+/config";

    private const int MostText = 128;
    private const int PlainRelay = 1;

    private static readonly string[] UsualPrefixes = ["cmnd", "stat", "tele"];

    public static bool IsTopic(string topic) =>
        topic.StartsWith("tasmota/discovery/", StringComparison.Ordinal) && topic.EndsWith("/config", StringComparison.Ordinal);

    /// <summary>Understands it, or gives null.</summary>
    public static TasmotaAnnouncement? Read(JsonElement config)
    {
        if (Text(config, "t") is not { } topic || Text(config, "ft") is not { } full || Text(config, "mac") is not { } mac)
            return null;
        var prefixes = PlugJson.Items(config, "tp").Take(3).Select(p => p.ValueKind == JsonValueKind.String ? p.GetString()! : "").ToArray();
        return new TasmotaAnnouncement(
            topic, full[^1] == '/' ? full : full + "/", mac, PlugJson.Items(config, "rl").Take(8).Count(relay => PlugJson.Number(relay) is PlainRelay), Text(config, "sw"),
            prefixes.Length == 3 ? prefixes : UsualPrefixes, Text(config, "onln") ?? "Online", Text(config, "ofln") ?? "Offline");
    }

    /// <summary>Why we would not hear it with these settings, or not switch all of it; empty when all fits. The device is not at fault: the settings are.</summary>
    public IReadOnlyList<string> Against(string template, int channels)
    {
        var differences = new List<string>();
        if (FullTopic != template)
            differences.Add($"its FullTopic is {FullTopic} and fullTopic here is {template}");
        if (!Prefixes.SequenceEqual(UsualPrefixes))
            differences.Add($"its prefixes are {string.Join(", ", Prefixes)} and must be cmnd, stat, tele");
        if (Online != "Online" || Offline != "Offline")
            differences.Add("its last will has words of its own and must have Online and Offline");
        if (Relays < channels)
            differences.Add($"it has {Relays} relays and channels here is {channels}");
        return differences;
    }

    private static string? Text(JsonElement config, string name) => PlugJson.Text(config, name) is { Length: > 0 and <= MostText } text ? text : null;
}
