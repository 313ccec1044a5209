using System.Globalization;
using FabLab.Gateway.Links;

namespace FabLab.VirtualLab.Devices;

/// <summary>A board with ESPHome and our package on it: a script that starts anew with each lease, everything off when the broker is lost, a reader for EM tags.</summary>
/// <param name="wiring">How it is made.</param>
/// <param name="package">Whether our package is on it; without, it obeys ON and OFF and nothing opens it.</param>
internal sealed class VirtualEspHome(PlugWiring wiring, bool package = true) : VirtualPlug(
    wiring, new MqttWill($"{wiring.Topic}/status", "offline"u8.ToArray(), MqttQos.AtLeastOnce, Retain: true),
    $"{wiring.Topic}/switch/relay/command", $"{wiring.Topic}/fablab/lease/1")
{
    /// <summary>The reader gives the last four bytes as a decimal number.</summary>
    public override void Tap(int reader, string number) =>
        Say($"{Topic}/fablab/tag/em-dec", uint.Parse(number[^8..], NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));

    protected override void Connected()
    {
        Say($"{Topic}/status", "online", retain: true);
        TellRelay();
        if (package)
            Say($"{Topic}/fablab/about", $$"""{"package":1,"boot":{{Boots * 7919}},"fw":"2026.9.0","mac":"A0:B7:65:00:00:01"}""", retain: true);
    }

    protected override void Disconnected()
    {
        // mqtt: on_disconnect: switch.turn_off
        if (package)
            SetRelay(closed: false, NowMs);
    }

    protected override void TellRelay() => Say($"{Topic}/switch/relay/state", IsClosed ? "ON" : "OFF", retain: true);

    protected override void TellMeter(double watts, long milliWattHours)
    {
        Say($"{Topic}/sensor/energy/state", (milliWattHours / 1000.0).ToString("0.000", CultureInfo.InvariantCulture), retain: true);
        Say($"{Topic}/sensor/power/state", watts.ToString("0.0", CultureInfo.InvariantCulture), retain: true);
    }

    protected override void Obey(string topic, string text)
    {
        if (topic.EndsWith("/fablab/lease/1", StringComparison.Ordinal))
        {
            if (!package || !double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms))
                return;
            if (ms > 0)
                Arm(ms / 1000);
            SetRelay(ms > 0, NowMs);
        }
        else if (text is "ON" or "OFF")
        {
            SetRelay(text == "ON", NowMs);
        }
    }
}
