using System.Globalization;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links.Tcp;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Grbl;

/// <summary>
/// A machine with GRBL behind a network port. It is sent the one byte that asks for its status and nothing else; whoever streams the
/// program does so on another connection. A job is what runs from rest to rest.
/// </summary>
internal sealed class GrblDevice : WitnessDevice, ITcpSink
{
    private static readonly byte[] Question = "?"u8.ToArray();
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>Between two lines of a program the controller may rest for a moment.</summary>
    private static readonly TimeSpan RestIsAnEnd = TimeSpan.FromSeconds(3);

    private readonly TcpLink _link;
    private readonly GrblParser _parser = new();
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private MachineJob? _job;
    private Instant _restsFrom;
    private long? _restsSince;
    private JobState _ending;
    private long _heardAt;
    private bool _isUp;

    public GrblDevice(DeviceId id, TcpLink link, TimeProvider time, ILogger logger)
        : base(id, time, logger) => _link = link;

    /// <summary>Status reports so far.</summary>
    internal long Reported { get; private set; }

    public void Start()
    {
        _timer = Time.CreateTimer(_ => Tick(), null, Every, Every);
        _link.Start(this);
    }

    public void OnBytes(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var bad = _parser.Bad;
            _parser.Take(bytes, Told);
            if (_parser.Bad != bad)
                Malformed("a line that is none of GRBL's");
        }
    }

    public void OnLinkChanged(bool up, string? why)
    {
        lock (_gate)
        {
            _isUp = up;
            _heardAt = Time.GetTimestamp();
            _parser.Reset();
            if (up)
                _link.Write(Question);
            else
                Lost(why ?? "the connection is closed");
        }
    }

    protected override async ValueTask CloseAsync()
    {
        if (_timer is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
    }

    private void Told(GrblLine line, string state)
    {
        _heardAt = Time.GetTimestamp();
        switch (line)
        {
            case GrblLine.Status:
                Came();
                Status(state);
                Reported++;
                break;
            case GrblLine.ProgramEnd:
                // Told when the last line was read; the head may still move.
                _ending = JobState.Done;
                break;
            case GrblLine.Alarm:
                End(JobState.Failed, Now);
                break;
            case GrblLine.Reset:
                End(JobState.Cancelled, Now);
                break;
        }
    }

    private void Status(string state)
    {
        switch (state)
        {
            case "Run":
                _restsSince = null;
                _job ??= Begun();
                InHand(_job = _job with { State = JobState.Running });
                break;
            case "Hold" or "Door" or "Tool" when _job is { } held:
                _restsSince = null;
                InHand(_job = held with { State = JobState.Paused });
                break;
            case "Alarm":
                End(JobState.Failed, Now);
                break;
            case "Idle" or "Sleep" when _job is { } running:
                if (_restsSince is null)
                    (_restsSince, _restsFrom) = (Time.GetTimestamp(), Now);
                if (_ending == JobState.Done || Time.GetElapsedTime(_restsSince.Value) >= RestIsAnEnd)
                    End(JobState.Done, _restsFrom);
                else
                    InHand(running);
                break;
            case "Idle" or "Sleep" or "Check":
                InHand(null);
                break;
        }
    }

    private MachineJob Begun()
    {
        _ending = JobState.Running;
        return new MachineJob { Device = Id, Id = string.Create(CultureInfo.InvariantCulture, $"t{Now.ToUnixTimeMilliseconds()}"), StartedAt = Now };
    }

    private void End(JobState how, Instant at)
    {
        if (_job is { } job)
            Over(job with { State = how, EndedAt = at });
        (_job, _restsSince, _ending) = (null, null, JobState.Running);
        InHand(null);
    }

    private void Lost(string why)
    {
        (_job, _restsSince) = (null, null);
        Went(why);
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (!_isUp)
                return;
            if (Time.GetElapsedTime(_heardAt) > Silence)
            {
                Lost("it does not answer");
                _link.Again();
            }
            else
            {
                _link.Write(Question);
            }
        }
    }
}
