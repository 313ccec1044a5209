using System.Globalization;
using FabLab.Gateway.Links;

namespace FabLab.VirtualLab.Devices;

/// <summary>A switch with a meter and a tag reader that announces itself as Home Assistant wants it, with the abbreviations. Nothing opens its relay but a command.</summary>
internal sealed class VirtualAnnounced(PlugWiring wiring) : VirtualPlug(
    wiring, new MqttWill($"{wiring.Topic}/avail", "offline"u8.ToArray(), MqttQos.AtLeastOnce, Retain: true), $"{wiring.Topic}/cmnd/power")
{
    public override void Tap(int reader, string number) => Say($"{Topic}/tag", $$$"""{"tag":{"uid":"{{{number}}}"}}""");

    protected override void Connected()
    {
        Announce("switch", "relay", """ "cmd_t":"~/cmnd/power","stat_t":"~/state","val_tpl":"{{ value_json.relay }}" """);
        Announce("sensor", "watts", """ "stat_t":"~/state","dev_cla":"power","unit_of_meas":"W","val_tpl":"{{ value_json.meter['w'] | float }}" """);
        Announce("sensor", "total", """ "stat_t":"~/state","dev_cla":"energy","unit_of_meas":"kWh","val_tpl":"{{ value_json.meter.kwh }}" """);
        Announce("tag", "reader", """ "t":"~/tag","val_tpl":"{{ value_json.tag.uid }}" """);
        Say($"{Topic}/avail", "online", retain: true);
        TellAll();
    }

    protected override void TellRelay() => TellAll();

    protected override void TellMeter(double watts, long milliWattHours) => TellAll();

    protected override void Obey(string topic, string text)
    {
        if (text is "ON" or "OFF")
            SetRelay(text == "ON", NowMs);
    }

    private void Announce(string component, string part, string rest) => Say(
        $"homeassistant/{component}/{Topic}/{part}/config",
        $$$"""{"~":"{{{Topic}}}","uniq_id":"{{{Topic}}}-{{{part}}}","avty_t":"~/avail","dev":{"ids":["{{{Topic}}}"],"mf":"Virtual","mdl":"Switch","sw":"3.2"},{{{rest}}}}""", retain: true);

    private void TellAll()
    {
        var (watts, energy) = Machine.Read(NowMs);
        Say($"{Topic}/state", string.Create(CultureInfo.InvariantCulture, $$$"""{"relay":"{{{(IsClosed ? "ON" : "OFF")}}}","meter":{"w":{{{Math.Round(watts, 1)}}},"kwh":{{{Math.Round(energy / 1e6, 4)}}}}}"""), retain: true);
    }
}
