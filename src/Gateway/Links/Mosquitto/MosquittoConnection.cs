using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace FabLab.Gateway.Links.Mosquitto;

/// <summary>
/// One connection from its first byte to its last, on a thread of its own. A new connection is a new handle: what the
/// library had queued for the old one goes away with it, so no command is ever delivered late.
/// </summary>
internal sealed unsafe class MosquittoConnection : MqttConnection
{
    // The longest the thread sleeps: it looks after keep-alive (whole seconds) and the connect time-out.
    private const int TickMilliseconds = 500;
    private const int InFlight = 1000;
    private const int PacketOverhead = 1024;

    private readonly MosquittoLink _link;
    private readonly MqttLinkOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, MqttSubscription> _awaited = [];
    private readonly List<Arrival> _arrivals = [];
    private readonly PosixPoll.WakeUp _wake = new();
    private nint _handle;
    private bool _accepted;
    private bool _untold;
    private volatile bool _stop;

    public MosquittoConnection(MosquittoLink link, MqttLinkOptions options, TimeProvider time)
    {
        _link = link;
        _options = options;
        _time = time;
    }

    public override void Stop()
    {
        _stop = true;
        _wake.Set();
    }

    public override Task RunAsync() =>
        Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Blocks for as long as the connection stands; owns its thread.</summary>
    private void Run()
    {
        var self = GCHandle.Alloc(this);
        try
        {
            lock (_gate)
            {
                _handle = MosquittoNative.New(_options.ClientId, cleanSession: true, GCHandle.ToIntPtr(self));
                if (_handle == 0)
                {
                    End(LinkFault.Refused, "libmosquitto has no memory for a client");
                    return;
                }
                if (!Prepare())
                    return;
            }
            if (Connect())
                Serve();
        }
        finally
        {
            lock (_gate)
            {
                var handle = _handle;
                _handle = 0;
                if (handle != 0)
                {
                    if (_accepted && _stop)
                        _ = MosquittoNative.Disconnect(handle);
                    MosquittoNative.Destroy(handle);
                }
                _awaited.Clear();
            }
            self.Free();
        }
    }

    public override void Dispose() => _wake.Dispose();

    public override LinkSend Publish(string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain, TimeSpan? expiry)
    {
        int code;
        lock (_gate)
        {
            if (_handle == 0 || !_accepted)
                return LinkSend.Down;
            nint properties = 0;
            if (expiry is { } life && _options.Version == MqttVersion.V5)
                _ = MosquittoNative.PropertyAddInt32(ref properties, MosquittoNative.PropertyMessageExpiry, (uint)Math.Max(1, Math.Ceiling(life.TotalSeconds)));
            fixed (byte* bytes = payload)
                code = MosquittoNative.Publish(_handle, out _, topic, payload.Length, bytes, (int)qos, retain, properties);
            if (properties != 0)
                MosquittoNative.PropertyFreeAll(ref properties);
            if (code == MosquittoNative.Success && MosquittoNative.WantWrite(_handle))
                _wake.Set();
        }
        switch (code)
        {
            case MosquittoNative.Success:
                LinkMetrics.Sent.Add(1);
                return LinkSend.Sent;
            case MosquittoNative.PayloadSize or MosquittoNative.OversizePacket:
                return LinkSend.TooLarge;
            case MosquittoNative.InvalidArgument:
                return LinkSend.Invalid;
            default:
                return LinkSend.Down;
        }
    }

    public override void Subscribe(MqttSubscription subscription)
    {
        lock (_gate)
        {
            if (_handle == 0 || !_accepted)
                return;
            if (MosquittoNative.Subscribe(_handle, out var mid, subscription.Filter, (int)subscription.Qos) == MosquittoNative.Success)
                _awaited[mid] = subscription;
            if (MosquittoNative.WantWrite(_handle))
                _wake.Set();
        }
    }

    public override void Unsubscribe(string filter)
    {
        lock (_gate)
        {
            if (_handle == 0 || !_accepted)
                return;
            _ = MosquittoNative.Unsubscribe(_handle, out _, filter);
            if (MosquittoNative.WantWrite(_handle))
                _wake.Set();
        }
    }

    private bool Prepare()
    {
        _ = MosquittoNative.IntOption(_handle, MosquittoNative.OptionProtocolVersion, (int)_options.Version);
        _ = MosquittoNative.IntOption(_handle, MosquittoNative.OptionTcpNoDelay, 1);
        _ = MosquittoNative.IntOption(_handle, MosquittoNative.OptionReceiveMaximum, InFlight);
        _ = MosquittoNative.IntOption(_handle, MosquittoNative.OptionSendMaximum, InFlight);
        MosquittoNative.OnConnect(_handle, &Connected);
        MosquittoNative.OnDisconnect(_handle, &Disconnected);
        MosquittoNative.OnMessage(_handle, &Delivered);
        MosquittoNative.OnSubscribe(_handle, &Subscribed);
        MosquittoNative.OnPublish(_handle, &Published);
        if (_options.UserName is { } user && MosquittoNative.UserNamePassword(_handle, user, _options.Password) is var named and not MosquittoNative.Success)
            return End(LinkFault.NotAuthorised, "user name: " + MosquittoNative.Text(named));
        if (_options.Will is { } will)
        {
            fixed (byte* bytes = will.Payload.Span)
            {
                if (MosquittoNative.Will(_handle, will.Topic, will.Payload.Length, bytes, (int)will.Qos, will.Retain) is var willed and not MosquittoNative.Success)
                    return End(LinkFault.Refused, "last will: " + MosquittoNative.Text(willed));
            }
        }
        if (_options.CaFile is { } authority && MosquittoNative.TlsSet(_handle, authority, null, _options.CertificateFile, _options.KeyFile, 0) is var tls and not MosquittoNative.Success)
            return End(LinkFault.Tls, "certificate files: " + MosquittoNative.Text(tls));
        return true;
    }

    private bool Connect()
    {
        nint properties = 0;
        if (_options.Version == MqttVersion.V5)
            _ = MosquittoNative.PropertyAddInt32(ref properties, MosquittoNative.PropertyMaximumPacketSize, (uint)(_options.MaxPayload + PacketOverhead));
        // Outside the lock: it resolves the name and waits for the TCP handshake. Nobody else uses the handle before the broker has accepted.
        var code = MosquittoNative.Connect(_handle, _options.Host, _options.Port, (int)_options.KeepAlive.TotalSeconds, null, properties);
        var error = Marshal.GetLastPInvokeError();
        if (properties != 0)
            MosquittoNative.PropertyFreeAll(ref properties);
        return code switch
        {
            MosquittoNative.Success => true,
            MosquittoNative.Errno => End(LinkFault.Unreachable, Marshal.GetPInvokeErrorMessage(error)),
            MosquittoNative.Tls or MosquittoNative.TlsHandshake => NotTrusted(code),
            _ => End(LinkFault.Unreachable, MosquittoNative.Text(code)),
        };
    }

    /// <summary>The library says no more than that it was TLS; these are the causes there are.</summary>
    private bool NotTrusted(int code) => End(
        LinkFault.Tls,
        $"{_options.Host}:{_options.Port} does not show a certificate that the authority in {_options.CaFile} has signed for this name, or speaks no TLS ({MosquittoNative.Text(code)})");

    private void Serve()
    {
        var started = _time.GetTimestamp();
        while (!_stop)
        {
            int socket;
            short interest;
            lock (_gate)
            {
                socket = MosquittoNative.Socket(_handle);
                interest = MosquittoNative.WantWrite(_handle) ? (short)(PosixPoll.In | PosixPoll.Out) : PosixPoll.In;
            }
            if (socket < 0)
            {
                End(LinkFault.Lost, "the connection was closed");
                return;
            }
            var ready = PosixPoll.Wait(socket, interest, _wake, TickMilliseconds);
            int code;
            lock (_gate)
                code = Step(ready);
            HandOver();
            if (code != MosquittoNative.Success)
            {
                _ = code is MosquittoNative.Tls or MosquittoNative.TlsHandshake
                    ? NotTrusted(code)
                    : End(code == MosquittoNative.KeepAliveFailed ? LinkFault.TimedOut : LinkFault.Lost, MosquittoNative.Text(code));
                return;
            }
            if (Outcome.Fault != LinkFault.None)
                return;
            if (!_accepted && _time.GetElapsedTime(started) > _options.ConnectTimeout)
            {
                End(LinkFault.TimedOut, "the broker took the connection and did not answer");
                return;
            }
        }
    }

    private int Step(short ready)
    {
        var code = MosquittoNative.Success;
        if ((ready & ~PosixPoll.Out) != 0)
            code = MosquittoNative.LoopRead(_handle, 1);
        if (code == MosquittoNative.Success && MosquittoNative.WantWrite(_handle))
            code = MosquittoNative.LoopWrite(_handle, 1);
        if (code == MosquittoNative.Success)
            code = MosquittoNative.LoopMisc(_handle);
        return code;
    }

    /// <summary>Calls the readers, with no lock held: one of them may well hold a lock of its own under which it publishes.</summary>
    private void HandOver()
    {
        if (_untold)
        {
            _untold = false;
            _link.Accepted(this);
            bool nothingAwaited;
            lock (_gate)
                nothingAwaited = _awaited.Count == 0;
            if (nothingAwaited)
                _link.Ready(this);
        }
        foreach (var arrival in _arrivals)
        {
            _link.Deliver(arrival.Topic, arrival.Buffer.AsSpan(0, arrival.Length), arrival.Retained, arrival.At);
            ArrayPool<byte>.Shared.Return(arrival.Buffer);
        }
        _arrivals.Clear();
    }

    // The callbacks run inside LoopRead, on this connection's thread and under its lock. They note what came; HandOver tells.

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Connected(nint handle, nint user, int code, int flags, nint properties)
    {
        var self = From(user);
        if (code == 0)
        {
            self._accepted = true;
            self._untold = true;
            return;
        }
        // MQTT 3 has 4 and 5 for it, MQTT 5 has 0x86, 0x87 and 0x8A.
        var fault = code is 4 or 5 or 0x86 or 0x87 or 0x8A ? LinkFault.NotAuthorised : LinkFault.Refused;
        self.End(fault, MosquittoNative.ReasonText(code));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Disconnected(nint handle, nint user, int code, nint properties)
    {
        const int sessionTakenOver = 0x8E;
        if (code != 0)
            From(user).End(code == sessionTakenOver ? LinkFault.TakenOver : LinkFault.Lost, code < 0x80 ? MosquittoNative.Text(code) : MosquittoNative.ReasonText(code));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Delivered(nint handle, nint user, MosquittoNative.Message* message, nint properties)
    {
        var self = From(user);
        var at = self._time.GetTimestamp();
        var topic = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(message->Topic);
        if (message->PayloadLength > self._options.MaxPayload)
        {
            self._link.Oversized(topic, message->PayloadLength);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(message->PayloadLength);
        new ReadOnlySpan<byte>(message->Payload, message->PayloadLength).CopyTo(buffer);
        self._arrivals.Add(new Arrival(Encoding.UTF8.GetString(topic), buffer, message->PayloadLength, message->Retain != 0, at));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Subscribed(nint handle, nint user, int mid, int count, int* granted, nint properties)
    {
        var self = From(user);
        if (!self._awaited.Remove(mid, out var subscription))
            return;
        self._link.Answered(subscription, granted: count > 0 && granted[0] < 0x80);
        if (self._awaited.Count == 0)
            self._link.Ready(self);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Published(nint handle, nint user, int mid, int reason, nint properties)
    {
        if (reason >= 0x80)
            From(user)._link.PublishRefused(MosquittoNative.ReasonText(reason));
    }

    private static MosquittoConnection From(nint user) => (MosquittoConnection)GCHandle.FromIntPtr(user).Target!;

    private readonly record struct Arrival(string Topic, byte[] Buffer, int Length, bool Retained, long At);
}
