using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.Reservations;

/// <summary>What the handlers of bookings do beside keeping overlaps out.</summary>
public sealed class BookingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_training_is_asked_for_at_the_start_of_the_booking(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        await host.Writer.WriteAsync(
            async (write, cancel) => (await write.Db.HabilitationActs.AddAsync(
                new Features.Habilitations.HabilitationAct
                {
                    HabilitationId = (await write.Db.Habilitations.SingleAsync(cancel)).Id, Number = 2, Kind = Features.Habilitations.HabilitationActKind.Renewed,
                    Level = Core.Policy.HabilitationLevel.Autonomous, ValidFrom = write.Now, ValidUntil = write.Now + Duration.FromDays(5), By = lab.Desk.Id, At = write.Now, Evidence = "vu",
                },
                cancel)).Entity.Number,
            Cancel);

        var before = await lab.BookAsync(lab.Ada, lab.Laser, lab.Now + Duration.FromDays(4), lab.Now + Duration.FromDays(4) + Duration.FromHours(1));
        var after = await lab.BookAsync(lab.Ada, lab.Laser, lab.Now + Duration.FromDays(6), lab.Now + Duration.FromDays(6) + Duration.FromHours(1));

        Assert.True(before.Done);
        Assert.Equal("training_expired", after.Refusal?.Code);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task New_terms_count_for_the_next_booking_and_a_quota_is_counted_over_all(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var before = await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(8), BookingLab.Tomorrow(12));
        await lab.TermsAsync(lab.Printers[0], new BookingTerms { MaxLength = Duration.FromHours(2) });
        await host.WriteAsync(write => write.Db.BookingQuotas.Add(
            new BookingQuotaRow { Id = QuotaId.New(write.Now), Quota = new BookingQuota { Period = QuotaPeriod.Day, Time = Duration.FromHours(7), Classes = ["printer"] } }));

        var tooLong = await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(13), BookingLab.Tomorrow(16));
        var fits = await lab.BookAsync(lab.Bob, lab.Printers[1], BookingLab.Tomorrow(13), BookingLab.Tomorrow(16));
        var used = await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(17), BookingLab.Tomorrow(18));
        var desk = await lab.BookAsync(lab.Desk, new NewReservation(lab.Printers[0], lab.Bob.Id, BookingLab.Tomorrow(17), BookingLab.Tomorrow(18)) { Waive = ["quota_used"], Why = "école" });

        Assert.True(before.Done && fits.Done && desk.Done);
        Assert.Equal(("too_long", "quota_used"), (tooLong.Refusal?.Code, used.Refusal?.Code));
        var waived = await lab.RowAsync(desk.Value.Id);
        Assert.Equal(("école", lab.Desk.Id), (waived.Why, waived.MadeBy));
        BookingLab.AssertDerivesAgain(waived);
        Assert.True((await lab.RowAsync(fits.Value.Id)).Decision!.Length < 4000);
    }

    [Fact]
    public async Task A_mentor_books_for_their_group_and_those_in_it_and_for_nobody_else()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        await lab.OpenAsync(
            new WeeklyOpening { Days = WeekDays.All, Window = new(new LocalTime(8, 0), new LocalTime(12, 0), OpeningKind.Groups, lab.Group.ToString("D")) },
            new WeeklyOpening { Days = WeekDays.All, Window = new(new LocalTime(12, 0), new LocalTime(20, 0), OpeningKind.Booked) });

        var group = await lab.BookAsync(lab.Mentor, new NewReservation(lab.Printers[0], null, BookingLab.Tomorrow(9), BookingLab.Tomorrow(11)) { Group = lab.Group });
        var member = await lab.BookAsync(lab.Bob, new NewReservation(lab.Printers[1], null, BookingLab.Tomorrow(9), BookingLab.Tomorrow(11)));
        var theirs = await lab.BookAsync(lab.Mentor, new NewReservation(lab.Printers[1], lab.Bob.Id, BookingLab.Tomorrow(13), BookingLab.Tomorrow(14)));
        var stranger = await lab.BookAsync(lab.Mentor, new NewReservation(lab.Printers[1], lab.Ada.Id, BookingLab.Tomorrow(15), BookingLab.Tomorrow(16)));
        var other = await lab.BookAsync(lab.Bob, new NewReservation(lab.Printers[0], null, BookingLab.Tomorrow(15), BookingLab.Tomorrow(16)) { Group = lab.Group });
        var moved = await lab.MoveAsync(lab.Mentor, group.Value.Id, new BookingChange { End = BookingLab.Tomorrow(12) });

        Assert.True(group.Done && theirs.Done && moved.Done);
        Assert.Equal(("group_time", "not_allowed", "not_allowed"), (member.Refusal?.Code, stranger.Refusal?.Code, other.Refusal?.Code));
    }

    [Fact]
    public async Task A_booking_that_runs_can_be_extended_while_the_machine_is_free_and_shortened_but_not_moved()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        var running = (await lab.BookAsync(lab.Ada, lab.Laser, lab.Now + Duration.FromMinutes(5), lab.Now + Duration.FromMinutes(65))).Value;
        await lab.BookAsync(lab.Desk, new NewReservation(lab.Laser, null, lab.Now + Duration.FromMinutes(125), lab.Now + Duration.FromMinutes(185)) { Block = true, Why = "lentille" });
        host.Time.Advance(Duration.FromMinutes(10));

        var longer = await lab.MoveAsync(lab.Ada, running.Id, new BookingChange { End = running.End + Duration.FromMinutes(60) });
        var tooLong = await lab.MoveAsync(lab.Ada, running.Id, new BookingChange { End = running.End + Duration.FromMinutes(61) });
        var shorter = await lab.MoveAsync(lab.Ada, running.Id, new BookingChange { End = lab.Now + Duration.FromMinutes(20) });
        var later = await lab.MoveAsync(lab.Ada, running.Id, new BookingChange { Start = lab.Now + Duration.FromMinutes(10), End = lab.Now + Duration.FromMinutes(50) });
        var elsewhere = await lab.MoveAsync(lab.Ada, running.Id, new BookingChange { Machine = lab.Printers[0] });

        Assert.True(longer.Done && shorter.Done);
        Assert.Equal(("blocked", "already_begun", "already_begun"), (tooLong.Refusal?.Code, later.Refusal?.Code, elsewhere.Refusal?.Code));
        Assert.Equal(running.ReleaseAt, (await lab.RowAsync(running.Id)).ReleasedAt);
        await BookingLab.AssertNoOverlapAsync(host);
    }

    [Fact]
    public async Task A_cancellation_is_taken_back_only_soon_and_while_the_time_is_free()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        var one = (await lab.BookAsync(lab.Ada, lab.Laser, BookingLab.Tomorrow(9), BookingLab.Tomorrow(10))).Value.Id;
        var two = (await lab.BookAsync(lab.Ada, lab.Printers[0], BookingLab.Tomorrow(11), BookingLab.Tomorrow(12))).Value.Id;
        await lab.CancelAsync(lab.Ada, one);
        await lab.CancelAsync(lab.Ada, two);
        await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(11.5), BookingLab.Tomorrow(12));
        var undo = lab.Get<CancelBooking>();

        var foreign = await undo.RestoreAsync(one, lab.Bob, Cancel);
        var taken = await undo.RestoreAsync(two, lab.Ada, Cancel);
        host.Time.Advance(Duration.FromMinutes(11));
        var late = await undo.RestoreAsync(one, lab.Ada, Cancel);

        Assert.Equal(("not_yours", "booking_overlap", "booking_over"), (foreign.Refusal?.Code, taken.Refusal?.Code, late.Refusal?.Code));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_weekly_series_at_six_in_the_evening_stays_there_when_the_clocks_change(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var series = lab.Get<BookSeries>();
        foreach (var (zone, first) in new[]
        {
            ("Europe/Paris", "2026-10-19"), ("Europe/Paris", "2027-03-22"), ("Indian/Reunion", "2026-10-19"), ("America/Guadeloupe", "2026-10-19"), ("Pacific/Noumea", "2026-10-19"),
        })
        {
            await host.WriteAsync(write => write.Db.Sites.Single().Rule = new SiteRule { Zone = zone });
            var rule = new SeriesRule { First = NodaTime.Text.LocalDatePattern.Iso.Parse(first).Value, Start = new LocalTime(18, 0), End = new LocalTime(20, 0), Count = 3 };

            var preview = await series.PreviewAsync(new NewSeries(rule, lab.Printers[0]), lab.Bob, Cancel);
            var made = await series.BookAsync(new NewSeries(rule, lab.Printers[0]), lab.Bob, Cancel);

            Assert.Equal((zone, 3, (SeriesId?)null), (zone, preview.Value.Free, preview.Value.Series));
            Assert.All(made.Value.Times, time => Assert.Equal(new LocalTime(18, 0), time.Start.InZone(DateTimeZoneProviders.Tzdb[zone]).TimeOfDay));
            Assert.All(made.Value.Times, time => Assert.Equal(Duration.FromHours(2), time.End - time.Start));
            foreach (var time in made.Value.Times)
                BookingLab.AssertDerivesAgain(await lab.RowAsync(time.Booking!.Value));
            Assert.Equal(3, await BookingLab.AssertNoOverlapAsync(host));
            Assert.Equal(3, (await series.CancelAsync(made.Value.Series!.Value, lab.Bob, Cancel)).Value.Free);
        }
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Half_past_two_exists_on_both_days_on_which_the_clocks_change(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        foreach (var (date, minutes) in new[] { (new LocalDate(2026, 10, 25), 150), (new LocalDate(2027, 3, 28), 60) })
        {
            var rule = new SeriesRule { First = date.PlusDays(-1), Start = new LocalTime(2, 30), End = new LocalTime(4, 0), Every = SeriesEvery.Day, Count = 3 };

            var made = await lab.Get<BookSeries>().BookAsync(new NewSeries(rule, lab.Printers[0]), lab.Bob, Cancel);

            Assert.Equal([90, minutes, 90], made.Value.Times.Select(time => (int)(time.End - time.Start).TotalMinutes));
        }
        Assert.Equal(6, await BookingLab.AssertNoOverlapAsync(host));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_leap_day_and_a_night_can_be_booked_and_a_closure_cannot(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        await lab.OpenAsync(new SiteTimetable
        {
            Zone = "Europe/Paris",
            Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new(LocalTime.Midnight, LocalTime.Midnight, OpeningKind.Booked) }],
            Closures = [Closure.Days(new LocalDate(2026, 8, 3), new LocalDate(2026, 8, 24), "Fermeture d'été")],
        });
        var leap = Instant.FromUtc(2028, 2, 29, 9, 0);

        var onIt = await lab.BookAsync(lab.Bob, lab.Printers[0], leap, leap + Duration.FromHours(2));
        var night = await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(22), BookingLab.Tomorrow(26));
        var across = await lab.BookAsync(lab.Bob, lab.Printers[0], Instant.FromUtc(2026, 8, 2, 20, 0), Instant.FromUtc(2026, 8, 3, 6, 0));

        Assert.True(onIt.Done && night.Done);
        Assert.Equal("outside_hours", across.Refusal?.Code);
        Assert.NotNull(across.Refusal?.NextFree);
        Assert.Equal((leap, leap + Duration.FromHours(2)), ((await lab.RowAsync(onIt.Value.Id)).Start, (await lab.RowAsync(onIt.Value.Id)).End));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_kit_is_lent_for_days_as_often_as_there_are_any_and_a_booking_counts_for_a_project_of_its_person(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var kit = new MachineId(Guid.CreateVersion7());
        ProjectId ours = ProjectId.New(lab.Now), everybodys = ProjectId.New(lab.Now), closed = ProjectId.New(lab.Now);
        await host.WriteAsync(write =>
        {
            write.Db.StaffAccounts.Single(account => account.Id == lab.Desk.Id).Role = Role.Manager;
            write.Db.Projects.AddRange(
                new Project { Id = ours, Code = "lampe", Name = "Lampe", Members = [new ProjectMember { ProjectId = ours, PersonId = lab.Ada.Id }] },
                new Project { Id = everybodys, Code = "repair", Name = "Repair café" },
                new Project { Id = closed, Code = "fini", Name = "Fini", Closed = true });
        });
        var manager = lab.Desk with { Role = Role.Manager };
        await lab.Get<SetResource>().HandleAsync(kit, new ResourceToBe(ResourceKind.Kit, "MAL-1", "Malle son", "Sound kit", 2, 60, null, 0), manager, Cancel);
        NewReservation Lent(ProjectId? project = null) => new(kit, null, BookingLab.Tomorrow(9), BookingLab.Tomorrow(9 + 72)) { Project = project };

        var mine = await lab.BookAsync(lab.Ada, Lent(ours));
        var foreign = await lab.BookAsync(lab.Bob, Lent(ours));
        var over = await lab.BookAsync(lab.Bob, Lent(closed));
        var second = await lab.BookAsync(lab.Bob, Lent(everybodys));
        var none = await lab.BookAsync(lab.Mentor, Lent());
        var soon = await lab.BookAsync(lab.Mentor, new NewReservation(kit, null, BookingLab.Tomorrow(9 + 72), BookingLab.Tomorrow(9 + 80)));
        var then = await lab.BookAsync(lab.Mentor, new NewReservation(kit, null, BookingLab.Tomorrow(9 + 73), BookingLab.Tomorrow(9 + 80)));
        var changed = await lab.MoveAsync(lab.Bob, second.Value.Id, new BookingChange { Project = ours });
        var without = await lab.MoveAsync(lab.Bob, second.Value.Id, new BookingChange { NoProject = true });

        Assert.True(mine.Done && second.Done && then.Done && without.Done);
        Assert.Equal(("project_unknown", "project_unknown", "project_unknown"), (foreign.Refusal?.Code, over.Refusal?.Code, changed.Refusal?.Code));
        Assert.Equal(("booking_overlap", "set_up_time"), (none.Refusal?.Code, soon.Refusal?.Code));
        Assert.Equal((ours, null), ((await lab.RowAsync(mine.Value.Id)).ProjectId, (await lab.RowAsync(second.Value.Id)).ProjectId));
        Assert.Equal(3, await BookingLab.AssertNoOverlapAsync(host));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_age_is_that_at_the_start_and_who_is_too_young_alone_is_told_to_come_with_somebody(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        // Bob is fifteen, and sixteen from the day after tomorrow.
        await host.WriteAsync(write =>
        {
            var bob = write.Db.People.Single(person => person.Id == lab.Bob.Id);
            (bob.IsAdult, bob.BirthDate) = (false, new LocalDate(2010, 3, 12));
            foreach (var (machine, accompanied, alone) in new[] { (lab.Printers[0], 16, 18), (lab.Printers[1], 10, 16) })
            {
                var row = write.Db.Machines.Single(m => m.Id == machine);
                row.Describe(row.Rule with { AgeAccompanied = accompanied, AgeAlone = alone });
            }
        });

        var tooYoung = await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(14), BookingLab.Tomorrow(15));
        var birthday = await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(24 + 14), BookingLab.Tomorrow(24 + 15));
        var accompanied = await lab.BookAsync(lab.Bob, lab.Printers[1], BookingLab.Tomorrow(14), BookingLab.Tomorrow(15));
        var alone = await lab.BookAsync(lab.Bob, lab.Printers[1], BookingLab.Tomorrow(24 + 16), BookingLab.Tomorrow(24 + 17));
        var earlier = await lab.MoveAsync(lab.Bob, birthday.Value.Id, new BookingChange { Start = BookingLab.Tomorrow(16), End = BookingLab.Tomorrow(17) });

        Assert.Equal(("too_young", "too_young"), (tooYoung.Refusal?.Code, earlier.Refusal?.Code));
        Assert.Equal((true, true, false), (birthday.Value.NeedsCompanion, accompanied.Value.NeedsCompanion, alone.Value.NeedsCompanion));
        BookingLab.AssertDerivesAgain(await lab.RowAsync(accompanied.Value.Id));
        Assert.Equal(3, await BookingLab.AssertNoOverlapAsync(host));
    }

    [Fact]
    public async Task A_series_is_booked_whole_or_all_but_the_conflicts_and_what_is_left_is_cancelled_at_once()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        await lab.BookAsync(lab.Ada, lab.Printers[0], BookingLab.Tomorrow(24 + 18), BookingLab.Tomorrow(24 + 19));
        var rule = new SeriesRule { First = new LocalDate(2026, 3, 11), Start = new LocalTime(18, 0), End = new LocalTime(19, 0), Every = SeriesEvery.Day, Count = 4 };
        var series = lab.Get<BookSeries>();

        var whole = await series.BookAsync(new NewSeries(rule, lab.Printers[0]), lab.Bob, Cancel);
        var most = await series.BookAsync(new NewSeries(rule, lab.Printers[0]) { AllButConflicts = true }, lab.Bob, Cancel);
        var pool = await series.BookAsync(new NewSeries(rule, null) { Pool = lab.Pool }, lab.Mentor, Cancel);
        var foreign = await series.CancelAsync(most.Value.Series!.Value, lab.Ada, Cancel);
        var cancelled = await series.CancelAsync(most.Value.Series!.Value, lab.Bob, Cancel);

        Assert.Equal("series_conflicts", whole.Refusal?.Code);
        Assert.Equal((3, "booking_overlap"), (most.Value.Free, most.Value.Times[1].Code));
        Assert.Equal(4, pool.Value.Free);
        Assert.Equal("not_yours", foreign.Refusal?.Code);
        Assert.Equal(3, cancelled.Value.Free);
        Assert.Equal(5, await BookingLab.AssertNoOverlapAsync(host));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Nobody_comes_three_times_and_walks_up_for_a_month_unless_staff_waive_one(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        BookingId missed = default;
        for (var i = 0; i < 3; i++)
        {
            var wish = await lab.BookAsync(lab.Ada, lab.Laser, lab.Now + Duration.FromMinutes(30), lab.Now + Duration.FromMinutes(90));
            Assert.True(wish.Done);
            missed = wish.Value.Id;
            Assert.False(await lab.Get<BookingClock>().IsDueAsync(Cancel));
            host.Time.Advance(Duration.FromMinutes(45));
            await lab.RoundAsync();
            await lab.RoundAsync(Duration.FromDays(2));
        }
        var row = await lab.RowAsync(missed);
        var paused = await lab.BookAsync(lab.Ada, lab.Printers[0], lab.Now + Duration.FromHours(1), lab.Now + Duration.FromHours(2));
        var member = await lab.Get<WaiveNoShow>().HandleAsync(missed, "malade", lab.Ada, Cancel);
        var silent = await lab.Get<WaiveNoShow>().HandleAsync(missed, " ", lab.Desk, Cancel);
        var waived = await lab.Get<WaiveNoShow>().HandleAsync(missed, "malade", lab.Desk, Cancel);
        var again = await lab.BookAsync(lab.Ada, lab.Printers[0], lab.Now + Duration.FromHours(1), lab.Now + Duration.FromHours(2));

        Assert.Equal((row.ReleasedAt, false), (row.NoShowAt, row.Stands));
        Assert.Equal(("walk_up_only", "not_allowed", "bad_value"), (paused.Refusal?.Code, member.Refusal?.Code, silent.Refusal?.Code));
        Assert.True(waived.Done && again.Done);
        await BookingLab.AssertNoOverlapAsync(host);
    }

    [Fact]
    public async Task Who_has_tapped_is_not_released_and_where_nobody_can_tap_nobody_is_missed()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        var tapped = (await lab.BookAsync(lab.Ada, lab.Laser, lab.Now + Duration.FromMinutes(30), lab.Now + Duration.FromMinutes(90))).Value.Id;
        var room = (await lab.BookAsync(lab.Bob, lab.Room, lab.Now + Duration.FromMinutes(30), lab.Now + Duration.FromMinutes(90))).Value;
        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.Reservations.SingleAsync(r => r.Id == tapped, cancel)).ClaimedAt = write.Now, Cancel);

        await lab.RoundAsync(Duration.FromHours(1));

        Assert.Null(room.ReleaseAt);
        Assert.True((await lab.RowAsync(tapped)).Stands && (await lab.RowAsync(room.Id)).Stands);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Time_that_becomes_free_is_held_for_the_first_who_waits_and_then_for_the_next(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var waits = lab.Get<WaitForTime>();
        var taken = (await lab.BookAsync(lab.Ada, lab.Printers[0], BookingLab.Tomorrow(14), BookingLab.Tomorrow(16))).Value.Id;
        var wish = new NewWait(BookingLab.Tomorrow(14), BookingLab.Tomorrow(16), Duration.FromHours(2)) { Machine = lab.Printers[0] };
        var bob = await waits.JoinAsync(wish, lab.Bob, Cancel);
        host.Time.Advance(Duration.FromSeconds(1));
        var mentor = await waits.JoinAsync(wish, lab.Mentor, Cancel);
        Assert.Equal((WaitState.Waiting, WaitState.Waiting), (bob.Value.State, mentor.Value.State));

        await lab.CancelAsync(lab.Ada, taken);
        var held = await RowAsync(bob.Value.Id);
        var other = await lab.BookAsync(lab.Ada, lab.Printers[0], BookingLab.Tomorrow(14), BookingLab.Tomorrow(15));
        await lab.RoundAsync(Duration.FromMinutes(16));
        var (first, second) = (await RowAsync(bob.Value.Id), await RowAsync(mentor.Value.Id));
        var late = await waits.AnswerAsync(bob.Value.Id, true, lab.Bob, Cancel);
        var foreign = await waits.AnswerAsync(mentor.Value.Id, true, lab.Bob, Cancel);
        var took = await waits.AnswerAsync(mentor.Value.Id, true, lab.Mentor, Cancel);

        Assert.Equal(WaitState.Offered, held.State);
        Assert.Equal("booking_overlap", other.Refusal?.Code);
        Assert.Equal((WaitState.Waiting, 1, WaitState.Offered), (first.State, first.Lapsed, second.State));
        Assert.Equal(("offer_over", "wait_unknown"), (late.Refusal?.Code, foreign.Refusal?.Code));
        Assert.Equal(WaitState.Taken, took.Value.State);
        var booking = await lab.RowAsync(took.Value.Offer!.Id);
        Assert.Equal((ReservationKind.Booking, lab.Mentor.Id, BookingLab.Tomorrow(14), true), (booking.Kind, booking.PersonId, booking.Start, booking.Stands));
        BookingLab.AssertDerivesAgain(booking);
        Assert.Equal(1, await BookingLab.AssertNoOverlapAsync(host));

        Task<WaitRow> RowAsync(WaitId id) => host.ReadAsync(db => db.BookingWaits.SingleAsync(w => w.Id == id, Cancel));
    }

    [Fact]
    public async Task A_released_booking_goes_to_who_waits_and_what_is_past_is_waited_for_no_more()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        await lab.BookAsync(lab.Ada, lab.Laser, lab.Now + Duration.FromMinutes(30), lab.Now + Duration.FromMinutes(150));
        var wait = await lab.Get<WaitForTime>().JoinAsync(
            new NewWait(lab.Now + Duration.FromMinutes(30), lab.Now + Duration.FromMinutes(150), Duration.FromHours(1)) { Machine = lab.Printers[0], Person = null }, lab.Bob, Cancel);
        var block = await lab.BookAsync(lab.Desk, new NewReservation(lab.Printers[1], null, lab.Now, lab.Now + Duration.FromHours(3)) { Block = true, Why = "buse" });
        var other = await lab.Get<WaitForTime>().JoinAsync(
            new NewWait(lab.Now + Duration.FromMinutes(30), lab.Now + Duration.FromMinutes(150), Duration.FromHours(1)) { Machine = lab.Printers[1] }, lab.Mentor, Cancel);

        await lab.RoundAsync(Duration.FromHours(4));

        // The first machine was free at once; the second never became so.
        Assert.Equal((WaitState.Offered, true), (wait.Value.State, block.Done));
        Assert.Equal(WaitState.Over, (await host.ReadAsync(db => db.BookingWaits.SingleAsync(w => w.Id == other.Value.Id, Cancel))).State);
    }
}
