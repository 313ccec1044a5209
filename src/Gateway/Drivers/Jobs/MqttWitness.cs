using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Jobs;

/// <summary>A witness that publishes on a broker, ours or its own. What it said last is said on every half minute, for as long as it is there.</summary>
internal abstract class MqttWitness : WitnessDevice, IMqttSink
{
    private const int MostBytes = 64 * 1024;

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private readonly IMqttLink _link;
    private readonly string _filter;
    private readonly Lock _gate = new();
    private IMqttSubscription? _subscription;
    private ITimer? _timer;
    private bool _isKnown;
    private MachineJob? _inHand;

    protected MqttWitness(DeviceId id, IMqttLink link, string filter, TimeProvider time, ILogger logger)
        : base(id, time, logger)
    {
        _link = link;
        _filter = filter;
    }

    /// <summary>The job in hand, as far as is known. Read and set inside <see cref="Take"/> only.</summary>
    protected MachineJob? Current => _inHand;

    /// <summary>Begins to listen.</summary>
    public void Listen()
    {
        _subscription = _link.Subscribe(_filter, MqttQos.AtLeastOnce, this);
        _timer = Time.CreateTimer(_ => Tick(), null, Again, Again);
    }

    public void OnMessage(in MqttDelivery message)
    {
        lock (_gate)
        {
            if (message.Payload.Length > MostBytes)
            {
                Malformed($"a message of more than {MostBytes} bytes");
                return;
            }
            try
            {
                Take(message.Topic, message.Payload, message.Retained);
            }
            catch (InvalidOperationException)
            {
                // JSON may hold what is no Unicode; that shows only when the text is read.
                Malformed("text that is no Unicode");
            }
        }
    }

    public void OnLinkChanged(bool up)
    {
        lock (_gate)
        {
            if (up)
                LinkUp();
            else
                Lost("its broker is not there");
        }
    }

    /// <summary>What it says.</summary>
    protected abstract void Take(string topic, ReadOnlySpan<byte> payload, bool retained);

    /// <summary>The broker is there.</summary>
    protected virtual void LinkUp()
    {
    }

    /// <summary>Time passes, every ten seconds.</summary>
    protected virtual void Passed()
    {
    }

    /// <summary>It says what is in hand.</summary>
    protected void Says(MachineJob? job)
    {
        (_isKnown, _inHand) = (true, job);
        Came();
        InHand(job);
    }

    /// <summary>It says how the job in hand ended.</summary>
    protected void Ended(JobState state)
    {
        if (_inHand is { } job)
            Over(job with { State = state, EndedAt = Now });
        Says(null);
    }

    /// <summary>It is not there any more, and nobody knows what it does.</summary>
    protected void Lost(string why)
    {
        (_isKnown, _inHand) = (false, null);
        Went(why);
    }

    /// <summary>Lets go of the link, where it is this device's own.</summary>
    protected virtual ValueTask CloseLinkAsync(IMqttLink link) => ValueTask.CompletedTask;

    protected override async ValueTask CloseAsync()
    {
        if (_timer is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
        _subscription?.Dispose();
        await CloseLinkAsync(_link).ConfigureAwait(false);
    }

    private void Tick()
    {
        lock (_gate)
        {
            Passed();
            if (_isKnown)
                InHand(_inHand);
        }
    }
}
