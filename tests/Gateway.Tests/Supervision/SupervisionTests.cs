using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Gateway.Tests.Supervision;

public sealed class SupervisionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Device_whose_driver_closes_it_opens_its_relay_and_is_opened_again()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        var old = gateway.Laser;

        gateway.ReplaceLaser();
        old.EndReports();
        await GatewayUnderTest.UntilAsync(() => old.Disposed);
        Assert.False(old.Closed());
        await GatewayUnderTest.UntilAsync(() =>
        {
            gateway.Time.Advance(Duration.FromMilliseconds(100));
            return gateway.Status.Devices.Single(d => d.Device == SampleLab.LaserBox) is { Running: true, LastExit: DeviceExit.Ended };
        });
        gateway.Laser.Return();
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);

        Assert.True(gateway.Metrics.DeviceRestarts.Read(SampleLab.LaserBox.Value) >= 1);
    }

    [Fact]
    public async Task Device_that_cannot_be_opened_is_tried_again_and_the_others_work()
    {
        await using var gateway = new GatewayUnderTest { LaserOpens = false };
        await gateway.StartWithoutDevicesAsync();
        await GatewayUnderTest.UntilAsync(() => gateway.Status.Devices.Any(d => d.Running));
        gateway.Printer.Return();
        gateway.Printer.Tap(SampleLab.M01.Badge);
        await gateway.Printer.WaitForAsync(d => d.Closed(), Cancelled);
        Assert.Equal(DeviceExit.NotOpened, gateway.Status.Devices.Single(d => d.Device == SampleLab.LaserBox).LastExit);

        gateway.LaserOpens = true;
        await GatewayUnderTest.UntilAsync(() =>
        {
            gateway.Time.Advance(Duration.FromSeconds(1));
            return gateway.Status.Devices.All(d => d.Running);
        });
    }

    [Fact]
    public async Task Device_taken_out_of_the_list_opens_its_relay_and_is_closed()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Listed = [gateway.Listed[1]];
        gateway.Time.Advance(DeviceSet.LookEvery);
        await GatewayUnderTest.UntilAsync(() => gateway.Laser.Disposed && gateway.Status.Devices.Count == 1);

        Assert.False(gateway.Laser.Closed());
    }

    [Fact]
    public async Task Settings_that_cannot_work_are_an_alarm_and_not_tried_again()
    {
        await using var gateway = new GatewayUnderTest();
        gateway.Listed = [gateway.Listed[1], new DeviceSettings { Id = "box-x", Driver = "unheard-of" }];
        await gateway.StartWithoutDevicesAsync();
        await GatewayUnderTest.UntilAsync(() => gateway.Alarms.IsOn(AlarmCodes.DeviceUnfit, "box-x"));

        gateway.Time.Advance(Duration.FromMinutes(5));

        Assert.Equal(0, gateway.Metrics.DeviceRestarts.Read("box-x"));
        Assert.Equal(DeviceExit.SettingsWrong, gateway.Status.Devices.Single(d => d.Device.Value == "box-x").LastExit);
    }

    [Fact]
    public void Two_devices_silent_within_a_minute_are_one_more_alarm()
    {
        var time = new ManualTime();
        var alarms = new AlarmBoard(time, NullLogger<AlarmBoard>.Instance);
        var watch = new SilenceWatch(alarms, time);

        watch.Report("a", false);
        time.Advance(Duration.FromMinutes(3));
        watch.Report("b", false);
        Assert.False(alarms.IsOn(AlarmCodes.SeveralSilent, "site"));
        time.Advance(Duration.FromSeconds(30));
        watch.Report("c", false);
        Assert.True(alarms.IsOn(AlarmCodes.SeveralSilent, "site"));
        Assert.Equal(4, alarms.Active.Count);

        watch.Report("a", true);
        watch.Report("b", true);
        Assert.False(alarms.IsOn(AlarmCodes.SeveralSilent, "site"));
        Assert.True(alarms.IsOn(AlarmCodes.DeviceSilent, "c"));
    }

    [Fact]
    public async Task Welded_contact_is_an_alarm_and_a_lock_out()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        for (var i = 0; i < 10; i++)
        {
            gateway.Laser.Power(500);
            await gateway.PassAsync(Duration.FromSeconds(1));
        }

        Assert.True(gateway.Alarms.IsOn(AlarmCodes.WeldedContact, "LAS-1"));
        Assert.Equal("fault", gateway.Machine("LAS-1").State);
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);
        Assert.Equal("locked_out", gateway.Laser.Shown[^1].Code);
    }

    [Fact]
    public async Task Staff_can_end_a_use_from_a_screen()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        var reply = await gateway.Status.StopAsync(SampleLab.Laser.Id, SampleLab.M03.Id, Cancelled);
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);

        Assert.Equal(ReplyKind.Stopped, reply?.Kind);
        Assert.False(gateway.Laser.Closed());
        var ended = gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single();
        Assert.Equal((EndReason.StoppedFromScreen, SampleLab.M03.Id), (ended.Why, ended.By));
    }

    [Fact]
    public async Task Metrics_name_reasons_and_no_person()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Laser.Tap(SampleLab.M02.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);
        await gateway.SettleAsync();

        var text = gateway.Metrics.Expose();

        Assert.Contains("fablab_taps_total{outcome=\"training_missing\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("fablab_devices_online 2\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE fablab_tap_to_lease_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains("fablab_tap_to_lease_seconds_bucket{le=\"+Inf\"} 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(SampleLab.M02.Badge, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(SampleLab.M02.Id.ToString(), text, StringComparison.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches(@"^(# (HELP|TYPE) fablab_[a-z_]+ .+|fablab_[a-z_]+(\{[a-z_]+=""[^""]*""(,[a-z_]+=""[^""]*"")*\})? [0-9.E+-]+)$", line);
    }

    [Fact]
    public void Settings_are_checked_all_at_once_each_with_its_key()
    {
        var faults = new GatewayOptionsValidator().Validate(null, new GatewayOptions
        {
            Name = "Ä", DataFolder = " ", BookingAddress = "booking", Language = "de", TapFreshSeconds = 0, JournalMaxMegabytes = 1, JournalKeepDays = 0, FirmwareUpdatesAtOnce = 0,
        }).Failures!.ToList();

        Assert.Equal(
            ["Gateway:Name", "Gateway:DataFolder", "Gateway:BookingAddress", "Gateway:Language", "Gateway:TapFreshSeconds", "Gateway:JournalMaxMegabytes", "Gateway:JournalKeepDays", "Gateway:FirmwareUpdatesAtOnce"],
            faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.Equal(ValidateOptionsResult.Success, new GatewayOptionsValidator().Validate(null, new GatewayOptions
        {
            DataFolder = "data", BookingAddress = "http://127.0.0.1:8080",
        }));
    }
}
