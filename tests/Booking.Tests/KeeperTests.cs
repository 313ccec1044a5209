using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests;

public sealed class KeeperTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_the_eighteenth_birthday_the_date_of_birth_is_erased()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var lou = (await host.Services.GetRequiredService<AddPerson>().HandleAsync(new NewPerson(BirthDate: new LocalDate(2008, 3, 12)), lab.Manager, Cancel)).Value.Id;

        await RoundAsync(host);
        Assert.Equal(new LocalDate(2008, 3, 12), (await host.ReadAsync(db => db.People.SingleAsync(p => p.Id == lou, Cancel))).BirthDate);
        host.Time.Leap(Duration.FromDays(2));
        await RoundAsync(host);

        var person = await host.ReadAsync(db => db.People.SingleAsync(p => p.Id == lou, Cancel));
        Assert.Equal((true, null), (person.IsAdult, person.BirthDate));
    }

    [Fact]
    public async Task A_booking_that_is_over_leaves_the_gateways()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Services.GetRequiredService<BookMachine>().BookAsync(
            new NewReservation(lab.Machine, lab.Ada, host.Time.Now + Duration.FromHours(1), host.Time.Now + Duration.FromHours(2)), lab.Manager, Cancel);
        await RoundAsync(host);
        var revision = (await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Revision;

        host.Time.Advance(Duration.FromMinutes(181));
        await RoundAsync(host);
        var change = Assert.Single((await host.GatewayClient().PolicyAsync(revision, TimeSpan.Zero, Cancel)).Changes);
        await RoundAsync(host);

        Assert.Equal((PolicyKind.Booking, null), (change.Kind, change.Entity));
        Assert.Empty((await host.GatewayClient().PolicyAsync(change.Revision, TimeSpan.Zero, Cancel)).Changes);
    }

    [Fact]
    public async Task Events_that_waited_too_long_are_counted_without_the_missing_one()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var records = new MachineStory(lab.Machine, host.Time.Now).RefusedTap(AccessReason.MachineBroken).Use(lab.Ada, lab.AdasBadge, 60).Records();
        await host.GatewayClient().JournalAsync(new JournalBatch(1, [.. records.Skip(1)]), Cancel);

        host.Time.Advance(Duration.FromMinutes(61));
        await RoundAsync(host);

        Assert.Equal(1, await host.ReadAsync(db => db.Ledger.CountAsync(Cancel)));
    }

    private static Task RoundAsync(BookingHost host) =>
        host.Writer.WriteAsync(host.Services.GetRequiredService<Keeper>().RoundAsync, Cancel);
}
