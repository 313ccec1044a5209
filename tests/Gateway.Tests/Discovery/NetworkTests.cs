using System.Net;
using System.Net.Sockets;
using System.Text;
using FabLab.Contracts;
using FabLab.Gateway.Broker;
using FabLab.Gateway.Discovery;
using FabLab.Gateway.Drivers;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Discovery;

/// <summary>Devices and printers that say on the network that they are there: understood, shown with what they need, adopted; and rubbish.</summary>
public sealed class NetworkTests : IDisposable
{
    private static readonly IPAddress From = IPAddress.Parse("192.168.1.77");

    private static readonly byte[] ShellySays = DnsAnswer.Of("_shelly._tcp.local", "shellyplusplugs-a8032ab1fe78", 80, "192.168.1.30", "app=PlusPlugS", "ver=1.1.0", "gen=2");
    private static readonly byte[] OctoPrintSays = DnsAnswer.Of("_octoprint._tcp.local", "OctoPrint instance \"mk3\"", 5000, "192.168.1.40", "path=/", "version=1.10.2", "api=0.1");

    private static readonly string BambuSays = string.Join("\r\n",
        "NOTIFY * HTTP/1.1", "HOST: 239.255.255.250:1900", "Server: UPnP/1.0", "Location: 192.168.1.50", "NT: urn:bambulab-com:device:3dprinter:1", "USN: 01S00C123400001",
        "Cache-Control: max-age=1800", "DevModel.bambu.com: C12", "DevName.bambu.com: Atelier P1S", "DevSignal.bambu.com: -44", "DevConnect.bambu.com: lan", "DevVersion.bambu.com: 01.07.00.00", "", "");

    private readonly ManualTime _time = new();
    private readonly NetworkAround _network;
    private readonly DirectoryInfo _dev = Directory.CreateTempSubdirectory("fablab-dev-");

    public NetworkTests() => _network = new NetworkAround(new BrokerOptions { LanAddress = "192.168.1.2" }.ReachedFrom, _time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _dev.Delete(recursive: true);

    [Fact]
    public void The_question_asks_for_each_service_once_and_is_no_answer()
    {
        var question = MulticastDns.Ask(NetworkAround.Services);

        Assert.Equal(NetworkAround.Services.Count, question[5]);
        Assert.Contains("_shelly._tcp.local", NetworkAround.Services);
        // Labels with their lengths, no compression: readable in the bytes.
        Assert.Contains("\u0007_shelly\u0004_tcp\u0005local\0\0\u000c\0\u0001", Encoding.ASCII.GetString(question), StringComparison.Ordinal);
        Assert.InRange(question.Length, 100, 512);
        Assert.Null(MulticastDns.Read(question));
    }

    [Fact]
    public void An_answer_is_read_with_its_pointers()
    {
        var records = MulticastDns.Read(OctoPrintSays)!;

        Assert.Equal(new DnsRecord.Pointer("_octoprint._tcp.local", 4500, "OctoPrint instance \"mk3\"._octoprint._tcp.local"), records[0]);
        Assert.Equal(new DnsRecord.Service("OctoPrint instance \"mk3\"._octoprint._tcp.local", 120, 5000), records[1]);
        Assert.Equal("1.10.2", Assert.IsType<DnsRecord.Text>(records[2]).Pairs["version"]);
        Assert.Equal(new DnsRecord.Host("host.local", 120, IPAddress.Parse("192.168.1.40")), records[3]);
    }

    /// <summary>What each maker announces, and what is made of it.</summary>
    public static TheoryData<byte[], string, string, string, string?, string> Announced => new()
    {
        { ShellySays, "shelly", "shellyplusplugs-a8032ab1fe78, PlusPlugS, 1.1.0", "plug-shellyplusplugs-a80", null, "Server: 192.168.1.2:1883" },
        { DnsAnswer.Of("_http._tcp.local", "shellyplug-s-6A6375", 80, "192.168.1.31", "id=shellyplug-s-6A6375", "fw_id=20230913-113421/v1.14.0", "arch=esp8266"), "shelly1", "shellyplug-s-6A6375, 20230913-113421/v1.14.0", "plug-shellyplug-s-6a6375", null, "Auto off: 5" },
        { DnsAnswer.Of("_esphomelib._tcp.local", "scie", 6053, "192.168.1.32", "friendly_name=Scie à ruban", "version=2026.1.0", "board=esp32dev", "mac=a020a6000001"), "esphome", "Scie à ruban, esp32dev, 2026.1.0", "plug-scie", null, "  topic_prefix: {name}" },
        { DnsAnswer.Of("_http._tcp.local", "tasmota-6A6375-0885", 80, "192.168.1.33", "devicetype=tasmota"), "tasmota", "tasmota-6A6375-0885, Tasmota", "plug-tasmota-6a6375-0885", null, "Backlog MqttHost 192.168.1.2; MqttPort 1883; MqttClient {name}; MqttUser {name}; MqttPassword {password}; Topic {name}; SetOption3 1" },
        { OctoPrintSays, "octoprint", "OctoPrint instance \"mk3\", 1.10.2", "printer-octoprint-instan", "Secret", "" },
        { DnsAnswer.Of("_moonraker._tcp.local", "voron", 7125, "192.168.1.41", "uuid=1", "https_port=0"), "moonraker", "voron", "printer-voron", "", "" },
        { DnsAnswer.Of("_http._tcp.local", "PrusaLink MK4", 80, "192.168.1.42"), "prusalink", "PrusaLink MK4", "printer-prusalink-mk4", "Secret", "" },
        { DnsAnswer.Of("_telnet._tcp.local", "FluidNC", 23, "192.168.1.43"), "grbl", "FluidNC", "printer-fluidnc", "", "" },
    };

    [Theory]
    [MemberData(nameof(Announced))]
    public void What_a_maker_announces_is_found_with_what_it_needs(byte[] answer, string driver, string label, string name, string? needs, string toSet)
    {
        _network.Heard(answer, From);

        var found = Assert.Single(Around().Look([]));
        Assert.Equal((driver, label, name), (found.Drivers.Single(), found.Label, found.Name));
        Assert.StartsWith("192.168.1.", found.Address, StringComparison.Ordinal);
        Assert.Equal(needs is null, found.ToSet is not null);
        Assert.Equal(needs ?? "", string.Join(',', found.Needs ?? []));
        Assert.Contains(toSet, (found.ToSet ?? "").Split('\n'));

        // Adopted it is not found again, and its settings have no fault for its driver.
        var settings = Around().Adopt(new DeviceToAdopt(new("x-1"), found.Place, driver, found.Relays) { Secret = "s3cret" }, [])!;
        Assert.Equal(("x-1", driver, found.ToSet is null ? null : "s3cret", needs == "Secret" ? "s3cret" : null), (settings.Id, settings.Driver, settings.MqttPassword, settings.Secret));
        Assert.Null(DeviceRegistry.Check(settings));
        Assert.Empty(Around().Look([settings]));
    }

    [Fact]
    public void A_printer_that_announces_itself_to_everybody_needs_its_code_and_its_certificate()
    {
        _network.Noticed(Encoding.UTF8.GetBytes(BambuSays), From);

        var found = Assert.Single(Around().Look([]));
        Assert.Equal(("bambu/01S00C123400001", "Bambu Lab, Atelier P1S, C12, 01.07.00.00", "192.168.1.50", "printer-atelier-p1s"), (found.Place, found.Label, found.Address, found.Name));
        Assert.Equal([DeviceNeed.Secret, DeviceNeed.Certificate], found.Needs!);
        Assert.Null(Around().Adopt(new DeviceToAdopt(new("p1s"), found.Place, "bambu", 0) { Secret = "12345678" }, []));
        var settings = Around().Adopt(new DeviceToAdopt(new("p1s"), found.Place, "bambu", 0) { Secret = "12345678", Certificate = new string('a', 64) }, [])!;
        Assert.Empty(new FabLab.Gateway.Drivers.Bambu.BambuDriver(_time, NullLogger<FabLab.Gateway.Drivers.Bambu.BambuDriver>.Instance).Validate(settings));
        Assert.Empty(Around().Look([settings]));

        for (var length = 0; length < BambuSays.IndexOf("\r\nCache", StringComparison.Ordinal); length++)
        {
            var network = new NetworkAround(_ => null, _time);
            network.Noticed(Encoding.UTF8.GetBytes(BambuSays[..length]), From);
            Assert.All(network.Look(), around => Assert.StartsWith("bambu/01S00C12", around.Place, StringComparison.Ordinal));
        }
        var deaf = new NetworkAround(_ => null, _time);
        foreach (var wrong in new[] { "", "NOTIFY", BambuSays.Replace("01S00C123400001", "../../x", StringComparison.Ordinal), BambuSays.Replace("NOTIFY", "M-SEARCH", StringComparison.Ordinal), BambuSays + new string('x', 64 * 1024), new string('\n', 2000) })
            deaf.Noticed(Encoding.UTF8.GetBytes(wrong), From);
        Assert.Empty(deaf.Look());
    }

    [Fact]
    public void Without_a_broker_on_the_network_a_plug_is_shown_and_cannot_be_adopted()
    {
        var here = new NetworkAround(new BrokerOptions().ReachedFrom, _time);
        here.Heard(ShellySays, From);
        var around = new Surroundings(new PortsAround(_dev.FullName), null, here, _time);

        Assert.Equal("", Assert.Single(around.Look([])).ToSet);
        Assert.Null(around.Adopt(new DeviceToAdopt(new("x-1"), "shelly/shellyplusplugs-a8032ab1fe78", "shelly", 1) { Secret = "s3cret" }, []));
        Assert.Equal(("broker.lab", 1884), new BrokerOptions { ExternalHost = "broker.lab", Port = 1884 }.ReachedFrom(From));
        Assert.Equal(("127.0.0.1", 1883), new BrokerOptions { LanAddress = "0.0.0.0" }.ReachedFrom(IPAddress.Loopback));
    }

    [Fact]
    public void What_says_goodbye_or_nothing_for_five_minutes_is_gone_and_what_leads_elsewhere_is_where_it_was_heard()
    {
        _network.Heard(DnsAnswer.Of("_moonraker._tcp.local", "voron", 7125, "8.8.8.8"), From);
        Assert.Equal("192.168.1.77", Assert.Single(_network.Look()).Address);
        _network.Heard(new DnsAnswer().Pointer("_moonraker._tcp.local", "voron", ttl: 0).ToArray(), From);
        Assert.Empty(_network.Look());

        _network.Heard(OctoPrintSays, From);
        // A later answer without its port or its text takes nothing away.
        _network.Heard(new DnsAnswer().Pointer("_octoprint._tcp.local", "OctoPrint instance \"mk3\"").Host("host.local", "192.168.1.40").ToArray(), From);
        Assert.EndsWith(":5000", Assert.Single(_network.Look()).Settings.Address, StringComparison.Ordinal);
        _time.Advance(NetworkAround.Patience + TimeSpan.FromSeconds(1));
        Assert.Empty(_network.Look());
    }

    [Fact]
    public void Every_cut_and_every_wounded_byte_of_an_answer_breaks_nothing()
    {
        foreach (var answer in new[] { ShellySays, OctoPrintSays })
        {
            for (var length = 0; length < answer.Length; length++)
                Assert.Null(MulticastDns.Read(answer.AsSpan(0, length)));
            for (var at = 0; at < answer.Length; at++)
            {
                foreach (byte wound in new byte[] { 0, 1, 0x3F, 0x40, 0xC0, 0xFF })
                {
                    var wounded = answer.ToArray();
                    wounded[at] = wound;
                    _network.Heard(wounded, From);
                }
            }
        }
        Assert.All(Around().Look([]), found => Assert.True(found.Place.Length <= DeviceFound.MostText && found.Label.Length <= DeviceFound.MostText));
    }

    [Fact]
    public void Pointers_that_go_round_long_names_and_64_kilobytes_are_no_answer()
    {
        byte[] head = [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        // To itself, forwards, and two that lead to each other over a label.
        Assert.Null(MulticastDns.Read([.. head, 0xC0, 12, 0, 12, 0, 1, 0, 0, 0, 1, 0, 0]));
        Assert.Null(MulticastDns.Read([.. head, 0xC0, 40, 0, 12, 0, 1, 0, 0, 0, 1, 0, 0]));
        Assert.Null(MulticastDns.Read([.. head, 1, (byte)'a', 0xC0, 12, 0, 12, 0, 1, 0, 0, 0, 1, 0, 0]));
        // A name of 63 times 63.
        Assert.Null(MulticastDns.Read([.. head, .. Enumerable.Repeat((byte[])[63, .. Enumerable.Repeat((byte)'a', 63)], 63).SelectMany(label => label), 0, 0, 12, 0, 1, 0, 0, 0, 1, 0, 0]));
        // More records than there can be, and more bytes.
        Assert.Null(MulticastDns.Read([0, 0, 0x84, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Null(MulticastDns.Read([.. OctoPrintSays, .. new byte[64 * 1024]]));
        Assert.Null(MulticastDns.Read(new byte[64 * 1024]));
        Assert.Empty(MulticastDns.Read(head.Take(7).Append((byte)0).Concat(new byte[4]).ToArray())!);

        // A thousand that nobody has: no more than a hundred are told.
        for (var i = 0; i < 1000; i++)
            _network.Heard(DnsAnswer.Of("_moonraker._tcp.local", $"p{i}", i + 1, $"10.0.{i / 250}.{(i % 250) + 1}"), From);
        Assert.Equal(DeviceFound.Most, Around().Look([]).Count);
    }

    [Fact]
    public async Task A_responder_on_the_network_is_asked_and_found_and_nothing_is_asked_where_nobody_wants_it()
    {
        var port = FreePort();
        using var twin = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        twin.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        twin.Bind(new IPEndPoint(IPAddress.Any, port));
        twin.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(MulticastDns.Group, IPAddress.Loopback));
        twin.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        using var ears = new NetworkEars(_network, new NetworkPorts(port, FreePort(), ThisComputer: true), TimeProvider.System, NullLogger<NetworkEars>.Instance);
        await ears.StartAsync(Cancelled);

        var buffer = new byte[MulticastDns.MostBytes];
        var got = await twin.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), Cancelled);
        Assert.Equal(MulticastDns.Ask(NetworkAround.Services), buffer.AsSpan(0, got.ReceivedBytes).ToArray());
        await twin.SendToAsync(ShellySays, SocketFlags.None, new IPEndPoint(MulticastDns.Group, port), Cancelled);

        await Flow.GatewayUnderTest.UntilAsync(() => _network.Look().Any());
        Assert.Equal("shelly/shellyplusplugs-a8032ab1fe78", _network.Look().Single().Place);
        await ears.StopAsync(Cancelled);

        using var off = new NetworkEars(_network, null, TimeProvider.System, NullLogger<NetworkEars>.Instance);
        await off.StartAsync(Cancelled);
        // It has nothing to do: no port, no question.
        await off.ExecuteTask!;
        Assert.True(off.ExecuteTask!.IsCompletedSuccessfully);
    }

    private Surroundings Around() => new(new PortsAround(_dev.FullName), null, _network, _time);

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
