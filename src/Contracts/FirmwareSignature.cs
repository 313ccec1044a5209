using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace FabLab.Contracts;

/// <summary>
/// What the file says that an author of a firmware signs it with: one JSON object, firmware-protocol.md section 19.1. Whether the author is the one a
/// device knows only the device can say; here the file is held against what was signed.
/// </summary>
/// <param name="Version">The version of the firmware, 1 to 12 characters.</param>
/// <param name="Model">The board it is made for.</param>
/// <param name="Size">Bytes of the firmware.</param>
/// <param name="Hash">SHA-256 of the firmware in base64url.</param>
public sealed record FirmwareSignature(string Version, string Model, int Size, string Hash)
{
    /// <summary>Most characters of the file.</summary>
    public const int MostText = 4096;

    /// <summary>Most bytes of a firmware.</summary>
    public const int MostFirmware = 16_777_216;

    /// <summary>Reads the text of such a file.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Null when it is none.</returns>
    public static FirmwareSignature? Read(string? text)
    {
        if (text is null or { Length: > MostText })
            return null;
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 4 });
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && Word("m") == "ota" && Word("fw") is { Length: >= 1 and <= 12 } version && Word("md") is { Length: >= 1 and <= 16 } model
                && Word("sha") is { Length: 43 } hash && Word("sig") is { Length: 86 } && Word("min") is { Length: >= 1 and <= 12 }
                && root.TryGetProperty("size", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var size) && size is >= 1 and <= MostFirmware
                ? new FirmwareSignature(version, model, size, hash)
                : null;

            string? Word(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // The second is how the reader says that a text is no Unicode.
            return null;
        }
    }

    /// <summary>Whether this is the file that was signed.</summary>
    /// <param name="file">The firmware.</param>
    /// <returns>Whether size and hash are those of the signature.</returns>
    public bool Fits(ReadOnlySpan<byte> file) => file.Length == Size && Base64Url.EncodeToString(SHA256.HashData(file)) == Hash;
}
