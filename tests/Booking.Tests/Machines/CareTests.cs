using FabLab.Booking.Features;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Machines;

public sealed class CareTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_somebody_with_the_maintenance_habilitation_releases_what_asks_for_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var staff = new StaffActor(lab.Ada, Role.MachineLead);
        await host.WriteAsync(write => write.Db.MachineDuties.Add(new MachineDuty { PersonId = lab.Ada, MachineId = lab.Machine, Duty = Duty.Leads }));
        await CareAsync(host, lab, new CareOfMachine(0, MaintenanceTraining: lab.Training));
        var locked = await host.Services.GetRequiredService<LockMachineOut>()
            .HandleAsync(lab.Machine, new NewLockOut("belt", Release: LockOutReleaseRule.Maintainer), lab.Manager, Cancel);
        var broken = await host.Services.GetRequiredService<SetService>()
            .HandleAsync(lab.Machine, new ServiceState(0, "tube", LockOutReleaseRule.Maintainer), lab.Manager, Cancel);
        var release = host.Services.GetRequiredService<ReleaseLockOut>();
        var service = host.Services.GetRequiredService<SetService>();

        Assert.Equal("release_not_allowed", (await release.HandleAsync(locked.Value.Id, staff, Cancel)).Refusal?.Code);
        Assert.Equal("release_not_allowed", (await release.HandleAsync(locked.Value.Id, lab.Manager, Cancel)).Refusal?.Code);
        Assert.Equal("release_not_allowed", (await service.HandleAsync(lab.Machine, new ServiceState(broken.Value.Version, null), staff, Cancel)).Refusal?.Code);
        // Nor by making the rule a softer one first.
        Assert.Equal("release_not_allowed", (await service.HandleAsync(lab.Machine, new ServiceState(broken.Value.Version, "tube"), staff, Cancel)).Refusal?.Code);

        await host.Services.GetRequiredService<GrantHabilitation>()
            .HandleAsync(lab.Ada, new HabilitationGrant(lab.Training, HabilitationLevel.Autonomous, "formation"), lab.Manager, Cancel);
        Assert.True((await release.HandleAsync(locked.Value.Id, staff, Cancel)).Done);
        Assert.True((await service.HandleAsync(lab.Machine, new ServiceState(broken.Value.Version, null), staff, Cancel)).Done);
    }

    [Fact]
    public async Task A_breakdown_has_cause_author_and_since_and_gateways_hear_of_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var since = (await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Revision;

        await host.Services.GetRequiredService<SetService>().HandleAsync(lab.Machine, new ServiceState(0, "tube", LockOutReleaseRule.Author), lab.Manager, Cancel);

        var machine = await host.ReadAsync(db => db.Machines.SingleAsync(Cancel));
        Assert.Equal(("tube", lab.Manager.Id, host.Time.Now, LockOutReleaseRule.Author), (machine.BrokenCause, machine.BrokenBy!.Value, machine.BrokenSince!.Value, machine.BrokenRelease));
        var feed = await host.GatewayClient().PolicyAsync(since, TimeSpan.Zero, Cancel);
        Assert.Equal("tube", Assert.IsType<MachineRule>(Assert.Single(feed.Changes).Entity).Broken!.Cause);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Hours_of_real_use_come_from_the_ledger_remind_once_and_begin_anew_after_maintenance(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        await CareAsync(host, lab, new CareOfMachine(0, EveryHours: 1));
        var story = new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 2000).Use(lab.Ada, lab.AdasBadge, 2000);
        await host.GatewayClient().JournalAsync(new JournalBatch(7, story.Records()), Cancel);
        host.Time.Advance(Duration.FromHours(3));
        var sum = await host.ReadAsync(db => Features.Ledger.LedgerSums.OfAsync(db, new Features.Ledger.LedgerScope(Machine: lab.Machine), Cancel));
        var before = await host.ReadAsync(db => MaintenanceClock.OfAsync(db, lab.Machine, Cancel));

        // No meter is bound: the time it was on counts.
        Assert.Equal(sum.PoweredMs, (long)before.Used.TotalMilliseconds);
        Assert.True(before.Due);
        await RoundAsync(host);
        await RoundAsync(host);
        var alarm = Assert.Single(await host.ReadAsync(db => db.Alarms.ToListAsync(Cancel)));
        Assert.Equal((HouseAlarms.MaintenanceDue, lab.Machine), (alarm.Code, alarm.MachineId!.Value));

        var handler = host.Services.GetRequiredService<NoteMaintenance>();
        Assert.True((await handler.HandleAsync(lab.Machine, new MaintenanceDone("courroie"), lab.Manager, Cancel)).Done);
        Assert.Equal("stale", (await handler.HandleAsync(lab.Machine, new MaintenanceDone("courroie"), lab.Manager, Cancel)).Refusal?.Code);
        var after = await host.ReadAsync(db => MaintenanceClock.OfAsync(db, lab.Machine, Cancel));
        Assert.Equal((Duration.Zero, false), (after.Used, after.Due));
        Assert.Equal(sum.PoweredMs, (await host.ReadAsync(db => db.Maintenance.SingleAsync(Cancel))).UsedMs);
    }

    [Fact]
    public async Task With_a_meter_only_working_time_counts()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.WriteAsync(write =>
        {
            write.Db.Devices.Add(new Device { Id = new Core.DeviceId("box-1"), Driver = "node" });
            write.Db.MachineDevices.Add(new MachineDevice { MachineId = lab.Machine, Role = DeviceRole.Meter, DeviceId = new Core.DeviceId("box-1") });
        });
        await host.GatewayClient().JournalAsync(new JournalBatch(7, new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 600).Records()), Cancel);

        var sum = await host.ReadAsync(db => Features.Ledger.LedgerSums.OfAsync(db, new Features.Ledger.LedgerScope(Machine: lab.Machine), Cancel));
        var standing = await host.ReadAsync(db => MaintenanceClock.OfAsync(db, lab.Machine, Cancel));

        Assert.True(sum.WorkingMs > 0 && sum.WorkingMs < sum.PoweredMs);
        Assert.Equal(sum.WorkingMs, (long)standing.Used.TotalMilliseconds);
    }

    [Fact]
    public async Task The_minimum_of_a_badge_reaches_the_rules_and_a_stale_form_changes_nothing()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await CareAsync(host, lab, new CareOfMachine(0, Protection: "Lunettes\r\n\r\n  Gants ", MinAssurance: BadgeAssurance.Authenticated));

        var late = await host.Services.GetRequiredService<SetCare>().HandleAsync(lab.Machine, new CareOfMachine(0, Protection: "rien"), lab.Manager, Cancel);

        Assert.Equal("stale", late.Refusal?.Code);
        Assert.Equal("Lunettes\nGants", (await host.ReadAsync(db => db.MachineCare.SingleAsync(Cancel))).Protection);
        var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        Assert.Equal(BadgeAssurance.Authenticated, Assert.Single(feed.Changes.Select(c => c.Entity).OfType<MachineRule>()).MinAssurance);
    }

    [Theory]
    [InlineData(0, "bad_value")]
    [InlineData(-5, "bad_value")]
    [InlineData(10_001, "bad_value")]
    public async Task Hours_that_cannot_be_are_refused(int hours, string code)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);

        Assert.Equal(code, (await host.Services.GetRequiredService<SetCare>().HandleAsync(lab.Machine, new CareOfMachine(0, EveryHours: hours), lab.Manager, Cancel)).Refusal?.Code);
    }

    private static async Task CareAsync(BookingHost host, SmallLab lab, CareOfMachine care)
    {
        var outcome = await host.Services.GetRequiredService<SetCare>().HandleAsync(lab.Machine, care, lab.Manager, Cancel);
        Assert.True(outcome.Done, outcome.Refusal?.Detail);
    }

    private static Task RoundAsync(BookingHost host) =>
        host.Writer.WriteAsync((write, cancel) => host.Services.GetRequiredService<Keeper>().RoundAsync(write, cancel), Cancel);
}
