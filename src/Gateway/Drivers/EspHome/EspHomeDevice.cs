using System.Globalization;
using System.Text;
using FabLab.Contracts;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Plugs;
using NodaTime;

namespace FabLab.Gateway.Drivers.EspHome;

/// <summary>
/// A board with ESPHome. With our package on it, a relay is held by a script that starts anew with each lease and opens when it ends,
/// and everything opens when the broker is lost; the package says by itself that it is there. Without it the board is told ON and
/// OFF, and does not count as falling open by itself.
/// </summary>
internal sealed class EspHomeDevice(DeviceSettings settings, string prefix, PlugParts parts) : PlugDevice(settings, parts)
{
    /// <summary>The version of the package this driver was written for; a later one must still understand it.</summary>
    private const int Package = 1;

    private static readonly (string Name, ReaderProfile Profile)[] Readers =
    [
        ("em-dec", ReaderProfile.EmDecimal), ("iso-hex", ReaderProfile.IsoHex), ("w26-dec", ReaderProfile.Wiegand26Decimal), ("w34-dec", ReaderProfile.Wiegand34Decimal),
    ];

    private readonly string _prefix = prefix;
    private readonly string[] _names = [.. Names(settings)];
    private readonly double?[] _wattHours = new double?[Math.Max(1, settings.Channels)];
    private int? _package;
    private bool _hasPackage;

    protected override IReadOnlyList<string> Filters => [_prefix + "/#"];

    protected override bool FailsSafeAlone => _hasPackage;

    protected override bool IsKnown => true;

    /// <summary>Nothing is set on it over the air: the package is in it, or it is not.</summary>
    protected override IReadOnlyList<DeviceSettingNow> Asked() =>
        [new("fablab package", Package.ToString(CultureInfo.InvariantCulture), _package?.ToString(CultureInfo.InvariantCulture), _hasPackage, Needed: false)];

    /// <summary>A board without a meter says nothing while nothing happens; its keep-alive of 15 s and its last will say whether it is there.</summary>
    protected override TimeSpan? Silence => null;

    /// <summary>The object ids of its relays: those of the settings, else relay, relay_2, …</summary>
    public static IEnumerable<string> Names(DeviceSettings settings) => PlugNames.Of(settings.Relays) is { Length: > 0 } names
        ? names
        : Enumerable.Range(1, settings.Channels).Select(n => n == 1 ? "relay" : string.Create(CultureInfo.InvariantCulture, $"relay_{n}"));

    protected override bool IsCommand(string topic) =>
        topic.StartsWith(_prefix + "/fablab/lease/", StringComparison.Ordinal) || topic.EndsWith("/command", StringComparison.Ordinal);

    /// <summary>It retains its states: what it was when it last spoke, and with its last will beside it that is what it is.</summary>
    protected override bool MayBeRetained(string topic) =>
        topic == _prefix + "/status" || topic == _prefix + "/fablab/about" || topic.EndsWith("/state", StringComparison.Ordinal);

    protected override void Ask()
    {
        // There is nothing to ask: it says everything when it comes, and the broker keeps it.
    }

    protected override SendOutcome SendOn(int channel, Duration lease) => _hasPackage
        ? Send(Lease(channel), ((long)lease.TotalMilliseconds).ToString(CultureInfo.InvariantCulture))
        : Send(Command(channel), "ON");

    /// <summary>Both ways: the script is stopped, and the switch is opened also where there is none.</summary>
    protected override SendOutcome SendOff(int channel)
    {
        if (_hasPackage)
            Send(Lease(channel), "0");
        return Send(Command(channel), "OFF");
    }

    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        var parts = Below(topic, _prefix).Split('/');
        switch (parts)
        {
            case ["status"]:
                Status(payload, retained, at);
                break;
            case ["fablab", "about"]:
                About(payload, at);
                break;
            case ["fablab", "tag", var reader] when !retained:
                Tag(reader, payload, at);
                break;
            case ["switch", var id, "state"]:
                Switch(id, payload, at);
                break;
            case ["sensor", var id, "state"] when !retained:
                Sensor(id, payload, at);
                break;
        }
        BecomeOnline(at);
    }

    private void Status(ReadOnlySpan<byte> payload, bool retained, long at)
    {
        if (payload.SequenceEqual("online"u8))
            // What the broker keeps comes in any order, states before the status too; when it has just signed in, it says them anew.
            Arrived(at, retained ? Known() : new bool?[Relays.Length]);
        else if (payload.SequenceEqual("offline"u8))
            Away("it signed out or vanished");
        else
            Malformed("a status that is neither online nor offline", at);
    }

    private void About(ReadOnlySpan<byte> payload, long at)
    {
        // Taken off the board with its package: the broker's memory of it is emptied.
        if (payload.IsEmpty)
        {
            (_package, _hasPackage) = (null, false);
            return;
        }
        using var document = PlugJson.Parse(payload);
        if (document is null)
        {
            Malformed("an about that is not JSON", at);
            return;
        }
        var root = document.RootElement;
        if (PlugJson.Text(root, "mac") is { Length: > 0 and < 32 } mac)
            Identified(mac, at);
        if (PlugJson.Text(root, "fw") is { Length: > 0 and < 64 } version)
            Firmware = version;
        if (PlugJson.Number(root, "boot") is { } boot and >= 0 and <= uint.MaxValue)
            Booted((long)boot);
        _package = PlugJson.Number(root, "package") is >= 0 and <= 1000 and var package ? (int)package : null;
        _hasPackage = _package >= Package;
    }

    private void Switch(string id, ReadOnlySpan<byte> payload, long at)
    {
        var channel = Array.IndexOf(_names, id);
        if (channel < 0)
            return;
        if (payload.SequenceEqual("ON"u8))
            Switched(channel, on: true, at);
        else if (payload.SequenceEqual("OFF"u8))
            Switched(channel, on: false, at);
        else
            Malformed("a switch that is neither ON nor OFF", at);
    }

    private void Sensor(string id, ReadOnlySpan<byte> payload, long at)
    {
        var (what, channel) = Sensor(id);
        if (what.Length == 0 || channel >= _wattHours.Length)
            return;
        if (PlugJson.Number(payload.Length < 40 ? Encoding.ASCII.GetString(payload) : null) is not { } value)
        {
            // "nan" is how it says that a meter has not measured yet.
            if (!payload.SequenceEqual("nan"u8))
                Malformed($"a {what} that is no number", at);
            return;
        }
        if (what == "energy")
            _wattHours[channel] = value;
        else
            Measured(channel, value, _wattHours[channel], at);
    }

    private static (string What, int Channel) Sensor(string id)
    {
        foreach (var what in new[] { "power", "energy" })
        {
            if (id == what)
                return (what, 0);
            if (id.Length == what.Length + 2 && id.StartsWith(what, StringComparison.Ordinal) && id[^2] == '_' && id[^1] is >= '2' and <= '4')
                return (what, id[^1] - '1');
        }
        return ("", 0);
    }

    private void Tag(string reader, ReadOnlySpan<byte> payload, long at)
    {
        var kind = Array.Find(Readers, r => r.Name == reader);
        if (kind.Profile is null)
            return;
        if (kind.Profile.Parse(payload.Length <= 64 ? Encoding.ASCII.GetString(payload) : null) is { } number)
            Tapped(number, kind.Profile, at);
        else
            Refused(DeviceFaults.BadgeForm, "a badge number that this reader would not write", at);
    }

    private bool?[] Known() => [.. Relays.Select(r => r.Closed)];

    private void Arrived(long at, bool?[] known)
    {
        Arrived(at);
        for (var channel = 0; channel < known.Length; channel++)
            Relays[channel].Closed = known[channel];
    }

    private string Lease(int channel) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}/fablab/lease/{channel + 1}");

    private string Command(int channel) => $"{_prefix}/switch/{_names[channel]}/command";
}
