using System.Buffers.Text;
using FabLab.Protocol.Messages;
using FabLab.Testing;

namespace FabLab.Protocol.Tests;

/// <summary>Firmware of the examples: the byte at place i is i mod 251.</summary>
internal static class Author
{
    public const string Model = "las-board";

    public static byte[] Bytes(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)(i % 251))];

    public static FirmwarePart Piece(int offset, int length) => new(offset, Bytes(offset + length).AsMemory(offset));

    public static FirmwareFile File(string version, int size) => File(version, Model, Bytes(size));

    public static FirmwareFile File(string version, string model, byte[] bytes)
    {
        var offer = FirmwareOffer.Of(version, model, "0", bytes);
        return new FirmwareFile(offer with { Signature = Base64Url.EncodeToString(AuthorKey.Sign(offer.BytesToSign())) }, bytes);
    }

    public static bool IsSigned(FirmwareOffer offer) => AuthorKey.IsSigned(offer.BytesToSign(), offer.SignatureOf());
}
