using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Flow;

/// <summary>
/// An acknowledgement says "up to and including": the device forgets everything before it. Records of one device may go to
/// several machines and be committed out of order, so one is acknowledged only when all that arrived before it are committed.
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
    /// <returns>The record up to which the device may forget, or null when an earlier one is still on its way.</returns>
    public JournalKey? Committed(JournalKey key)
    {
        lock (_gate)
        {
            if (!_waiting.ContainsKey(key.Sequence))
                return null;
            _waiting[key.Sequence] = (key, true);
            JournalKey? upTo = null;
            while (_waiting.Count > 0)
            {
                var (sequence, (first, committed)) = _waiting.First();
                if (!committed)
                    break;
                upTo = first;
                _waiting.Remove(sequence);
            }
            return upTo;
        }
    }
}
