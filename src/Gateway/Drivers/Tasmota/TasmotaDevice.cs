using System.Globalization;
using FabLab.Contracts;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using NodaTime;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>
/// A Tasmota relay, meter and reader. Its relay is a lease by PulseTime, counted again from each POWER ON; it is only used after
/// the device has confirmed the settings that make it one.
/// </summary>
internal sealed partial class TasmotaDevice : PlugDevice
{
    private const int DefaultPulse = 130;

    private readonly TasmotaTopics _topics;
    private readonly TasmotaCommissioning _commissioning;
    private readonly TasmotaReaders _readers;
    private readonly int?[] _wanted;
    private bool _bootSeen;

    public TasmotaDevice(DeviceSettings settings, TasmotaTopics topics, PlugParts parts)
        : base(settings, parts)
    {
        _topics = topics;
        _commissioning = new TasmotaCommissioning(settings.Channels);
        _readers = new TasmotaReaders(parts.Time);
        _wanted = new int?[settings.Channels];
    }

    protected override IReadOnlyList<string> Filters => [_topics.StatFilter, _topics.TeleFilter, _topics.CommandFilter, TasmotaAnnouncement.Filter];

    protected override bool FailsSafeAlone => true;

    protected override bool IsKnown => _bootSeen;

    protected override IReadOnlyList<string> Missing() => _commissioning.Missing();

    protected override IReadOnlyList<DeviceSettingNow> Asked() => _commissioning.Asked(Pulses);

    /// <summary>The lease asked for last; before the first one any that it has, and the usual one where it has none.</summary>
    private IReadOnlyList<int> Pulses => [.. _wanted.Select((wanted, channel) => wanted ?? (_commissioning.Pulse(channel) is > 0 and var pulse ? pulse : DefaultPulse))];

    protected override bool IsCommand(string topic) => topic.StartsWith(_topics.CommandPrefix, StringComparison.Ordinal);

    protected override bool MayBeRetained(string topic) => topic == _topics.LastWill || TasmotaAnnouncement.IsTopic(topic);

    /// <summary>Pushes the settings and asks for everything that is to be known before it counts as there.</summary>
    protected override void Ask()
    {
        if (Relays.Length > 0)
            Order("Backlog", _commissioning.Backlog([.. Relays.Select((_, channel) => _commissioning.Pulse(channel) is > 0 and var pulse ? pulse : DefaultPulse)]));
        foreach (var status in new[] { "1", "2", "5", "8", "11" })
            Order("STATUS", status);
    }

    protected override bool Prepare(int channel, Duration lease, out SendOutcome outcome)
    {
        var pulse = TasmotaPulse.Of(lease);
        _wanted[channel] = pulse;
        outcome = SendOutcome.Sent;
        if (_commissioning.Pulse(channel) == pulse)
            return true;
        outcome = Order($"PulseTime{channel + 1}", pulse.ToString(CultureInfo.InvariantCulture));
        return false;
    }

    protected override SendOutcome SendOn(int channel, Duration lease) => Order(Power(channel), "ON");

    protected override SendOutcome SendOff(int channel) => Order(Power(channel), "OFF");

    protected override void Forget()
    {
        _bootSeen = false;
        _commissioning.Restart();
    }

    private SendOutcome Order(string command, string value) => Send(_topics.Command(command), value);

    private static string Power(int channel) => $"POWER{channel + 1}";
}
