using System.Threading.Channels;

namespace FabLab.Booking.Features;

/// <summary>Wakes one worker. Any number of calls before it wakes are one.</summary>
internal class WorkSignal
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Call() => _calls.Writer.TryWrite(true);

    /// <summary>One element for each time there may be work: after each call, every so often, and at once when that is asked for.</summary>
    public async IAsyncEnumerable<bool> CallsAsync(TimeSpan every, bool atOnce, TimeProvider time, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (atOnce)
            Call();
        await using var timer = time.CreateTimer(_ => Call(), null, every, every);
        await foreach (var call in _calls.Reader.ReadAllAsync(cancellationToken))
            yield return call;
    }
}
