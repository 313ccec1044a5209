using System.Text.Json;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Drivers.Rdm6300;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>
/// Badges out of a Tasmota's SENSOR messages. A scan is a message of its own, with nothing but the reader in it; the periodic
/// telemetry on the same topic repeats the last tag for ever. A message with other sensors is telemetry and never a tap. One
/// that follows a STATE at once is probably telemetry: a tap only when the number is another than the last, and none at all
/// when we have just started and know of no last one; a machine must not start because somebody was there yesterday.
/// A tag that stays is read again and again: it counts once, until it was away for 2.5 s.
/// </summary>
internal sealed class TasmotaReaders(TimeProvider time)
{
    private static readonly TimeSpan Absence = TimeSpan.FromMilliseconds(2500);
    private static readonly TimeSpan AfterState = TimeSpan.FromMilliseconds(250);

    private readonly TagFrameParser _serial = new();
    private readonly TagPresence _presence = new(time);
    private readonly (string Key, ReaderProfile Profile)[] _kinds =
    [
        ("PN532", ReaderProfile.IsoHex), ("RC522", ReaderProfile.IsoHex), ("MFRC522", ReaderProfile.IsoHex), ("RDM6300", ReaderProfile.EmHex8),
    ];

    private readonly Dictionary<string, (BadgeNumber Number, long At)> _last = new(StringComparer.Ordinal);
    private long? _stateAt;

    /// <summary>A STATE came: the SENSOR behind it is telemetry.</summary>
    public void OnState(long at) => _stateAt = at;

    /// <summary>A SENSOR message.</summary>
    /// <returns>The badges presented; a message may hold more than one reader.</returns>
    public IReadOnlyList<(BadgeNumber Number, ReaderProfile Profile)> OnSensor(JsonElement sensor, long at)
    {
        var afterState = _stateAt is { } state && time.GetElapsedTime(state, at) <= AfterState;
        _stateAt = null;
        var telemetry = false;
        var found = new List<(string Key, BadgeNumber Number, ReaderProfile Profile)>();
        foreach (var property in sensor.EnumerateObject())
        {
            var kind = Array.Find(_kinds, k => k.Key == property.Name);
            if (kind.Profile is null)
            {
                telemetry |= property.Value.ValueKind == JsonValueKind.Object;
                continue;
            }
            if (property.Value.ValueKind == JsonValueKind.Object && PlugJson.Text(property.Value, "UID") is { } uid && kind.Profile.Parse(uid) is { } number)
                found.Add((kind.Key, number, kind.Profile));
        }
        var taps = new List<(BadgeNumber, ReaderProfile)>();
        foreach (var (key, number, profile) in found)
        {
            var known = _last.TryGetValue(key, out var last) && last.Number == number;
            if (telemetry || (afterState && (known || last.Number is null)))
            {
                // It says nothing about now: it does not even prolong a presence.
                _last.TryAdd(key, (number, long.MinValue));
                continue;
            }
            var stays = known && last.At != long.MinValue && time.GetElapsedTime(last.At, at) <= Absence;
            _last[key] = (number, at);
            if (!stays)
                taps.Add((number, profile));
        }
        return taps;
    }

    /// <summary>The raw serial route: frames of an RDM6300 as text, the closing 03 taken off as the delimiter. Two equal ones within 300 ms.</summary>
    public (BadgeNumber Number, ReaderProfile Profile)? OnSerial(string text, long at)
    {
        (BadgeNumber, ReaderProfile)? tap = null;
        Span<byte> frame = stackalloc byte[32];
        if (text.Length is < 12 or > 24)
            return null;
        var length = 0;
        if (text[0] != '\u0002')
            frame[length++] = 0x02;
        foreach (var c in text)
            frame[length++] = c <= 0x7F ? (byte)c : (byte)'?';
        if (text[^1] != '\u0003')
            frame[length++] = 0x03;
        _serial.Reset();
        _serial.Take(frame[..length], tag =>
        {
            // Software serial sends the bytes as they come, also of the reader that repeats: the ghost rule holds for all.
            if (_presence.Take(tag with { Once = false }, at) && ReaderProfile.EmHex.Parse(tag.Hex) is { } number)
                tap = (number, ReaderProfile.EmHex);
        });
        return tap;
    }
}
