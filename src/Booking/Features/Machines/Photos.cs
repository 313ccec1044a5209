using SkiaSharp;

namespace FabLab.Booking.Features.Machines;

/// <summary>
/// Photos from outside are never kept as they came: the pixels are read, turned upright, made smaller and written as a new JPEG. What
/// else was in the file (place, camera, hidden content) is gone.
/// </summary>
internal sealed class Photos : IDisposable
{
    /// <summary>Largest upload, in bytes.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    /// <summary>Largest picture that is read, in pixels: a small file can claim to be huge.</summary>
    public const int MostPixels = 50_000_000;

    /// <summary>Longest side of what is kept.</summary>
    public const int Side = 1600;

    private const int Quality = 80;

    // One at a time: a large photo takes a hundred megabytes while it is read.
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <returns>A new JPEG; null when the bytes are no photo that can be read.</returns>
    public async Task<byte[]?> MakeAnewAsync(byte[] upload, CancellationToken cancellationToken)
    {
        if (upload.Length > MostBytes || !IsPhoto(upload))
            return null;
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => MakeAnew(upload), cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    /// <summary>JPEG, PNG or WebP by their first bytes: what phones send, and no more of the decoder than that is open to the street.</summary>
    private static bool IsPhoto(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        || (bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8));

    private static byte[]? MakeAnew(byte[] upload)
    {
        using var data = SKData.CreateCopy(upload);
        using var codec = SKCodec.Create(data);
        if (codec is null || codec.Info.Width < 1 || codec.Info.Height < 1 || (long)codec.Info.Width * codec.Info.Height > MostPixels)
            return null;
        var shrink = Math.Min(1f, (float)Side / Math.Max(codec.Info.Width, codec.Info.Height));
        var near = codec.GetScaledDimensions(shrink);
        var info = new SKImageInfo(near.Width, near.Height, SKColorType.Rgba8888, SKAlphaType.Premul);
        using var read = new SKBitmap(info);
        if (codec.GetPixels(info, read.GetPixels()) != SKCodecResult.Success)
            return null;
        var turned = codec.EncodedOrigin is SKEncodedOrigin.RightTop or SKEncodedOrigin.LeftBottom;
        var scale = Math.Min(1f, (float)Side / Math.Max(near.Width, near.Height));
        var (width, height) = (Math.Max(1, (int)(near.Width * scale)), Math.Max(1, (int)(near.Height * scale)));
        using var surface = SKSurface.Create(new SKImageInfo(turned ? height : width, turned ? width : height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        if (surface is null)
            return null;
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        Upright(canvas, codec.EncodedOrigin, width, height);
        using var image = SKImage.FromBitmap(read);
        canvas.DrawImage(image, new SKRect(0, 0, width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using var shot = surface.Snapshot();
        using var jpeg = shot.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return jpeg?.ToArray();
    }

    private static void Upright(SKCanvas canvas, SKEncodedOrigin origin, int width, int height)
    {
        switch (origin)
        {
            case SKEncodedOrigin.BottomRight:
                canvas.RotateDegrees(180, width / 2f, height / 2f);
                break;
            case SKEncodedOrigin.RightTop:
                canvas.Translate(height, 0);
                canvas.RotateDegrees(90);
                break;
            case SKEncodedOrigin.LeftBottom:
                canvas.Translate(0, width);
                canvas.RotateDegrees(270);
                break;
            default:
                // Mirrored photos come from no phone; they are kept as they lie.
                break;
        }
    }
}
