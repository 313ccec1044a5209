using System.Globalization;
using System.Text;
using FabLab.Gateway.Drivers.Plugs;
using NodaTime;

namespace FabLab.Gateway.Drivers.ShellyGen1;

/// <summary>
/// A Shelly of the first generation. Over MQTT it is told <c>on</c> and <c>off</c> and nothing else: no time goes with a command and
/// no setting can be read. Its lease is its own <c>auto_off</c>, set on its page, if a repeated <c>on</c> counts it anew: only
/// the test of the device decides that, so without one passed it does not count as falling open by itself.
/// </summary>
internal sealed class ShellyGen1Device(DeviceSettings settings, string name, PlugParts parts) : PlugDevice(settings, parts)
{
    /// <summary>A question to every one of them.</summary>
    public const string ToAll = "shellies/command";

    private const string Announcements = "shellies/announce";

    private readonly string _name = name;
    private readonly string _root = $"shellies/{name}/";
    private readonly double?[] _wattHours = new double?[Math.Max(1, settings.Channels)];
    private bool _announced;

    protected override IReadOnlyList<string> Filters => [_root + "#", Announcements];

    protected override bool FailsSafeAlone => IsProven;

    protected override bool IsKnown => _announced;

    /// <summary>It repeats its states every 30 s.</summary>
    protected override TimeSpan? Silence => TimeSpan.FromSeconds(90);

    protected override TimeSpan? AskEvery => TimeSpan.FromSeconds(30);

    protected override bool IsCommand(string topic) => topic.StartsWith(_root, StringComparison.Ordinal) && topic.EndsWith("command", StringComparison.Ordinal);

    protected override bool MayBeRetained(string topic) => topic == _root + "online" || topic == Announcements || topic == _root + "announce";

    protected override void Ask()
    {
        Send(_root + "command", "announce");
        AskAgain();
    }

    protected override void AskAgain() => Send(_root + "command", "update");

    protected override SendOutcome SendOn(int channel, Duration lease) => Send(Command(channel), "on");

    protected override SendOutcome SendOff(int channel) => Send(Command(channel), "off");

    protected override void Forget() => _announced = false;

    protected override void LinkUp() => Send(_root + "command", "announce");

    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        if (topic == Announcements)
        {
            Announced(payload, others: true, retained, at);
            return;
        }
        var name = Below(topic, _root[..^1]);
        switch (name)
        {
            case "online" when payload.SequenceEqual("true"u8):
                Arrived(at);
                return;
            case "online" when payload.SequenceEqual("false"u8):
                Away("it signed out or vanished");
                return;
            case "online":
                Malformed("an online that is neither true nor false", at);
                return;
            case "announce":
                Announced(payload, others: false, retained, at);
                return;
            case "overtemperature" when payload.SequenceEqual("1"u8):
                Refused(DeviceFaults.DevicePrefix + "relay", "it reports overtemperature", at);
                return;
        }
        var parts = name.Split('/');
        if (parts is not ["relay", [>= '0' and <= '9'] number, ..] || parts.Length > 3)
            return;
        Heard(at);
        Relay(number[0] - '0', parts.Length == 3 ? parts[2] : "", payload, at);
        BecomeOnline(at);
    }

    private void Relay(int channel, string what, ReadOnlySpan<byte> payload, long at)
    {
        var text = payload.Length < 40 ? Encoding.ASCII.GetString(payload) : "";
        switch (what)
        {
            case "" when text is "on" or "off":
                Switched(channel, text == "on", at);
                break;
            case "" when text == "overpower":
                Switched(channel, on: false, at);
                Refused(DeviceFaults.DevicePrefix + "relay", "it reports overpower", at);
                break;
            case "energy" when PlugJson.Number(text) is { } wattMinutes:
                // Watt-minutes since its start: it forgets them with its power.
                if (channel < _wattHours.Length)
                    _wattHours[channel] = wattMinutes / 60;
                break;
            case "power" when PlugJson.Number(text) is { } watts:
                Measured(channel, watts, channel < _wattHours.Length ? _wattHours[channel] : null, at);
                break;
            case "" or "energy" or "power":
                Malformed(what.Length == 0 ? "a relay that is neither on nor off" : $"{what} that is no number", at);
                break;
        }
    }

    private void Announced(ReadOnlySpan<byte> payload, bool others, bool retained, long at)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null)
        {
            if (!others)
                Malformed("an announcement that is not JSON", at);
            return;
        }
        var root = document.RootElement;
        if (others && PlugJson.Text(root, "id") != _name)
            return;
        if (!retained)
            Heard(at);
        if (PlugJson.Text(root, "fw_ver") is { Length: > 0 and < 64 } version)
            Firmware = version;
        if (PlugJson.Text(root, "mac") is { Length: > 0 and < 32 } mac)
            Identified(mac, at);
        _announced = true;
        BecomeOnline(at);
    }

    private string Command(int channel) => string.Create(CultureInfo.InvariantCulture, $"{_root}relay/{channel}/command");
}
