namespace FabLab.Gateway.Drivers.Rdm6300;

/// <summary>
/// From frames to presentations. A cheap reader repeats its frame while the tag lies there, and now and then invents one that
/// passes the check sum: so a number counts when it came twice within 300 ms, once for as long as it stays, and again only after
/// it was away for half a second. A reader that sends one frame a presentation is believed at once.
/// </summary>
internal sealed class TagPresence(TimeProvider time)
{
    private static readonly TimeSpan Twice = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Absence = TimeSpan.FromMilliseconds(500);

    private string? _candidate;
    private long _candidateAt;
    private string? _present;
    private long _presentAt;

    /// <summary>Frames that came alone.</summary>
    public long Ghosts { get; private set; }

    /// <summary>Takes a frame.</summary>
    /// <returns>Whether a tag has just been presented.</returns>
    public bool Take(TagFrame frame, long at)
    {
        if (_present == frame.Hex && time.GetElapsedTime(_presentAt, at) <= Absence)
        {
            _presentAt = at;
            return false;
        }
        if (!frame.Once && (_candidate != frame.Hex || time.GetElapsedTime(_candidateAt, at) > Twice))
        {
            if (_candidate is not null)
                Ghost();
            (_candidate, _candidateAt) = (frame.Hex, at);
            return false;
        }
        _candidate = null;
        (_present, _presentAt) = (frame.Hex, at);
        return true;
    }

    public void Reset() => (_candidate, _present) = (null, null);

    private void Ghost()
    {
        Ghosts++;
        DriverMetrics.Ghosts.Add(1);
    }
}
