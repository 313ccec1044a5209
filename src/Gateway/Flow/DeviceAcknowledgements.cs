using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Flow;

/// <summary>
/// Records of one device may go to several machines and be committed out of order; one is acknowledged only when all with a
/// lower number that arrived before it are committed.
/// </summary>
internal sealed class DeviceAcknowledgements
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<uint, (JournalKey Key, bool Committed)> _waiting = [];

    /// <summary>A record arrived and is on its way into the journal.</summary>
    public void Received(JournalKey key)
    {
        lock (_gate)
            _waiting.TryAdd(key.Sequence, (key, false));
    }

    /// <summary>A record is durable.</summary>
    /// <returns>The records to acknowledge, oldest first; none when an earlier one is still on its way.</returns>
    public IReadOnlyList<JournalKey> Committed(JournalKey key)
    {
        lock (_gate)
        {
            if (!_waiting.ContainsKey(key.Sequence))
                return [];
            _waiting[key.Sequence] = (key, true);
            List<JournalKey> safe = [];
            while (_waiting.Count > 0)
            {
                var (sequence, (first, committed)) = _waiting.First();
                if (!committed)
                    break;
                safe.Add(first);
                _waiting.Remove(sequence);
            }
            return safe;
        }
    }
}
