using System.Globalization;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Jobs;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Grbl;

/// <summary>
/// A machine with GRBL, by what it says of itself, however that is heard. A job is what runs from rest to rest. Everything here wants
/// <see cref="Gate"/>.
/// </summary>
internal abstract class GrblWitness(DeviceId id, TimeProvider time, ILogger logger) : WitnessDevice(id, time, logger)
{
    /// <summary>The one byte that asks for the status, and that GRBL takes out of the stream whatever else it does.</summary>
    protected static readonly byte[] Question = "?"u8.ToArray();

    /// <summary>Between two lines of a program the controller may rest for a moment.</summary>
    private static readonly TimeSpan RestIsAnEnd = TimeSpan.FromSeconds(3);

    private readonly GrblParser _parser = new();
    private MachineJob? _job;
    private Instant _restsFrom;
    private long? _restsSince;
    private JobState _ending;

    /// <summary>Status reports so far.</summary>
    internal long Reported { get; private set; }

    protected Lock Gate { get; } = new();

    /// <summary>When it said something that was understood.</summary>
    protected long HeardAt { get; set; }

    /// <summary>Takes what the controller said, in any pieces.</summary>
    protected void Listen(ReadOnlySpan<byte> bytes)
    {
        var bad = _parser.Bad;
        _parser.Take(bytes, Told);
        if (_parser.Bad != bad)
            Malformed("a line that is none of GRBL's");
    }

    /// <summary>The connection is another one: half a line is none.</summary>
    protected void Begin()
    {
        HeardAt = Time.GetTimestamp();
        _parser.Reset();
    }

    private void Told(GrblLine line, string state)
    {
        HeardAt = Time.GetTimestamp();
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

    /// <summary>It is not heard any more; what it had in hand ends when it was last seen.</summary>
    protected void Lost(string why)
    {
        (_job, _restsSince) = (null, null);
        Went(why);
    }
}
