using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Gateway.Drivers.Wedge;
using FabLab.Gateway.Tests.Flow;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers;

/// <summary>Readers for 125 kHz with the whole gateway: one on a terminal, which repeats itself and sees ghosts, and one that types on a pipe.</summary>
public sealed class ReaderEndToEndTests
{
    private const string Tag = "7B00A51C93";

    [Fact]
    public async Task A_tag_at_an_RDM6300_starts_the_machine_of_its_owner_and_a_ghost_starts_none()
    {
        var gateway = new GatewayUnderTest();
        await using var reader = new VirtualRdm6300("reader-1", gateway.Folder.File("tty"), gateway.Time, gateway.Time.GetTimestamp());
        reader.Start();
        await using var day = new ReaderDay(
            gateway, new Rdm6300Driver(gateway.Time, NullLogger<Rdm6300Driver>.Instance, gateway.Folder.Path),
            new DeviceSettings { Id = "reader-1", Driver = "rdm6300", Link = DeviceLinkKind.Serial, Path = gateway.Folder.File("tty"), Channels = 0 }, BadgeNumber.Parse($"em:{Tag}")!)
        {
            Tap = () => reader.Tap(0, Tag),
            Tick = reader.Tick,
        };

        await day.RunAsync();
    }

    [Fact]
    public async Task A_tag_at_a_reader_that_types_starts_the_machine_of_its_owner()
    {
        var gateway = new GatewayUnderTest();
        await using var reader = new VirtualWedge(gateway.Folder.File("event0"), gateway.Time);
        await using var day = new ReaderDay(
            gateway, new WedgeDriver(gateway.Time, NullLogger<WedgeDriver>.Instance, gateway.Folder.Path),
            new DeviceSettings { Id = "reader-1", Driver = "wedge", Link = DeviceLinkKind.Serial, Path = gateway.Folder.File("event0"), Channels = 0 }, BadgeNumber.Parse($"em:{Tag}")!)
        {
            Tap = () => reader.Tap(Tag),
        };

        await day.RunAsync();
    }
}
