using System.Globalization;
using System.Text.Json;
using FabLab.Contracts;
using FabLab.Gateway.Drivers.Plugs;
using NodaTime;

namespace FabLab.Gateway.Drivers.Shelly;

/// <summary>
/// A Shelly of the second generation or later. Its relay is a lease by <c>toggle_after</c>, sent with every renewal; under it lies
/// <c>auto_off</c>, which is set and read back before any relay is closed. That each renewal starts the timer anew is not in its
/// documents, so it is watched: <c>timer_started_at</c> must move on, else the renewals go without and <c>auto_off</c> is the lease.
/// </summary>
internal sealed class ShellyDevice(DeviceSettings settings, string prefix, PlugParts parts) : PlugDevice(settings, parts)
{
    /// <summary>The level under its prefix where it answers us, so that one right of the broker covers it.</summary>
    public const string ReplyTo = "fablab";

    /// <summary>Seconds of auto_off before the first lease says how long it is to be.</summary>
    private const double DefaultDelay = 30;

    // What a question was is in its number: it comes back with the answer, and nothing has to be remembered.
    private const int Info = 1;
    private const int System = 2;
    private const int Config = 100;
    private const int Status = 200;
    private const int SetConfig = 300;
    private const int On = 400;
    private const int Off = 500;
    private const int Confirm = 600;

    /// <summary>Which renewal a question belongs to stands above the rest of its number.</summary>
    private const int Round = 1000;

    private readonly ShellySwitch[] _switches = [.. Enumerable.Range(0, settings.Channels).Select(_ => new ShellySwitch())];
    private readonly string _prefix = prefix;
    private bool _infoSeen;
    private bool _systemSeen;
    private double? _uptime;

    protected override IReadOnlyList<string> Filters => [_prefix + "/#"];

    /// <summary>Its settings are read back before it is used; what is left is that a timer runs at all, and that is seen while it does.</summary>
    protected override bool FailsSafeAlone => _switches.Length > 0 && Array.TrueForAll(_switches, s => s.IsFit && !s.RunsOn);

    protected override bool IsKnown => _infoSeen && _systemSeen;

    protected override TimeSpan? AskEvery => TimeSpan.FromSeconds(10);

    protected override IReadOnlyList<string> Missing() =>
        [.. _switches.SelectMany((s, channel) => s.Missing().Select(name => string.Create(CultureInfo.InvariantCulture, $"switch:{channel} {name}")))];

    protected override IReadOnlyList<DeviceSettingNow> Asked() =>
        [.. _switches.SelectMany((s, channel) => s.Asked(string.Create(CultureInfo.InvariantCulture, $"switch:{channel} "), DefaultDelay))];

    protected override bool IsCommand(string topic) => topic == _prefix + "/rpc" || topic == _prefix + "/command" || topic.StartsWith(_prefix + "/command/", StringComparison.Ordinal);

    protected override bool MayBeRetained(string topic) => topic == _prefix + "/online";

    protected override void Ask()
    {
        Call(Info, "Shelly.GetDeviceInfo", "{}");
        for (var channel = 0; channel < _switches.Length; channel++)
            Call(Config + channel, "Switch.GetConfig", Which(channel));
        AskAgain();
    }

    protected override void AskAgain()
    {
        Call(System, "Sys.GetStatus", "{}");
        for (var channel = 0; channel < _switches.Length; channel++)
            Call(Status + channel, "Switch.GetStatus", Which(channel));
    }

    protected override bool Prepare(int channel, Duration lease, out SendOutcome outcome)
    {
        var seconds = Seconds(lease);
        var relay = _switches[channel];
        relay.Wanted = seconds;
        outcome = SendOutcome.Sent;
        if (relay.IsFit && relay.Delay == seconds)
            return true;
        outcome = Configure(channel, seconds);
        return false;
    }

    protected override SendOutcome SendOn(int channel, Duration lease)
    {
        var relay = _switches[channel];
        relay.Renewed(Time.GetTimestamp(), Time);
        var timer = relay.ByAutoOff ? "" : string.Create(CultureInfo.InvariantCulture, $",\"toggle_after\":{Seconds(lease)}");
        return Call((relay.Round * Round) + On + channel, "Switch.Set", $$"""{"id":{{channel}},"on":true{{timer}}}""");
    }

    protected override SendOutcome SendOff(int channel) => Call(Off + channel, "Switch.Set", $$"""{"id":{{channel}},"on":false}""");

    protected override void Forget()
    {
        (_infoSeen, _systemSeen) = (false, false);
        foreach (var relay in _switches)
            relay.Forget();
    }

    /// <summary>Its online message is not retained by all firmwares: it is asked, and its answer is its coming.</summary>
    protected override void LinkUp() => Call(Info, "Shelly.GetDeviceInfo", "{}");

    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        var name = Below(topic, _prefix);
        switch (name)
        {
            case "online":
                Online(payload, at);
                break;
            case "events/rpc":
                Notified(payload, at);
                break;
            case ReplyTo + "/rpc":
                Answered(payload, at);
                break;
            case var _ when name.StartsWith("status/switch:", StringComparison.Ordinal):
                using (var document = PlugJson.Parse(payload))
                {
                    if (document is null)
                        Malformed("a status that is not JSON", at);
                    else if (Channel(name["status/".Length..]) is { } channel)
                        Spoke(channel, document.RootElement, at);
                }
                break;
        }
    }

    private void Online(ReadOnlySpan<byte> payload, long at)
    {
        if (payload.SequenceEqual("true"u8))
            Arrived(at);
        else if (payload.SequenceEqual("false"u8))
            Away("it signed out or vanished");
        else
            Malformed("an online that is neither true nor false", at);
    }

    private void Notified(ReadOnlySpan<byte> payload, long at)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null)
        {
            Malformed("an event that is not JSON", at);
            return;
        }
        var root = document.RootElement;
        if (PlugJson.Object(root, "params") is not { } about || PlugJson.Text(root, "method") is not ("NotifyStatus" or "NotifyFullStatus"))
            return;
        Heard(at);
        if (PlugJson.Object(about, "sys") is { } system)
            Uptime(system, at);
        foreach (var part in about.EnumerateObject())
        {
            if (Channel(part.Name) is { } channel && part.Value.ValueKind == JsonValueKind.Object)
                Spoke(channel, part.Value, at);
        }
        BecomeOnline(at);
    }

    private void Answered(ReadOnlySpan<byte> payload, long at)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null)
        {
            Malformed("an answer that is not JSON", at);
            return;
        }
        var root = document.RootElement;
        if (PlugJson.Number(root, "id") is not { } id)
            return;
        Heard(at);
        var (round, rest) = Math.DivRem((int)Math.Clamp(id, 0, Round * ShellySwitch.MostRounds), Round);
        var channel = rest % 100;
        if (PlugJson.Object(root, "error") is { } error)
        {
            Refused(DeviceFaults.CommandRefused, $"it refused a command: {Short(PlugJson.Text(error, "message"))}", at);
            return;
        }
        if (PlugJson.Object(root, "result") is not { } result)
            return;
        switch (id)
        {
            case Info:
                Introduced(result, at);
                break;
            case System:
                Uptime(result, at);
                break;
            case var _ when channel < _switches.Length:
                Answered(rest - channel, channel, round, result, at);
                break;
        }
        BecomeOnline(at);
    }

    private void Answered(int question, int channel, int round, JsonElement result, long at)
    {
        switch (question)
        {
            case Config:
                var relay = _switches[channel];
                relay.Configured(result);
                if (!relay.IsFit)
                    Configure(channel, relay.Wanted ?? DefaultDelay);
                else if (relay.Wanted is { } wanted && relay.Delay == wanted)
                    Settled(channel);
                break;
            case Status:
                Spoke(channel, result, at);
                break;
            case Confirm:
                Spoke(channel, result, at);
                // An answer to an older renewal says nothing about this one.
                if (round == _switches[channel].Round)
                    WatchTimer(channel, _switches[channel], at);
                break;
            case SetConfig:
                // What it has taken is read back, not believed.
                Call(Config + channel, "Switch.GetConfig", Which(channel));
                break;
            case On:
                Call((round * Round) + Confirm + channel, "Switch.GetStatus", Which(channel));
                break;
        }
    }

    private void Introduced(JsonElement info, long at)
    {
        if (PlugJson.Text(info, "ver") is { Length: > 0 and < 64 } version)
            Firmware = version;
        if (PlugJson.Text(info, "mac") is { Length: > 0 and < 32 } mac)
        {
            Identified(mac, at);
            _infoSeen = true;
        }
    }

    private void Uptime(JsonElement system, long at)
    {
        if (PlugJson.Number(system, "uptime") is not { } uptime || uptime < 0)
            return;
        // It has no number of its starts; a clock that runs backwards is one.
        if (_uptime is { } before && uptime < before)
            StartedAnew();
        _uptime = uptime;
        _systemSeen = true;
        BecomeOnline(at);
    }

    private void Spoke(int channel, JsonElement status, long at)
    {
        if (channel >= _switches.Length)
            return;
        var relay = _switches[channel];
        relay.Heard(status);
        if (PlugJson.Flag(status, "output") is { } on)
            Switched(channel, on, at);
        if (PlugJson.Number(status, "apower") is { } watts)
        {
            relay.Watts = watts;
            Measured(channel, watts, relay.WattHours, at);
        }
        foreach (var error in PlugJson.Items(status, "errors").Take(4))
        {
            if (error.ValueKind == JsonValueKind.String)
                Refused(DeviceFaults.DevicePrefix + "relay", $"it reports {Short(error.GetString())}", at);
        }
        BecomeOnline(at);
    }

    /// <summary>The status that was asked for after a renewal: does a timer run, and since this renewal?</summary>
    private void WatchTimer(int channel, ShellySwitch relay, long at)
    {
        if (Relays[channel] is not { Closed: true, Session: not null })
            return;
        switch (relay.CheckTimer())
        {
            case ShellyTimer.Stuck when !relay.ByAutoOff:
                relay.ByAutoOff = true;
                Unfit("its timer does not start anew with each renewal; its own auto_off is the lease from now on", at);
                break;
            case ShellyTimer.None:
                // Closed, and nothing will open it.
                relay.RunsOn = true;
                Unfit("no timer runs in it although its relay is closed; it is told to open", at);
                SendOff(channel);
                break;
        }
    }

    private SendOutcome Configure(int channel, double seconds) => Call(
        SetConfig + channel, "Switch.SetConfig",
        string.Create(CultureInfo.InvariantCulture, $$$"""{"id":{{{channel}}},"config":{"initial_state":"off","auto_off":true,"auto_off_delay":{{{seconds}}}}}"""));

    private SendOutcome Call(int id, string method, string parameters) =>
        Send(_prefix + "/rpc", $$"""{"id":{{id}},"src":"{{_prefix}}/{{ReplyTo}}","method":"{{method}}","params":{{parameters}}}""");

    private static string Which(int channel) => $$"""{"id":{{channel}}}""";

    /// <summary>Never longer than the lease.</summary>
    private static double Seconds(Duration lease) => Math.Floor(lease.TotalSeconds * 10) / 10;

    private static int? Channel(string name) =>
        name.StartsWith("switch:", StringComparison.Ordinal) && name.Length == 8 && name[7] is >= '0' and <= '9' ? name[7] - '0' : null;

    private static string Short(string? text) => text is null ? "something" : text.Length <= 60 ? text : text[..60];
}
