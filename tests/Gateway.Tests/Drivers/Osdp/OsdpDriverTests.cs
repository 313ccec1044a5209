using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Osdp;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Osdp;

/// <summary>The reader and its twin on a real terminal, with the time moved by hand.</summary>
public sealed class OsdpDriverTests : IAsyncDisposable
{
    private const string Key = "00112233445566778899AABBCCDDEEFF";
    private const string Card = "04A1B2C3D4E580";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();
    private readonly List<DeviceReport> _seen = [];
    private VirtualOsdp? _twin;
    private IDevice? _device;

    private VirtualOsdp Twin => _twin!;

    private IDevice Device => _device!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IEnumerable<string> Cards => _seen.OfType<DeviceReport.BadgeRead>().Select(read => read.Number.Canonical);

    private int Refusals => _log.Lines.Count(line => line.Contains("is not listened to", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (_device is { } device)
            await device.DisposeAsync();
        if (_twin is { } twin)
            await twin.DisposeAsync();
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task A_card_is_one_badge_read_and_rubbish_busy_readers_and_lost_sessions_in_between_are_none()
    {
        await OpenAsync(Key);
        await UntilAsync(() => IsOnline);
        Assert.Equal("5C2623-1.2 3.2.1", Device.Firmware);

        foreach (var how in (string[])["garbage", "wrong-checksum", "busy"])
            Assert.True(Twin.Misbehave(how));
        Twin.Tap(0, Card);
        // Twice in a moment: it lies there.
        Twin.Tap(0, Card);
        Twin.Tap(1, "62E3086CED");
        await UntilAsync(() => Cards.Count() == 2);
        Twin.Misbehave("forgets");
        await UntilAsync(() => !IsOnline);
        await UntilAsync(() => IsOnline);
        Twin.Tap(0, "FB0EE20B");
        await UntilAsync(() => Cards.Count() == 3);

        var reads = _seen.OfType<DeviceReport.BadgeRead>().ToList();
        Assert.Equal([("iso:" + Card, 0, "iso-hex"), ("w:E3086CED", 1, "w34-hex"), ("iso:FB0EE20B", 0, "iso-hex")], reads.Select(r => (r.Number.Canonical, r.Reader, r.Profile.Code)));
        Assert.Equal(0, Refusals);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("wrong-seal")]
    public async Task A_reader_that_falls_back_to_plain_text_or_seals_wrongly_is_not_listened_to(string how)
    {
        await OpenAsync(Key);
        await UntilAsync(() => IsOnline);

        Twin.Misbehave(how);
        Twin.Tap(0, Card);
        await UntilAsync(() => !IsOnline);
        await PassAsync(Duration.FromSeconds(40));

        // A card that waits until all is well again is read then, and not before.
        Assert.True(how != "plain" || !Cards.Any());
        Assert.Equal((1, DeviceFaults.NotSealed), (Refusals, _seen.OfType<DeviceReport.DeviceFaultReport>().First().Code));
        Twin.Misbehave("sealed-again");
        await UntilAsync(() => IsOnline);
        Assert.False(_seen.OfType<DeviceReport.DeviceFaultReport>().Last().Standing);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("FF112233445566778899AABBCCDDEEFF", false)]
    [InlineData(Key, true)]
    public async Task A_reader_with_another_key_or_the_factorys_or_without_a_channel_is_not_listened_to(string? key, bool knowsNoChannel)
    {
        await OpenAsync(key, knowsNoChannel: knowsNoChannel);

        await UntilAsync(() => _seen.OfType<DeviceReport.DeviceFaultReport>().Any());
        Twin.Tap(0, Card);
        await PassAsync(Duration.FromSeconds(30));

        Assert.DoesNotContain(_seen, report => report is DeviceReport.LinkReport { Online: true });
        Assert.Empty(Cards);
        Assert.Equal(1, Refusals);
        Assert.Equal(key, Twin.Key is { } kept ? Convert.ToHexString(kept) : null);
    }

    [Fact]
    public async Task Armed_for_a_while_it_gives_a_reader_from_the_factory_its_own_key_and_reads_only_then()
    {
        await OpenAsync(key: null, install: Duration.FromMinutes(10), tapBefore: true);

        await UntilAsync(() => IsOnline);
        await UntilAsync(() => Cards.Any());

        Assert.Equal(Key, Convert.ToHexString(Twin.Key!));
        // With its own key first, refused; with the factory's, and the new one is set; then with its own.
        Assert.Equal([0x61, 0x62, 0x76, 0x76, 0x77, 0x75, 0x76, 0x77], Twin.Codes.Take(8));
        Assert.Equal(0, Refusals);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(61)]
    public async Task Too_late_or_for_too_long_is_not_armed(int minutes)
    {
        await OpenAsync(key: null, install: Duration.FromMinutes(minutes));

        await UntilAsync(() => Refusals == 1);

        Assert.Null(Twin.Key);
    }

    [Fact]
    public async Task The_factorys_key_is_spoken_once_then_a_reader_that_has_it_again_is_refused()
    {
        await OpenAsync(key: null, install: Duration.FromMinutes(10));
        await UntilAsync(() => IsOnline);

        // Somebody puts another reader in its place.
        await Twin.DisposeAsync();
        _twin = new VirtualOsdp("reader-1", _folder.File("tty"), key: null);
        Twin.Start();
        await UntilAsync(() => Refusals == 1);

        Assert.Null(Twin.Key);
    }

    [Fact]
    public async Task Silence_is_noticed_by_eight_seconds_and_a_pulled_cable_at_once_and_both_come_back()
    {
        await OpenAsync(Key);
        await UntilAsync(() => IsOnline);

        Twin.Misbehave("silence");
        var from = _time.Now;
        await UntilAsync(() => !IsOnline);
        Assert.InRange((_time.Now - from).TotalSeconds, 7.5, 9);
        Twin.Misbehave("hears-again");
        await UntilAsync(() => IsOnline);
        Twin.Cable(plugged: false, silent: false);
        await UntilAsync(() => !IsOnline);
        Twin.Cable(plugged: true, silent: false);
        await UntilAsync(() => IsOnline);
        Twin.Misbehave("tamper");
        await UntilAsync(() => _seen.OfType<DeviceReport.DeviceFaultReport>().Any(f => f is { Code: DeviceFaults.Tamper, Standing: true }));
        Twin.TapBits(0, 37, [1, 2, 3, 4, 0x80]);
        Twin.TapBits(0, 26, [0x84, 0x36, 0x76, 0x80]);
        Twin.TapBits(0, 26, [0x84, 0x36, 0x76, 0xC0]);
        await UntilAsync(() => Cards.Any());

        Assert.Equal(["w:086CED"], Cards);
        Assert.Single(_log.Lines, line => line.Contains("37 bits", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(DisplayTone.Accepted, "yes steady", "info 1 tones")]
    [InlineData(DisplayTone.Refused, "no blinking", "info 3 tones")]
    [InlineData(DisplayTone.Attention, "warn blinking", "info 2 tones")]
    public async Task An_answer_is_light_and_tones(DisplayTone tone, params string[] expected)
    {
        await OpenAsync(Key);
        var shown = new List<string>();
        Twin.Displayed += one =>
        {
            lock (shown)
                shown.Add($"{one.Kind} {one.Text}");
        };
        var message = new DisplayMessage("any", tone, "", null, Duration.FromSeconds(4));
        await UntilAsync(() => IsOnline);

        Assert.Equal(SendOutcome.Sent, await Device.ShowAsync(message, Cancel));
        Assert.Equal(SendOutcome.NotSupported, await Device.ShowAsync(message with { Tone = DisplayTone.Neutral }, Cancel));
        await UntilAsync(() => shown.Count == 2);

        Assert.Equal(expected, shown);
        Twin.Cable(plugged: false, silent: false);
        await UntilAsync(() => !IsOnline);
        Assert.Equal(SendOutcome.LinkDown, await Device.ShowAsync(message, Cancel));
    }

    [Fact]
    public async Task It_only_reads_and_settings_that_cannot_work_are_named()
    {
        await OpenAsync(Key);
        var driver = Driver();
        var good = new DeviceSettings { Id = "reader-1", Driver = "osdp", Link = DeviceLinkKind.Serial, Path = "/dev/null", Key = Key };

        Assert.Equal(DriverAbilities.ReadsBadges, Device.Abilities);
        Assert.Equal(SendOutcome.NotSupported, await Device.HoldAsync(0, new SessionId(Guid.NewGuid()), Duration.FromSeconds(1), Cancel));
        Assert.Empty(driver.Validate(good));
        Assert.Contains("32 hex digits", Assert.Single(driver.Validate(good with { Key = "303132333435363738393A3B3C3D3E3F" })), StringComparison.Ordinal);
        Assert.Contains("busAddress", Assert.Single(driver.Validate(good with { BusAddress = 127 })), StringComparison.Ordinal);
        Assert.Contains("profile", Assert.Single(driver.Validate(good with { Profile = "em-dec10" })), StringComparison.Ordinal);
        Assert.Equal(4, driver.Validate(new DeviceSettings { Id = "X", Driver = "osdp", Link = DeviceLinkKind.Mqtt, Baud = 31 }).Count);
    }

    private bool IsOnline => _seen.OfType<DeviceReport.LinkReport>().LastOrDefault()?.Online == true;

    private OsdpDriver Driver() => new(_time, new Logged(_log.CreateLogger("osdp")), _folder.Path);

    private async Task OpenAsync(string? key, Duration? install = null, bool tapBefore = false, bool knowsNoChannel = false)
    {
        _twin = new VirtualOsdp("reader-1", _folder.File("tty"), key is null ? null : Convert.FromHexString(key));
        Twin.Start();
        if (knowsNoChannel)
            Twin.Misbehave("knows-no-channel");
        if (tapBefore)
            Twin.Tap(0, Card);
        _device = await Driver().OpenAsync(
            new DeviceSettings
            {
                Id = "reader-1", Driver = "osdp", Link = DeviceLinkKind.Serial, Path = _folder.File("tty"), Key = Key,
                InstallUntil = install is { } until ? (_time.Now + until).ToDateTimeOffset() : null,
            },
            Cancel);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        for (var step = 0; !condition(); step++)
        {
            Assert.True(step < 8000, $"It is not so. Seen: {string.Join(" | ", _seen)}");
            await StepAsync();
        }
    }

    private async Task PassAsync(Duration time)
    {
        for (var to = _time.Now + time; _time.Now < to;)
            await StepAsync(250);
    }

    private async Task StepAsync(int milliseconds = 50)
    {
        _time.Advance(Duration.FromMilliseconds(milliseconds));
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel);
        _seen.AddRange(Device.Take());
    }

    private sealed class Logged(ILogger inner) : ILogger<OsdpDriver>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            inner.Log(logLevel, eventId, state, exception, formatter);
    }
}
