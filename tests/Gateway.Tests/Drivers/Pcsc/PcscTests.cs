using System.Runtime.InteropServices;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Pcsc;
using FabLab.Gateway.Links.Pcsc;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Tests.Drivers.Pcsc;

/// <summary>A reader through the real libpcsclite, with a twin of its service behind it. One service for the whole process: one test after the other.</summary>
public sealed class PcscTests : IAsyncDisposable
{
    private static readonly TemporaryFolder Folder = new();
    private static readonly Lazy<string?> Socket = new(Announce);

    private readonly LogLines _log = new();
    private VirtualPcscd? _service;
    private IDevice? _device;

    private VirtualPcscd Service => _service!;

    private IDevice Device => _device!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_device is { } device)
            await device.DisposeAsync();
        if (_service is { } service)
            await service.DisposeAsync();
        _log.Dispose();
    }

    [Theory]
    // V15, a number of seven bytes, and what is none.
    [InlineData("D671C5F09000", "D671C5F0")]
    [InlineData("04A1B2C3D4E5809000", "04A1B2C3D4E580")]
    [InlineData("6300", null)]
    [InlineData("6A81", null)]
    [InlineData("9000", null)]
    [InlineData("D671C59000", null)]
    [InlineData("D671C5F06300", null)]
    [InlineData("0102030405060708090A0B9000", null)]
    [InlineData("90", null)]
    [InlineData("", null)]
    public void A_number_is_what_stands_before_9000_and_anything_else_is_none(string answer, string? number) =>
        Assert.Equal(number, PcscLink.Number(Convert.FromHexString(answer)) is { } read ? Convert.ToHexString(read) : null);

    [Theory]
    [InlineData("ACS ACR1252 PICC 00 00", "ACS ACR1252 PICC 00 00")]
    [InlineData("ACS ACR1252", "ACS ACR1252 PICC 00 00")]
    [InlineData("ACS ACR1252 SAM 00 01", "ACS ACR1252 SAM 00 01")]
    [InlineData("HID", null)]
    public void The_slot_for_a_security_module_is_no_reader_unless_it_is_named_whole(string wanted, string? chosen) =>
        Assert.Equal(chosen, PcscLink.Choose(["ACS ACR1252 SAM 00 01", "ACS ACR1252 PICC 00 00"], wanted));

    [Fact]
    public async Task A_card_that_lies_there_is_one_badge_and_odd_answers_cost_an_attempt_and_no_more()
    {
        await OpenAsync();
        Assert.True((await Device.NextAsync<DeviceReport.LinkReport>()).Online);

        // The reader has failed once, has answered nonsense once, and then reads.
        Service.Odd.Enqueue([0x63, 0x00]);
        Service.Odd.Enqueue([0x90]);
        Service.Lay("04A1B2C3D4E580");
        var read = await Device.NextAsync<DeviceReport.BadgeRead>();
        Assert.Equal(("iso:04A1B2C3D4E580", "iso-hex", true), (read.Number.Canonical, read.Profile.Code, read.Live));
        // It flickers, and is the same; then another one is laid there.
        Service.Take();
        Service.Lay("04A1B2C3D4E580");
        await GatewayUnderTest.UntilAsync(() => Service.Asked >= 4);
        Service.Take();
        Service.Lay("D671C5F0");

        Assert.Equal("iso:D671C5F0", (await Device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);
    }

    [Fact]
    public async Task A_card_that_cannot_be_read_is_none_and_is_said_once()
    {
        await OpenAsync();
        for (var attempt = 0; attempt < 9; attempt++)
            Service.Odd.Enqueue([0x63, 0x00]);

        for (var times = 1; times <= 3; times++)
        {
            Service.Lay("04A1B2C3D4E580");
            await GatewayUnderTest.UntilAsync(() => Service.Asked == 3 * times);
            Service.Take();
        }
        // Eight bytes are no card of this kind.
        Service.Lay("0102030405060708");
        await GatewayUnderTest.UntilAsync(() => Service.Asked == 10);
        Service.Take();
        Service.Lay("D671C5F0");

        Assert.Equal("iso:D671C5F0", (await Device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);
        Assert.Single(_log.Lines, line => line.Contains("could not be read", StringComparison.Ordinal));
        Assert.Single(_log.Lines, line => line.Contains("8 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_service_no_reader_and_one_that_is_unplugged_are_said_and_it_comes_back()
    {
        var time = new ManualTime();
        await OpenAsync(running: false, time);
        await UntilAsync(() => Said("install and start pcscd"));
        Service.Reader = null;
        Service.Start();
        await UntilAsync(() => Said("no reader is plugged in"));
        Service.Reader = "Another One 00 00";
        await UntilAsync(() => Said("there is no such reader, but Another One 00 00"));
        Service.Reader = "Virtual NFC Reader PICC 00 00";
        await IsAsync(online: true);

        Service.Reader = null;
        await IsAsync(online: false);
        Service.Reader = "Virtual NFC Reader PICC 00 00";
        await IsAsync(online: true);
        await Service.StopAsync();
        await IsAsync(online: false);
        Service.Start();
        await IsAsync(online: true);
        Service.Lay("D671C5F0");

        Assert.Equal("iso:D671C5F0", (await Device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);

        bool Said(string words) => _log.Lines.Any(line => line.Contains(words, StringComparison.Ordinal));

        Task IsAsync(bool online) => UntilAsync(() => Device.Take().Any(report => report is DeviceReport.LinkReport link && link.Online == online));

        // The waits between the attempts grow to seconds.
        async Task UntilAsync(Func<bool> condition)
        {
            while (!condition())
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancel);
            }
        }
    }

    [Fact]
    public async Task A_card_starts_the_machine_of_its_owner_and_rest_stops_it()
    {
        var socket = Needed();
        var gateway = new GatewayUnderTest();
        await using var service = new VirtualPcscd(socket);
        service.Start();
        var asked = 0;
        await using var day = new ReaderDay(
            gateway,
            new PcscDriver(gateway.Time, new LoggerFactory([gateway.Log]).CreateLogger<PcscDriver>()),
            Settings,
            BadgeNumber.Parse("iso:04A1B2C3D4E580")!)
        {
            Tap = () => service.Lay("04A1B2C3D4E580"),
            // Once it was asked for its number it is taken away.
            Tick = () =>
            {
                if (asked == service.Asked)
                    return;
                asked = service.Asked;
                service.Take();
            },
        };

        await day.RunAsync();
    }

    private static DeviceSettings Settings => new() { Id = "reader-1", Driver = "pcsc", Link = DeviceLinkKind.Serial, Path = "Virtual NFC", Channels = 0 };

    /// <summary>The library asks for the name of the socket once: it is the same for every test of this run.</summary>
    private static string? Announce()
    {
        if (!NativeLibrary.TryLoad(PcscNative.Library, out _))
            return null;
        var socket = Folder.File("pcscd");
        VirtualPcscd.Announce(socket);
        return socket;
    }

    private static string Needed()
    {
        Assert.SkipWhen(Socket.Value is null, "libpcsclite.so.1 is not on this computer.");
        return Socket.Value;
    }

    private async Task OpenAsync(bool running = true, TimeProvider? time = null)
    {
        _service = new VirtualPcscd(Needed());
        if (running)
            _service.Start();
        _device = await new PcscDriver(time ?? TimeProvider.System, new LoggerFactory([_log]).CreateLogger<PcscDriver>()).OpenAsync(Settings, Cancel);
    }
}
