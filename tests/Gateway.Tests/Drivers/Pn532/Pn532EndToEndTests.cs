using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Pn532;
using FabLab.Gateway.Tests.Flow;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Pn532;

/// <summary>The whole gateway with a 13.56 MHz reader on a terminal beside the box that switches the machine.</summary>
public sealed class Pn532EndToEndTests
{
    private const string Card = "04A1B2C3D4E580";

    [Fact]
    public async Task A_card_at_the_reader_starts_the_machine_of_its_owner_and_the_next_one_stops_it()
    {
        var gateway = new GatewayUnderTest();
        await using var stops = gateway;
        await using var reader = new VirtualPn532("reader-1", gateway.Folder.File("tty"), gateway.Time);
        reader.Start();
        var driver = new Pn532Driver(gateway.Time, NullLogger<Pn532Driver>.Instance, gateway.Folder.Path);
        gateway.More = services => services.AddSingleton<IDeviceDriver>(driver);
        gateway.Listed = [.. gateway.Listed, new DeviceSettings { Id = "reader-1", Driver = "pn532", Link = DeviceLinkKind.Serial, Path = gateway.Folder.File("tty"), Channels = 0 }];
        gateway.Booking.Put(
            SampleLab.Printer with { Devices = [.. SampleLab.Printer.Devices.Where(d => d.Role != DeviceRole.Reader), new(DeviceRole.Reader, new("reader-1"))] },
            new BadgeRule { Id = new(SampleLab.Id(77)), Person = SampleLab.M01.Id, Print = new BadgeHasher(1, SampleLab.BadgeKey).Print(BadgeNumber.Parse($"iso:{Card}")!) });
        await gateway.StartWithoutDevicesAsync();
        await GatewayUnderTest.UntilAsync(() => gateway.Status.Devices.Count == 3 && gateway.Status.Devices.All(d => d.Running));
        gateway.Laser.Return();
        gateway.Printer.Return();
        await UntilAsync(() => gateway.Status.Devices.All(d => d.Online));

        reader.Tap(0, Card);
        await UntilAsync(() => gateway.Printer.Closed());
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchOpened>(GatewayUnderTest.Cancelled);
        // Taken away, and held there again.
        for (var step = 0; step < 40; step++)
            await StepAsync();
        reader.Tap(0, Card);
        await UntilAsync(() => !gateway.Printer.Closed());
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(GatewayUnderTest.Cancelled);

        var started = Assert.Single(gateway.Booking.Events.OfType<MachineEvent.SessionStarted>()).Session;
        Assert.Equal((SampleLab.M01.Id, new BadgeId(SampleLab.Id(77))), (started.Person, started.Badge!.Value));
        Assert.Equal(EndReason.Tapped, Assert.Single(gateway.Booking.Events.OfType<MachineEvent.SessionEnded>()).Why);
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Contains(Card, StringComparison.OrdinalIgnoreCase));

        async Task UntilAsync(Func<bool> condition)
        {
            for (var step = 0; !condition(); step++)
            {
                Assert.True(step < 4000, "It is not so.");
                await StepAsync();
            }
        }

        async Task StepAsync()
        {
            gateway.Time.Advance(Duration.FromMilliseconds(50));
            reader.Tick();
            await gateway.SettleAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, GatewayUnderTest.Cancelled);
        }
    }
}
