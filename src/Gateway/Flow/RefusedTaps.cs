using System.Collections.Concurrent;
using FabLab.Core.Access;
using FabLab.Core.Badges;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>Counts refused taps of each badge over the window of the site. In memory only: a restart forgives.</summary>
internal sealed class RefusedTaps(TimeProvider time)
{
    /// <summary>Badges remembered; invented numbers cannot fill the memory.</summary>
    private const int MostBadges = 2048;

    private readonly ConcurrentDictionary<BadgeHash, Queue<long>> _refusals = [];

    public int Recent(BadgeHash? badge, Duration window)
    {
        if (badge is not { } hash || !_refusals.TryGetValue(hash, out var queue))
            return 0;
        lock (queue)
        {
            while (queue.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > window.ToTimeSpan())
                queue.Dequeue();
            return queue.Count;
        }
    }

    public void Count(BadgeHash? badge, AccessReason reason)
    {
        // A tap that was refused because of the count would keep the count up for ever; a lab that cannot write is nobody's fault.
        if (badge is not { } hash || reason is AccessReason.TooManyAttempts or AccessReason.StorageFailure)
            return;
        if (_refusals.Count >= MostBadges)
            _refusals.Clear();
        var queue = _refusals.GetOrAdd(hash, _ => new Queue<long>());
        lock (queue)
            queue.Enqueue(time.GetTimestamp());
    }
}
