namespace FabLab.Booking.Features.Policy;

/// <summary>Wakes who waits for a change of the rules, right after its commit.</summary>
internal sealed class PolicyNews
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = New();

    /// <summary>The next change after this call.</summary>
    public Waiting Next()
    {
        lock (_gate)
            return new Waiting(_next.Task);
    }

    public void Announce()
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            done = _next;
            _next = New();
        }
        done.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal readonly struct Waiting(Task change)
    {
        /// <summary>Returns at the change or when <paramref name="limit"/> ends; throws when the caller gives up.</summary>
        public async Task WaitAsync(CancellationToken limit, CancellationToken cancellationToken)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var atLimit = limit.Register(() => ended.TrySetResult());
            await using var atCancel = cancellationToken.Register(() => ended.TrySetCanceled(cancellationToken));
            await await Task.WhenAny(change, ended.Task);
        }
    }
}
