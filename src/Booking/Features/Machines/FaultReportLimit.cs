using System.Net;
using FabLab.Booking.Features.SignIn;

namespace FabLab.Booking.Features.Machines;

/// <summary>
/// How many reports a place may send. Counted for where they come from, never for the machine: nobody can keep others from
/// reporting it. And for the whole house, so that a crowd cannot fill the disk.
/// </summary>
internal sealed class FaultReportLimit(TimeProvider time)
{
    public const int Most = 6;
    public const int MostForAll = 100;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Queue<(string Place, DateTimeOffset At)> _sent = [];

    /// <summary>Counts one report; false when it is one too many.</summary>
    public bool Take(IPAddress? address)
    {
        var place = SignInAttempts.Place(address, null);
        var now = time.GetUtcNow();
        lock (_gate)
        {
            while (_sent.TryPeek(out var oldest) && oldest.At + Window <= now)
                _sent.Dequeue();
            if (_sent.Count >= MostForAll || _sent.Count(sent => sent.Place == place) >= Most)
                return false;
            _sent.Enqueue((place, now));
            return true;
        }
    }
}
