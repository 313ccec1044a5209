using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Pn532;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Pn532;

/// <summary>The reader and its twin on a real terminal.</summary>
public sealed class Pn532DriverTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualPn532 _twin;
    private readonly Pn532Driver _driver;
    private IDevice? _device;

    public Pn532DriverTests()
    {
        _twin = new VirtualPn532("reader-1", _folder.File("tty"), TimeProvider.System);
        _driver = new Pn532Driver(TimeProvider.System, NullLogger<Pn532Driver>.Instance, _folder.Path);
        _twin.Start();
    }

    private IDevice Device => _device!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_device is { } device)
            await device.DisposeAsync();
        await _twin.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_tag_that_lies_there_is_one_badge_read_and_rubbish_in_between_is_none()
    {
        await OpenAsync();
        _twin.Misbehave("garbage");
        _twin.Misbehave("wrong-checksum");
        _twin.Tap(0, "04A1B2C3D4E580");

        var first = await Device.NextAsync<DeviceReport.BadgeRead>();
        Assert.Equal(("iso:04A1B2C3D4E580", true, "iso-hex"), (first.Number.Canonical, first.Live, first.Profile.Code));
        _twin.Tap(0, "FB0EE20B");
        // The next badge is the next report: the first one was not read again while it lay there.
        Assert.Equal("iso:FB0EE20B", (await Device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);
    }

    [Fact]
    public async Task A_chip_that_loses_its_power_or_its_wits_counts_as_away_and_is_woken_anew()
    {
        await OpenAsync();

        _twin.Misbehave("silence");
        Assert.False((await Device.NextAsync<DeviceReport.LinkReport>()).Online);
        Assert.True((await Device.NextAsync<DeviceReport.LinkReport>()).Online);
        _twin.Power(on: false);
        Assert.False((await Device.NextAsync<DeviceReport.LinkReport>()).Online);
        _twin.Power(on: true);
        Assert.True((await Device.NextAsync<DeviceReport.LinkReport>()).Online);
        _twin.Tap(0, "FB0EE20B");

        Assert.Equal("iso:FB0EE20B", (await Device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);
    }

    [Fact]
    public async Task It_only_reads_and_settings_that_cannot_work_are_named()
    {
        await OpenAsync();

        Assert.Equal(DriverAbilities.ReadsBadges, Device.Abilities);
        Assert.Equal(SendOutcome.NotSupported, await Device.HoldAsync(0, new SessionId(Guid.NewGuid()), Duration.FromSeconds(1), Cancel));
        Assert.Equal(3, _driver.Validate(new DeviceSettings { Id = "X", Driver = "pn532", Link = DeviceLinkKind.Mqtt, Baud = 31 }).Count);
    }

    private async Task OpenAsync()
    {
        _device = await _driver.OpenAsync(new DeviceSettings { Id = "reader-1", Driver = "pn532", Link = DeviceLinkKind.Serial, Path = _folder.File("tty") }, Cancel);
        Assert.True((await Device.NextAsync<DeviceReport.LinkReport>()).Online);
    }
}
