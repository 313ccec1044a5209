using System.Collections.Concurrent;
using FabLab.Core;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Tells open streams of an account that its sign-ins ended, in this process. Other copies find out at the stream's next beat.</summary>
public sealed class SessionEnds
{
    private readonly ConcurrentDictionary<PersonId, CancellationTokenSource> _open = new();

    /// <summary>Cancelled at the next end of any sign-in of the account.</summary>
    public CancellationToken Of(PersonId account) => _open.GetOrAdd(account, _ => new CancellationTokenSource()).Token;

    public void End(PersonId account)
    {
        // Not disposed: streams may be linking to it at this moment, and it holds nothing but memory.
        if (_open.TryRemove(account, out var ends))
            ends.Cancel();
    }
}
