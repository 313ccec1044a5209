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

        if (report.HandedOver && stretch.Session != report.Lease)
        {
            // The device tells of the end of the use before: the time was divided at the tap, and the relay is still closed.
            return;
        }

        bool ofSession = report.Channel == RelayChannel.Main && Session is { } session && stretch.Session == session.Id;
        EndReason why = Tracks.LastRenewal is null ? EndReason.RelayOpened
            : rule.LostLink == LostLinkRule.Finish ? EndReason.FinishedAlone
            : EndReason.LinkLost;
        if (report.FromJournal || stretch is { InDoubt: false, NotAfter: null })
        {
            // Work ends with the current, whatever the meter said last.
            Close(report.Channel, report.At, report.MeterWh);
            if (ofSession && Session is { Until: { } end } over && report.At.At >= end - ClockDoubt && why == EndReason.RelayOpened)
            {
                // No lease outlives the end of the use: the device may say that the relay opened before the clock here strikes.
                EndSession(over.Limit.End(), endedAt: Instant.Min(end, report.At.At), workedUntil: report.At);
                Reply(ReplyKind.Stopped, limit: over.Limit);
            }
            else if (ofSession)
            {
                EndSession(why, endedAt: report.At.At, workedUntil: report.At);
            }
        }
        else
        {
            // It opened while nobody heard: its journal will say when, and until then that is unknown.
            Instant latest = Instant.Min(LeaseEnd() ?? report.At.At, report.At.At);
            if (ofSession)
            {
                EndSession(why, endedAt: stretch.LastSeen.At, workedUntil: Tracks.Power.At);
            }

            Lapse(report.Channel, latest);
            Note(Tracks.With(report.Channel, Tracks.Of(report.Channel)! with { FoundOpenAt = stretch.FoundOpenAt ?? now }));
        }

        if (Cooling?.Channel == report.Channel)
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

        if (channel == RelayChannel.Main && report.FromJournal && Tracks.OpenedAt is { } opened && opened.IsAfter(report.At))
        {
            return;
        }

        if (Tracks.Of(channel) is not { } stretch)
        {
            OpenFor(report);
        }
        else if (IsForNewSession(stretch, report) is { } next)
        {
            if (stretch is { InDoubt: false, NotAfter: null })
            {
                // The word that the relay was open in between was lost, or it never was: the tap is where one use became the other.
                DeviceTime at = report.At.ShiftTo(next.StartedAt);
                Split(channel, at, StretchKind.Use, next.Id);
                See(report);
            }
            else
            {
                CloseUnknown(channel, report.At.At);
                OpenFor(report);
            }
        }
        else if (report.Lease is { } lease && lease != stretch.Session)
        {
            OnClosedForAnother(stretch, report);
        }
        else if (stretch.From.IsAfter(report.At))
        {
            StartEarlier(stretch, report);
        }
        else
        {
            See(report);
        }

        if (channel == RelayChannel.Main && !report.FromJournal)
        {
            GoOnByEvidence(report.At);
            RaiseWhenUnasked(report.At);
        }
    }

    private void OpenFor(MachineSignal.RelayReported report)
    {
        (StretchKind kind, SessionId? owner) = Owner(report);
        Open(report.Channel, kind, owner, report.At, report.MeterWh);
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

    /// <summary>The device names another session than the one the relay was closed for: in between it was open.</summary>
    private void OnClosedForAnother(Stretch stretch, MachineSignal.RelayReported report)
    {
        if (report.FromJournal || stretch.NotAfter is not null || Session?.Id != stretch.Session)
        {
            CloseUnknown(report.Channel, report.At.At);
            OpenFor(report);
        }
        else if (report.Channel == RelayChannel.Main)
        {
            // Somebody else has used it by the device's own list meanwhile. Its journal tells when each of them did.
            Instant latest = Instant.Min(LeaseEnd() ?? report.At.At, report.At.At);
            EndSession(EndReason.LinkLost, endedAt: stretch.LastSeen.At, workedUntil: Tracks.Power.At);
            Lapse(RelayChannel.Main, latest);
        }
    }

    /// <summary>The journal tells of the closing after the device has said that the relay is closed: the stretch began earlier than it seemed.</summary>
    private void StartEarlier(Stretch stretch, MachineSignal.RelayReported report)
    {
        if (!report.FromJournal || report.Lease is null || report.Lease != stretch.Session)
        {
            return;
        }

        Emit(new MachineEvent.StretchClosed(rule.Id, NextSeq, now, Account(stretch, stretch.From, unknownMs: 0, wh: 0)));
        Open(report.Channel, stretch.Kind, stretch.Session, report.At, report.MeterWh);
        Note(Tracks.With(report.Channel, Tracks.Of(report.Channel)! with { LastSeen = stretch.LastSeen, Wh = stretch.Wh, CoolsFrom = stretch.CoolsFrom }));
    }

    private void See(MachineSignal.RelayReported report)
    {
        if (Tracks.Of(report.Channel) is { NotAfter: null } seen && !seen.LastSeen.IsAfter(report.At))
        {
            TellCoolDown(report.Channel, report.At);
            Stretch stretch = Tracks.Of(report.Channel)!;
            Note(Tracks.With(report.Channel, stretch with { LastSeen = report.At, InDoubt = stretch.InDoubt && report.FromJournal }));
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
    private Instant? LeaseEnd() => Tracks.LastRenewal + Alone;

    /// <summary>How long the relay of a use stays closed at most once the device hears nothing any more.</summary>
    private Duration Alone => rule.LostLink == LostLinkRule.Finish ? Duration.Max(rule.Lease, rule.LostLinkCap) : rule.Lease;

    private void OnLinkLost(MachineSignal.LinkLost lost)
    {
        if (!Tracks.LinkDown)
        {
            Emit(new MachineEvent.LinkWentDown(rule.Id, NextSeq, now, Tracks.LastRenewal ?? lost.LastRenewal ?? now));
        }
    }

    private void OnLinkRestored()
    {
        // The first word about a machine that nobody has used yet is on record too: whoever shows it knows from then on that it is free.
        if (Tracks.LinkDown || NextSeq == 1)
        {
            Emit(new MachineEvent.LinkCameBack(rule.Id, NextSeq, now));
        }
        else if (Session is not null || Tracks.Main is not null || Tracks.Exhaust is not null)
        {
            // A break so short that nobody noticed; the device may have opened and closed its relays in it all the same.
            Doubt(Tracks.LastRenewal ?? now);
        }

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
        if (Tracks.Jobs is { } jobs)
        {
            // Nobody has heard the witness meanwhile.
            Note(Tracks with { Jobs = jobs with { Away = true } });
        }

        GiveUpSecondBadge();
        EndCoolDown();
        if (Session is not { } session)
        {
            if (Tracks.Main is not null || Tracks.Exhaust is not null)
            {
                Doubt(Tracks.LastRenewal ?? restarted.LastRenewal ?? now);
            }

            return;
        }

        Instant seen = Instant.Max(session.StartedAt, Tracks.Main?.LastSeen.At ?? session.StartedAt);
        Instant renewed = Tracks.LastRenewal ?? restarted.LastRenewal ?? seen;

        // Without a sure last renewal it may have been renewed until just now.
        Instant latest = Tracks.LastRenewal ?? restarted.LastRenewal ?? now;
        if (now < renewed + Alone)
        {
            // It may still be held. It goes on when the device says so, and not otherwise.
            Doubt(latest);
            Emit(new MachineEvent.EvidenceNeeded(rule.Id, NextSeq, now, Needed: true));
            return;
        }

        EndSession(EndReason.GatewayRestarted, endedAt: renewed, workedUntil: Tracks.Power.At);
        LapseAll(latest + Alone);
    }

    /// <summary>Nobody heard what the device did: the link was broken, or the gateway was away.</summary>
    private void Doubt(Instant lastRenewal)
    {
        bool down = Tracks.LinkDown;
        Emit(new MachineEvent.LinkWentDown(rule.Id, NextSeq, now, lastRenewal));
        if (!down)
        {
            Emit(new MachineEvent.LinkCameBack(rule.Id, NextSeq, now));
        }
    }

    private void OnOfflineUse(MachineSignal.OfflineUse signal)
    {
        OfflineUseRecord use = signal.Use;
        if (use.To is { } to && Session?.Id == use.Session)
        {
            // It was taken over while it went on: its own stretch counts.
            OnRelayReported(new MachineSignal.RelayReported(RelayChannel.Main, Closed: false, to, FromJournal: true));
            return;
        }

        Claim(signal.Claim, use.Session);
        if (use.Person is null)
        {
            Emit(new MachineEvent.AlarmRaised(rule.Id, NextSeq, now, MachineAlarm.OfflineUseByNobody, use.Session));
        }

        if (use.To is null && Session?.Id == use.Session)
        {
            return;
        }

        bool isClosedForIt = Tracks.Main is { NotAfter: null, InDoubt: false } main && main.Session == use.Session && now - main.LastSeen.At < rule.Lease;
        if (use.To is null && isClosedForIt
            && signal.Holder is AccessDecision.Granted granted && granted.Terms.Person == use.Person && IsYetToEnd(granted)
            && _state is MachineState.Idle or MachineState.CoolingDown)
        {
            EndCoolDown();
            OpenSession session = SessionOf(use.Session, granted, use.From.At, offline: true);
            Emit(new MachineEvent.SessionStarted(rule.Id, NextSeq, now, session with { Confirmed = true }));
        }
        else
        {
            Emit(new MachineEvent.OfflineUseRecorded(rule.Id, NextSeq, now, use));
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
