using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Leases;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>
/// One machine. Its loop is the only one that touches its state: it takes what lies in the inbox, asks Core what that means,
/// writes it down, and holds or opens the relay. What a report means is in <c>MachineActor.Reports.cs</c>; what follows from an
/// answer of Core is in <see cref="TakeAsync"/>.
/// </summary>
internal sealed partial class MachineActor
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(1);

    private readonly MachineId _id;
    private readonly FlowParts _parts;
    private readonly WriteDown _journal;
    private readonly LeaseKeeper _leases;
    private readonly TellTheMaker _tell;
    private readonly ILogger _logger;
    private readonly bool _restored;
    private MachineRule? _rule;
    private MachineState _state;
    private long _tickedAt;
    private bool _storageFailed;
    private Instant _askedAt;

    public MachineActor(MachineId id, FlowParts parts, MachineState? restored)
    {
        _id = id;
        _parts = parts;
        _logger = parts.Logs.CreateLogger<MachineActor>();
        _restored = restored is not null;
        _state = restored ?? MachineState.New;
        _rule = parts.Policy.Current.Machine(id);
        Inbox = new MachineInbox(parts.Time, parts.Metrics);
        _journal = new WriteDown(id, parts.Journal, () => Snapshot(_state), Acknowledge, Inbox.Wake);
        _leases = new LeaseKeeper(id, parts.Devices.Find, parts.Marks, parts.Clock, parts.Metrics, parts.Time);
        _tell = new TellTheMaker(parts.Devices.Find, parts.Language, () => (parts.Clock.Now, parts.Policy.Current.Zone.Id));
        _tickedAt = parts.Time.GetTimestamp();
        // Before any machine hears a tap, all of them know what was claimed at the others.
        parts.Floor.Set(id, _state);
    }

    public MachineInbox Inbox { get; }

    public MachineId Id => _id;

    /// <summary>As it stands now; for pages and metrics.</summary>
    public MachineState State => Volatile.Read(ref _state);

    public string Code => _rule?.Code ?? _id.ToString();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var alarm = _parts.Time.CreateTimer(_ => Inbox.Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await BeginAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            // Renewals first: nothing that lies in the inbox may let a lease run out.
            if (_leases.DueIn <= TimeSpan.Zero && _rule is { } rule)
                await _leases.RenewAsync(Wanted(rule), rule, cancellationToken);
            await _journal.SettleAsync();
            if (NeedsTicks && _parts.Time.GetElapsedTime(_tickedAt) >= TickEvery)
            {
                _tickedAt = _parts.Time.GetTimestamp();
                await FollowStorageAsync(cancellationToken);
                await FollowBookingsAsync(cancellationToken);
                await TurnAsync(new MachineSignal.Tick(), null, cancellationToken);
            }
            if (Inbox.TryTake(out var message))
            {
                await HandleAsync(message, cancellationToken);
                continue;
            }
            alarm.Change(NextDue(), Timeout.InfiniteTimeSpan);
            await Inbox.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// The gateway is being stopped. A machine that finishes by itself when it is left alone is left alone; every other use ends
    /// now, with its relay open, rather than a lease later.
    /// </summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_rule is { } rule)
        {
            if (rule.LostLink == LostLinkRule.Finish && _state.Session is not null)
                _leases.LetGo();
            else
                await TurnAsync(new MachineSignal.StopRequested(null), null, cancellationToken);
        }
        await _journal.FlushAsync();
    }

    /// <summary>Something in this loop broke. Whatever is true, the relays open; what had happened is written down if it can be.</summary>
    public async Task FailAsync(CancellationToken cancellationToken)
    {
        if (_rule is { } rule)
            await _leases.OpenAllAsync(rule, cancellationToken);
        await _journal.FlushAsync();
    }

    private bool NeedsTicks => _state is not (MachineState.Idle or MachineState.LockedOut) || _state.Tracks.Main is not null || _state.Tracks.Exhaust is not null;

    private TimeSpan NextDue()
    {
        var next = Timeout.InfiniteTimeSpan;
        if (NeedsTicks)
            next = Positive(TickEvery - _parts.Time.GetElapsedTime(_tickedAt));
        if (_leases.DueIn is { } due && (next == Timeout.InfiniteTimeSpan || due < next))
            next = Positive(due);
        return next;
    }

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_rule is not { } rule)
            return;
        foreach (var (channel, stretch) in new[] { (RelayChannel.Main, _state.Tracks.Main), (RelayChannel.Exhaust, _state.Tracks.Exhaust) })
        {
            if (stretch is not null && LeaseKeeper.Binding(rule, channel) is { } binding)
                _parts.DeviceClocks.Remember(binding.Device, stretch.LastSeen);
        }
        if (_restored)
            await TurnAsync(new MachineSignal.GatewayRestarted(_leases.LastRenewal), null, cancellationToken);
        await RulesChangedAsync(rule, cancellationToken);
        await SeeDeviceAsync(rule, cancellationToken);
    }

    private async Task HandleAsync(MachineMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case MachineMessage.Reported reported:
                await HandleReportAsync(reported, cancellationToken);
                break;
            case MachineMessage.RulesChanged:
                await FollowRulesAsync(cancellationToken);
                break;
            case MachineMessage.StorageChanged:
                await FollowStorageAsync(cancellationToken);
                break;
            case MachineMessage.Asked asked:
                try
                {
                    asked.Answer.TrySetResult(await TurnAsync(asked.Signal, null, cancellationToken));
                }
                catch (Exception e)
                {
                    asked.Answer.TrySetException(e);
                    throw;
                }
                break;
        }
    }

    private async Task FollowRulesAsync(CancellationToken cancellationToken)
    {
        var rule = _parts.Policy.Current.Machine(_id);
        if (rule is null)
        {
            if (_rule is { } gone)
            {
                // The machine is no longer of this lab: its use ends by the rule it had.
                await TurnAsync(new MachineSignal.StopRequested(null), null, cancellationToken);
                await _leases.OpenAllAsync(gone, cancellationToken);
                _rule = null;
            }
            return;
        }
        var switchedAnew = _rule is null || !SwitchedBy(_rule).SequenceEqual(SwitchedBy(rule));
        if (_rule is { } before && !SwitchedBy(before).SequenceEqual(SwitchedBy(rule)))
        {
            // Another device switches it from now on. The use was begun in front of the old one: it ends there, and nothing starts by itself.
            if (_state.Session is not null)
                await TurnAsync(new MachineSignal.StopRequested(null), null, cancellationToken);
            await _leases.OpenAllAsync(before, cancellationToken);
        }
        // Most changes are about other machines and other people.
        if (ReferenceEquals(rule, _rule) && _state.Session is null)
            return;
        await RulesChangedAsync(rule, cancellationToken);
        if (switchedAnew)
            await SeeDeviceAsync(rule, cancellationToken);
    }

    /// <summary>A device that came before the machine did will not say so again.</summary>
    private async Task SeeDeviceAsync(MachineRule rule, CancellationToken cancellationToken)
    {
        if (_state.Tracks is { LastSeq: 0 } or { LinkDown: true } && rule.Device(DeviceRole.Relay) is { } relay && _parts.Devices.IsOnline(relay.Device))
            await TurnAsync(new MachineSignal.LinkRestored(), null, cancellationToken);
    }

    private static IEnumerable<DeviceBinding> SwitchedBy(MachineRule rule) => rule.Devices.Where(d => d.Role is DeviceRole.Relay or DeviceRole.Exhaust);

    private async Task RulesChangedAsync(MachineRule rule, CancellationToken cancellationToken)
    {
        _rule = rule;
        _askedAt = _parts.Clock.Now;
        var question = _parts.Gather.ForHolder(_parts.Policy.Current, _id, _state, _parts.Clock.Now, MayGoOnUnwritten);
        var holder = question is null ? null : AccessRules.Ask(_parts.Policy.Current, question);
        await TurnAsync(new MachineSignal.PolicyChanged(holder), null, cancellationToken);
    }

    /// <summary>A booking has come near or begun: who uses the machine may claim it by that, or has another end.</summary>
    private async Task FollowBookingsAsync(CancellationToken cancellationToken)
    {
        if (_rule is { } rule && MachineSessions.IsDueAgain(_parts.Policy.Current, _state, _id, _askedAt, _parts.Clock.Now))
            await RulesChangedAsync(rule, cancellationToken);
    }

    private async Task FollowStorageAsync(CancellationToken cancellationToken)
    {
        if (_parts.Journal.Health.Fault is null)
        {
            _storageFailed = false;
            _journal.Resume();
        }
        else if (!_storageFailed && !MayGoOnUnwritten)
        {
            _storageFailed = true;
            await TurnAsync(new MachineSignal.StorageFailed(), null, cancellationToken);
        }
    }

    /// <summary>
    /// A journal that fails is to a running machine what a lost link is: one that opens then ends now, one that finishes goes on,
    /// as long as it would without us. What happens meanwhile is kept in memory and written when the disk is back.
    /// </summary>
    private bool MayGoOnUnwritten =>
        _rule is { LostLink: LostLinkRule.Finish } rule && _state.Session is not null
        && Duration.FromTimeSpan(_parts.Journal.Health.FailingFor) < rule.LostLinkCap;

    /// <summary>STEP 4 for everything that is not a tap: Core says what it means.</summary>
    private async Task<MachineReply?> TurnAsync(MachineSignal signal, JournalKey? record, CancellationToken cancellationToken)
    {
        if (_rule is not { } rule)
        {
            // Nothing is known of this machine now. The device's record is taken all the same.
            _journal.Later([], record);
            return null;
        }
        var turn = MachineSessions.Decide(_state, signal, rule, _parts.Clock.Now);
        // What would have kept a relay closed and could not be written down has not happened. A device's record of it is not
        // acknowledged either: the device sends it again.
        if (await TakeAsync(turn, rule, record, cancellationToken) is not null)
            return null;
        // Who asked in vain from a screen is told there; whoever stands at the machine need not know.
        if (turn.Reply is { Kind: not ReplyKind.NothingToDo } reply)
            await _tell.SayAsync(reply, rule, null, cancellationToken);
        return turn.Reply;
    }

    /// <summary>
    /// What follows from an answer of Core. Before a relay closes, or is held for somebody else, all that led to it is durable;
    /// if it cannot be, it has not happened (I10). Everything else has happened: the relay opens first, the disk comes after.
    /// </summary>
    /// <returns>Why it has not happened; null when it has.</returns>
    private async Task<StorageFault?> TakeAsync(MachineTurn turn, MachineRule rule, JournalKey? record, CancellationToken cancellationToken)
    {
        var closes = Closes(Outputs.For(_state, rule, _parts.Clock.Now), Outputs.For(turn.State, rule, _parts.Clock.Now));
        if (closes && await _journal.NowAsync(turn.Events, Snapshot(turn.State), record) is { } fault)
            return fault;
        Volatile.Write(ref _state, turn.State);
        _parts.Floor.Set(_id, turn.State);
        await _leases.ApplyAsync(Wanted(rule), rule, cancellationToken);
        if (!closes && (turn.Events.Count > 0 || record is not null))
            _journal.Later(turn.Events, record);
        Announce(turn.Events);
        return null;
    }

    private ValueList<HeldRelay> Wanted(MachineRule rule) => Outputs.For(_state, rule, _parts.Clock.Now);

    private static bool Closes(ValueList<HeldRelay> before, ValueList<HeldRelay> after)
    {
        foreach (var relay in after)
        {
            var held = !relay.Renew;
            foreach (var other in before)
                held |= other.Renew && other.Channel == relay.Channel && other.Session == relay.Session;
            if (!held)
                return true;
        }
        return false;
    }

    private MachineSnapshot Snapshot(MachineState state) => new(_id, _parts.Clock.Now, WriteDown.Write(state));

    private void Acknowledge(JournalKey record) => _ = _parts.Devices.AcknowledgeAsync(record, _logger);

    private void Announce(ValueList<MachineEvent> events)
    {
        foreach (var happened in events)
        {
            switch (happened)
            {
                case MachineEvent.FaultRaised fault:
                    _parts.Alarms.Raise(
                        fault.Kind == MachineFault.WeldedContact ? Supervision.AlarmCodes.WeldedContact : Supervision.AlarmCodes.ClosedUnasked,
                        Code, SessionWords.Of(fault.Kind).En, reported: true);
                    break;
                case MachineEvent.FaultSettled:
                    _parts.Alarms.Clear(Supervision.AlarmCodes.WeldedContact, Code);
                    _parts.Alarms.Clear(Supervision.AlarmCodes.ClosedUnasked, Code);
                    break;
                case MachineEvent.SessionStarted started:
                    Log.Started(_logger, Code, started.Session.Id);
                    break;
                case MachineEvent.SessionEnded ended:
                    Log.Ended(_logger, Code, ended.Session, ended.Why);
                    break;
                case MachineEvent.AlarmRaised alarm:
                    Log.MachineAlarm(_logger, Code, alarm.Kind);
                    break;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4601, LogLevel.Information, "{Machine}: session {Session} started")]
        public static partial void Started(ILogger logger, string machine, SessionId session);

        [LoggerMessage(4602, LogLevel.Information, "{Machine}: session {Session} ended ({Why})")]
        public static partial void Ended(ILogger logger, string machine, SessionId session, EndReason why);

        [LoggerMessage(4603, LogLevel.Warning, "{Machine}: {Kind}")]
        public static partial void MachineAlarm(ILogger logger, string machine, MachineAlarm kind);

        [LoggerMessage(4604, LogLevel.Information, "{Machine}: tap refused ({Reason})")]
        public static partial void Refused(ILogger logger, string machine, string reason);

        [LoggerMessage(4605, LogLevel.Warning, "{Machine}: a tap was refused because it cannot be written down ({Fault})")]
        public static partial void RefusedForStorage(ILogger logger, string machine, StorageFaultKind fault);

        [LoggerMessage(4606, LogLevel.Information, "{Machine}: a tap came too late ({Age} ms) and was only noted")]
        public static partial void Stale(ILogger logger, string machine, long age);
    }
}
