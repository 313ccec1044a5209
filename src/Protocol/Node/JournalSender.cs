using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>Which records are to be sent now: oldest first, at most eight unacknowledged, again after 10 s, 20 s, 40 s, 60 s, 60 s…</summary>
internal sealed class JournalSender(JournalRing journal)
{
    private readonly Dictionary<uint, (long SentAt, int Tries)> _sent = [];

    public IEnumerable<JournalRecord> Due(long up)
    {
        foreach (var record in journal.Records.Take(Limits.JournalWindow))
        {
            if (!_sent.TryGetValue(record.Seq, out var sent) || up - sent.SentAt >= Wait(sent.Tries))
                yield return record;
        }
    }

    public void Sent(uint seq, long up) => _sent[seq] = (up, _sent.GetValueOrDefault(seq).Tries + 1);

    public void Forget(uint upTo)
    {
        foreach (var seq in _sent.Keys.Where(seq => seq <= upTo).ToList())
            _sent.Remove(seq);
    }

    public void Restart() => _sent.Clear();

    private static long Wait(int tries) => Math.Min((long)Limits.JournalResendMs << Math.Min(tries - 1, 8), Limits.JournalResendMaxMs);
}
