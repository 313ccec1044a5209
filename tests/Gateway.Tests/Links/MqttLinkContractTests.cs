using System.Net;
using System.Net.Sockets;
using System.Text;
using FabLab.Gateway.Links;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Links;

/// <summary>What every MQTT link must do, run against the one this build was compiled with.</summary>
public sealed class MqttLinkContractTests : IAsyncLifetime
{
    private readonly List<IMqttLink> _links = [];
    private MosquittoFixture _broker = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await MosquittoFixture.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
            await link.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task A_message_arrives_with_its_topic_and_its_bytes(MqttVersion version)
    {
        var sink = new RecordingSink();
        var link = Make(o => o with { Version = version });
        using var subscription = link.Subscribe("a/+/up/#", MqttQos.AtLeastOnce, sink);
        link.Start();
        await link.WaitUntilReadyAsync(Cancellation);
        byte[] every = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

        Assert.Equal(LinkSend.Sent, link.Publish("a/b/up/ev", every, MqttQos.AtLeastOnce, expiry: TimeSpan.FromSeconds(3)));

        var received = await sink.NextAsync();
        Assert.Equal("a/b/up/ev", received.Topic);
        Assert.Equal(every, received.Payload);
        Assert.False(received.Retained);
        Assert.Equal(SubscriptionState.Granted, subscription.State);
    }

    [Fact]
    public async Task Messages_come_in_the_order_they_were_sent()
    {
        var sink = new RecordingSink();
        var (reader, writer) = (Make(), Make());
        reader.Subscribe("order", MqttQos.AtLeastOnce, sink);
        await StartAsync(reader, writer);

        for (var i = 0; i < 500; i++)
            Assert.Equal(LinkSend.Sent, writer.Publish("order", Encoding.ASCII.GetBytes($"{i}"), MqttQos.AtLeastOnce));

        for (var i = 0; i < 500; i++)
            Assert.Equal($"{i}", (await sink.NextAsync()).Text);
    }

    [Fact]
    public async Task A_reader_may_publish_from_within_its_callback()
    {
        var (asked, answered) = (new RecordingSink(), new RecordingSink());
        var link = Make();
        asked.OnEach = m => link.Publish("answer", m.Payload, MqttQos.AtLeastOnce);
        link.Subscribe("ask", MqttQos.AtLeastOnce, asked);
        link.Subscribe("answer", MqttQos.AtLeastOnce, answered);
        await StartAsync(link);

        link.Publish("ask", "7"u8, MqttQos.AtMostOnce);

        Assert.Equal("7", (await answered.NextAsync()).Text);
    }

    [Fact]
    public async Task A_retained_message_is_marked_as_retained_and_a_fresh_one_is_not()
    {
        var sink = new RecordingSink();
        var (reader, writer) = (Make(), Make());
        await StartAsync(reader, writer);
        var probe = new RecordingSink();
        reader.Subscribe("probe", MqttQos.AtLeastOnce, probe);
        await reader.WaitUntilReadyAsync(Cancellation);
        writer.Publish("state", "old"u8, MqttQos.AtLeastOnce, retain: true);
        writer.Publish("probe", "x"u8, MqttQos.AtLeastOnce);
        await probe.NextAsync();

        reader.Subscribe("state", MqttQos.AtLeastOnce, sink);
        await reader.WaitUntilReadyAsync(Cancellation);
        writer.Publish("state", "new"u8, MqttQos.AtLeastOnce, retain: true);

        var (first, second) = (await sink.NextAsync(), await sink.NextAsync());
        Assert.Equal(("old", true), (first.Text, first.Retained));
        Assert.Equal(("new", false), (second.Text, second.Retained));
    }

    [Fact]
    public async Task After_the_broker_was_killed_and_is_back_the_subscriptions_are_back_too()
    {
        var sink = new RecordingSink();
        var link = Make();
        link.Subscribe("back/#", MqttQos.AtLeastOnce, sink);
        await StartAsync(link);
        Assert.True(await sink.NextChangeAsync());

        await _broker.KillAsync();
        Assert.False(await sink.NextChangeAsync());
        Assert.Equal(LinkSend.Down, link.Publish("back/1", "lost"u8, MqttQos.AtLeastOnce));
        await _broker.StartAsync(Cancellation);
        Assert.True(await sink.NextChangeAsync());
        await link.WaitUntilReadyAsync(Cancellation);

        Assert.Equal(LinkSend.Sent, link.Publish("back/2", "there"u8, MqttQos.AtLeastOnce));
        var received = await sink.NextAsync();
        Assert.Equal(("back/2", "there"), (received.Topic, received.Text));
        Assert.False(sink.Any, "a command that was given while the link was down came late");
    }

    [Fact]
    public async Task Who_asks_as_soon_as_the_link_is_up_gets_the_answer_also_after_the_broker_was_away()
    {
        var sink = new RecordingSink();
        var link = Make();
        sink.OnChange = up =>
        {
            if (up)
                link.Publish("asked", "7"u8, MqttQos.AtLeastOnce);
        };
        link.Subscribe("asked", MqttQos.AtLeastOnce, sink);
        link.Start();
        Assert.Equal("7", (await sink.NextAsync()).Text);

        await _broker.KillAsync();
        await _broker.StartAsync(Cancellation);

        Assert.Equal("7", (await sink.NextAsync()).Text);
    }

    [Fact]
    public async Task After_a_reconnect_every_subscription_is_asked_for_again_but_not_the_one_that_was_ended_meanwhile()
    {
        var sinks = Enumerable.Range(0, 20).Select(_ => new RecordingSink()).ToArray();
        var (late, ended) = (new RecordingSink(), new RecordingSink());
        var link = Make();
        var subscriptions = sinks.Select((sink, i) => link.Subscribe($"many/{i}", MqttQos.AtLeastOnce, sink)).ToList();
        var gone = link.Subscribe("ended", MqttQos.AtLeastOnce, ended);
        await StartAsync(link);
        Assert.True(await sinks[0].NextChangeAsync());

        await _broker.KillAsync();
        Assert.False(await sinks[0].NextChangeAsync());
        subscriptions.Add(link.Subscribe("late", MqttQos.AtLeastOnce, late));
        gone.Dispose();
        await _broker.StartAsync(Cancellation);
        Assert.True(await sinks[0].NextChangeAsync());
        await link.WaitUntilReadyAsync(Cancellation);

        Assert.All(subscriptions, subscription => Assert.Equal(SubscriptionState.Granted, subscription.State));
        Assert.Equal(LinkSend.Sent, link.Publish("ended", "x"u8, MqttQos.AtLeastOnce));
        for (var i = 0; i < sinks.Length; i++)
        {
            Assert.Equal(LinkSend.Sent, link.Publish($"many/{i}", Encoding.ASCII.GetBytes($"{i}"), MqttQos.AtLeastOnce));
            Assert.Equal($"{i}", (await sinks[i].NextAsync()).Text);
        }
        Assert.Equal(LinkSend.Sent, link.Publish("late", "late"u8, MqttQos.AtLeastOnce));
        Assert.Equal("late", (await late.NextAsync()).Text);
        Assert.False(ended.Any);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_yet_is_waited_for()
    {
        var sink = new RecordingSink();
        await _broker.KillAsync();
        var link = Make();
        link.Subscribe("late", MqttQos.AtLeastOnce, sink);
        link.Start();
        Assert.Equal(LinkSend.Down, link.Publish("late", "x"u8, MqttQos.AtLeastOnce));

        await UntilAsync(() => link.Status.Fault == LinkFault.Unreachable);
        await _broker.StartAsync(Cancellation);
        await link.WaitUntilReadyAsync(Cancellation);

        link.Publish("late", "y"u8, MqttQos.AtLeastOnce);
        Assert.Equal("y", (await sink.NextAsync()).Text);
    }

    [Fact]
    public async Task Something_that_takes_connections_and_never_answers_is_not_waited_for_for_ever()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var link = Make(o => o with { Port = ((IPEndPoint)silent.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromMilliseconds(300) });

        link.Start();

        await UntilAsync(() => link.Status.Fault == LinkFault.TimedOut);
    }

    [Fact]
    public async Task Something_that_is_no_broker_is_said_to_be_none_and_tried_again()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var link = Make(o => o with { Port = ((IPEndPoint)other.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(1) });
        link.Start();

        using var connection = await other.AcceptTcpClientAsync(Cancellation);
        await connection.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Cancellation);

        await UntilAsync(() => link.Status.Fault is LinkFault.Lost or LinkFault.Refused or LinkFault.TimedOut);
        using var again = await other.AcceptTcpClientAsync(Cancellation);
    }

    [Fact]
    public async Task A_payload_above_the_limit_is_dropped_and_the_next_one_comes()
    {
        var sink = new RecordingSink();
        var reader = Make(o => o with { MaxPayload = 10_000, Version = MqttVersion.V311 });
        var writer = Make(o => o with { MaxPayload = 2_000_000 });
        reader.Subscribe("big", MqttQos.AtLeastOnce, sink);
        await StartAsync(reader, writer);

        writer.Publish("big", new byte[1_000_000], MqttQos.AtLeastOnce);
        writer.Publish("big", new byte[10_001], MqttQos.AtLeastOnce);
        writer.Publish("big", new byte[10_000], MqttQos.AtLeastOnce);

        Assert.Equal(10_000, (await sink.NextAsync()).Payload.Length);
        Assert.False(sink.Any);
    }

    [Fact]
    public async Task A_big_payload_within_the_limit_comes_whole()
    {
        var sink = new RecordingSink();
        var (reader, writer) = (Make(o => o with { MaxPayload = 2_000_000 }), Make());
        reader.Subscribe("big", MqttQos.AtLeastOnce, sink);
        await StartAsync(reader, writer);
        var payload = new byte[1_048_576];
        new Random(7).NextBytes(payload);

        Assert.Equal(LinkSend.Sent, writer.Publish("big", payload, MqttQos.AtLeastOnce));

        Assert.Equal(payload, (await sink.NextAsync()).Payload);
    }

    [Fact]
    public async Task The_last_will_is_published_when_the_process_vanishes_and_not_when_it_says_goodbye()
    {
        var sink = new RecordingSink();
        var reader = Make();
        reader.Subscribe("will/#", MqttQos.AtLeastOnce, sink);
        await StartAsync(reader);
        var polite = Make(o => o with { Will = new MqttWill("will/polite", "gone"u8.ToArray(), MqttQos.AtLeastOnce, false) });
        var first = Make(o => o with { ClientId = "twin", Will = new MqttWill("will/first", "gone"u8.ToArray(), MqttQos.AtLeastOnce, false) });
        await StartAsync(polite, first);

        await polite.DisposeAsync();
        // The same name signs in again: the broker throws the first one out without a goodbye.
        var second = Make(o => o with { ClientId = "twin" });
        second.Start();

        Assert.Equal("will/first", (await sink.NextAsync()).Topic);
    }

    [Fact]
    public async Task Two_links_of_one_name_throw_each_other_out_ever_more_slowly()
    {
        var (first, second) = (Make(o => o with { ClientId = "twin" }), Make(o => o with { ClientId = "twin" }));
        first.Start();
        second.Start();

        // Each comes back as soon as it was thrown out; without a growing wait this would be a storm.
        await UntilAsync(() => first.Status.Attempts >= 4 || second.Status.Attempts >= 4);
    }

    [Fact]
    public async Task An_exception_in_one_reader_keeps_neither_the_others_nor_the_next_message_back()
    {
        var (bad, good) = (new RecordingSink { OnEach = _ => throw new InvalidOperationException("test") }, new RecordingSink());
        var link = Make();
        link.Subscribe("x", MqttQos.AtLeastOnce, bad);
        link.Subscribe("x", MqttQos.AtLeastOnce, good);
        await StartAsync(link);

        link.Publish("x", "1"u8, MqttQos.AtLeastOnce);
        link.Publish("x", "2"u8, MqttQos.AtLeastOnce);

        Assert.Equal("1", (await good.NextAsync()).Text);
        Assert.Equal("2", (await good.NextAsync()).Text);
    }

    [Fact]
    public async Task A_subscription_that_was_ended_delivers_nothing_more()
    {
        var (gone, stays) = (new RecordingSink(), new RecordingSink());
        var link = Make();
        var subscription = link.Subscribe("gone", MqttQos.AtLeastOnce, gone);
        link.Subscribe("stays", MqttQos.AtLeastOnce, stays);
        await StartAsync(link);

        subscription.Dispose();
        link.Publish("gone", "x"u8, MqttQos.AtLeastOnce);
        link.Publish("stays", "y"u8, MqttQos.AtLeastOnce);

        Assert.Equal("y", (await stays.NextAsync()).Text);
        Assert.False(gone.Any);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/+/b")]
    [InlineData("a/#")]
    [InlineData("a\0b")]
    public async Task A_topic_one_cannot_publish_to_is_refused_here(string topic)
    {
        var link = Make();
        await StartAsync(link);

        Assert.Equal(LinkSend.Invalid, link.Publish(topic, "x"u8, MqttQos.AtMostOnce));
    }

    [Fact]
    public async Task Many_threads_may_publish_at_once_while_the_broker_comes_and_goes()
    {
        var link = Make();
        var other = Make();
        var (own, sink) = (new RecordingSink(), new RecordingSink());
        link.Subscribe("own", MqttQos.AtMostOnce, own);
        other.Subscribe("load", MqttQos.AtMostOnce, sink);
        await StartAsync(link, other);
        Assert.True(await own.NextChangeAsync());
        Assert.True(await sink.NextChangeAsync());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                link.Publish("load", "x"u8, MqttQos.AtLeastOnce);
        }, Cancellation)).ToArray();

        for (var round = 0; round < 3; round++)
        {
            await sink.NextAsync();
            await _broker.KillAsync();
            // Before the broker is back: until a link has noticed, it is still ready on the connection that is gone.
            Assert.False(await own.NextChangeAsync());
            Assert.False(await sink.NextChangeAsync());
            await _broker.StartAsync(Cancellation);
            Assert.True(await own.NextChangeAsync());
            Assert.True(await sink.NextChangeAsync());
            await Task.WhenAll(link.WaitUntilReadyAsync(Cancellation), other.WaitUntilReadyAsync(Cancellation));
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        Assert.Equal(LinkSend.Sent, link.Publish("done", "x"u8, MqttQos.AtLeastOnce));
    }

    private MqttLinkOptions Options() => new()
    {
        Port = _broker.Port,
        ClientId = $"test-{Guid.NewGuid():N}",
        Backoff = new BackoffOptions { First = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromMilliseconds(200) },
    };

    private IMqttLink Make(Func<MqttLinkOptions, MqttLinkOptions>? change = null)
    {
        var options = Options();
        var link = MqttLinks.Create(change is null ? options : change(options), TimeProvider.System, NullLogger.Instance);
        _links.Add(link);
        return link;
    }

    private static async Task StartAsync(params IMqttLink[] links)
    {
        foreach (var link in links)
            link.Start();
        foreach (var link in links)
            await link.WaitUntilReadyAsync(Cancellation);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
    }
}
