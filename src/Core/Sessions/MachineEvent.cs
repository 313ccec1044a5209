using System.Text.Json.Serialization;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>
/// Something that has happened to a machine. A closed set. The state is the fold of these by <see cref="MachineSessions.Evolve"/>,
/// the ledger is the fold of these by <see cref="LedgerProjection"/>. (<see cref="Machine"/>, <see cref="Seq"/>) names a durable event once and for all.
/// </summary>
/// <param name="Machine">The machine.</param>
/// <param name="Seq">Its place among the durable events of this machine, from 1; 0 for one that is not durable.</param>
/// <param name="At">When it happened, by the gateway's clock.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(TapDecided), "tap_decided")]
[JsonDerivedType(typeof(SecondBadgeAwaited), "second_badge_awaited")]
[JsonDerivedType(typeof(SecondBadgeGivenUp), "second_badge_given_up")]
[JsonDerivedType(typeof(SessionStarted), "session_started")]
[JsonDerivedType(typeof(SessionEnded), "session_ended")]
[JsonDerivedType(typeof(WorkBegan), "work_began")]
[JsonDerivedType(typeof(WorkEnded), "work_ended")]
[JsonDerivedType(typeof(WitnessCame), "witness_came")]
[JsonDerivedType(typeof(JobRecorded), "job_recorded")]
[JsonDerivedType(typeof(StretchOpened), "stretch_opened")]
[JsonDerivedType(typeof(StretchLapsed), "stretch_lapsed")]
[JsonDerivedType(typeof(StretchClosed), "stretch_closed")]
[JsonDerivedType(typeof(CoolDownBegan), "cool_down_began")]
[JsonDerivedType(typeof(CoolDownEnded), "cool_down_ended")]
[JsonDerivedType(typeof(LimitChanged), "limit_changed")]
[JsonDerivedType(typeof(EndAnnounced), "end_announced")]
[JsonDerivedType(typeof(ProjectSet), "project_set")]
[JsonDerivedType(typeof(LockOutSet), "lock_out_set")]
[JsonDerivedType(typeof(LockOutLifted), "lock_out_lifted")]
[JsonDerivedType(typeof(FaultRaised), "fault_raised")]
[JsonDerivedType(typeof(FaultSettled), "fault_settled")]
[JsonDerivedType(typeof(AlarmRaised), "alarm_raised")]
[JsonDerivedType(typeof(LinkWentDown), "link_went_down")]
[JsonDerivedType(typeof(LinkCameBack), "link_came_back")]
[JsonDerivedType(typeof(EvidenceNeeded), "evidence_needed")]
[JsonDerivedType(typeof(OfflineUseRecorded), "offline_use_recorded")]
[JsonDerivedType(typeof(UnknownTimeRecorded), "unknown_time_recorded")]
[JsonDerivedType(typeof(BookingClaimed), "booking_claimed")]
[JsonDerivedType(typeof(OvertimeBegan), "overtime_began")]
[JsonDerivedType(typeof(Checkpoint), "checkpoint")]
[JsonDerivedType(typeof(Observed), "observed")]
public abstract record MachineEvent(MachineId Machine, long Seq, Instant At)
{
    /// <summary>Whether it must be in the journal. The others keep the state in memory fresh and may be lost.</summary>
    [JsonIgnore]
    public virtual bool Durable => true;

    /// <summary>A tap was answered.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Person">Whose badge it was.</param>
    /// <param name="Badge">Which badge.</param>
    /// <param name="Decision">The decision with its facts.</param>
    /// <param name="Outcome">What came of it.</param>
    /// <param name="Session">The session it started, ended or left as it was.</param>
    public sealed record TapDecided(
        MachineId Machine, long Seq, Instant At, PersonId? Person, BadgeId? Badge, AccessDecision Decision, ReplyKind Outcome, SessionId? Session)
        : MachineEvent(Machine, Seq, At);

    /// <summary>The machine waits for a second badge.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Waiting">Who waits.</param>
    public sealed record SecondBadgeAwaited(MachineId Machine, long Seq, Instant At, WaitingMaker Waiting) : MachineEvent(Machine, Seq, At);

    /// <summary>It does not wait any more: the time is over, the maker tapped again, or the machine was locked out.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    public sealed record SecondBadgeGivenUp(MachineId Machine, long Seq, Instant At) : MachineEvent(Machine, Seq, At);

    /// <summary>A session has begun. Only after this event is durable may a relay close for it.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Session">The session.</param>
    public sealed record SessionStarted(MachineId Machine, long Seq, Instant At, OpenSession Session) : MachineEvent(Machine, Seq, At);

    /// <summary>A session has ended.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was known.</param>
    /// <param name="Session">The session.</param>
    /// <param name="EndedAt">When it ended; before <paramref name="At"/> when it was known late.</param>
    /// <param name="Why">Why.</param>
    /// <param name="By">Who ended it, when it was not the maker.</param>
    /// <param name="Withdrawn">With <see cref="EndReason.AccessWithdrawn"/>: the reason.</param>
    public sealed record SessionEnded(
        MachineId Machine, long Seq, Instant At, SessionId Session, Instant EndedAt, EndReason Why, PersonId? By, AccessReason? Withdrawn)
        : MachineEvent(Machine, Seq, At);

    /// <summary>The machine has begun to work.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was sure.</param>
    /// <param name="Session">The session.</param>
    /// <param name="From">Since when.</param>
    public sealed record WorkBegan(MachineId Machine, long Seq, Instant At, SessionId Session, DeviceTime From) : MachineEvent(Machine, Seq, At);

    /// <summary>It has stopped working.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was sure.</param>
    /// <param name="Session">The session.</param>
    /// <param name="From">Since when it worked.</param>
    /// <param name="To">Until when.</param>
    /// <param name="Ms">How long, by the device's clock.</param>
    public sealed record WorkEnded(MachineId Machine, long Seq, Instant At, SessionId Session, DeviceTime From, DeviceTime To, long Ms)
        : MachineEvent(Machine, Seq, At);

    /// <summary>A device that knows of the machine's jobs is heard for the first time.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Device">Which device.</param>
    public sealed record WitnessCame(MachineId Machine, long Seq, Instant At, DeviceId Device) : MachineEvent(Machine, Seq, At);

    /// <summary>What is known of a job now. The last one about a job says all that the earlier ones said.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was known.</param>
    /// <param name="Session">The session it began in; null when it began in none.</param>
    /// <param name="Job">The job.</param>
    public sealed record JobRecorded(MachineId Machine, long Seq, Instant At, SessionId? Session, MachineJob Job) : MachineEvent(Machine, Seq, At);

    /// <summary>A relay has closed, or what its time is counted as has changed. Its sequence number is the key of the stretch.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was known.</param>
    /// <param name="Channel">The relay.</param>
    /// <param name="Kind">What it is counted as.</param>
    /// <param name="Session">Whose it is.</param>
    /// <param name="From">Since when.</param>
    /// <param name="MeterWh">The running total of the meter then; null when it has none.</param>
    /// <param name="ByMeter">Whether the relay says that it is open and the meter knows better.</param>
    public sealed record StretchOpened(
        MachineId Machine,
        long Seq,
        Instant At,
        RelayChannel Channel,
        StretchKind Kind,
        SessionId? Session,
        DeviceTime From,
        double? MeterWh,
        bool ByMeter = false)
        : MachineEvent(Machine, Seq, At);

    /// <summary>A relay must have opened by itself, and the device has not said when. It holds until <see cref="StretchClosed"/> of the same key.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was known.</param>
    /// <param name="NotAfter">When the relay must have been open.</param>
    /// <param name="Stretch">What is known of the stretch: <see cref="StretchAccount.UnknownMs"/> is the time in doubt.</param>
    public sealed record StretchLapsed(MachineId Machine, long Seq, Instant At, Instant NotAfter, StretchAccount Stretch)
        : MachineEvent(Machine, Seq, At);

    /// <summary>A stretch is over and settled.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was known.</param>
    /// <param name="Stretch">What it comes to.</param>
    public sealed record StretchClosed(MachineId Machine, long Seq, Instant At, StretchAccount Stretch) : MachineEvent(Machine, Seq, At);

    /// <summary>Exhaust or fans run on.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Cooling">What runs on.</param>
    public sealed record CoolDownBegan(MachineId Machine, long Seq, Instant At, CoolDown Cooling) : MachineEvent(Machine, Seq, At);

    /// <summary>They have stopped.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="After">The session.</param>
    public sealed record CoolDownEnded(MachineId Machine, long Seq, Instant At, SessionId After) : MachineEvent(Machine, Seq, At);

    /// <summary>The end of a session has moved.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Until">The new end; null = none.</param>
    /// <param name="Limit">Why then.</param>
    /// <param name="Announced">Announcements that are not made any more, as in <see cref="OpenSession.Announced"/>.</param>
    public sealed record LimitChanged(
        MachineId Machine, long Seq, Instant At, SessionId Session, Instant? Until, LimitReason? Limit, Duration? Announced)
        : MachineEvent(Machine, Seq, At);

    /// <summary>The end of a session is near and the maker is told.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Before">Which of the announcements of the machine.</param>
    /// <param name="Until">The end.</param>
    /// <param name="Limit">Why then.</param>
    public sealed record EndAnnounced(
        MachineId Machine, long Seq, Instant At, SessionId Session, Duration Before, Instant Until, LimitReason? Limit)
        : MachineEvent(Machine, Seq, At);

    /// <summary>A project was chosen; it counts for the whole session.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Project">The project.</param>
    public sealed record ProjectSet(MachineId Machine, long Seq, Instant At, SessionId Session, ProjectId? Project) : MachineEvent(Machine, Seq, At);

    /// <summary>The machine is locked out, or will be when its use has ended.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="LockOut">How.</param>
    public sealed record LockOutSet(MachineId Machine, long Seq, Instant At, LockOut LockOut) : MachineEvent(Machine, Seq, At);

    /// <summary>The lock-out is released.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="LockOut">Which.</param>
    /// <param name="By">Who released it; null when the rules do not hold it any more.</param>
    public sealed record LockOutLifted(MachineId Machine, long Seq, Instant At, LockOutId LockOut, PersonId? By) : MachineEvent(Machine, Seq, At);

    /// <summary>The relay does not do what it is told. Always an alarm, always with a lock-out.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Kind">What is wrong.</param>
    /// <param name="LockOut">The lock-out that comes with it.</param>
    public sealed record FaultRaised(MachineId Machine, long Seq, Instant At, MachineFault Kind, LockOut LockOut) : MachineEvent(Machine, Seq, At);

    /// <summary>Somebody has looked at the fault.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="By">Who.</param>
    public sealed record FaultSettled(MachineId Machine, long Seq, Instant At, PersonId? By) : MachineEvent(Machine, Seq, At);

    /// <summary>Something that staff should know and that stops nothing.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Kind">What.</param>
    /// <param name="Session">The session concerned.</param>
    public sealed record AlarmRaised(MachineId Machine, long Seq, Instant At, MachineAlarm Kind, SessionId? Session) : MachineEvent(Machine, Seq, At);

    /// <summary>The device is not heard any more, or the gateway was away.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="LastRenewal">The last renewal the device may have received.</param>
    public sealed record LinkWentDown(MachineId Machine, long Seq, Instant At, Instant LastRenewal) : MachineEvent(Machine, Seq, At);

    /// <summary>It is heard again.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    public sealed record LinkCameBack(MachineId Machine, long Seq, Instant At) : MachineEvent(Machine, Seq, At);

    /// <summary>The device must first say that its relay is still closed before a lease is renewed; or it has said so.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Needed">Whether it must.</param>
    public sealed record EvidenceNeeded(MachineId Machine, long Seq, Instant At, bool Needed) : MachineEvent(Machine, Seq, At);

    /// <summary>A use that the device granted by itself.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was known.</param>
    /// <param name="Use">The use, with its end.</param>
    public sealed record OfflineUseRecorded(MachineId Machine, long Seq, Instant At, OfflineUseRecord Use) : MachineEvent(Machine, Seq, At);

    /// <summary>A time of which nobody can say whether the machine was on.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was known.</param>
    /// <param name="Session">The session it falls into; null for none.</param>
    /// <param name="From">Its start, included.</param>
    /// <param name="To">Its end, excluded.</param>
    public sealed record UnknownTimeRecorded(MachineId Machine, long Seq, Instant At, SessionId? Session, Instant From, Instant To)
        : MachineEvent(Machine, Seq, At);

    /// <summary>The owner of a booking has come.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was known; the claim says when it was.</param>
    /// <param name="Session">The use that fulfils it; null when none began.</param>
    /// <param name="Claim">Which booking, and whether it moved within its pool.</param>
    public sealed record BookingClaimed(MachineId Machine, long Seq, Instant At, SessionId? Session, BookingClaim Claim)
        : MachineEvent(Machine, Seq, At);

    /// <summary>The booking ends and the machine draws current: the use goes on until it rests.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When this was decided; shortly before the booking ends, so that no relay falls in between.</param>
    /// <param name="Session">The session.</param>
    /// <param name="From">The end of the booking.</param>
    /// <param name="Until">When the use ends in any case, excluded.</param>
    public sealed record OvertimeBegan(MachineId Machine, long Seq, Instant At, SessionId Session, Instant From, Instant Until)
        : MachineEvent(Machine, Seq, At);

    /// <summary>What is known of relays and meter, written down from time to time, so that a power cut leaves little in doubt.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Seq">The sequence number.</param>
    /// <param name="At">When.</param>
    /// <param name="Tracks">What is known.</param>
    public sealed record Checkpoint(MachineId Machine, long Seq, Instant At, MachineTracks Tracks) : MachineEvent(Machine, Seq, At);

    /// <summary>The same, in memory only.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="At">When.</param>
    /// <param name="Tracks">What is known.</param>
    public sealed record Observed(MachineId Machine, Instant At, MachineTracks Tracks) : MachineEvent(Machine, 0, At)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override bool Durable => false;
    }
}

/// <summary>What a stretch of closed relay comes to. Known and unknown time never overlap.</summary>
public sealed record StretchAccount
{
    /// <summary>The key of the stretch: with the machine, it names it once and for all.</summary>
    public required long Key { get; init; }

    /// <summary>The relay.</summary>
    public RelayChannel Channel { get; init; }

    /// <summary>What it is counted as.</summary>
    public StretchKind Kind { get; init; }

    /// <summary>Whose it is; null when it is unattributed.</summary>
    public SessionId? Session { get; init; }

    /// <summary>When the relay closed.</summary>
    public required DeviceTime From { get; init; }

    /// <summary>The last moment at which it is known to have been closed.</summary>
    public required DeviceTime KnownUntil { get; init; }

    /// <summary>How long it was closed for sure, by the device's clock.</summary>
    public long KnownMs { get; init; }

    /// <summary>How much longer it may have been closed.</summary>
    public long UnknownMs { get; init; }

    /// <summary>Energy in watt hours.</summary>
    public double Wh { get; init; }
}

/// <summary>Why staff should know.</summary>
public enum MachineAlarm
{
    /// <summary>The relay was told to close and does not say that it did.</summary>
    RelayDidNotClose,

    /// <summary>A use by the device's own list whose badge leads to nobody.</summary>
    OfflineUseByNobody,

    /// <summary>The device's journal has a gap.</summary>
    JournalGap,
}
