using FabLab.VirtualLab.Serial;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A PN532 on a serial line: it sleeps until it is woken, acknowledges each command whose sums are right, and answers it. Asked for a tag it
/// looks for a while before it says that there is none. A tap is a tag that lies there for a moment.
/// </summary>
internal sealed class VirtualPn532(string id, string link, TimeProvider time) : IVirtualDevice
{
    private static readonly TimeSpan TapLength = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan LookLength = TimeSpan.FromMilliseconds(100);

    /// <summary>How often it finds out that it has looked long enough.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private static readonly byte[] Ack = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];

    private readonly Lock _gate = new();
    private readonly List<byte> _heard = [];
    private PseudoTerminal? _terminal;
    private bool _on = true, _plugged = true, _awake, _deaf;
    private byte[] _uid = [];
    private long _until;
    private long? _looksSince;

    public event Action<Shown>? Displayed
    {
        // It has no display.
        add { }
        remove { }
    }

    /// <summary>It is about to tell of a card.</summary>
    public event Action? Telling;

    public string Id => id;

    public bool IsConnected
    {
        get
        {
            lock (_gate)
                return _terminal is not null;
        }
    }

    public void Start() => Follow();

    public void Tick()
    {
        // It speaks when it is asked.
    }

    public void Tap(int reader, string number)
    {
        lock (_gate)
        {
            _uid = Convert.FromHexString(number);
            _until = time.GetTimestamp() + (long)(TapLength.TotalSeconds * time.TimestampFrequency);
            LookAround();
        }
    }

    public void Cable(bool plugged, bool silent)
    {
        _plugged = plugged;
        Follow();
    }

    public void Power(bool on)
    {
        (_on, _awake) = (on, false);
        Follow();
    }

    public bool Misbehave(string how)
    {
        lock (_gate)
        {
            switch (how)
            {
                case "garbage":
                    _terminal?.Write([0x00, 0xFF, 0x05, 0x01, 0x00, 0x00, 0xFF, 0x55]);
                    return true;
                case "wrong-checksum":
                    _terminal?.Write([0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD5, 0x15, 0x17, 0x00]);
                    return true;
                case "silence":
                    // It lost its wits: only a new waking brings it back.
                    (_deaf, _awake, _looksSince) = (true, false, null);
                    return true;
                default:
                    return false;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _terminal?.Dispose();
            _terminal = null;
        }
        return ValueTask.CompletedTask;
    }

    internal static byte[] Answer(params ReadOnlySpan<byte> data)
    {
        var length = (byte)(data.Length + 1);
        byte sum = 0xD5;
        foreach (var b in data)
            sum += b;
        return [0x00, 0x00, 0xFF, length, (byte)-length, 0xD5, .. data, (byte)-sum, 0x00];
    }

    private void Follow()
    {
        lock (_gate)
        {
            if (!_on || !_plugged)
            {
                _terminal?.Dispose();
                _terminal = null;
                _heard.Clear();
                _looksSince = null;
                return;
            }
            if (_terminal is not null)
                return;
            var terminal = _terminal = PseudoTerminal.Open(link);
            new Thread(() => Read(terminal)) { IsBackground = true, Name = $"tty {id}" }.Start();
        }
    }

    private void Read(PseudoTerminal terminal)
    {
        var buffer = new byte[256];
        while (terminal.Read(buffer, Looks ? Glance : TimeSpan.FromMilliseconds(250)) is var count and >= 0)
        {
            lock (_gate)
            {
                if (!ReferenceEquals(terminal, _terminal))
                    return;
                LookAround();
                foreach (var b in buffer.AsSpan(0, count))
                    Take(b);
            }
        }
    }

    private bool Looks
    {
        get
        {
            lock (_gate)
                return _looksSince is not null;
        }
    }

    /// <summary>While it is asked for a tag: there is one, or there was none for long enough.</summary>
    private void LookAround()
    {
        if (_looksSince is not { } since)
            return;
        if (time.GetTimestamp() < _until)
        {
            Telling?.Invoke();
            _terminal?.Write(Answer([0x4B, 0x01, 0x01, 0x00, 0x04, 0x08, (byte)_uid.Length, .. _uid]));
        }
        else if (time.GetElapsedTime(since) >= LookLength)
        {
            _terminal?.Write(Answer(0x4B, 0x00));
        }
        else
        {
            return;
        }
        _looksSince = null;
    }

    private void Take(byte b)
    {
        if (b == 0x55)
            (_awake, _deaf, _looksSince) = (true, false, null);
        _heard.Add(b);
        if (_heard.Count > 300)
            _heard.Clear();
        var start = Find();
        if (start < 0 || _heard.Count < start + 4)
            return;
        var length = _heard[start + 2];
        if ((byte)(length + _heard[start + 3]) != 0 || length < 2)
        {
            _heard.RemoveRange(0, start + 2);
            return;
        }
        if (_heard.Count < start + length + 6)
            return;
        var body = _heard.GetRange(start + 4, length + 1);
        _heard.RemoveRange(0, start + length + 6);
        if (_awake && !_deaf && (byte)body.Sum(x => x) == 0 && body[0] == 0xD4)
            Obey(body[1]);
    }

    private int Find()
    {
        for (var i = 0; i + 1 < _heard.Count; i++)
        {
            if (_heard[i] == 0x00 && _heard[i + 1] == 0xFF)
                return i;
        }
        return -1;
    }

    private void Obey(byte command)
    {
        _terminal?.Write(Ack);
        switch (command)
        {
            case 0x14 or 0x32:
                _terminal?.Write(Answer((byte)(command + 1)));
                break;
            case 0x4A:
                _looksSince = time.GetTimestamp();
                LookAround();
                break;
            default:
                _terminal?.Write([0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00]);
                break;
        }
    }
}
