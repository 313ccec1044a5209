using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.EspRfid;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers.EspRfid;

/// <summary>A door that decides alone, observed by the whole gateway over a real broker: beside the door a machine is started by the card that was held before it.</summary>
public sealed class EspRfidEndToEndTests
{
    [Fact]
    public async Task A_card_at_a_door_that_decides_alone_starts_the_machine_beside_it_and_the_door_is_told_nothing()
    {
        await using var broker = await MosquittoFixture.StartAsync(GatewayUnderTest.Cancelled);
        var gateway = new GatewayUnderTest();
        await using var link = MqttLinks.Create(new MqttLinkOptions { Port = broker.Port, ClientId = "gateway", KeepAlive = TimeSpan.FromHours(1) }, gateway.Time, NullLogger.Instance);
        link.Start();
        await link.WaitUntilReadyAsync(GatewayUnderTest.Cancelled);
        await using var door = new VirtualEspRfid(broker.Port, "doors/one", gateway.Time, TimeProvider.System, NullLogger.Instance);
        await door.Wire.WaitUntilReadyAsync(GatewayUnderTest.Cancelled);
        door.Know("94D8FC5F", "bob");
        var beats = 0;
        await using var day = new ReaderDay(
            gateway, new EspRfidDriver(link, gateway.Time, NullLogger<EspRfidDriver>.Instance),
            new DeviceSettings { Id = "door-1", Driver = "esp-rfid", Topic = "doors/one", Channels = 0 }, BadgeNumber.Parse("iso:94D8FC5F")!)
        {
            Tap = () => door.Tap("94D8FC5F"),
            Tick = () =>
            {
                // It lives, and says so; how often is its own affair.
                if (beats++ % 20 == 0)
                    door.Beat();
            },
        };

        await day.RunAsync();

        Assert.Equal(3, door.Opened);
    }
}
