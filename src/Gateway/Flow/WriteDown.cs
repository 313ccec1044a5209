using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>
/// STEP 5. The journal of one machine. <see cref="NowAsync"/> is for what may close a relay: it is durable, or it has not happened.
/// <see cref="Later"/> is for everything else: it has happened, it is kept until it is durable, and nobody waits for the disk.
/// Lines of one machine are written in the order in which they happened. Used by the machine's own loop only.
/// </summary>
internal sealed class WriteDown(
    MachineId machine, GatewayJournal journal, Func<MachineSnapshot> snapshot, Action<JournalKey> durable, Action wake)
{
    private readonly List<JournalEntry> _entries = [];
    private readonly List<JournalKey> _records = [];
    private (List<JournalEntry> Entries, List<JournalKey> Records)? _sent;
    private Task<JournalResult>? _inFlight;

    /// <summary>Something is not durable yet.</summary>
    public bool Behind => _entries.Count > 0 || _records.Count > 0 || _inFlight is not null;

    /// <summary>Lines that could not be written so far.</summary>
    public int Waiting => _entries.Count;

    public static IEnumerable<JournalEntry> Lines(MachineId machine, ValueList<MachineEvent> events, JournalKey? record) =>
        from happened in events
        where happened.Durable
        select new JournalEntry(machine, happened.At, JournalKinds.Event, JsonSerializer.Serialize(happened, CoreJson.Options), record);

    public static string Write(MachineState state) => JsonSerializer.Serialize(state, CoreJson.Options);

    public static MachineState? Read(string json) => JsonSerializer.Deserialize<MachineState>(json, CoreJson.Options);

    /// <summary>It has happened; write it as soon as the disk takes it.</summary>
    public void Later(ValueList<MachineEvent> events, JournalKey? record)
    {
        var before = _entries.Count;
        _entries.AddRange(Lines(machine, events, record));
        if (record is { } key && _entries.Count == before)
            _records.Add(key);
        Send();
    }

    /// <summary>Makes it durable, with everything that waits, before it counts.</summary>
    /// <returns>Why it has not happened; null when it has.</returns>
    public Task<StorageFault?> NowAsync(ValueList<MachineEvent> events, MachineSnapshot after, JournalKey? record) =>
        LinesNowAsync([.. Lines(machine, events, record)], after, record);

    /// <summary>The same for lines that are no events of the machine's session.</summary>
    /// <returns>Why it has not happened; null when it has.</returns>
    public async Task<StorageFault?> LinesNowAsync(IReadOnlyList<JournalEntry> lines, MachineSnapshot after, JournalKey? record)
    {
        // Again and again: settling may send what has come together meanwhile.
        while (_inFlight is { } inFlight)
        {
            if (!await journal.AnswersAsync(inFlight))
                return StorageFault.Silent;
            await SettleAsync();
        }
        var commit = new JournalCommit
        {
            Entries = [.. _entries, .. lines],
            Records = record is { } key ? [.. _records, key] : [.. _records],
            Snapshot = after,
        };
        var result = await journal.CommitNowAsync(commit, snapshot());
        if (result is JournalResult.Failed { Fault: var fault })
            return fault;
        _entries.Clear();
        _records.Clear();
        Tell(commit.Entries, commit.Records);
        return null;
    }

    /// <summary>Looks at what became of the last write, and sends what has come together since. Called when the loop wakes.</summary>
    public async ValueTask SettleAsync()
    {
        if (_inFlight is not { IsCompleted: true } done)
            return;
        var (entries, records) = _sent!.Value;
        _inFlight = null;
        _sent = null;
        if (await done is JournalResult.Failed)
        {
            // It goes back to the front. The next attempt is made when the journal works again.
            _entries.InsertRange(0, entries);
            _records.InsertRange(0, records);
            if (journal.Health.Fault is not null)
                return;
        }
        else
        {
            Tell(entries, records);
        }
        Send();
    }

    /// <summary>The journal takes writes again.</summary>
    public void Resume() => Send();

    /// <summary>Waits until everything is durable or cannot be, or the disk does not answer.</summary>
    public async Task FlushAsync()
    {
        Send();
        while (_inFlight is { } inFlight && await journal.AnswersAsync(inFlight))
            await SettleAsync();
    }

    private void Send()
    {
        if (_inFlight is not null || (_entries.Count == 0 && _records.Count == 0))
            return;
        var sent = (Entries: _entries.ToList(), Records: _records.ToList());
        _entries.Clear();
        _records.Clear();
        _sent = sent;
        _inFlight = journal.CommitAsync(new JournalCommit { Entries = sent.Entries, Records = sent.Records, Snapshot = snapshot() });
        _ = WakeAfterAsync(_inFlight);
    }

    /// <summary>Wakes the loop when the write is over, and not a moment before: it must find it so.</summary>
    private async Task WakeAfterAsync(Task<JournalResult> write)
    {
        await ((Task)write).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        wake();
    }

    private void Tell(IReadOnlyList<JournalEntry> entries, IReadOnlyList<JournalKey> records)
    {
        foreach (var key in entries.Select(e => e.Record).OfType<JournalKey>().Concat(records).Distinct())
            durable(key);
    }
}
