using System.Globalization;
using System.Text.Json.Nodes;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Plugs;

/// <summary>The lease of a Shelly: what goes out with each renewal, and what its timer is seen to do.</summary>
public sealed class ShellyTimerTests : IAsyncLifetime
{
    private static readonly Duration Lease = Duration.FromSeconds(30);

    private readonly ManualTime _time = new();
    private readonly FakeMqttLink _link;
    private readonly PlugDriver _driver;
    private readonly SessionId _session = new(Guid.NewGuid());
    private IDevice _device = null!;

    public ShellyTimerTests()
    {
        _link = new FakeMqttLink(_time);
        _driver = PlugDrivers.Create("shelly", _link, _time, NullLoggerFactory.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _device = await _driver.OpenAsync(PlugDrivers.Settings("shelly"), Cancellation);
        foreach (var (topic, payload, retained) in PlugDrivers.Arrival("shelly"))
            _link.Deliver(topic, payload, retained);
        _device.Take();
    }

    public async ValueTask DisposeAsync() => await _driver.DisposeAsync();

    [Fact]
    public async Task Every_renewal_carries_the_time_after_which_it_opens()
    {
        for (var i = 0; i < 3; i++)
        {
            await RenewAsync(startedAt: 1000 + (10 * i));
            Assert.Equal(30, (double)LastSet()["toggle_after"]!);
        }
        Assert.True(_device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone));
        Assert.DoesNotContain(_device.Take(), r => r is DeviceReport.DeviceFaultReport);
    }

    [Fact]
    public async Task A_timer_that_does_not_start_anew_is_left_to_auto_off_and_said_once()
    {
        await RenewAsync(startedAt: 1000);
        _time.Advance(TimeSpan.FromSeconds(10));
        await RenewAsync(startedAt: 1000);

        Assert.Equal(DeviceFaults.NotCommissioned, Assert.Single(_device.Take().OfType<DeviceReport.DeviceFaultReport>()).Code);
        _time.Advance(TimeSpan.FromSeconds(5));
        await RenewAsync(startedAt: 1015);
        Assert.False(LastSet().ContainsKey("toggle_after"));
        Assert.True((bool)LastSet()["on"]!);
        Assert.Empty(_device.Take().OfType<DeviceReport.DeviceFaultReport>());
    }

    [Fact]
    public async Task A_relay_that_is_closed_with_no_timer_is_told_to_open_and_no_longer_trusted()
    {
        await RenewAsync(startedAt: null);

        Assert.False((bool)LastSet()["on"]!);
        Assert.False(_device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone));
        Assert.Contains(_device.Take().OfType<DeviceReport.DeviceFaultReport>(), f => f.Code == DeviceFaults.NotCommissioned);
    }

    [Fact]
    public async Task Another_length_of_lease_is_written_and_read_back_before_the_relay_is_closed()
    {
        Assert.Equal(SendOutcome.Sent, await _device.HoldAsync(0, _session, Duration.FromSeconds(45), Cancellation));
        var config = Params(_link.Published[^1].Text);
        Assert.Equal((45, true, "off"), ((double)config["config"]!["auto_off_delay"]!, (bool)config["config"]!["auto_off"]!, (string)config["config"]!["initial_state"]!));
        Assert.DoesNotContain(_link.Published, p => p.Text.Contains("Switch.Set\"", StringComparison.Ordinal));

        Answer(300, """{"restart_required":false}""");
        Answer(100, """{"id":0,"initial_state":"off","auto_off":true,"auto_off_delay":30}""");
        Assert.DoesNotContain(_link.Published, p => p.Text.Contains("Switch.Set\"", StringComparison.Ordinal));
        Answer(100, """{"id":0,"initial_state":"off","auto_off":true,"auto_off_delay":45}""");

        Assert.Equal(45, (double)LastSet()["toggle_after"]!);
    }

    [Fact]
    public async Task A_plug_that_closes_at_power_up_is_set_otherwise_and_not_used_before_it_says_so()
    {
        _link.Deliver("p/online", "true");
        Answer(1, """{"id":"p","mac":"B0B21C000001","ver":"1.1.0"}""");
        Answer(2, """{"uptime":3}""");
        Answer(200, """{"id":0,"output":true}""");
        Answer(100, """{"id":0,"initial_state":"on","auto_off":false,"auto_off_delay":60}""");

        Assert.Contains(_link.Published, p => p.Text.Contains("\"initial_state\":\"off\"", StringComparison.Ordinal));
        Assert.Equal(SendOutcome.LinkDown, await _device.HoldAsync(0, _session, Lease, Cancellation));
        Assert.DoesNotContain(_device.Take().OfType<DeviceReport.LinkReport>(), l => l.Online);
        Answer(100, """{"id":0,"initial_state":"off","auto_off":true,"auto_off_delay":30}""");

        var back = Assert.Single(_device.Take().OfType<DeviceReport.LinkReport>());
        // It was up for 100 s and is now for 3: it started anew.
        Assert.True(back is { Online: true, NewBoot: true });
        Assert.True(back.Closed!.ContainsKey(0));
    }

    [Fact]
    public async Task A_plug_that_does_not_take_the_settings_is_said_to_be_unfit()
    {
        _link.Deliver("p/online", "true");
        Answer(1, """{"id":"p","mac":"B0B21C000001","ver":"1.1.0"}""");
        for (var i = 0; i < 60; i++)
        {
            Answer(100, """{"id":0,"initial_state":"on","auto_off":false,"auto_off_delay":60}""");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var fault = Assert.Single(_device.Take().OfType<DeviceReport.DeviceFaultReport>());
        Assert.Equal("it does not take the settings a lease needs: switch:0 initial_state, switch:0 auto_off", fault.Detail);
        Assert.Equal(SendOutcome.LinkDown, await _device.HoldAsync(0, _session, Lease, Cancellation));
    }

    [Fact]
    public async Task A_relay_that_stays_closed_after_its_lease_is_told_to_open_and_no_longer_trusted()
    {
        await RenewAsync(startedAt: 1000);
        for (var i = 0; i < 36; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _link.Deliver("p/status/switch:0", """{"id":0,"output":true}""");
        }

        Assert.False((bool)LastSet()["on"]!);
        Assert.False(_device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone));
        Assert.Equal(SendOutcome.Over, await _device.HoldAsync(0, _session, Lease, Cancellation));
    }

    /// <summary>A renewal, obeyed, with the timer the device then shows.</summary>
    private async Task RenewAsync(double? startedAt)
    {
        Assert.Equal(SendOutcome.Sent, await _device.HoldAsync(0, _session, Lease, Cancellation));
        Answer((int)JsonNode.Parse(_link.Published[^1].Text)!["id"]!, """{"was_on":true}""");
        var question = JsonNode.Parse(_link.Published[^1].Text)!;
        Assert.Equal("Switch.GetStatus", (string)question["method"]!);
        var timer = startedAt is { } at ? string.Create(CultureInfo.InvariantCulture, $",\"timer_started_at\":{at},\"timer_duration\":30") : "";
        Answer((int)question["id"]!, $$"""{"id":0,"output":true,"apower":5{{timer}}}""");
    }

    private void Answer(int id, string result) => _link.Deliver("p/fablab/rpc", $$"""{"id":{{id}},"src":"p","dst":"p/fablab","result":{{result}}}""");

    private JsonObject LastSet() => Params(_link.Published.Last(p => p.Text.Contains("\"Switch.Set\"", StringComparison.Ordinal)).Text);

    private static JsonObject Params(string call) => JsonNode.Parse(call)!["params"]!.AsObject();
}
