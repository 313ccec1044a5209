using System.Collections.Concurrent;
using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Links;
using FabLab.Gateway.Supervision;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>
/// All machines of the gateway, each with its own loop. Reports come in here and go to the machine they are about; new rules go to
/// all. A loop that breaks opens its relays, and begins again from what is on disk.
/// </summary>
internal sealed partial class MachineFloor(FlowParts parts) : IDisposable
{
    private static readonly BackoffOptions Again = new() { First = TimeSpan.FromMilliseconds(500), Longest = TimeSpan.FromSeconds(30) };

    private readonly ILogger _logger = parts.Logs.CreateLogger<MachineFloor>();
    private readonly ConcurrentDictionary<MachineId, MachineActor> _actors = [];
    private readonly ConcurrentDictionary<MachineId, Task> _loops = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private ReportRouter _router = new(LabPolicy.Empty);

    public IReadOnlyCollection<MachineActor> Machines => [.. _actors.Values];

    public MachineActor? Find(MachineId machine) => _actors.GetValueOrDefault(machine);

    /// <summary>Puts every machine back where the journal says it stood, and follows the rules from now on.</summary>
    public void Start()
    {
        var snapshots = parts.Journal.ReadSnapshots().ToDictionary(s => s.Machine);
        lock (_gate)
        {
            foreach (var (machine, snapshot) in snapshots)
                Begin(machine, Restore(snapshot));
            Follow(parts.Policy.Current);
        }
        parts.Policy.Changed += OnRules;
        parts.Journal.Health.Changed += OnStorage;
    }

    /// <summary>
    /// Takes a report of a device. Returns when it lies in the inbox of every machine it is about; a full inbox holds the device
    /// back. A record of its journal is acknowledged later, after the commit.
    /// </summary>
    public async ValueTask TakeAsync(DeviceReport report, CancellationToken cancellationToken)
    {
        var record = report.Key;
        if (record is { } key)
            parts.Devices.Acknowledgements(report.Device).Received(key);
        if (parts.Trials.Takes(report))
        {
            // Nobody uses a machine meanwhile: the record is taken, and it is nobody's minute.
            if (record is { } tried)
                Keep(tried, []);
            return;
        }
        var told = false;
        foreach (var (machine, channel) in Volatile.Read(ref _router).Targets(report))
        {
            if (!_actors.TryGetValue(machine, out var actor))
                continue;
            var message = new MachineMessage.Reported(report, channel, record);
            if (report is DeviceReport.BadgeRead { Live: true, Key: null })
                told |= await actor.Inbox.PostTapAsync(message, cancellationToken);
            else
            {
                await actor.Inbox.PostAsync(message, cancellationToken);
                told = true;
            }
            // The record has one place in the journal; to the others the report is news without a name.
            record = null;
        }
        var stranger = report is DeviceReport.BadgeRead { Live: true } tap ? StrangerBadges.Line(parts, tap, taken: told) : null;
        if (stranger is not null && record is null)
            _ = parts.Journal.CommitAsync(new JournalCommit { Entries = [stranger] });
        if (!told && report is not (DeviceReport.LinkReport or DeviceReport.DeviceFaultReport))
            parts.Metrics.Unbound.Add(report.Device.Value);
        if (record is { } unbound)
            KeepUnbound(report, unbound, stranger);
    }

    /// <summary>Asks a machine for something from a screen; null when there is no such machine.</summary>
    public async Task<MachineReply?> AskAsync(MachineId machine, MachineSignal signal, CancellationToken cancellationToken)
    {
        if (!_actors.TryGetValue(machine, out var actor))
            return null;
        var answer = new TaskCompletionSource<MachineReply?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await actor.Inbox.PostAsync(new MachineMessage.Asked(signal, answer), cancellationToken);
        return await answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends every loop, then every use that may not go on alone, then writes down what is left.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        parts.Policy.Changed -= OnRules;
        parts.Journal.Health.Changed -= OnStorage;
        await _stop.CancelAsync();
        await Task.WhenAll(_loops.Values);
        await Task.WhenAll(_actors.Values.Select(a => a.EndAsync(cancellationToken)));
    }

    public void Dispose() => _stop.Dispose();

    private void OnRules(LabPolicy policy)
    {
        lock (_gate)
            Follow(policy);
    }

    private void Follow(LabPolicy policy)
    {
        Volatile.Write(ref _router, new ReportRouter(policy));
        foreach (var machine in policy.Machines)
        {
            if (!_actors.ContainsKey(machine.Id))
                Begin(machine.Id, null);
        }
        Tell(new MachineMessage.RulesChanged());
    }

    private void OnStorage(StorageFault? fault) => Tell(new MachineMessage.StorageChanged());

    private void Tell(MachineMessage message)
    {
        foreach (var actor in _actors.Values)
            _ = PostAsync(actor, message);
    }

    private async Task PostAsync(MachineActor actor, MachineMessage message)
    {
        try
        {
            await actor.Inbox.PostAsync(message, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The floor is being stopped; nobody reads this inbox any more.
            Log.NotTold(_logger, actor.Code);
        }
    }

    private void Begin(MachineId machine, MachineState? restored)
    {
        var actor = new MachineActor(machine, parts, restored);
        if (_actors.TryAdd(machine, actor))
            _loops[machine] = Task.Run(() => LoopAsync(actor));
    }

    private async Task LoopAsync(MachineActor actor)
    {
        var backoff = new Backoff(Again);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await actor.RunAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.LoopBroke(_logger, actor.Code, e);
                parts.Alarms.Raise(AlarmCodes.LoopFailed, actor.Code, "The loop of this machine broke; its relay was opened and it began again. See the log.");
            }
            try
            {
                await actor.FailAsync(_stop.Token);
                await Task.Delay(backoff.Next(), parts.Time, _stop.Token);
                var again = new MachineActor(actor.Id, parts, Stored(actor.Id));
                _actors[actor.Id] = again;
                actor = again;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.LoopBroke(_logger, actor.Code, e);
            }
        }
    }

    private MachineState? Stored(MachineId machine) =>
        parts.Journal.ReadSnapshots().FirstOrDefault(s => s.Machine == machine) is { } snapshot ? Restore(snapshot) : null;

    private MachineState? Restore(MachineSnapshot snapshot)
    {
        try
        {
            return WriteDown.Read(snapshot.Json);
        }
        catch (JsonException e)
        {
            // It begins as a machine that nobody uses: its relays are told to open.
            Log.NotRestored(_logger, snapshot.Machine, e);
            parts.Alarms.Raise(AlarmCodes.LoopFailed, snapshot.Machine.ToString(), "The stored state of this machine cannot be read; it begins anew, off.");
            return null;
        }
    }

    /// <summary>A record of a device or channel that belongs to no machine: kept and flagged, for it will not come again (I4).</summary>
    private void KeepUnbound(DeviceReport report, JournalKey record, JournalEntry? stranger)
    {
        var fault = report as DeviceReport.DeviceFaultReport;
        var entries = new List<JournalEntry>();
        if (stranger is not null)
        {
            // The reader of a front desk belongs to no machine: a tap there is no fault.
            entries.Add(stranger with { Record = record });
        }
        else if (report is not DeviceReport.UnknownTimeReport { Channels: 0 })
        {
            var alarm = new GatewayAlarm(
                fault is null ? "unbound_record" : AlarmCodes.DeviceFault,
                fault is null
                    ? $"A {report.GetType().Name} of a channel that no machine is bound to, at {report.At}."
                    : $"{fault.Code} ({(fault.Standing ? "standing" : "over")}): {fault.Detail}",
                report.Device);
            entries.Add(new JournalEntry(null, parts.Clock.Now, JournalKinds.Alarm, JsonSerializer.Serialize(alarm, CoreJson.Options), record));
        }
        Keep(record, entries);
    }

    /// <summary>The reports that come after it do not wait for the disk: a tap at another machine is among them.</summary>
    private void Keep(JournalKey record, IReadOnlyList<JournalEntry> entries) => _ = KeepAsync(record, entries);

    private async Task KeepAsync(JournalKey record, IReadOnlyList<JournalEntry> entries)
    {
        if (await parts.Journal.CommitAsync(new JournalCommit { Entries = entries, Records = [record] }) is not JournalResult.Failed)
            await parts.Devices.AcknowledgeAsync(record, _logger);
    }

    private static partial class Log
    {
        [LoggerMessage(4701, LogLevel.Error, "{Machine}: its loop broke")]
        public static partial void LoopBroke(ILogger logger, string machine, Exception exception);

        [LoggerMessage(4702, LogLevel.Error, "{Machine}: its stored state cannot be read")]
        public static partial void NotRestored(ILogger logger, MachineId machine, Exception exception);

        [LoggerMessage(4703, LogLevel.Debug, "{Machine}: not told any more")]
        public static partial void NotTold(ILogger logger, string machine);
    }
}
