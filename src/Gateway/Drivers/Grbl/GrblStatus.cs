using System.Text;

namespace FabLab.Gateway.Drivers.Grbl;

/// <summary>What a line of GRBL means here.</summary>
internal enum GrblLine
{
    /// <summary>Nothing: an answer to somebody else's line, a setting, a version.</summary>
    Other,

    /// <summary>A status report: see the state.</summary>
    Status,

    /// <summary>The program ended as it should.</summary>
    ProgramEnd,

    /// <summary>It stopped by an alarm.</summary>
    Alarm,

    /// <summary>The controller started anew.</summary>
    Reset,
}

/// <summary>
/// Puts lines of GRBL 1.1 together out of whatever pieces come, and says what each means. A line longer than any that GRBL sends is
/// given up, with all until its end.
/// </summary>
internal sealed class GrblParser
{
    private const int LongestLine = 256;
    private const string ProgramEnd = "[MSG:Pgm End]";

    private static readonly string[] States = ["Idle", "Run", "Hold", "Jog", "Alarm", "Door", "Check", "Home", "Sleep", "Tool"];

    private readonly StringBuilder _line = new();
    private bool _isTooLong;

    /// <summary>Lines that were no lines of GRBL's.</summary>
    public int Bad { get; private set; }

    /// <summary>Forgets what has begun.</summary>
    public void Reset() => (_, _isTooLong) = (_line.Clear(), false);

    /// <summary>Takes what came.</summary>
    /// <param name="bytes">Any piece of the stream.</param>
    /// <param name="told">What each whole line means, with the state of a status report without its number.</param>
    public void Take(ReadOnlySpan<byte> bytes, Action<GrblLine, string> told)
    {
        foreach (var one in bytes)
        {
            if (one is (byte)'\r' or (byte)'\n')
            {
                if (_isTooLong)
                    Bad++;
                else if (_line.Length > 0)
                    Say(_line.ToString(), told);
                Reset();
            }
            else if (_line.Length >= LongestLine)
            {
                _isTooLong = true;
            }
            else
            {
                _line.Append((char)one);
            }
        }
    }

    private void Say(string line, Action<GrblLine, string> told)
    {
        if (line[0] == '<')
        {
            if (State(line) is { } state)
                told(GrblLine.Status, state);
            else
                Bad++;
        }
        else if (line == ProgramEnd)
        {
            told(GrblLine.ProgramEnd, "");
        }
        else if (line.StartsWith("ALARM:", StringComparison.Ordinal))
        {
            told(GrblLine.Alarm, "");
        }
        else if (line.StartsWith("Grbl ", StringComparison.Ordinal))
        {
            told(GrblLine.Reset, "");
        }
        else
        {
            told(GrblLine.Other, "");
        }
    }

    private static string? State(string line)
    {
        if (line[^1] != '>')
            return null;
        var end = line.AsSpan(1).IndexOfAny("|:,>");
        var word = line.Substring(1, end);
        return Array.IndexOf(States, word) < 0 ? null : word;
    }
}
