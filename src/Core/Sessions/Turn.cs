using System.Diagnostics;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>
/// One turn of a machine: it emits events and applies each at once, so that what follows sees what has happened.
/// Here are the steps that several signals share; the signals are in the other files of this class.
/// </summary>
internal sealed partial class Turn(MachineState state, MachineRule rule, Instant now)
{
    /// <summary>How long a relay may take to say that it has closed, or to obey when it was told to open.</summary>
    private static readonly Duration Patience = Duration.FromSeconds(10);

    /// <summary>How long before the end of a booking it is looked whether the machine draws current, if its lease is not longer.</summary>
    private static readonly Duration LastMoment = Duration.FromSeconds(5);

    private static readonly Duration CheckpointEvery = Duration.FromMinutes(1);

    /// <summary>How long after the device is heard again its journal may take to tell what happened meanwhile.</summary>
    private static readonly Duration JournalTellsWithin = Duration.FromMinutes(10);

    private readonly List<MachineEvent> _events = [];
    private MachineState _state = state;
    private MachineReply? _reply;
    private bool _observed;

    /// <summary>The state, or the use behind a pending lock-out.</summary>
    private MachineState Use => _state is MachineState.LockOutPending pending ? pending.Use : _state;

    private MachineTracks Tracks => _state.Tracks;

    private OpenSession? Session => _state.Session;

    private CoolDown? Cooling => Use switch
    {
        MachineState.CoolingDown cooling => cooling.Cooling,
        MachineState.AwaitingSecondBadge awaiting => awaiting.Cooling,
        _ => null,
    };

    /// <summary>Whether nobody knows what the device does now.</summary>
    private bool IsInDoubt => Tracks.LinkDown || Tracks.NeedsEvidence;

    private long NextSeq => Tracks.LastSeq + 1;

    public void Take(MachineSignal signal)
    {
        switch (signal)
        {
            case MachineSignal.Tapped tap:
                OnTapped(tap);
                break;
            case MachineSignal.RelayReported report:
                OnRelayReported(report);
                break;
            case MachineSignal.PowerMeasured reading:
                OnPowerMeasured(reading);
                break;
            case MachineSignal.JobReported report:
                OnJobReported(report);
                break;
            case MachineSignal.DeviceBooted boot:
                OnDeviceBooted(boot.At);
                break;
            case MachineSignal.LinkLost lost:
                OnLinkLost(lost);
                break;
            case MachineSignal.LinkRestored:
                OnLinkRestored();
                break;
            case MachineSignal.Tick:
                OnTick();
                break;
            case MachineSignal.PolicyChanged change:
                OnPolicyChanged(change);
                break;
            case MachineSignal.LockOutRequested request:
                OnLockOutRequested(request.LockOut);
                break;
            case MachineSignal.LockOutReleased released:
                OnLockOutReleased(released.Release);
                break;
            case MachineSignal.ProjectChosen chosen:
                OnProjectChosen(chosen);
                break;
            case MachineSignal.Extended extended:
                OnExtended(extended.Decision);
                break;
            case MachineSignal.StopRequested stop:
                OnStopRequested(stop);
                break;
            case MachineSignal.GatewayRestarted restarted:
                OnGatewayRestarted(restarted);
                break;
            case MachineSignal.OfflineUse use:
                OnOfflineUse(use);
                break;
            case MachineSignal.UnknownTime unknown:
                OnUnknownTime(unknown);
                break;
            case MachineSignal.FaultCleared cleared:
                OnFaultCleared(cleared.By);
                break;
            case MachineSignal.StorageFailed:
                SwitchOff(EndReason.StorageFailure);
                break;
            default:
                throw new UnreachableException();
        }
    }

    public MachineTurn End()
    {
        if (_observed)
        {
            bool due = Tracks.Main is { } stretch && now >= (Tracks.CheckpointAt ?? stretch.From.At) + CheckpointEvery;
            if (due)
            {
                Emit(new MachineEvent.Checkpoint(rule.Id, NextSeq, now, Tracks with { CheckpointAt = now }));
            }
            else
            {
                Emit(new MachineEvent.Observed(rule.Id, now, Tracks));
            }
        }

        return new MachineTurn(_state, _events.Count == 0 ? [] : [.. _events], _reply);
    }

    private void Emit(MachineEvent happened)
    {
        _events.Add(happened);
        _state = MachineSessions.Evolve(_state, happened);
    }

    /// <summary>Takes note of what relays and meter say, without an event of its own.</summary>
    private void Note(MachineTracks tracks)
    {
        if (tracks != Tracks)
        {
            _state = MachineSessions.WithTracks(_state, tracks);
            _observed = true;
        }
    }

    private void Reply(ReplyKind kind, AccessDecision.Denied? denied = null, Instant? until = null, LimitReason? limit = null) =>
        _reply = new MachineReply(kind, until, denied, limit);

    /// <summary>Ends the session: its work, itself, and then lets exhaust or fans run on if the end was an orderly one.</summary>
    private void EndSession(EndReason why, Instant? endedAt = null, PersonId? by = null, AccessReason? withdrawn = null, DeviceTime? workedUntil = null)
    {
        if (Session is not { } session)
        {
            return;
        }

        if (Use is MachineState.Running running)
        {
            DeviceTime to = workedUntil ?? (IsInDoubt ? Tracks.Power.At : null) ?? DeviceNow();
            Emit(new MachineEvent.WorkEnded(rule.Id, NextSeq, now, session.Id, running.WorkingSince, to, running.WorkingSince.MsUntil(to)));
        }

        bool held = !IsInDoubt && Tracks.Main is { NotAfter: null, Session: { } owner } && owner == session.Id;
        Instant ended = Instant.Max(session.StartedAt, Instant.Min(endedAt ?? now, now));
        Emit(new MachineEvent.SessionEnded(rule.Id, NextSeq, now, session.Id, ended, why, by, withdrawn));
        if (held && CoolsDownAfter(why))
        {
            BeginCoolDown(session.Id);
        }
    }

    /// <summary>An end that came from a fault, a power cut or a lock-out leaves nothing on.</summary>
    private static bool CoolsDownAfter(EndReason why) => why is EndReason.Tapped or EndReason.CompanionTapped or EndReason.StoppedFromScreen
        or EndReason.Idle or EndReason.MaxSession or EndReason.NextBooking or EndReason.Closing or EndReason.Quota
        or EndReason.Membership or EndReason.Habilitation or EndReason.AccessWithdrawn or EndReason.BookingEnd;

    private void BeginCoolDown(SessionId session)
    {
        if (rule.CoolDown is not { } coolDown
            || coolDown.For <= Duration.Zero
            || (coolDown.Channel == RelayChannel.Exhaust && rule.Device(DeviceRole.Exhaust) is null))
        {
            return;
        }

        // Where use becomes cool-down on one relay is written down once the device says that it was still closed then: it may have
        // lost its power a moment ago, and nobody has heard of it yet.
        DeviceTime? from = coolDown.Channel == RelayChannel.Main && Tracks.Main is { } stretch
            ? Later(stretch.LastSeen.ShiftTo(now), stretch.From)
            : null;
        Emit(new MachineEvent.CoolDownBegan(rule.Id, NextSeq, now, new CoolDown(session, now + coolDown.For, coolDown.Channel, from)));
    }

    /// <summary>The relay is known to have been closed until a moment: what of it was cool-down is told from the use now.</summary>
    private void TellCoolDown(RelayChannel channel, DeviceTime until)
    {
        if (Tracks.Of(channel) is { Session: { } session, CoolsFrom: { } from } && until.IsAfter(from))
        {
            Divide(channel, from, StretchKind.CoolDown, session);
        }
    }

    /// <summary>Takes note of a booking whose owner has come; once.</summary>
    private void Claim(BookingClaim? claim, SessionId? session)
    {
        if (claim is not null && !Tracks.Claims.Any(known => known.Booking == claim.Booking))
        {
            Emit(new MachineEvent.BookingClaimed(rule.Id, NextSeq, now, session, claim));
        }
    }

    private void EndCoolDown()
    {
        if (Cooling is { } cooling)
        {
            Emit(new MachineEvent.CoolDownEnded(rule.Id, NextSeq, now, cooling.After));
        }
    }

    private void GiveUpSecondBadge()
    {
        if (_state is MachineState.AwaitingSecondBadge)
        {
            Emit(new MachineEvent.SecondBadgeGivenUp(rule.Id, NextSeq, now));
        }
    }

    /// <summary>Everything off and nothing waiting.</summary>
    private void SwitchOff(EndReason why, PersonId? by = null)
    {
        GiveUpSecondBadge();
        EndSession(why, by: by);
        EndCoolDown();
    }

    private void Raise(MachineFault kind)
    {
        if (_state is MachineState.Fault)
        {
            return;
        }

        SwitchOff(EndReason.Fault);

        // A lock-out that somebody has set stays theirs to release.
        LockOut lockOut = _state.ActiveLockOut ?? new LockOut(
            DerivedIds.LockOut(rule.Id, NextSeq), SessionWords.Of(kind).Fr, Author: null, now);
        Emit(new MachineEvent.FaultRaised(rule.Id, NextSeq, now, kind, lockOut));
    }

    /// <summary>The device's clock now, as far as it is known.</summary>
    private DeviceTime DeviceNow() =>
        (Tracks.Main?.LastSeen ?? Tracks.Power.At ?? new DeviceTime(0, 0, now)).ShiftTo(now);

    private void Open(RelayChannel channel, StretchKind kind, SessionId? session, DeviceTime from, double? meter, bool byMeter = false) =>
        Emit(new MachineEvent.StretchOpened(rule.Id, NextSeq, now, channel, kind, session, from, meter, byMeter));

    /// <summary>A stretch ends at a moment that is known.</summary>
    private void Close(RelayChannel channel, DeviceTime to, double? meter = null)
    {
        TellCoolDown(channel, to);
        if (Tracks.Of(channel) is { } stretch)
        {
            Emit(new MachineEvent.StretchClosed(rule.Id, NextSeq, now, Account(stretch, to, unknownMs: 0, WhUntil(stretch, to, meter))));
        }
    }

    /// <summary>A stretch has ended, nobody knows when: not before it was last seen, not after <paramref name="latest"/>.</summary>
    private void CloseUnknown(RelayChannel channel, Instant latest)
    {
        if (Tracks.Of(channel) is { } stretch)
        {
            Emit(new MachineEvent.StretchClosed(rule.Id, NextSeq, now, InDoubt(stretch, latest)));
        }
    }

    /// <summary>A relay must have opened by itself; until the device says when, the rest is on record as unknown.</summary>
    private void Lapse(RelayChannel channel, Instant notAfter)
    {
        if (Tracks.Of(channel) is { NotAfter: null, ByMeter: false } stretch)
        {
            Emit(new MachineEvent.StretchLapsed(rule.Id, NextSeq, now, notAfter, InDoubt(stretch, notAfter)));
        }
    }

    private void LapseAll(Instant notAfter)
    {
        Lapse(RelayChannel.Main, notAfter);
        Lapse(RelayChannel.Exhaust, notAfter);
    }

    /// <summary>One relay stays closed and its time is counted as something else from a moment on. No millisecond is lost or counted twice.</summary>
    private void Split(RelayChannel channel, DeviceTime at, StretchKind kind, SessionId? session)
    {
        TellCoolDown(channel, at);
        Divide(channel, at, kind, session);
    }

    private void Divide(RelayChannel channel, DeviceTime at, StretchKind kind, SessionId? session)
    {
        if (Tracks.Of(channel) is not { } stretch)
        {
            return;
        }

        // The gateway's moment on the device's clock may fall before the relay closed, as well as two clocks know each other.
        at = Later(at, stretch.From);
        double wh = WhUntil(stretch, at, meter: null);
        Emit(new MachineEvent.StretchClosed(rule.Id, NextSeq, now, Account(stretch, at, unknownMs: 0, wh)));
        Open(channel, kind, session, at, stretch.MeterFrom + wh);
    }

    private static DeviceTime Later(DeviceTime one, DeviceTime other) => one.IsAfter(other) ? one : other;

    private static StretchAccount InDoubt(Stretch stretch, Instant latest)
    {
        Instant bound = stretch.NotAfter is { } earlier ? Instant.Min(earlier, latest) : latest;
        long unknown = Math.Max(0, (long)(bound - stretch.LastSeen.At).TotalMilliseconds);
        return Account(stretch, stretch.LastSeen, unknown, stretch.Wh);
    }

    private static StretchAccount Account(Stretch stretch, DeviceTime knownUntil, long unknownMs, double wh) => new()
    {
        Key = stretch.Key,
        Channel = stretch.Channel,
        Kind = stretch.Kind,
        Session = stretch.Session,
        From = stretch.From,
        KnownUntil = knownUntil,
        KnownMs = stretch.From.MsUntil(knownUntil),
        UnknownMs = unknownMs,
        Wh = wh,
    };

    /// <summary>The energy of a stretch: by the running total of the meter, else what its readings add up to.</summary>
    private double WhUntil(Stretch stretch, DeviceTime to, double? meter)
    {
        if (stretch.Channel == RelayChannel.Exhaust)
        {
            return 0;
        }

        if (meter is { } total && stretch.MeterFrom is { } from && total >= from)
        {
            return total - from;
        }

        return stretch.Wh + Energy(stretch, to);
    }

    /// <summary>Energy from the last reading to a moment, at the power last read and only while that is fresh.</summary>
    private double Energy(Stretch stretch, DeviceTime to)
    {
        if (Tracks.Power.At is not { } read)
        {
            return 0;
        }

        DeviceTime from = stretch.From.IsAfter(read) ? stretch.From : read;
        double ms = Math.Min(from.MsUntil(to), rule.Power.FreshFor.TotalMilliseconds);
        return Tracks.Power.Watts * ms / 3_600_000;
    }
}
