using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>What time and the meter bring: ends, announcements, work and rest, welded contacts.</summary>
internal sealed partial class Turn
{
    private void OnTick()
    {
        if (_state is MachineState.AwaitingSecondBadge { Waiting: var waiting } && now >= waiting.Until)
        {
            GiveUpSecondBadge();
            Reply(ReplyKind.SecondBadgeGivenUp);
        }

        if (Cooling is { } cooling && (now >= cooling.Until || now >= Tracks.LastRenewal + rule.Lease))
        {
            EndCoolDown();
        }

        if (Session is not null)
        {
            TickSession();
        }

        LapseWhatNobodyHolds();
        SettleWhatWasFoundOpen(RelayChannel.Main);
        SettleWhatWasFoundOpen(RelayChannel.Exhaust);
    }

    private void TickSession()
    {
        OpenSession session = Session!;
        if (session.Until <= now)
        {
            EndSession(session.Limit.End(), endedAt: session.Until);
            Reply(ReplyKind.Stopped, limit: session.Limit);
            return;
        }

        if (session.Overtime <= now && !DrawsCurrent())
        {
            EndSession(EndReason.BookingEnd, endedAt: Use is MachineState.Ready { RestingSince: var rest } ? Instant.Max(RestsSince(rest), session.Overtime.Value) : now);
            Reply(ReplyKind.Stopped, limit: LimitReason.BookingEnd);
            return;
        }

        if (LeaseEnd() is { } end && now >= end)
        {
            EndSession(EndReason.LinkLost, endedAt: end, workedUntil: Tracks.Power.At);
            LapseAll(end);
            Reply(ReplyKind.Stopped);
            return;
        }

        if (!Tracks.NeedsEvidence && Tracks.LinkDown && now >= Tracks.LastRenewal + rule.Lease)
        {
            // A machine that finishes by itself: its lease is over, and only its own word lets it have another.
            Emit(new MachineEvent.EvidenceNeeded(rule.Id, NextSeq, now, Needed: true));
        }

        if (!session.Confirmed && !Tracks.LinkDown && now >= session.StartedAt + Patience)
        {
            Emit(new MachineEvent.AlarmRaised(rule.Id, NextSeq, now, MachineAlarm.RelayDidNotClose, session.Id));
            EndSession(EndReason.RelayDidNotClose);
            Reply(ReplyKind.Stopped);
            return;
        }

        if (IsIdleForTooLong())
        {
            EndSession(EndReason.Idle);
            Reply(ReplyKind.Stopped);
            return;
        }

        if (!GoOnPastTheBooking(session))
        {
            Announce(session);
        }
    }

    /// <summary>
    /// The booking is about to end and the machine draws current: the end moves to when it rests. Decided while the last lease still
    /// holds, so that the relay does not fall in the middle of the work; after the end it is too late, for the relay may have opened.
    /// </summary>
    private bool GoOnPastTheBooking(OpenSession session)
    {
        if (session is not { Limit: LimitReason.BookingEnd, Overtime: null, Until: { } end }
            || end - now > Duration.Max(rule.Lease, LastMoment)
            || (IsInDoubt && rule.LostLink != LostLinkRule.Finish)
            || !DrawsCurrent())
        {
            return false;
        }

        Duration cap = rule.BookingEnd == BookingEnd.LetFinish ? rule.LostLinkCap : rule.BookingEndCap;
        if (cap <= Duration.Zero)
        {
            return false;
        }

        Emit(new MachineEvent.OvertimeBegan(rule.Id, NextSeq, now, session.Id, end, end + cap));
        Reply(ReplyKind.FinishPlease, until: end, limit: LimitReason.BookingEnd);
        return true;
    }

    /// <summary>Whether work is in hand: it works, or has a job, or the meter, read not long ago, says more than rest. A machine of which nobody says so is taken to rest.</summary>
    private bool DrawsCurrent() =>
        Use is MachineState.Running
        || HasJob()
        || (Tracks.Power is { At: { } read } power && now - read.At <= rule.Power.FreshFor && power.Watts >= rule.Power.RestingBelowWatts);

    /// <summary>Never while it draws current or has a job, and never when nobody knows whether it does.</summary>
    private bool IsIdleForTooLong() =>
        Use is MachineState.Ready ready
        && rule.IdleStop is { } after
        && !HasJob()
        && IsSaidToRest()
        && now - Instant.Max(RestsSince(ready.RestingSince), ready.Open.StartedAt) >= after;

    /// <summary>The meter says so where there is one; where there is none, the device that knows of its jobs.</summary>
    private bool IsSaidToRest() => Tracks.Power.At is { } read
        ? Tracks.Power.AboveSince is null && Tracks.Power.Watts < rule.Power.RestingBelowWatts && now - read.At <= rule.Power.FreshFor
        : rule.Device(DeviceRole.Meter) is null && Tracks.Jobs is { Away: false, Job: null } jobs && now - jobs.HeardAt <= rule.Power.FreshFor;

    /// <summary>A job is in hand, held or not, as was said not long ago.</summary>
    private bool HasJob() => Tracks.Jobs is { Job: not null } jobs && now - jobs.HeardAt <= rule.Power.FreshFor;

    /// <summary>Since when neither the meter nor the device that knows of jobs says that it works.</summary>
    private Instant RestsSince(Instant byMeter) => Instant.Max(byMeter, Tracks.Jobs?.RestsSince ?? byMeter);

    /// <summary>The shortest announcement whose time has come and that was not made; the longer ones it makes needless are skipped.</summary>
    private void Announce(OpenSession session)
    {
        if (session.Until is not { } until || PassedAnnouncement(until) is not { } due || session.Announced <= due)
        {
            return;
        }

        Emit(new MachineEvent.EndAnnounced(rule.Id, NextSeq, now, session.Id, due, until, session.Limit));
        Reply(ReplyKind.EndSoon, until: until, limit: session.Limit);
    }

    /// <summary>A relay that was let go and has not said that it opened: its lease is over, so it must have.</summary>
    private void LapseWhatNobodyHolds()
    {
        if (Session is not null || Tracks.LetGoAt is not { } letGo)
        {
            return;
        }

        // The order to open may not have reached a machine that finishes by itself.
        Instant notAfter = letGo + Alone;
        if (now < notAfter + Patience)
        {
            return;
        }

        if (Cooling?.Channel != RelayChannel.Main && Tracks.Main?.LastSeen.At <= notAfter)
        {
            Lapse(RelayChannel.Main, notAfter);
        }

        if (Cooling?.Channel != RelayChannel.Exhaust && Tracks.Exhaust?.LastSeen.At <= notAfter)
        {
            Lapse(RelayChannel.Exhaust, notAfter);
        }
    }

    /// <summary>The device has said that the relay is open and its journal does not say since when: that stays unknown for good.</summary>
    private void SettleWhatWasFoundOpen(RelayChannel channel)
    {
        if (now >= Tracks.Of(channel)?.FoundOpenAt + JournalTellsWithin)
        {
            CloseUnknown(channel, now);
        }
    }

    /// <summary>Current through the main relay shows that it is closed, unless it may have opened and closed for somebody else unheard.</summary>
    private void SeeByMeter(Stretch stretch, DeviceTime at)
    {
        if ((stretch.ByMeter || stretch is { InDoubt: false, NotAfter: null }) && at.IsAfter(stretch.LastSeen))
        {
            TellCoolDown(RelayChannel.Main, at);
            Note(Tracks with { Main = Tracks.Main! with { LastSeen = at } });
        }
    }

    private void OnPowerMeasured(MachineSignal.PowerMeasured reading)
    {
        bool late = Tracks.Power.At is { } before && !reading.At.IsAfter(before);
        if (!double.IsFinite(reading.Watts) || reading.Watts < 0 || late)
        {
            return;
        }

        CountEnergy(reading);
        bool above = reading.Watts > rule.Power.WorkingAboveWatts;
        bool below = reading.Watts < rule.Power.RestingBelowWatts;
        // Nobody measured while the device started anew: what it saw before says nothing about the time in between.
        PowerTrack power = Tracks.Power.At?.Boot == reading.At.Boot ? Tracks.Power : new PowerTrack();
        Note(Tracks with
        {
            Power = power with
            {
                Watts = reading.Watts,
                At = reading.At,
                AboveSince = above ? power.AboveSince ?? reading.At : null,
                BelowSince = below ? power.BelowSince ?? reading.At : null,
            },
        });

        bool flows = reading.Watts > rule.Power.WeldAboveWatts;
        if (flows && Tracks.Main is { } stretch && stretch.From.Boot == reading.At.Boot)
        {
            SeeByMeter(stretch, reading.At);
        }

        FollowWork(reading.At);
        FollowWeld(reading, flows);
    }

    private void CountEnergy(MachineSignal.PowerMeasured reading)
    {
        if (Tracks.Main is not { } stretch)
        {
            return;
        }

        double wh = WhUntil(stretch, reading.At, reading.MeterWh);
        double? meterFrom = stretch.MeterFrom ?? (reading.MeterWh is { } total ? total - wh : null);
        Note(Tracks with { Main = stretch with { Wh = wh, MeterFrom = meterFrom } });
    }

    private void FollowWork(DeviceTime at)
    {
        if (Session is not { } session || Tracks.Main is not { } main || main.Session != session.Id)
        {
            return;
        }

        if (Use is MachineState.Ready && Tracks.Power.AboveSince is { } above)
        {
            // Work of before the relay closed for this session is not this session's.
            DeviceTime from = main.From.IsAfter(above) ? main.From : above;
            if (Ms(from, at) >= rule.Power.WorkingFor)
            {
                Emit(new MachineEvent.WorkBegan(rule.Id, NextSeq, now, session.Id, from));
            }
        }
        else if (Use is MachineState.Running running && Tracks.Power.BelowSince is { } below && Ms(below, at) >= rule.Power.RestingFor)
        {
            Emit(new MachineEvent.WorkEnded(
                rule.Id, NextSeq, now, session.Id, running.WorkingSince, below, running.WorkingSince.MsUntil(below)));
        }
    }

    private void FollowWeld(MachineSignal.PowerMeasured reading, bool flows)
    {
        switch (Tracks.Main)
        {
            case { ByMeter: true } when !flows:
                // It stopped somewhere between the last reading that flowed and this one.
                CloseUnknown(RelayChannel.Main, reading.At.At);
                Note(Tracks with { Power = Tracks.Power with { WeldSince = null } });
                return;
            case not null:
                Note(Tracks with { Power = Tracks.Power with { WeldSince = null } });
                return;
            case null when !flows:
                Note(Tracks with { Power = Tracks.Power with { WeldSince = null } });
                return;
        }

        // The relay of a session that has just begun may be closed already, its word still on the way.
        if (Session is not null)
        {
            return;
        }

        // What flowed before the relay last closed and opened again is another matter: the time in between is counted already.
        DeviceTime since = Tracks.Power.WeldSince is { } seen && !(Tracks.OpenedAt is { } opened && opened.IsAfter(seen)) ? seen : reading.At;
        Note(Tracks with { Power = Tracks.Power with { WeldSince = since } });
        if (Ms(since, reading.At) >= rule.Power.WeldFor)
        {
            Raise(MachineFault.WeldedContact);
            double wh = reading.Watts * since.MsUntil(reading.At) / 3_600_000;
            Open(RelayChannel.Main, StretchKind.Unattributed, null, since, reading.MeterWh - wh, byMeter: true);
            Note(Tracks with { Main = Tracks.Main! with { Wh = wh, LastSeen = reading.At } });
        }
    }

    private static Duration Ms(DeviceTime from, DeviceTime to) => Duration.FromMilliseconds(from.MsUntil(to));
}
