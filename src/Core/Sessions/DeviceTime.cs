using System.Text.Json.Serialization;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>
/// A moment by the clock of a device: which start of the device, how long after it, and the instant the gateway makes of that.
/// Durations come from <see cref="UpMs"/>, so that neither a wrong wall clock nor a slow link changes them.
/// </summary>
/// <param name="Boot">The number of the device's start. A device without one gets the number of the gateway's own start.</param>
/// <param name="UpMs">Milliseconds since then, by a clock that never jumps.</param>
/// <param name="At">The same moment as an instant.</param>
public readonly record struct DeviceTime(uint Boot, long UpMs, Instant At)
{
    /// <summary>No stretch and no uptime is longer than this, whatever a device says: ten years.</summary>
    private const long MostMs = 10L * 366 * 24 * 3_600_000;

    /// <summary>When the device started, as far as its uptime can be believed.</summary>
    [JsonIgnore]
    public Instant StartedAt => At - Duration.FromMilliseconds(Math.Clamp(UpMs, 0, MostMs));

    /// <summary>This clock at another instant, as far as one clock can be told from the other.</summary>
    /// <param name="instant">The instant.</param>
    public DeviceTime ShiftTo(Instant instant) =>
        new(Boot, UpMs + (long)(instant - At).TotalMilliseconds, instant);

    /// <summary>Milliseconds from this moment to a later one; 0 when it is not later.</summary>
    /// <param name="later">The later moment.</param>
    public long MsUntil(DeviceTime later) =>
        Math.Clamp(later.Boot == Boot ? later.UpMs - UpMs : (long)(later.At - At).TotalMilliseconds, 0, MostMs);

    /// <summary>Whether this moment comes after another.</summary>
    /// <param name="other">The other moment.</param>
    public bool IsAfter(DeviceTime other) => Boot == other.Boot ? UpMs > other.UpMs : At > other.At;
}
