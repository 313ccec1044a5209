using System.Collections.Concurrent;
using System.Threading.Channels;
using FabLab.Core;

namespace FabLab.Booking.Features.Floor;

/// <summary>Something a live page may want to draw again.</summary>
/// <param name="Topic">What kind of thing changed.</param>
/// <param name="Machine">Which machine; null when it concerns several or none.</param>
public readonly record struct FloorChange(FloorTopic Topic, MachineId? Machine);

public enum FloorTopic
{
    /// <summary>A machine's state, as its gateway told it.</summary>
    State,

    /// <summary>A refused tap.</summary>
    Refusal,

    /// <summary>A row of the ledger.</summary>
    Ledger,

    /// <summary>An alarm was raised or seen.</summary>
    Alarm,

    /// <summary>Rules, people, lock-outs, bookings: anything staff changed.</summary>
    Rules,

    /// <summary>Somebody came, left, or calls from the door.</summary>
    Door,
}

/// <summary>
/// Tells live pages, right after the commit, that something changed. A page reads the database again; what it is told is only
/// that it should. Each subscriber has a small queue that drops its oldest entry: a slow browser misses a hint, never the state.
/// </summary>
public sealed class FloorChanges
{
    private const int QueueLimit = 256;

    private readonly ConcurrentDictionary<Guid, Channel<FloorChange>> _subscribers = new();

    /// <summary>From now on, until disposed.</summary>
    public FloorSubscription Subscribe()
    {
        var channel = Channel.CreateBounded<FloorChange>(
            new BoundedChannelOptions(QueueLimit) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var key = Guid.NewGuid();
        _subscribers[key] = channel;
        return new FloorSubscription(channel.Reader, () => _subscribers.TryRemove(key, out _));
    }

    internal void Announce(FloorChange change)
    {
        foreach (var (_, channel) in _subscribers)
            channel.Writer.TryWrite(change);
    }
}

/// <summary>One listener's changes.</summary>
public sealed class FloorSubscription(ChannelReader<FloorChange> changes, Action leave) : IDisposable
{
    public ChannelReader<FloorChange> Changes { get; } = changes;

    public void Dispose() => leave();
}
