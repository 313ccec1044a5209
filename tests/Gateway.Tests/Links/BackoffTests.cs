using FabLab.Gateway.Links;

namespace FabLab.Gateway.Tests.Links;

public sealed class BackoffTests
{
    [Fact]
    public void The_wait_doubles_up_to_the_longest_and_begins_anew_after_a_success()
    {
        var backoff = new Backoff(new BackoffOptions { First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(5) });

        // Each is shortened by up to a quarter.
        foreach (var full in new[] { 1, 2, 4, 5, 5 })
            Assert.InRange(backoff.Next().TotalSeconds, full * 0.75, full);
        Assert.Equal(5, backoff.Attempts);

        backoff.Reset();
        Assert.Equal(0, backoff.Attempts);
        Assert.InRange(backoff.Next().TotalSeconds, 0.75, 1);
    }
}
