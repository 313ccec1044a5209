using System.Text.Json;
using FabLab.Booking.Features.Devices;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Visits;

/// <summary>A reader of the gateway that hangs at the door.</summary>
public sealed class DoorReaderTests
{
    private const string AdasNumber = "em:62E3086CED";
    private const string StolenNumber = "em:14008EC793";

    private static readonly DeviceId Door = new("lecteur-porte");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_badge_held_there_is_one_arrival_and_a_strangers_or_a_blocked_one_is_none()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);

        await TapAsync(host, 1, "em:0100000001");
        await TapAsync(host, 2, StolenNumber);
        Assert.Empty(await VisitsAsync(host));
        await TapAsync(host, 3, AdasNumber);
        await TapAsync(host, 3, AdasNumber);
        host.Time.Leap(Duration.FromMinutes(5));
        await TapAsync(host, 4, AdasNumber);

        var visit = Assert.Single(await VisitsAsync(host));
        Assert.Equal((lab.Ada, VisitWay.Badge, null), (visit.PersonId, visit.Way, visit.LeftAt));
        Assert.Equal(lab.Ada, Assert.Single(await host.ReadAsync(db => db.Presence.Select(p => p.PersonId).ToListAsync(Cancel))));
    }

    [Fact]
    public async Task At_a_reader_that_is_not_at_the_door_and_at_one_of_a_machine_nobody_arrives()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        var handler = host.Services.GetRequiredService<ManageDevice>();

        var off = await handler.DoorAsync(new DeviceAtDoor(Door.Value, 1, false), lab.Manager, Cancel);
        await TapAsync(host, 1, AdasNumber);
        Assert.Empty(await VisitsAsync(host));
        await handler.DoorAsync(new DeviceAtDoor(Door.Value, off.Value.Version, true), lab.Manager, Cancel);
        await host.WriteAsync(write => write.Db.MachineDevices.Add(new MachineDevice { MachineId = lab.Machine, DeviceId = Door, Role = DeviceRole.Reader }));
        await TapAsync(host, 2, AdasNumber);
        var refused = await handler.DoorAsync(new DeviceAtDoor(Door.Value, off.Value.Version + 1, true), lab.Manager, Cancel);

        Assert.Empty(await VisitsAsync(host));
        Assert.Equal("device_busy", refused.Refusal?.Code);
    }

    [Fact]
    public async Task A_badge_that_is_being_given_there_is_no_arrival()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);
        Assert.True((await host.Services.GetRequiredService<WaitForBadge>().HandleAsync(lab.Bob, new ReaderToWatch(Door.Value), lab.Manager, Cancel)).Done);

        await TapAsync(host, 1, "em:0C000621A5");
        Assert.Empty(await VisitsAsync(host));
        await TapAsync(host, 2, "em:0C000621A5");

        Assert.Equal(lab.Bob, Assert.Single(await VisitsAsync(host)).PersonId);
    }

    private static async Task<SmallLab> LabAsync(BookingHost host)
    {
        var lab = await SmallLab.InAsync(host);
        await host.WriteAsync(write =>
        {
            var own = Badge.From(Print(host, AdasNumber), write.Now);
            own.PersonId = lab.Ada;
            var stolen = Badge.From(Print(host, StolenNumber), write.Now);
            (stolen.PersonId, stolen.State) = (lab.Ada, BadgeState.Lost);
            write.Db.Badges.AddRange(own, stolen);
            write.Db.Devices.Add(new Device { Id = Door, Driver = "pn532", AtDoor = true, Version = 1 });
        });
        return lab;
    }

    private static BadgePrint Print(BookingHost host, string number) => host.Services.GetRequiredService<BadgeKeys>().Hasher.Print(BadgeNumber.Parse(number)!);

    private static Task<List<Features.Visits.Visit>> VisitsAsync(BookingHost host) => host.ReadAsync(db => db.Visits.ToListAsync(Cancel));

    private static Task<JournalReceipt> TapAsync(BookingHost host, long seq, string number) => host.GatewayClient().JournalAsync(
        new JournalBatch(7, [new JournalRecord(seq, null, host.Time.Now, JournalKinds.Badge, JsonSerializer.SerializeToElement(new BadgeSeen(Door, 0, Print(host, number), false), CoreJson.Options))]),
        Cancel);
}
