using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>What the reports of devices mean to the machine.</summary>
internal sealed partial class MachineActor
{
    private async Task HandleReportAsync(MachineMessage.Reported reported, CancellationToken cancellationToken)
    {
        var (report, channel, record) = (reported.Report, reported.Channel, reported.Key);
        if (record is { } key && _parts.Journal.IsKnown(key))
        {
            // Sent again because our acknowledgement was lost, or the same bytes twice: it has happened already.
            _parts.Metrics.Duplicates.Add(key.Device.Value);
            Acknowledge(key);
            return;
        }
        var at = _parts.DeviceClocks.Of(report);
        switch (report)
        {
            case DeviceReport.BadgeRead tap:
                await TapAsync(tap, record, cancellationToken);
                break;
            case DeviceReport.RelayReport relay when channel is { } which:
                await TurnAsync(
                    new MachineSignal.RelayReported(
                        which, relay.Closed, at, relay.Session, relay.EnergyWh, FromJournal: relay.Key is not null, HandedOver: relay.Cause == RelayCauses.Handover),
                    record, cancellationToken);
                if (relay.Closed)
                    await OpenUnlessHeldAsync(which, cancellationToken);
                break;
            case DeviceReport.PowerReport power:
                await TurnAsync(new MachineSignal.PowerMeasured(Math.Max(0, power.Watts), at, power.EnergyWh), record, cancellationToken);
                break;
            case DeviceReport.JobReport jobs:
                await TurnAsync(new MachineSignal.JobReported(jobs.Device, at.At, Heard: true, OnOurClock(jobs.Job)), record, cancellationToken);
                break;
            case DeviceReport.LinkReport { Online: false } gone:
                if (IsBound(gone.Device, DeviceRole.Witness))
                    await TurnAsync(new MachineSignal.JobReported(gone.Device, at.At, Heard: false), null, cancellationToken);
                if (_rule is null || IsBound(gone.Device, DeviceRole.Relay, DeviceRole.Exhaust))
                    await TurnAsync(new MachineSignal.LinkLost(_leases.LastRenewal), record, cancellationToken);
                break;
            case DeviceReport.LinkReport link:
                await DeviceCameAsync(link, at, cancellationToken);
                break;
            case DeviceReport.OfflineUseReport use:
                await OfflineUseAsync(use, at, record, cancellationToken);
                break;
            case DeviceReport.UnknownTimeReport gap:
                await UnknownTimeAsync(gap, record, cancellationToken);
                break;
            default:
                _journal.Later([], record);
                break;
        }
    }

    private bool IsBound(DeviceId device, params ReadOnlySpan<DeviceRole> roles)
    {
        foreach (var binding in _rule?.Devices ?? [])
        {
            if (binding.Device == device && roles.Contains(binding.Role))
                return true;
        }
        return false;
    }

    private MachineJob? OnOurClock(MachineJob? job) => job is null ? null : job with
    {
        StartedAt = _parts.Clock.FromSystem(job.StartedAt),
        EndedAt = job.EndedAt is { } ended ? _parts.Clock.FromSystem(ended) : null,
    };

    /// <summary>
    /// STEPS 2 to 7 of a tap: whose badge, what are the facts, what does Core say, is it written down, does the relay hold, what is
    /// the person told.
    /// </summary>
    private async Task TapAsync(DeviceReport.BadgeRead tap, JournalKey? record, CancellationToken cancellationToken)
    {
        if (_rule is not { } rule)
        {
            _journal.Later([], record);
            return;
        }
        var policy = _parts.Policy.Current;
        var (match, hash) = _parts.Resolve.Find(policy, tap.Number, tap.Profile);
        var person = GatherFacts.Person(policy, match);
        var badge = match is Core.Badges.BadgeMatch.Known { Badge: var known } ? known : (BadgeId?)null;
        var now = _parts.Clock.Now;
        var age = _parts.Time.GetElapsedTime(tap.ReceivedTimestamp);
        if (!tap.Live || Duration.FromTimeSpan(age) > _parts.TapFresh)
        {
            await NoteStaleTapAsync(tap, match, hash, person, badge, record, cancellationToken);
            return;
        }
        if (await InductionTapAsync(tap, rule, policy, badge, now, record, cancellationToken))
            return;

        MachineTurn Ask(bool storageHealthy)
        {
            // One person at two machines in the same millisecond: the second must see the first.
            lock (_parts.Floor.Gate)
            {
                var question = _parts.Gather.ForTap(policy, _id, _state, match, hash, Unfit(rule, now), now, storageHealthy);
                var decision = AccessRules.Ask(policy, question);
                var asked = MachineSessions.Decide(_state, new MachineSignal.Tapped(person, badge, decision, SessionId.New(now)), rule, now);
                _parts.Floor.Set(_id, asked.State.Session is null ? _state : asked.State);
                return asked;
            }
        }

        var turn = Ask(storageHealthy: true);
        if (await TakeAsync(turn, rule, record, cancellationToken) is { } fault)
        {
            Log.RefusedForStorage(_logger, Code, fault.Kind);
            turn = Ask(storageHealthy: false);
            if (await TakeAsync(turn, rule, record, cancellationToken) is not null)
                throw new InvalidOperationException("A refusal closed a relay.");
        }
        else if (turn.Reply?.Kind is ReplyKind.Started or ReplyKind.HandedOver)
        {
            _parts.Metrics.TapToLease.Observe(_parts.Time.GetElapsedTime(tap.ReceivedTimestamp));
        }
        if (turn.Reply is { } reply)
        {
            await _tell.SayAsync(reply, rule, tap.Device, cancellationToken);
            Count(reply, hash);
        }
    }

    private void Count(MachineReply reply, Core.Badges.BadgeHash? hash)
    {
        if (reply is { Kind: ReplyKind.Refused, Denied: { } denied })
        {
            _parts.Refused.Count(hash, denied.Reason);
            _parts.Metrics.Taps.Add(denied.Code);
            Log.Refused(_logger, Code, denied.Code);
        }
        else
        {
            _parts.Metrics.Taps.Add(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(reply.Kind.ToString()));
        }
    }

    /// <summary>A tap out of a device's journal, or one that waited too long: it is on record with what would have been said, and nothing moves.</summary>
    private async Task NoteStaleTapAsync(
        DeviceReport.BadgeRead tap, Core.Badges.BadgeMatch match, Core.Badges.BadgeHash? hash, PersonId? person, BadgeId? badge, JournalKey? record,
        CancellationToken cancellationToken)
    {
        var at = _parts.Clock.FromSystem(tap.At);
        _parts.Metrics.StaleTaps.Add(tap.Device.Value);
        Log.Stale(_logger, Code, (long)_parts.Time.GetElapsedTime(tap.ReceivedTimestamp).TotalMilliseconds);
        var question = _parts.Gather.ForTap(_parts.Policy.Current, _id, _state, match, hash, null, at);
        var noted = new MachineEvent.TapDecided(
            _id, _state.Tracks.LastSeq + 1, at, person, badge, AccessRules.Ask(_parts.Policy.Current, question), ReplyKind.NothingToDo, null);
        var turn = new MachineTurn(MachineSessions.Evolve(_state, noted), [noted], null);
        await TakeAsync(turn, _rule!, record, cancellationToken);
    }

    /// <summary>The device is heard again. First what it says of its relays now; only then is anything held or opened.</summary>
    private async Task DeviceCameAsync(DeviceReport.LinkReport link, DeviceTime at, CancellationToken cancellationToken)
    {
        if (_rule is not { } rule)
            return;
        if (link.NewBoot)
            await TurnAsync(new MachineSignal.DeviceBooted(at), null, cancellationToken);
        await TurnAsync(new MachineSignal.LinkRestored(), null, cancellationToken);
        var journals = false;
        if (link.Closed is { } closed)
        {
            // A device with a journal tells in it when its relay opened, and that is the better witness: only what goes on as we
            // left it is taken from here.
            journals = _parts.Devices.Find(link.Device)?.Abilities.HasFlag(DriverAbilities.Journals) == true;
            foreach (var channel in Enum.GetValues<RelayChannel>())
            {
                if (Leases.LeaseKeeper.Binding(rule, channel) is not { } binding || binding.Device != link.Device)
                    continue;
                var isClosed = closed.TryGetValue(binding.Channel, out var session);
                if (!journals || (isClosed && session == _state.Session?.Id))
                    await TurnAsync(new MachineSignal.RelayReported(channel, isClosed, at, isClosed ? session : null), null, cancellationToken);
            }
        }
        // A relay that the device closed by itself is left as it is until its journal has told why.
        await _leases.RepeatAsync(Wanted(rule), rule, !journals || link.Closed is not { Count: > 0 }, cancellationToken);
    }

    /// <summary>A relay is closed that is not to be: it is told to open, however it came to be closed.</summary>
    private async Task OpenUnlessHeldAsync(RelayChannel channel, CancellationToken cancellationToken)
    {
        if (_rule is { } rule && !Outputs.Holds(_state, rule, _parts.Clock.Now, channel))
            await _leases.RepeatAsync(Wanted(rule), rule, true, cancellationToken);
    }

    private async Task OfflineUseAsync(DeviceReport.OfflineUseReport use, DeviceTime at, JournalKey? record, CancellationToken cancellationToken)
    {
        var policy = _parts.Policy.Current;
        var (match, _) = _parts.Resolve.Find(policy, use.Number, use.Profile);
        if (!use.Granted || use.Session is not { } session)
        {
            // The device refused by itself: nothing moved. Its record is taken, its reason counted.
            _parts.Metrics.Taps.Add("offline_refused");
            _journal.Later([], record);
            return;
        }
        var recorded = new OfflineUseRecord
        {
            Session = session,
            Person = GatherFacts.Person(policy, match),
            Badge = match is Core.Badges.BadgeMatch.Known { Badge: var badge } ? badge : null,
            From = at,
            ListVersion = use.ListVersion,
        };
        var question = recorded.Person is null ? null : new AccessRequest
        {
            Now = _parts.Clock.Now, Machine = _id, Purpose = AccessPurpose.Continue, Person = recorded.Person, StorageHealthy = _parts.Journal.Health.Fault is null,
            Claims = [.. _parts.Floor.ClaimsElsewhere(_id), .. _state.Tracks.Claims],
        };
        var holder = question is null ? null : AccessRules.Ask(policy, question);
        // Whether it was their booking is asked for the moment of the tap: the record may come hours later.
        var then = question is null ? null : BookingClaim.Of(AccessRules.Ask(policy, question with { Now = at.At }));
        await TurnAsync(new MachineSignal.OfflineUse(recorded, holder, then), record, cancellationToken);
        await OpenUnlessHeldAsync(RelayChannel.Main, cancellationToken);
    }

    /// <summary>The device started anew, or lost lines of its journal. What it last knew of the relay is evidence; the rest stays unknown.</summary>
    private async Task UnknownTimeAsync(DeviceReport.UnknownTimeReport gap, JournalKey? record, CancellationToken cancellationToken)
    {
        var to = _parts.Clock.FromSystem(gap.To ?? gap.At);
        Instant? from = gap.From is { } known ? _parts.Clock.FromSystem(known) : null;
        if (gap.Why == UnknownTimeCauses.Lost)
        {
            var since = from ?? _state.Tracks.Main?.LastSeen.At ?? to;
            if (since < to)
                await TurnAsync(new MachineSignal.UnknownTime(since, to), record, cancellationToken);
            else
                _journal.Later([], record);
            return;
        }
        if (from is { } seen && _rule is { } rule)
        {
            foreach (var channel in Enum.GetValues<RelayChannel>())
            {
                if (_state.Tracks.Of(channel) is { } stretch && Leases.LeaseKeeper.Binding(rule, channel) is { } binding
                    && binding.Device == gap.Device && (gap.Channels >> binding.Channel & 1) == 1 && seen > stretch.LastSeen.At)
                    await TurnAsync(
                        new MachineSignal.RelayReported(channel, true, stretch.LastSeen.ShiftTo(seen), stretch.Session, FromJournal: true), null, cancellationToken);
            }
        }
        var boot = gap.Key?.Boot ?? _parts.DeviceClocks.At(gap.Device, to).Boot;
        await TurnAsync(new MachineSignal.DeviceBooted(new DeviceTime(boot, 0, to)), record, cancellationToken);
    }

    /// <summary>
    /// A relay that is being tried starts nothing. A dangerous machine is switched on only by one that opens by itself and has shown it,
    /// with the firmware it runs now.
    /// </summary>
    private LockOut? Unfit(MachineRule rule, Instant now)
    {
        if (rule.Device(DeviceRole.Relay)?.Device is not { } relay || _parts.Devices.Find(relay) is not { } device)
            return null;
        if (_parts.Trials.IsRunning(relay))
            return Refused("Le boîtier est à l’essai, pour quelques secondes. / The device is being tested, for a few seconds.", now);
        if (!rule.Dangerous)
            return null;
        if (_parts.Devices.IsProven(relay) && device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone))
        {
            _parts.Alarms.Clear(Supervision.AlarmCodes.DeviceUnfit, Code);
            return null;
        }
        var (alarm, words) = !_parts.Devices.IsProven(relay) && _parts.Devices.WasProven(relay)
            ? ("The relay bound to this dangerous machine was tested with another firmware. Test it again on its page.",
                "Le logiciel du boîtier a changé : il faut refaire son essai de coupure. / The device has new firmware: its switch-off test must be made again.")
            : device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone)
                ? ("The relay bound to this dangerous machine has not passed its test. Test it on its page.",
                    "Le boîtier n’a pas encore passé son essai de coupure. / The device has not passed its switch-off test yet.")
                : ("The relay bound to this dangerous machine does not open by itself when it is left alone, as far as is known. Test it on its page.",
                    "Le boîtier ne coupe pas le courant de lui-même. / The relay does not open by itself.");
        _parts.Alarms.Raise(Supervision.AlarmCodes.DeviceUnfit, Code, alarm);
        return Refused(words, now);
    }

    private static LockOut Refused(string words, Instant now) => new(default, words, null, now, LockOutReleaseRule.Manager);
}
