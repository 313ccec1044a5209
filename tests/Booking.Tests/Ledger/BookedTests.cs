using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.Ledger;

/// <summary>Booked time beside the time of the machines: what is shown is what the rows add up to.</summary>
public sealed class BookedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Booked_powered_and_working_are_the_sums_of_their_rows_by_person_machine_and_project(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var (other, room) = (MachineId.New(host.Time.Now), MachineId.New(host.Time.Now));
        var random = new Random(7);
        await host.WriteAsync(write =>
        {
            write.Db.Machines.Add(Machine.From(new MachineRule { Id = other, Code = "IMP-1", NameFr = "Imprimante", NameEn = "Printer" }));
            var meeting = Machine.From(new MachineRule { Id = room, Code = "SAL-1", NameFr = "Salle", NameEn = "Room" });
            meeting.Kind = ResourceKind.Room;
            write.Db.Machines.Add(meeting);
            for (var i = 0; i < 60; i++)
            {
                var start = write.Now + Duration.FromMinutes(random.Next(-3000, 300));
                var booking = new Reservation
                {
                    Id = BookingId.New(write.Now),
                    Kind = (ReservationKind)(random.Next(6) is var what && what < 3 ? what : 0),
                    MachineId = random.Next(5) switch { 0 => room, 1 or 2 => other, _ => lab.Machine },
                    PersonId = random.Next(5) switch { 0 => null, 1 or 2 => lab.Bob, _ => lab.Ada },
                    ProjectId = random.Next(2) == 0 ? lab.Project : null,
                    Start = start,
                    End = start + Duration.FromMinutes(random.Next(1, 300)),
                    CreatedAt = write.Now,
                };
                booking.CancelledAt = random.Next(5) == 0 ? write.Now : null;
                booking.NoShowAt = booking.CancelledAt is null && random.Next(4) == 0 ? start : null;
                write.Db.Reservations.Add(booking);
            }
        });
        var story = new MachineStory(lab.Machine, host.Time.Now - Duration.FromHours(30))
            .Use(lab.Ada, lab.AdasBadge, 600, lab.Project).Use(lab.Bob, BadgeId.New(host.Time.Now), 300).Use(lab.Ada, lab.AdasBadge, 90);
        await host.GatewayClient().JournalAsync(new JournalBatch(1, story.Records()), Cancel);

        var machines = new HashSet<MachineId> { lab.Machine, other };
        var rows = (await host.ReadAsync(db => db.Reservations.ToListAsync(Cancel))).Where(r =>
            r is { Kind: ReservationKind.Booking, CancelledAt: null } && machines.Contains(r.MachineId) && r.Start <= host.Time.Now).ToList();
        var uses = await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel));
        Assert.Contains(rows, r => r.NoShowAt is not null);
        LedgerScope[] scopes =
        [
            new(), new(Person: lab.Ada), new(Machine: other), new(Project: lab.Project),
            new(host.Time.Now - Duration.FromHours(20), host.Time.Now - Duration.FromHours(2), lab.Bob, lab.Machine),
        ];
        foreach (var scope in scopes)
        {
            var booked = rows.Where(r => !(r.Start < scope.From) && !(r.Start >= scope.Until) && (scope.Person is null || r.PersonId == scope.Person)
                && (scope.Machine is null || r.MachineId == scope.Machine) && (scope.Project is null || r.ProjectId == scope.Project)).ToList();
            var used = uses.Where(r => !(r.Start < scope.From) && !(r.Start >= scope.Until) && (scope.Person is null || r.PersonId == scope.Person)
                && (scope.Machine is null || r.MachineId == scope.Machine) && (scope.Project is null || r.ProjectId == scope.Project)).ToList();
            var total = await host.ReadAsync(db => BookedSums.OfAsync(db, scope, host.Time.Now, Cancel));
            var on = await host.ReadAsync(db => LedgerSums.OfAsync(db, scope, Cancel));
            Assert.Equal(Of(null, booked), total);
            Assert.Equal((used.Sum(u => u.PoweredMs), used.Sum(u => u.WorkingMs)), (on.PoweredMs, on.WorkingMs));
            foreach (var by in Enum.GetValues<LedgerGroup>())
            {
                Guid? Key(Reservation r) => by switch
                {
                    LedgerGroup.Person => r.PersonId?.Value,
                    LedgerGroup.Machine => r.MachineId.Value,
                    _ => r.ProjectId?.Value,
                };
                var sums = await host.ReadAsync(db => BookedSums.ByAsync(db, scope, by, host.Time.Now, Cancel));
                Assert.Equal(booked.GroupBy(Key).Select(group => Of(group.Key, group)).OrderBy(s => s.Key), sums.OrderBy(s => s.Key));
                Assert.Equal((total.BookedMs, total.NoShowMs), (sums.Sum(s => s.BookedMs), sums.Sum(s => s.NoShowMs)));
            }
        }
    }

    [Fact]
    public async Task Who_may_not_see_people_has_the_time_by_machine_only()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var observer = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Observer));

        var file = await observer.GetStringAsync("ledger.csv?by=person", Cancel);
        var page = await observer.GetStringAsync("ledger?by=person", Cancel);

        Assert.StartsWith("Machine;", file.TrimStart('\uFEFF'), StringComparison.Ordinal);
        Assert.DoesNotContain("by=person\"", page, StringComparison.Ordinal);
        Assert.Contains("by=machine\"", page, StringComparison.Ordinal);
    }

    private static BookedTotal Of(Guid? key, IEnumerable<Reservation> rows)
    {
        var came = rows.Where(r => r.NoShowAt is null).ToList();
        var missed = rows.Where(r => r.NoShowAt is not null).ToList();
        return new BookedTotal(key, came.Count, came.Sum(Ms), missed.Count, missed.Sum(Ms));
    }

    private static long Ms(Reservation row) => (long)(row.End - row.Start).TotalMilliseconds;
}
