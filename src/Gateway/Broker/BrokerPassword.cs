using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FabLab.Gateway.Broker;

/// <summary>Passwords in Mosquitto's own form, <c>$7$rounds$salt$hash</c>: PBKDF2 over SHA-512.</summary>
public static class BrokerPassword
{
    // Mosquitto reads salts of exactly this length. The rounds are its own default: the passwords are random keys of 256 bits,
    // which no number of rounds makes harder to guess, and a lab's whole fleet signs in again within a second after a restart.
    private const int SaltBytes = 12;
    private const int HashBytes = 64;
    private const int Rounds = 101;

    /// <summary>The password file's text for one password, under a new salt.</summary>
    public static string Hash(string password) => Hash(password, RandomNumberGenerator.GetBytes(SaltBytes));

    /// <summary>A password nobody can guess: 43 characters.</summary>
    public static string Create() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    internal static string Hash(string password, byte[] salt)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Rounds, HashAlgorithmName.SHA512, HashBytes);
        return string.Create(CultureInfo.InvariantCulture, $"$7${Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>Whether a line of a password file has the form Mosquitto reads.</summary>
    internal static bool IsLine(string line)
    {
        var parts = line.Split('$');
        return parts.Length == 5
            && parts[0].Length > 1 && parts[0][^1] == ':' && !parts[0][..^1].Contains(':', StringComparison.Ordinal)
            && parts[1] == "7"
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) && rounds > 0
            && Decodes(parts[3], SaltBytes)
            && Decodes(parts[4], HashBytes);
    }

    private static bool Decodes(string text, int bytes)
    {
        Span<byte> buffer = stackalloc byte[HashBytes + 8];
        return Convert.TryFromBase64String(text, buffer, out var written) && written == bytes;
    }
}
