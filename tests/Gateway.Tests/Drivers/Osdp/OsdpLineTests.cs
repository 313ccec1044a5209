using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Osdp;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Osdp;

/// <summary>Two readers on one line, each with its own address and key: their twins, and a cable that joins them.</summary>
public sealed class OsdpLineTests : IAsyncDisposable
{
    private const string Key = "00112233445566778899AABBCCDDEEFF";
    private const string OtherKey = "FF112233445566778899AABBCCDDEEFF";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly List<VirtualOsdp> _twins = [];
    private readonly List<OsdpDevice> _devices = [];
    private readonly List<(DeviceId Device, DeviceReport Report)> _seen = [];
    private readonly LogLines _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
            await device.DisposeAsync();
        foreach (var twin in _twins)
            await twin.DisposeAsync();
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Two_readers_share_a_line_and_the_silence_of_one_takes_nothing_from_the_other()
    {
        var cable = new Cable();
        var lines = new OsdpLines(_ => cable, _time);
        Put("reader-1", 0, Key, lines, cable);
        Put("reader-2", 5, OtherKey, lines, cable);

        await UntilAsync(() => IsOnline("reader-1") && IsOnline("reader-2"));
        _twins[0].Tap(0, "04A1B2C3D4E580");
        _twins[1].Tap(0, "FB0EE20B");
        await UntilAsync(() => Cards().Count == 2);
        Assert.Equal([("reader-1", "iso:04A1B2C3D4E580"), ("reader-2", "iso:FB0EE20B")], Cards());

        _twins[0].Misbehave("silence");
        await UntilAsync(() => !IsOnline("reader-1"));
        _twins[1].Tap(0, "04A1B2C3");
        await UntilAsync(() => Cards().Count == 3);
        Assert.Equal(("reader-2", "iso:04A1B2C3"), Cards()[^1]);
        Assert.Single(_seen, seen => seen.Device.Value == "reader-2" && seen.Report is DeviceReport.LinkReport);

        _twins[0].Misbehave("hears-again");
        await UntilAsync(() => IsOnline("reader-1"));
        // One leaves; the line stays with the other, and is closed with the last.
        await _devices[0].DisposeAsync();
        _twins[1].Tap(0, "53BB1F05");
        await UntilAsync(() => Cards().Count == 4);
        Assert.False(cable.IsClosed);
        await _devices[1].DisposeAsync();
        Assert.True(cable.IsClosed);
    }

    [Fact]
    public async Task One_address_and_another_speed_are_refused_and_a_line_that_is_closed_can_be_opened_anew()
    {
        var opened = 0;
        var lines = new OsdpLines(
            _ =>
            {
                opened++;
                return new Cable();
            },
            _time);
        var options = new SerialLinkOptions { Path = _folder.File("tty"), Baud = 9600, LockFolder = _folder.Path };
        var seat = lines.Join(options, 3);

        Assert.Contains("address 3", Assert.Throws<InvalidOperationException>(() => lines.Join(options, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("9600 baud", Assert.Throws<InvalidOperationException>(() => lines.Join(options with { Baud = 38_400 }, 4)).Message, StringComparison.Ordinal);
        await seat.DisposeAsync();
        await seat.DisposeAsync();
        await using var again = lines.Join(options with { Baud = 38_400 }, 3);
        Assert.Equal(2, opened);
    }

    private void Put(string id, int address, string key, OsdpLines lines, Cable cable)
    {
        var twin = new VirtualOsdp(id, _folder.File("tty-" + id), Convert.FromHexString(key), address);
        _twins.Add(twin);
        twin.Start();
        cable.Add(SerialLinks.Create(new SerialLinkOptions { Path = _folder.File("tty-" + id), Baud = 9600, LockFolder = _folder.Path }, _time, NullLogger.Instance));
        var settings = new DeviceSettings { Id = id, Driver = "osdp", Link = DeviceLinkKind.Serial, Path = _folder.File("tty"), Key = key, BusAddress = address };
        var device = new OsdpDevice(
            settings.DeviceId, lines.Join(new SerialLinkOptions { Path = settings.Path!, Baud = 9600, LockFolder = _folder.Path }, address), OsdpDriver.OptionsOf(settings, 9600), _time, _log.CreateLogger("osdp"));
        _devices.Add(device);
        device.Start();
    }

    private List<(string Device, string Number)> Cards() =>
        [.. _seen.Select(seen => seen.Report).OfType<DeviceReport.BadgeRead>().Select(read => (read.Device.Value, read.Number.Canonical))];

    private bool IsOnline(string device) => _seen.Where(seen => seen.Device.Value == device).Select(seen => seen.Report).OfType<DeviceReport.LinkReport>().LastOrDefault()?.Online == true;

    private async Task UntilAsync(Func<bool> condition)
    {
        for (var step = 0; !condition(); step++)
        {
            Assert.True(step < 8000, $"It is not so. Seen: {string.Join(" | ", _seen)}");
            _time.Advance(Duration.FromMilliseconds(25));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel);
            foreach (var device in _devices)
                _seen.AddRange(device.Take().Select(report => (device.Id, report)));
        }
    }

    /// <summary>Two wires: what the gateway says reaches every reader, and what one of them says the gateway.</summary>
    private sealed class Cable : ISerialLink, ISerialSink
    {
        private readonly List<ISerialLink> _ends = [];
        private readonly Lock _gate = new();
        private ISerialSink? _sink;
        private int _up;

        public bool IsClosed { get; private set; }

        public LinkStatus Status => new(LinkPhase.Up, LinkFault.None, null, 0);

        public void Add(ISerialLink end)
        {
            _ends.Add(end);
            if (_sink is not null)
                end.Start(this);
        }

        public void Start(ISerialSink sink)
        {
            _sink = sink;
            foreach (var end in _ends)
                end.Start(this);
        }

        public LinkSend Write(ReadOnlySpan<byte> bytes)
        {
            foreach (var end in _ends)
                end.Write(bytes);
            return LinkSend.Sent;
        }

        public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
        {
            lock (_gate)
                _sink!.OnBytes(bytes, receivedTimestamp);
        }

        public void OnLinkChanged(bool up)
        {
            // Open with the first end.
            if (up && Interlocked.Increment(ref _up) == 1)
                _sink!.OnLinkChanged(true);
        }

        public async ValueTask DisposeAsync()
        {
            IsClosed = true;
            foreach (var end in _ends)
                await end.DisposeAsync();
        }
    }
}
