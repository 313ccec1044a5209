using FabLab.VirtualLab.Serial;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A vinyl cutter on a serial line: it takes HPGL into a buffer, and says stop when that is full and go on when there is room again
/// (XOFF, XON). It says nothing else.
/// </summary>
/// <param name="link">The name of its line.</param>
internal sealed class VirtualCutter(string link) : IAsyncDisposable
{
    private const byte Xon = 0x11, Xoff = 0x13;

    private readonly Lock _gate = new();
    private readonly List<byte> _taken = [];
    private PseudoTerminal? _terminal;
    private int _room = int.MaxValue;
    private bool _isFull;

    /// <summary>Everything that was ever sent to it.</summary>
    public byte[] Taken
    {
        get
        {
            lock (_gate)
                return [.. _taken];
        }
    }

    /// <summary>Whether it has said stop.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return _isFull;
        }
    }

    public void Plug()
    {
        var terminal = PseudoTerminal.Open(link);
        lock (_gate)
            _terminal = terminal;
        new Thread(() => Read(terminal)) { IsBackground = true, Name = "tty cutter" }.Start();
    }

    public void Unplug()
    {
        lock (_gate)
        {
            _terminal?.Dispose();
            _terminal = null;
        }
    }

    /// <summary>Its blade is slow: after so many bytes more it says stop.</summary>
    public void Fill(int room)
    {
        lock (_gate)
            _room = room;
    }

    /// <summary>It has cut what it had.</summary>
    public void GoOn()
    {
        lock (_gate)
        {
            (_room, _isFull) = (int.MaxValue, false);
            _terminal?.Write([Xon]);
        }
    }

    public ValueTask DisposeAsync()
    {
        Unplug();
        return ValueTask.CompletedTask;
    }

    private void Read(PseudoTerminal terminal)
    {
        var buffer = new byte[256];
        while (terminal.Read(buffer, TimeSpan.FromMilliseconds(250)) is var count and >= 0)
        {
            lock (_gate)
            {
                if (!ReferenceEquals(terminal, _terminal))
                    return;
                _taken.AddRange(buffer.AsSpan(0, count));
                if (count == 0 || (_room -= count) > 0 || _isFull)
                    continue;
                _isFull = true;
                terminal.Write([Xoff]);
            }
        }
    }
}
