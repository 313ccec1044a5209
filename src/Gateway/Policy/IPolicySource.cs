using FabLab.Contracts;

namespace FabLab.Gateway.Policy;

/// <summary>The way to Booking for the rules.</summary>
public interface IPolicySource
{
    /// <summary>What has changed since a revision; waits at the other side until there is something, or the time is over.</summary>
    Task<FeedAnswer> AskAsync(long since, TimeSpan wait, CancellationToken cancellationToken);
}

/// <summary>What came of a question.</summary>
public abstract record FeedAnswer
{
    private FeedAnswer() { }

    public sealed record Received(PolicyFeed Feed) : FeedAnswer;

    /// <summary>Not reached, too slow, not understood, or not let in: the copy here goes on counting, and ages.</summary>
    public sealed record Unavailable(string Cause) : FeedAnswer;
}
