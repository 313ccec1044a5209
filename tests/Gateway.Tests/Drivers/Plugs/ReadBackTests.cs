using FabLab.Contracts;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Plugs;

/// <summary>What each driver says of the settings it makes: asked, said, in step, needed.</summary>
public sealed class ReadBackTests
{
    private readonly ManualTime _time = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Tasmota_is_asked_for_its_backlog_and_says_it_setting_by_setting()
    {
        var (device, link) = await OpenAsync("tasmota");
        await using var _ = device;
        Assert.All(device.ReadBack!, setting => Assert.True(setting is { Said: null, InStep: false }));

        Arrive("tasmota", link);

        var said = device.ReadBack!.ToDictionary(setting => setting.Name);
        Assert.Equal(["PowerOnState", "SetOption0", "PowerRetain", "SensorRetain", "StateRetain", "SetOption73", "TelePeriod", "PowerDelta1", "PulseTime1"], device.ReadBack!.Select(setting => setting.Name));
        Assert.Equal(["PowerOnState", "SetOption0", "PulseTime1"], device.ReadBack!.Where(setting => setting.Needed).Select(setting => setting.Name));
        // It says OFF for 0.
        Assert.Equal(new DeviceSettingNow("SetOption0", "0", "OFF", true, true), said["SetOption0"]);
        Assert.Equal(new DeviceSettingNow("PulseTime1", "130", "130", true, true), said["PulseTime1"]);
        Assert.Equal(new DeviceSettingNow("TelePeriod", "10", null, false, false), said["TelePeriod"]);
        link.Deliver("stat/p/RESULT", """{"TelePeriod":300}""", false);
        link.Deliver("stat/p/RESULT", """{"PowerOnState":3}""", false);
        Assert.Equal(new DeviceSettingNow("TelePeriod", "10", "300", false, false), device.ReadBack!.Single(setting => setting.Name == "TelePeriod"));
        Assert.Equal(new DeviceSettingNow("PowerOnState", "0", "3", false, true), device.ReadBack![0]);

        // A longer lease is another setting until the plug has said so.
        await device.HoldAsync(0, new SessionId(Guid.NewGuid()), Duration.FromSeconds(60), Cancelled);
        Assert.Equal(new DeviceSettingNow("PulseTime1", "160", "130", false, true), device.ReadBack![^1]);
        link.Deliver("stat/p/RESULT", """{"PulseTime1":{"Set":160}}""", false);
        Assert.True(device.ReadBack![^1].InStep);
    }

    [Fact]
    public async Task A_Shelly_says_what_it_does_at_power_up_and_when_it_opens()
    {
        var (device, link) = await OpenAsync("shelly");
        await using var _ = device;
        Arrive("shelly", link);

        Assert.Equal(
            [new("switch:0 initial_state", "off", "off", true, true), new("switch:0 auto_off", "true", "true", true, true), new("switch:0 auto_off_delay", "30", "30", true, true)],
            device.ReadBack!);
        link.Deliver("p/fablab/rpc", """{"id":100,"src":"p","result":{"id":0,"initial_state":"restore_last","auto_off":false,"auto_off_delay":60.5}}""", false);
        Assert.Equal(
            [("restore_last", false), ("false", false), ("60.5", true)],
            device.ReadBack!.Select(setting => (setting.Said!, setting.InStep)));
    }

    [Fact]
    public async Task A_board_with_ESPHome_says_whether_our_package_is_in_it()
    {
        var (device, link) = await OpenAsync("esphome");
        await using var _ = device;
        Assert.Equal([new("fablab package", "1", null, false, false)], device.ReadBack!);
        Arrive("esphome", link);
        Assert.Equal([new("fablab package", "1", "1", true, false)], device.ReadBack!);
        link.Deliver("p/fablab/about", """{"package":0,"boot":7,"fw":"2026.9.0"}""", true);
        Assert.Equal([new("fablab package", "1", "0", false, false)], device.ReadBack!);
    }

    [Theory]
    [InlineData("shelly1")]
    [InlineData("zigbee2mqtt")]
    [InlineData("homeassistant")]
    public async Task What_cannot_be_asked_says_nothing(string kind)
    {
        var (device, link) = await OpenAsync(kind);
        await using var _ = device;
        Arrive(kind, link);
        Assert.Null(device.ReadBack);
    }

    private async Task<(IDevice Device, FakeMqttLink Link)> OpenAsync(string kind)
    {
        var link = new FakeMqttLink(_time);
        var driver = PlugDrivers.Create(kind, link, _time, NullLoggerFactory.Instance);
        return (await driver.OpenAsync(PlugDrivers.Settings(kind), Cancelled), link);
    }

    private static void Arrive(string kind, FakeMqttLink link)
    {
        foreach (var (topic, payload, retained) in PlugDrivers.Arrival(kind))
            link.Deliver(topic, payload, retained);
    }
}
