using FabLab.Gateway.Links;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>The topics of one Tasmota device, from its FullTopic template. Users reorder it, so nothing else here knows the order.</summary>
internal sealed class TasmotaTopics
{
    public const string DefaultTemplate = "%prefix%/%topic%/";

    private readonly string _command;

    private TasmotaTopics(string template, string topic)
    {
        (Template, Topic) = (template, topic);
        string For(string prefix) => template.Replace("%prefix%", prefix, StringComparison.Ordinal).Replace("%topic%", topic, StringComparison.Ordinal);
        _command = For("cmnd");
        Stat = For("stat");
        Tele = For("tele");
    }

    /// <summary>The FullTopic it is made with, slash at its end.</summary>
    public string Template { get; }

    public string Topic { get; }

    /// <summary>What its answers begin with, slash included.</summary>
    public string Stat { get; }

    /// <summary>What its telemetry begins with, slash included.</summary>
    public string Tele { get; }

    public string StatFilter => Stat + "#";

    public string TeleFilter => Tele + "#";

    public string CommandFilter => _command + "#";

    public string LastWill => Tele + "LWT";

    public string Command(string name) => _command + name;

    /// <summary>What commands begin with, slash included.</summary>
    public string CommandPrefix => _command;

    /// <summary>The topics of a device, or null and what is wrong.</summary>
    public static TasmotaTopics? Parse(DeviceSettings settings, out string? fault)
    {
        var template = string.IsNullOrEmpty(settings.FullTopic) ? DefaultTemplate : settings.FullTopic;
        if (template[^1] != '/')
            template += "/";
        var topic = string.IsNullOrEmpty(settings.Topic) ? settings.Id : settings.Topic;
        fault = null;
        if (!template.Contains("%prefix%", StringComparison.Ordinal) || !template.Contains("%topic%", StringComparison.Ordinal))
            fault = "fullTopic holds %prefix% and %topic%.";
        else if (!TopicFilter.IsTopic(topic) || topic.Any(char.IsWhiteSpace) || topic[0] is '/' or '$' || topic[^1] == '/')
            fault = "topic is a name without wildcards or blanks.";
        if (fault is not null)
            return null;
        var topics = new TasmotaTopics(template, topic);
        if (!TopicFilter.IsFilter(topics.StatFilter) || topics.Stat.Any(char.IsWhiteSpace) || topics.Stat[0] == '$')
            fault = "fullTopic makes no MQTT topic.";
        return fault is null ? topics : null;
    }
}
