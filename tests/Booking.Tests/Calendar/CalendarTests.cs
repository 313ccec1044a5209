using System.Text;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Calendar;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Messages;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Calendar;

/// <summary>Calendars read by two readers that are not the writer: one strictly after RFC 5545, one of somebody else.</summary>
public sealed class CalendarTests
{
    private static readonly DateTimeZone Paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Europe/Paris")]
    [InlineData("Indian/Reunion")]
    [InlineData("Pacific/Noumea")]
    [InlineData("America/Guadeloupe")]
    [InlineData("America/Miquelon")]
    [InlineData("Africa/Casablanca")]
    [InlineData("Australia/Lord_Howe")]
    public void Every_hour_of_a_year_and_a_half_is_read_as_it_was_meant(string id)
    {
        var zone = DateTimeZoneProviders.Tzdb[id];
        var first = Instant.FromUtc(2026, 1, 1, 0, 30);
        var events = Enumerable.Range(0, 24 * 550 / 5).Select(step => first + Duration.FromHours(step * 5)).Concat(AroundTransitions(zone, first))
            .Select((start, number) => new IcsEvent($"{number}@x", 0, start, start + Duration.FromMinutes(90), "x")).ToList();

        var text = IcsWriter.Write("x", events, zone, first);

        var calendar = IcsReader.Read(text);
        var read = calendar.All("VEVENT").ToList();
        Assert.Equal(events.Count, read.Count);
        foreach (var (meant, one) in events.Zip(read))
            Assert.Equal((meant.Start, meant.End), (IcsReader.Time(calendar, one, "DTSTART"), IcsReader.Time(calendar, one, "DTEND")));
        foreach (var one in Ical.Net.Calendar.Load(text)!.Events)
        {
            var meant = events[int.Parse(one.Uid!.Split('@')[0], System.Globalization.CultureInfo.InvariantCulture)];
            Assert.Equal(meant.Start.ToDateTimeUtc(), one.Start!.AsUtc);
        }
    }

    [Fact]
    public void A_weekly_hour_stays_on_the_clock_over_the_change_of_time()
    {
        var events = new[] { new LocalDateTime(2026, 10, 24, 18, 0), new LocalDateTime(2026, 10, 25, 18, 0), new LocalDateTime(2027, 3, 27, 18, 0), new LocalDateTime(2027, 3, 28, 18, 0) }
            .Select((at, number) => new IcsEvent($"{number}@x", 0, at.InZoneStrictly(Paris).ToInstant(), at.PlusHours(1).InZoneStrictly(Paris).ToInstant(), "x")).ToList();

        var text = IcsWriter.Write("x", events, Paris, events[0].Start);

        Assert.All(IcsReader.Read(text).All("VEVENT"), one => Assert.EndsWith("T180000", one.One("DTSTART"), StringComparison.Ordinal));
        // The hour that comes twice: the first time local, the second in UTC.
        var twice = Instant.FromUtc(2026, 10, 25, 0, 30);
        var ambiguous = IcsReader.Read(IcsWriter.Write("x", [new IcsEvent("a", 0, twice, twice + Duration.FromHours(1), "x")], Paris, twice)).All("VEVENT").Single();
        Assert.Equal(("20261025T023000", "20261025T013000Z"), (ambiguous.One("DTSTART"), ambiguous.One("DTEND")));
    }

    [Theory]
    [InlineData("Découpe, gravure; pliage \\ collage\nétage 2")]
    [InlineData("🧵🪡🧶🪢🧷 Brodeuse à très long nom, avec beaucoup d’accents é è ê ë ï ô ù ç et encore un peu plus pour dépasser la ligne")]
    [InlineData("BEGIN:VALARM\r\nEND:VEVENT")]
    public void Words_stay_words(string words)
    {
        var start = Instant.FromUtc(2026, 5, 4, 12, 0);

        var text = IcsWriter.Write(words, [new IcsEvent("a@x", 3, start, start + Duration.FromHours(1), words, words, words)], Paris, start);

        var one = Assert.Single(IcsReader.Read(text).All("VEVENT"));
        var meant = words.Replace("\r\n", "\n", StringComparison.Ordinal);
        Assert.Equal((meant, meant, "3"), (IcsReader.Unescape(one.One("SUMMARY")), IcsReader.Unescape(one.One("LOCATION")), one.One("SEQUENCE")));
        Assert.Equal(meant, Assert.Single(Ical.Net.Calendar.Load(text)!.Events).Summary);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_personal_calendar_holds_ones_own_bookings_and_keeps_their_names_over_a_change(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var booking = await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(60));
        var path = (await host.Services.GetRequiredService<KeepFeed>().MakeAsync(new(lab.Ada, Role.Member), Cancel)).Value.Path;
        using var anybody = host.Browser();

        var first = Assert.Single(IcsReader.Read(await anybody.GetStringAsync(path, Cancel)).All("VEVENT"));
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Moved, lab.Ada, b => (b.End, b.Version) = (b.End + Duration.FromHours(1), b.Version + 1));
        var moved = Assert.Single(IcsReader.Read(await anybody.GetStringAsync(path, Cancel)).All("VEVENT"));
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Cancelled, lab.Ada, b => (b.CancelledAt, b.Version) = (b.CreatedAt, b.Version + 1));
        var cancelled = Assert.Single(IcsReader.Read(await anybody.GetStringAsync(path, Cancel)).All("VEVENT"));

        Assert.Equal(("Découpeuse laser", "CONFIRMED", "0"), (first.One("SUMMARY"), first.One("STATUS"), first.One("SEQUENCE")));
        Assert.Equal((first.One("UID"), "1"), (moved.One("UID"), moved.One("SEQUENCE")));
        Assert.NotEqual(first.One("DTEND"), moved.One("DTEND"));
        Assert.Equal((first.One("UID"), "CANCELLED", "2"), (cancelled.One("UID"), cancelled.One("STATUS"), cancelled.One("SEQUENCE")));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_personal_calendar_holds_the_sessions_in_which_one_has_a_place(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        // One place: Ada has it in the first and waits for it in the second; the third is cancelled.
        await host.WriteAsync(write =>
        {
            foreach (var (day, first, second, cancelled) in new[] { (3, lab.Ada, lab.Bob, false), (4, lab.Bob, lab.Ada, false), (5, lab.Ada, lab.Bob, true) })
            {
                var id = TrainingSessionId.New(write.Now);
                write.Db.TrainingSessions.Add(new TrainingSession
                {
                    Id = id, TrainingId = lab.Training, Start = write.Now + Duration.FromDays(day), End = write.Now + Duration.FromDays(day) + Duration.FromHours(2), Places = 1,
                    CancelledAt = cancelled ? write.Now : null,
                });
                write.Db.Enrolments.Add(new Enrolment { SessionId = id, PersonId = first, Number = 1, EnrolledAt = write.Now, EnrolledBy = first });
                write.Db.Enrolments.Add(new Enrolment { SessionId = id, PersonId = second, Number = 2, Waited = true, EnrolledAt = write.Now, EnrolledBy = second });
            }
        });
        var path = (await host.Services.GetRequiredService<KeepFeed>().MakeAsync(new(lab.Ada, Role.Member), Cancel)).Value.Path;
        using var anybody = host.Browser();

        var calendar = IcsReader.Read(await anybody.GetStringAsync(path, Cancel));

        Assert.Equal(
            [(host.Time.Now + Duration.FromDays(3), "CONFIRMED"), (host.Time.Now + Duration.FromDays(5), "CANCELLED")],
            calendar.All("VEVENT").Select(one => (IcsReader.Time(calendar, one, "DTSTART"), one.One("STATUS"))));
    }

    [Fact]
    public async Task A_place_that_has_set_no_hours_is_open_day_by_day_in_its_agenda()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var anybody = host.Browser();

        var first = IcsReader.Read(await anybody.GetStringAsync("agenda.ics", Cancel)).All("VEVENT").ToList();
        host.Time.Leap(Duration.FromDays(1));
        var next = IcsReader.Read(await anybody.GetStringAsync("agenda.ics", Cancel)).All("VEVENT").ToList();

        Assert.InRange(first.Count, 60, 61);
        Assert.All(first, one => Assert.EndsWith("T000000", one.One("DTSTART"), StringComparison.Ordinal));
        // The days keep their names as time passes.
        Assert.Equal(first.Skip(1).Select(one => one.One("UID")), next.SkipLast(1).Select(one => one.One("UID")));
    }

    [Fact]
    public async Task A_link_ends_when_it_is_replaced_or_revoked_and_with_its_person()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var keep = host.Services.GetRequiredService<KeepFeed>();
        StaffActor ada = new(lab.Ada, Role.Member), bob = new(lab.Bob, Role.Member);
        using var anybody = host.Browser();

        var first = (await keep.MakeAsync(ada, Cancel)).Value.Path;
        var second = (await keep.MakeAsync(ada, Cancel)).Value.Path;
        Assert.Equal((404, 200), (await StatusAsync(first), await StatusAsync(second)));
        Assert.True((await keep.RevokeAsync(ada, Cancel)).Done);
        Assert.Equal(404, await StatusAsync(second));
        Assert.Equal("calendar_unknown", (await keep.RevokeAsync(ada, Cancel)).Refusal?.Code);
        var bobs = (await keep.MakeAsync(bob, Cancel)).Value.Path;
        Assert.True((await host.Services.GetRequiredService<ErasePerson>().HandleAsync(lab.Bob, new ErasureRequest("M02"), lab.Manager, Cancel)).Done);
        Assert.Equal(404, await StatusAsync(bobs));
        foreach (var guess in new[] { "/calendar/x.ics", $"/calendar/{new string('A', 43)}.ics", "/calendar/.ics" })
            Assert.Equal(404, await StatusAsync(guess));
        Assert.Empty(await host.ReadAsync(db => db.CalendarFeeds.ToListAsync(Cancel)));

        async Task<int> StatusAsync(string path)
        {
            using var answer = await anybody.GetAsync(path, Cancel);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task The_agenda_of_the_place_names_openings_and_sessions_and_nobody()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.WriteAsync(write =>
        {
            write.Db.SiteTimetables.Add(new SiteTimetableRow
            {
                Timetable = new SiteTimetable
                {
                    Zone = "Europe/Paris",
                    Weekly =
                    [
                        new WeeklyOpening { Days = WeekDays.Wednesday, Window = new OpeningWindow(new LocalTime(14, 0), new LocalTime(19, 0), OpeningKind.OpenLab) },
                        new WeeklyOpening { Days = WeekDays.Thursday, Window = new OpeningWindow(new LocalTime(10, 0), new LocalTime(12, 0), OpeningKind.Groups, null, "Mission locale") },
                    ],
                },
            });
            foreach (var (day, cancelled) in new[] { (3, false), (4, true) })
            {
                var id = TrainingSessionId.New(write.Now);
                write.Db.TrainingSessions.Add(new TrainingSession
                {
                    Id = id, TrainingId = lab.Training, Start = write.Now + Duration.FromDays(day), End = write.Now + Duration.FromDays(day) + Duration.FromHours(2), Places = 4, Place = "Atelier bois",
                    Trainer = lab.Ada, CancelledAt = cancelled ? write.Now : null,
                });
                write.Db.Enrolments.Add(new Enrolment { SessionId = id, PersonId = lab.Ada, Number = 1, EnrolledAt = write.Now, EnrolledBy = lab.Ada });
            }
        });
        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        using var anybody = host.Browser();

        var text = await anybody.GetStringAsync("agenda.ics", Cancel);

        var events = IcsReader.Read(text).All("VEVENT").ToList();
        Assert.Equal(["CONFIRMED", "CANCELLED"], events.Where(e => e.One("SUMMARY") == "laser").Select(e => e.One("STATUS")));
        var open = events.Where(e => IcsReader.Unescape(e.One("SUMMARY")) == "Atelier ouvert, sans réservation").ToList();
        Assert.InRange(open.Count, 8, 9);
        Assert.All(open, e => Assert.EndsWith("T140000", e.One("DTSTART"), StringComparison.Ordinal));
        Assert.Equal(events.Count, open.Count + 2);
        foreach (var hidden in new[] { "Ada", "M01", "Mission", "LAS-1" })
            Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
    }

    private static IEnumerable<Instant> AroundTransitions(DateTimeZone zone, Instant first) =>
        from interval in zone.GetZoneIntervals(first, first + Duration.FromDays(550))
        where interval.HasStart && interval.Start > first
        from minutes in new[] { -150, -90, -61, -30, -1, 0, 1, 30, 61, 90, 150 }
        select interval.Start + Duration.FromMinutes(minutes);
}
