using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace FabLab.Gateway.Links.MqttNet;

/// <summary>
/// One connection over MQTTnet. A new connection is a new client: what waited inside the old one goes away with it, so no command
/// is ever delivered late.
/// </summary>
internal sealed class MqttNetConnection : MqttConnection
{
    private const int PacketOverhead = 1024;

    /// <summary>Messages that were handed over and are not acknowledged, or not sent, yet. Beyond it the link says that it is down.</summary>
    private const int MostInFlight = 10_000;

    private const int MqttMaximum = 268_435_455;

    private readonly MqttNetLink _link;
    private readonly MqttLinkOptions _options;
    private readonly TimeProvider _time;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<Task> _asked = [];
    private long _largest = MqttMaximum;
    private int _inFlight;
    private volatile bool _accepted;
    private volatile bool _stop;

    public MqttNetConnection(MqttNetLink link, MqttLinkOptions options, TimeProvider time)
    {
        _link = link;
        _options = options;
        _time = time;
        _client.ApplicationMessageReceivedAsync += DeliveredAsync;
        _client.DisconnectedAsync += DisconnectedAsync;
    }

    public override async Task RunAsync()
    {
        try
        {
            if (!await ConnectAsync().ConfigureAwait(false))
                return;
            _accepted = true;
            _link.Accepted(this);
            _link.Ready(this);
            await _over.Task.ConfigureAwait(false);
        }
        finally
        {
            _accepted = false;
            await SayGoodbyeAsync().ConfigureAwait(false);
            Task[] asked;
            lock (_gate)
                asked = [.. _asked];
            // An answer that belongs to this connection must not be taken for one to the next.
            await Task.WhenAll(asked).ConfigureAwait(false);
        }
    }

    public override void Stop()
    {
        _stop = true;
        _over.TrySetResult();
    }

    public override void Dispose() => _client.Dispose();

    public override LinkSend Publish(string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain, TimeSpan? expiry)
    {
        if (payload.Length + (topic.Length * 3) + PacketOverhead > Interlocked.Read(ref _largest))
            return LinkSend.TooLarge;
        if (!_accepted || !_client.IsConnected)
            return LinkSend.Down;
        if (Interlocked.Increment(ref _inFlight) > MostInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            return LinkSend.Down;
        }
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new ReadOnlySequence<byte>(payload.ToArray()),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            Retain = retain,
        };
        if (expiry is { } life && _options.Version == MqttVersion.V5)
            message.MessageExpiryInterval = (uint)Math.Max(1, Math.Ceiling(life.TotalSeconds));
        _ = SendAsync(message);
        LinkMetrics.Sent.Add(1);
        return LinkSend.Sent;
    }

    public override void Subscribe(MqttSubscription subscription)
    {
        if (!_accepted)
            return;
        var asking = AskAsync(subscription);
        lock (_gate)
        {
            _asked.RemoveAll(static task => task.IsCompleted);
            _asked.Add(asking);
        }
    }

    public override void Unsubscribe(string filter)
    {
        if (_accepted)
            _ = LeaveAsync(filter);
    }

    private async Task<bool> ConnectAsync()
    {
        using var limit = new CancellationTokenSource(_options.ConnectTimeout, _time);
        try
        {
            var connecting = _client.ConnectAsync(ClientOptions(), limit.Token);
            if (await Task.WhenAny(connecting, _over.Task).ConfigureAwait(false) != connecting && _stop)
                await limit.CancelAsync().ConfigureAwait(false);
            var answer = await connecting.ConfigureAwait(false);
            if (answer.ResultCode is MqttClientConnectResultCode.Success)
            {
                // A broker that names no limit comes out as 0.
                if (answer.MaximumPacketSize is { } most and > 0)
                    Interlocked.Exchange(ref _largest, most);
                return true;
            }
            return End(
                answer.ResultCode is MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.Banned
                    ? LinkFault.NotAuthorised
                    : LinkFault.Refused,
                answer.ResultCode.ToString());
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            // The library wraps its own cancellation in one of several exceptions.
            return End(LinkFault.TimedOut, "the broker did not answer");
        }
        catch (Exception fault) when (Inner<AuthenticationException>(fault) is { } tls)
        {
            return End(LinkFault.Tls, tls.Message);
        }
        catch (Exception fault) when (Inner<System.Security.Cryptography.CryptographicException>(fault) is { } files)
        {
            return End(LinkFault.Tls, "certificate files: " + files.Message);
        }
        catch (Exception fault) when (Inner<MqttCommunicationTimedOutException>(fault) is not null)
        {
            return End(LinkFault.TimedOut, "the broker did not answer");
        }
        catch (Exception fault) when (Inner<SocketException>(fault) is { } network)
        {
            return End(LinkFault.Unreachable, network.Message);
        }
        catch (Exception fault)
        {
            // Whatever else the library throws at what is no broker.
            return End(LinkFault.Refused, fault.Message);
        }
    }

    private MqttClientOptions ClientOptions()
    {
        var options = new MqttClientOptions
        {
            ClientId = _options.ClientId,
            ProtocolVersion = _options.Version == MqttVersion.V5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311,
            CleanSession = true,
            KeepAlivePeriod = _options.KeepAlive,
            Timeout = _options.ConnectTimeout,
            ChannelOptions = new MqttClientTcpOptions
            {
                RemoteEndpoint = new DnsEndPoint(_options.Host, _options.Port),
                NoDelay = true,
                // Without it a close throws away what is still to be sent: the goodbye, and then the broker publishes the last will.
                LingerState = new LingerOption(false, 0),
                TlsOptions = Tls(),
            },
        };
        if (_options.Version == MqttVersion.V5)
            options.MaximumPacketSize = (uint)(_options.MaxPayload + PacketOverhead);
        if (_options.UserName is { } user)
            options.Credentials = new MqttClientCredentials(user, _options.Password is { } password ? Encoding.UTF8.GetBytes(password) : null);
        if (_options.Will is { } will)
        {
            options.WillTopic = will.Topic;
            options.WillPayload = will.Payload.ToArray();
            options.WillQualityOfServiceLevel = (MqttQualityOfServiceLevel)will.Qos;
            options.WillRetain = will.Retain;
        }
        return options;
    }

    private MqttClientTlsOptions Tls()
    {
        var tls = new MqttClientTlsOptions();
        if (_options.CaFile is not { } authority)
            return tls;
        tls.UseTls = true;
        tls.RevocationMode = X509RevocationMode.NoCheck;
        tls.TrustChain = [];
        tls.TrustChain.ImportFromPemFile(authority);
        if (_options.CertificateFile is { } own)
            tls.ClientCertificatesProvider = new DefaultMqttCertificatesProvider([X509Certificate2.CreateFromPemFile(own, _options.KeyFile)]);
        return tls;
    }

    private async Task SendAsync(MqttApplicationMessage message)
    {
        try
        {
            var result = await _client.PublishAsync(message).ConfigureAwait(false);
            if ((int)result.ReasonCode >= 0x80)
                _link.PublishRefused(result.ReasonCode.ToString());
        }
        catch (Exception fault)
        {
            Fell(fault);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task AskAsync(MqttSubscription subscription)
    {
        try
        {
            var result = await _client.SubscribeAsync(new MqttClientSubscribeOptions
            {
                TopicFilters = [new MqttTopicFilter { Topic = subscription.Filter, QualityOfServiceLevel = (MqttQualityOfServiceLevel)subscription.Qos }],
            }).ConfigureAwait(false);
            _link.Answered(subscription, granted: result.Items.All(item => (int)item.ResultCode < 0x80));
            _link.Ready(this);
        }
        catch (Exception fault)
        {
            Fell(fault);
        }
    }

    private async Task LeaveAsync(string filter)
    {
        try
        {
            await _client.UnsubscribeAsync(new MqttClientUnsubscribeOptions { TopicFilters = [filter] }).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            Fell(fault);
        }
    }

    /// <summary>A request that failed takes its connection with it: what the broker has and what we believe must not drift apart.</summary>
    private void Fell(Exception fault)
    {
        if (!_accepted)
            return;
        // A connection that has broken tells more in its own event, which may come a moment later.
        if (!_client.IsConnected)
            return;
        End(fault is OperationCanceledException or MqttCommunicationTimedOutException ? LinkFault.TimedOut : LinkFault.Lost, fault.Message);
        _over.TrySetResult();
    }

    private async Task SayGoodbyeAsync()
    {
        if (!_client.IsConnected)
            return;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _time);
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            End(LinkFault.Lost, fault.Message);
        }
    }

    private Task DeliveredAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        var at = _time.GetTimestamp();
        var message = received.ApplicationMessage;
        var length = (int)message.Payload.Length;
        if (length > _options.MaxPayload)
            _link.Oversized(Encoding.UTF8.GetBytes(message.Topic), length);
        else
            _link.Deliver(message.Topic, message.Payload.IsSingleSegment ? message.Payload.FirstSpan : message.Payload.ToArray(), message.Retain, at);
        return Task.CompletedTask;
    }

    private Task DisconnectedAsync(MqttClientDisconnectedEventArgs ended)
    {
        if (ended.ClientWasConnected)
        {
            var fault = ended.Reason == MqttClientDisconnectReason.SessionTakenOver ? LinkFault.TakenOver
                : Inner<MqttCommunicationTimedOutException>(ended.Exception) is not null ? LinkFault.TimedOut
                : LinkFault.Lost;
            if (!_stop)
                End(fault, ended.Exception?.Message ?? ended.Reason.ToString());
        }
        _over.TrySetResult();
        return Task.CompletedTask;
    }

    private static T? Inner<T>(Exception? fault)
        where T : Exception
    {
        for (; fault is not null; fault = fault.InnerException)
        {
            if (fault is T wanted)
                return wanted;
        }
        return null;
    }
}
