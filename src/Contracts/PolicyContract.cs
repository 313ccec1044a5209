using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Contracts;

/// <summary>The answer of the policy feed.</summary>
/// <param name="Revision">The revision a replica has once it took these changes; ask with it next time.</param>
/// <param name="Full">True: <paramref name="Changes"/> is everything there is, drop what you had. False: changes since the revision asked with.</param>
/// <param name="Changes">In the order of the feed. In a full answer every one carries a rule.</param>
/// <param name="ServerTime">Booking's clock when it made this answer; the age of a replica counts from here.</param>
public sealed record PolicyFeed(long Revision, bool Full, IReadOnlyList<PolicyChange> Changes, Instant ServerTime)
{
    /// <summary>Longest wait a request may ask for, in seconds.</summary>
    public const int MaxWaitSeconds = 60;
}
