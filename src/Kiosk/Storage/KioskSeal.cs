using System.Security.Cryptography;

namespace FabLab.Kiosk.Storage;

/// <summary>
/// Seals what lies on the kiosk's disk (AES-256-GCM) under a key in a file that only its user may read. Who carries off the database
/// alone, or a backup of it, reads no first name.
/// </summary>
internal sealed class KioskSeal
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const int Nonce = 12;
    private const int Tag = 16;

    private readonly byte[] _key;

    private KioskSeal(byte[] key) => _key = key;

    /// <summary>Reads the key, or makes one when there is none. The file appears whole or not at all.</summary>
    public static KioskSeal Open(string path)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var draft = $"{path}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}";
            var form = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                form.UnixCreateMode = OwnerOnly;
            using (var file = new StreamWriter(draft, form))
                file.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
            File.Move(draft, path, overwrite: false);
        }
        return new KioskSeal(Convert.FromHexString(File.ReadAllText(path).Trim()));
    }

    public byte[] Close(ReadOnlySpan<byte> plain)
    {
        var sealedText = new byte[Nonce + Tag + plain.Length];
        var (nonce, tag, text) = (sealedText.AsMemory(0, Nonce), sealedText.AsMemory(Nonce, Tag), sealedText.AsMemory(Nonce + Tag));
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(_key, Tag);
        aes.Encrypt(nonce.Span, plain, text.Span, tag.Span);
        return sealedText;
    }

    /// <summary>What was sealed; null when it was sealed under another key or was changed.</summary>
    public byte[]? Read(byte[] sealedText)
    {
        if (sealedText.Length < Nonce + Tag)
            return null;
        var (nonce, tag, text) = (sealedText.AsMemory(0, Nonce), sealedText.AsMemory(Nonce, Tag), sealedText.AsMemory(Nonce + Tag));
        var plain = new byte[text.Length];
        using var aes = new AesGcm(_key, Tag);
        try
        {
            aes.Decrypt(nonce.Span, text.Span, tag.Span, plain);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
