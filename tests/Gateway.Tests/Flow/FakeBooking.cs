using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Uploading;
using FabLab.Testing;

namespace FabLab.Gateway.Tests.Flow;

/// <summary>The other side of the line, in memory: a feed of rules that waits, and a journal that takes each line once.</summary>
internal sealed class FakeBooking(ManualTime time) : IJournalIntake, IPolicySource, IDeviceDesk
{
    private readonly Lock _gate = new();
    private readonly List<PolicyChange> _changes = [];
    private readonly SortedDictionary<(long Epoch, long Seq), JournalRecord> _lines = [];
    private readonly List<DeviceEnrolled> _enrolled = [];
    private readonly List<DeviceTested> _tested = [];
    private TaskCompletionSource _changed = New();
    private bool _down;

    /// <summary>Requests that came with lines already known.</summary>
    public int Repeated { get; private set; }

    /// <summary>Batches in which the numbers were not ascending or left one out.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>Lines of which Booking says that it can never store them.</summary>
    public Func<JournalRecord, bool> Refuses { get; set; } = _ => false;

    /// <summary>Lines for which the whole batch is answered with an error.</summary>
    public Func<JournalRecord, bool> Chokes { get; set; } = _ => false;

    /// <summary>Stores a batch and lets the answer get lost, this many times.</summary>
    public int LoseAnswers { get; set; }

    /// <summary>Devices that staff have withdrawn.</summary>
    public IReadOnlyList<DeviceId> Withdrawn { get; set; } = [];

    /// <summary>Devices to enrol, until the gateway has said what became of each.</summary>
    public IReadOnlyList<DeviceToEnrol> Enrol { get; set; } = [];

    /// <summary>What is to be adopted, until the gateway has said what became of each.</summary>
    public IReadOnlyList<DeviceToAdopt> Adopt { get; set; } = [];

    /// <summary>Devices to be given a firmware, until the gateway speaks of it.</summary>
    public IReadOnlyList<DeviceToUpdate> Update { get; set; } = [];

    /// <summary>The firmware of each of them.</summary>
    public byte[]? Firmware { get; set; }

    public Task<byte[]?> FirmwareAsync(DeviceId device, CancellationToken cancellationToken) => Task.FromResult(Down ? null : Firmware);

    /// <summary>Devices to try, until the gateway has said what came of each.</summary>
    public IReadOnlyList<DeviceToTest> Test { get; set; } = [];

    /// <summary>What the gateway said of trials, in order.</summary>
    public IReadOnlyList<DeviceTested> Tested
    {
        get { lock (_gate) return [.. _tested]; }
    }

    /// <summary>What the gateway said of enrolments, in order.</summary>
    public IReadOnlyList<DeviceEnrolled> Enrolled
    {
        get { lock (_gate) return [.. _enrolled]; }
    }

    /// <summary>What was last told of the devices.</summary>
    public DevicesNow? Devices { get; private set; }

    public bool Down
    {
        get { lock (_gate) return _down; }
        set
        {
            lock (_gate)
                _down = value;
            Signal();
        }
    }

    public IReadOnlyList<JournalRecord> Lines
    {
        get { lock (_gate) return [.. _lines.Values]; }
    }

    public IReadOnlyList<MachineEvent> Events =>
        [.. Lines.Where(l => l.Kind == JournalKinds.Event).Select(l => l.Body.Deserialize<MachineEvent>(CoreJson.Options)!)];

    public long Revision
    {
        get { lock (_gate) return _changes.Count == 0 ? 0 : _changes[^1].Revision; }
    }

    public void Put(params PolicyEntity[] entities)
    {
        lock (_gate)
        {
            foreach (var entity in entities)
                _changes.Add(PolicyChange.Put(_changes.Count + 1, entity));
        }
        Signal();
    }

    public void Remove(PolicyKind kind, Guid id)
    {
        lock (_gate)
            _changes.Add(PolicyChange.Remove(_changes.Count + 1, kind, id));
        Signal();
    }

    /// <summary>Completes when the condition holds; looked at whenever a line comes in.</summary>
    public async Task WaitForAsync(Func<FakeBooking, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
                changed = _changed.Task;
            if (condition(this))
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }

    public Task WaitForEventAsync<T>(CancellationToken cancellationToken, Func<T, bool>? condition = null)
        where T : MachineEvent => WaitForAsync(b => b.Events.OfType<T>().Any(condition ?? (_ => true)), cancellationToken);

    public async Task<FeedAnswer> AskAsync(long since, TimeSpan wait, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_down)
                    return new FeedAnswer.Unavailable("down");
                var full = since > Revision || since == 0;
                var changes = full
                    ? LabPolicy.Empty.Apply(_changes, time.Now).Entities().Select(e => PolicyChange.Put(Revision, e)).ToList()
                    : _changes.Where(c => c.Revision > since).ToList();
                if (changes.Count > 0 || full || wait == TimeSpan.Zero)
                    return new FeedAnswer.Received(new PolicyFeed(Revision, full, changes, time.Now));
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken);
        }
    }

    public Task<DeviceOrders?> TellAsync(DevicesNow devices, CancellationToken cancellationToken)
    {
        Devices = devices;
        if (Down)
            return Task.FromResult<DeviceOrders?>(null);
        foreach (var told in devices.Enrolled ?? [])
        {
            lock (_gate)
                _enrolled.Add(told);
            Enrol = [.. Enrol.Where(e => e.Device != told.Device)];
            Adopt = [.. Adopt.Where(a => a.Device != told.Device)];
        }
        foreach (var told in devices.Tested ?? [])
        {
            lock (_gate)
                _tested.Add(told);
            Test = [.. Test.Where(t => t.Asked != told.Asked)];
        }
        Update = [.. Update.Where(u => devices.Devices.FirstOrDefault(d => d.Device == u.Device)?.Update?.AskedAt != u.Asked)];
        Signal();
        return Task.FromResult<DeviceOrders?>(new DeviceOrders([.. Withdrawn.Where(w => devices.Devices.Any(d => d.Device == w))]) { Enrol = Enrol.Count > 0 ? Enrol : null, Test = Test.Count > 0 ? Test : null, Adopt = Adopt.Count > 0 ? Adopt : null, Update = Update.Count > 0 ? Update : null });
    }

    public Task<IntakeAnswer> SendAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_down)
                return Answer(new IntakeAnswer.Unavailable("down"));
            if (batch.Records.Any(Chokes))
                return Answer(new IntakeAnswer.NotUnderstood("bad_request", "cannot read that"));
            if (batch.Records.Zip(batch.Records.Skip(1)).Any(p => p.Second.Seq <= p.First.Seq))
                OutOfOrder++;
            var refused = new List<RefusedRecord>();
            foreach (var record in batch.Records)
            {
                if (Refuses(record))
                    refused.Add(new RefusedRecord(record.Seq, RecordRefusals.BadBody, "cannot store that"));
                else if (!_lines.TryAdd((batch.Epoch, record.Seq), record))
                    Repeated++;
            }
            if (LoseAnswers > 0)
            {
                LoseAnswers--;
                return Answer(new IntakeAnswer.Unavailable("answer lost"));
            }
            return Answer(new IntakeAnswer.Received(new JournalReceipt(batch.Records[^1].Seq, refused)));
        }
    }

    private Task<IntakeAnswer> Answer(IntakeAnswer answer)
    {
        Signal();
        return Task.FromResult(answer);
    }

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = New();
        }
        changed.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
