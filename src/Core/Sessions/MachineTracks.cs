using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>What a stretch of closed relay is counted as.</summary>
public enum StretchKind
{
    /// <summary>Use: billed to its session.</summary>
    Use,

    /// <summary>Cool-down after a session: its session's, not billed.</summary>
    CoolDown,

    /// <summary>Nobody's: the machine was on without a session.</summary>
    Unattributed,
}

/// <summary>A stretch of time in which a relay is closed, still open at its end.</summary>
public sealed record Stretch
{
    /// <summary>Its key: the sequence number of the event that opened it.</summary>
    public required long Key { get; init; }

    /// <summary>The relay.</summary>
    public RelayChannel Channel { get; init; }

    /// <summary>What it is counted as.</summary>
    public StretchKind Kind { get; init; }

    /// <summary>Whose it is; null when it is unattributed.</summary>
    public SessionId? Session { get; init; }

    /// <summary>When the relay closed.</summary>
    public required DeviceTime From { get; init; }

    /// <summary>The last moment at which the device is known to have held it.</summary>
    public required DeviceTime LastSeen { get; init; }

    /// <summary>When the relay must have opened by itself, because its lease had ended. Set once the stretch is on record with an unknown end; null before.</summary>
    public Instant? NotAfter { get; init; }

    /// <summary>The running total of the meter at the start, in watt hours; null when it has none.</summary>
    public double? MeterFrom { get; init; }

    /// <summary>Energy since the start, in watt hours.</summary>
    public double Wh { get; init; }

    /// <summary>Whether the relay says that it is open and the meter knows better.</summary>
    public bool ByMeter { get; init; }

    /// <summary>Whether the device was out of hearing since it was last seen, so that nobody knows whether the relay opened meanwhile.</summary>
    public bool InDoubt { get; init; }

    /// <summary>
    /// From when on it is the cool-down of its session, once the relay is known to be closed still at that moment; null when no
    /// cool-down has begun. Until then it is all use: nobody knows yet whether there is anything to divide.
    /// </summary>
    public DeviceTime? CoolsFrom { get; init; }

    /// <summary>When the device said that the relay is open, without saying since when; its journal may still tell. Null before.</summary>
    public Instant? FoundOpenAt { get; init; }
}

/// <summary>What the meter says.</summary>
public sealed record PowerTrack
{
    /// <summary>The last reading in watts.</summary>
    public double Watts { get; init; }

    /// <summary>When; null before the first reading.</summary>
    public DeviceTime? At { get; init; }

    /// <summary>Since when it has been above the threshold of work; null when it is not.</summary>
    public DeviceTime? AboveSince { get; init; }

    /// <summary>Since when it has been below the threshold of rest; null when it is not.</summary>
    public DeviceTime? BelowSince { get; init; }

    /// <summary>Since when current has flowed through an open relay; null when none does.</summary>
    public DeviceTime? WeldSince { get; init; }
}

/// <summary>What every state of a machine carries: what is known of its relays, its meter and its link.</summary>
public sealed record MachineTracks
{
    /// <summary>The sequence number of the last durable event of this machine.</summary>
    public long LastSeq { get; init; }

    /// <summary>The stretch of the main relay; null while it is open.</summary>
    public Stretch? Main { get; init; }

    /// <summary>The stretch of the exhaust relay; null while it is open.</summary>
    public Stretch? Exhaust { get; init; }

    /// <summary>The meter.</summary>
    public PowerTrack Power { get; init; } = new();

    /// <summary>Whether the device with the relays is out of reach.</summary>
    public bool LinkDown { get; init; }

    /// <summary>While a use goes on without renewals: the last one the device may have received. Null when renewals reach it.</summary>
    public Instant? LastRenewal { get; init; }

    /// <summary>
    /// Whether the device must first say that its relay is still closed before a lease is renewed:
    /// else a renewal could close a relay that had opened, and the machine would start by itself.
    /// </summary>
    public bool NeedsEvidence { get; init; }

    /// <summary>When the relays were last let go; a relay that is closed soon after is only late.</summary>
    public Instant? LetGoAt { get; init; }

    /// <summary>When the main relay last opened; what the device tells of an earlier closing is over.</summary>
    public DeviceTime? OpenedAt { get; init; }

    /// <summary>The bookings that were claimed here and are not over.</summary>
    public ValueList<BookingClaim> Claims { get; init; } = [];

    /// <summary>The jobs of the machine; null when no device has told of any.</summary>
    public JobTrack? Jobs { get; init; }

    /// <summary>When a checkpoint was last made.</summary>
    public Instant? CheckpointAt { get; init; }

    /// <summary>The stretch of a relay.</summary>
    /// <param name="channel">The relay.</param>
    public Stretch? Of(RelayChannel channel) => channel == RelayChannel.Main ? Main : Exhaust;

    /// <summary>These tracks with another stretch of a relay.</summary>
    /// <param name="channel">The relay.</param>
    /// <param name="stretch">The stretch, or null when the relay is open.</param>
    public MachineTracks With(RelayChannel channel, Stretch? stretch) =>
        channel == RelayChannel.Main ? this with { Main = stretch } : this with { Exhaust = stretch };
}
