using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Journal;

/// <summary>What the journal of a gateway makes of bookings: claimed, moved within the pool, in conflict.</summary>
public sealed class ClaimIntakeTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_claim_in_any_order_and_any_number_of_times_is_one_claim(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60);
        var claim = new BookingClaim(mine, lab.Machine, null, [], host.Time.Now + 3 * Minute, host.Time.Now + 60 * Minute);

        await SendAsync(host, 1, claim with { At = host.Time.Now + 5 * Minute });
        await SendAsync(host, 2, claim);
        await SendAsync(host, 3, claim);

        var row = await ReservationAsync(host, mine);
        Assert.Equal((host.Time.Now + 3 * Minute, null, host.Time.Now), (row.ClaimedAt!.Value, row.ReleasedAt, row.Start));
        Assert.Empty(await host.ReadAsync(db => db.Alarms.ToListAsync(Cancel)));
        var rule = await RuleAsync(host, mine);
        Assert.Equal((host.Time.Now + 3 * Minute, null), (rule.ClaimedAt!.Value, rule.ReleasedAt));
    }

    [Fact]
    public async Task A_claim_is_told_once()
    {
        var told = new Told();
        await using var host = await BookingHost.StartAsync(services: services => services.AddSingleton<IBookingEventSink>(told));
        var lab = await SmallLab.InAsync(host);
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60);
        var claim = new BookingClaim(mine, lab.Machine, null, [], host.Time.Now + 3 * Minute, host.Time.Now + 60 * Minute);

        await SendAsync(host, 1, claim);
        await SendAsync(host, 2, claim with { At = host.Time.Now });

        Assert.Equal([$"Claimed {mine} {lab.Ada}"], told.Events);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_booking_of_a_pool_goes_to_the_machine_tapped_and_changes_places_with_what_floats_there(DatabaseKind kind)
    {
        var told = new Told();
        await using var host = await BookingHost.StartAsync(kind, services: services => services.AddSingleton<IBookingEventSink>(told));
        var lab = await SmallLab.InAsync(host);
        var (pool, other) = await PoolAsync(host, lab.Machine);
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60, pool, setUp: 5);
        var theirs = await BookAsync(host, other, lab.Bob, 30, 90, pool, setUp: 5);
        var claim = new BookingClaim(mine, other, lab.Machine, [theirs], host.Time.Now, host.Time.Now + 60 * Minute);

        await SendAsync(host, 1, claim);
        await SendAsync(host, 2, claim);

        Assert.Equal(other, (await ReservationAsync(host, mine)).MachineId);
        Assert.Equal(lab.Machine, (await ReservationAsync(host, theirs)).MachineId);
        var slots = await host.ReadAsync(db => db.BookingSlots.OrderBy(s => s.Start).ToListAsync(Cancel));
        Assert.Equal(
            [(mine, other, 0L, 65L, true), (theirs, lab.Machine, 30L, 95L, true)],
            slots.Select(s => (s.BookingId, s.MachineId, (long)(s.Start - host.Time.Now).TotalMinutes, (long)(s.End - host.Time.Now).TotalMinutes, s.Live)));
        Assert.Equal([$"Moved {mine} {lab.Ada}", $"Moved {theirs} ", $"Claimed {mine} {lab.Ada}"], told.Events);
        Assert.Empty(await host.ReadAsync(db => db.Alarms.ToListAsync(Cancel)));
        Assert.Equal((lab.Machine, pool, 5 * Minute), (await RuleAsync(host, theirs) is var rule ? (rule.Machine, rule.Pool!.Value, rule.SetUp) : default));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Claims_of_a_pool_come_to_the_same_in_any_order_and_none_is_an_alarm(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var (pool, other) = await PoolAsync(host, lab.Machine);
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60, pool);
        var theirs = await BookAsync(host, other, lab.Bob, 0, 60, pool);
        // Ada taps at the other machine, so that Bob's booking goes to hers; then Bob taps there, where it is now.
        var first = new BookingClaim(mine, other, lab.Machine, [theirs], host.Time.Now, host.Time.Now + 60 * Minute);
        var second = new BookingClaim(theirs, lab.Machine, null, [], host.Time.Now + Minute, host.Time.Now + 60 * Minute);

        // Word of the second comes first.
        await SendAsync(host, 2, second);
        await SendAsync(host, 1, first);

        Assert.Equal((other, lab.Machine), ((await ReservationAsync(host, mine)).MachineId, (await ReservationAsync(host, theirs)).MachineId));
        Assert.True((await ReservationAsync(host, mine)).ClaimedAt is not null && (await ReservationAsync(host, theirs)).ClaimedAt is not null);
        var slots = await host.ReadAsync(db => db.BookingSlots.Where(s => s.Live).ToDictionaryAsync(s => s.BookingId, s => s.MachineId, Cancel));
        Assert.Equal((2, other, lab.Machine), (slots.Count, slots[mine], slots[theirs]));
        Assert.Empty(await host.ReadAsync(db => db.Alarms.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Gateways_know_the_group_of_a_booking_and_the_groups_of_a_person()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var group = Guid.CreateVersion7();
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60);
        await host.WriteAsync(write =>
        {
            write.Db.PersonGroups.Add(new PersonGroup { Id = group, Name = "Classe de 5e" });
            write.Db.GroupPlaces.Add(new GroupPlace { GroupId = group, PersonId = lab.Ada, Part = GroupPart.Member });
            var row = write.Db.Reservations.Single(r => r.Id == mine);
            (row.PersonId, row.GroupId) = (null, group);
        });

        var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        var policy = LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);

        Assert.True(policy.Booking(mine)!.IsFor(policy.Person(lab.Ada)));
        Assert.False(policy.Booking(mine)!.IsFor(policy.Person(lab.Bob)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_move_that_booking_has_given_away_meanwhile_is_an_alarm_and_the_claim_stands(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var (pool, other) = await PoolAsync(host, lab.Machine);
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60, pool);
        await BookAsync(host, other, lab.Bob, 30, 90);

        await SendAsync(host, 1, new BookingClaim(mine, other, lab.Machine, [], host.Time.Now, host.Time.Now + 60 * Minute));

        var row = await ReservationAsync(host, mine);
        Assert.Equal((lab.Machine, host.Time.Now), (row.MachineId, row.ClaimedAt!.Value));
        Assert.Equal("booking_claim_conflict", Assert.Single(await host.ReadAsync(db => db.Alarms.ToListAsync(Cancel))).Code);
    }

    [Fact]
    public async Task A_late_claim_takes_what_is_left_of_the_time()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var (pool, other) = await PoolAsync(host, lab.Machine);
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60, pool);
        await BookAsync(host, other, lab.Bob, -60, 5);

        await SendAsync(host, 1, new BookingClaim(mine, other, lab.Machine, [], host.Time.Now + 8 * Minute, host.Time.Now + 60 * Minute));

        var slot = Assert.Single(await host.ReadAsync(db => db.BookingSlots.Where(s => s.BookingId == mine).ToListAsync(Cancel)));
        Assert.Equal((other, host.Time.Now + 8 * Minute, host.Time.Now + 60 * Minute), (slot.MachineId, slot.Start, slot.End));
        Assert.Equal(host.Time.Now, (await ReservationAsync(host, mine)).Start);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Word_of_a_claim_that_comes_after_the_release_takes_the_no_show_back(bool given)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60);
        await host.WriteAsync(write =>
        {
            var row = write.Db.Reservations.Single(r => r.Id == mine);
            row.NoShowAt = row.ReleasedAt;
            write.Db.BookingSlots.Single(s => s.BookingId == mine).Live = false;
        });
        if (given)
            await BookAsync(host, lab.Machine, lab.Bob, 20, 50);

        await SendAsync(host, 1, new BookingClaim(mine, lab.Machine, null, [], host.Time.Now + 3 * Minute, host.Time.Now + 60 * Minute));

        Assert.Equal((null, true), (await ReservationAsync(host, mine) is var row ? (row.NoShowAt, row.ClaimedAt is not null) : default));
        Assert.Equal(!given, (await host.ReadAsync(db => db.BookingSlots.SingleAsync(s => s.BookingId == mine, Cancel))).Live);
        Assert.Equal(given ? 1 : 0, await host.ReadAsync(db => db.Alarms.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_claim_of_a_cancelled_or_unknown_booking_changes_nothing_and_is_an_alarm()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var mine = await BookAsync(host, lab.Machine, lab.Ada, 0, 60);
        await host.Services.GetRequiredService<CancelBooking>().CancelAsync(mine, null, null, lab.Manager, Cancel);
        var claim = new BookingClaim(mine, lab.Machine, null, [], host.Time.Now, host.Time.Now + 60 * Minute);

        await SendAsync(host, 1, claim);
        await SendAsync(host, 2, claim with { Booking = BookingId.New(host.Time.Now) });

        Assert.Null((await ReservationAsync(host, mine)).ClaimedAt);
        Assert.Equal(2, await host.ReadAsync(db => db.Alarms.CountAsync(a => a.Code == "booking_claim_conflict", Cancel)));
    }

    [Fact]
    public async Task A_room_booked_whole_keeps_the_machines_in_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var (_, room) = await PoolAsync(host, lab.Machine);
        var mine = await BookAsync(host, room, lab.Ada, 0, 60);
        await host.WriteAsync(write => write.Db.BookingSlots.Add(new BookingSlot
        {
            BookingId = mine, MachineId = lab.Machine, Place = 0, Start = host.Time.Now, End = host.Time.Now + 60 * Minute,
        }));

        var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        var policy = LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);

        Assert.Equal(mine, Assert.Single(policy.Bookings(lab.Machine)).Id);
        Assert.Equal(mine, Assert.Single(policy.Bookings(room)).Id);
    }

    [Fact]
    public async Task Gateways_know_the_bookings_of_the_next_days_and_hear_of_others_when_they_come_near()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:BookingDaysAtGateways"] = "3" });
        var lab = await SmallLab.InAsync(host);
        var keeper = host.Services.GetRequiredService<Keeper>();
        await host.Writer.WriteAsync(keeper.RoundAsync, Cancel);
        var near = await BookAsync(host, lab.Machine, lab.Ada, 2 * 1440, 2 * 1440 + 60);
        var far = await BookAsync(host, lab.Machine, lab.Ada, 4 * 1440, 4 * 1440 + 60);
        var client = host.GatewayClient();

        var feed = await client.PolicyAsync(0, TimeSpan.Zero, Cancel);
        Assert.Equal([near], feed.Changes.Select(change => change.Entity).OfType<BookingRule>().Select(booking => booking.Id));

        host.Time.Leap(Duration.FromDays(2));
        await host.Writer.WriteAsync(keeper.RoundAsync, Cancel);
        var later = await client.PolicyAsync(feed.Revision, TimeSpan.Zero, Cancel);
        Assert.Contains(far, later.Changes.Select(change => change.Entity).OfType<BookingRule>().Select(booking => booking.Id));
    }

    [Fact]
    public async Task Machines_know_their_pool_until_it_is_retired()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var client = host.GatewayClient();
        var before = await client.PolicyAsync(0, TimeSpan.Zero, Cancel);
        var (pool, other) = await PoolAsync(host, lab.Machine);

        var joined = await client.PolicyAsync(before.Revision, TimeSpan.Zero, Cancel);
        Assert.Equal([(pool, other), (pool, lab.Machine)], joined.Changes.Select(change => change.Entity).OfType<MachineRule>().OrderBy(m => m.Code == "LAS-1").Select(m => (m.Pool!.Value, m.Id)));
        await host.WriteAsync(write => write.Db.Pools.Single().Retired = true);

        var retired = await client.PolicyAsync(joined.Revision, TimeSpan.Zero, Cancel);
        Assert.Equal([null, null], retired.Changes.Select(change => change.Entity).OfType<MachineRule>().Select(m => m.Pool));
    }

    private static async Task<(PoolId Pool, MachineId Other)> PoolAsync(BookingHost host, MachineId first)
    {
        var (pool, other) = (PoolId.New(host.Time.Now), MachineId.New(host.Time.Now));
        await host.WriteAsync(write =>
        {
            write.Db.Machines.Add(Machine.From(new MachineRule { Id = other, Code = "IMP-1", NameFr = "Imprimante", NameEn = "Printer" }));
            write.Db.Pools.Add(new Pool
            {
                Id = pool, NameFr = "Toutes", NameEn = "Any",
                Members = { new PoolMember { PoolId = pool, MachineId = first }, new PoolMember { PoolId = pool, MachineId = other } },
            });
        });
        return (pool, other);
    }

    private static async Task<BookingId> BookAsync(BookingHost host, MachineId machine, PersonId person, int from, int until, PoolId? pool = null, int setUp = 0)
    {
        var id = BookingId.New(host.Time.Now);
        await host.WriteAsync(write =>
        {
            var start = write.Now + from * Minute;
            write.Db.Reservations.Add(new Reservation
            {
                Id = id, MachineId = machine, PersonId = person, PoolId = pool, Start = start, End = write.Now + until * Minute,
                ReleasedAt = start + 15 * Minute, CreatedAt = write.Now,
            });
            write.Db.BookingSlots.Add(new BookingSlot { BookingId = id, MachineId = machine, Place = 0, Start = start, End = write.Now + (until + setUp) * Minute });
        });
        return id;
    }

    private static Task<JournalReceipt> SendAsync(BookingHost host, long seq, BookingClaim claim) => host.GatewayClient().JournalAsync(
        new JournalBatch(1, [MachineStory.Record(seq, new MachineEvent.BookingClaimed(claim.Machine, seq, claim.At, null, claim))]), Cancel);

    private static Task<Reservation> ReservationAsync(BookingHost host, BookingId id) =>
        host.ReadAsync(db => db.Reservations.SingleAsync(r => r.Id == id, Cancel));

    private static async Task<BookingRule> RuleAsync(BookingHost host, BookingId id) =>
        (await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Changes.Select(change => change.Entity).OfType<BookingRule>().Single(b => b.Id == id);

    private sealed class Told : IBookingEventSink
    {
        public List<string> Events { get; } = [];

        public Task OnAsync(BookingWrite write, BookingEvent told, CancellationToken cancellationToken)
        {
            Events.Add($"{told.Kind} {told.Booking.Id} {told.By}");
            return Task.CompletedTask;
        }
    }
}
