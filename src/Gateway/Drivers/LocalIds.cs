namespace FabLab.Gateway.Drivers;

/// <summary>
/// A device as the wire names it: 1 to 64 of <c>a-z 0-9 -</c>, first one not a dash. It is a topic level, an MQTT user
/// and a client id at once, so nothing that means something to MQTT, a file system or an access list can be in it.
/// </summary>
public readonly record struct DeviceId
{
    public const int MaxLength = 64;

    private readonly string? _value;

    public DeviceId(string value)
    {
        if (!IsValid(value))
            throw new ArgumentException("A device id is 1 to 64 of a-z, 0-9 and dash, and starts with a letter or digit.", nameof(value));
        _value = value;
    }

    /// <summary>The text of the id; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    public static bool IsValid(string? value)
    {
        if (value is null || value.Length is 0 or > MaxLength || value[0] == '-')
            return false;
        foreach (var c in value)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
                return false;
        }
        return true;
    }

    public static bool TryParse(string? value, out DeviceId id)
    {
        id = IsValid(value) ? new DeviceId(value!) : default;
        return id.Value.Length > 0;
    }

    public override string ToString() => Value;
}

/// <summary>The machine session a lease belongs to.</summary>
public readonly record struct SessionId(Guid Value)
{
    public override string ToString() => Value.ToString("N");
}

/// <summary>How a reader spells a badge number; decides how a number is compared with the ones on file.</summary>
public enum ReaderProfile
{
    /// <summary>All five bytes of a 125 kHz tag, hex (RDM6300, ID-12LA on a serial line; our own node).</summary>
    Em40,

    /// <summary>The last four bytes of a 125 kHz tag, hex (Tasmota RDM6300).</summary>
    Em32,

    /// <summary>An ISO 14443 identifier, hex, 4, 7 or 10 bytes.</summary>
    Iso14443,
}
