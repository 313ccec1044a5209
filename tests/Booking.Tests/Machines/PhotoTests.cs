using System.Text;
using FabLab.Booking.Features.Machines;
using SkiaSharp;

namespace FabLab.Booking.Tests.Machines;

public sealed class PhotoTests : IDisposable
{
    private readonly Photos _photos = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _photos.Dispose();

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public async Task A_photo_is_made_anew_smaller_and_as_JPEG(SKEncodedImageFormat format)
    {
        var anew = await _photos.MakeAnewAsync(Picture(3200, 800, format), Cancel);

        using var codec = SKCodec.Create(new MemoryStream(anew!));
        Assert.Equal(SKEncodedImageFormat.Jpeg, codec.EncodedFormat);
        Assert.Equal((1600, 400), (codec.Info.Width, codec.Info.Height));
        // Red came in, red goes out.
        using var read = SKBitmap.Decode(codec);
        Assert.True(read.GetPixel(800, 200) is { Red: > 200, Green: < 60, Blue: < 60 });
    }

    [Fact]
    public async Task Where_it_was_taken_is_gone_and_the_picture_is_upright()
    {
        var upload = WithExif(Picture(400, 200, SKEncodedImageFormat.Jpeg));
        Assert.Contains("48.8566", Encoding.Latin1.GetString(upload), StringComparison.Ordinal);

        var anew = await _photos.MakeAnewAsync(upload, Cancel);

        Assert.DoesNotContain("48.8566", Encoding.Latin1.GetString(anew!), StringComparison.Ordinal);
        Assert.DoesNotContain("Exif", Encoding.Latin1.GetString(anew!), StringComparison.Ordinal);
        using var codec = SKCodec.Create(new MemoryStream(anew!));
        Assert.Equal((200, 400), (codec.Info.Width, codec.Info.Height));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>")]
    [InlineData("GIF89a")]
    [InlineData("BM")]
    public async Task What_is_no_photo_is_refused(string text) => Assert.Null(await _photos.MakeAnewAsync(Encoding.Latin1.GetBytes(text), Cancel));

    [Fact]
    public async Task A_photo_cut_off_anywhere_or_with_a_wrong_byte_never_breaks_anything()
    {
        var good = Picture(300, 200, SKEncodedImageFormat.Jpeg);
        var random = new Random(17);
        for (var i = 0; i < 200; i++)
        {
            var bad = i % 2 == 0 ? good[..random.Next(good.Length)] : (byte[])good.Clone();
            if (bad.Length > 4 && i % 2 == 1)
                bad[random.Next(4, bad.Length)] ^= (byte)random.Next(1, 256);
            var anew = await _photos.MakeAnewAsync(bad, Cancel);
            Assert.True(anew is null || anew is [0xFF, 0xD8, 0xFF, ..]);
        }
    }

    [Fact]
    public async Task A_small_file_that_claims_to_be_huge_is_refused_before_it_is_read()
    {
        var bomb = Picture(10, 10, SKEncodedImageFormat.Png);
        // Width and height in the header, and its checksum.
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(16), 60_000);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(20), 60_000);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(29), Crc(bomb.AsSpan(12, 17)));

        Assert.Null(await _photos.MakeAnewAsync(bomb, Cancel));
        Assert.Null(await _photos.MakeAnewAsync(new byte[Photos.MostBytes + 1], Cancel));
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }
        return ~crc;
    }

    private static byte[] Picture(int width, int height, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(SKColors.Red);
        return bitmap.Encode(format, 90).ToArray();
    }

    /// <summary>Puts an Exif part behind the first marker: orientation 6 (turned by 90°) and a place in plain text.</summary>
    private static byte[] WithExif(byte[] jpeg)
    {
        byte[] tiff =
        [
            .. "MM\0*"u8, 0, 0, 0, 8,
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0,
            0, 0, 0, 0, .. "GPS 48.8566 N"u8,
        ];
        byte[] body = [.. "Exif\0\0"u8, .. tiff];
        return [0xFF, 0xD8, 0xFF, 0xE1, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2), .. body, .. jpeg[2..]];
    }
}
