using System.Runtime.InteropServices;

namespace FabLab.Host.Bench;

/// <summary>
/// The hand that taps: a thread with a timetable. A start is due when it is due, whatever became of the ones before (open loop),
/// and is counted from then; a machine that is still busy takes it as soon as it is free, and the wait counts.
/// </summary>
internal sealed partial class TapSchedule
{
    private const int SetTimerSlack = 29;

    /// <summary>After something went wrong at a machine: longer than a reader joins repetitions of one tag.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(600);

    /// <summary>The devices' own clocks are moved on in so many small parts: a thousand at once would make a tap late.</summary>
    private const int TickParts = 25;

    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a machine stays on before its use is ended again.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(4);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<Act, long> _acts = new();
    private readonly IReadOnlyList<BenchNode> _nodes;
    private readonly Machine[] _machines;
    private readonly Dictionary<long, long> _floorDue = [];
    private readonly Dictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private readonly Percentiles _product = new();
    private readonly Percentiles _floor = new();
    private readonly TimeProvider _time = TimeProvider.System;
    private long _measureFrom;

    public TapSchedule(IReadOnlyList<BenchNode> nodes)
    {
        _nodes = nodes;
        _machines = [.. nodes.Select(_ => new Machine())];
    }

    private enum Kind
    {
        Start,
        Stop,
        Free,
        Floor,
        Tick,
    }

    public Percentiles Product => _product;

    public Percentiles Floor => _floor;

    /// <summary>Taps and floor messages that were due in the measured time.</summary>
    public int Due { get; private set; }

    /// <summary>Of those taps, the ones whose relay command never came, refused ones among them.</summary>
    public int Lost { get; private set; }

    /// <summary>What readers said that refused a tap, and how often, warm-up included.</summary>
    public IReadOnlyDictionary<string, int> Refusals => _refusals;

    /// <summary>Floor messages of the measured time that were never answered.</summary>
    public int FloorLost { get; private set; }

    /// <summary>Runs the timetable; returns when the last answer has come or been given up.</summary>
    /// <param name="rate">Starts a second, and as many floor messages in between.</param>
    /// <param name="warmUp">Not measured.</param>
    /// <param name="length">Measured.</param>
    /// <param name="floor">Whether the floor's messages are sent in between.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RunAsync(int rate, TimeSpan warmUp, TimeSpan length, bool floor, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hand = new Thread(() =>
        {
            try
            {
                Run(rate, warmUp, length, floor, cancellationToken);
                done.SetResult();
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        })
        { IsBackground = true, Priority = ThreadPriority.Highest, Name = "hand" };
        hand.Start();
        return done.Task;
    }

    private void Run(int rate, TimeSpan warmUp, TimeSpan length, bool floor, CancellationToken cancellationToken)
    {
        // Sleep as exactly as the kernel can: the default slack of 50 µs would be most of the floor.
        _ = prctl(SetTimerSlack, 1, 0, 0, 0);
        var begin = _time.GetTimestamp() + Ticks(TimeSpan.FromMilliseconds(50));
        _measureFrom = begin + Ticks(warmUp);
        var total = (long)((warmUp + length).TotalSeconds * rate);
        var step = (double)_time.TimestampFrequency / rate;
        lock (_gate)
        {
            for (long i = 0; i < total; i++)
            {
                var due = begin + (long)(i * step);
                _acts.Enqueue(new Act(Kind.Start, (int)(i % _nodes.Count), due, 0), due);
                if (!floor)
                    continue;
                var floorDue = due + (long)(step / 2);
                _acts.Enqueue(new Act(Kind.Floor, (int)(i % _nodes.Count), floorDue, i), floorDue);
            }
            for (var part = 0; part < TickParts; part++)
            {
                var due = begin + (Ticks(TickEvery) * part / TickParts);
                _acts.Enqueue(new Act(Kind.Tick, part, due, 0), due);
            }
        }
        var end = begin + (long)(total * step);
        var giveUp = end + Ticks(TimeSpan.FromSeconds(10));
        while (_time.GetTimestamp() < giveUp && !(_time.GetTimestamp() > end && IsQuiet()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Next();
        }
        lock (_gate)
            CountLost();
    }

    private void CountLost()
    {
        FloorLost = _floorDue.Values.Count(due => due >= _measureFrom);
        Lost += _machines.Count(machine => machine.StartDue >= _measureFrom) + _machines.Sum(machine => machine.Waiting.Count(due => due >= _measureFrom));
    }

    /// <summary>Called by a node when its relay moves.</summary>
    public void OnRelay(int index, bool closed, long at)
    {
        lock (_gate)
        {
            var machine = _machines[index];
            if (closed && machine.StartDue is null)
            {
                // The answer to a tap that the device had given up.
                machine.Busy = true;
                Then(Kind.Stop, index, Breath);
            }
            else if (closed && machine.StartDue is { } due)
            {
                if (due >= _measureFrom)
                    _product.Add(_time.GetElapsedTime(due, at));
                machine.StartDue = null;
                Then(Kind.Stop, index, Hold);
            }
            else if (machine.Busy && machine.StartDue is null)
            {
                Release(index, machine);
            }
        }
    }

    /// <summary>Called by a node when its reader says no: a start is lost, a stop is tried again.</summary>
    public void OnRefused(int index, string code)
    {
        lock (_gate)
        {
            var machine = _machines[index];
            _refusals[code] = _refusals.GetValueOrDefault(code) + 1;
            if (machine.StartDue is { } due)
            {
                if (due >= _measureFrom)
                    Lost++;
                machine.StartDue = null;
                Then(Kind.Free, index, Breath);
            }
            else if (machine.Busy)
            {
                Then(Kind.Stop, index, Breath);
            }
        }
    }

    private void Release(int index, Machine machine)
    {
        machine.Busy = false;
        if (machine.Waiting.TryDequeue(out var next))
            _acts.Enqueue(new Act(Kind.Start, index, next, -1), 0);
    }

    private void Then(Kind kind, int index, TimeSpan after)
    {
        var due = _time.GetTimestamp() + Ticks(after);
        _acts.Enqueue(new Act(kind, index, due, 0), due);
    }

    /// <summary>Called by a node when the floor answers.</summary>
    public void OnFloor(long number, long at)
    {
        lock (_gate)
        {
            if (_floorDue.Remove(number, out var due) && due >= _measureFrom)
                _floor.Add(_time.GetElapsedTime(due, at));
        }
    }

    private bool IsQuiet()
    {
        lock (_gate)
            return _floorDue.Count == 0 && _machines.All(machine => !machine.Busy && machine.Waiting.Count == 0);
    }

    private void Next()
    {
        Act? act = null;
        long wait;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (_acts.TryPeek(out var first, out var due) && due <= now)
            {
                act = first;
                _acts.Dequeue();
            }
            wait = act is null ? Math.Min(due - now, Ticks(TimeSpan.FromMilliseconds(1))) : 0;
        }
        if (act is not null)
            Carry(act);
        else if (wait > 0)
            Sleep(wait);
    }

    private void Carry(Act act)
    {
        switch (act.Kind)
        {
            case Kind.Tick:
                for (var i = act.Machine; i < _nodes.Count; i += TickParts)
                    _nodes[i].Tick();
                lock (_gate)
                {
                    var next = _time.GetTimestamp() + Ticks(TickEvery);
                    _acts.Enqueue(act with { Due = next }, next);
                }
                return;
            case Kind.Floor:
                lock (_gate)
                    _floorDue[act.Number] = act.Due;
                // As long as a sealed tap.
                Span<byte> payload = stackalloc byte[190];
                payload.Clear();
                BitConverter.TryWriteBytes(payload, act.Number);
                _nodes[act.Machine].Floor(payload);
                return;
            case Kind.Start:
                lock (_gate)
                {
                    if (act.Due >= _measureFrom && act.Number >= 0)
                        Due++;
                    var machine = _machines[act.Machine];
                    if (machine.Busy)
                    {
                        machine.Waiting.Enqueue(act.Due);
                        return;
                    }
                    machine.Busy = true;
                    machine.StartDue = act.Due;
                }
                _nodes[act.Machine].TapStart();
                return;
            case Kind.Free:
                lock (_gate)
                {
                    if (_machines[act.Machine] is { StartDue: null } machine)
                        Release(act.Machine, machine);
                }
                return;
            case Kind.Stop:
                _nodes[act.Machine].TapStop();
                return;
        }
    }

    private void Sleep(long ticks)
    {
        var nanoseconds = ticks * 1_000_000_000L / _time.TimestampFrequency;
        var request = new TimeSpec { Seconds = nanoseconds / 1_000_000_000L, Nanoseconds = nanoseconds % 1_000_000_000L };
        _ = nanosleep(ref request, 0);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private sealed record Act(Kind Kind, int Machine, long Due, long Number);

    private sealed class Machine
    {
        public bool Busy { get; set; }

        public long? StartDue { get; set; }

        public Queue<long> Waiting { get; } = new();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int nanosleep(ref TimeSpec request, nint remaining);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);
}
