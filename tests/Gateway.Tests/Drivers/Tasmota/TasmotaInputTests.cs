using System.Text;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Tasmota;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Tasmota;

/// <summary>What a Tasmota, or somebody who says to be one, may send; on a clock that moves when told.</summary>
public sealed class TasmotaInputTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly FakeMqttLink _link;
    private TasmotaDriver _driver = null!;
    private IDevice _device = null!;

    public TasmotaInputTests() => _link = new FakeMqttLink(_time);

    public async ValueTask InitializeAsync()
    {
        _driver = new TasmotaDriver(_link, _time, NullLogger<TasmotaDriver>.Instance);
        _device = await _driver.OpenAsync(new DeviceSettings { Id = "plug-1", Driver = "tasmota", Channels = 2 }, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await _driver.DisposeAsync();

    [Theory]
    [InlineData("""{"Time":"2019-01-10T18:23:24","PN532":{"UID":"94D8FC5F", "DATA":""}}""", "iso:94D8FC5F", "iso-hex")]
    [InlineData("""{"Time":"2023-02-24T20:05:48","PN532":{"UID":"53BB1F05110001","Data":"I love tasmota","Auth":"Ok"}}""", "iso:53BB1F05110001", "iso-hex")]
    [InlineData("""{"Time":"2021-01-23T13:10:50","RC522":{"UID":"BA839D07","Data":"","Type":"MIFARE 1KB"}}""", "iso:BA839D07", "iso-hex")]
    [InlineData("""{"Time":"2021-01-23T13:10:50","RDM6300":{"UID":"008EC793"}}""", "em:008EC793", "em-hex8")]
    public void A_scan_is_a_badge_read(string json, string canonical, string profile)
    {
        Sensor(json);

        var tap = Assert.IsType<DeviceReport.BadgeRead>(Assert.Single(_device.Take()));
        Assert.Equal((canonical, profile, true), (tap.Number.Canonical, tap.Profile.Code, tap.Live));
    }

    [Fact]
    public void A_tag_that_stays_is_one_read_and_one_that_comes_back_is_another()
    {
        for (var i = 0; i < 20; i++)
        {
            Sensor(Scan("94D8FC5F"));
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }
        Assert.Single(Taps());

        _time.Advance(TimeSpan.FromSeconds(3));
        Sensor(Scan("94D8FC5F"));
        Assert.Single(Taps());
    }

    [Fact]
    public void Telemetry_that_repeats_the_last_tag_is_no_tap()
    {
        Sensor(Scan("94D8FC5F"));
        Assert.Single(Taps());
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            State();
            Sensor(Scan("94D8FC5F"));
        }
        Assert.Empty(Taps());

        // Half a second after the telemetry the same person taps again.
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Sensor(Scan("94D8FC5F"));
        Assert.Single(Taps());
    }

    [Fact]
    public void Telemetry_with_other_sensors_in_it_is_never_a_tap()
    {
        Sensor("""{"Time":"2019-01-10T18:23:24","PN532":{"UID":"94D8FC5F"},"ENERGY":{"Total":1,"Power":5}}""");
        Sensor("""{"Time":"2019-01-10T18:23:24","PN532":{"UID":"94D8FC50"},"AM2301":{"Temperature":20.1}}""");

        Assert.Empty(Taps());
    }

    [Fact]
    public void Just_after_our_start_the_tag_of_yesterday_in_the_telemetry_starts_nothing()
    {
        State();
        Sensor(Scan("94D8FC5F"));
        Assert.Empty(Taps());

        _time.Advance(TimeSpan.FromSeconds(1));
        Sensor(Scan("94D8FC5F"));
        Assert.Single(Taps());
    }

    [Fact]
    public void Another_tag_at_the_moment_of_the_telemetry_is_a_tap()
    {
        Sensor(Scan("94D8FC5F"));
        Assert.Single(Taps());
        _time.Advance(TimeSpan.FromSeconds(10));

        State();
        Sensor(Scan("BA839D07"));

        Assert.Single(Taps());
    }

    [Fact]
    public void Frames_of_the_raw_serial_route_count_when_they_come_twice()
    {
        Result("""{"SSerialReceived":"\u000262E3086CED08"}""");
        Assert.Empty(Taps());
        _time.Advance(TimeSpan.FromMilliseconds(65));
        Result("""{"SSerialReceived":"\u000262E3086CED08"}""");
        Assert.Equal("em:62E3086CED", Assert.Single(Taps()).Number.Canonical);
        Result("""{"SSerialReceived":"\u000262E3086CED09"}""");
        Result("""{"SSerialReceived":"garbage and more garbage"}""");
        Result("""{"SSerialReceived":"é62E3086CED08"}""");
        Assert.Empty(Taps());
    }

    [Theory]
    [InlineData("""{"ENERGY":{"Power":[1320,2100],"Total":[1.5,2.5]}}""", 1320, 2100)]
    [InlineData("""{"ENERGY":{"Power":["1320","2100"]}}""", 1320, 2100)]
    public void A_meter_with_a_row_of_numbers_is_read_by_channel(string json, double first, double second)
    {
        Sensor(json);

        Assert.Equal([(0, first), (1, second)], _device.Take().OfType<DeviceReport.PowerReport>().Select(p => (p.Channel, p.Watts)));
    }

    [Theory]
    [InlineData("""{"ENERGY":{"Power":-40}}""", 0)]
    [InlineData("""{"ENERGY":{"Power":1e300}}""", 1e12)]
    public void A_reading_out_of_this_world_is_bounded(string json, double watts)
    {
        Sensor(json);

        Assert.Equal(watts, Assert.Single(_device.Take().OfType<DeviceReport.PowerReport>()).Watts);
    }

    [Theory]
    [InlineData("""{"ENERGY":{"Power":"lots"}}""")]
    [InlineData("""{"ENERGY":{"Power":null,"Total":{}}}""")]
    [InlineData("""{"ENERGY":[1,2]}""")]
    [InlineData("""{"ENERGY":{"Power":[1,"x"]}}""")]
    [InlineData("""{"PN532":{"UID":94}}""")]
    [InlineData("""{"PN532":"94D8FC5F"}""")]
    [InlineData("""{"PN532":{"UID":"not hex"}}""")]
    [InlineData("""{"PN532":{"UID":"00000000"}}""")]
    [InlineData("{}")]
    public void What_is_of_another_type_is_not_there(string json)
    {
        Sensor(json);
        Result(json);

        Assert.Empty(_device.Take());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("ON")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("{\"PN532\":{\"UID\":\"\\ud83d\"}}")]
    [InlineData("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}")]
    public void What_is_no_JSON_is_one_line_a_minute_and_the_rest_goes_on(string payload)
    {
        for (var i = 0; i < 100; i++)
        {
            Sensor(payload);
            Result(payload);
        }

        Assert.Equal(DeviceFaults.Malformed, Assert.IsType<DeviceReport.DeviceFaultReport>(Assert.Single(_device.Take())).Code);
        Sensor(Scan("94D8FC5F"));
        Assert.Single(Taps());
    }

    [Fact]
    public void A_megabyte_is_refused_unread()
    {
        _link.Deliver("tele/plug-1/SENSOR", new byte[1_048_576]);

        Assert.Equal(DeviceFaults.Oversized, Assert.IsType<DeviceReport.DeviceFaultReport>(Assert.Single(_device.Take())).Code);
    }

    [Fact]
    public void A_retained_scan_or_state_is_from_another_day()
    {
        _link.Deliver("tele/plug-1/SENSOR", Scan("94D8FC5F"), retained: true);
        _link.Deliver("stat/plug-1/POWER1", "ON", retained: true);

        Assert.Equal(DeviceFaults.Retained, Assert.IsType<DeviceReport.DeviceFaultReport>(Assert.Single(_device.Take())).Code);
    }

    [Fact]
    public async Task Random_bytes_on_every_topic_never_throw_and_close_nothing()
    {
        await OnlineAsync();
        var random = new Random(4);
        var topics = new[] { "tele/plug-1/SENSOR", "tele/plug-1/STATE", "tele/plug-1/LWT", "tele/plug-1/RESULT", "stat/plug-1/RESULT", "stat/plug-1/STATUS11", "stat/plug-1/POWER1", "stat/plug-1/POWER9", "stat/plug-1/", "tele/plug-1/", "cmnd/plug-1/POWER" };
        string[] seeds = [Scan("94D8FC5F"), """{"StatusPRM":{"BootCount":7}}""", """{"POWER1":"OFF","PulseTime1":{"Set":130}}""", """{"ENERGY":{"Power":5}}"""];
        for (var i = 0; i < 5000; i++)
        {
            var payload = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (var flips = random.Next(4); flips > 0; flips--)
                payload[random.Next(payload.Length)] = (byte)random.Next(256);
            _link.Deliver(topics[random.Next(topics.Length)], payload, retained: random.Next(10) == 0);
        }

        Assert.Equal(0, _link.SinkFaults);
        Assert.DoesNotContain(_link.Published, p => p.Text.Contains("ON", StringComparison.Ordinal) && p.Topic.Contains("/POWER", StringComparison.Ordinal));
        Assert.DoesNotContain(_link.Published, p => p.Retain && p.Payload.Length > 0);
    }

    [Fact]
    public async Task A_plug_that_falls_silent_is_away_after_a_minute_and_back_when_it_speaks()
    {
        await OnlineAsync();
        _time.Advance(TimeSpan.FromSeconds(62));
        Assert.False((await _device.NextAsync<DeviceReport.LinkReport>()).Online);

        await OnlineAsync();
    }

    [Fact]
    public async Task A_plug_that_does_not_take_the_settings_is_asked_three_times_and_then_said_to_be_unfit()
    {
        _link.Deliver("tele/plug-1/LWT", "Online", retained: true);
        for (var i = 0; i < 40; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _link.Deliver("stat/plug-1/RESULT", """{"Command":"Unknown"}""");
        }

        var fault = await _device.NextAsync<DeviceReport.DeviceFaultReport>();
        Assert.Equal(DeviceFaults.NotCommissioned, fault.Code);
        Assert.Equal("it does not take the settings a lease needs: PowerOnState, SetOption0, PulseTime1, PulseTime2", fault.Detail);
        Assert.Equal(SendOutcome.LinkDown, await _device.HoldAsync(0, new Core.SessionId(Guid.NewGuid()), Duration.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_device_that_signs_in_again_and_again_is_two()
    {
        for (var i = 0; i < 6; i++)
        {
            _link.Deliver("tele/plug-1/LWT", "Online");
            _link.Deliver("tele/plug-1/LWT", "Offline");
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(DeviceFaults.DuplicateId, Assert.Single(_device.Take().OfType<DeviceReport.DeviceFaultReport>()).Code);
    }

    [Theory]
    [InlineData("\"ft\":\"%prefix%/%topic%/\",\"rl\":[1,1,0,0,0,0,0,0]", null)]
    [InlineData("\"ft\":\"%topic%/%prefix%/\",\"rl\":[1,1,0,0,0,0,0,0]", "its FullTopic is %topic%/%prefix%/ and fullTopic here is %prefix%/%topic%/")]
    [InlineData("\"ft\":\"%prefix%/%topic%/\",\"rl\":[1,2,3,0,0,0,0,0]", "it has 1 relays and channels here is 2")]
    [InlineData("\"ft\":\"%prefix%/%topic%/\",\"rl\":[1,1],\"tp\":[\"a\",\"b\",\"c\"]", "its prefixes are a, b, c and must be cmnd, stat, tele")]
    [InlineData("\"ft\":\"%prefix%/%topic%/\",\"rl\":[1,1],\"onln\":\"da\"", "its last will has words of its own and must have Online and Offline")]
    public void What_it_announces_of_itself_is_held_against_the_settings(string config, string? said)
    {
        const string topic = "tasmota/discovery/A020A6000001/config";
        _link.Deliver(topic, $$"""{"t":"somebody-else","mac":"A020A6000009",{{config}}}""", retained: true);
        Assert.Empty(_device.Take());

        _link.Deliver(topic, $$"""{"t":"plug-1","mac":"A020A6000001","ip":"192.168.1.44","sw":"13.1.0",{{config}}}""", retained: true);
        _link.Deliver(topic, $$"""{"t":"plug-1","mac":"A020A6000001","ip":"192.168.1.44","sw":"13.1.0",{{config}}}""", retained: true);

        var faults = _device.Take().OfType<DeviceReport.DeviceFaultReport>().ToList();
        Assert.Equal(said is null ? [] : [said], faults.Select(f => f.Detail));
        _link.Deliver(topic, $$"""{"t":"plug-1","mac":"A020A6000002",{{config}}}""", retained: true);
        Assert.Equal(DeviceFaults.DuplicateId, _device.Take().OfType<DeviceReport.DeviceFaultReport>().First().Code);
    }

    [Theory]
    [InlineData(0.5, 5)]
    [InlineData(5, 50)]
    [InlineData(11.1, 111)]
    [InlineData(11.9, 111)]
    [InlineData(12, 112)]
    [InlineData(30, 130)]
    [InlineData(30.9, 130)]
    [InlineData(43200, 43300)]
    public void A_pulse_is_never_longer_than_the_lease(double seconds, int setting)
    {
        var lease = Duration.FromSeconds(seconds);

        Assert.Equal(setting, TasmotaPulse.Of(lease));
        Assert.InRange(lease - TasmotaPulse.ToDuration(setting), Duration.Zero, Duration.FromSeconds(1));
    }

    [Theory]
    [InlineData("%prefix%/", "plug-1", "fullTopic")]
    [InlineData("%topic%/x/", "plug-1", "fullTopic")]
    [InlineData("%prefix%/%topic%/", "a/+", "topic")]
    [InlineData("%prefix%/%topic%/", "a b", "topic")]
    [InlineData("%prefix%/#/%topic%/", "plug-1", "fullTopic")]
    [InlineData("$x/%prefix%/%topic%/", "plug-1", "fullTopic")]
    public void A_template_that_makes_no_topic_is_named(string template, string topic, string key)
    {
        var faults = _driver.Validate(new DeviceSettings { Id = "plug-1", Driver = "tasmota", FullTopic = template, Topic = topic });

        Assert.Contains($"plug-1: {key}", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void At_the_broker_it_may_speak_under_its_own_topics_only()
    {
        var access = _driver.Access(new DeviceSettings { Id = "plug-1", Driver = "tasmota", Topic = "saege", FullTopic = "%topic%/%prefix%", MqttPassword = "secret" })!;

        Assert.Equal(["saege/stat/#", "saege/tele/#", "tasmota/discovery/#"], access.Publish);
        Assert.Equal(["saege/cmnd/#"], access.Subscribe);
        Assert.DoesNotContain("secret", access.ToString(), StringComparison.Ordinal);
        Assert.Null(_driver.Access(new DeviceSettings { Id = "plug-1", Driver = "tasmota" }));
    }

    private async Task OnlineAsync()
    {
        _link.Deliver("tele/plug-1/LWT", "Online", retained: true);
        foreach (var answer in new[] { """{"PowerOnState":0}""", """{"SetOption0":"OFF"}""", """{"PulseTime1":{"Set":130}}""", """{"PulseTime2":{"Set":130}}""" })
            _link.Deliver("stat/plug-1/RESULT", answer);
        _link.Deliver("stat/plug-1/STATUS1", """{"StatusPRM":{"BootCount":7}}""");
        _link.Deliver("stat/plug-1/STATUS11", """{"StatusSTS":{"POWER1":"OFF","POWER2":"OFF"}}""");
        Assert.True((await _device.NextAsync<DeviceReport.LinkReport>()).Online);
    }

    private static string Scan(string uid) => $$$"""{"Time":"1970-01-01T00:00:00","PN532":{"UID":"{{{uid}}}","DATA":""}}""";

    private List<DeviceReport.BadgeRead> Taps() => [.. _device.Take().OfType<DeviceReport.BadgeRead>()];

    private void Sensor(string json) => _link.Deliver("tele/plug-1/SENSOR", json);

    private void State(string json = """{"Time":"1970-01-01T00:00:00","POWER1":"OFF"}""") => _link.Deliver("tele/plug-1/STATE", json);

    private void Result(string json) => _link.Deliver("tele/plug-1/RESULT", json);
}
