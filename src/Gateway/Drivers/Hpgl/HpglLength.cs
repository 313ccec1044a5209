using System.Globalization;
using System.Text;

namespace FabLab.Gateway.Drivers.Hpgl;

/// <summary>
/// Measures what a plotter is told to cut, as it goes by: the way of the tool while it is down. It takes any pieces of the stream, and
/// what it does not know has no length.
/// </summary>
internal sealed class HpglLength
{
    /// <summary>One unit of the language is a fortieth of a millimetre.</summary>
    private const double UnitMm = 0.025;

    private const int LongestArgument = 24;
    private const double Farthest = 1e7;
    private const byte Escape = 0x1B;
    private const byte EndOfLabel = 0x03;

    private readonly StringBuilder _argument = new();
    private string _command = "";
    private Reading _reading;
    private double _x;
    private double _y;
    private double? _pending;
    private bool _isDown;
    private bool _isRelative;
    private double _units;

    private enum Reading
    {
        Commands,
        Label,
        Escape,
        EscapeLetter,
        EscapeArguments,
    }

    /// <summary>Millimetres cut so far.</summary>
    public double Millimetres => _units * UnitMm;

    /// <summary>A new job: nothing is cut, the tool is up, wherever it stands.</summary>
    public void Reset()
    {
        (_command, _reading, _pending, _isDown, _isRelative, _units) = ("", Reading.Commands, null, false, false, 0);
        _argument.Clear();
    }

    /// <summary>Takes what goes by.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
            Take(one);
    }

    private void Take(byte one)
    {
        switch (_reading)
        {
            case Reading.Label:
                if (one == EndOfLabel)
                    _reading = Reading.Commands;
                return;
            case Reading.Escape:
                _reading = one == (byte)'.' ? Reading.EscapeLetter : Reading.Commands;
                return;
            case Reading.EscapeLetter:
                _reading = Reading.EscapeArguments;
                return;
            case Reading.EscapeArguments when one is (>= (byte)'0' and <= (byte)'9') or (byte)';':
                return;
            case Reading.EscapeArguments:
                _reading = Reading.Commands;
                if (one == (byte)':')
                    return;
                break;
        }
        if (one == Escape)
        {
            Close();
            _reading = Reading.Escape;
        }
        else if (one is (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'-' or (byte)'+')
        {
            if (_argument.Length < LongestArgument)
                _argument.Append((char)one);
        }
        else if (char.IsAsciiLetter((char)one))
        {
            Letter(char.ToUpperInvariant((char)one));
        }
        else if (one == (byte)';')
        {
            Close();
        }
        else
        {
            Argument();
        }
    }

    private void Letter(char letter)
    {
        if (_command.Length == 1)
        {
            _command += letter;
            Begin();
            return;
        }
        Close();
        _command = letter.ToString();
    }

    private void Begin()
    {
        switch (_command)
        {
            case "PU":
                _isDown = false;
                break;
            case "PD":
                _isDown = true;
                break;
            case "PA":
                _isRelative = false;
                break;
            case "PR":
                _isRelative = true;
                break;
            case "IN" or "DF":
                (_isDown, _isRelative) = (false, false);
                break;
            case "LB":
                (_command, _reading) = ("", Reading.Label);
                break;
        }
    }

    private void Close()
    {
        Argument();
        (_command, _pending) = ("", null);
    }

    private void Argument()
    {
        if (_argument.Length == 0)
            return;
        var isNumber = double.TryParse(_argument.ToString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        _argument.Clear();
        if (!isNumber || _command is not ("PU" or "PD" or "PA" or "PR"))
            return;
        number = Math.Clamp(number, -Farthest, Farthest);
        if (_pending is not { } x)
        {
            _pending = number;
            return;
        }
        _pending = null;
        var (nextX, nextY) = _isRelative ? (_x + x, _y + number) : (x, number);
        (nextX, nextY) = (Math.Clamp(nextX, -Farthest, Farthest), Math.Clamp(nextY, -Farthest, Farthest));
        if (_isDown)
            _units += Math.Sqrt(((nextX - _x) * (nextX - _x)) + ((nextY - _y) * (nextY - _y)));
        (_x, _y) = (nextX, nextY);
    }
}
