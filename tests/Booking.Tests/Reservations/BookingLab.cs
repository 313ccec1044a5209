using System.Text.Json;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Reservations;

/// <summary>
/// A lab in Paris to book in: a laser that asks for a training (Ada has it) and has a reader, two printers that are a pool, and a
/// room of four places in which the saw stands. Open day and night unless a test says otherwise.
/// </summary>
internal sealed class BookingLab
{
    private BookingLab(BookingHost host) => Host = host;

    public BookingHost Host { get; }

    public MachineId Laser { get; private init; }

    public MachineId[] Printers { get; private init; } = [];

    public PoolId Pool { get; private init; }

    public MachineId Room { get; private init; }

    public MachineId Saw { get; private init; }

    public StaffActor Ada { get; private init; } = null!;

    public StaffActor Bob { get; private init; } = null!;

    public StaffActor Mentor { get; private init; } = null!;

    public StaffActor Desk { get; private init; } = null!;

    public Guid Group { get; private init; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Instant Now => Host.Time.Now;

    /// <summary>Tomorrow at an hour of Paris in winter.</summary>
    public static Instant Tomorrow(double hour) => Instant.FromUtc(2026, 3, 11, 0, 0) + Duration.FromHours(hour - 1);

    public static async Task<BookingLab> InAsync(BookingHost host, string zone = "Europe/Paris")
    {
        var now = host.Time.Now;
        var lab = new BookingLab(host)
        {
            Laser = MachineId.New(now), Printers = [MachineId.New(now), MachineId.New(now)], Pool = PoolId.New(now), Room = MachineId.New(now), Saw = MachineId.New(now),
            Ada = new StaffActor(PersonId.New(now), Role.Member), Bob = new StaffActor(PersonId.New(now), Role.Member),
            Mentor = new StaffActor(PersonId.New(now), Role.Mentor), Desk = new StaffActor(PersonId.New(now), Role.FrontDesk), Group = Guid.CreateVersion7(),
        };
        var training = TrainingId.New(now);
        await host.WriteAsync(write =>
        {
            var db = write.Db;
            db.Sites.Single().Rule = new SiteRule { Zone = zone };
            db.Trainings.Add(new Features.Habilitations.Training { Id = training, Code = "laser", NameFr = "découpe laser", NameEn = "laser cutting" });
            Add(lab.Laser, "LAS-1", ResourceKind.Machine, "laser", null, new TrainingNeed.One(training));
            Add(lab.Printers[0], "IMP-1", ResourceKind.Machine, "printer", null);
            Add(lab.Printers[1], "IMP-2", ResourceKind.Machine, "printer", null);
            Add(lab.Room, "SALLE", ResourceKind.Room, "room", null);
            Add(lab.Saw, "SCI-1", ResourceKind.Machine, "saw", lab.Room);
            db.BookingTerms.Add(new TermsRow { Scope = TermsRow.OfMachine(lab.Room), Terms = new BookingTerms { Capacity = 4, OwnOverlapAllowed = true } });
            db.Pools.Add(new Pool { Id = lab.Pool, NameFr = "Imprimantes", NameEn = "Printers", Members = [.. lab.Printers.Select((id, place) => new PoolMember { PoolId = lab.Pool, MachineId = id, Position = place })] });
            db.Devices.Add(new Device { Id = new DeviceId("las-1"), Driver = "fablab" });
            db.MachineDevices.Add(new MachineDevice { MachineId = lab.Laser, DeviceId = new DeviceId("las-1"), Role = DeviceRole.Reader });
            foreach (var (who, code) in new[] { (lab.Ada, "A01"), (lab.Bob, "B01"), (lab.Mentor, "E01"), (lab.Desk, "D01") })
            {
                db.People.Add(new Person { Id = who.Id, ShortCode = code, DisplayName = code, IsAdult = true, CreatedAt = now });
                db.StaffAccounts.Add(new StaffAccount { Id = who.Id, LoginName = code.ToLowerInvariant(), Role = who.Role, Stamp = Guid.NewGuid(), CreatedAt = now });
            }
            db.PersonGroups.Add(new PersonGroup { Id = lab.Group, Name = "Mission locale" });
            db.GroupPlaces.Add(new GroupPlace { GroupId = lab.Group, PersonId = lab.Mentor.Id, Part = GroupPart.LooksAfter });
            db.GroupPlaces.Add(new GroupPlace { GroupId = lab.Group, PersonId = lab.Bob.Id, Part = GroupPart.Member });
            var head = new Features.Habilitations.Habilitation { Id = HabilitationId.New(now), PersonId = lab.Ada.Id, TrainingId = training };
            db.Habilitations.Add(head);
            db.HabilitationActs.Add(new Features.Habilitations.HabilitationAct
            {
                HabilitationId = head.Id, Number = 1, Kind = Features.Habilitations.HabilitationActKind.Granted, Level = HabilitationLevel.Autonomous,
                ValidFrom = now, By = lab.Desk.Id, At = now, Evidence = "vu",
            });

            void Add(MachineId id, string code, ResourceKind kind, string type, MachineId? room, TrainingNeed? need = null)
            {
                var machine = Machine.From(new MachineRule { Id = id, Code = code, NameFr = code, NameEn = code, Type = type, Requirement = need });
                (machine.Kind, machine.RoomId) = (kind, room);
                db.Machines.Add(machine);
            }
        });
        return lab;
    }

    public T Get<T>()
        where T : notnull => Host.Services.GetRequiredService<T>();

    public Task<Outcome<Reserved>> BookAsync(StaffActor by, MachineId machine, Instant start, Instant end) => BookAsync(by, new NewReservation(machine, null, start, end));

    public Task<Outcome<Reserved>> BookAsync(StaffActor by, NewReservation wish) => Get<BookMachine>().BookAsync(wish, by, Cancel);

    public Task<Outcome<BookingCancelled>> CancelAsync(StaffActor by, BookingId id) => Get<CancelBooking>().CancelAsync(id, null, null, by, Cancel);

    public Task<Outcome<Reserved>> MoveAsync(StaffActor by, BookingId id, BookingChange change) => Get<MoveBooking>().HandleAsync(id, change, by, Cancel);

    /// <summary>Lets time pass and the clock of the bookings do its round.</summary>
    public Task RoundAsync(Duration later = default)
    {
        Host.Time.Advance(later);
        return Host.Writer.WriteAsync(Get<BookingClock>().RoundAsync, Cancel);
    }

    public Task TermsAsync(MachineId machine, BookingTerms terms) => Host.Writer.WriteAsync(
        async (write, cancel) =>
        {
            var scope = TermsRow.OfMachine(machine);
            if (await write.Db.BookingTerms.SingleOrDefaultAsync(row => row.Scope == scope, cancel) is { } row)
                row.Terms = terms;
            else
                write.Db.BookingTerms.Add(new TermsRow { Scope = scope, Terms = terms });
        },
        Cancel);

    public Task OpenAsync(params WeeklyOpening[] weekly) => OpenAsync(new SiteTimetable { Zone = "Europe/Paris", Weekly = [.. weekly] });

    public Task OpenAsync(SiteTimetable timetable) => Host.WriteAsync(write => write.Db.SiteTimetables.Add(new SiteTimetableRow { Timetable = timetable }));

    public Task<Reservation> RowAsync(BookingId id) => Host.ReadAsync(db => db.Reservations.SingleAsync(r => r.Id == id, Cancel));

    /// <summary>The decision stored with a booking follows again from its facts.</summary>
    public static void AssertDerivesAgain(Reservation booking)
    {
        var stored = JsonSerializer.Deserialize<BookingDecision>(booking.Decision!, CoreJson.Options)!;
        var again = BookingRules.Decide(stored.Facts);
        Assert.IsType<BookingDecision.Accepted>(stored);
        Assert.Equal(stored, again);
        Assert.Equal(booking.Decision, JsonSerializer.Serialize(again, CoreJson.Options));
    }

    /// <summary>
    /// Looks at what lies in the database, by itself: no two live slots of one place overlap; every booking that stands has the slots
    /// of its places and nothing else has any; no machine has more places taken than it has; a room booked whole keeps what is in it.
    /// </summary>
    public static async Task<int> AssertNoOverlapAsync(BookingHost host)
    {
        var slots = await host.ReadAsync(db => db.BookingSlots.Where(s => s.Live).ToListAsync(Cancel));
        var rows = await host.ReadAsync(db => db.Reservations.ToListAsync(Cancel));
        var machines = await host.ReadAsync(db => db.Machines.ToListAsync(Cancel));
        var terms = await host.ReadAsync(db => db.BookingTerms.ToListAsync(Cancel));
        foreach (var place in slots.GroupBy(s => (s.MachineId, s.Place)))
        {
            var inOrder = place.OrderBy(s => s.Start).ToList();
            for (var i = 1; i < inOrder.Count; i++)
                Assert.True(inOrder[i - 1].End <= inOrder[i].Start, $"{place.Key}: {inOrder[i - 1].Start}-{inOrder[i - 1].End} and {inOrder[i].Start}-{inOrder[i].End}");
        }
        var standing = rows.Where(r => r.CancelledAt is null && r.NoShowAt is null).ToList();
        var ofBooking = slots.ToLookup(s => s.BookingId);
        Assert.Equal(standing.Select(r => r.Id).ToHashSet(), slots.Select(s => s.BookingId).ToHashSet());
        foreach (var row in standing)
        {
            var own = ofBooking[row.Id].Where(s => s.MachineId == row.MachineId).ToList();
            Assert.Equal(row.Places, own.Count);
            Assert.All(ofBooking[row.Id], slot => Assert.True(slot.Start == row.Start && slot.End >= row.End, $"{row.Id}: the slot is not as the booking"));
        }
        foreach (var machine in machines)
        {
            var capacity = terms.SingleOrDefault(t => t.Scope == TermsRow.OfMachine(machine.Id))?.Terms.Capacity ?? 1;
            var here = standing.Where(r => r.MachineId == machine.Id).ToList();
            foreach (var at in here.Select(r => r.Start))
                Assert.True(here.Where(r => r.Start <= at && at < r.End).Sum(r => r.Places) <= capacity, $"{machine.Code} has more taken than it has at {at}");
            if (machine.Kind != ResourceKind.Room)
                continue;
            foreach (var whole in here.Where(r => r.Places == capacity))
                Assert.DoesNotContain(standing, r => machines.Single(m => m.Id == r.MachineId).RoomId == machine.Id && r.Start < whole.End && whole.Start < r.End);
        }
        return standing.Count;
    }
}
