using System.Text;
using System.Text.Json;
using FabLab.Core;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <content>What the device says.</content>
internal sealed partial class TasmotaDevice
{
    private static readonly Duration NearTheEnd = Duration.FromSeconds(1);

    /// <summary>For whom a relay was last told to open, until it has.</summary>
    private readonly Dictionary<int, SessionId?> _told = [];

    public void OnMessage(in MqttDelivery message)
    {
        var at = message.ReceivedTimestamp;
        lock (_gate)
        {
            if (_isClosed)
                return;
            if (_topics.CommandOf(message.Topic) is { } command)
            {
                Commanded(command, message.Topic, message.Retained, at);
                return;
            }
            if (message.Payload.Length > MaxPayload)
            {
                Refused(DeviceFaults.Oversized, $"a message of {message.Payload.Length} bytes", at);
                return;
            }
            if (message.Topic == _topics.LastWill)
            {
                LastWill(message.Payload, at);
                return;
            }
            if (message.Retained)
            {
                // A retained state or scan is from another day. The settings pushed at sign-in take the habit away.
                Refused(DeviceFaults.Retained, "a message came out of the broker's memory", at);
                return;
            }
            Heard(at);
            try
            {
                if (message.Topic.StartsWith(_topics.Tele, StringComparison.Ordinal))
                    Telemetry(message.Topic[_topics.Tele.Length..], message.Payload, at);
                else if (message.Topic.StartsWith(_topics.Stat, StringComparison.Ordinal))
                    Answered(message.Topic[_topics.Stat.Length..], message.Payload, at);
            }
            catch (InvalidOperationException)
            {
                // How the JSON reader says that a name or a text is no Unicode, at the moment it is looked at.
                Refused(DeviceFaults.Malformed, "a text that is no Unicode", at);
            }
        }
    }

    private void Commanded(string command, string topic, bool retained, long at)
    {
        // Our own commands come back here; only what lies in the broker's memory matters: the device would obey it at each sign-in.
        if (!retained)
            return;
        _link.Publish(topic, [], MqttQos.AtLeastOnce, retain: true);
        Refused(DeviceFaults.Retained, $"a retained command {command} lay in the broker and was removed", at);
    }

    private void LastWill(ReadOnlySpan<byte> payload, long at)
    {
        if (payload.SequenceEqual("Online"u8))
        {
            _heardAt = at;
            Arrived(at);
        }
        else if (payload.SequenceEqual("Offline"u8))
        {
            Away("it signed out or vanished");
        }
        else
        {
            Refused(DeviceFaults.Malformed, "a last will that is none", at);
        }
    }

    private void Heard(long at)
    {
        _heardAt = at;
        // It speaks, so it is there; its LWT came before we listened, or was lost.
        if (!_there)
            Arrived(at);
    }

    private void Telemetry(string name, ReadOnlySpan<byte> payload, long at)
    {
        if (name is not ("STATE" or "SENSOR" or "RESULT"))
            return;
        using var document = TasmotaJson.Parse(payload);
        if (document is null)
        {
            Refused(DeviceFaults.Malformed, $"a {name} that is not JSON", at);
            return;
        }
        var root = document.RootElement;
        switch (name)
        {
            case "STATE":
                _readers.OnState(at);
                Powers(root, at);
                break;
            case "SENSOR":
                Sensor(root, at);
                break;
            case "RESULT" when TasmotaJson.Text(root, "SSerialReceived") is { } text && _readers.OnSerial(text, at) is var (number, profile):
                _readsBadges = true;
                _reports.Post(new DeviceReport.BadgeRead(Id, Now, at, 0, number, profile, Live: true));
                break;
        }
    }

    private void Sensor(JsonElement sensor, long at)
    {
        foreach (var reading in TasmotaJson.Energy(sensor, _relays.Length))
        {
            _measures = true;
            _reports.Post(new DeviceReport.PowerReport(Id, Now, at, reading.Channel, reading.Watts, reading.Wh));
        }
        foreach (var (number, profile) in _readers.OnSensor(sensor, at))
        {
            _readsBadges = true;
            _reports.Post(new DeviceReport.BadgeRead(Id, Now, at, 0, number, profile, Live: true));
        }
    }

    private void Answered(string name, ReadOnlySpan<byte> payload, long at)
    {
        // Plain text: stat/…/POWER1 ON. It says the same as the RESULT and either may be switched off.
        if (TasmotaJson.Channel(name, "POWER") is { } channel && payload.Length is > 0 and <= 3 && TasmotaJson.OnOff(Encoding.ASCII.GetString(payload)) is { } on)
        {
            Switched(channel, on, at);
            BecomeOnline(at);
            return;
        }
        using var document = TasmotaJson.Parse(payload);
        if (document is null)
        {
            // Other plain answers exist and mean nothing here.
            if (name is "RESULT" || name.StartsWith("STATUS", StringComparison.Ordinal))
                Refused(DeviceFaults.Malformed, $"a {name} that is not JSON", at);
            return;
        }
        var root = document.RootElement;
        if (name.StartsWith("STATUS", StringComparison.Ordinal))
            Status(root, at);
        // RESULT, or the name of the command where SetOption4 is on.
        _commissioning.OnAnswer(root);
        Powers(root, at);
        foreach (var (which, _) in TasmotaJson.Pulse(root))
            PulseConfirmed(which);
        BecomeOnline(at);
    }

    private void Status(JsonElement root, long at)
    {
        if (Object(root, "StatusSTS") is { } state)
            Powers(state, at);
        if (Object(root, "StatusSNS") is { } sensor)
        {
            // An answer to a question is telemetry, never a scan.
            _readers.OnState(at);
            Sensor(sensor, at);
        }
        if (Object(root, "StatusFWR") is { } firmware && TasmotaJson.Text(firmware, "Version") is { Length: < 64 } version)
            _firmware = version;
        if (Object(root, "StatusPRM") is { } parameters)
        {
            _bootSeen = true;
            if (TasmotaJson.Number(parameters, "BootCount") is { } count and >= 0 and <= uint.MaxValue)
                Booted((uint)count);
        }
        if (Object(root, "StatusNET") is { } network && TasmotaJson.Text(network, "Mac") is { Length: < 32 } mac)
        {
            if (_mac is not null && _mac != mac)
                Twins($"it was {_mac} and is {mac} now", at);
            _mac = mac;
        }
    }

    private void Booted(uint count)
    {
        if (_boot is { } before && before != count)
        {
            _newBoot = true;
            // Nothing starts by itself: what ran before this boot is over.
            foreach (var relay in _relays)
                relay.End();
        }
        _boot = count;
    }

    private void Powers(JsonElement element, long at)
    {
        foreach (var (channel, on) in TasmotaJson.Power(element))
            Switched(channel, on, at);
    }

    private void Switched(int channel, bool on, long at)
    {
        if (channel >= _relays.Length)
            return;
        var relay = _relays[channel];
        var before = relay.Closed;
        relay.Closed = on;
        if (on && relay.Session is not null && relay.WaitsForPulse is null)
            relay.Confirmed = true;
        if (before == on)
            return;
        if (on)
            SwitchedOn(channel, relay, before, at);
        else
            SwitchedOff(channel, relay, before, at);
    }

    private void SwitchedOn(int channel, TasmotaRelay relay, bool? before, long at)
    {
        if (relay.Session is { } session && relay.WaitsForPulse is null)
        {
            Relay(channel, closed: true, RelayCauses.Lease, session, at);
            return;
        }
        // Found on when it came: it may be the use of before our restart, and if nobody holds it, it opens by itself.
        if (before is null)
            return;
        // It was off and went on without us: a button, a rule, somebody else's command. Permission is ours to give.
        Relay(channel, closed: true, RelayCauses.Unknown, null, at);
        Fault(DeviceFaults.ForeignSwitch, "its relay closed without a lease; it is told to open", at, channel);
        Log.Foreign(_logger, Id, channel);
        Send(Power(channel), "OFF");
    }

    private void SwitchedOff(int channel, TasmotaRelay relay, bool? before, long at)
    {
        if (before is null && !relay.Confirmed)
            return;
        var expired = relay.Session is not null
            && Duration.FromTimeSpan(_time.GetElapsedTime(relay.HeldAt, at)) >= relay.Lease - NearTheEnd;
        // A hold that is on its way has not closed anything yet: what opens now is what was before.
        var waiting = relay.Session is not null && !relay.Confirmed;
        if (waiting)
        {
            Relay(channel, closed: false, RelayCauses.Unknown, _told.Remove(channel, out var previous) ? previous : null, at);
            return;
        }
        var session = relay.End();
        var told = session is null && _told.Remove(channel, out session);
        Relay(channel, closed: false, told ? RelayCauses.Told : expired ? RelayCauses.Lease : RelayCauses.Unknown, session, at);
    }

    private void PulseConfirmed(int channel)
    {
        if (channel >= _relays.Length || _relays[channel] is not { WaitsForPulse: { } wanted } relay || _commissioning.Pulse(channel) != wanted)
            return;
        relay.WaitsForPulse = null;
        if (_online && relay.Session is not null)
            Send(Power(channel), "ON");
    }

    private void Relay(int channel, bool closed, string cause, SessionId? session, long at) =>
        _reports.Post(new DeviceReport.RelayReport(Id, Now, at, channel, closed, cause, session));

    private void Refused(string code, string detail, long at)
    {
        DriverMetrics.Refused.Add(1);
        if (!_logGate.Pass(code, out var heldBack))
            return;
        Log.Refused(_logger, Id, detail, heldBack);
        Fault(code, detail, at);
    }

    private static JsonElement? Object(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static partial class Log
    {
        [LoggerMessage(EventId = 3600, Level = LogLevel.Information, Message = "{Device} is there: Tasmota {Firmware}, new boot {NewBoot}.")]
        public static partial void Online(ILogger logger, DeviceId device, string firmware, bool newBoot);

        [LoggerMessage(EventId = 3601, Level = LogLevel.Warning, Message = "{Device} is away: {Why}.")]
        public static partial void Away(ILogger logger, DeviceId device, string why);

        [LoggerMessage(EventId = 3602, Level = LogLevel.Warning, Message = "{Device}: {Detail}; refused. ({HeldBack} like it not shown)")]
        public static partial void Refused(ILogger logger, DeviceId device, string detail, int heldBack);

        [LoggerMessage(EventId = 3603, Level = LogLevel.Error, Message = "{Device} does not take the settings a lease needs: {Missing}. It is not used.")]
        public static partial void Unfit(ILogger logger, DeviceId device, string missing);

        [LoggerMessage(EventId = 3604, Level = LogLevel.Warning, Message = "{Device}: relay {Channel} closed without a lease and is told to open.")]
        public static partial void Foreign(ILogger logger, DeviceId device, int channel);
    }
}
