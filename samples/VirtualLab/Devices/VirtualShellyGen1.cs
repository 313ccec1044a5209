using System.Globalization;
using FabLab.Gateway.Links;

namespace FabLab.VirtualLab.Devices;

/// <summary>A Shelly Plug S of the first generation, set on its page to switch off by itself, as its documents describe it. Its energy is in watt-minutes and forgotten with its power.</summary>
internal sealed class VirtualShellyGen1(PlugWiring wiring, double autoOffSeconds = 30) : VirtualPlug(
    wiring, new MqttWill($"shellies/{wiring.Topic}/online", "false"u8.ToArray(), MqttQos.AtMostOnce, Retain: false),
    $"shellies/{wiring.Topic}/relay/0/command", $"shellies/{wiring.Topic}/command", "shellies/command")
{
    private string Root => $"shellies/{Topic}";

    protected override void Connected()
    {
        Say($"{Root}/online", "true");
        Announce();
        Update();
    }

    protected override void TellRelay() => Say($"{Root}/relay/0", IsClosed ? "on" : "off");

    protected override void TellMeter(double watts, long milliWattHours)
    {
        Say($"{Root}/relay/0/energy", (milliWattHours * 60 / 1000).ToString(CultureInfo.InvariantCulture));
        Say($"{Root}/relay/0/power", watts.ToString("0.00", CultureInfo.InvariantCulture));
        Say($"{Root}/temperature", "28.31");
    }

    protected override void Obey(string topic, string text)
    {
        switch (text)
        {
            case "announce":
                Announce();
                break;
            case "update":
                Update();
                break;
            case "on" or "off" when topic.EndsWith("/relay/0/command", StringComparison.Ordinal):
                var on = text == "on";
                if (on)
                    Arm(autoOffSeconds);
                var moved = IsClosed != on;
                SetRelay(on, NowMs);
                if (!moved)
                    TellRelay();
                break;
        }
    }

    private void Announce() =>
        Say("shellies/announce", $$"""{"id":"{{Topic}}","model":"SHPLG-S","mac":"C45BBE6A6375","ip":"192.168.1.40","new_fw":false,"fw_ver":"20230913-113421/v1.14.0-gcb84623"}""");

    private void Update()
    {
        TellRelay();
        var (watts, energy) = Machine.Read(NowMs);
        TellMeter(watts, energy);
    }
}
