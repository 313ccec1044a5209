using System.Globalization;
using System.Text.Json;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Plugs;
using NodaTime;

namespace FabLab.Gateway.Drivers.HomeAssistant;

/// <summary>
/// A device that announces itself as Home Assistant wants it. A device is here what has its topics under one name: an announcement
/// that leads elsewhere is not followed, whoever sent it. Such a relay has no lease: it is told ON and OFF, opened by us when the
/// lease ends, and left as it is when we are gone; it never counts as falling open by itself.
/// </summary>
internal sealed class HomeAssistantDevice(DeviceSettings settings, string prefix, string root, PlugParts parts) : PlugDevice(settings, parts)
{
    private const int MostParts = 64;

    private readonly string _prefix = prefix;
    private readonly string _root = root;
    private readonly string[] _named = PlugNames.Of(settings.Relays);

    /// <summary>What was announced, by where it was announced.</summary>
    private readonly SortedDictionary<string, Announcement> _parts = new(StringComparer.Ordinal);

    private readonly double?[] _wattHours = new double?[Math.Max(1, settings.Channels)];
    private Announcement?[] _switches = new Announcement?[settings.Channels];
    private bool? _available;
    private int _notUnderstood;

    /// <summary>Parts and whole devices are announced at different depths, which do not overlap.</summary>
    protected override IReadOnlyList<string> Filters => [$"{_prefix}/+/+/config", $"{_prefix}/+/+/+/config", $"{_root}/#"];

    protected override bool FailsSafeAlone => false;

    protected override bool IsKnown => _available != false && Array.TrueForAll(_switches, s => s is not null);

    protected override TimeSpan? Silence => null;

    protected override bool IsCommand(string topic) => Array.Exists(_switches, s => s?.Command == topic && s.Command != s.State);

    /// <summary>Announcements are always, states often; a tag never is.</summary>
    protected override bool MayBeRetained(string topic) => !_parts.Values.Any(p => p.State == topic && p.Kind == PartKind.Tag);

    protected override IReadOnlyList<string> Missing() =>
        [.. Enumerable.Range(0, _switches.Length).Where(channel => _switches[channel] is null).Select(channel => string.Create(CultureInfo.InvariantCulture, $"an announced switch {channel}"))];

    protected override void Ask()
    {
        // The convention has no question.
    }

    protected override SendOutcome SendOn(int channel, Duration lease) => _switches[channel] is { Command: { } command } part ? Send(command, part.On) : SendOutcome.LinkDown;

    protected override SendOutcome SendOff(int channel) => _switches[channel] is { Command: { } command } part ? Send(command, part.Off) : SendOutcome.LinkDown;

    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        if (topic.StartsWith(_prefix + "/", StringComparison.Ordinal) && topic.EndsWith("/config", StringComparison.Ordinal))
        {
            Announced(topic, payload, at);
            return;
        }
        if (!topic.StartsWith(_root + "/", StringComparison.Ordinal))
            return;
        foreach (var part in _parts.Values)
        {
            if (part.Availability == topic)
            {
                Available(part, payload, at);
                break;
            }
        }
        foreach (var part in _parts.Values.Where(p => p.State == topic).ToList())
            Spoke(part, payload, retained, at);
        BecomeOnline(at);
    }

    private void Announced(string topic, ReadOnlySpan<byte> payload, long at)
    {
        var levels = topic[(_prefix.Length + 1)..].Split('/');
        if (payload.IsEmpty)
        {
            // Taken back, with all that a device announcement brought.
            var gone = _parts.Keys.Where(key => key == topic || key.StartsWith(topic + "#", StringComparison.Ordinal)).ToList();
            foreach (var key in gone)
                _parts.Remove(key);
            if (gone.Count > 0)
                Arrange();
            return;
        }
        using var document = PlugJson.Parse(payload);
        if (document is null)
        {
            // Everybody announces here: what is not JSON may be anybody's.
            return;
        }
        var config = document.RootElement;
        if (levels[0] == "device")
        {
            if (Announcement.Nested(config, "components") is not { } components)
                return;
            foreach (var component in components.EnumerateObject().Take(MostParts))
            {
                if (component.Value.ValueKind == JsonValueKind.Object && Announcement.Text(component.Value, "platform") is { } platform)
                    Add($"{topic}#{component.Name}", platform, component.Name, component.Value, Announcement.Nested(config, "device"), at);
            }
        }
        else
        {
            Add(topic, levels[0], levels[^2], config, null, at);
        }
    }

    private void Add(string key, string component, string id, JsonElement config, JsonElement? device, long at)
    {
        if (component is not ("switch" or "sensor" or "tag"))
            return;
        if (Announcement.Read(component, id, config, device, _root) is not { } part)
        {
            // A switch of ours that cannot be understood is worth a word; other sensors are not.
            if (component == "switch" && config.GetRawText().Contains(_root + "/", StringComparison.Ordinal) && _notUnderstood++ == 0)
                Malformed($"an announced switch {(id.Length <= 40 ? id : id[..40])} that is not understood", at);
            return;
        }
        if (_parts.TryGetValue(key, out var before))
        {
            if (before.Device.Length > 0 && part.Device.Length > 0 && before.Device != part.Device)
                Twins($"{key} was of {before.Device} and is of {part.Device} now", at);
        }
        else if (_parts.Count >= MostParts)
        {
            Refused(DeviceFaults.Oversized, $"more than {MostParts} announced parts", at);
            return;
        }
        _parts[key] = part;
        if (part.Firmware is { Length: > 0 and < 64 } firmware)
            Firmware = firmware;
        Arrange();
        if (part.Kind == PartKind.Switch && part.Availability is null)
            Heard(at);
        BecomeOnline(at);
    }

    /// <summary>Which switch is which channel: by the names of the settings, else by the order of where they were announced, which does not change.</summary>
    private void Arrange()
    {
        var switches = _parts.Values.Where(p => p.Kind == PartKind.Switch).ToList();
        var now = new Announcement?[Relays.Length];
        for (var channel = 0; channel < now.Length; channel++)
            now[channel] = _named.Length > channel ? switches.Find(s => s.Name == _named[channel]) : switches.ElementAtOrDefault(channel);
        for (var channel = 0; channel < now.Length; channel++)
        {
            // Another relay than the one that is held: the old one is opened and the new one not known.
            if (_switches[channel] is { } old && old.Command != now[channel]?.Command)
            {
                SendOff(channel);
                Relays[channel].End();
                Relays[channel].Closed = null;
            }
        }
        _switches = now;
        if (Array.Exists(now, s => s is null))
            Away("a relay of it is announced no longer");
    }

    private void Available(Announcement part, ReadOnlySpan<byte> payload, long at)
    {
        var text = payload.Length <= 256 ? System.Text.Encoding.UTF8.GetString(payload) : "";
        if (text == part.Available)
        {
            _available = true;
            var known = Relays.Select(r => r.Closed).ToArray();
            if (IsThere)
                return;
            Heard(at);
            for (var channel = 0; channel < known.Length; channel++)
                Relays[channel].Closed = known[channel];
        }
        else if (text == part.Unavailable)
        {
            _available = false;
            // What it says when it is back is what counts.
            foreach (var relay in Relays)
                relay.Closed = null;
            Away("it signed out or vanished");
        }
        else if (payload.Length > 0)
        {
            Malformed("an availability that is neither of its two words", at);
        }
    }

    private void Spoke(Announcement part, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        if (retained && part.Kind != PartKind.Switch)
            return;
        if (part.Template.Read(payload) is not { } value)
        {
            if (PlugJson.Parse(payload) is { } document)
                document.Dispose();
            else
                Malformed("a state that its template cannot read", at);
            return;
        }
        if (!retained && part.Availability is null)
            Heard(at);
        switch (part.Kind)
        {
            case PartKind.Switch:
                var channel = Array.FindIndex(_switches, s => s is not null && s.Name == part.Name && s.State == part.State && s.Command == part.Command);
                if (channel >= 0 && (value == part.StateOn || value == part.StateOff))
                    Switched(channel, value == part.StateOn, at);
                else if (channel >= 0)
                    Malformed("a switch that is neither of its two words", at);
                break;
            case PartKind.Energy when PlugJson.Number(value) is { } energy:
                _wattHours[Meter(part)] = energy * part.Factor;
                break;
            case PartKind.Power when PlugJson.Number(value) is { } watts:
                Measured(Meter(part), watts * part.Factor, _wattHours[Meter(part)], at);
                break;
            case PartKind.Tag:
                Tag(value, at);
                break;
            default:
                if (value is not ("nan" or "unknown" or "unavailable" or ""))
                    Malformed("a reading that is no number", at);
                break;
        }
    }

    /// <summary>The relay a meter belongs to: the one in the same order among its kind.</summary>
    private int Meter(Announcement part)
    {
        var index = _parts.Values.Where(p => p.Kind == part.Kind).TakeWhile(p => p != part).Count();
        return index < _wattHours.Length ? index : 0;
    }

    private void Tag(string value, long at)
    {
        // The convention does not say how a reader spells: hex that is a UID, else the decimal number of a USB reader.
        foreach (var profile in new[] { ReaderProfile.EmHex, ReaderProfile.EmDecimal, ReaderProfile.IsoHex })
        {
            if (profile.Parse(value) is { } number)
            {
                Tapped(number, profile, at);
                return;
            }
        }
        if (value.Length > 0)
            Refused(DeviceFaults.BadgeForm, "a badge number in no form that is known", at);
    }
}
