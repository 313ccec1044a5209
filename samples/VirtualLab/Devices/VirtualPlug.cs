using System.Text;
using FabLab.Gateway.Links;
using FabLab.VirtualLab.World;
using Microsoft.Extensions.Logging;

namespace FabLab.VirtualLab.Devices;

/// <summary>What a bought plug of the virtual lab is made with.</summary>
/// <param name="Id">The device id, its user name at the broker.</param>
/// <param name="Topic">What its topics are made of.</param>
/// <param name="Password">Null where the broker asks for none.</param>
/// <param name="BrokerPort">Port of the broker on this computer.</param>
/// <param name="Machine">What hangs on it.</param>
/// <param name="Time">Its own clock, which counts its timers.</param>
/// <param name="Began">When the lab began, by that clock.</param>
/// <param name="Network">The clock of its connection.</param>
/// <param name="Logger">Where the link writes what happens to it.</param>
internal sealed record PlugWiring(
    string Id, string Topic, string? Password, int BrokerPort, VirtualMachine Machine, TimeProvider Time, long Began, TimeProvider Network, ILogger Logger);

/// <summary>
/// What bought plugs have in common: a relay with a machine behind it, a meter, a clock of their own that goes on without a
/// broker, and a cable that can be cut.
/// </summary>
internal abstract class VirtualPlug : IVirtualDevice, IMqttSink
{
    private readonly NetworkCable _cable;
    private readonly PlugWiring _wiring;
    private readonly string[] _listens;
    private long _toldAtMs;
    private double _toldWatts;
    private long _bootedAtMs;

    protected VirtualPlug(PlugWiring wiring, MqttWill? will, params string[] listens)
    {
        _wiring = wiring;
        _listens = listens;
        _cable = new NetworkCable(wiring.BrokerPort);
        Wire = MqttLinks.Create(
            new MqttLinkOptions
            {
                Port = _cable.Port,
                ClientId = wiring.Id,
                UserName = wiring.Password is null ? null : wiring.Id,
                Password = wiring.Password,
                Version = MqttVersion.V311,
                KeepAlive = TimeSpan.FromSeconds(30),
                Will = will,
                Backoff = new BackoffOptions { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromSeconds(2) },
            },
            wiring.Network, wiring.Logger);
    }

    public event Action<Shown>? Displayed
    {
        // None of them has a display.
        add { }
        remove { }
    }

    public string Id => _wiring.Id;

    public bool IsConnected => Wire.Status.Phase == LinkPhase.Up;

    /// <summary>Its connection; a test may send its own messages over it.</summary>
    public IMqttLink Wire { get; }

    public VirtualMachine Machine => _wiring.Machine;

    public bool IsClosed => Machine.Relay.IsClosed;

    /// <summary>Its timer does not start: a firmware that only looks as if it had one.</summary>
    public bool TimerDead { get; set; }

    protected Lock Gate { get; } = new();

    protected bool Powered { get; private set; }

    protected string Topic => _wiring.Topic;

    /// <summary>Milliseconds of its own clock.</summary>
    protected long NowMs => (long)_wiring.Time.GetElapsedTime(_wiring.Began).TotalMilliseconds;

    protected long UptimeMs => NowMs - _bootedAtMs;

    protected double UnixSeconds => _wiring.Time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>When its timer opens the relay; null when none runs.</summary>
    protected long? OpensAtMs { get; private set; }

    protected long TimerStartedMs { get; private set; }

    protected long TimerMs { get; private set; }

    protected int Boots { get; private set; } = 1;

    protected virtual TimeSpan MeterPeriod => TimeSpan.FromSeconds(5);

    /// <summary>What the relay is when the power comes back.</summary>
    protected virtual bool ClosedAtBoot => false;

    public void Start()
    {
        Powered = true;
        foreach (var filter in _listens)
            Wire.Subscribe(filter, MqttQos.AtMostOnce, this);
        Wire.Start();
    }

    public void Tick()
    {
        lock (Gate)
        {
            if (!Powered)
                return;
            var now = NowMs;
            if (OpensAtMs is { } at && now >= at)
                SetRelay(closed: false, at);
            var (watts, energy) = Machine.Read(now);
            if (now - _toldAtMs < MeterPeriod.TotalMilliseconds && Math.Abs(watts - _toldWatts) < 5)
                return;
            (_toldAtMs, _toldWatts) = (now, watts);
            TellMeter(watts, energy);
        }
    }

    public virtual void Tap(int reader, string number) => throw new NotSupportedException("This plug has no reader.");

    public void Cable(bool plugged, bool silent)
    {
        if (plugged)
            _cable.Mend();
        else
            _cable.Cut(silent);
    }

    public void Power(bool on)
    {
        lock (Gate)
        {
            if (Powered == on)
                return;
            Powered = on;
            if (on)
                (Boots, _bootedAtMs) = (Boots + 1, NowMs);
            OpensAtMs = null;
            Machine.Switch(on && ClosedAtBoot, NowMs);
        }
        Cable(plugged: on, silent: false);
    }

    public virtual bool Misbehave(string how)
    {
        if (how != "button")
            return false;
        lock (Gate)
            SetRelay(!IsClosed, NowMs);
        return true;
    }

    public void OnMessage(in MqttDelivery message)
    {
        lock (Gate)
        {
            if (Powered)
                Obey(message.Topic, Encoding.UTF8.GetString(message.Payload));
        }
    }

    public void OnLinkChanged(bool up)
    {
        lock (Gate)
        {
            if (up)
                Connected();
            else
                Disconnected();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Wire.DisposeAsync();
        await _cable.DisposeAsync();
        lock (Gate)
            Machine.Switch(closed: false, NowMs);
    }

    /// <summary>A message on what it listens to.</summary>
    protected abstract void Obey(string topic, string text);

    /// <summary>The broker has accepted it.</summary>
    protected abstract void Connected();

    protected virtual void Disconnected()
    {
    }

    /// <summary>Says what its relay is.</summary>
    protected abstract void TellRelay();

    /// <summary>Says what its meter shows.</summary>
    protected abstract void TellMeter(double watts, long milliWattHours);

    /// <summary>Moves the relay and says so when it moved.</summary>
    protected void SetRelay(bool closed, long atMs)
    {
        var moved = IsClosed != closed;
        Machine.Switch(closed, atMs);
        if (!closed)
            OpensAtMs = null;
        if (moved)
            TellRelay();
    }

    /// <summary>Starts the timer that opens the relay.</summary>
    protected void Arm(double seconds)
    {
        if (TimerDead)
            return;
        (TimerStartedMs, TimerMs) = (NowMs, (long)(seconds * 1000));
        OpensAtMs = TimerStartedMs + TimerMs;
    }

    protected void Disarm() => OpensAtMs = null;

    protected void Say(string topic, string text, bool retain = false) =>
        Wire.Publish(topic, Encoding.UTF8.GetBytes(text), MqttQos.AtMostOnce, retain);
}
