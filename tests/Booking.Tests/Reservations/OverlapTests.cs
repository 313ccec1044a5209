using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Reservations;

/// <summary>No two bookings of one place ever overlap, whoever asks at the same time and whatever is done in which order.</summary>
public sealed class OverlapTests
{
    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_thousand_attempts_at_once_leave_one_booking_on_each_time(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var random = new Random(11);
        var wishes = Enumerable.Range(0, 1000).Select(_ =>
        {
            var start = BookingLab.Tomorrow(random.Next(8, 20)) + Duration.FromMinutes(15 * random.Next(4));
            return new NewReservation(lab.Printers[0], lab.Bob.Id, start, start + Duration.FromMinutes(15 * random.Next(1, 9))) { Waive = ["own_overlap"], Why = "essai" };
        }).ToArray();

        var outcomes = await Task.WhenAll(wishes.Select(wish => Task.Run(() => lab.BookAsync(lab.Desk, wish))));

        var made = outcomes.Count(outcome => outcome.Done);
        Assert.All(outcomes.Where(outcome => !outcome.Done), outcome => Assert.Equal(DatabaseRefusals.Overlap, outcome.Refusal!.Code));
        Assert.True(made > 4, $"{made} were booked");
        Assert.Equal(made, await BookingLab.AssertNoOverlapAsync(host));
        foreach (var outcome in outcomes.Where(outcome => outcome.Done))
            Assert.True((await lab.RowAsync(outcome.Value.Id)).Stands);
    }

    [Fact]
    public async Task Two_copies_on_one_PostgreSQL_book_at_once_without_overlap_and_without_passing_a_quota()
    {
        var database = await BookingHost.PostgresAsync(BookingLab.Cancel);
        var settings = new Dictionary<string, string?> { ["Booking:Database"] = database };
        await using var one = await BookingHost.StartAsync(settings: settings);
        await using var other = await BookingHost.StartAsync(settings: settings);
        var lab = await BookingLab.InAsync(one);
        await lab.TermsAsync(lab.Printers[0], new BookingTerms { MaxUpcoming = 10, OwnOverlapAllowed = true });
        var copies = new[] { one, other };

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => copies[i % 2].Services.GetRequiredService<BookMachine>().BookAsync(
            new NewReservation(lab.Printers[0], null, BookingLab.Tomorrow(8 + (i % 20 * 0.5)), BookingLab.Tomorrow(8 + (i % 20 * 0.5) + 0.5)), lab.Ada, BookingLab.Cancel))));

        Assert.Equal(10, outcomes.Count(outcome => outcome.Done));
        Assert.Subset(new HashSet<string> { "booking_overlap", "too_many_upcoming" }, outcomes.Where(o => !o.Done).Select(o => o.Refusal!.Code).ToHashSet());
        Assert.Equal(10, await BookingLab.AssertNoOverlapAsync(one));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, 1)]
    [InlineData(DatabaseKind.Sqlite, 2)]
    [InlineData(DatabaseKind.Postgres, 1)]
    [InlineData(DatabaseKind.Postgres, 3)]
    public async Task Whatever_is_booked_moved_cancelled_blocked_repeated_and_restored_nothing_overlaps(DatabaseKind kind, int seed)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        await lab.TermsAsync(lab.Saw, new BookingTerms { SetUp = Duration.FromMinutes(15), OwnOverlapAllowed = true });
        await lab.TermsAsync(lab.Printers[1], new BookingTerms { SetUp = Duration.FromMinutes(10), OwnOverlapAllowed = true });
        await lab.TermsAsync(lab.Printers[0], new BookingTerms { OwnOverlapAllowed = true });
        await lab.TermsAsync(lab.Laser, new BookingTerms { OwnOverlapAllowed = true });
        var random = new Random(seed);
        var machines = new[] { lab.Laser, lab.Printers[0], lab.Printers[1], lab.Room, lab.Saw };
        var people = new[] { lab.Ada, lab.Bob, lab.Mentor };
        var known = new List<BookingId>();
        var did = new Dictionary<string, int>();

        for (var step = 0; step < 250; step++)
        {
            var start = lab.Now + Duration.FromMinutes(5 * random.Next(1, 300));
            var end = start + Duration.FromMinutes(5 * random.Next(1, 40));
            var machine = machines[random.Next(machines.Length)];
            var person = people[random.Next(people.Length)];
            switch (random.Next(14))
            {
                case 0 or 1 or 2 or 3:
                    Note("book", await lab.BookAsync(lab.Desk, new NewReservation(machine, person.Id, start, end) { Places = machine == lab.Room ? random.Next(1, 5) : 1 }));
                    break;
                case 4:
                    Note("pool", await lab.BookAsync(person, new NewReservation(null, null, start, end) { Pool = lab.Pool }));
                    break;
                case 5:
                    Note("block", await lab.BookAsync(lab.Desk, new NewReservation(machine, null, start, end) { Block = true, Why = "entretien" }));
                    break;
                case 6:
                    Note("tight", await lab.BookAsync(lab.Desk, new NewReservation(lab.Saw, person.Id, start, end) { Waive = ["set_up_time"], Why = "essai" }));
                    break;
                case 7 or 8 when known.Count > 0:
                    Note("move", await lab.MoveAsync(lab.Desk, Any(), random.Next(3) switch
                    {
                        0 => new BookingChange { Start = start, End = end },
                        1 => new BookingChange { Start = start, End = end, Machine = machine },
                        _ => new BookingChange { Start = start, End = end, Places = random.Next(1, 5) },
                    }));
                    break;
                case 9 or 10 when known.Count > 0:
                    var gone = Any();
                    Count("cancel", (await lab.CancelAsync(lab.Desk, gone)).Done);
                    // Now and then somebody else gets there first.
                    if (random.Next(3) == 0)
                        Note("book", await lab.BookAsync(lab.Desk, new NewReservation(machine, person.Id, start, end)));
                    if (random.Next(2) == 0)
                        Count("restore", (await lab.Get<CancelBooking>().RestoreAsync(gone, lab.Desk, BookingLab.Cancel)).Done);
                    break;
                case 11:
                    var local = start.InZone(DateTimeZoneProviders.Tzdb["Europe/Paris"]).LocalDateTime;
                    var rule = new SeriesRule { First = local.Date, Start = local.TimeOfDay, End = local.TimeOfDay.PlusMinutes(60), Every = SeriesEvery.Day, Count = 4 };
                    var pooled = random.Next(2) == 0;
                    var series = await lab.Get<BookSeries>().BookAsync(
                        new NewSeries(rule, pooled ? null : machine) { Pool = pooled ? lab.Pool : null, Person = person.Id, AllButConflicts = true }, lab.Desk, BookingLab.Cancel);
                    Count("series", series.Done);
                    if (series.Done)
                        known.AddRange(series.Value.Times.Where(time => time.Booking is not null).Select(time => time.Booking!.Value));
                    break;
                case 12:
                    var wait = await lab.Get<WaitForTime>().JoinAsync(
                        new NewWait(start, start + Duration.FromHours(6), Duration.FromMinutes(30)) { Machine = machine }, person, BookingLab.Cancel);
                    Count("wait", wait.Done);
                    if (wait is { Done: true, Value.Offer: not null })
                        Count("take", (await lab.Get<WaitForTime>().AnswerAsync(wait.Value.Id, random.Next(3) > 0, person, BookingLab.Cancel)).Done);
                    break;
                default:
                    await lab.RoundAsync(Duration.FromMinutes(random.Next(1, 20)));
                    break;
            }
            if (step % 50 == 49)
                await BookingLab.AssertNoOverlapAsync(host);
        }

        Assert.True(await BookingLab.AssertNoOverlapAsync(host) > 20);
        Assert.Superset(new HashSet<string> { "book", "pool", "block", "move", "cancel", "restore", "series", "wait" }, did.Keys.ToHashSet());
        foreach (var row in await host.ReadAsync(db => db.Reservations.Where(r => r.Decision != null).ToListAsync(BookingLab.Cancel)))
            BookingLab.AssertDerivesAgain(row);

        BookingId Any() => known[random.Next(known.Count)];

        void Note(string what, Outcome<Reserved> outcome)
        {
            Count(what, outcome.Done);
            if (outcome.Done)
                known.Add(outcome.Value.Id);
        }

        void Count(string what, bool done)
        {
            if (done)
                did[what] = did.GetValueOrDefault(what) + 1;
        }
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Places_are_settled_anew_when_there_is_room_but_no_single_one_is_free_long_enough(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        await lab.TermsAsync(lab.Room, new BookingTerms { Capacity = 2, OwnOverlapAllowed = true });
        var morning = await lab.BookAsync(lab.Ada, lab.Room, BookingLab.Tomorrow(9), BookingLab.Tomorrow(11));
        var between = await lab.BookAsync(lab.Bob, lab.Room, BookingLab.Tomorrow(10), BookingLab.Tomorrow(12));
        var afternoon = await lab.BookAsync(lab.Ada, lab.Room, BookingLab.Tomorrow(11.5), BookingLab.Tomorrow(13));
        await lab.CancelAsync(lab.Bob, between.Value.Id);
        // The two that are left lie on different places or on one; either way a whole day on one place must still be had.
        var noon = await lab.BookAsync(lab.Bob, lab.Room, BookingLab.Tomorrow(11), BookingLab.Tomorrow(11.5));

        var day = await lab.BookAsync(lab.Mentor, lab.Room, BookingLab.Tomorrow(8), BookingLab.Tomorrow(14));
        var more = await lab.BookAsync(lab.Mentor, lab.Room, BookingLab.Tomorrow(8), BookingLab.Tomorrow(14));

        Assert.True(morning.Done && afternoon.Done && noon.Done && day.Done);
        Assert.Equal("booking_overlap", more.Refusal?.Code);
        Assert.Equal(4, await BookingLab.AssertNoOverlapAsync(host));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_room_booked_whole_and_a_machine_in_it_keep_each_other_out(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var saw = await lab.BookAsync(lab.Ada, lab.Saw, BookingLab.Tomorrow(10), BookingLab.Tomorrow(11));

        var places = await lab.BookAsync(lab.Bob, new NewReservation(lab.Room, null, BookingLab.Tomorrow(10), BookingLab.Tomorrow(12)) { Places = 2 });
        var whole = await lab.BookAsync(lab.Desk, new NewReservation(lab.Room, lab.Bob.Id, BookingLab.Tomorrow(10.5), BookingLab.Tomorrow(12)) { Places = 4 });
        var later = await lab.BookAsync(lab.Desk, new NewReservation(lab.Room, lab.Bob.Id, BookingLab.Tomorrow(14), BookingLab.Tomorrow(16)) { Places = 4 });
        var inside = await lab.BookAsync(lab.Ada, lab.Saw, BookingLab.Tomorrow(15), BookingLab.Tomorrow(17));
        await lab.CancelAsync(lab.Desk, later.Value.Id);
        var then = await lab.BookAsync(lab.Ada, lab.Saw, BookingLab.Tomorrow(15), BookingLab.Tomorrow(17));

        Assert.True(saw.Done && places.Done && later.Done && then.Done);
        Assert.Equal(("blocked", "blocked"), (whole.Refusal?.Code, inside.Refusal?.Code));
        await BookingLab.AssertNoOverlapAsync(host);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Time_to_clear_up_keeps_bookings_apart_and_gives_way_to_a_block_and_to_staff(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        await lab.TermsAsync(lab.Saw, new BookingTerms { SetUp = Duration.FromMinutes(30) });
        await lab.BookAsync(lab.Ada, lab.Saw, BookingLab.Tomorrow(10), BookingLab.Tomorrow(11));

        var tooSoon = await lab.BookAsync(lab.Bob, lab.Saw, BookingLab.Tomorrow(11), BookingLab.Tomorrow(12));
        var block = await lab.BookAsync(lab.Desk, new NewReservation(lab.Saw, null, BookingLab.Tomorrow(11), BookingLab.Tomorrow(11.25)) { Block = true, Why = "lame" });
        var waived = await lab.BookAsync(lab.Desk, new NewReservation(lab.Saw, lab.Bob.Id, BookingLab.Tomorrow(9), BookingLab.Tomorrow(10)) { Waive = ["set_up_time"], Why = "pressé" });
        var free = await lab.BookAsync(lab.Bob, lab.Saw, BookingLab.Tomorrow(11.5), BookingLab.Tomorrow(12));

        Assert.Equal("set_up_time", tooSoon.Refusal?.Code);
        Assert.True(block.Done && waived.Done && free.Done);
        Assert.Equal(4, await BookingLab.AssertNoOverlapAsync(host));
    }
}
