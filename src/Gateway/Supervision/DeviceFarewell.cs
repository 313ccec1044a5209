namespace FabLab.Gateway.Supervision;

/// <summary>
/// The last words to a device that is taken off the list: its relays open while it may still be spoken to, and only then do its
/// rights at the broker end. The other way round it would keep its relay closed until its lease is over.
/// </summary>
public sealed class DeviceFarewell(TimeProvider time)
{
    /// <summary>A device that does not take its last words is shut out all the same; its relay opens by its own clock.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    private Func<IReadOnlyCollection<string>, CancellationToken, Task>? _close;

    /// <summary>Who closes devices while the gateway runs.</summary>
    internal Func<IReadOnlyCollection<string>, CancellationToken, Task>? Close
    {
        get => Volatile.Read(ref _close);
        set => Volatile.Write(ref _close, value);
    }

    /// <summary>Returns when the devices were closed, or the patience is over.</summary>
    public async Task SayAsync(IReadOnlyCollection<string> devices)
    {
        if (devices.Count == 0 || Close is not { } close)
            return;
        using var limit = new CancellationTokenSource(Patience, time);
        await close(devices, limit.Token).WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
