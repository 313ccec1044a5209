using System.Globalization;
using System.Text.Json;
using FabLab.Contracts;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.Shelly;

/// <summary>What the timer of a switch has been seen to do after a renewal.</summary>
internal enum ShellyTimer
{
    /// <summary>It started with this renewal.</summary>
    Runs = 0,

    /// <summary>It runs, and has not started anew.</summary>
    Stuck,

    /// <summary>There is none.</summary>
    None,
}

/// <summary>One switch of a Shelly: what it has confirmed of its settings, and its timer.</summary>
internal sealed class ShellySwitch
{
    public const int MostRounds = 1000;

    /// <summary>Below this, two renewals may fall into one second of its clock.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(2);

    private bool? _autoOff;
    private string? _initial;
    private double? _startedAt;
    private double? _duration;
    private double? _startedBefore;
    private long? _renewedAt;
    private bool _soon;

    /// <summary>The number of the last renewal, from 0 to 999 and again.</summary>
    public int Round { get; private set; }

    /// <summary>Seconds of auto_off as confirmed.</summary>
    public double? Delay { get; private set; }

    /// <summary>Seconds of the lease it shall have.</summary>
    public double? Wanted { get; set; }

    /// <summary>Renewals go without toggle_after, because it does not start anew with them.</summary>
    public bool ByAutoOff { get; set; }

    /// <summary>It has been seen closed under a lease with no timer.</summary>
    public bool RunsOn { get; set; }

    public double Watts { get; set; }

    public double? WattHours { get; private set; }

    public bool IsFit => _initial == "off" && _autoOff == true && Delay is > 0 and <= 43_200;

    public IEnumerable<string> Missing()
    {
        if (_initial != "off")
            yield return "initial_state";
        if (_autoOff != true)
            yield return "auto_off";
        if (Delay is not (> 0 and <= 43_200))
            yield return "auto_off_delay";
    }

    /// <summary>What is asked of it, with what it has said.</summary>
    /// <param name="prefix">Before each name.</param>
    /// <param name="delay">Seconds where no lease has said how long it is to be.</param>
    public IEnumerable<DeviceSettingNow> Asked(string prefix, double delay)
    {
        var seconds = Wanted ?? Delay ?? delay;
        yield return new(prefix + "initial_state", "off", _initial is { Length: > 64 } ? "…" : _initial, _initial == "off", Needed: true);
        yield return new(prefix + "auto_off", "true", _autoOff switch { true => "true", false => "false", null => null }, _autoOff == true, Needed: true);
        yield return new(
            prefix + "auto_off_delay", seconds.ToString(CultureInfo.InvariantCulture), Delay?.ToString(CultureInfo.InvariantCulture), Delay is > 0 and <= 43_200 && Delay == seconds, Needed: true);
    }

    public void Configured(JsonElement config)
    {
        _initial = PlugJson.Text(config, "initial_state");
        _autoOff = PlugJson.Flag(config, "auto_off");
        Delay = PlugJson.Number(config, "auto_off_delay");
    }

    /// <summary>A full or a partial status.</summary>
    public void Heard(JsonElement status)
    {
        if (PlugJson.Object(status, "aenergy") is { } energy && PlugJson.Number(energy, "total") is { } total)
            WattHours = total;
        if (PlugJson.Flag(status, "output") == false)
            (_startedAt, _duration) = (null, null);
        if (PlugJson.Number(status, "timer_started_at") is { } started)
            _startedAt = started;
        if (PlugJson.Number(status, "timer_duration") is { } duration)
            _duration = duration;
    }

    /// <summary>A renewal goes out: what its timer was before.</summary>
    public void Renewed(long now, TimeProvider time)
    {
        Round = (Round + 1) % MostRounds;
        _soon = _renewedAt is { } last && time.GetElapsedTime(last, now) < Apart;
        (_startedBefore, _renewedAt) = (_startedAt, now);
    }

    public ShellyTimer CheckTimer()
    {
        if (_startedAt is null || _duration is not > 0)
            return ShellyTimer.None;
        return !_soon && _startedBefore is { } before && _startedAt <= before ? ShellyTimer.Stuck : ShellyTimer.Runs;
    }

    public void Forget()
    {
        (_autoOff, _initial, Delay) = (null, null, null);
        (_startedAt, _duration, _startedBefore, _renewedAt) = (null, null, null, null);
        (ByAutoOff, RunsOn) = (false, false);
    }
}
