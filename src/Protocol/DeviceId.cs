using System.Diagnostics.CodeAnalysis;

namespace FabLab.Protocol;

/// <summary>
/// Name of a device: 3 to 24 characters a–z, 0–9 and hyphen, neither first nor last a hyphen.
/// It is the MQTT client id, the MQTT user name and the third level of every topic, so it holds nothing that a topic or a broker's rights file could read as more than a name.
/// <c>gw</c> is too short to be one, which keeps the gateway's own topic apart.
/// </summary>
public readonly record struct DeviceId
{
    private readonly string? _value;

    private DeviceId(string value) => _value = value;

    /// <summary>The name as it stands in topics. Empty for the default value, which names no device.</summary>
    public string Value => _value ?? "";

    /// <summary>Reads a name.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The name.</param>
    /// <returns>Whether the text is a name.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out DeviceId id)
    {
        id = default;
        if (text is null || text.Length is < 3 or > Limits.DeviceIdBytes || text[0] == '-' || text[^1] == '-')
            return false;
        foreach (var c in text)
        {
            if (!(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
                return false;
        }

        id = new DeviceId(text);
        return true;
    }

    /// <summary>Reads a name that is known to be right.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The name.</returns>
    /// <exception cref="FormatException">It is not a device name.</exception>
    public static DeviceId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a device id: 3 to {Limits.DeviceIdBytes} of a-z, 0-9 and '-'.");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
