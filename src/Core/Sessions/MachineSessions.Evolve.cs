using System.Diagnostics;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

public static partial class MachineSessions
{
    /// <summary>So many uses are remembered for jobs that are told of late.</summary>
    private const int KeptUses = 16;

    /// <summary>So many jobs that are over are remembered; more than any device tells of again.</summary>
    private const int KeptJobs = 40;

    /// <summary>The state after an event. It never refuses: what the journal says has happened.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="happened">The event.</param>
    public static MachineState Evolve(MachineState state, MachineEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(happened);
        MachineState next = state is MachineState.LockOutPending pending
            ? EvolvePending(pending, happened)
            : EvolveOne(state, happened);
        return happened.Durable
            ? WithTracks(next, next.Tracks with { LastSeq = Math.Max(state.Tracks.LastSeq, happened.Seq) })
            : next;
    }

    /// <summary>The state with other tracks.</summary>
    internal static MachineState WithTracks(MachineState state, MachineTracks tracks) => state is MachineState.LockOutPending pending
        ? new MachineState.LockOutPending(pending.LockOut, WithTracks(pending.Use, tracks))
        : state with { Tracks = tracks };

    private static MachineState EvolvePending(MachineState.LockOutPending pending, MachineEvent happened) => happened switch
    {
        MachineEvent.LockOutSet e => new MachineState.LockOutPending(e.LockOut, pending.Use),
        MachineEvent.LockOutLifted => pending.Use,
        MachineEvent.FaultRaised e => new MachineState.Fault(pending.Tracks, e.Kind, e.At, e.LockOut),
        _ => EvolveOne(pending.Use, happened) switch
        {
            MachineState.Idle idle => new MachineState.LockedOut(idle.Tracks, pending.LockOut),
            MachineState use => new MachineState.LockOutPending(pending.LockOut, use),
        },
    };

    private static MachineState EvolveOne(MachineState state, MachineEvent happened)
    {
        MachineTracks tracks = state.Tracks;
        return happened switch
        {
            MachineEvent.SecondBadgeAwaited e => new MachineState.AwaitingSecondBadge(
                tracks, e.Waiting, state is MachineState.CoolingDown cooling ? cooling.Cooling : null),
            MachineEvent.SecondBadgeGivenUp => state is MachineState.AwaitingSecondBadge { Cooling: { } behind }
                ? new MachineState.CoolingDown(tracks, behind)
                : Free(state, tracks),
            MachineEvent.SessionStarted e => new MachineState.Ready(
                tracks with { NeedsEvidence = false, LastRenewal = null }, e.Session, e.Session.StartedAt),
            MachineEvent.SessionEnded e => Free(state, Used(LetGo(tracks, e.At), state.Session, e)),
            MachineEvent.WorkBegan e => state.Session is { } session
                ? new MachineState.Running(tracks, session, e.From)
                : state,
            MachineEvent.WorkEnded e => state.Session is { } session
                ? new MachineState.Ready(tracks, session, e.To.At)
                : state,
            MachineEvent.WitnessCame e => WithTracks(state, tracks with { Jobs = new JobTrack { Device = e.Device, Since = e.At, HeardAt = e.At, Uses = tracks.Jobs?.Uses ?? [] } }),
            MachineEvent.JobRecorded e => WithTracks(state, tracks with { Jobs = Recorded(tracks.Jobs, e) }),
            MachineEvent.StretchOpened e => Confirmed(WithTracks(state, tracks.With(e.Channel, Opened(e))), e),
            MachineEvent.StretchLapsed e => tracks.Of(e.Stretch.Channel) is { } stretch && stretch.Key == e.Stretch.Key
                ? WithTracks(state, tracks.With(e.Stretch.Channel, stretch with { NotAfter = e.NotAfter }))
                : state,
            MachineEvent.StretchClosed e => tracks.Of(e.Stretch.Channel)?.Key == e.Stretch.Key
                ? WithTracks(state, Closed(tracks, e.Stretch))
                : state,
            MachineEvent.CoolDownBegan e => state is MachineState.LockedOut locked
                ? new MachineState.LockOutPending(locked.LockOut, new MachineState.CoolingDown(Cools(tracks, e.Cooling), e.Cooling))
                : new MachineState.CoolingDown(Cools(tracks, e.Cooling), e.Cooling),
            MachineEvent.CoolDownEnded e => state is MachineState.AwaitingSecondBadge awaiting
                ? awaiting with { Tracks = LetGo(tracks, e.At), Cooling = null }
                : Free(state, LetGo(tracks, e.At)),
            MachineEvent.LimitChanged e => WithSession(state, session =>
                session with { Until = e.Until, Limit = e.Limit, Announced = e.Announced, Overtime = null }),
            MachineEvent.BookingClaimed e => Claimed(state, e),
            MachineEvent.OvertimeBegan e => WithSession(state, session => session with { Until = e.Until, Announced = null, Overtime = e.From }),
            MachineEvent.EndAnnounced e => WithSession(state, session => session with { Announced = e.Before }),
            MachineEvent.ProjectSet e => WithSession(state, session => session with { Project = e.Project }),
            MachineEvent.LockOutSet e => LockedOut(state, e.LockOut),
            MachineEvent.LockOutLifted => state is MachineState.LockedOut ? new MachineState.Idle(tracks) : state,
            MachineEvent.FaultRaised e => new MachineState.Fault(tracks, e.Kind, e.At, e.LockOut),
            MachineEvent.FaultSettled => state is MachineState.Fault fault
                ? new MachineState.LockedOut(tracks, fault.LockOut)
                : state,
            MachineEvent.LinkWentDown e => WithTracks(state, tracks with
            {
                LinkDown = true,
                LastRenewal = e.LastRenewal,
                Main = tracks.Main is { } main ? main with { InDoubt = true } : null,
                Exhaust = tracks.Exhaust is { } exhaust ? exhaust with { InDoubt = true } : null,
            }),
            MachineEvent.LinkCameBack => WithTracks(state, tracks with { LinkDown = false }),
            MachineEvent.EvidenceNeeded { Needed: true } => WithTracks(state, tracks with { NeedsEvidence = true }),
            MachineEvent.EvidenceNeeded => WithTracks(state, tracks with { NeedsEvidence = false, LastRenewal = null }),
            MachineEvent.Checkpoint e => WithTracks(state, e.Tracks),
            MachineEvent.Observed e => WithTracks(state, e.Tracks),
            MachineEvent.TapDecided or MachineEvent.AlarmRaised or MachineEvent.OfflineUseRecorded
                or MachineEvent.UnknownTimeRecorded => state,
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Nobody uses it any more. A lock-out or a fault stays what it is.</summary>
    private static MachineState Free(MachineState state, MachineTracks tracks) => state switch
    {
        MachineState.LockedOut locked => locked with { Tracks = tracks },
        MachineState.Fault fault => fault with { Tracks = tracks },
        _ => new MachineState.Idle(tracks),
    };

    private static MachineState LockedOut(MachineState state, LockOut lockOut) => state switch
    {
        MachineState.Ready or MachineState.Running or MachineState.CoolingDown => new MachineState.LockOutPending(lockOut, state),
        MachineState.Fault fault => fault with { LockOut = lockOut },
        _ => new MachineState.LockedOut(state.Tracks, lockOut),
    };

    private static MachineTracks Cools(MachineTracks tracks, CoolDown cooling) =>
        cooling.From is { } from && tracks.Of(cooling.Channel) is { } stretch && stretch.Session == cooling.After
            ? tracks.With(cooling.Channel, stretch with { CoolsFrom = from })
            : tracks;

    private static MachineTracks LetGo(MachineTracks tracks, Instant at) =>
        tracks with { LetGoAt = at, NeedsEvidence = false, LastRenewal = null };

    /// <summary>Only where jobs are told of: a job may be told of after the use it belongs to.</summary>
    private static MachineTracks Used(MachineTracks tracks, OpenSession? session, MachineEvent.SessionEnded e) =>
        tracks.Jobs is { } jobs && session is { } open && open.Id == e.Session
            ? tracks with { Jobs = jobs with { Uses = Last(jobs.Uses, new PastUse(open.Id, open.StartedAt, e.EndedAt), KeptUses) } }
            : tracks;

    private static JobTrack Recorded(JobTrack? before, MachineEvent.JobRecorded e)
    {
        JobTrack track = before is { } known && known.Device == e.Job.Device ? known : new JobTrack { Device = e.Job.Device, Since = e.At, HeardAt = e.At, Uses = before?.Uses ?? [] };
        bool inHand = track.Job?.IsSame(e.Job) == true;
        if (!e.Job.IsOver)
        {
            return track with { Job = e.Job with { Name = null }, Session = e.Session, Recorded = e.Job.Progress };
        }

        ValueList<PastJob> others = [.. track.Over.Where(past => past.Id != e.Job.Id)];
        track = track with
        {
            Over = Last(others, new PastJob(e.Job.Id, e.Job.State == JobState.Lost, e.Session), KeptJobs),
            RestsSince = e.Job.EndedAt is { } ended && !(ended <= track.RestsSince) ? ended : track.RestsSince,
        };
        return inHand ? track with { Job = null, Session = null, Recorded = null } : track;
    }

    private static ValueList<T> Last<T>(ValueList<T> list, T next, int most) => [.. list.Skip(Math.Max(0, list.Count - most + 1)), next];

    private static MachineTracks Closed(MachineTracks tracks, StretchAccount account) => account.Channel == RelayChannel.Main
        ? tracks with { Main = null, OpenedAt = account.KnownUntil }
        : tracks with { Exhaust = null };

    private static Stretch Opened(MachineEvent.StretchOpened e) => new()
    {
        Key = e.Seq,
        Channel = e.Channel,
        Kind = e.Kind,
        Session = e.Session,
        From = e.From,
        LastSeen = e.From,
        MeterFrom = e.MeterWh,
        ByMeter = e.ByMeter,
    };

    private static MachineState Claimed(MachineState state, MachineEvent.BookingClaimed e)
    {
        ValueList<BookingClaim> claims = [.. state.Tracks.Claims.Where(c => c.Until > e.At && c.Booking != e.Claim.Booking), e.Claim];
        MachineState after = WithTracks(state, state.Tracks with { Claims = claims });
        return e.Session is not null && e.Session == after.Session?.Id
            ? WithSession(after, session => session with { Booking = e.Claim.Booking })
            : after;
    }

    private static MachineState Confirmed(MachineState state, MachineEvent.StretchOpened e) =>
        e.Channel == RelayChannel.Main && e.Kind == StretchKind.Use && e.Session == state.Session?.Id
            ? WithSession(state, session => session with { Confirmed = true })
            : state;

    private static MachineState WithSession(MachineState state, Func<OpenSession, OpenSession> change) => state switch
    {
        MachineState.Ready ready => ready with { Open = change(ready.Open) },
        MachineState.Running running => running with { Open = change(running.Open) },
        _ => state,
    };
}
