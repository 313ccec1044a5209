using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers;

/// <summary>
/// A day of a reader beside the box that switches a machine, with the whole gateway: a card starts the machine of its owner, it draws
/// current, it rests, it is stopped, the ledger has it; the card starts it anew and stops it.
/// </summary>
internal sealed class ReaderDay(GatewayUnderTest gateway, IDeviceDriver driver, DeviceSettings settings, BadgeNumber card) : IAsyncDisposable
{
    /// <summary>The passing of time at the reader's twin.</summary>
    public Action Tick { get; init; } = () => { };

    /// <summary>Somebody holds the card there.</summary>
    public required Action Tap { get; init; }

    public async Task StartAsync()
    {
        gateway.More = services => services.AddSingleton(driver);
        gateway.Listed = [.. gateway.Listed, settings];
        gateway.Booking.Put(
            SampleLab.Printer with
            {
                IdleStop = Duration.FromSeconds(20),
                Devices = [.. SampleLab.Printer.Devices.Where(d => d.Role != DeviceRole.Reader), new(DeviceRole.Reader, settings.DeviceId)],
            },
            new BadgeRule { Id = new(SampleLab.Id(77)), Person = SampleLab.M01.Id, Print = new BadgeHasher(1, SampleLab.BadgeKey).Print(card) });
        await gateway.StartWithoutDevicesAsync();
        await GatewayUnderTest.UntilAsync(() => gateway.Status.Devices.Count == 3 && gateway.Status.Devices.All(d => d.Running));
        gateway.Laser.Return();
        gateway.Printer.Return();
        await UntilAsync(() => gateway.Status.Devices.All(d => d.Online));
    }

    public async Task RunAsync()
    {
        await StartAsync();
        Tap();
        await UntilAsync(() => gateway.Printer.Closed());
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchOpened>(GatewayUnderTest.Cancelled);
        for (var second = 0; second < 10; second++)
            await DrawAsync(200);
        Assert.Equal("running", gateway.Machine("IMP-1").State);
        for (var second = 0; second < 60 && gateway.Printer.Closed(); second++)
            await DrawAsync(2);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(GatewayUnderTest.Cancelled);

        Assert.False(gateway.Printer.Closed());
        var started = Assert.Single(gateway.Booking.Events.OfType<MachineEvent.SessionStarted>()).Session;
        Assert.Equal((SampleLab.M01.Id, new BadgeId(SampleLab.Id(77))), (started.Person, started.Badge!.Value));
        Assert.Equal(EndReason.Idle, Assert.Single(gateway.Booking.Events.OfType<MachineEvent.SessionEnded>()).Why);
        var entry = Assert.Single(LedgerProjection.Of(gateway.Booking.Events).Entries(), e => e.Session is not null);
        Assert.Equal((SampleLab.M01.Id, true), (entry.Person, entry.Settled));
        Assert.InRange(entry.WorkingMs, 5_000, 15_000);

        Tap();
        await UntilAsync(() => gateway.Printer.Closed());
        // Taken away, and held there again.
        for (var step = 0; step < 40; step++)
            await StepAsync(50);
        Tap();
        await UntilAsync(() => !gateway.Printer.Closed());
        await UntilAsync(() => gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Count() == 2);

        Assert.Equal(EndReason.Tapped, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Last().Why);
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Contains(card.Hex, StringComparison.OrdinalIgnoreCase));
    }

    public async Task UntilAsync(Func<bool> condition)
    {
        for (var step = 0; !condition(); step++)
        {
            Assert.True(step < 4000, "It is not so.");
            await StepAsync(50);
        }
    }

    public async ValueTask DisposeAsync() => await gateway.DisposeAsync();

    private async Task DrawAsync(double watts)
    {
        gateway.Printer.Power(watts);
        for (var step = 0; step < 4; step++)
            await StepAsync(250);
    }

    private async Task StepAsync(int milliseconds)
    {
        gateway.Time.Advance(Duration.FromMilliseconds(milliseconds));
        Tick();
        await gateway.SettleAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, GatewayUnderTest.Cancelled);
    }
}
