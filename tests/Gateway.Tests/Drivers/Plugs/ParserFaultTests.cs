using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Plugs;

/// <summary>
/// What meters and announcements get wrong, for every driver of bought devices: one table. Cuts, wounds, a megabyte and JSON without
/// a bottom are in <see cref="PlugVectorTests"/>.
/// </summary>
public sealed class ParserFaultTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();
    private readonly List<PlugDriver> _drivers = [];

    /// <summary>How each kind writes a reading: power in W, and energy in Wh as its own unit has it.</summary>
    private static readonly Dictionary<string, Func<string, double, (string Topic, string Payload)[]>> Readings = new()
    {
        ["tasmota"] = (watts, wh) => [("tele/p/SENSOR", Invariant($$$"""{"Time":"2026-01-01T00:00:00","ENERGY":{"Power":{{{watts}}},"Total":{{{wh / 1000}}} }}"""))],
        ["shelly"] = (watts, wh) => [("p/status/switch:0", Invariant($$"""{"id":0,"apower":{{watts}},"aenergy":{"total":{{wh}} } }"""))],
        ["shelly1"] = (watts, wh) => [("shellies/p/relay/0/energy", Invariant($"{wh * 60}")), ("shellies/p/relay/0/power", watts)],
        ["esphome"] = (watts, wh) => [("p/sensor/energy/state", Invariant($"{wh}")), ("p/sensor/power/state", watts)],
        ["zigbee2mqtt"] = (watts, wh) => [("zigbee2mqtt/p", Invariant($$"""{"state":"OFF","power":{{watts}},"energy":{{wh / 1000}}}"""))],
        ["homeassistant"] = (watts, wh) => [("p/total", Invariant($"{wh / 1000}")), ("p/watts", Invariant($$$"""{"m":{"w":{{{watts}}} }}"""))],
    };

    /// <summary>How each kind that says who it is says that it is somebody else.</summary>
    private static readonly Dictionary<string, (string Topic, string Payload)> Strangers = new()
    {
        ["shelly"] = ("p/fablab/rpc", """{"id":1,"src":"p","result":{"id":"p","mac":"B0B21CFFFFFF","ver":"1.1.0"}}"""),
        ["shelly1"] = ("shellies/announce", """{"id":"p","mac":"C45BBEFFFFFF","fw_ver":"v1.14.0"}"""),
        ["esphome"] = ("p/fablab/about", """{"package":1,"boot":7,"fw":"2026.9.0","mac":"A0:B7:65:FF:FF:FF"}"""),
        ["zigbee2mqtt"] = ("zigbee2mqtt/bridge/devices", """[{"ieee_address":"0x54ef4410ffffffff","friendly_name":"p","software_build_id":"1.0.5","definition":{"exposes":[{"type":"switch","features":[{"type":"binary","name":"state","property":"state"}]}]}}]"""),
        ["homeassistant"] = ("homeassistant/switch/p/relay/config", """{"~":"p","cmd_t":"~/set","stat_t":"~/state","avty_t":"~/avail","dev":{"ids":["another"],"sw":"3.2"}}"""),
    };

    public static TheoryData<string> Kinds => [.. PlugDrivers.Kinds];

    public static TheoryData<string, string> NotANumber
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var kind in PlugDrivers.Kinds)
            {
                foreach (var power in new[] { "NaN", "nan", "\"NaN\"", "Infinity", "-Infinity", "\"Infinity\"", "1e999", "null", "true", "\"\"", "{}", "[]", "[[5]]", "0x10", "12,5", "--5", "\"5 W\"" })
                    rows.Add(kind, power);
            }
            return rows;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var driver in _drivers)
            await driver.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(NotANumber))]
    public async Task A_power_that_is_no_number_is_no_reading(string kind, string power)
    {
        var (link, device) = await ThereAsync(kind);

        Deliver(link, Readings[kind](power, 100));

        Assert.DoesNotContain(device.Take().OfType<DeviceReport.PowerReport>(), report => !double.IsFinite(report.Watts) || report.Watts != 0);
        Stayed(link);
        // And the next one is.
        Deliver(link, Readings[kind]("42", 100));
        Assert.Equal(42, device.Take().OfType<DeviceReport.PowerReport>().Last().Watts);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Negative_power_is_none_and_a_counter_that_starts_again_is_told_as_it_is(string kind)
    {
        var (link, device) = await ThereAsync(kind);

        Deliver(link, Readings[kind]("-40", 1000));
        Assert.Equal(0, device.Take().OfType<DeviceReport.PowerReport>().Last().Watts);
        List<double?> energies = [];
        foreach (var wh in new[] { 1000.0, 1002, 0, 3 })
        {
            Deliver(link, Readings[kind]("7", wh));
            energies.Add(device.Take().OfType<DeviceReport.PowerReport>().Last().EnergyWh);
        }

        // Never bridged, never summed: whoever counts sees that it fell.
        Assert.Equal([1000, 1002, 0, 3], energies.Select(wh => Math.Round(wh!.Value, 6)));
        Stayed(link);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_device_that_announces_itself_twice_is_one_device(string kind)
    {
        var (link, device) = await ThereAsync(kind);

        for (var i = 0; i < 3; i++)
        {
            // What it says of itself, not its coming: that would be a new start.
            foreach (var (topic, payload, retained) in PlugDrivers.Arrival(kind).Where(said => !said.Topic.EndsWith("LWT", StringComparison.Ordinal) && !said.Topic.EndsWith("online", StringComparison.Ordinal)))
                link.Deliver(topic, payload, retained);
        }

        Assert.DoesNotContain(device.Take(), report => report is DeviceReport.DeviceFaultReport { Code: DeviceFaults.DuplicateId } or DeviceReport.LinkReport { Online: false } or DeviceReport.RelayReport { Closed: true });
        Stayed(link);
    }

    [Theory]
    [InlineData("shelly")]
    [InlineData("shelly1")]
    [InlineData("esphome")]
    [InlineData("zigbee2mqtt")]
    [InlineData("homeassistant")]
    public async Task Another_device_under_the_same_name_is_said_once_and_switches_nothing(string kind)
    {
        var (link, device) = await ThereAsync(kind);

        for (var i = 0; i < 5; i++)
            link.Deliver(Strangers[kind].Topic, Strangers[kind].Payload, retained: kind is "esphome" or "zigbee2mqtt" or "homeassistant");

        Assert.Single(device.Take().OfType<DeviceReport.DeviceFaultReport>(), fault => fault.Code == DeviceFaults.DuplicateId);
        Assert.InRange(_log.Lines.Count, 0, 6);
        Stayed(link);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static void Deliver(FakeMqttLink link, (string Topic, string Payload)[] messages)
    {
        foreach (var (topic, payload) in messages)
            link.Deliver(topic, payload);
    }

    private static void Stayed(FakeMqttLink link)
    {
        Assert.Equal(0, link.SinkFaults);
        Assert.DoesNotContain(link.Published, p => p.Text is "ON" or "on" || p.Text.Contains("\"on\":true", StringComparison.Ordinal) || p.Text.Contains("\"ON\"", StringComparison.Ordinal));
        Assert.DoesNotContain(link.Published, p => p.Retain && p.Payload.Length > 0);
    }

    private async Task<(FakeMqttLink Link, IDevice Device)> ThereAsync(string kind)
    {
        var link = new FakeMqttLink(_time);
        var driver = PlugDrivers.Create(kind, link, _time, _log.Factory());
        _drivers.Add(driver);
        var device = await driver.OpenAsync(PlugDrivers.Settings(kind), TestContext.Current.CancellationToken);
        foreach (var (topic, payload, retained) in PlugDrivers.Arrival(kind))
            link.Deliver(topic, payload, retained);
        Assert.True((await device.NextAsync<DeviceReport.LinkReport>()).Online);
        device.Take();
        return (link, device);
    }
}
