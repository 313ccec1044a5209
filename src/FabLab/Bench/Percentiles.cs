namespace FabLab.Host.Bench;

/// <summary>Durations of one run, kept whole: percentiles are read from all of them, not from buckets.</summary>
internal sealed class Percentiles
{
    private readonly List<double> _microseconds = [];
    private bool _sorted = true;

    public int Count => _microseconds.Count;

    public void Add(TimeSpan duration)
    {
        _microseconds.Add(duration.TotalMicroseconds);
        _sorted = false;
    }

    /// <summary>Takes in what another one has counted.</summary>
    public void AddAll(Percentiles other)
    {
        _microseconds.AddRange(other._microseconds);
        _sorted = false;
    }

    /// <summary>The value that a share of all is not above, in microseconds; 0 without any value.</summary>
    /// <param name="share">0.5 for the median.</param>
    public double At(double share)
    {
        if (_microseconds.Count == 0)
            return 0;
        if (!_sorted)
        {
            _microseconds.Sort();
            _sorted = true;
        }
        var rank = (int)Math.Ceiling(share * _microseconds.Count) - 1;
        return Math.Round(_microseconds[Math.Clamp(rank, 0, _microseconds.Count - 1)], 1);
    }
}
