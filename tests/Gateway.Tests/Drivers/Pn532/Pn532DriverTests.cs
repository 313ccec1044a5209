using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Pn532;
using FabLab.Gateway.Links;
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
    public async Task The_chip_is_asked_again_as_soon_as_it_has_looked_and_less_often_while_a_tag_lies_there()
    {
        var time = new ManualTime();
        var link = new Line();
        await using var device = new Pn532Device(new DeviceId("reader-1"), link, time, NullLogger.Instance);
        device.Start();
        link.Sink!.OnLinkChanged(true);
        Say(VirtualPn532.Answer(0x15));
        Say(VirtualPn532.Answer(0x33));
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(0x4A, link.Asked[^1]);

        // It has looked for a tenth of a second: no time is lost until it looks again.
        time.Advance(TimeSpan.FromMilliseconds(100));
        var asked = link.Asked.Count;
        Say(VirtualPn532.Answer(0x4B, 0x00));
        Assert.Equal(asked + 1, link.Asked.Count);
        // One that says so at once is not driven round.
        Say(VirtualPn532.Answer(0x4B, 0x00));
        Assert.Equal(asked + 1, link.Asked.Count);
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(asked + 2, link.Asked.Count);
        // A tag is told of at once whenever the chip is asked.
        Say(VirtualPn532.Answer(0x4B, 0x01, 0x01, 0x00, 0x04, 0x08, 0x04, 0xFB, 0x0E, 0xE2, 0x0B));
        time.Advance(TimeSpan.FromMilliseconds(150));
        Assert.Equal(asked + 2, link.Asked.Count);
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(asked + 3, link.Asked.Count);

        void Say(byte[] bytes) => link.Sink!.OnBytes(bytes, time.GetTimestamp());
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

    /// <summary>A line that keeps what is asked over it, each by its command.</summary>
    private sealed class Line : ISerialLink
    {
        public ISerialSink? Sink { get; private set; }

        public List<byte> Asked { get; } = [];

        public LinkStatus Status => new(LinkPhase.Up, LinkFault.None, null, 0);

        public void Start(ISerialSink sink) => Sink = sink;

        public LinkSend Write(ReadOnlySpan<byte> bytes)
        {
            // Waking bytes are no command.
            if (bytes[0] == 0x00)
                Asked.Add(bytes[6]);
            return LinkSend.Sent;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
