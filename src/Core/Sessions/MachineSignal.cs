using System.Text.Json.Serialization;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>Something that a machine is told. A closed set.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(Tapped), "tapped")]
[JsonDerivedType(typeof(RelayReported), "relay_reported")]
[JsonDerivedType(typeof(PowerMeasured), "power_measured")]
[JsonDerivedType(typeof(JobReported), "job_reported")]
[JsonDerivedType(typeof(DeviceBooted), "device_booted")]
[JsonDerivedType(typeof(LinkLost), "link_lost")]
[JsonDerivedType(typeof(LinkRestored), "link_restored")]
[JsonDerivedType(typeof(Tick), "tick")]
[JsonDerivedType(typeof(PolicyChanged), "policy_changed")]
[JsonDerivedType(typeof(LockOutRequested), "lock_out_requested")]
[JsonDerivedType(typeof(LockOutReleased), "lock_out_released")]
[JsonDerivedType(typeof(ProjectChosen), "project_chosen")]
[JsonDerivedType(typeof(Extended), "extended")]
[JsonDerivedType(typeof(StopRequested), "stop_requested")]
[JsonDerivedType(typeof(GatewayRestarted), "gateway_restarted")]
[JsonDerivedType(typeof(OfflineUse), "offline_use")]
[JsonDerivedType(typeof(UnknownTime), "unknown_time")]
[JsonDerivedType(typeof(FaultCleared), "fault_cleared")]
[JsonDerivedType(typeof(StorageFailed), "storage_failed")]
public abstract record MachineSignal
{
    private MachineSignal()
    {
    }

    /// <summary>A badge was tapped at the machine. Make the request with <see cref="MachineSessions.Question"/>, so that the decision answers what this state needs.</summary>
    /// <param name="Person">Whose badge it was; null when it leads to nobody.</param>
    /// <param name="Badge">Which badge; null when it is unknown.</param>
    /// <param name="Decision">The decision on the question.</param>
    /// <param name="NewSession">The id of a session that this tap may start; unused otherwise.</param>
    public sealed record Tapped(PersonId? Person, BadgeId? Badge, AccessDecision Decision, SessionId NewSession) : MachineSignal;

    /// <summary>The device says how a relay is now, or reads from its journal how it once changed.</summary>
    /// <param name="Channel">The relay.</param>
    /// <param name="Closed">Whether it is closed.</param>
    /// <param name="At">When, by the device's clock; may be long ago when the device replays its journal.</param>
    /// <param name="Lease">Under which session it held it, when the device says so.</param>
    /// <param name="MeterWh">The running total of its meter.</param>
    /// <param name="FromJournal">
    /// Whether it is a record of a change: then <paramref name="At"/> is exact, and it says nothing about now.
    /// Otherwise it says how the relay is at <paramref name="At"/>; after a break of the link it does not say since when.
    /// </param>
    /// <param name="HandedOver">With an opening: the relay did not move, another session took over from <paramref name="Lease"/>.</param>
    public sealed record RelayReported(
        RelayChannel Channel, bool Closed, DeviceTime At, SessionId? Lease = null, double? MeterWh = null, bool FromJournal = false, bool HandedOver = false)
        : MachineSignal;

    /// <summary>The meter was read.</summary>
    /// <param name="Watts">Active power; not negative.</param>
    /// <param name="At">When, by the device's clock.</param>
    /// <param name="MeterWh">The running total of the meter; null when it has none.</param>
    public sealed record PowerMeasured(double Watts, DeviceTime At, double? MeterWh = null) : MachineSignal;

    /// <summary>The device that knows of the machine's jobs says how things are, or tells of a job that is over.</summary>
    /// <param name="Device">Which device.</param>
    /// <param name="At">When, by the gateway's clock.</param>
    /// <param name="Heard">False when it is not heard any more.</param>
    /// <param name="Job">The job in hand; a job that is over says nothing about now; null when nothing is in hand.</param>
    public sealed record JobReported(DeviceId Device, Instant At, bool Heard, MachineJob? Job = null) : MachineSignal;

    /// <summary>The device with the relays has started anew: its relays are open.</summary>
    /// <param name="At">When, by its new clock.</param>
    public sealed record DeviceBooted(DeviceTime At) : MachineSignal;

    /// <summary>The device with the relays is not heard any more.</summary>
    /// <param name="LastRenewal">The last renewal it may have received; null when none was sent.</param>
    public sealed record LinkLost(Instant? LastRenewal) : MachineSignal;

    /// <summary>It is heard again, also when the break went unnoticed. How its relays are is told next, then what it journalled meanwhile.</summary>
    public sealed record LinkRestored : MachineSignal;

    /// <summary>Time passes; at least once a second while the machine is not idle.</summary>
    public sealed record Tick : MachineSignal;

    /// <summary>The rules have changed; the new rule of the machine is given beside.</summary>
    /// <param name="Holder">Whether the one who uses it may go on (<see cref="MachineSessions.QuestionAgain"/>); null when nobody does.</param>
    public sealed record PolicyChanged(AccessDecision? Holder) : MachineSignal;

    /// <summary>Somebody locks the machine out.</summary>
    /// <param name="LockOut">How.</param>
    public sealed record LockOutRequested(LockOut LockOut) : MachineSignal;

    /// <summary>Somebody who may do so releases a lock-out; it also clears the fault that brought it.</summary>
    /// <param name="Release">Which and who.</param>
    public sealed record LockOutReleased(LockOutRelease Release) : MachineSignal;

    /// <summary>A project was chosen for the use under way.</summary>
    /// <param name="Project">The project; null = none.</param>
    public sealed record ProjectChosen(ProjectId? Project) : MachineSignal;

    /// <summary>More time was asked for.</summary>
    /// <param name="Decision">Whether and until when the use may go on, asked with <see cref="AccessPurpose.Start"/> for the holder.</param>
    public sealed record Extended(AccessDecision Decision) : MachineSignal;

    /// <summary>Somebody ends the use from a screen.</summary>
    /// <param name="By">Who; null = the gateway, which is being stopped.</param>
    public sealed record StopRequested(PersonId? By) : MachineSignal;

    /// <summary>The gateway has started again with this state read back from its journal.</summary>
    /// <param name="LastRenewal">The last lease it is sure to have sent for this machine; null when it does not know.</param>
    public sealed record GatewayRestarted(Instant? LastRenewal) : MachineSignal;

    /// <summary>
    /// The device let somebody use the machine by its own list. Told with its end, or without it, when the records of its relay follow.
    /// A use without end is taken over when the device has just said that its relay is closed for it.
    /// </summary>
    /// <param name="Use">What it wrote down.</param>
    /// <param name="Holder">Whether it may go on now; null when that was not asked.</param>
    /// <param name="Claim">The booking that the use fulfils; null for none.</param>
    public sealed record OfflineUse(OfflineUseRecord Use, AccessDecision? Holder = null, BookingClaim? Claim = null) : MachineSignal;

    /// <summary>For this time nobody can say whether the machine was on: a gap in the device's journal.</summary>
    /// <param name="From">Its start, included.</param>
    /// <param name="To">Its end, excluded.</param>
    public sealed record UnknownTime(Instant From, Instant To) : MachineSignal;

    /// <summary>Somebody has looked at the relay and says that it is in order; the lock-out stays.</summary>
    /// <param name="By">Who.</param>
    public sealed record FaultCleared(PersonId By) : MachineSignal;

    /// <summary>Nothing can be written down any more.</summary>
    public sealed record StorageFailed : MachineSignal;
}

/// <summary>A use that the device granted by its own list while it was alone.</summary>
public sealed record OfflineUseRecord
{
    /// <summary>Its session; the same for every copy of the record (<see cref="DerivedIds.Session"/>).</summary>
    public required SessionId Session { get; init; }

    /// <summary>Who; null when the badge leads to nobody now. The time is recorded all the same.</summary>
    public PersonId? Person { get; init; }

    /// <summary>With which badge.</summary>
    public BadgeId? Badge { get; init; }

    /// <summary>When the relay closed.</summary>
    public required DeviceTime From { get; init; }

    /// <summary>When it opened; null while it is closed.</summary>
    public DeviceTime? To { get; init; }

    /// <summary>How long it was closed, by the device; null = from the two moments.</summary>
    public long? PoweredMs { get; init; }

    /// <summary>How long it worked, by the device; null when it does not know.</summary>
    public long? WorkingMs { get; init; }

    /// <summary>Energy in watt hours; null when it does not know.</summary>
    public double? Wh { get; init; }

    /// <summary>The version of the list it decided by.</summary>
    public long? ListVersion { get; init; }
}
