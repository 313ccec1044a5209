using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Node;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Node;

/// <summary>Our own device on a real terminal.</summary>
public sealed class NodeSerialTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PseudoTerminal _terminal = new();
    private readonly Claim _claim = new(Protocol.DeviceId.Parse("las-1"), 1, DeviceKey.Create());
    private readonly SqliteNodeStore _store;
    private readonly NodeDriver _driver;
    private readonly FakeMqttLink _broker = new();

    public NodeSerialTests()
    {
        _store = SqliteNodeStore.Open(_folder.File("nodes.db"), NullLogger<SqliteNodeStore>.Instance);
        _driver = new NodeDriver(_broker, _store, TimeProvider.System, NullLogger<NodeDriver>.Instance, _folder.Path);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _driver.DisposeAsync();
        await _store.DisposeAsync();
        _terminal.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_tap_a_lease_and_the_opening_go_over_the_line()
    {
        await using var node = new SerialTestNode(_claim, _terminal);
        var device = await OpenAsync();
        Assert.True((await device.NextAsync<DeviceReport.LinkReport>()).Online);

        node.Badge(1, "iso:04A1B2C3");
        var tap = await device.NextAsync<DeviceReport.BadgeRead>();
        Assert.Equal((true, "iso:04A1B2C3", 1), (tap.Live, tap.Number.Canonical, tap.Reader));
        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, SessionId.New(Now()), Duration.FromSeconds(30), Cancellation));
        await node.UntilAsync(0, closed: true);
        Assert.Equal(SendOutcome.Sent, await device.OpenAsync(0, Cancellation));
        await node.UntilAsync(0, closed: false);
        node.Meter(2000);
        Assert.Equal(2.0, (await device.NextAsync<DeviceReport.PowerReport>()).Watts);
    }

    [Fact]
    public async Task A_broker_that_goes_away_is_nothing_to_a_device_on_a_line()
    {
        await using var node = new SerialTestNode(_claim, _terminal);
        var device = await OpenAsync();
        await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        var session = SessionId.New(Now());
        await device.HoldAsync(0, session, Duration.FromSeconds(30), Cancellation);
        await node.UntilAsync(0, closed: true);

        _broker.SetUp(false);

        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, session, Duration.FromSeconds(60), Cancellation));
        node.Badge(0, "iso:04A1B2C3");
        Assert.True((await device.NextAsync<DeviceReport.BadgeRead>()).Live);
        Assert.DoesNotContain(device.Take(), report => report is DeviceReport.LinkReport);
        Assert.True(node.IsClosed(0));
    }

    [Fact]
    public async Task A_cable_that_is_pulled_and_plugged_again_brings_the_device_back_with_what_it_holds()
    {
        await using var node = new SerialTestNode(_claim, _terminal);
        var device = await OpenAsync();
        await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        var session = SessionId.New(Now());
        await device.HoldAsync(0, session, Duration.FromSeconds(60), Cancellation);
        await node.UntilAsync(0, closed: true);

        await node.UnplugAsync();
        await device.NextAsync<DeviceReport.LinkReport>(l => !l.Online);
        Assert.Equal(SendOutcome.LinkDown, await device.HoldAsync(0, session, Duration.FromSeconds(60), Cancellation));
        _terminal.Plug();
        node.PluggedIn();

        var back = await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        Assert.False(back.NewBoot);
        Assert.Equal(session, back.Closed![0]);
    }

    [Fact]
    public async Task Noise_between_the_frames_costs_nothing_but_itself()
    {
        await using var node = new SerialTestNode(_claim, _terminal);
        var device = await OpenAsync();
        await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        var random = new Random(5);

        for (var i = 0; i < 10; i++)
        {
            var noise = new byte[random.Next(1, 2000)];
            random.NextBytes(noise);
            node.Noise([0, .. noise, 0]);
            node.Badge(0, $"em:00000000A{i}");
            Assert.Equal($"em:00000000A{i}", (await device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);
        }
    }

    [Fact]
    public async Task Another_device_on_the_line_is_not_taken_for_ours()
    {
        await using var node = new SerialTestNode(_claim with { Device = Protocol.DeviceId.Parse("las-9") }, _terminal);
        var device = await OpenAsync();

        node.Badge(0, "em:62E3086CED");

        var fault = await device.NextAsync<DeviceReport.DeviceFaultReport>();
        Assert.Equal(DeviceFaults.WrongMac, fault.Code);
        Assert.Equal(SendOutcome.LinkDown, await device.HoldAsync(0, SessionId.New(Now()), Duration.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task A_port_that_is_not_there_is_no_error_only_a_device_that_is_away()
    {
        _terminal.Unplug();
        var device = await OpenAsync();

        Assert.Equal(SendOutcome.LinkDown, await device.OpenAsync(0, Cancellation));
        Assert.Empty(device.Take());
    }

    private async Task<IDevice> OpenAsync() => await _driver.OpenAsync(
        new DeviceSettings { Id = "las-1", Driver = "node", Link = DeviceLinkKind.Serial, Path = _terminal.Path, Key = _claim.Key.ToBase64Url() }, Cancellation);

    private static Instant Now() => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
}
