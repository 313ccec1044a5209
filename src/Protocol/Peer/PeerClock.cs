namespace FabLab.Protocol.Peer;

/// <summary>Matches a device's uptime to the gateway's clocks by challenges that only a running device can answer.</summary>
internal sealed class PeerClock
{
    private const int Asked = 4;
    private const long Stale = 10 * 60_000;

    private readonly Queue<(string Challenge, long SentMono)> _asked = new();
    private long _offset;
    private long _sampledAt;
    private int _roundTrip;

    public bool IsMatched { get; private set; }

    public void Restart()
    {
        IsMatched = false;
        _asked.Clear();
    }

    public void Ask(string challenge, long monoMs)
    {
        _asked.Enqueue((challenge, monoMs));
        if (_asked.Count > Asked)
            _asked.Dequeue();
    }

    // The device read its clock between our sending and our receiving, so the error is at most the round trip.
    public int? Answer(string challenge, long up, long monoMs)
    {
        foreach (var (asked, sent) in _asked)
        {
            if (asked != challenge)
                continue;
            var roundTrip = (int)Math.Min(monoMs - sent, int.MaxValue);
            // A challenge answered late says little about the clock and nothing about now.
            if (roundTrip > Limits.FreshMs)
                return null;
            if (!IsMatched || roundTrip <= _roundTrip || monoMs - _sampledAt > Stale)
            {
                _offset = monoMs - up;
                _roundTrip = roundTrip;
                _sampledAt = monoMs;
            }

            IsMatched = true;
            return roundTrip;
        }

        return null;
    }

    public long MonoOf(long up) => up + _offset;

    // Never later than the truth: the sample takes the whole round trip as the way back.
    public long UptimeAt(long monoMs) => Math.Max(0, monoMs - _offset);
}
