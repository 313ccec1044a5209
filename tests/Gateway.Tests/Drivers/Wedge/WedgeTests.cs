using System.Buffers.Binary;
using System.Diagnostics;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Wedge;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers.Wedge;

/// <summary>Keyboard readers, from events as the kernel writes them.</summary>
public sealed class WedgeTests
{
    private const string Seeed = "3808980205";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_cut_of_a_typed_number_gives_that_number()
    {
        var bytes = Type(Seeed);
        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal([Seeed], Read(bytes[..cut], bytes[cut..]));
    }

    [Fact]
    public void Digits_letters_commas_and_the_keypad_are_read_by_their_codes()
    {
        Assert.Equal(["008,27885", "62E3086CED", "74-10-37-94"], Read([.. Type("008,27885"), .. Type("62E3086CED"), .. Type("74-10-37-94")]));
        Assert.Equal(["7894561230"], Read([.. new[] { 71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 96 }.SelectMany((code, place) => Key(code, place * 10_000))]));
    }

    [Fact]
    public void Rubbish_before_between_and_after_costs_at_most_the_number_it_hits()
    {
        var number = Type(Seeed);
        byte[] rubbish = [0xFF, 0x00, 0x37, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

        Assert.Equal(Seeed, Read([.. rubbish, .. number, .. number])[^1]);
        Assert.Equal(Seeed, Read([.. number[..70], .. number, .. number])[^1]);
        Assert.Equal([Seeed, Seeed], Read([.. number, .. number]));
        Assert.Empty(Read(new byte[1 << 20]));
        Assert.Empty(Read([.. Enumerable.Repeat((byte)0xFF, 1 << 20)]));
        Assert.Equal([Seeed], Read([.. Type(new string('1', 5000)), .. number]));
    }

    [Fact]
    public void A_pause_begins_a_new_number_and_releases_and_repeats_are_no_keys()
    {
        Assert.Equal(["89"], Read([.. Key(2, 0), .. Key(3, 5_000), .. Key(9, 900_000), .. Key(10, 905_000), .. Key(28, 910_000)]));
        Assert.Equal(["1"], Read([.. Key(2, 0), .. Key(2, 10, value: 2), .. Key(2, 20, value: 0), .. Key(28, 30)]));
    }

    [Fact]
    public async Task A_reader_on_a_pipe_is_one_tap_a_presentation_and_is_found_again_when_it_is_unplugged()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("event-kbd");
        using (var made = Process.Start("mkfifo", path))
            await made.WaitForExitAsync(Cancel);
        var time = new ManualTime();
        var driver = new WedgeDriver(time, NullLogger<WedgeDriver>.Instance, folder.Path);
        var settings = new DeviceSettings { Id = "reader-1", Driver = "wedge", Link = DeviceLinkKind.Serial, Path = path, Channels = 0 };
        Assert.Empty(driver.Validate(settings));
        Assert.Single(driver.Validate(settings with { Profile = "nonsense" }));
        Assert.Single(driver.Validate(settings with { Link = DeviceLinkKind.Mqtt }));
        await using var pipe = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        await using var device = await driver.OpenAsync(settings, Cancel);
        await device.NextAsync<DeviceReport.LinkReport>(report => report.Online);

        await pipe.WriteAsync(Type(Seeed), Cancel);
        await pipe.FlushAsync(Cancel);
        var read = await device.NextAsync<DeviceReport.BadgeRead>();
        await pipe.WriteAsync(Type(Seeed), Cancel);
        await pipe.WriteAsync(Type("12"), Cancel);
        await pipe.WriteAsync(Type("1234567890"), Cancel);
        await pipe.FlushAsync(Cancel);
        var next = await device.NextAsync<DeviceReport.BadgeRead>();

        Assert.Equal(BadgeNumber.Parse("em:E3086CED"), read.Number);
        Assert.True(read.Live);
        Assert.NotEqual(read.Number, next.Number);
    }

    private static List<string> Read(params byte[][] pieces)
    {
        var stream = new KeyStream();
        var typed = new List<string>();
        foreach (var piece in pieces)
            stream.Take(piece, typed.Add);
        return typed;
    }

    /// <summary>A number as a reader types it: each key pressed and let go, and a report between.</summary>
    private static byte[] Type(string number)
    {
        var codes = number.Select(sign => sign switch
        {
            '0' => 11,
            >= '1' and <= '9' => sign - '0' + 1,
            '-' => 12,
            ',' => 51,
            'A' => 30,
            'B' => 48,
            'C' => 46,
            'D' => 32,
            'E' => 18,
            _ => 33,
        }).Append(28);
        return [.. codes.SelectMany((code, place) => Key(code, place * 8_000).Concat(Key(code, (place * 8_000) + 3_000, value: 0)).Concat(Event((place * 8_000) + 3_000, 0, 0, 0)))];
    }

    private static byte[] Key(int code, long micros, int value = 1) => Event(micros, 1, code, value);

    private static byte[] Event(long micros, int type, int code, int value)
    {
        var record = new byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(record, 1_700_000_000 + (micros / 1_000_000));
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), micros % 1_000_000);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(16), (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(18), (ushort)code);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(20), value);
        return record;
    }
}
