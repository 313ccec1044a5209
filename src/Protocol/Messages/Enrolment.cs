using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>Makes a device ours: sent over USB or a serial line only, in clear, while somebody holds the device in hand. Never over MQTT.</summary>
/// <param name="Device">Its name from now on.</param>
/// <param name="KeyId">Number of the key, 1 to 255.</param>
/// <param name="Key">The device key.</param>
public sealed record Claim(DeviceId Device, byte KeyId, DeviceKey Key)
{
    /// <summary>The site's tag key, when the device may keep an offline list.</summary>
    public TagKey? TagKey { get; init; }

    /// <summary>Broker, at most 64 characters; absent for a device that stays on its serial line.</summary>
    public string? Host { get; init; }

    /// <summary>Broker's port, 1 to 65535.</summary>
    public int? Port { get; init; }

    /// <summary>Wi-Fi name, at most 32 bytes.</summary>
    public string? Ssid { get; init; }

    /// <summary>Wi-Fi password, at most 63 bytes.</summary>
    public string? WifiPassword { get; init; }

    /// <summary>Writes the JSON text. It holds secrets: not for logs.</summary>
    /// <returns>UTF-8 bytes.</returns>
    public byte[] ToJson() => JsonText.Write(json =>
    {
        json.WriteString("m", "claim");
        json.WriteString("dev", Device.Value);
        json.WriteNumber("kid", KeyId);
        json.WriteString("k", Key.ToBase64Url());
        if (TagKey is { } tagKey)
        {
            json.WriteNumber("tkid", tagKey.Id);
            json.WriteString("tk", Base64Url.EncodeToString(tagKey.AsSpan()));
        }

        if (Host is { } host)
            json.WriteString("host", host);
        if (Port is { } port)
            json.WriteNumber("port", port);
        if (Ssid is { } ssid)
            json.WriteString("ssid", ssid);
        if (WifiPassword is { } password)
            json.WriteString("pass", password);
    });

    /// <summary>Says which device it is for, no secrets.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"Claim({Device.Value}, {KeyId})";
}

/// <summary>The device's answer to a <see cref="Claim"/>.</summary>
/// <param name="Code"><c>ok</c>; <c>held</c> when it belongs to somebody and its button was not pressed; <c>bad</c> when the claim was not understood.</param>
/// <param name="Firmware">Firmware version.</param>
/// <param name="Hardware">Serial number of the chip.</param>
/// <param name="Relays">Role of each relay channel.</param>
/// <param name="Readers">Tag form of each reader.</param>
/// <param name="Proof">With <c>ok</c>: 22 characters that only the new key yields, see <see cref="ProofOf"/>.</param>
public sealed record Claimed(string Code, string Firmware, string Hardware, IReadOnlyList<string> Relays, IReadOnlyList<string> Readers, string? Proof)
{
    /// <summary>Taken.</summary>
    public const string Ok = "ok";

    /// <summary>Belongs to somebody already.</summary>
    public const string Held = "held";

    /// <summary>Not understood.</summary>
    public const string Bad = "bad";

    /// <summary>What shows that the key was stored right: the first 16 bytes of HMAC-SHA256(up key, "claimed" 00 device id), base64url.</summary>
    /// <param name="keys">Keys derived from the claim's key.</param>
    /// <returns>22 characters.</returns>
    public static string ProofOf(DeviceKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Base64Url.EncodeToString(HMACSHA256.HashData(keys.For(Direction.Up), Encoding.ASCII.GetBytes("claimed\0" + keys.Device.Value)).AsSpan(0, 16));
    }

    /// <summary>Whether the answer proves that the device has the key.</summary>
    /// <param name="keys">Keys derived from the claim's key.</param>
    /// <returns>Whether code and proof are right.</returns>
    public bool Proves(DeviceKeys keys) => Code == Ok && Proof is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Proof), Encoding.ASCII.GetBytes(ProofOf(keys)));

    /// <summary>Writes the JSON text.</summary>
    /// <returns>UTF-8 bytes.</returns>
    public byte[] ToJson() => JsonText.Write(json =>
    {
        json.WriteString("m", "claimed");
        json.WriteString("code", Code);
        json.WriteString("fw", Firmware);
        json.WriteString("hw", Hardware);
        Birth.WriteTexts(json, "rl", Relays);
        Birth.WriteTexts(json, "rd", Readers);
        if (Proof is not null)
            json.WriteString("proof", Proof);
    });
}
