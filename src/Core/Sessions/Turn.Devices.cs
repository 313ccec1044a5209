using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>What devices say: relays, starts, uses by their own list.</summary>
internal sealed partial class Turn
{
    /// <summary>A report this much older than the start of the stretch is about something before it; less is the doubt between two clocks.</summary>
    private static readonly Duration ClockDoubt = Duration.FromSeconds(2);

    private void OnRelayReported(MachineSignal.RelayReported report)
    {
        if (Tracks.Of(report.Channel) is { ByMeter: false } stretch && stretch.From.Boot != report.At.Boot)
        {
            if (report.At.At < stretch.From.At)
            {
                return;
            }

            // The device has started anew since, and the word of that was lost.
            OnDeviceBooted(report.At);
        }

        if (report.Closed)
        {
            OnRelayClosed(report);
        }
        else
        {
            OnRelayOpened(report);
        }
    }

    private void OnRelayOpened(MachineSignal.RelayReported report)
    {
        if (Tracks.Of(report.Channel) is not { ByMeter: false } stretch || report.At.At < stretch.From.At - ClockDoubt)
        {
            return;
        }

        // Work ends with the current, whatever the meter said last.
        bool ofSession = report.Channel == RelayChannel.Main && Session is { } session && stretch.Session == session.Id;
        EndReason why = Tracks.LastRenewal is null ? EndReason.RelayOpened
            : rule.LostLink == LostLinkRule.Finish ? EndReason.FinishedAlone
            : EndReason.LinkLost;
        Close(report.Channel, report.At, report.MeterWh);
        if (ofSession)
        {
            EndSession(why, endedAt: report.At.At, workedUntil: report.At);
        }
        else if (Cooling?.Channel == report.Channel)
        {
            EndCoolDown();
        }
    }

    private void OnRelayClosed(MachineSignal.RelayReported report)
    {
        RelayChannel channel = report.Channel;
        if (Tracks.Of(channel) is { ByMeter: true })
        {
            // The relay itself now says that it is closed: from here on it is the better witness.
            CloseUnknown(channel, report.At.At);
        }

        if (Tracks.Of(channel) is not { } stretch)
        {
            (StretchKind kind, SessionId? owner) = Owner(report);
            Open(channel, kind, owner, report.At, report.MeterWh);
        }
        else if (IsForNewSession(stretch, report) is { } next)
        {
            if (stretch.NotAfter is { } notAfter)
            {
                CloseUnknown(channel, Instant.Min(notAfter, report.At.At));
                Open(channel, StretchKind.Use, next.Id, report.At, report.MeterWh);
            }
            else
            {
                // The word that the relay was open in between was lost, or it never was: the tap is where one use became the other.
                DeviceTime at = report.At.ShiftTo(next.StartedAt);
                Split(channel, at.IsAfter(stretch.From) ? at : stretch.From, StretchKind.Use, next.Id);
                See(channel, report.At);
            }
        }
        else
        {
            See(channel, report.At);
        }

        if (channel == RelayChannel.Main)
        {
            GoOnByEvidence(report.At);
            RaiseWhenUnasked(report.At);
        }
    }

    /// <summary>Whose a relay is that has just closed: the session that holds it, else the one the device names, else nobody's.</summary>
    private (StretchKind Kind, SessionId? Session) Owner(MachineSignal.RelayReported report)
    {
        if (Session is { } session && (report.Lease is null ? report.At.At >= session.StartedAt - ClockDoubt : report.Lease == session.Id))
        {
            return (StretchKind.Use, session.Id);
        }

        if (Cooling is { } cooling && cooling.Channel == report.Channel && (report.Lease is null || report.Lease == cooling.After))
        {
            return (StretchKind.CoolDown, cooling.After);
        }

        return report.Lease is { } lease ? (StretchKind.Use, lease) : (StretchKind.Unattributed, null);
    }

    /// <summary>The session that has begun since the relay closed for another, when this report is about its lease; else null.</summary>
    private OpenSession? IsForNewSession(Stretch stretch, MachineSignal.RelayReported report) =>
        Session is { } session
        && stretch.Session != session.Id
        && report.At.At > session.StartedAt
        && (report.Lease is null || report.Lease == session.Id)
            ? session
            : null;

    private void See(RelayChannel channel, DeviceTime at)
    {
        if (Tracks.Of(channel) is { } stretch && at.IsAfter(stretch.LastSeen))
        {
            Note(Tracks.With(channel, stretch with { LastSeen = at }));
        }
    }

    /// <summary>The device says that the relay is still closed, after the last renewal and not long ago: the use goes on.</summary>
    private void GoOnByEvidence(DeviceTime at)
    {
        if (Tracks is { NeedsEvidence: true, Main: { NotAfter: null } main }
            && main.Session == Session?.Id
            && !(at.At <= Tracks.LastRenewal)
            && now - at.At < rule.Lease)
        {
            Emit(new MachineEvent.EvidenceNeeded(rule.Id, NextSeq, now, Needed: false));
        }
    }

    /// <summary>A relay that stays closed though nothing holds it any more, longer than its last lease can explain.</summary>
    private void RaiseWhenUnasked(DeviceTime at)
    {
        if (Tracks.Main is not { } stretch || Session is not null || Cooling?.Channel == RelayChannel.Main)
        {
            return;
        }

        Instant excused = stretch.From.At;
        if (Tracks.LetGoAt is { } letGo)
        {
            excused = Instant.Max(excused, letGo + rule.Lease);
        }

        if (at.At > excused + Patience)
        {
            Raise(MachineFault.ClosedUnasked);
        }
    }

    /// <summary>The device has started anew: since then its relays have been open, and nothing closes them again without a tap.</summary>
    private void OnDeviceBooted(DeviceTime at)
    {
        Instant started = at.StartedAt;
        bool cut = false;
        foreach (RelayChannel channel in (ReadOnlySpan<RelayChannel>)[RelayChannel.Main, RelayChannel.Exhaust])
        {
            if (Tracks.Of(channel) is { } stretch && stretch.From.Boot != at.Boot && at.At >= stretch.From.At)
            {
                cut = true;
                CloseUnknown(channel, Instant.Min(started, LeaseEnd() ?? started));
            }
        }

        // A session whose relay has not closed yet may begin after the start of the device: its lease is still on the way.
        if (Session is { } session && (cut || session.StartedAt < started))
        {
            DeviceTime worked = Tracks.Power.At is { } read && read.Boot != at.Boot ? read : DeviceNow();
            EndSession(EndReason.PowerLost, endedAt: started, workedUntil: worked);
        }

        if (cut)
        {
            EndCoolDown();
        }
    }

    /// <summary>While renewals do not reach the device: when its relay opens by itself at the latest.</summary>
    private Instant? LeaseEnd() => Tracks.LastRenewal is { } last
        ? last + (rule.LostLink == LostLinkRule.Finish && Session is not null ? Duration.Max(rule.Lease, rule.LostLinkCap) : rule.Lease)
        : null;

    private void OnLinkLost(MachineSignal.LinkLost lost)
    {
        if (!Tracks.LinkDown)
        {
            Emit(new MachineEvent.LinkWentDown(rule.Id, NextSeq, now, Tracks.LastRenewal ?? lost.LastRenewal ?? now));
        }
    }

    private void OnLinkRestored()
    {
        if (!Tracks.LinkDown)
        {
            return;
        }

        Emit(new MachineEvent.LinkCameBack(rule.Id, NextSeq, now));
        if (Session is not null && !Tracks.NeedsEvidence)
        {
            Emit(new MachineEvent.EvidenceNeeded(rule.Id, NextSeq, now, Needed: true));
        }
        else if (Session is null)
        {
            // A cool-down is not worth a question: what was off stays off.
            EndCoolDown();
        }
    }

    private void OnGatewayRestarted(MachineSignal.GatewayRestarted restarted)
    {
        GiveUpSecondBadge();
        EndCoolDown();
        if (Session is not { } session)
        {
            return;
        }

        Instant seen = Instant.Max(session.StartedAt, Tracks.Main?.LastSeen.At ?? session.StartedAt);
        Instant renewed = Tracks.LastRenewal ?? restarted.LastRenewal ?? seen;

        // Without a sure last renewal it may have been renewed until just now.
        Instant latest = Tracks.LastRenewal ?? restarted.LastRenewal ?? now;
        Duration alone = rule.LostLink == LostLinkRule.Finish ? Duration.Max(rule.Lease, rule.LostLinkCap) : rule.Lease;
        if (now < renewed + alone)
        {
            // It may still be held. It goes on when the device says so, and not otherwise.
            if (Tracks.LastRenewal is null)
            {
                Emit(new MachineEvent.LinkWentDown(rule.Id, NextSeq, now, latest));
                Emit(new MachineEvent.LinkCameBack(rule.Id, NextSeq, now));
            }

            Emit(new MachineEvent.EvidenceNeeded(rule.Id, NextSeq, now, Needed: true));
            return;
        }

        EndSession(EndReason.GatewayRestarted, endedAt: renewed, workedUntil: Tracks.Power.At);
        LapseAll(latest + alone);
    }

    private void OnOfflineUse(MachineSignal.OfflineUse signal)
    {
        OfflineUseRecord use = signal.Use;
        if (use.To is { } to && Session?.Id == use.Session)
        {
            // It was taken over while it went on: its own stretch counts.
            OnRelayReported(new MachineSignal.RelayReported(RelayChannel.Main, Closed: false, to));
            return;
        }

        if (use.Person is null)
        {
            Emit(new MachineEvent.AlarmRaised(rule.Id, NextSeq, now, MachineAlarm.OfflineUseByNobody, use.Session));
        }

        bool goesOn = use.To is null;
        if (goesOn && Session?.Id == use.Session)
        {
            return;
        }

        if (goesOn && signal.Holder is AccessDecision.Granted granted && granted.Terms.Person == use.Person && IsYetToEnd(granted)
            && _state is MachineState.Idle or MachineState.CoolingDown)
        {
            EndCoolDown();
            CloseUnknown(RelayChannel.Main, use.From.At);
            Emit(new MachineEvent.SessionStarted(rule.Id, NextSeq, now, SessionOf(use.Session, granted, use.From.At, offline: true)));
            Open(RelayChannel.Main, StretchKind.Use, use.Session, use.From, meter: null);
            return;
        }

        Emit(new MachineEvent.OfflineUseRecorded(rule.Id, NextSeq, now, use));
        if (goesOn && Tracks.Main is null)
        {
            // Not allowed to go on: it is told to open, and until it has, the time is this session's.
            Open(RelayChannel.Main, StretchKind.Use, use.Session, use.From, meter: null);
            Note(Tracks with { LetGoAt = now });
        }
    }

    private void OnUnknownTime(MachineSignal.UnknownTime unknown)
    {
        if (unknown.To <= unknown.From)
        {
            return;
        }

        SessionId? session = Session is { } open && open.StartedAt < unknown.To ? open.Id : null;
        Emit(new MachineEvent.UnknownTimeRecorded(rule.Id, NextSeq, now, session, unknown.From, unknown.To));
        Emit(new MachineEvent.AlarmRaised(rule.Id, NextSeq, now, MachineAlarm.JournalGap, session));
    }
}
