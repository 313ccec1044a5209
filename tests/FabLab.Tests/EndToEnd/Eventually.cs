namespace FabLab.Host.Tests.EndToEnd;

/// <summary>Waits for something that another process brings about and does not announce.</summary>
internal static class Eventually
{
    public static async Task<T> IsAsync<T>(Func<Task<T>> look, Func<T, bool> good, string what, CancellationToken cancellationToken, int seconds = 20)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (good(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"{what}: not within {seconds} s. Last seen: {seen}");
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, cancellationToken);
        }
    }
}
