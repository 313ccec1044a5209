using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Flow;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Uploading;

namespace FabLab.Gateway;

/// <summary>One machine as the gateway sees it; no person.</summary>
/// <param name="Id">The machine.</param>
/// <param name="Code">Its code.</param>
/// <param name="State">Stable code of its state.</param>
/// <param name="Session">The session under way.</param>
public sealed record MachineStatus(MachineId Id, string Code, string State, SessionId? Session);

/// <summary>What the running gateway can be asked: how it stands, and to stop a machine.</summary>
public sealed class GatewayStatus
{
    private Parts? _parts;
    private string? _failed;

    /// <summary>Why the gateway failed; null while it has not.</summary>
    public string? Failed => Volatile.Read(ref _failed);

    /// <summary>Whether machines are looked after.</summary>
    public bool Running => Volatile.Read(ref _parts) is not null && Failed is null;

    public IReadOnlyList<MachineStatus> Machines =>
        [.. (Volatile.Read(ref _parts)?.Machines.Machines ?? []).Select(m => new MachineStatus(m.Id, m.Code, m.State.Code, m.State.Session?.Id)).OrderBy(m => m.Code, StringComparer.Ordinal)];

    public IReadOnlyList<DeviceHealth> Devices => Volatile.Read(ref _parts)?.Devices.Health ?? [];

    /// <summary>Ends the use of a machine from a screen.</summary>
    /// <returns>What the machine answered; null when there is no such machine.</returns>
    public Task<MachineReply?> StopAsync(MachineId machine, PersonId by, CancellationToken cancellationToken) =>
        AskAsync(machine, new MachineSignal.StopRequested(by), cancellationToken);

    /// <summary>Somebody has looked at a relay and says that it is in order.</summary>
    public Task<MachineReply?> ClearFaultAsync(MachineId machine, PersonId by, CancellationToken cancellationToken) =>
        AskAsync(machine, new MachineSignal.FaultCleared(by), cancellationToken);

    /// <summary>Sets the project of the use under way.</summary>
    public Task<MachineReply?> ChooseProjectAsync(MachineId machine, ProjectId? project, CancellationToken cancellationToken) =>
        AskAsync(machine, new MachineSignal.ProjectChosen(project), cancellationToken);

    internal void Run(MachineFloor machines, FlowParts parts, DeviceSet devices, JournalUploader uploader)
    {
        Volatile.Write(ref _parts, new Parts(machines, devices));
        var metrics = parts.Metrics;
        metrics.Gauge("fablab_machines_in_use", "Machines with a session", () => parts.Floor.Count);
        metrics.Gauge("fablab_devices_online", "Devices that answer", () => parts.Devices.All.Count(d => d.Online));
        metrics.Gauge("fablab_devices_open", "Devices that are looked after", () => parts.Devices.All.Count);
        metrics.Gauge("fablab_policy_revision", "Revision of the rules", () => parts.Policy.Current.Revision);
        metrics.Gauge("fablab_policy_age_seconds", "Seconds since Booking confirmed the rules", () => parts.Policy.Age.TotalSeconds);
        metrics.Gauge("fablab_journal_lines", "Number of the newest line", () => parts.Journal.LastSequence);
        metrics.Gauge("fablab_journal_waiting", "Lines that Booking does not have yet", () => uploader.Waiting);
        metrics.Gauge("fablab_journal_failing", "1 while nothing can be written", () => parts.Journal.Health.Fault is null ? 0 : 1);
        metrics.Gauge("fablab_journal_failures", "Writes that failed since the start", () => parts.Journal.Health.Failures);
        metrics.Gauge("fablab_journal_commits", "Transactions since the start", () => parts.Journal.WriterCounts.Groups);
        metrics.Gauge("fablab_heap_bytes", "Managed memory in use after the last collection of garbage", () => GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes);
        metrics.Gauge("fablab_alarms", "Alarms that are on", "code", () =>
            parts.Alarms.Active.GroupBy(a => a.Code).Select(g => KeyValuePair.Create(g.Key, (double)g.Count())));
    }

    internal void Fail(string cause) => Volatile.Write(ref _failed, cause);

    internal async Task<MachineReply?> AskAsync(MachineId machine, MachineSignal signal, CancellationToken cancellationToken) =>
        Volatile.Read(ref _parts) is { } parts ? await parts.Machines.AskAsync(machine, signal, cancellationToken) : null;

    private sealed record Parts(MachineFloor Machines, DeviceSet Devices);
}
