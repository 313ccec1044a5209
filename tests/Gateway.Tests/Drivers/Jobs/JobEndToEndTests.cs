using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Drivers.Moonraker;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Flow;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Jobs;

/// <summary>The whole gateway with a printer that tells of its jobs beside the box that switches it.</summary>
public sealed class JobEndToEndTests
{
    private static readonly DeviceId Klipper = new("klipper-1");

    [Fact]
    public async Task A_tap_a_job_and_rest_give_one_row_with_the_time_of_the_job_and_a_job_that_nobody_tapped_for_is_nobodys()
    {
        var gateway = new GatewayUnderTest();
        await using var stops = gateway;
        await using var printer = new VirtualMoonraker(gateway.Time);
        var driver = new Kept(new MoonrakerDriver(gateway.Time, NullLogger<MoonrakerDriver>.Instance));
        gateway.More = services => services.AddSingleton<IDeviceDriver>(driver);
        gateway.Listed =
        [
            .. gateway.Listed, new DeviceSettings { Id = Klipper.Value, Driver = "moonraker", Link = DeviceLinkKind.Network, Address = printer.Address, Channels = 0 },
        ];
        gateway.Booking.Put(SampleLab.Printer with
        {
            IdleStop = Duration.FromMinutes(1),
            Devices = [.. SampleLab.Printer.Devices.Where(d => d.Role != DeviceRole.Meter), new(DeviceRole.Witness, Klipper)],
        });
        await gateway.StartAsync();
        await UntilAsync(() => Events<MachineEvent.WitnessCame>().Count == 1);

        // Somebody prints without a tap, from the computer beside it.
        printer.Begin("sans badge.gcode");
        await UntilAsync(() => Events<MachineEvent.JobRecorded>().Count == 1);
        Assert.False(gateway.Printer.Closed());
        printer.End("cancelled");
        await UntilAsync(() => Events<MachineEvent.JobRecorded>().Any(e => e.Job.IsOver));

        gateway.Printer.Tap(SampleLab.M01.Badge);
        await UntilAsync(() => gateway.Printer.Closed());
        printer.Begin("support étagère.gcode");
        var from = gateway.Time.Now;
        await UntilAsync(() => gateway.Machine("IMP-1").State == "running");
        for (var part = 1; part <= 3; part++)
        {
            printer.Go(part / 4.0);
            await PassAsync(Duration.FromSeconds(40));
        }
        Assert.True(gateway.Printer.Closed());
        printer.End();
        var to = gateway.Time.Now;

        await UntilAsync(() => !gateway.Printer.Closed());
        await UntilAsync(() => Events<MachineEvent.StretchClosed>().Count > 0);

        var ended = Assert.Single(Events<MachineEvent.SessionEnded>());
        Assert.Equal(EndReason.Idle, ended.Why);
        Assert.InRange((ended.EndedAt - to).TotalMinutes, 1, 1.2);
        var entry = Assert.Single(LedgerProjection.Of(gateway.Booking.Events).Entries(), e => e.Session is not null);
        Assert.Equal((SampleLab.M01.Id, true), (entry.Person, entry.Settled));
        Assert.Equal((long)(to - from).TotalMilliseconds, entry.WorkingMs);
        Assert.True(entry.PoweredMs > entry.WorkingMs);
        var jobs = Events<MachineEvent.JobRecorded>().GroupBy(e => e.Job.Id).Select(job => job.Last()).ToList();
        Assert.Equal([null, ended.Session], jobs.Select(job => job.Session));
        Assert.Equal([(JobState.Cancelled, "sans badge.gcode"), (JobState.Done, "support étagère.gcode")], jobs.Select(job => (job.Job.State, job.Job.Name!)));
        Assert.Equal(3, jobs[1].Job.Grams);
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Contains(".gcode", StringComparison.Ordinal));

        // The printer goes off with the machine: that is no fault of anybody's.
        await printer.PowerAsync(on: false);
        await UntilAsync(() => !gateway.Status.Devices.Single(d => d.Device == Klipper).Online);
        Assert.False(gateway.Alarms.IsOn(AlarmCodes.DeviceSilent, Klipper.Value));

        List<T> Events<T>()
            where T : MachineEvent => [.. gateway.Booking.Events.OfType<T>()];

        async Task UntilAsync(Func<bool> condition)
        {
            for (var step = 0; !condition(); step++)
            {
                Assert.True(step < 2000, $"It is not so. State {gateway.Machine("IMP-1").State}.");
                await PassAsync(Duration.FromSeconds(1));
            }
        }

        async Task PassAsync(Duration time)
        {
            for (var passed = Duration.Zero; passed < time; passed += Duration.FromSeconds(1))
            {
                gateway.Time.Advance(Duration.FromSeconds(1));
                // While the printer is asked no time passes.
                await GatewayUnderTest.UntilAsync(() => driver.Opened is PollingWitness asking && asking.AsksAt > gateway.Time.GetTimestamp());
                await gateway.SettleAsync();
            }
        }
    }

    private sealed class Kept(IDeviceDriver driver) : IDeviceDriver
    {
        public IDevice? Opened { get; private set; }

        public string Kind => driver.Kind;

        public DriverAbilities Abilities => driver.Abilities;

        public IReadOnlyList<string> Validate(DeviceSettings settings) => driver.Validate(settings);

        public async ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken) => Opened = await driver.OpenAsync(settings, cancellationToken);
    }
}
