using System.Text.Json;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.HomeAssistant;

/// <summary>What an announced part of a device is to us.</summary>
internal enum PartKind
{
    Switch = 0,
    Power,
    Energy,
    Tag,
}

/// <summary>One announced part of a device, its abbreviations resolved.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its object id: the last level before <c>config</c>, or its key in an announcement of a whole device.</param>
/// <param name="State">Where it tells its state.</param>
/// <param name="Command">Switches: where it is told.</param>
/// <param name="Template">How its value is read.</param>
/// <param name="On">Payload that switches on.</param>
/// <param name="Off">Payload that switches off.</param>
/// <param name="StateOn">Value that means on.</param>
/// <param name="StateOff">Value that means off.</param>
/// <param name="Factor">To watts or watt hours.</param>
/// <param name="Availability">Where it says whether it is there; null when it does not.</param>
/// <param name="Available">Payload that says so.</param>
/// <param name="Unavailable">Payload that says it went.</param>
/// <param name="Device">The identifiers of the device it is a part of.</param>
/// <param name="Firmware">The device's software version.</param>
internal sealed record Announcement(
    PartKind Kind, string Name, string State, string? Command, ValueTemplate Template, string On, string Off, string StateOn, string StateOff, double Factor,
    string? Availability, string Available, string Unavailable, string Device, string? Firmware)
{
    private const int MostText = 256;

    private static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal)
    {
        ["state_topic"] = "stat_t", ["command_topic"] = "cmd_t", ["topic"] = "t", ["value_template"] = "val_tpl", ["payload_on"] = "pl_on", ["payload_off"] = "pl_off",
        ["state_on"] = "stat_on", ["state_off"] = "stat_off", ["unit_of_measurement"] = "unit_of_meas", ["device_class"] = "dev_cla",
        ["availability_topic"] = "avty_t", ["availability"] = "avty", ["payload_available"] = "pl_avail", ["payload_not_available"] = "pl_not_avail",
        ["device"] = "dev", ["identifiers"] = "ids", ["sw_version"] = "sw", ["components"] = "cmps", ["platform"] = "p",
    };

    /// <summary>Understands an announcement of a part; null when it is none that we use. Every topic of it must be under <paramref name="root"/>: an announcement must not lead us to somebody else's.</summary>
    public static Announcement? Read(string component, string id, JsonElement config, JsonElement? device, string root)
    {
        var stem = PlugJson.Text(config, "~") ?? "";
        string? Topic(string name) => Text(config, name) is not { } topic ? null
            : topic.StartsWith('~') ? stem + topic[1..]
            : topic.EndsWith('~') ? topic[..^1] + stem
            : topic;
        var state = Topic(component == "tag" ? "topic" : "state_topic");
        var command = Topic("command_topic");
        var availability = Topic("availability_topic") ?? FirstAvailability(config, stem);
        PartKind? kind = (component, Text(config, "device_class"), command) switch
        {
            ("switch", _, not null) => PartKind.Switch,
            ("sensor", "power", _) => PartKind.Power,
            ("sensor", "energy", _) => PartKind.Energy,
            ("tag", _, _) => PartKind.Tag,
            _ => null,
        };
        if (kind is not { } which || ValueTemplate.Parse(Text(config, "value_template")) is not { } template || FactorOf(which, Text(config, "unit_of_measurement")) is not { } factor)
            return null;
        foreach (var topic in new[] { state, command, availability })
        {
            if (topic is not null && (!Links.TopicFilter.IsTopic(topic) || !topic.StartsWith(root + "/", StringComparison.Ordinal)))
                return null;
        }
        if (state is null)
            return null;
        var on = Text(config, "payload_on") ?? "ON";
        var off = Text(config, "payload_off") ?? "OFF";
        var about = Nested(config, "device") ?? device;
        return new Announcement(
            which, id, state, command, template, on, off, Text(config, "state_on") ?? on, Text(config, "state_off") ?? off, factor,
            availability, Text(config, "payload_available") ?? "online", Text(config, "payload_not_available") ?? "offline",
            about is { } d ? Identity(d) : "", about is { } e ? Text(e, "sw_version") : null);
    }

    /// <summary>A member by its long name or its abbreviation, when it is a text of a bearable length.</summary>
    public static string? Text(JsonElement element, string name)
    {
        var text = PlugJson.Text(element, name) ?? (Short.TryGetValue(name, out var abbreviation) ? PlugJson.Text(element, abbreviation) : null);
        return text is { Length: <= MostText } ? text : null;
    }

    public static JsonElement? Nested(JsonElement element, string name) =>
        PlugJson.Object(element, name) ?? (Short.TryGetValue(name, out var abbreviation) ? PlugJson.Object(element, abbreviation) : null);

    private static double? FactorOf(PartKind kind, string? unit) => (kind, unit) switch
    {
        (PartKind.Power, "W" or null) => 1,
        (PartKind.Power, "kW") => 1000,
        (PartKind.Energy, "Wh") => 1,
        (PartKind.Energy, "kWh" or null) => 1000,
        (PartKind.Power or PartKind.Energy, _) => null,
        _ => 1,
    };

    /// <summary>A list of places; one is enough, and its payloads are the usual ones.</summary>
    private static string? FirstAvailability(JsonElement config, string stem)
    {
        foreach (var item in PlugJson.Items(config, "availability").Concat(PlugJson.Items(config, "avty")).Take(4))
        {
            if (Text(item, "topic") is { } topic)
                return topic.StartsWith('~') ? stem + topic[1..] : topic;
        }
        return null;
    }

    private static string Identity(JsonElement device)
    {
        if (Text(device, "identifiers") is { } one)
            return one;
        var list = PlugJson.Items(device, "identifiers").Concat(PlugJson.Items(device, "ids")).Take(4)
            .Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!).Where(text => text.Length <= MostText);
        return string.Join(',', list.Order(StringComparer.Ordinal));
    }
}
