using System.Globalization;
using System.Text;
using FabLab.VirtualLab.Serial;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A 125 kHz reader on a serial line: it says the same frame again and again while a tag is there, and now and then it sees one
/// that is not, with a checksum that fits. Both are what the cheap ones do.
/// </summary>
internal sealed class VirtualRdm6300(string id, string link, TimeProvider time, long labBegan) : IVirtualDevice
{
    private const int FramesOfATap = 6;

    private const int FramePeriodMs = 65;

    private const int GhostPeriodMs = 15_000;

    private readonly Lock _gate = new();
    private readonly Random _random = new(6300);
    private readonly Queue<(long AtMs, byte[] Frame)> _due = new();
    private PseudoTerminal? _terminal;
    private bool _on = true, _plugged = true;
    private long _ghostAtMs = GhostPeriodMs;

    public event Action<Shown>? Displayed
    {
        // It has no display.
        add { }
        remove { }
    }

    /// <summary>A frame is about to be written.</summary>
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

    private long LabMs => (long)time.GetElapsedTime(labBegan).TotalMilliseconds;

    public void Start() => Follow();

    public void Tick()
    {
        lock (_gate)
        {
            var now = LabMs;
            if (now >= _ghostAtMs && _due.Count == 0)
            {
                _ghostAtMs = now + GhostPeriodMs;
                Write(Frame(_random.NextInt64(1L << 40).ToString("X10", CultureInfo.InvariantCulture)));
            }
            while (_due.TryPeek(out var next) && next.AtMs <= now)
            {
                Telling?.Invoke();
                Write(_due.Dequeue().Frame);
            }
        }
    }

    public void Tap(int reader, string number)
    {
        lock (_gate)
        {
            var frame = Frame(number);
            var at = LabMs;
            for (var i = 0; i < FramesOfATap; i++)
                _due.Enqueue((at + (i * FramePeriodMs), frame));
        }
    }

    public void Cable(bool plugged, bool silent)
    {
        _plugged = plugged;
        Follow();
    }

    public void Power(bool on)
    {
        _on = on;
        Follow();
    }

    public bool Misbehave(string how)
    {
        lock (_gate)
        {
            switch (how)
            {
                case "ghost":
                    Write(Frame("0BADC0FFEE"));
                    return true;
                case "garbage":
                    Write([0x02, 0x41, 0xFF, 0x00, 0x03, 0x02, 0x02]);
                    return true;
                case "wrong-checksum":
                    var frame = Frame("62E3086CED");
                    frame[12] ^= 1;
                    Write(frame);
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

    /// <summary>STX, ten hex digits, two of checksum (XOR of the five bytes), ETX.</summary>
    internal static byte[] Frame(string number)
    {
        var sum = Convert.FromHexString(number).Aggregate(0, (all, b) => all ^ b);
        return [0x02, .. Encoding.ASCII.GetBytes($"{number}{sum:X2}"), 0x03];
    }

    private void Write(byte[] bytes) => _terminal?.Write(bytes);

    private void Follow()
    {
        lock (_gate)
        {
            if (_on && _plugged)
            {
                _terminal ??= PseudoTerminal.Open(link);
            }
            else
            {
                _terminal?.Dispose();
                _terminal = null;
                _due.Clear();
            }
        }
    }
}
