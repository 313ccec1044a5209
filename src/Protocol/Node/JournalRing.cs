using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>
/// The device's journal: numbers never skip, nothing is overwritten. As it fills it takes less:
/// periodic records up to 3/4, badges and refusals up to 7/8, starts up to 15/16, boots and faults up to 31/32, stops to the last place.
/// So a start is refused before a stop could be lost.
/// </summary>
public sealed class JournalRing
{
    private readonly Queue<JournalRecord> _records = new();

    /// <summary>An empty journal.</summary>
    /// <param name="capacity">Places, at least 64; a device has <see cref="Limits.JournalRecords"/> or more.</param>
    public JournalRing(int capacity = Limits.JournalRecords)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 64);
        Capacity = capacity;
    }

    /// <summary>Places.</summary>
    public int Capacity { get; }

    /// <summary>Number of the newest record ever written; 0 before the first.</summary>
    public uint Last { get; private set; }

    /// <summary>Number of the oldest record kept; one above <see cref="Last"/> when empty.</summary>
    public uint First => Last + 1 - (uint)_records.Count;

    /// <summary>Records kept.</summary>
    public int Count => _records.Count;

    /// <summary>Records that found no room since enrolment.</summary>
    public uint Lost { get; private set; }

    /// <summary>Those of them not yet told by a <see cref="LostRecord"/>.</summary>
    public uint LostUntold { get; private set; }

    /// <summary>Records, oldest first.</summary>
    public IEnumerable<JournalRecord> Records => _records;

    /// <summary>Whether a record of this kind would find room.</summary>
    /// <param name="kind">Name of the kind on the wire.</param>
    /// <returns>Whether.</returns>
    public bool HasRoom(string kind) => _records.Count < Capacity - kind switch
    {
        "use" => Capacity / 4,
        "badge" or "deny" => Capacity / 8,
        "grant" or "on" => Capacity / 16,
        "off" or "lost" => 0,
        _ => Capacity / 32,
    };

    /// <summary>Whether a start would find room for the two records it may need.</summary>
    public bool HasRoomForStart => _records.Count + 2 <= Capacity - (Capacity / 16);

    /// <summary>Appends a record, or counts it as lost.</summary>
    /// <param name="make">Makes the record with the number given.</param>
    /// <returns>The record, or null when there was no room.</returns>
    public JournalRecord? Append(Func<uint, JournalRecord> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        var record = make(Last + 1);
        if (!HasRoom(record.Kind))
        {
            Lost++;
            LostUntold++;
            return null;
        }

        Last++;
        _records.Enqueue(record);
        if (record is LostRecord)
            LostUntold = 0;
        return record;
    }

    /// <summary>Forgets what the gateway has.</summary>
    /// <param name="seq">Highest number it has.</param>
    /// <returns>Whether anything was forgotten. A number not yet written is no acknowledgement.</returns>
    public bool Acknowledge(uint seq)
    {
        if (seq > Last)
            return false;
        var before = _records.Count;
        while (_records.TryPeek(out var record) && record.Seq <= seq)
            _records.Dequeue();
        return _records.Count != before;
    }

    internal void Load(uint last, uint lost, uint untold, IEnumerable<JournalRecord> records)
    {
        (Last, Lost, LostUntold) = (last, lost, untold);
        foreach (var record in records)
            _records.Enqueue(record);
    }
}
