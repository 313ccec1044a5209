using System.Text;
using System.Text.Json;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Plugs;

/// <summary>The vectors of every driver of bought devices, and everything that can be made of them by cutting, gluing and inventing: never a throw, never a relay on, one line a minute.</summary>
public sealed class PlugVectorTests : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly IReadOnlyList<Vector> Vectors = JsonSerializer.Deserialize<List<Vector>>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", "plugs.json")), Json)!;

    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();
    private readonly List<PlugDriver> _drivers = [];

    public static TheoryData<string> Names => [.. Vectors.Select(v => v.Name)];

    public static TheoryData<string> Kinds => [.. PlugDrivers.Kinds];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var driver in _drivers)
            await driver.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_message_is_read_as_its_vector_says(string name)
    {
        var vector = Vectors.Single(v => v.Name == name);
        var (link, device) = await ThereAsync(vector.Driver);
        foreach (var before in vector.Before ?? [])
            link.Deliver(before[0], before[1]);
        device.Take();

        link.Deliver(vector.Topic, vector.Payload);

        Assert.Equal(vector.Expect, device.Take().Select(PlugDrivers.Words));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_truncation_and_every_wound_of_every_vector_is_borne(string kind)
    {
        var (link, device) = await ThereAsync(kind);
        var random = new Random(6);
        var messages = Messages(kind);
        foreach (var (topic, payload) in messages)
        {
            var bytes = Encoding.UTF8.GetBytes(payload);
            for (var cut = 0; cut < bytes.Length; cut++)
            {
                link.Deliver(topic, bytes[..cut]);
                link.Deliver(topic, bytes[cut..]);
            }
            link.Deliver(topic, [.. "garbage"u8, .. bytes]);
            link.Deliver(topic, [.. bytes, .. bytes]);
            for (var i = 0; i < 200; i++)
            {
                var wounded = bytes.ToArray();
                for (var flips = 1 + random.Next(4); flips > 0 && wounded.Length > 0; flips--)
                    wounded[random.Next(wounded.Length)] = (byte)random.Next(256);
                link.Deliver(topic, wounded, retained: random.Next(8) == 0);
                // A message of one topic on another.
                link.Deliver(messages[random.Next(messages.Count)].Topic, wounded);
            }
            device.Take();
        }

        // It lives: what is good is taken after all that.
        foreach (var (topic, payload, retained) in PlugDrivers.Arrival(kind))
            link.Deliver(topic, payload, retained);
        Stayed(link, device);
        InRange(_log.Lines.Count, 12);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_megabyte_and_JSON_without_a_bottom_are_refused(string kind)
    {
        var (link, device) = await ThereAsync(kind);
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 2000));
        var list = string.Concat(Enumerable.Repeat("[", 2000));
        foreach (var (topic, _) in Messages(kind).DistinctBy(m => m.Topic))
        {
            link.Deliver(topic, new byte[1_048_576]);
            link.Deliver(topic, new string('{', 1_048_576));
            link.Deliver(topic, deep);
            link.Deliver(topic, list);
            link.Deliver(topic, "[1,\"x\",null,{}]");
            link.Deliver(topic, "\"text\"");
            link.Deliver(topic, "{\"id\":{},\"result\":[],\"params\":7,\"state\":[],\"ENERGY\":[],\"switch:0\":1}");
            link.Deliver(topic, "{\"id\":1e308,\"result\":{\"output\":\"yes\",\"apower\":{},\"uptime\":-1,\"mac\":7}}");
            link.Deliver(topic, "{\"method\":\"NotifyStatus\",\"params\":{\"switch:0\":{\"output\":1,\"apower\":\"Infinity\",\"errors\":[1,{},null]},\"switch:9\":{\"output\":true},\"switch:x\":{}}}");
            link.Deliver(topic, "{\"state\":\"\\ud83d\"}");
            link.Deliver(topic, [0xFF, 0xFE, 0x00, 0x80]);
            // The name alone: a filter that ends in # matches it too.
            for (var parent = topic; parent.Length > 0; parent = parent[..Math.Max(0, parent.LastIndexOf('/'))])
                link.Deliver(parent, "ON");
            link.Deliver(topic + "/", "ON");
            link.Deliver(topic + "/a/b/c/d", "ON");
        }

        Assert.DoesNotContain(device.Take().OfType<DeviceReport.PowerReport>(), p => !double.IsFinite(p.Watts) || p.Watts < 0);
        Stayed(link, device);
        InRange(_log.Lines.Count, 12);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_device_that_comes_and_goes_without_end_is_said_once_a_minute(string kind)
    {
        var (link, device) = await ThereAsync(kind);
        for (var i = 0; i < 200; i++)
        {
            link.SetUp(false);
            link.SetUp(true);
            foreach (var (topic, payload, retained) in PlugDrivers.Arrival(kind))
                link.Deliver(topic, payload, retained);
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }

        // Came, went, two under one name; at most each once a minute.
        InRange(_log.Lines.Count, 6);
        Assert.True(device.Take().OfType<DeviceReport.LinkReport>().Last().Online);
        Stayed(link, device);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_retained_command_is_wiped_away(string kind)
    {
        var (link, device) = await ThereAsync(kind);
        await device.OpenAsync(0, Cancellation);
        var command = link.Published[^1].Topic;
        device.Take();

        link.Deliver(command, "ON", retained: true);

        Assert.Equal([$"fault {DeviceFaults.Retained}"], device.Take().Select(PlugDrivers.Words));
        Assert.Equal((command, 0, true), (link.Published[^1].Topic, link.Published[^1].Payload.Length, link.Published[^1].Retain));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nothing_is_held_before_it_is_there_nor_for_a_use_that_is_over(string kind)
    {
        var link = new FakeMqttLink(_time);
        var device = await OpenAsync(kind, link);
        var session = new SessionId(Guid.NewGuid());
        Assert.Equal(SendOutcome.LinkDown, await device.HoldAsync(0, session, Duration.FromSeconds(30), Cancellation));
        foreach (var (topic, payload, retained) in PlugDrivers.Arrival(kind))
            link.Deliver(topic, payload, retained);

        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, session, Duration.FromSeconds(30), Cancellation));
        await device.OpenAsync(0, Cancellation);

        Assert.Equal(SendOutcome.Over, await device.HoldAsync(0, session, Duration.FromSeconds(30), Cancellation));
        Assert.Equal(SendOutcome.NotSupported, await device.HoldAsync(1, session, Duration.FromSeconds(30), Cancellation));
        Assert.DoesNotContain(link.Published, p => p.Retain);
    }

    [Theory]
    [InlineData("tasmota", true)]
    [InlineData("shelly", true)]
    [InlineData("shelly1", false)]
    [InlineData("esphome", true)]
    [InlineData("zigbee2mqtt", false)]
    [InlineData("homeassistant", false)]
    public async Task What_falls_open_by_itself_is_declared_and_nothing_else(string kind, bool alone)
    {
        var (_, device) = await ThereAsync(kind);

        Assert.Equal(alone, device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone));
        Assert.True(device.Abilities.HasFlag(DriverAbilities.ConfirmsRelay | DriverAbilities.Switches));
    }

    [Theory]
    [InlineData("shelly1", "v1.14.0", true)]
    [InlineData("shelly1", "v1.13.0", false)]
    [InlineData("zigbee2mqtt", "1.0.5", true)]
    [InlineData("zigbee2mqtt", "1.0.4", false)]
    [InlineData("homeassistant", "3.2", false)]
    public async Task What_cannot_be_asked_is_decided_by_a_test_passed_with_this_firmware(string kind, string firmware, bool alone)
    {
        var (_, device) = await ThereAsync(kind, PlugDrivers.Settings(kind) with { ProvenFirmware = firmware });

        Assert.Equal(alone, device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone));
    }

    [Fact]
    public async Task A_plug_that_answers_only_when_asked_is_missed_and_found_again()
    {
        var (link, device) = await ThereAsync("zigbee2mqtt");
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(["offline"], device.Take().Select(PlugDrivers.Words));
        var asked = link.Published.Count;

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.InRange(link.Published.Count - asked, 1, 3);
        Assert.Equal("zigbee2mqtt/p/get", link.Published[^1].Topic);
        link.Deliver("zigbee2mqtt/p", """{"state":"OFF"}""");

        Assert.Equal(["online"], device.Take().Select(PlugDrivers.Words));
    }

    [Fact]
    public async Task A_relay_without_a_timer_is_opened_by_us_when_its_lease_ends()
    {
        var (link, device) = await ThereAsync("homeassistant");
        await device.HoldAsync(0, new SessionId(Guid.NewGuid()), Duration.FromSeconds(10), Cancellation);
        link.Deliver("p/state", "ON");
        Assert.Equal(["relay 0 closed lease"], device.Take().Select(PlugDrivers.Words));

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("ON", link.Published[^1].Text);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(("p/set", "OFF"), (link.Published[^1].Topic, link.Published[^1].Text));
        link.Deliver("p/state", "OFF");
        Assert.Equal(["relay 0 open told"], device.Take().Select(PlugDrivers.Words));
    }

    [Theory]
    [InlineData("{{ value }}", "x", "x")]
    [InlineData("{{ value_json.a.b }}", """{"a":{"b":3}}""", "3")]
    [InlineData("{{value_json['a']['b c']|float(0)|round(1)}}", """{"a":{"b c":3.25}}""", "3.25")]
    [InlineData("{{ value_json.list[1] }}", """{"list":[1,"two"]}""", "two")]
    [InlineData("{{ value_json.on }}", """{"on":true}""", "True")]
    [InlineData("{{ value_json.a }}", """{"b":1}""", null)]
    [InlineData("{{ value_json.list[7] }}", """{"list":[1]}""", null)]
    [InlineData("{{ value_json.a }}", "no JSON", null)]
    public void A_template_of_the_subset_is_read(string template, string payload, string? value) =>
        Assert.Equal(value, FabLab.Gateway.Drivers.HomeAssistant.ValueTemplate.Parse(template)!.Read(Encoding.UTF8.GetBytes(payload)));

    [Theory]
    [InlineData("")]
    [InlineData("{{}}")]
    [InlineData("{% if value %}ON{% endif %}")]
    [InlineData("{{ value_json.a + 1 }}")]
    [InlineData("{{ value_json }}")]
    [InlineData("{{ value_json.a | regex_replace('a','b') }}")]
    [InlineData("{{ states('x') }}")]
    [InlineData("{{ value_json.a.b.c.d.e.f.g.h.i }}")]
    [InlineData("{{ value_json['a }}")]
    public void A_template_beyond_the_subset_is_not_guessed(string template) => Assert.Null(FabLab.Gateway.Drivers.HomeAssistant.ValueTemplate.Parse(template));

    [Fact]
    public async Task A_whole_device_in_one_announcement_is_its_parts_and_leads_nowhere_else()
    {
        var link = new FakeMqttLink(_time);
        var device = await OpenAsync("homeassistant", link);

        link.Deliver("homeassistant/device/d1/config", """
            {"dev":{"ids":["d1"],"sw":"1.2"},"o":{"name":"x"},"cmps":{
              "evil":{"p":"switch","cmd_t":"laser/cmnd/POWER","stat_t":"p/evil"},
              "relay":{"p":"switch","cmd_t":"p/set","stat_t":"p/state","pl_on":"1","pl_off":"0"},
              "w":{"p":"sensor","dev_cla":"power","unit_of_meas":"kW","stat_t":"p/kw"}}}
            """, retained: true);
        link.Deliver("p/state", "0");
        link.Deliver("p/kw", "1.5");

        Assert.Contains("power 0 1500 W", device.Take().Select(PlugDrivers.Words));
        await device.HoldAsync(0, new SessionId(Guid.NewGuid()), Duration.FromSeconds(10), Cancellation);
        Assert.Equal(("p/set", "1"), (link.Published[^1].Topic, link.Published[^1].Text));
        Assert.DoesNotContain(link.Published, p => p.Topic.StartsWith("laser", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_firmware_than_the_tested_one_is_said()
    {
        var link = new FakeMqttLink(_time);
        var device = await OpenAsync("shelly1", link, PlugDrivers.Settings("shelly1") with { ProvenFirmware = "v1.13.0" });

        foreach (var (topic, payload, retained) in PlugDrivers.Arrival("shelly1"))
            link.Deliver(topic, payload, retained);

        Assert.Equal(["online", $"fault {DeviceFaults.NotCommissioned}"], device.Take().Select(PlugDrivers.Words));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_device_may_speak_at_the_broker_under_its_own_name_only(string kind)
    {
        var link = new FakeMqttLink(_time);
        var driver = PlugDrivers.Create(kind, link, _time, _log.Factory());
        _drivers.Add(driver);
        var settings = PlugDrivers.Settings(kind) with { MqttPassword = "secret" };

        var access = driver.Access(settings)!;

        Assert.All(access.Publish.Concat(access.Subscribe), filter => Assert.True(FabLab.Gateway.Links.TopicFilter.IsFilter(filter) && filter[0] is not ('#' or '+'), filter));
        Assert.DoesNotContain("secret", access.ToString(), StringComparison.Ordinal);
        Assert.Null(driver.Access(settings with { MqttPassword = null }));
        Assert.NotEmpty(driver.Validate(settings with { Topic = "a/+/b" }));
        Assert.NotEmpty(driver.Validate(settings with { Topic = "#" }));
        Assert.NotEmpty(driver.Validate(settings with { Link = DeviceLinkKind.Serial, Path = "/dev/ttyUSB0" }));
    }

    private static List<(string Topic, string Payload)> Messages(string kind) =>
    [
        .. Vectors.Where(v => v.Driver == kind).Select(v => (v.Topic, v.Payload)),
        .. PlugDrivers.Arrival(kind).Select(a => (a.Topic, a.Payload)),
    ];

    /// <summary>Nothing was switched on, and nothing left in the broker's memory.</summary>
    private static void Stayed(FakeMqttLink link, IDevice device)
    {
        Assert.Equal(0, link.SinkFaults);
        Assert.DoesNotContain(link.Published, p => p.Text is "ON" or "on" || p.Text.Contains("\"on\":true", StringComparison.Ordinal) || p.Text.Contains("\"ON\"", StringComparison.Ordinal)
            || (p.Topic.Contains("/lease/", StringComparison.Ordinal) && p.Text != "0"));
        Assert.DoesNotContain(link.Published, p => p.Retain && p.Payload.Length > 0);
        Assert.NotNull(device.Reports);
    }

    private static void InRange(int lines, int most) => Assert.InRange(lines, 0, most);

    private async Task<(FakeMqttLink Link, IDevice Device)> ThereAsync(string kind, DeviceSettings? settings = null)
    {
        var link = new FakeMqttLink(_time);
        var device = await OpenAsync(kind, link, settings);
        foreach (var (topic, payload, retained) in PlugDrivers.Arrival(kind))
            link.Deliver(topic, payload, retained);
        Assert.True((await device.NextAsync<DeviceReport.LinkReport>()).Online);
        device.Take();
        return (link, device);
    }

    private async Task<IDevice> OpenAsync(string kind, FakeMqttLink link, DeviceSettings? settings = null)
    {
        var driver = PlugDrivers.Create(kind, link, _time, _log.Factory());
        _drivers.Add(driver);
        return await driver.OpenAsync(settings ?? PlugDrivers.Settings(kind), Cancellation);
    }

    private sealed record Vector(string Name, string Driver, string Topic, string Payload, IReadOnlyList<string> Expect, IReadOnlyList<IReadOnlyList<string>>? Before = null);
}

internal static class LogLinesFactory
{
    /// <summary>Loggers that write into these lines what an operator would see.</summary>
    public static ILoggerFactory Factory(this LogLines lines) => LoggerFactory.Create(builder => builder.AddProvider(lines).SetMinimumLevel(LogLevel.Information));
}
