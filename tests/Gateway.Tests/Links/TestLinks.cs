using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Links;

/// <summary>Links that are closed at the end of a test.</summary>
public sealed class TestLinks : IAsyncDisposable
{
    private readonly List<IMqttLink> _links = [];

    /// <summary>A link that is connected, its subscriptions granted.</summary>
    public async Task<IMqttLink> UpAsync(MqttLinkOptions options, params (string Filter, IMqttSink Sink)[] subscriptions)
    {
        var link = Make(options, subscriptions);
        await link.WaitUntilReadyAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return link;
    }

    public IMqttLink Make(MqttLinkOptions options, params (string Filter, IMqttSink Sink)[] subscriptions)
    {
        var link = MqttLinks.Create(options with { Backoff = new BackoffOptions { First = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromMilliseconds(200) } }, TimeProvider.System, NullLogger.Instance);
        _links.Add(link);
        foreach (var (filter, sink) in subscriptions)
            link.Subscribe(filter, MqttQos.AtLeastOnce, sink);
        link.Start();
        return link;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
            await link.DisposeAsync();
    }
}

public static class Until
{
    /// <summary>Completes when the condition holds; looked at often, given up after 20 s.</summary>
    public static Task TrueAsync(Func<bool> condition, string? what = null) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string? what = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20), "waited in vain" + (what is null ? "" : ": " + what));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
