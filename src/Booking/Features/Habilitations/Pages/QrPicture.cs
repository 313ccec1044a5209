using System.Globalization;
using System.Text;
using QRCoder;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>A QR code as one path: crisp on paper, and free of the styles that the security policy forbids.</summary>
public static class QrPicture
{
    /// <summary>Width and height of the picture in modules, and the path of its dark modules. The quiet zone of four modules is in it.</summary>
    public static (int Size, string Path) Of(string text)
    {
        using var generator = new QRCodeGenerator();
        using QRCodeData data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        int size = data.ModuleMatrix.Count;
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                int from = x;
                while (x < size && data.ModuleMatrix[y][x])
                    x++;
                if (x > from)
                    path.Append(CultureInfo.InvariantCulture, $"M{from} {y}h{x - from}v1h-{x - from}z");
            }
        }
        return (size, path.ToString());
    }
}
