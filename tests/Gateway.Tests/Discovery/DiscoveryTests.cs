using System.Text;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Gateway.Discovery;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace FabLab.Gateway.Tests.Discovery;

/// <summary>What hangs on the computer or speaks on the broker and is on no list: found, shown, adopted, and nothing else.</summary>
public sealed class DiscoveryTests : IDisposable
{
    private const string TasmotaTopic = "tasmota/discovery/A020A6000001/config";

    /// <summary>As Tasmota 14.2 publishes it (docs/Tasmota-Device-Discovery), shortened.</summary>
    private const string TasmotaSays = """{"ip":"192.168.1.9","dn":"Prise scie","fn":["Prise scie"],"hn":"scie-0001","mac":"A020A6000001","md":"Nous A1T","ofln":"Offline","onln":"Online","sw":"14.2.0","t":"scie","ft":"%prefix%/%topic%/","tp":["cmnd","stat","tele"],"rl":[1,0,0,0,0,0,0,0]}""";

    private const string ShellySays = """{"id":"shellyplug-s-6A6375","model":"SHPLG-S","mac":"C45BBE6A6375","ip":"192.168.1.40","new_fw":false,"fw_ver":"20230913-113421/v1.14.0"}""";

    private const string ZigbeeSays = """
        [{"ieee_address":"0x00124b0000000001","type":"Coordinator","friendly_name":"Coordinator"},
         {"ieee_address":"0x54ef4410000000a1","type":"Router","friendly_name":"Prise Brodeuse","definition":{"model":"TS011F","vendor":"Nous","exposes":[{"type":"switch","features":[]}]}},
         {"ieee_address":"0x54ef4410000000b2","type":"EndDevice","friendly_name":"bouton","definition":{"model":"E1743","vendor":"IKEA","exposes":[{"type":"enum","name":"action"}]}}]
        """;

    private readonly DirectoryInfo _dev = Directory.CreateTempSubdirectory("fablab-dev-");
    private readonly HeardAround _heard = new(Substitute.For<IMqttLink>());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _heard.Dispose();
        _dev.Delete(recursive: true);
    }

    [Fact]
    public void Ports_and_keyboards_are_found_by_the_names_that_stay_and_one_that_is_used_is_not_found_again()
    {
        Plug("serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0", "ttyUSB0");
        Plug("serial/by-id/usb-1a86_USB_Serial-if00-port0", "ttyUSB1");
        Plug("input/by-id/usb-Sycreader_USB_Reader-event-kbd", "event3");
        Plug("input/by-id/usb-Logitech_Mouse-event-mouse", "event4");
        var around = Around();

        var found = around.Look([]);

        Assert.Equal(
            [("1a86 USB Serial", "rdm6300,pn532", "reader-1a86-usb-serial"), ("FTDI FT232R A50285BI", "rdm6300,pn532", "reader-ftdi-ft232r-a5028"), ("Sycreader USB Reader", "wedge", "reader-sycreader-usb-rea")],
            found.Select(f => (f.Label, string.Join(',', f.Drivers), f.Name)));
        Assert.All(found, f => Assert.Matches("^[a-z0-9][a-z0-9-]{1,22}[a-z0-9]$", f.Name));
        // Listed under its other name it is the same port.
        var used = new DeviceSettings { Id = "reader-1", Driver = "rdm6300", Link = DeviceLinkKind.Serial, Path = Path.Combine(_dev.FullName, "ttyUSB0") };
        Assert.Equal(2, around.Look([used]).Count);
    }

    [Fact]
    public void Without_names_by_maker_the_plain_ports_are_offered_and_without_any_nothing_is()
    {
        Assert.Empty(Around().Look([]));
        File.WriteAllText(Path.Combine(_dev.FullName, "ttyACM0"), "");
        Assert.Equal([Path.Combine(_dev.FullName, "ttyACM0")], Around().Look([]).Select(f => f.Place));
    }

    [Fact]
    public void Plugs_that_announce_themselves_are_found_with_what_will_be_set_on_them()
    {
        Say(TasmotaTopic, TasmotaSays);
        Say("shellies/announce", ShellySays);
        Say("zigbee2mqtt/bridge/devices", ZigbeeSays);
        var around = Around();

        var found = around.Look([]);

        Assert.Equal(
            [("shelly1", "plug-shellyplug-s-6a6375", "SHPLG-S, 20230913-113421/v1.14.0", 1), ("tasmota", "plug-scie", "Prise scie, Nous A1T, 14.2.0", 1), ("zigbee2mqtt", "plug-prise-brodeuse", "Prise Brodeuse, Nous, TS011F", 1)],
            found.Select(f => (f.Drivers.Single(), f.Name, f.Label, f.Relays)));
        Assert.Contains("PowerOnState 0", found[1].WillSet);
        Assert.Contains("PulseTime1 130", found[1].WillSet);
        var settings = around.Adopt(new DeviceToAdopt(new("scie-1"), TasmotaTopic, "tasmota", 9), []);
        Assert.Equal(("scie-1", "tasmota", "scie", 1, null), (settings!.Id, settings.Driver, settings.Topic, settings.Channels, settings.FullTopic));
        Assert.Equal(2, around.Look([settings]).Count);

        // The retained announcement is wiped: it is gone. So is a plug that the bridge no longer lists.
        Say(TasmotaTopic, "");
        Say("zigbee2mqtt/bridge/devices", "[]");
        Assert.Equal(["shelly1"], around.Look([]).Select(f => f.Drivers.Single()));
    }

    [Fact]
    public void Only_what_is_there_can_be_adopted_and_only_with_a_driver_that_was_offered()
    {
        Plug("serial/by-id/usb-FTDI-if00-port0", "ttyUSB0");
        var around = Around();
        var place = around.Look([]).Single().Place;

        Assert.Null(around.Adopt(new DeviceToAdopt(new("x-1"), "/etc/passwd", "rdm6300", 0), []));
        Assert.Null(around.Adopt(new DeviceToAdopt(new("x-1"), place, "node", 4), []));
        Assert.Equal((place, DeviceLinkKind.Serial, 0), around.Adopt(new DeviceToAdopt(new("x-1"), place, "pn532", 4), []) is { } taken ? (taken.Path, taken.Link, taken.Channels) : default);
    }

    [Theory]
    [InlineData(TasmotaTopic, TasmotaSays)]
    [InlineData("shellies/announce", ShellySays)]
    [InlineData("zigbee2mqtt/bridge/devices", ZigbeeSays)]
    public void What_is_cut_off_bent_or_endless_is_not_found_and_breaks_nothing(string topic, string says)
    {
        for (var length = 1; length < Encoding.UTF8.GetByteCount(says); length++)
            _heard.OnMessage(new MqttDelivery { Topic = topic, Payload = Encoding.UTF8.GetBytes(says).AsSpan(0, length) });
        foreach (var wrong in new[]
        {
            "null", "7", "[]", "{}", "[[[]]]", "\"x\"", new string('[', 5000), new string('x', 1_000_000), says.Replace("\"", "'", StringComparison.Ordinal),
            says.Replace("\"t\":\"scie\"", "\"t\":\"a/#\"", StringComparison.Ordinal).Replace("\"id\":\"shellyplug-s-6A6375\"", "\"id\":{}", StringComparison.Ordinal).Replace("friendly_name\":\"Prise", "friendly_name\":7,\"x\":\"Prise", StringComparison.Ordinal),
        })
        {
            Say(topic, wrong);
            Assert.Empty(Around().Look([]));
        }

        // A thousand that nobody has: no more than a hundred are kept.
        if (topic == TasmotaTopic)
        {
            for (var i = 0; i < 1000; i++)
                Say($"tasmota/discovery/{i:X12}/config", TasmotaSays.Replace("\"scie\"", $"\"scie{i}\"", StringComparison.Ordinal));
            Assert.Equal(DeviceFound.Most, Around().Look([]).Count);
        }
    }

    [Fact]
    public async Task What_staff_adopt_is_on_the_list_in_a_moment_is_tried_and_is_not_found_again()
    {
        Plug("serial/by-id/usb-FTDI-if00-port0", "ttyUSB0");
        await using var gateway = new GatewayUnderTest { More = services => services.AddSingleton(new PortsAround(_dev.FullName)) };
        await gateway.StartAsync();
        await gateway.Booking.WaitForAsync(b => b.Devices?.Found is { Count: 1 }, Cancelled);
        var place = gateway.Booking.Devices!.Found![0].Place;

        gateway.Booking.Adopt = [new DeviceToAdopt(new("reader-9"), place, "rdm6300", 0), new DeviceToAdopt(new("reader-7"), place, "pn532", 0), new DeviceToAdopt(new("reader-8"), "/dev/nothing", "rdm6300", 0)];
        gateway.Booking.Put(new SiteRule());
        await gateway.Booking.WaitForAsync(b => b.Enrolled.Count >= 3, Cancelled);

        // One port is one device: the second name for it finds it gone.
        Assert.Equal(
            [(new DeviceId("reader-7"), EnrolmentResult.NotThere), (new("reader-8"), EnrolmentResult.NotThere), (new("reader-9"), EnrolmentResult.Taken)],
            gateway.Booking.Enrolled.Select(e => (e.Device, e.Result)).OrderBy(e => e.Device.Value, StringComparer.Ordinal));
        Assert.Equal(place, gateway.Listed.Single(d => d.Id == "reader-9").Path);
    }

    private Surroundings Around() => new(new PortsAround(_dev.FullName), _heard, null, new ManualTime());

    private void Say(string topic, string payload) => _heard.OnMessage(new MqttDelivery { Topic = topic, Payload = Encoding.UTF8.GetBytes(payload) });

    /// <summary>A name that leads to a device, as udev makes it.</summary>
    private void Plug(string name, string device)
    {
        var target = Path.Combine(_dev.FullName, device);
        File.WriteAllText(target, "");
        var link = Path.Combine(_dev.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, target);
    }
}
