using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Osdp;
using FabLab.Gateway.Tests.Flow;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers.Osdp;

/// <summary>The whole gateway with a reader that speaks sealed, on a terminal beside the box that switches the machine.</summary>
public sealed class OsdpEndToEndTests
{
    private const string Key = "000102030405060708090A0B0C0D0E0F";

    [Fact]
    public async Task A_card_starts_the_machine_of_its_owner_rest_stops_it_and_the_reader_says_yes_with_light_and_sound()
    {
        var gateway = new GatewayUnderTest();
        await using var reader = new VirtualOsdp("reader-1", gateway.Folder.File("tty"), Convert.FromHexString(Key));
        reader.Start();
        await using var day = new ReaderDay(
            gateway,
            new OsdpDriver(gateway.Time, NullLogger<OsdpDriver>.Instance, gateway.Folder.Path),
            new DeviceSettings { Id = "reader-1", Driver = "osdp", Link = DeviceLinkKind.Serial, Path = gateway.Folder.File("tty"), Channels = 0, Key = Key },
            BadgeNumber.Parse("iso:04A1B2C3D4E580")!)
        {
            Tap = () => reader.Tap(0, "04A1B2C3D4E580"),
        };

        await day.RunAsync();
    }
}
