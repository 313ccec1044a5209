using System.Text;
using FabLab.VirtualLab.Serial;

namespace FabLab.VirtualLab.Devices;

/// <summary>A controller with GRBL 1.1 on a serial line: it answers the question mark at once and every line with ok.</summary>
internal sealed class VirtualGrblPort(string link) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<byte> _received = [];
    private PseudoTerminal? _terminal;

    /// <summary>Idle, Run, Hold:0, Jog, Alarm, Door:1, Check, Home or Sleep.</summary>
    public string State { get; set; } = "Idle";

    /// <summary>Everything that was ever sent to it.</summary>
    public byte[] Received
    {
        get
        {
            lock (_gate)
                return [.. _received];
        }
    }

    /// <summary>Plugs it in: it starts, as an Arduino does when its port is opened, and says so.</summary>
    public void Plug()
    {
        var terminal = PseudoTerminal.Open(link);
        lock (_gate)
            _terminal = terminal;
        new Thread(() => Read(terminal)) { IsBackground = true, Name = "tty grbl" }.Start();
    }

    public void Unplug()
    {
        lock (_gate)
        {
            _terminal?.Dispose();
            _terminal = null;
        }
    }

    /// <summary>Says something unasked.</summary>
    public void Push(byte[] bytes)
    {
        lock (_gate)
            _terminal?.Write(bytes);
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
                foreach (var one in buffer.AsSpan(0, count))
                {
                    _received.Add(one);
                    if (one == (byte)'?')
                        terminal.Write(Encoding.ASCII.GetBytes($"<{State}|MPos:0.000,0.000,0.000|FS:0.0,0>\r\n"));
                    else if (one == (byte)'\n')
                        terminal.Write("ok\r\n"u8);
                }
            }
        }
    }
}
