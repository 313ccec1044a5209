using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>What people do: badges, projects, more time, stop, lock-outs.</summary>
internal sealed partial class Turn
{
    private void OnTapped(MachineSignal.Tapped tap)
    {
        if (_state is MachineState.AwaitingSecondBadge { Waiting: var late } && now >= late.Until)
        {
            GiveUpSecondBadge();
        }

        switch (_state)
        {
            case MachineState.AwaitingSecondBadge awaiting:
                OnSecondTap(tap, awaiting.Waiting);
                break;
            case { Session: { } session }:
                OnTapInUse(tap, session);
                break;
            case MachineState.Idle or MachineState.CoolingDown:
                OnFirstTap(tap);
                break;
            default:
                // Locked out, a fault, or a cool-down before a lock-out: nothing starts, whatever the decision says.
                Refuse(tap);
                break;
        }
    }

    private void OnFirstTap(MachineSignal.Tapped tap)
    {
        if (tap.Decision is AccessDecision.Granted granted && granted.Terms.Person == tap.Person && IsYetToEnd(granted))
        {
            Start(tap, granted, ReplyKind.Started);
        }
        else if (tap is { Decision: AccessDecision.Denied { AsksForCompanion: true } denied, Person: { } person })
        {
            WaitingMaker waiting = new(person, tap.Badge, denied.Reason, now, now + rule.SecondBadgeWindow);
            Record(tap, ReplyKind.SecondBadgePlease, null);
            Emit(new MachineEvent.SecondBadgeAwaited(rule.Id, NextSeq, now, waiting));
            Reply(ReplyKind.SecondBadgePlease, denied, waiting.Until);
        }
        else
        {
            Refuse(tap);
        }
    }

    private void OnSecondTap(MachineSignal.Tapped tap, WaitingMaker waiting)
    {
        if (tap.Person == waiting.Person)
        {
            Record(tap, ReplyKind.SecondBadgeGivenUp, null);
            GiveUpSecondBadge();
            Reply(ReplyKind.SecondBadgeGivenUp);
        }
        else if (tap.Decision is AccessDecision.Granted granted
            && granted.Terms.Person == waiting.Person
            && granted.Terms.Companion is { } companion && companion == tap.Person
            && IsYetToEnd(granted))
        {
            Start(tap, granted, ReplyKind.Started);
        }
        else
        {
            // The maker goes on waiting: somebody else may still come.
            Refuse(tap);
        }
    }

    private void OnTapInUse(MachineSignal.Tapped tap, OpenSession session)
    {
        if (tap.Person is { } person && (person == session.Person || person == session.Companion))
        {
            // To stop, nobody needs permission.
            Record(tap, ReplyKind.Stopped, session.Id);
            EndSession(
                person == session.Person ? EndReason.Tapped : EndReason.CompanionTapped,
                by: person == session.Person ? null : person);
            Reply(ReplyKind.Stopped);
        }
        else if (_state is MachineState.Ready && CanHandOver(session)
            && tap.Decision is AccessDecision.Granted granted && granted.Terms.Person == tap.Person && IsYetToEnd(granted))
        {
            HandOver(tap, granted);
        }
        else
        {
            Refuse(tap);
        }
    }

    /// <summary>Only what is surely on and surely resting changes hands.</summary>
    private bool CanHandOver(OpenSession session) =>
        rule.Handover && !IsInDoubt && Tracks.Main is { NotAfter: null } main && main.Session == session.Id;

    private void HandOver(MachineSignal.Tapped tap, AccessDecision.Granted granted)
    {
        EndSession(EndReason.HandedOver, by: tap.Person);
        Start(tap, granted, ReplyKind.HandedOver);
        TakeOver(RelayChannel.Main, tap.NewSession);
        TakeOver(RelayChannel.Exhaust, tap.NewSession);
    }

    private void Start(MachineSignal.Tapped tap, AccessDecision.Granted granted, ReplyKind kind)
    {
        RelayChannel? held = Cooling?.Channel;
        EndCoolDown();
        Record(tap, kind, tap.NewSession);
        Emit(new MachineEvent.SessionStarted(rule.Id, NextSeq, now, SessionOf(tap.NewSession, granted, now, offline: false)));
        Claim(BookingClaim.Of(granted), tap.NewSession);
        if (held is { } channel)
        {
            TakeOver(channel, tap.NewSession);
        }

        Reply(kind, until: granted.Until, limit: granted.Terms.Limit);
    }

    /// <summary>A relay that is surely held for one use is held for the next from now on: its time is divided here, whatever the device still says.</summary>
    private void TakeOver(RelayChannel channel, SessionId session)
    {
        if (!IsInDoubt && Tracks.Of(channel) is { InDoubt: false, NotAfter: null } stretch)
        {
            Split(channel, stretch.LastSeen.ShiftTo(now), StretchKind.Use, session);
        }
    }

    private OpenSession SessionOf(SessionId id, AccessDecision.Granted granted, Instant startedAt, bool offline) => new()
    {
        Id = id,
        Person = granted.Terms.Person,
        Badge = granted.Terms.Badge,
        Companion = granted.Terms.Companion,
        CompanionBadge = granted.Terms.CompanionBadge,
        CompanionWasPresent = granted.Terms.Companion is not null && granted.Facts.Companion is { Present: true },
        GroupSession = granted.Terms.GroupSession,
        Project = granted.Terms.Project,
        Booking = granted.Terms.Booking,
        StartedAt = startedAt,
        Until = granted.Until,
        Limit = granted.Terms.Limit,
        Announced = PassedAnnouncement(granted.Until),
        Offline = offline,
    };

    /// <summary>A use that ends in five minutes does not announce that ten are left.</summary>
    private Duration? PassedAnnouncement(Instant? until)
    {
        Duration? passed = null;
        if (until is { } end)
        {
            foreach (Duration before in rule.Warnings.AsSpan())
            {
                if (end - now <= before && !(passed <= before))
                {
                    passed = before;
                }
            }
        }

        return passed;
    }

    private bool IsYetToEnd(AccessDecision.Granted granted) => !(granted.Until <= now);

    private void Refuse(MachineSignal.Tapped tap)
    {
        Record(tap, ReplyKind.Refused, Session?.Id);
        if (tap.Decision is AccessDecision.Denied)
        {
            Claim(BookingClaim.Of(tap.Decision), null);
        }

        Reply(ReplyKind.Refused, tap.Decision as AccessDecision.Denied);
    }

    private void Record(MachineSignal.Tapped tap, ReplyKind outcome, SessionId? session) =>
        Emit(new MachineEvent.TapDecided(rule.Id, NextSeq, now, tap.Person, tap.Badge, tap.Decision, outcome, session));

    private void OnPolicyChanged(MachineSignal.PolicyChanged change)
    {
        FollowWitness();
        FollowLockOut();
        switch (change.Holder)
        {
            case AccessDecision.Denied { Reason: AccessReason.StorageFailure }:
                EndSession(EndReason.StorageFailure);
                break;
            case AccessDecision.Denied denied when Session is not null:
                EndSession(EndReason.AccessWithdrawn, withdrawn: denied.Reason);
                Reply(ReplyKind.Stopped);
                break;
            case AccessDecision.Granted granted when Session is { } session:
                Claim(BookingClaim.Of(granted), session.Id);
                FollowLimit(session, granted);
                break;
        }
    }

    /// <summary>
    /// An end that has come nearer counts at once. One that has moved away counts only when it is that of the person's own booking:
    /// it was made longer. What goes on past its booking to finish its work is left alone by all but that.
    /// </summary>
    private void FollowLimit(OpenSession session, AccessDecision.Granted granted)
    {
        bool nearer = granted.Until is { } until && !(until >= session.Until);
        bool longer = session.Limit == LimitReason.BookingEnd && granted.Terms.Booking is not null && !(granted.Until <= (session.Overtime ?? session.Until));
        if (session.Overtime is null ? nearer || longer : longer)
        {
            Limit(session, granted.Until, granted.Terms.Limit);
        }
    }

    /// <summary>Lock-outs made in Booking come with the rules, and so do releases, also of those that the machine set on itself.</summary>
    private void FollowLockOut()
    {
        if (rule.Released is { } release)
        {
            Release(release);
        }

        if (rule.LockOut is { } lockOut && lockOut.Id != rule.Released?.LockOut)
        {
            OnLockOutRequested(lockOut);
        }
    }

    private void OnLockOutRequested(LockOut lockOut)
    {
        if (_state.ActiveLockOut == lockOut)
        {
            return;
        }

        GiveUpSecondBadge();
        if (lockOut.Mode == LockOutMode.Immediate)
        {
            SwitchOff(EndReason.LockedOut, lockOut.Author);
        }

        Emit(new MachineEvent.LockOutSet(rule.Id, NextSeq, now, lockOut));
    }

    private void OnLockOutReleased(LockOutRelease release)
    {
        if (!Release(release))
        {
            Reply(ReplyKind.NothingToDo);
        }
    }

    private bool Release(LockOutRelease release)
    {
        if (_state.ActiveLockOut?.Id != release.LockOut)
        {
            return false;
        }

        if (_state is MachineState.Fault)
        {
            Emit(new MachineEvent.FaultSettled(rule.Id, NextSeq, now, release.By));
        }

        Emit(new MachineEvent.LockOutLifted(rule.Id, NextSeq, now, release.LockOut, release.By));
        return true;
    }

    private void OnFaultCleared(PersonId by)
    {
        if (_state is MachineState.Fault)
        {
            Emit(new MachineEvent.FaultSettled(rule.Id, NextSeq, now, by));
        }
        else
        {
            Reply(ReplyKind.NothingToDo);
        }
    }

    private void OnProjectChosen(MachineSignal.ProjectChosen chosen)
    {
        if (Session is not { } session)
        {
            Reply(ReplyKind.NothingToDo);
            return;
        }

        if (session.Project != chosen.Project)
        {
            Emit(new MachineEvent.ProjectSet(rule.Id, NextSeq, now, session.Id, chosen.Project));
        }

        Reply(ReplyKind.ProjectNoted);
    }

    private void OnExtended(AccessDecision decision)
    {
        switch (decision)
        {
            case AccessDecision.Denied denied:
                Reply(ReplyKind.Refused, denied);
                break;
            case AccessDecision.Granted granted when Session is { Until: { } end } session
                && granted.Terms.Person == session.Person && !(granted.Until <= end):
                Limit(session, granted.Until, granted.Terms.Limit);
                Reply(ReplyKind.Extended, until: granted.Until, limit: granted.Terms.Limit);
                break;
            default:
                Reply(ReplyKind.NothingToDo, until: Session?.Until);
                break;
        }
    }

    private void Limit(OpenSession session, Instant? until, LimitReason? limit) =>
        Emit(new MachineEvent.LimitChanged(rule.Id, NextSeq, now, session.Id, until, limit, PassedAnnouncement(until)));

    private void OnStopRequested(MachineSignal.StopRequested stop)
    {
        if (Session is null && _state is not MachineState.AwaitingSecondBadge && (Cooling is null || stop.By is not null))
        {
            Reply(ReplyKind.NothingToDo);
            return;
        }

        GiveUpSecondBadge();
        EndSession(stop.By is null ? EndReason.GatewayStopped : EndReason.StoppedFromScreen, by: stop.By);
        if (stop.By is null)
        {
            EndCoolDown();
        }

        Reply(ReplyKind.Stopped);
    }
}
