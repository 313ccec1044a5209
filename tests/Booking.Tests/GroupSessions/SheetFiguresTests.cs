using System.Text;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FabLab.Booking.Features;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.GroupSessions;

/// <summary>What is handed out of séances: hours of a week, the certificate of attendance, the sheet as a file, what went wrong, who is on no picture.</summary>
public sealed class SheetFiguresTests
{
    private static readonly DateTimeZone Paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hours_of_a_week_and_the_certificate_are_the_times_between_coming_and_leaving()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var who = lab.Young[0];
        var aunt = await lab.FetcherAsync(who, true);
        // Tuesday 10 March, ten o'clock in Paris.
        Assert.Equal(new LocalDateTime(2026, 3, 10, 10, 0), host.Time.Now.InZone(Paris).LocalDateTime);

        // Fetched after an hour and a half.
        var tuesday = await lab.OpenAsync();
        await lab.PresentAsync(tuesday, who);
        host.Time.Leap(Duration.FromMinutes(90));
        Assert.Null((await lab.Marks.LeaveAsync(tuesday, new AttendeeLeaving((await lab.LineAsync(tuesday, who)).Id, LeavingWay.Fetched, aunt), lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Hold.EndAsync(tuesday, lab.Mentor, Cancel)).Refusal);
        // The day after half an hour late, and there until the end.
        host.Time.Leap(Duration.FromDays(1) - Duration.FromMinutes(90));
        var wednesday = await lab.OpenAsync();
        host.Time.Leap(Duration.FromMinutes(30));
        await lab.PresentAsync(wednesday, who);
        host.Time.Leap(Duration.FromMinutes(150));
        Assert.Null((await lab.Hold.EndAsync(wednesday, lab.Mentor, Cancel)).Refusal);
        // A week later absent, and the day after that there for all of it.
        host.Time.Leap(Duration.FromDays(6) - Duration.FromHours(3));
        var absent = await lab.OpenAsync();
        Assert.Null((await lab.Marks.MarkAsync(absent, new AttendeeMark((await lab.LineAsync(absent, who)).Id, AttendanceStatus.Absent), lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Hold.EndAsync(absent, lab.Mentor, Cancel)).Refusal);
        host.Time.Leap(Duration.FromDays(1));
        var whole = await lab.OpenAsync();
        await lab.PresentAsync(whole, who);
        host.Time.Leap(Duration.FromHours(3));
        Assert.Null((await lab.Hold.EndAsync(whole, lab.Mentor, Cancel)).Refusal);
        using var manager = await host.StaffBrowserAsync("g01");

        var weeks = Rows(await PageAsync(manager, $"/people/{who}/pathway"), "[aria-labelledby=weeks] tbody tr");
        Assert.Equal(2, weeks.Count);
        Assert.Contains("16 mars", weeks[0], StringComparison.Ordinal);
        Assert.EndsWith("3 h", weeks[0], StringComparison.Ordinal);
        Assert.Contains("9 mars", weeks[1], StringComparison.Ordinal);
        Assert.EndsWith("4 h", weeks[1], StringComparison.Ordinal);

        var page = await PageAsync(manager, $"/people/{who}/attendance?from=2026-03-09&until=2026-03-15");
        var lines = Rows(page, "tbody tr");
        Assert.Equal(2, lines.Count);
        Assert.Contains("10 mars 2026, 10 h 00 – 11 h 30", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("1 h 30 min", lines[0], StringComparison.Ordinal);
        Assert.Contains("11 mars 2026, 10 h 30 – 13 h 00", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("2 h 30 min", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("4 h", Assert.Single(Rows(page, "tfoot tr")), StringComparison.Ordinal);
        Assert.Contains("Le Lab certifie que Jeune 0 a été présent·e", Plain(page.QuerySelector(".lead")!.TextContent), StringComparison.Ordinal);
        Assert.EndsWith("7 h", Assert.Single(Rows(await PageAsync(manager, $"/people/{who}/attendance?from=2026-03-09&until=2026-03-18"), "tfoot tr")), StringComparison.Ordinal);
        // The last day is whole, and before the first séance there is nothing to certify.
        Assert.Empty(Rows(await PageAsync(manager, $"/people/{who}/attendance?from=2026-03-01&until=2026-03-09"), "tbody tr"));
        Assert.Single(Rows(await PageAsync(manager, $"/people/{who}/attendance?from=2026-03-01&until=2026-03-10"), "tbody tr"));
    }

    [Fact]
    public async Task The_sheet_is_a_file_and_says_what_went_wrong_and_who_is_on_no_picture()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        await host.WriteAsync(write => write.Db.MinorConsents.AddRange(Consent(lab.Young[1], new LocalDate(2026, 3, 10)), Consent(lab.Young[2], new LocalDate(2026, 3, 9))));
        var id = await lab.OpenAsync();
        await lab.PresentAsync(id, lab.Young[0], lab.Young[1], lab.Young[2]);
        Assert.Null((await lab.List.AddAsync(id, new ListAddition { FirstNames = ["=1+1"] }, lab.Mentor, Cancel)).Refusal);
        Assert.Null((await lab.Marks.CountAsync(id, new CountOf(AgeBand.Under12, Gender.Female, Occupation.School, false, 7), lab.Mentor, Cancel)).Refusal);
        var half = Assert.Single(SheetProof.Halves(await lab.SessionAsync(id), Paris));
        Assert.Null((await lab.Sheet.SignAsync(id, new Signing((await lab.LineAsync(id, lab.Young[0])).Id, half.Day, half.Half, "M1 1L2 2"), lab.Mentor, Cancel)).Refusal);
        using var mentor = await host.StaffBrowserAsync("e01");

        // A consent that ended the day before is none.
        var page = await PageAsync(mentor, $"/sessions/{id}");
        Assert.Equal("Sans accord pour les photos : Jeune 0, Jeune 2.", Plain(page.QuerySelector("#no-photos")!.TextContent));
        var version = (await lab.SessionAsync(id)).Version;
        Assert.Equal("incidentText", (await lab.Sheet.NoteAsync(id, new SheetNotes("Une lampe", "", "", version) { Incident = true, IncidentText = " " }, lab.Mentor, Cancel)).Refusal!.Field);
        Assert.Null((await lab.Sheet.NoteAsync(id, new SheetNotes("Une lampe", "", "", version) { Incident = true, IncidentText = "Un doigt coupé", PhotosChecked = true }, lab.Mentor, Cancel)).Refusal);
        host.Time.Leap(Duration.FromHours(3));
        Assert.Null((await lab.Hold.EndAsync(id, lab.Mentor, Cancel)).Refusal);

        var bytes = await mentor.GetByteArrayAsync($"/sessions/{id}/sheet.csv", Cancel);
        Assert.Equal(Encoding.UTF8.GetPreamble(), bytes[..3]);
        var file = Plain(Encoding.UTF8.GetString(bytes[3..])).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(';')).ToList();
        // A line for the head, ten of the group, one first name, one of those who are counted.
        Assert.Equal(13, file.Count);
        Assert.All(file, line => Assert.Equal(6, line.Length));
        Assert.Equal(["Nom", "Présence", "Jour", "Arrivée", "Départ"], file[0][..5]);
        Assert.Equal(["Jeune 0", "Présent", "mardi 10 mars 2026", "10 h 00", "", "Signé"], file.Single(line => line[0] == "Jeune 0"));
        Assert.Equal(["Jeune 1", "Présent", "mardi 10 mars 2026", "10 h 00", "", ""], file.Single(line => line[0] == "Jeune 1"));
        Assert.Equal(["", "", ""], file.Single(line => line[0] == "Jeune 9")[3..]);
        Assert.Equal("7", file[^1][1]);
        Assert.StartsWith("Comptés sans nom (Moins de 12 ans", file[^1][0], StringComparison.Ordinal);
        // No formula of a spreadsheet.
        Assert.DoesNotContain(file, line => line[0].StartsWith('='));

        // Once it is final, what went wrong is still read.
        host.Time.Leap(Duration.FromHours(25));
        await host.Writer.WriteAsync((write, cancel) => GroupSessionClock.RoundAsync(write, cancel), Cancel);
        Assert.Equal(GroupSessionState.Locked, (await lab.SessionAsync(id)).State);
        using var later = await host.StaffBrowserAsync("e01");
        var facts = Plain((await PageAsync(later, $"/sessions/{id}")).QuerySelector("[aria-labelledby=happened] dl")!.TextContent);
        Assert.Contains("Un doigt coupé", facts, StringComparison.Ordinal);
        Assert.Contains("J’ai vérifié qui ne doit pas être sur les photos", facts, StringComparison.Ordinal);
        using var stranger = await host.StaffBrowserAsync("e03");
        using var refused = await stranger.GetAsync($"/sessions/{id}/sheet.csv", Cancel);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, refused.StatusCode);

        static MinorConsent Consent(PersonId person, LocalDate until) =>
            new() { Id = Guid.CreateVersion7(), PersonId = person, Kind = ConsentKind.Photo, Use = "affiche", GivenBy = "Sa mère", GivenOn = new LocalDate(2026, 1, 5), Until = until };
    }

    [Fact]
    public async Task Machine_time_of_each_stands_on_the_sheet_by_itself_and_is_that_of_the_ledger()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        // Before the séance, and of somebody who is not on its list.
        await UseAsync(lab, lab.Young[0], 0, 600, takenBack: 0);
        host.Time.Leap(Duration.FromHours(1));
        var id = await lab.OpenAsync();
        await lab.PresentAsync(id, lab.Young[0], lab.Young[1]);
        host.Time.Leap(Duration.FromHours(1));
        await UseAsync(lab, lab.Young[0], 0, 25, takenBack: 0);
        await UseAsync(lab, lab.Young[0], 0, 10, takenBack: 10);
        await UseAsync(lab, lab.Young[0], 1, 7, takenBack: 0);
        await UseAsync(lab, lab.Young[1], 0, 12, takenBack: 0);
        await UseAsync(lab, lab.Stranger.Id, 2, 9, takenBack: 0);
        using var mentor = await host.StaffBrowserAsync("e01");

        var rows = Rows(await PageAsync(mentor, $"/sessions/{id}"), "[aria-labelledby=machines] tbody tr");

        Assert.Equal(["Jeune 0IMP-17 min", "Jeune 0LAS-125 min", "Jeune 1LAS-112 min"], rows);
        // Added up once more from the rows alone, reversals among them.
        var open = (await lab.SessionAsync(id)).OpenedAt;
        var ledger = await host.ReadAsync(async db => (await db.Ledger.Where(row => row.Start >= open && lab.Young.Contains(row.PersonId!.Value)).ToListAsync(Cancel)).Sum(row => row.PoweredMs));
        Assert.Equal(Duration.FromMinutes(7 + 25 + 12).TotalMilliseconds, ledger);
    }

    [Fact]
    public async Task The_page_of_somebody_has_their_steps_skills_and_projects_and_prints_what_they_chose_and_nothing_more()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var who = lab.Young[0];
        var (lamp, boat) = (ProjectId.New(host.Time.Now), ProjectId.New(host.Time.Now));
        await host.WriteAsync(write =>
        {
            write.Db.Projects.Add(new Project { Id = lamp, Code = "lampe", Name = "Lampe de chevet" });
            write.Db.Projects.Add(new Project { Id = boat, Code = "bateau", Name = "Bateau", Members = [new ProjectMember { ProjectId = boat, PersonId = lab.Young[1] }] });
        });
        var id = await lab.OpenAsync(lab.Wednesday() with { Machines = [], Project = lamp });
        await lab.PresentAsync(id, who);
        using var manager = await host.StaffBrowserAsync("g01");
        var own = new StaffActor(who, Role.Member);

        var before = await PageAsync(manager, $"/people/{who}/pathway");
        Assert.Equal("not_allowed", Code(await lab.Of<ShowOwnPage>().HandleAsync(who, new OwnPageChoice(true, true, true, true, true, true), lab.Manager, Cancel)));
        Assert.Null((await lab.Of<ShowOwnPage>().HandleAsync(who, new OwnPageChoice(Name: false, Steps: true, Skills: false, Hours: false, Projects: true, Habilitations: false), own, Cancel)).Refusal);
        var page = await PageAsync(manager, $"/people/{who}/pathway");

        Assert.Contains("La lampe", page.QuerySelector("[aria-labelledby=steps]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("Lampe de chevet", Plain(page.QuerySelector("[aria-labelledby=projects] p")!.TextContent));
        Assert.Contains("Bateau", (await PageAsync(manager, $"/people/{lab.Young[1]}/pathway")).QuerySelector("[aria-labelledby=projects]")!.TextContent, StringComparison.Ordinal);
        // Until they choose, paper shows nothing of them; then what they chose.
        string[] parts = ["steps", "skills", "weeks", "projects", "habilitations"];
        Assert.All(parts, part => Assert.Contains("unshown", before.QuerySelector($"[aria-labelledby={part}]")!.ClassList));
        Assert.Equal(["steps", "projects"], parts.Where(part => !page.QuerySelector($"[aria-labelledby={part}]")!.ClassList.Contains("unshown")));
        Assert.Contains("unshown", page.QuerySelector("h1 span")!.ClassList);

        static string? Code(Features.Outcome<Features.People.Changed> outcome) => outcome.Refusal?.Code;
    }

    /// <summary>So many minutes at a machine, from now back; some of them taken back.</summary>
    private static Task UseAsync(YouthLab lab, PersonId person, int machine, int minutes, int takenBack) => lab.Host.WriteAsync(write =>
    {
        var key = $"s:{Guid.NewGuid()}";
        var row = Row(LedgerKind.Recorded, minutes, null);
        write.Db.Ledger.Add(row);
        if (takenBack > 0)
            write.Db.Ledger.Add(Row(LedgerKind.Reversal, -takenBack, row.Id));

        MachineTimeEntry Row(LedgerKind kind, int powered, Guid? corrects) => new()
        {
            Id = Guid.CreateVersion7(), Kind = kind, EntryKey = key, MachineId = lab.Machines[machine], PersonId = person, Start = write.Now - Duration.FromMinutes(30), End = write.Now,
            PoweredMs = powered * 60_000, Corrects = corrects, RecordedAt = write.Now, Gateway = BookingHost.Gateway, Epoch = 1,
        };
    });

    private static async Task<IHtmlDocument> PageAsync(HttpClient browser, string path) => await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync(path, Cancel), Cancel);

    private static List<string> Rows(IHtmlDocument page, string rows) => [.. page.QuerySelectorAll(rows).Select(row => Plain(row.TextContent))];

    private static string Plain(string text) => string.Join(' ', text.Replace('\u00a0', ' ').Replace('\u202f', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim();
}
