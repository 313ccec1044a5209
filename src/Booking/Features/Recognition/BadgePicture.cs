using System.Buffers.Binary;
using System.Text;
using SkiaSharp;

namespace FabLab.Booking.Features.Recognition;

/// <summary>A picture of a badge with the badge in it: a PNG whose text chunk <c>openbadgecredential</c> holds the token.</summary>
internal static class BadgePicture
{
    public const string Keyword = "openbadgecredential";

    private const int Side = 400;

    /// <summary>Length of the signature of a PNG and of its first chunk, after which the text goes.</summary>
    private const int AfterHeader = 8 + 4 + 4 + 13 + 4;

    /// <summary>The picture with the token in it.</summary>
    public static byte[] Write(string token)
    {
        var png = Draw();
        var chunk = Chunk("iTXt", [.. Encoding.Latin1.GetBytes(Keyword), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(token)]);
        return [.. png.AsSpan(0, AfterHeader), .. chunk, .. png.AsSpan(AfterHeader)];
    }

    /// <summary>A hexagon with a tick, alike for all: no font has to be there.</summary>
    private static byte[] Draw()
    {
        using var surface = SKSurface.Create(new SKImageInfo(Side, Side));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.Transparent);
        using var shape = new SKPath();
        for (var corner = 0; corner < 6; corner++)
        {
            var angle = Math.PI / 3 * corner - (Math.PI / 2);
            var point = new SKPoint((float)((Side / 2) + (180 * Math.Cos(angle))), (float)((Side / 2) + (180 * Math.Sin(angle))));
            if (corner == 0)
                shape.MoveTo(point);
            else
                shape.LineTo(point);
        }
        shape.Close();
        using var fill = new SKPaint { Color = new SKColor(0x1f, 0x4e, 0x79), IsAntialias = true };
        using var line = new SKPaint { Color = SKColors.White, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 34, StrokeCap = SKStrokeCap.Round, StrokeJoin = SKStrokeJoin.Round };
        canvas.DrawPath(shape, fill);
        using var tick = new SKPath();
        tick.MoveTo(125, 205);
        tick.LineTo(180, 260);
        tick.LineTo(280, 150);
        canvas.DrawPath(tick, line);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    /// <summary>The CRC of a PNG chunk: type and data.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
