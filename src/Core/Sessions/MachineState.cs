using System.Text.Json.Serialization;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>What a machine is doing. A closed set; what belongs to a state is carried by it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(Idle), "idle")]
[JsonDerivedType(typeof(AwaitingSecondBadge), "awaiting_second_badge")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Running), "running")]
[JsonDerivedType(typeof(CoolingDown), "cooling_down")]
[JsonDerivedType(typeof(LockedOut), "locked_out")]
[JsonDerivedType(typeof(LockOutPending), "lock_out_pending")]
[JsonDerivedType(typeof(Fault), "fault")]
public abstract record MachineState
{
    private MachineState(MachineTracks tracks) => Tracks = tracks;

    /// <summary>A machine of which nothing has happened yet.</summary>
    public static MachineState New { get; } = new Idle(new MachineTracks());

    /// <summary>Relays, meter and link.</summary>
    public MachineTracks Tracks { get; init; }

    /// <summary>The use under way; null for none.</summary>
    [JsonIgnore]
    public virtual OpenSession? Session => null;

    /// <summary>The lock-out, in force or pending; null for none.</summary>
    [JsonIgnore]
    public virtual LockOut? ActiveLockOut => null;

    /// <summary>The stable code, for the API and the displays.</summary>
    [JsonIgnore]
    public abstract string Code { get; }

    /// <summary>Nobody uses it; its relays are open or about to be.</summary>
    /// <param name="Tracks">Relays, meter and link.</param>
    public sealed record Idle(MachineTracks Tracks) : MachineState(Tracks)
    {
        /// <inheritdoc/>
        public override string Code => "idle";
    }

    /// <summary>Somebody has tapped who needs a second person; the machine is not on for them.</summary>
    /// <param name="Tracks">Relays, meter and link.</param>
    /// <param name="Waiting">Who waits and until when.</param>
    /// <param name="Cooling">What still runs on after the use before; null for nothing.</param>
    public sealed record AwaitingSecondBadge(MachineTracks Tracks, WaitingMaker Waiting, CoolDown? Cooling = null) : MachineState(Tracks)
    {
        /// <inheritdoc/>
        public override string Code => "awaiting_second_badge";
    }

    /// <summary>A session is open and the relay is held; the machine does not work, as the meter says. A job may be in hand (<see cref="JobTrack.Works"/>).</summary>
    /// <param name="Tracks">Relays, meter and link.</param>
    /// <param name="Open">The session.</param>
    /// <param name="RestingSince">Since when it has not worked.</param>
    public sealed record Ready(MachineTracks Tracks, OpenSession Open, Instant RestingSince) : MachineState(Tracks)
    {
        /// <inheritdoc/>
        public override OpenSession Session => Open;

        /// <inheritdoc/>
        public override string Code => Tracks.Jobs is { Works: true } ? "running" : "ready";
    }

    /// <summary>A session is open and the machine works.</summary>
    /// <param name="Tracks">Relays, meter and link.</param>
    /// <param name="Open">The session.</param>
    /// <param name="WorkingSince">Since when.</param>
    public sealed record Running(MachineTracks Tracks, OpenSession Open, DeviceTime WorkingSince) : MachineState(Tracks)
    {
        /// <inheritdoc/>
        public override OpenSession Session => Open;

        /// <inheritdoc/>
        public override string Code => "running";
    }

    /// <summary>The session has ended; the exhaust or the machine's own fans run on.</summary>
    /// <param name="Tracks">Relays, meter and link.</param>
    /// <param name="Cooling">What runs on.</param>
    public sealed record CoolingDown(MachineTracks Tracks, CoolDown Cooling) : MachineState(Tracks)
    {
        /// <inheritdoc/>
        public override string Code => "cooling_down";
    }

    /// <summary>Locked out; nothing starts it.</summary>
    /// <param name="Tracks">Relays, meter and link.</param>
    /// <param name="LockOut">Why and by whom.</param>
    public sealed record LockedOut(MachineTracks Tracks, LockOut LockOut) : MachineState(Tracks)
    {
        /// <inheritdoc/>
        public override LockOut ActiveLockOut => LockOut;

        /// <inheritdoc/>
        public override string Code => "locked_out";
    }

    /// <summary>A lock-out waits for the end of the use.</summary>
    /// <param name="LockOut">Why and by whom.</param>
    /// <param name="Use">What goes on: <see cref="Ready"/>, <see cref="Running"/> or <see cref="CoolingDown"/>.</param>
    public sealed record LockOutPending(LockOut LockOut, MachineState Use) : MachineState(Use.Tracks)
    {
        /// <inheritdoc/>
        public override OpenSession? Session => Use.Session;

        /// <inheritdoc/>
        public override LockOut ActiveLockOut => LockOut;

        /// <inheritdoc/>
        public override string Code => "lock_out_pending";
    }

    /// <summary>The relay does not do what it is told. Locked out until somebody has looked.</summary>
    /// <param name="Tracks">Relays, meter and link.</param>
    /// <param name="Kind">What is wrong.</param>
    /// <param name="Since">Since when.</param>
    /// <param name="LockOut">The lock-out that came with it.</param>
    public sealed record Fault(MachineTracks Tracks, MachineFault Kind, Instant Since, LockOut LockOut) : MachineState(Tracks)
    {
        /// <inheritdoc/>
        public override LockOut ActiveLockOut => LockOut;

        /// <inheritdoc/>
        public override string Code => "fault";
    }
}

/// <summary>Somebody who waits for a second badge.</summary>
/// <param name="Person">Who.</param>
/// <param name="Badge">With which badge.</param>
/// <param name="Reason">Why a second person is needed.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">Until when the second badge counts, excluded.</param>
public sealed record WaitingMaker(PersonId Person, BadgeId? Badge, AccessReason Reason, Instant Since, Instant Until);

/// <summary>What runs on after a use.</summary>
/// <param name="After">The session that has ended.</param>
/// <param name="Until">Until when, excluded.</param>
/// <param name="Channel">Which relay is held.</param>
/// <param name="From">Since when on the device's clock, for the relay of the use itself; null for another one.</param>
public sealed record CoolDown(SessionId After, Instant Until, RelayChannel Channel, DeviceTime? From = null);

/// <summary>What can be wrong with a relay.</summary>
public enum MachineFault
{
    /// <summary>The machine draws current through an open relay: the contact is welded.</summary>
    WeldedContact,

    /// <summary>The device says that the relay is closed though nobody asked for it.</summary>
    ClosedUnasked,
}
