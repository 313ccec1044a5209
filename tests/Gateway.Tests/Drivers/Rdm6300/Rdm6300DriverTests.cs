using System.Text;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Rdm6300;

/// <summary>A 125 kHz reader on a real terminal.</summary>
public sealed class Rdm6300DriverTests : IAsyncDisposable
{
    private static readonly byte[] Frame = Encoding.ASCII.GetBytes("\u000262E3086CED08\u0003");
    private readonly PseudoTerminal _terminal = new();
    private readonly TemporaryFolder _folder = new();
    private readonly Rdm6300Driver _driver;
    private IDevice _device = null!;

    public Rdm6300DriverTests() => _driver = new Rdm6300Driver(TimeProvider.System, NullLogger<Rdm6300Driver>.Instance, _folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        _terminal.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_tag_held_to_the_reader_is_one_badge_read()
    {
        await OpenAsync();
        for (var i = 0; i < 20; i++)
            _terminal.Write(Frame);
        _terminal.Write(Encoding.ASCII.GetBytes("\u00020C000621A58E\r\n\u0003"));

        var first = await _device.NextAsync<DeviceReport.BadgeRead>();
        var second = await _device.NextAsync<DeviceReport.BadgeRead>();

        Assert.Equal(("em:62E3086CED", true, "em-hex10"), (first.Number.Canonical, first.Live, first.Profile.Code));
        Assert.Equal("em:0C000621A5", second.Number.Canonical);
        Assert.Null(first.Key);
    }

    [Fact]
    public async Task A_reader_that_is_unplugged_and_plugged_again_reads_again()
    {
        await OpenAsync();
        _terminal.Write(Frame.AsSpan(0, 7));

        _terminal.Unplug();
        Assert.False((await _device.NextAsync<DeviceReport.LinkReport>()).Online);
        _terminal.Plug();
        Assert.True((await _device.NextAsync<DeviceReport.LinkReport>()).Online);
        _terminal.Write(Frame.AsSpan(7));
        _terminal.Write([.. Frame, .. Frame]);

        Assert.Equal("em:62E3086CED", (await _device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);
    }

    [Fact]
    public async Task Noise_is_no_badge_and_the_next_tag_is_one()
    {
        await OpenAsync();
        var noise = new byte[50_000];
        new Random(11).NextBytes(noise);

        _terminal.Write(noise);
        _terminal.Write([0x03, .. Frame, .. Frame]);

        Assert.Equal("em:62E3086CED", (await _device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);
    }

    [Fact]
    public async Task It_only_reads_and_says_so()
    {
        await OpenAsync();

        Assert.Equal(DriverAbilities.ReadsBadges, _device.Abilities);
        Assert.Equal(SendOutcome.NotSupported, await _device.HoldAsync(0, new SessionId(Guid.NewGuid()), Duration.FromSeconds(1), TestContext.Current.CancellationToken));
        Assert.Equal(SendOutcome.NotSupported, await _device.OpenAsync(0, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Settings_that_cannot_work_are_named()
    {
        var faults = _driver.Validate(new DeviceSettings { Id = "X", Driver = "rdm6300", Link = DeviceLinkKind.Mqtt, Baud = 31 });

        Assert.Equal(3, faults.Count);
        _device = new Rdm6300Device(new DeviceId("x"), Gateway.Links.SerialLinks.Create(new() { Path = "/dev/null" }, TimeProvider.System, NullLogger.Instance), TimeProvider.System, NullLogger.Instance);
    }

    private async Task OpenAsync()
    {
        _device = await _driver.OpenAsync(new DeviceSettings { Id = "reader-1", Driver = "rdm6300", Link = DeviceLinkKind.Serial, Path = _terminal.Path }, TestContext.Current.CancellationToken);
        Assert.True((await _device.NextAsync<DeviceReport.LinkReport>()).Online);
    }
}
