namespace FabLab.Protocol.Peer;

/// <summary>Which records are with the store, which are on the way, and up to where all are safe.</summary>
internal sealed class PeerJournal(uint acked)
{
    private readonly HashSet<uint> _given = [];
    private readonly HashSet<uint> _committed = [];
    private readonly Dictionary<uint, int> _attempts = [];
    private readonly SortedSet<uint> _aside = [];

    public uint Acked { get; private set; } = acked;

    // Something came that has a hole before it.
    public bool HasHole => (_given.Count > 0 || _committed.Count > 0) && !_given.Contains(Acked + 1) && !_committed.Contains(Acked + 1);

    public bool IsSafe(uint seq) => seq <= Acked || _committed.Contains(seq);

    public bool TryGive(uint seq) => seq > Acked && seq - Acked <= Limits.JournalAhead && !_committed.Contains(seq) && _given.Add(seq);

    public bool IsBeyond(uint seq) => seq > Acked && seq - Acked > Limits.JournalAhead;

    public bool Commit(uint seq)
    {
        if (seq <= Acked)
            return false;
        _given.Remove(seq);
        _attempts.Remove(seq);
        _committed.Add(seq);
        return Advance();
    }

    public void Release(uint seq) => _given.Remove(seq);

    public int Attempt(uint seq)
    {
        _attempts[seq] = _attempts.GetValueOrDefault(seq) + 1;
        return _attempts[seq];
    }

    public void Aside(uint seq) => _aside.Add(seq);

    public IReadOnlyList<uint> TakeAside()
    {
        var safe = _aside.Where(seq => seq <= Acked).Take(16).ToList();
        _aside.ExceptWith(safe);
        return safe;
    }

    public void Restart(uint acked)
    {
        Acked = acked;
        _given.RemoveWhere(seq => seq <= acked);
        _committed.RemoveWhere(seq => seq <= acked);
        Advance();
    }

    public void Clear(uint acked)
    {
        Acked = acked;
        _given.Clear();
        _committed.Clear();
        _attempts.Clear();
        _aside.Clear();
    }

    private bool Advance()
    {
        var before = Acked;
        while (_committed.Remove(Acked + 1))
            Acked++;
        return Acked != before;
    }
}
