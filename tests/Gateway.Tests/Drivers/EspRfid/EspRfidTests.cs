using System.Text;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.EspRfid;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.EspRfid;

/// <summary>Doors that decide alone, from messages as their source makes them.</summary>
public sealed class EspRfidTests : IAsyncLifetime
{
    private const string Known = """{"type":"access","time":1580000000,"isKnown":"true","access":"Always","username":"bob","uid":"94d8fc5f"}""";
    private const string Unknown = """{"type":"access","time":1580000001,"isKnown":"false","access":"Denied","username":"Unknown","uid":"53BB1F05110001"}""";

    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();
    private readonly FakeMqttLink _link = new();
    private IDevice _device = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var logs = LoggerFactory.Create(builder => builder.AddProvider(_log));
        var driver = new EspRfidDriver(_link, _time, logs.CreateLogger<EspRfidDriver>());
        var settings = new DeviceSettings { Id = "door-1", Driver = "esp-rfid", Topic = "doors/one", MqttPassword = "x", Channels = 0 };
        Assert.Empty(driver.Validate(settings));
        Assert.Equal(2, driver.Validate(settings with { Topic = "doors/#", Profile = "?" }).Count);
        Assert.Equal(["doors/one"], driver.Access(settings)!.Publish);
        _device = await driver.OpenAsync(settings, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        await _link.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public void Whatever_the_door_made_of_it_a_number_is_a_badge_and_nothing_is_ever_sent()
    {
        _link.Deliver("doors/one", """{"type":"boot","time":1580000000,"Wifi SSID":"lab","Local IP":"10.0.0.9"}""");
        _link.Deliver("doors/one", Known);
        _link.Deliver("doors/one", Known);
        _link.Deliver("doors/one", Unknown);
        _link.Deliver("doors/one", """{"cmd":"log","type":"WARN","src":"rfid"}""");

        var said = _device.Take();
        Assert.True(Assert.Single(said.OfType<DeviceReport.LinkReport>()).Online);
        Assert.Equal(["iso:94D8FC5F", "iso:53BB1F05110001"], said.OfType<DeviceReport.BadgeRead>().Select(read => read.Number.Canonical));
        Assert.Empty(_link.Published);
    }

    [Fact]
    public void What_lies_in_the_brokers_memory_is_not_believed_and_a_silent_door_is_away()
    {
        _link.Deliver("doors/one", Known, retained: true);
        Assert.Empty(_device.Take());

        _link.Deliver("doors/one", """{"type":"heartbeat","time":1580000000}""");
        _time.Advance(Duration.FromMinutes(9));
        Assert.Equal([true], _device.Take().OfType<DeviceReport.LinkReport>().Select(report => report.Online));
        _time.Advance(Duration.FromMinutes(2));
        Assert.Equal([false], _device.Take().OfType<DeviceReport.LinkReport>().Select(report => report.Online));
    }

    [Fact]
    public void Rubbish_is_no_badge_and_is_said_once_a_minute()
    {
        var whole = Encoding.UTF8.GetBytes(Known);
        for (var cut = 0; cut < whole.Length; cut++)
            _link.Deliver("doors/one", whole[..cut]);
        foreach (var odd in new[]
        {
            "[]", "null", """{"type":"access","uid":7}""", """{"type":"access","uid":""}""", """{"type":"access","uid":"zz"}""", """{"type":["access"],"uid":"94d8fc5f"}""",
            """{"type":"access","uid":"\ud800"}""", new string('{', 100_000), "{\"type\":\"" + new string('x', 1 << 20) + "\"}", """{"type":NaN}""",
        })
        {
            _link.Deliver("doors/one", odd);
        }
        _link.Deliver("doors/one", Unknown);

        Assert.Equal(["iso:53BB1F05110001"], _device.Take().OfType<DeviceReport.BadgeRead>().Select(read => read.Number.Canonical));
        Assert.Equal(0, _link.SinkFaults);
        Assert.Single(_log.Lines);
        Assert.DoesNotContain("94d8", string.Concat(_log.Lines), StringComparison.OrdinalIgnoreCase);
    }
}
