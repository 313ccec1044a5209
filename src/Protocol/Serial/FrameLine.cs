namespace FabLab.Protocol.Serial;

/// <summary>What a <see cref="FrameLine"/> wants done or reports.</summary>
public abstract record LineOutput
{
    private LineOutput()
    {
    }

    /// <summary>Write these bytes to the line.</summary>
    /// <param name="Bytes">The bytes.</param>
    public sealed record Write(byte[] Bytes) : LineOutput;

    /// <summary>A frame arrived, in order, once.</summary>
    /// <param name="Frame">The frame; never an acknowledgement.</param>
    public sealed record Arrived(Frame Frame) : LineOutput;

    /// <summary>A frame was acknowledged by the other end.</summary>
    /// <param name="Frame">The frame.</param>
    public sealed record Delivered(Frame Frame) : LineOutput;

    /// <summary>A frame was sent five times without an answer. It and all that waited are dropped; the line starts again with a hello.</summary>
    public sealed record Dead : LineOutput;

    /// <summary>Bytes were refused.</summary>
    /// <param name="Fault">Why.</param>
    public sealed record Refused(Fault Fault) : LineOutput;
}

/// <summary>
/// One end of a serial line: decodes, acknowledges, drops repetitions, sends one frame at a time and repeats it until acknowledged.
/// Pure: the caller reads and writes bytes, gives the monotonic time and carries out the outputs in order. Both ends use it. Not thread safe.
/// </summary>
public sealed class FrameLine
{
    /// <summary>Frames that may wait. One more drops the oldest meter reading, else is refused.</summary>
    public const int Capacity = 64;

    private readonly FrameDecoder _decoder = new();
    private readonly List<(FrameType Type, byte[] Payload)> _waiting = [];
    private Frame? _sent;
    private byte[] _sentBytes = [];
    private int _tries;
    private long _sentAt;
    private ushort _lastSeq;
    private ushort _lastHeard;

    /// <summary>Frames waiting, the one in flight not counted.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>When <see cref="Tick"/> has something to do, on the caller's clock; null when nothing is in flight.</summary>
    public long? NextDue => _sent is null ? null : _sentAt + Limits.FrameAckMs;

    /// <summary>Sends a frame, or queues it behind those that wait.</summary>
    /// <param name="nowMs">Monotonic time, ms.</param>
    /// <param name="type">What it carries.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="accepted">False when the queue was full.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<LineOutput> Send(long nowMs, FrameType type, byte[] payload, out bool accepted)
    {
        accepted = true;
        if (_waiting.Count >= Capacity)
        {
            // Full: a reading may go, a record or a lease may not.
            var oldest = _waiting.FindIndex(frame => frame.Type == FrameType.Meter);
            if (oldest >= 0)
                _waiting.RemoveAt(oldest);
            else
                accepted = false;
        }

        if (accepted)
            _waiting.Add((type, payload));
        var outputs = new List<LineOutput>();
        Next(nowMs, outputs);
        return outputs;
    }

    /// <summary>Takes bytes from the line.</summary>
    /// <param name="nowMs">Monotonic time, ms.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<LineOutput> Received(long nowMs, ReadOnlySpan<byte> bytes)
    {
        var outputs = new List<LineOutput>();
        _decoder.Take(bytes, outcome =>
        {
            if (!outcome.TryGet(out var frame, out var fault))
                outputs.Add(new LineOutput.Refused(fault));
            else if (frame.Type == FrameType.Ack)
                Acknowledged(nowMs, frame, outputs);
            else
                Take(frame, outputs);
        });
        return outputs;
    }

    /// <summary>Repeats or gives up what is not acknowledged.</summary>
    /// <param name="nowMs">Monotonic time, ms.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<LineOutput> Tick(long nowMs)
    {
        if (_sent is null || nowMs < _sentAt + Limits.FrameAckMs)
            return [];
        if (_tries >= Limits.FrameTries)
        {
            Reset();
            return [new LineOutput.Dead()];
        }

        _tries++;
        _sentAt = nowMs;
        return [new LineOutput.Write(_sentBytes)];
    }

    /// <summary>Forgets everything under way: after the line was closed, unplugged or found dead.</summary>
    public void Reset()
    {
        _decoder.Reset();
        _waiting.Clear();
        _sent = null;
        _lastHeard = 0;
    }

    private void Take(Frame frame, List<LineOutput> outputs)
    {
        if (frame.IsAcknowledged)
            outputs.Add(new LineOutput.Write(new Frame(FrameType.Ack, frame.Seq, ReadOnlyMemory<byte>.Empty).ToBytes()));

        // A hello means the other end starts anew; its numbers do too.
        if (frame.Type != FrameType.Hello && frame.IsAcknowledged && frame.Seq == _lastHeard)
            return;
        if (frame.IsAcknowledged)
            _lastHeard = frame.Seq;
        outputs.Add(new LineOutput.Arrived(frame));
    }

    private void Acknowledged(long nowMs, Frame ack, List<LineOutput> outputs)
    {
        if (_sent is not { } sent || sent.Seq != ack.Seq)
            return;
        _sent = null;
        outputs.Add(new LineOutput.Delivered(sent));
        Next(nowMs, outputs);
    }

    private void Next(long nowMs, List<LineOutput> outputs)
    {
        while (_sent is null && _waiting.Count > 0)
        {
            var (type, payload) = _waiting[0];
            _waiting.RemoveAt(0);
            _lastSeq = _lastSeq == ushort.MaxValue ? (ushort)1 : (ushort)(_lastSeq + 1);
            var frame = new Frame(type, _lastSeq, payload);
            _sentBytes = frame.ToBytes();
            outputs.Add(new LineOutput.Write(_sentBytes));
            if (!frame.IsAcknowledged)
                continue;
            _sent = frame;
            _sentAt = nowMs;
            _tries = 1;
        }
    }
}
