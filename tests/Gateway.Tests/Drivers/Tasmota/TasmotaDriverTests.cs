using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Tasmota;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Links;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Tasmota;

/// <summary>A Tasmota over a real broker.</summary>
public sealed class TasmotaDriverTests : IAsyncLifetime
{
    private static readonly Duration Ttl = Duration.FromSeconds(30);

    private readonly TestLinks _links = new();
    private readonly List<TestTasmota> _plugs = [];
    private MosquittoFixture _broker = null!;
    private TasmotaDriver _driver = null!;
    private IMqttLink _gateway = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await MosquittoFixture.StartAsync(Cancellation);
        _gateway = await _links.UpAsync(Options("gateway"));
        _driver = new TasmotaDriver(_gateway, TimeProvider.System, NullLogger<TasmotaDriver>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var plug in _plugs)
            await plug.DisposeAsync();
        await _driver.DisposeAsync();
        await _links.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_relay_is_held_by_a_pulse_that_each_ON_counts_again_and_opened_when_told()
    {
        var (device, plug) = await OnlineAsync();
        var session = SessionId.New(Now());

        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, session, Ttl, Cancellation));
        await plug.UntilAsync(on: true);
        var on = await device.NextAsync<DeviceReport.RelayReport>();
        Assert.Equal((0, true, RelayCauses.Lease, session), (on.Channel, on.Closed, on.Cause, on.Session!.Value));
        Assert.Contains(plug.Commands, c => c.StartsWith("Backlog", StringComparison.Ordinal) && c.Contains("PulseTime1 130", StringComparison.Ordinal));

        Assert.Equal(SendOutcome.Sent, await device.OpenAsync(0, Cancellation));
        await plug.UntilAsync(on: false);
        var off = await device.NextAsync<DeviceReport.RelayReport>();
        Assert.Equal((false, RelayCauses.Told, session), (off.Closed, off.Cause, off.Session!.Value));
        Assert.DoesNotContain("retained", plug.Commands);
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends_on_the_plugs_own_clock_and_one_that_is_does_not()
    {
        var (device, plug) = await OnlineAsync();
        var session = SessionId.New(Now());
        var lease = Duration.FromSeconds(1);
        await device.HoldAsync(0, session, lease, Cancellation);
        await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed);
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(1.5))
        {
            Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, session, lease, Cancellation));
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
        }
        Assert.Empty(device.Take().OfType<DeviceReport.RelayReport>());

        var off = await device.NextAsync<DeviceReport.RelayReport>();
        Assert.Equal((false, RelayCauses.Lease, session), (off.Closed, off.Cause, off.Session!.Value));
        Assert.False(plug.IsOn());
        Assert.Equal(SendOutcome.Over, await device.HoldAsync(0, session, lease, Cancellation));
        Assert.False(plug.IsOn());
    }

    [Fact]
    public async Task No_ON_is_sent_before_the_time_after_which_it_opens_is_confirmed()
    {
        var (device, plug) = await OnlineAsync();
        plug.Ignores.Add("PulseTime1");

        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, SessionId.New(Now()), Duration.FromSeconds(5), Cancellation));
        await Until.TrueAsync(() => plug.Commands.Contains("PulseTime1 50"));
        Assert.DoesNotContain("POWER1 ON", plug.Commands);
        plug.Ignores.Clear();

        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, SessionId.New(Now()), Duration.FromSeconds(5), Cancellation));
        await plug.UntilAsync(on: true);
    }

    [Fact]
    public async Task A_plug_that_does_not_take_the_settings_is_not_there_for_us()
    {
        var device = await OpenAsync();
        var plug = Plug();
        plug.Ignores.Add("PowerOnState");
        await plug.ConnectAsync();

        await Until.TrueAsync(() => plug.Commands.Contains("STATUS 11"));
        Assert.Equal(SendOutcome.LinkDown, await device.HoldAsync(0, SessionId.New(Now()), Ttl, Cancellation));
        Assert.DoesNotContain(device.Take(), r => r is DeviceReport.LinkReport { Online: true });
    }

    [Fact]
    public async Task After_a_power_cut_a_renewal_does_not_close_the_relay_again()
    {
        var (device, plug) = await OnlineAsync();
        var session = SessionId.New(Now());
        await device.HoldAsync(0, session, Ttl, Cancellation);
        await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed);

        await plug.PowerCycleAsync();
        Assert.False((await device.NextAsync<DeviceReport.LinkReport>()).Online);
        var back = await device.NextAsync<DeviceReport.LinkReport>();

        Assert.True(back.Online && back.NewBoot);
        Assert.Equal(8u, back.Boot);
        Assert.Empty(back.Closed!);
        Assert.Equal(SendOutcome.Over, await device.HoldAsync(0, session, Ttl, Cancellation));
        Assert.False(plug.IsOn());
        await device.HoldAsync(0, SessionId.New(Now()), Ttl, Cancellation);
        await plug.UntilAsync(on: true);
    }

    [Fact]
    public async Task A_relay_that_closes_without_us_is_reported_and_told_to_open()
    {
        var (device, plug) = await OnlineAsync();

        plug.Button(0, on: true);

        Assert.Null((await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed)).Session);
        Assert.Equal(DeviceFaults.ForeignSwitch, (await device.NextAsync<DeviceReport.DeviceFaultReport>()).Code);
        await plug.UntilAsync(on: false);
    }

    [Fact]
    public async Task A_relay_that_is_opened_by_hand_ends_the_use_and_is_not_closed_again()
    {
        var (device, plug) = await OnlineAsync();
        var session = SessionId.New(Now());
        await device.HoldAsync(0, session, Ttl, Cancellation);
        await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed);

        plug.Button(0, on: false);

        var off = await device.NextAsync<DeviceReport.RelayReport>();
        Assert.Equal((false, RelayCauses.Unknown, session), (off.Closed, off.Cause, off.Session!.Value));
        Assert.Equal(SendOutcome.Over, await device.HoldAsync(0, session, Ttl, Cancellation));
    }

    [Fact]
    public async Task The_broker_going_away_is_seen_and_the_plug_is_back_with_it_still_on()
    {
        var (device, plug) = await OnlineAsync();
        var session = SessionId.New(Now());
        await device.HoldAsync(0, session, Ttl, Cancellation);
        await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed);

        await _broker.KillAsync();
        Assert.False((await device.NextAsync<DeviceReport.LinkReport>()).Online);
        await _broker.StartAsync(Cancellation);
        await plug.VanishAsync();
        await plug.ConnectAsync();

        var back = await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        Assert.False(back.NewBoot);
        Assert.Equal(session, back.Closed![0]);
        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, session, Ttl, Cancellation));
        Assert.True(plug.IsOn());
    }

    [Fact]
    public async Task A_retained_command_in_the_broker_is_removed_and_said()
    {
        var stranger = await _links.UpAsync(Options("stranger"));
        stranger.Publish("cmnd/plug-1/POWER", "ON"u8, MqttQos.AtLeastOnce, retain: true);
        var seen = new RecordingSink();
        await _links.UpAsync(Options("before"), ("cmnd/plug-1/POWER", seen));
        Assert.True((await seen.NextAsync()).Retained);

        var device = await OpenAsync();

        Assert.Equal(DeviceFaults.Retained, (await device.NextAsync<DeviceReport.DeviceFaultReport>()).Code);
        Assert.Empty((await seen.NextAsync()).Payload);
        var (after, mark) = (new RecordingSink(), new RecordingSink());
        await _links.UpAsync(Options("after"), ("cmnd/plug-1/POWER", after), ("mark", mark));
        stranger.Publish("mark", "x"u8, MqttQos.AtLeastOnce);
        await mark.NextAsync();
        Assert.False(after.Any);
    }

    [Fact]
    public async Task Two_relays_under_a_reordered_topic_are_held_apart()
    {
        var device = await OpenAsync(new DeviceSettings { Id = "plug-2", Driver = "tasmota", FullTopic = "haus/%topic%/%prefix%", Topic = "werkbank", Channels = 2 });
        var plug = new TestTasmota(Options("plug-2"), "werkbank", 2, "haus/%topic%/%prefix%/") { OnlyJson = true };
        _plugs.Add(plug);
        await plug.ConnectAsync();
        await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);

        await device.HoldAsync(1, SessionId.New(Now()), Ttl, Cancellation);
        await plug.UntilAsync(on: true, channel: 1);

        Assert.Equal((1, true), (await device.NextAsync<DeviceReport.RelayReport>()) is var r ? (r.Channel, r.Closed) : default);
        Assert.False(plug.IsOn(0));
        Assert.Equal(SendOutcome.NotSupported, await device.HoldAsync(2, SessionId.New(Now()), Ttl, Cancellation));
    }

    [Fact]
    public async Task A_reading_of_the_meter_comes_in_watts_and_watt_hours()
    {
        var (device, plug) = await OnlineAsync();
        device.Take();

        plug.Sensor("""{"Time":"2018-02-15T17:37:10","ENERGY":{"TotalStartTime":"2018-11-14T18:39:40","Total":6.294,"Yesterday":5.340,"Today":0.954,"Period":217,"Power":2635,"ApparentPower":2650,"ReactivePower":282,"Factor":0.99,"Voltage":227,"Current":11.661}}""");

        var power = await device.NextAsync<DeviceReport.PowerReport>();
        Assert.Equal((0, 2635.0, 6294.0), (power.Channel, power.Watts, power.EnergyWh!.Value));
        Assert.True(device.Abilities.HasFlag(DriverAbilities.Measures | DriverAbilities.FailsSafeAlone));
    }

    [Fact]
    public async Task Another_chip_under_the_same_name_is_found_out()
    {
        var (device, plug) = await OnlineAsync();
        await plug.VanishAsync();
        plug.Mac = "A0:20:A6:00:00:02";

        await plug.ConnectAsync();

        Assert.Equal(DeviceFaults.DuplicateId, (await device.NextAsync<DeviceReport.DeviceFaultReport>()).Code);
    }

    private async Task<IDevice> OpenAsync(DeviceSettings? settings = null) =>
        await _driver.OpenAsync(settings ?? new DeviceSettings { Id = "plug-1", Driver = "tasmota" }, Cancellation);

    private async Task<(IDevice Device, TestTasmota Plug)> OnlineAsync()
    {
        var device = await OpenAsync();
        var plug = Plug();
        await plug.ConnectAsync();
        var link = await device.NextAsync<DeviceReport.LinkReport>();
        Assert.True(link.Online);
        Assert.Equal("13.1.0(tasmota)", link.Firmware);
        return (device, plug);
    }

    private TestTasmota Plug()
    {
        var plug = new TestTasmota(Options("plug-1"));
        _plugs.Add(plug);
        return plug;
    }

    private MqttLinkOptions Options(string name) => new()
    {
        Port = _broker.Port,
        ClientId = name,
        Version = name == "gateway" ? MqttVersion.V5 : MqttVersion.V311,
        Backoff = new BackoffOptions { First = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromMilliseconds(200) },
    };

    private static Instant Now() => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
}
