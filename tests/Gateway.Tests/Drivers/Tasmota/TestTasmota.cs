using System.Globalization;
using System.Text;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Links;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers.Tasmota;

/// <summary>Behaves on the wire as a Tasmota does, with a relay one can look at. Its PulseTime is a real timer.</summary>
internal sealed class TestTasmota : IMqttSink, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly MqttLinkOptions _options;
    private readonly string _template;
    private readonly string _topic;
    private readonly bool[] _relays;
    private readonly int[] _pulse;
    private readonly ITimer?[] _timers;
    private readonly Dictionary<string, string> _settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _commands = [];
    private IMqttLink? _link;

    public TestTasmota(MqttLinkOptions options, string topic = "plug-1", int channels = 1, string template = "%prefix%/%topic%/")
    {
        _options = options;
        _template = template;
        _topic = topic;
        _relays = new bool[channels];
        _pulse = new int[channels];
        _timers = new ITimer?[channels];
    }

    public int BootCount { get; private set; } = 7;

    public string Mac { get; set; } = "A0:20:A6:00:00:01";

    /// <summary>Settings it does not know, as an old firmware.</summary>
    public HashSet<string> Ignores { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Switches the plain POWER answer off, as SetOption90 does.</summary>
    public bool OnlyJson { get; set; }

    public IReadOnlyList<string> Commands
    {
        get { lock (_gate) return [.. _commands]; }
    }

    public bool IsOn(int channel = 0)
    {
        lock (_gate)
            return _relays[channel];
    }

    public async Task UntilAsync(bool on, int channel = 0) => await Until.TrueAsync(() => IsOn(channel) == on, $"relay {channel} {on}");

    public string Topic(string prefix, string name) =>
        _template.Replace("%prefix%", prefix, StringComparison.Ordinal).Replace("%topic%", _topic, StringComparison.Ordinal) + name;

    public async Task ConnectAsync()
    {
        _link = MqttLinks.Create(_options with { Will = new MqttWill(Topic("tele", "LWT"), "Offline"u8.ToArray(), MqttQos.AtLeastOnce, true) }, TimeProvider.System, NullLogger.Instance);
        _link.Subscribe(Topic("cmnd", "#"), MqttQos.AtMostOnce, this);
        _link.Start();
        await _link.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        Publish("tele", "LWT", "Online", retain: true);
    }

    public async Task VanishAsync()
    {
        Publish("tele", "LWT", "Offline", retain: true);
        await _link!.DisposeAsync();
    }

    public async Task PowerCycleAsync()
    {
        await VanishAsync();
        lock (_gate)
        {
            BootCount++;
            for (var i = 0; i < _relays.Length; i++)
                Switch(i, on: false, quietly: true);
        }
        await ConnectAsync();
    }

    /// <summary>Somebody presses the button on the plug.</summary>
    public void Button(int channel, bool on)
    {
        lock (_gate)
            Switch(channel, on, quietly: false);
    }

    public void State() => Publish("tele", "STATE", $$"""{"Time":"1970-01-01T00:00:10","Uptime":"0T00:10:00",{{PowerJson(0)}}}""");

    public void Sensor(string json) => Publish("tele", "SENSOR", json);

    public void Publish(string prefix, string name, string payload, bool retain = false) =>
        _link?.Publish(Topic(prefix, name), Encoding.UTF8.GetBytes(payload), MqttQos.AtMostOnce, retain);

    public void OnMessage(in MqttDelivery message)
    {
        var name = message.Topic[Topic("cmnd", "").Length..];
        var value = Encoding.UTF8.GetString(message.Payload);
        lock (_gate)
        {
            if (message.Retained)
                _commands.Add("retained");
            Execute(name, value);
        }
    }

    public void OnLinkChanged(bool up)
    {
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var timer in _timers)
            timer?.Dispose();
        if (_link is { } link)
            await link.DisposeAsync();
    }

    private void Execute(string name, string value)
    {
        _commands.Add($"{name} {value}".Trim());
        if (name == "Backlog")
        {
            foreach (var part in value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var words = part.Split(' ', 2);
                Execute(words[0], words.Length > 1 ? words[1] : "");
            }
            return;
        }
        if (Ignores.Contains(name))
        {
            Result("""{"Command":"Unknown"}""");
            return;
        }
        if (name.StartsWith("POWER", StringComparison.Ordinal))
        {
            var channel = name.Length > 5 ? name[5] - '1' : 0;
            if (value is "ON" or "OFF")
                Switch(channel, value == "ON", quietly: false);
            else
                Result($"{{{PowerJson(channel)}}}");
        }
        else if (name.StartsWith("PulseTime", StringComparison.OrdinalIgnoreCase))
        {
            var channel = name[9] - '1';
            if (value.Length > 0)
                _pulse[channel] = int.Parse(value, CultureInfo.InvariantCulture);
            if (_relays[channel])
                Arm(channel);
            Result($$$"""{"PulseTime{{{channel + 1}}}":{"Set":{{{_pulse[channel]}}},"Remaining":0}}""");
        }
        else if (name == "STATUS")
        {
            Status(value);
        }
        else
        {
            if (value.Length > 0)
                _settings[name] = value;
            var held = _settings.GetValueOrDefault(name, "0");
            var answer = name.Contains("Option", StringComparison.Ordinal) || name.EndsWith("Retain", StringComparison.Ordinal) ? held == "1" ? "\"ON\"" : "\"OFF\"" : held;
            Result($$"""{"{{name}}":{{answer}}}""");
        }
    }

    private void Status(string number) => Publish("stat", "STATUS" + number, number switch
    {
        "1" => $$$"""{"StatusPRM":{"Baudrate":115200,"BootCount":{{{BootCount}}},"RestartReason":"Power On"}}""",
        "2" => """{"StatusFWR":{"Version":"13.1.0(tasmota)","Hardware":"ESP8266EX"}}""",
        "5" => $$$"""{"StatusNET":{"Hostname":"plug-1","Mac":"{{{Mac}}}"}}""",
        "8" => """{"StatusSNS":{"Time":"1970-01-01T00:00:12","ENERGY":{"TotalStartTime":"2018-11-14T18:39:40","Total":6.294,"Power":0}}}""",
        "11" => $$$"""{"StatusSTS":{"Time":"1970-01-01T00:00:12","UptimeSec":12,{{{string.Join(',', Enumerable.Range(0, _relays.Length).Select(PowerJson))}}}}}""",
        _ => "{}",
    });

    private string PowerJson(int channel) => $"\"POWER{(_relays.Length == 1 ? "" : channel + 1)}\":\"{(_relays[channel] ? "ON" : "OFF")}\"";

    private void Switch(int channel, bool on, bool quietly)
    {
        _relays[channel] = on;
        _timers[channel]?.Dispose();
        _timers[channel] = null;
        if (on)
            Arm(channel);
        if (quietly)
            return;
        Result($"{{{PowerJson(channel)}}}");
        if (!OnlyJson)
            Publish("stat", _relays.Length == 1 ? "POWER" : $"POWER{channel + 1}", on ? "ON" : "OFF");
    }

    private void Arm(int channel)
    {
        _timers[channel]?.Dispose();
        if (_pulse[channel] == 0)
            return;
        var after = _pulse[channel] <= 111 ? TimeSpan.FromMilliseconds(_pulse[channel] * 100) : TimeSpan.FromSeconds(_pulse[channel] - 100);
        _timers[channel] = TimeProvider.System.CreateTimer(
            _ =>
            {
                lock (_gate)
                {
                    if (_relays[channel])
                        Switch(channel, on: false, quietly: false);
                }
            },
            null, after, Timeout.InfiniteTimeSpan);
    }

    private void Result(string json) => Publish("stat", "RESULT", json);
}
