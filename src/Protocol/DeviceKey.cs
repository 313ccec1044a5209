using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace FabLab.Protocol;

/// <summary>The 32 secret bytes a device and the gateway share since enrolment. Never leaves either end; everything that is used is derived from it.</summary>
public sealed class DeviceKey
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 32;

    private static readonly byte[] Salt = "fablab/1"u8.ToArray();
    private readonly byte[] _bytes;

    private DeviceKey(byte[] bytes) => _bytes = bytes;

    /// <summary>A new random key.</summary>
    /// <returns>The key.</returns>
    public static DeviceKey Create() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>A key from its bytes.</summary>
    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    public static DeviceKey FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Length ? new DeviceKey(bytes.ToArray()) : throw new ArgumentException($"A device key has {Length} bytes.", nameof(bytes));

    /// <summary>Reads a key written by <see cref="ToBase64Url"/>.</summary>
    /// <param name="text">43 characters, base64url without padding.</param>
    /// <param name="key">The key.</param>
    /// <returns>Whether the text is a key.</returns>
    public static bool TryParse(string? text, out DeviceKey? key)
    {
        key = Base64UrlText.TryDecode(text, Length, out var bytes) ? new DeviceKey(bytes) : null;
        return key is not null;
    }

    /// <summary>The key as text for the enrolment message and the gateway's key store.</summary>
    /// <returns>43 characters.</returns>
    public string ToBase64Url() => Base64Url.EncodeToString(_bytes);

    /// <summary>Derives what a device uses.</summary>
    /// <param name="device">The device the keys are bound to.</param>
    /// <param name="keyId">Number of this key, 1 to 255; raised at each enrolment.</param>
    /// <returns>The derived keys.</returns>
    public DeviceKeys Derive(DeviceId device, byte keyId) =>
        new(device, keyId, Derive("up", device), Derive("dn", device), Base64Url.EncodeToString(Derive("mqtt", device)));

    /// <summary>Says that it is a key, never which.</summary>
    /// <returns>A fixed text.</returns>
    public override string ToString() => "DeviceKey(secret)";

    private byte[] Derive(string label, DeviceId device) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, Length, Salt, Encoding.ASCII.GetBytes($"{label}:{device.Value}"));
}

/// <summary>What a <see cref="DeviceKey"/> yields for one device.</summary>
public sealed class DeviceKeys
{
    private readonly byte[] _up;
    private readonly byte[] _down;

    internal DeviceKeys(DeviceId device, byte keyId, byte[] up, byte[] down, string mqttPassword)
    {
        Device = device;
        KeyId = keyId;
        _up = up;
        _down = down;
        MqttPassword = mqttPassword;
    }

    /// <summary>The device.</summary>
    public DeviceId Device { get; }

    /// <summary>Number of the key, said in each trailer.</summary>
    public byte KeyId { get; }

    /// <summary>Password at the broker: 43 characters. The user name is the device id.</summary>
    public string MqttPassword { get; }

    /// <summary>Key of one direction, 32 bytes.</summary>
    /// <param name="direction">The direction.</param>
    /// <returns>The key.</returns>
    public ReadOnlySpan<byte> For(Direction direction) => direction == Direction.Up ? _up : _down;

    /// <summary>Says whose keys they are, never which.</summary>
    /// <returns>A text without secrets.</returns>
    public override string ToString() => $"DeviceKeys({Device.Value}, {KeyId})";
}

internal static class Base64UrlText
{
    public static bool TryDecode(string? text, int length, out byte[] bytes)
    {
        bytes = [];
        // Only the one spelling: no padding, no white space, the exact length.
        if (text is null || text.Length != ((length * 8) + 5) / 6)
            return false;
        var buffer = new byte[length];
        // By its status and not by Try, which throws when the last character says bits that belong to no byte.
        if (!text.AsSpan().ContainsAnyExcept(Alphabet)
            && Base64Url.DecodeFromChars(text, buffer, out _, out var written) == OperationStatus.Done && written == length)
        {
            bytes = buffer;
            return true;
        }

        return false;
    }

    private static readonly System.Buffers.SearchValues<char> Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
