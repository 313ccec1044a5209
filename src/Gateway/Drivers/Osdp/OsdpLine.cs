using FabLab.Gateway.Links;

namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>The lines that readers hang on, each opened once however many share it.</summary>
/// <param name="open">Opens a line.</param>
/// <param name="time">For the patience with who does not answer.</param>
internal sealed class OsdpLines(Func<SerialLinkOptions, ISerialLink> open, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OsdpLine> _lines = new(StringComparer.Ordinal);

    /// <summary>A seat for one reader.</summary>
    /// <exception cref="InvalidOperationException">Another reader has this address on this line, or speaks there at another speed.</exception>
    public ISerialLink Join(SerialLinkOptions options, int address)
    {
        lock (_gate)
        {
            // By its name as it is written: what a name leads to is not known while the adapter is unplugged. A second name for one port is refused by the port's lock.
            var path = options.Path;
            if (!_lines.TryGetValue(path, out var line))
                line = _lines[path] = new OsdpLine(open(options), options.Baud, time);
            return line.Join(options.Baud, address, () => LeaveAsync(path, line, address));
        }
    }

    private async ValueTask LeaveAsync(string path, OsdpLine line, int address)
    {
        lock (_gate)
        {
            if (!line.Leave(address))
                return;
            _lines.Remove(path);
        }
        await line.CloseAsync().ConfigureAwait(false);
    }
}

/// <summary>
/// One line and the readers on it. One is asked at a time, in turn, and the answer goes to who asked alone; one that does not answer is waited for as long as a
/// reader may take, and then the others have theirs before it is asked again.
/// </summary>
internal sealed class OsdpLine(ISerialLink link, int baud, TimeProvider time) : ISerialSink
{
    /// <summary>A reader answers within this time, and the line is its own until then.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private const int BitsPerByte = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Seat> _seats = [];
    private readonly Queue<Seat> _waiting = [];
    private readonly OsdpFrameParser _parser = new();
    private Seat? _speaking;
    private byte[] _sent = [];
    private long _since;
    private bool _isStarted, _isUp;

    public ISerialLink Join(int speed, int address, Func<ValueTask> leave)
    {
        lock (_gate)
        {
            if (speed != baud)
                throw new InvalidOperationException($"Another reader on this line is spoken to with {baud} baud.");
            var seat = new Seat(this, address, leave);
            return _seats.TryAdd(address, seat) ? seat : throw new InvalidOperationException($"Another reader on this line has the address {address}.");
        }
    }

    /// <summary>Takes a reader off the line.</summary>
    /// <returns>True when it was the last.</returns>
    public bool Leave(int address)
    {
        lock (_gate)
        {
            if (_seats.Remove(address, out var seat))
                seat.Pending = null;
            if (ReferenceEquals(_speaking, seat))
                _speaking = null;
            Next();
            return _seats.Count == 0;
        }
    }

    public ValueTask CloseAsync() => link.DisposeAsync();

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        Seat? asked;
        lock (_gate)
        {
            asked = _speaking;
            var answered = false;
            _parser.Take(bytes, frame => answered |= frame.IsReply && frame.Address == asked?.Address);
            if (answered && asked is not null)
            {
                // It is free before the reader's driver hears of it, so that the next one has its turn first.
                asked.Pending = null;
                _speaking = null;
                Next();
            }
        }
        asked?.Sink?.OnBytes(bytes, receivedTimestamp);
    }

    public void OnLinkChanged(bool up)
    {
        List<Seat> seats;
        lock (_gate)
        {
            (_isUp, _speaking) = (up, null);
            _waiting.Clear();
            seats = [.. _seats.Values];
            foreach (var seat in seats)
                (seat.Pending, seat.IsWaiting) = (null, false);
        }
        foreach (var seat in seats)
            seat.Sink?.OnLinkChanged(up);
    }

    private void Start(Seat seat, ISerialSink sink)
    {
        bool first, up;
        lock (_gate)
        {
            seat.Sink = sink;
            (first, up, _isStarted) = (!_isStarted, _isUp, true);
        }
        if (first)
            link.Start(this);
        else if (up)
            sink.OnLinkChanged(true);
    }

    private LinkSend Write(Seat seat, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (!_isUp)
                return LinkSend.Down;
            // It asks again while its question is on the way: its driver counts from when it wanted to ask, the line from when it did.
            if (ReferenceEquals(_speaking, seat) && !IsOver() && bytes.SequenceEqual(_sent))
                return LinkSend.Sent;
            seat.Pending = bytes.ToArray();
            if (!seat.IsWaiting)
            {
                seat.IsWaiting = true;
                _waiting.Enqueue(seat);
            }
            Next();
            return LinkSend.Sent;
        }
    }

    private bool IsOver() => time.GetElapsedTime(_since) >= Patience + TimeSpan.FromSeconds((double)BitsPerByte * _sent.Length / baud);

    private void Next()
    {
        if (_speaking is not null && !IsOver())
            return;
        _speaking = null;
        while (_waiting.TryDequeue(out var next))
        {
            next.IsWaiting = false;
            if (next.Pending is not { } bytes)
                continue;
            (_speaking, _sent, _since, next.Pending) = (next, bytes, time.GetTimestamp(), null);
            _parser.Reset();
            link.Write(bytes);
            return;
        }
    }

    /// <summary>The line, as one reader's driver sees it.</summary>
    private sealed class Seat(OsdpLine line, int address, Func<ValueTask> leave) : ISerialLink
    {
        private int _left;

        public int Address => address;

        public ISerialSink? Sink { get; set; }

        /// <summary>What it wants to say; guarded by the line.</summary>
        public byte[]? Pending { get; set; }

        public bool IsWaiting { get; set; }

        public LinkStatus Status => line.Status;

        public void Start(ISerialSink sink) => line.Start(this, sink);

        public LinkSend Write(ReadOnlySpan<byte> bytes) => line.Write(this, bytes);

        public ValueTask DisposeAsync() => Interlocked.Exchange(ref _left, 1) == 0 ? leave() : ValueTask.CompletedTask;
    }

    private LinkStatus Status => link.Status;
}
