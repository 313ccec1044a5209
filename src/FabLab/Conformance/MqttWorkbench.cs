using System.Collections.Concurrent;
using FabLab.Gateway.Links;
using FabLab.Protocol;
using Microsoft.Extensions.Logging;

namespace FabLab.Host.Conformance;

/// <summary>How the suite reaches the broker.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Port">Its port.</param>
/// <param name="User">User of the gateway's side; null for none.</param>
/// <param name="Password">Its password.</param>
internal sealed record BrokerAddress(string Host, int Port, string? User, string? Password)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>A device on a broker. Its connection is ended by signing in under its own name, as a broker ends the older of two.</summary>
internal sealed class MqttWorkbench : IWorkbench, IMqttSink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly BrokerAddress _broker;
    private readonly DeviceKeys _keys;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IMqttLink _link;
    private readonly long _began;
    private readonly ConcurrentQueue<Heard> _heard = new();
    private readonly SemaphoreSlim _news = new(0);

    private MqttWorkbench(BrokerAddress broker, DeviceKeys keys, IHands hands, TimeProvider time, ILogger logger)
    {
        (_broker, _keys, Hands, _time, _logger) = (broker, keys, hands, time, logger);
        _began = time.GetTimestamp();
        _link = MqttLinks.Create(
            new MqttLinkOptions { Host = broker.Host, Port = broker.Port, ClientId = $"conformance-{Environment.ProcessId}", UserName = broker.User, Password = broker.Password },
            time, logger);
        _link.Subscribe($"fl/1/{keys.Device.Value}/up/#", MqttQos.AtLeastOnce, this);
    }

    public static async Task<MqttWorkbench> ConnectAsync(
        BrokerAddress broker, DeviceKeys keys, IHands hands, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var bench = new MqttWorkbench(broker, keys, hands, time, logger);
        bench._link.Start();
        try
        {
            await bench._link.WaitUntilReadyAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken);
            return bench;
        }
        catch (TimeoutException)
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    public string Wire => "MQTT";

    public bool IsSerial => false;

    public long Now => (long)_time.GetElapsedTime(_began).TotalMilliseconds;

    public long Utc => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public IHands Hands { get; }

    public bool Bare { get; set; }

    public bool Deaf { get; set; }

    public void Send(TopicKind topic, byte[] payload) =>
        _link.Publish(Topics.Of(_keys.Device, topic), payload, MqttQos.AtLeastOnce, retain: Topics.RetainOf(topic));

    public void Claim(byte[] json) => throw new InvalidOperationException("A claim goes over a serial line only.");

    public void Raw(byte[] bytes) => throw new InvalidOperationException("A broker carries messages only.");

    public void Retain(TopicKind topic, byte[] payload) => _link.Publish(Topics.Of(_keys.Device, topic), payload, MqttQos.AtLeastOnce, retain: true);

    public async Task DropAsync(CancellationToken cancellationToken)
    {
        await using var other = MqttLinks.Create(
            new MqttLinkOptions
            {
                Host = _broker.Host, Port = _broker.Port, ClientId = _keys.Device.Value, UserName = _keys.Device.Value, Password = _keys.MqttPassword,
                // Once: it must not fight with the device that comes back.
                Backoff = new BackoffOptions { First = TimeSpan.FromMinutes(10), Longest = TimeSpan.FromMinutes(10) },
            },
            _time, _logger);
        other.Start();
        await other.WaitUntilReadyAsync(cancellationToken).WaitAsync(Patience, _time, cancellationToken);
    }

    public async Task<Heard?> NextAsync(long until, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_heard.TryDequeue(out var heard))
                return heard;
            var left = until - Now;
            if (left <= 0)
                return null;
            await _news.WaitAsync(TimeSpan.FromMilliseconds(left), cancellationToken);
        }
    }

    public void OnMessage(in MqttDelivery message)
    {
        if (!Topics.TryParse(message.Topic, out _, out var topic) || message.Payload.Length == 0)
            return;
        _heard.Enqueue(new Heard(Now, HeardKind.Message, topic, message.Payload.ToArray(), message.Retained));
        _news.Release();
    }

    public void OnLinkChanged(bool up)
    {
        // The suite notices by what does not come.
    }

    public async ValueTask DisposeAsync()
    {
        // What the suite said of itself must not lie there for the next device.
        _link.Publish(Topics.GatewayState, [], MqttQos.AtLeastOnce, retain: true);
        await _link.DisposeAsync();
        _news.Dispose();
    }
}
