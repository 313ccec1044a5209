using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Pn532;
using FabLab.Gateway.Tests.Flow;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers.Pn532;

/// <summary>The whole gateway with a 13.56 MHz reader on a terminal beside the box that switches the machine.</summary>
public sealed class Pn532EndToEndTests
{
    private const string Card = "04A1B2C3D4E580";

    [Fact]
    public async Task A_card_at_the_reader_starts_the_machine_of_its_owner_rest_stops_it_and_so_does_the_next_one()
    {
        var gateway = new GatewayUnderTest();
        await using var reader = new VirtualPn532("reader-1", gateway.Folder.File("tty"), gateway.Time);
        reader.Start();
        await using var day = new ReaderDay(
            gateway,
            new Pn532Driver(gateway.Time, NullLogger<Pn532Driver>.Instance, gateway.Folder.Path),
            new DeviceSettings { Id = "reader-1", Driver = "pn532", Link = DeviceLinkKind.Serial, Path = gateway.Folder.File("tty"), Channels = 0 },
            BadgeNumber.Parse($"iso:{Card}")!)
        {
            Tap = () => reader.Tap(0, Card),
            Tick = reader.Tick,
        };

        await day.RunAsync();
    }
}
