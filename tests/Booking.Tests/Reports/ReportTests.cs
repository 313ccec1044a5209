using System.Globalization;
using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Reports;
using FabLab.Booking.Features.Reports.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Reports;

/// <summary>What a report says is what the rows add up to, for everybody what they may see of it.</summary>
public sealed class ReportTests
{
    private const string Days = "from=2026-01-05&through=2026-02-20";
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Europe/Paris"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Every_total_is_what_the_raw_rows_add_up_to(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await ReportLab.InAsync(host);
        var raw = await RawRows.ReadAsync(host);
        var (first, last) = (ReportLab.First, ReportLab.First + Duration.FromDays(60));
        ReportScope[] scopes =
        [
            new(first, last), new(first + Duration.FromDays(7), first + Duration.FromDays(21)), new(first, last, lab.Beginners), new(first + Duration.FromDays(3), first + Duration.FromDays(30), lab.Others),
            new(first, last, Strand: lab.Town), new(first, last, lab.Beginners, lab.Region), new(last, last + Duration.FromDays(5)),
            new(first, last, Place: ReportLab.Library), new(first, last, lab.Beginners, Place: ReportLab.Library), new(first, last, Place: "nulle part"),
        ];
        foreach (var scope in scopes)
        {
            var report = await host.ReadAsync(db => new ReportQueries(db).ReadAsync(scope, Zone, Cancel));
            raw.Check(report);
        }
        var all = await host.ReadAsync(db => new ReportQueries(db).ReadAsync(scopes[0], Zone, Cancel));
        var library = await host.ReadAsync(db => new ReportQueries(db).ReadAsync(scopes[7], Zone, Cancel));
        Assert.True(library.Sessions.Count > 2 && library.Sessions.Count < all.Sessions.Count && library.Passages.Count > 0);
        Assert.True(all.Passages.Count > 200 && all.Sessions.Count > 10 && all.Machines.Count == 4);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task What_was_done_at_each_site_is_what_its_rows_add_up_to_and_all_sites_are_the_whole(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        await ReportLab.InAsync(host);
        await TwoSitesAsync(host);
        var raw = await RawRows.ReadAsync(host);
        var whole = new ReportScope(ReportLab.First, ReportLab.First + Duration.FromDays(60));
        var all = await host.ReadAsync(db => new ReportQueries(db).ReadAsync(whole, Zone, Cancel));
        raw.Check(all);
        int[] numbers = [LabSite.First, 2, LabSite.Away];
        var parts = new List<Report>();
        foreach (var site in numbers)
        {
            var part = await host.ReadAsync(db => new ReportQueries(db).ReadAsync(whole with { Site = site }, Zone, Cancel));
            raw.Check(part);
            parts.Add(part);
        }

        Assert.All(parts.Zip(numbers), part => Assert.True(part.First.Passages.Count > 10 && part.First.Sessions.Count > 1 && part.First.Machines.Count > 0 == part.Second > 0));
        Assert.Equal(all.Passages.Select(Key).Order(), parts.SelectMany(part => part.Passages).Select(Key).Order());
        Assert.Equal(all.Sessions.Select(s => s.Id.Value).Order(), parts.SelectMany(part => part.Sessions).Select(s => s.Id.Value).Order());
        Assert.Equal(all.Hours, parts.Aggregate(Duration.Zero, (sum, part) => sum + part.Hours));
        Assert.Equal(all.Machines.Sum(k => k.PoweredMs), parts.Sum(part => part.Machines.Sum(k => k.PoweredMs)));
        var given = await host.ReadAsync(db => db.VolunteerHours.Where(h => !h.TakenOut).ToListAsync(Cancel));
        Assert.Equal(
            parts.Zip(numbers, (part, site) => (site, part.Passages.Count, part.Sessions.Count, part.Hours, part.Machines.Sum(k => k.Uses), part.Machines.Sum(k => k.PoweredMs), given.Where(h => h.Site == site).Sum(h => (long)h.Minutes))),
            all.Sites.Select(s => (s.Site, s.Passages, s.Sessions, s.Hours, s.Uses, s.PoweredMs, s.VolunteerMinutes)));
        Assert.True(all.Sites.Count(s => s.VolunteerMinutes > 0) == 2);

        static string Key(Passage passage) => $"{passage.At} {passage.Visit} {passage.Session} {passage.Person}";
    }

    /// <summary>An annexe, where a third of the visits, half of the séances, a machine and half of the volunteers' hours are.</summary>
    private static Task TwoSitesAsync(BookingHost host) => host.Writer.WriteAsync(
        async (write, cancel) =>
        {
            write.Db.LabSites.Add(new LabSite { Number = 2, Name = "L’annexe", Commune = "Vaulx-en-Velin", Version = 1 });
            foreach (var (place, visit) in (await write.Db.Visits.OrderBy(v => v.ArrivedAt).ThenBy(v => v.Id).ToListAsync(cancel)).Index().Where(one => one.Index % 3 == 0))
                write.Db.Entry(visit).Property(v => v.Site).CurrentValue = 2;
            foreach (var (place, session) in (await write.Db.GroupSessions.OrderBy(s => s.Start).ThenBy(s => s.Id).ToListAsync(cancel)).Index().Where(one => one.Index % 2 == 0))
                session.Site = 2;
            foreach (var (place, hours) in (await write.Db.VolunteerHours.OrderBy(h => h.Id).ToListAsync(cancel)).Index().Where(one => one.Index % 2 == 0))
                write.Db.Entry(hours).Property(h => h.Site).CurrentValue = 2;
            var used = await write.Db.Ledger.Select(row => row.MachineId).Distinct().ToListAsync(cancel);
            var moved = used.OrderBy(id => id.Value).First();
            var machine = Machine.From(new Core.Policy.MachineRule { Id = moved, Code = "ANN-1", NameFr = "Annexe", NameEn = "Annexe" });
            machine.Site = 2;
            write.Db.Machines.Add(machine);
        },
        Cancel);

    [Fact]
    public async Task The_page_of_a_lab_with_two_sites_says_what_was_done_at_each_and_each_figure_opens_its_rows()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        await ReportLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));
        // One site is no choice.
        Assert.Null((await PageAsync(manager, $"/reports?{Days}")).QuerySelector("#sites"));
        await TwoSitesAsync(host);

        var page = await PageAsync(manager, $"/reports?{Days}");
        var lines = page.QuerySelectorAll("#sites ~ .card tbody tr").ToList();
        Assert.Equal(3, lines.Count);
        Assert.Equal("L’annexe", lines[1].QuerySelector("th")!.TextContent.Trim());
        Assert.Equal(Number(page.QuerySelector("#figures ~ .card td.num")!.TextContent), lines.Sum(line => Number(line.QuerySelector("td.num")!.TextContent)));
        foreach (var line in lines)
        {
            var cells = line.QuerySelectorAll("td.num").ToList();
            var rows = await PageAsync(manager, cells[0].QuerySelector("a")!.GetAttribute("href")!);
            Assert.Equal(Number(cells[0].TextContent), Number(rows.QuerySelector("main .stack-tight + p")!.TextContent));
            Assert.Equal([cells[1].TextContent.Trim(), cells[2].TextContent.Trim()], [$"{rows.QuerySelectorAll("#sessions ~ .card tbody tr").Length}", rows.QuerySelectorAll("#sessions ~ .card tfoot td.num")[1].TextContent]);
            var own = await PageAsync(manager, line.QuerySelector("th a")!.GetAttribute("href")!);
            Assert.Equal(cells[3].TextContent.Trim(), own.QuerySelectorAll("#machines ~ .card tfoot td.num").Select(cell => cell.TextContent.Trim()).ElementAtOrDefault(1) ?? "0\u00a0s");
            Assert.Null(own.QuerySelector("#sites"));
            if (cells[4].QuerySelector("a") is { } volunteers)
                Assert.Equal(cells[4].TextContent.Trim(), (await PageAsync(manager, volunteers.GetAttribute("href")!)).QuerySelector("#by-kind ~ .card tfoot td.num")?.TextContent.Trim());
        }
        // The file of the annexe has its séances alone, under its name and town; so has the link of a funder.
        string[] file = (await manager.GetStringAsync($"/reports/cra.csv?{Days}&of=site:2", Cancel)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Number(lines[1].QuerySelectorAll("td.num")[1].TextContent), file.Length - 1);
        Assert.All(file.Skip(1), line => Assert.Contains("L’annexe;;Vaulx-en-Velin;", line, StringComparison.Ordinal));
        var made = (await host.Services.GetRequiredService<KeepReportLinks>().MakeAsync(
            new ReportLinkToBe("Ville", new LocalDate(2026, 1, 5), new LocalDate(2026, 2, 20), host.Time.Now.InUtc().Date.PlusDays(10), Site: 2), new Features.StaffActor(PersonId.New(host.Time.Now), Role.Manager), Cancel)).Value;
        using var funder = new HttpClient { BaseAddress = host.Address };
        var read = await PageAsync(funder, made.Path);
        Assert.Contains("L’annexe", read.QuerySelector("h1")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(lines[1].QuerySelectorAll("td.num")[1].TextContent.Trim(), read.QuerySelectorAll("#figures ~ .card td.num").Select(cell => cell.TextContent.Trim()).ElementAt(5));
        Assert.NotNull((await host.Services.GetRequiredService<KeepReportLinks>().MakeAsync(
            new ReportLinkToBe("Ville", new LocalDate(2026, 1, 5), new LocalDate(2026, 2, 20), host.Time.Now.InUtc().Date.PlusDays(10), Site: 7), new Features.StaffActor(PersonId.New(host.Time.Now), Role.Manager), Cancel)).Refusal);
    }

    [Fact]
    public async Task Somebody_who_was_erased_is_not_counted_once_by_the_door_and_once_by_the_sheet()
    {
        await using var host = await BookingHost.StartAsync();
        var at = ReportLab.First + Duration.FromHours(9);
        var id = GroupSessionId.New(at);
        await host.WriteAsync(write =>
        {
            write.Db.GroupSessions.Add(new GroupSession { Id = id, Title = "Lampes", State = GroupSessionState.Locked, Start = at, End = at + Duration.FromHours(2), CreatedAt = at, Version = 1 });
            write.Db.Attendees.Add(new Attendee { Id = AttendeeId.New(at), SessionId = id, Number = 1, Status = AttendanceStatus.Present, Way = AttendanceWay.Door, ArrivedAt = at, AddedAt = at });
            write.Db.Visits.Add(new Visit { Id = VisitId.New(at), PersonId = PersonId.New(at), ArrivedAt = at, LeftAt = at + Duration.FromHours(2), Way = VisitWay.Badge, Version = 1 });
        });

        var passage = Assert.Single((await host.ReadAsync(db => new ReportQueries(db).ReadAsync(new ReportScope(at, at + Duration.FromDays(1)), Zone, Cancel))).Passages);

        Assert.Equal((id, true), (passage.Session!.Value, passage.Person is not null));
    }

    [Fact]
    public async Task The_page_hides_few_people_opens_the_rows_behind_each_figure_and_writes_a_file_without_a_name()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        var lab = await ReportLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));
        using var observer = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Observer));
        foreach (var of in new[] { "", $"&of=programme:{lab.Beginners}", $"&of=strand:{lab.Town}", $"&of=place:{Uri.EscapeDataString(ReportLab.Library)}" })
        {
            var page = await PageAsync(manager, $"/reports?{Days}{of}");
            var links = page.QuerySelectorAll("td.num a[href^='/reports/rows']").Where(a => !a.GetAttribute("href")!.EndsWith("#sessions", StringComparison.Ordinal)).ToList();
            Assert.True(links.Count > 14);
            Assert.Contains(page.QuerySelectorAll("#of option"), option => option.TextContent == ReportLab.Library && option.HasAttribute("selected") == of.Contains("place:", StringComparison.Ordinal));
            var counts = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var link in links)
            {
                var address = link.GetAttribute("href")!;
                var rows = await PageAsync(manager, address);
                var count = Number(rows.QuerySelector("main .stack-tight + p")!.TextContent);
                if (link.TextContent == "caché")
                    Assert.InRange(count, 1, SmallCells.Least - 1);
                else
                    Assert.Equal(Number(link.TextContent), count);
                Assert.Equal(Math.Min(count, RowsSheet.PageSize), rows.QuerySelectorAll("#passages tbody tr, #people tbody tr").Length);
                counts[address] = count;
            }
            // Each table is a split of the same passages.
            var all = counts[links[0].GetAttribute("href")!];
            foreach (var table in page.QuerySelectorAll("section").Where(section => section.QuerySelector("h2")!.Id is "bands" or "genders" or "occupations" or "areas" or "reasons"))
                Assert.Equal(all, table.QuerySelectorAll("td.num a").Sum(a => counts[a.GetAttribute("href")!]));

            // Hours and séances are the sums of the table they lead to; those of a programme too.
            var held = page.QuerySelectorAll("a[href$='#sessions']").ToList();
            Assert.True(held.Count >= 2 + 3);
            foreach (var link in held)
            {
                var rows = await PageAsync(manager, link.GetAttribute("href")!);
                var sums = rows.QuerySelectorAll("#sessions ~ .card tfoot td.num").Select(cell => cell.TextContent).ToList();
                var people = rows.QuerySelector("#sessions ~ p")!.TextContent.Split(',');
                var said = link.TextContent.Split(" sur ")[0];
                string[] same = [sums[1], sums[2], Digits(people[0]), Digits(people[1]), .. Hours(sums[1])];
                Assert.True(same.Contains(said) || said == "caché", $"{link.GetAttribute("aria-label")}: {string.Join(" | ", same)}");
                Assert.Equal(Digits(people[0]), $"{rows.QuerySelectorAll("#sessions ~ .card tbody tr").Length}");
            }

            // Machine time is the sum of its rows, what was taken back among them.
            var uses = page.QuerySelectorAll("#machines ~ .card tbody tr").ToList();
            Assert.NotEmpty(uses);
            foreach (var kind in uses)
            {
                var rows = await PageAsync(manager, kind.QuerySelector("a")!.GetAttribute("href")!);
                Assert.Equal(kind.QuerySelectorAll("td.num").Select(cell => cell.TextContent.Trim()), rows.QuerySelectorAll("#uses tfoot td.num").Select(cell => cell.TextContent.Trim()));
            }
        }
        var volunteers = await PageAsync(manager, $"/reports?{Days}");
        var given = await PageAsync(manager, volunteers.QuerySelector("#volunteering ~ .card tfoot a")!.GetAttribute("href")!);
        Assert.Equal(volunteers.QuerySelector("#volunteering ~ .card tfoot a")!.TextContent, given.QuerySelector("#by-kind ~ .card tfoot td.num")!.TextContent);
        Assert.Equal(4, given.QuerySelectorAll("#hours-rows tbody tr").Length);

        var outside = await PageAsync(observer, $"/reports?{Days}&of=strand:{lab.Town}");
        Assert.Empty(outside.QuerySelectorAll("a[href^='/reports/rows'], a[href^='/reports/cra'], option[value^='strand']"));
        Assert.DoesNotContain(ReportLab.Name, outside.DocumentElement.OuterHtml, StringComparison.Ordinal);
        foreach (var path in new[] { "/reports/rows", "/reports/uses", "/reports/links", "/reports/cra.csv" })
        {
            using var refused = await observer.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        var file = await manager.GetStringAsync($"/reports/cra.csv?{Days}", Cancel);
        string[] lines = file.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Date;Type;Participants;Nom du lieu;Adresse;Commune;Code postal;Code Insee;Durée (min);Nom de l’atelier;Matériel;Thématique(s);Tags;Niveau;Bénéficiaire réorienté;Structure de redirection;Commune du bénéficiaire;Genre;Tranche d’âge;Statut du bénéficiaire;Quartier prioritaire", lines[0]);
        var raw = await RawRows.ReadAsync(host);
        Assert.Equal(raw.HeadsOf(s => s.Start < ReportLab.First + Duration.FromDays(45)), lines.Skip(1).Sum(line => int.Parse(line.Split(';')[2], CultureInfo.InvariantCulture)));
        foreach (var (column, said) in new[] { (^1, "Oui"), (^4, "Féminin") })
        {
            var counted = lines.Skip(1).Sum(line => System.Text.RegularExpressions.Regex.Match(Cells(line)[column], $"{said} : ([0-9]+)") is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
            Assert.Equal(said == "Oui" ? raw.HeadsWith(s => s.Start < ReportLab.First + Duration.FromDays(45), PriorityArea.Yes) : raw.HeadsWith(s => s.Start < ReportLab.First + Duration.FromDays(45), Gender.Female), counted);
        }
        Assert.Contains("\"Lampes; et \"\"reste\"\"\"", file, StringComparison.Ordinal);
        Assert.DoesNotContain(ReportLab.Name, file, StringComparison.Ordinal);
    }

    private static async Task<IHtmlDocument> PageAsync(HttpClient browser, string path) =>
        await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync(path, Cancel), Cancel);

    private static int Number(string text) => int.Parse(Digits(text), CultureInfo.InvariantCulture);

    private static string Digits(string text) => string.Concat(text.Where(char.IsAsciiDigit));

    /// <summary>The whole hours of a length of time, as the line of a programme says them: rounded.</summary>
    private static string[] Hours(string exact)
    {
        string[] parts = exact.Split(['\u00a0', '\u202f', ' '], StringSplitOptions.RemoveEmptyEntries);
        var (hours, minutes) = parts.Contains("h") ? (int.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture)) : (0, parts.Contains("min") ? double.Parse(parts[0], CultureInfo.InvariantCulture) : 0);
        return [$"{hours + (minutes >= 30 ? 1 : 0)}"];
    }

    /// <summary>The cells of a line of the file; titles hold the separator.</summary>
    private static string[] Cells(string line) => line.Replace("\"Lampes; et \"\"reste\"\"\"", "Lampes", StringComparison.Ordinal).Split(';');

    /// <summary>The rows as they lie in the tables, and the sums made of them in another way than the report's.</summary>
    private sealed record RawRows(
        List<Visit> Visits, List<GroupSession> Sessions, List<Attendee> Lines, List<AttendanceCount> Counts, List<SessionStrand> Strands, List<MachineTimeEntry> Ledger,
        Dictionary<PersonId, LocalDate> Births, Dictionary<ProjectId, string> Kinds, Dictionary<PersonId, PersonDetails> Details, Dictionary<MachineId, int> Standing)
    {
        public static Task<RawRows> ReadAsync(BookingHost host) => host.ReadAsync(async db => new RawRows(
            await db.Visits.Where(v => !v.TakenOut).ToListAsync(Cancel),
            (await db.GroupSessions.ToListAsync(Cancel)).Where(s => s.State is GroupSessionState.Open or GroupSessionState.Done or GroupSessionState.Locked).ToList(),
            await db.Attendees.Where(a => a.Status == AttendanceStatus.Present).ToListAsync(Cancel), await db.AttendanceCounts.ToListAsync(Cancel), await db.SessionStrands.ToListAsync(Cancel), await db.Ledger.ToListAsync(Cancel),
            (await db.People.Where(p => p.BirthDate != null).ToListAsync(Cancel)).ToDictionary<Person, PersonId, LocalDate>(p => p.Id, p => p.BirthDate!.Value), (await db.Projects.ToListAsync(Cancel)).ToDictionary<Project, ProjectId, string>(p => p.Id, p => p.Type),
            (await db.PersonDetails.ToListAsync(Cancel)).ToDictionary<PersonDetails, PersonId>(d => d.PersonId),
            await db.Machines.ToDictionaryAsync(m => m.Id, m => m.Site, Cancel)));

        private static int SiteOf(GroupSession session) => session.PlaceKind == PlaceKind.Lab ? session.Site : LabSite.Away;

        public int HeadsOf(Func<GroupSession, bool> which) => Sessions.Where(which).Sum(s => Lines.Count(a => a.SessionId == s.Id) + Counts.Where(c => c.SessionId == s.Id).Sum(c => c.Number));

        public int HeadsWith(Func<GroupSession, bool> which, Gender gender) =>
            Sessions.Where(which).Sum(s => Lines.Count(a => a.SessionId == s.Id && GenderOf(a) == gender) + Counts.Where(c => c.SessionId == s.Id && c.Gender == gender).Sum(c => c.Number));

        public int HeadsWith(Func<GroupSession, bool> which, PriorityArea area) => Sessions.Where(which).Sum(s => Lines.Count(a => a.SessionId == s.Id && AreaOf(a) == area));

        // What a line says counts; where it says nothing, what the person said of themselves.
        private Gender GenderOf(Attendee a) => a.Gender != Gender.NotSaid ? a.Gender : Said(a.PersonId)?.Gender ?? Gender.NotSaid;

        private Occupation OccupationOf(Attendee a) => a.Occupation != Occupation.NotSaid ? a.Occupation : Said(a.PersonId)?.Occupation ?? Occupation.NotSaid;

        private PriorityArea AreaOf(Attendee a) => a.PriorityArea != PriorityArea.NotSaid ? a.PriorityArea : Said(a.PersonId)?.PriorityArea ?? PriorityArea.NotSaid;

        private PersonDetails? Said(PersonId? person) => person is { } known ? Details.GetValueOrDefault(known) : null;

        public void Check(Report report)
        {
            var scope = report.Scope;
            // Which coming is which is told apart over all sites; what is added up is what was at the one.
            bool Here(int site) => scope.Site is null || scope.Site == site;
            var everywhere = Sessions.Where(s => s.Start >= scope.From && s.Start < scope.Until && (scope.Programme is null || s.ProgrammeId == scope.Programme)
                && (scope.Strand is null || Strands.Any(p => p.SessionId == s.Id && p.StrandId == scope.Strand))
                && (scope.Place is null || (s.PlaceKind == PlaceKind.Elsewhere && s.Place == scope.Place))).ToList();
            var sessions = everywhere.Where(s => Here(SiteOf(s))).ToList();
            var anywhere = Lines.Where(a => everywhere.Any(s => s.Id == a.SessionId)).ToList();
            var there = Lines.Where(a => sessions.Any(s => s.Id == a.SessionId)).ToList();
            var counts = Counts.Where(c => sessions.Any(s => s.Id == c.SessionId)).ToList();
            var counted = counts.Sum(c => c.Number);

            // Who is on a sheet came once; a visit comes to that only where no line of a sheet is about the same coming.
            var named = there.Where(a => a.PersonId is not null).ToList();
            bool OnASheet(Visit v) => anywhere.Any(a => a.PersonId == v.PersonId && Same(v, a));
            var inTime = Visits.Where(v => v.ArrivedAt >= scope.From && v.ArrivedAt < scope.Until).ToList();
            var alone = (scope.Narrowed ? Visits.Where(v => sessions.Any(s => s.Id.Value == v.GroupSessionId)) : inTime).Where(v => v.PersonId is not null && !OnASheet(v) && Here(v.Site)).ToList();
            var merged = Visits.Where(v => named.Any(a => a.PersonId == v.PersonId && Same(v, a))).ToList();
            var paired = new List<Visit>();
            var nameless = new List<Visit>();
            foreach (var group in Visits.Where(v => v.PersonId is null && v.GroupSessionId is not null).GroupBy(v => v.GroupSessionId!.Value))
            {
                var held = everywhere.SingleOrDefault(s => s.Id.Value == group.Key);
                var unnamed = held is null ? 0 : anywhere.Count(a => a.PersonId is null && a.SessionId == held.Id) + Counts.Where(c => c.SessionId == held.Id).Sum(c => c.Number);
                var ordered = group.OrderBy(v => v.ArrivedAt).ThenBy(v => v.Id.Value.ToString("N"), StringComparer.Ordinal).ToList();
                paired.AddRange(held is not null && Here(SiteOf(held)) ? ordered.Take(unnamed) : []);
                if (scope.Narrowed ? sessions.Any(s => s.Id.Value == group.Key) : inTime.Contains(group.First()))
                    nameless.AddRange(ordered.Skip(unnamed).Where(v => Here(v.Site)));
            }
            if (!scope.Narrowed)
                nameless.AddRange(inTime.Where(v => v.PersonId is null && v.GroupSessionId is null && Here(v.Site)));

            Assert.Equal(there.Count + counted + alone.Count + nameless.Count, report.Passages.Count);
            Assert.Equal(named.Select(a => a.PersonId).Concat(alone.Select(v => v.PersonId)).Distinct().Count(), report.People);
            Assert.Equal(there.Count - named.Count + counted + nameless.Count, report.WithoutName);
            var visits = alone.Concat(merged).Concat(paired).Concat(nameless).ToList();
            Assert.Equal(visits.Count(v => v.First), report.Passages.Count(p => p.First));
            foreach (var reason in new[] { "machine", "visit" })
                Assert.Equal(visits.Count(v => v.Reason == reason), report.Passages.Count(p => p.Reason == reason));
            foreach (var gender in Enum.GetValues<Gender>())
            {
                var unsaid = gender == Gender.NotSaid ? nameless.Count : 0;
                Assert.Equal(
                    there.Count(a => GenderOf(a) == gender) + counts.Where(c => c.Gender == gender).Sum(c => c.Number) + alone.Count(v => (Said(v.PersonId)?.Gender ?? Gender.NotSaid) == gender) + unsaid,
                    report.Passages.Count(p => p.Gender == gender));
            }
            foreach (var occupation in Enum.GetValues<Occupation>())
            {
                var unsaid = occupation == Occupation.NotSaid ? nameless.Count : 0;
                Assert.Equal(
                    there.Count(a => OccupationOf(a) == occupation) + counts.Where(c => c.Occupation == occupation).Sum(c => c.Number)
                        + alone.Count(v => (Said(v.PersonId)?.Occupation ?? Occupation.NotSaid) == occupation) + unsaid,
                    report.Passages.Count(p => p.Occupation == occupation));
            }
            foreach (var area in Enum.GetValues<PriorityArea>())
            {
                var unsaid = area == PriorityArea.NotSaid ? nameless.Count + counted : 0;
                Assert.Equal(
                    there.Count(a => AreaOf(a) == area) + alone.Count(v => (Said(v.PersonId)?.PriorityArea ?? PriorityArea.NotSaid) == area) + unsaid, report.Passages.Count(p => p.Area == area));
            }
            // A number of the sheet that said nothing takes what its visit said: the first line the first visit, and so on.
            var bands = new List<AgeBand>();
            foreach (var session in sessions)
            {
                var unnamed = there.Where(a => a.PersonId is null && a.SessionId == session.Id).OrderBy(a => a.Number).Select(a => a.Band ?? AgeBand.NotSaid).ToList();
                foreach (var count in counts.Where(c => c.SessionId == session.Id).OrderBy(c => c.Band).ThenBy(c => c.Gender).ThenBy(c => c.Occupation))
                    unnamed.AddRange(Enumerable.Repeat(count.Band, count.Number));
                var doors = paired.Where(v => v.GroupSessionId == session.Id.Value).ToList();
                for (var place = 0; place < unnamed.Count; place++)
                    bands.Add(unnamed[place] != AgeBand.NotSaid || place >= doors.Count ? unnamed[place] : doors[place].AgeBand ?? AgeBand.NotSaid);
            }
            bands.AddRange(named.Select(a => a.Band ?? Aged(a.PersonId!.Value, a.ArrivedAt!.Value) ?? AgeBand.NotSaid));
            bands.AddRange(alone.Select(v => Aged(v.PersonId!.Value, v.ArrivedAt) ?? AgeBand.NotSaid));
            bands.AddRange(nameless.Select(v => v.AgeBand ?? AgeBand.NotSaid));
            foreach (var band in Enum.GetValues<AgeBand>())
                Assert.Equal(bands.Count(one => one == band), report.Passages.Count(p => p.Band == band));

            Assert.Equal(sessions.Count, report.Sessions.Count);
            Assert.Equal(there.Count + counted, report.Sessions.Sum(s => s.Heads));
            Assert.Equal(there.Sum(a => Stay(a, sessions.Single(s => s.Id == a.SessionId))), report.Hours.TotalMilliseconds, 3);
            Assert.Equal(counts.Sum(c => c.Number * Length(sessions.Single(s => s.Id == c.SessionId))), report.CountedHours.TotalMilliseconds, 3);
            foreach (var programme in report.Programmes)
            {
                var own = sessions.Where(s => s.ProgrammeId == programme.Programme.Id).Select(s => s.Id).ToHashSet();
                Assert.Equal(own.Count, programme.Sessions);
                Assert.Equal(there.Where(a => own.Contains(a.SessionId)).Sum(a => Stay(a, sessions.Single(s => s.Id == a.SessionId))), programme.Hours.TotalMilliseconds, 3);
                Assert.Equal(
                    named.Where(a => own.Contains(a.SessionId)).Select(a => a.PersonId).Distinct().Count() + there.Count(a => a.PersonId is null && own.Contains(a.SessionId)) + counts.Where(c => own.Contains(c.SessionId)).Sum(c => c.Number),
                    programme.People);
            }

            var rows = Ledger.Where(r => scope.Narrowed
                ? named.Any(a => a.PersonId == r.PersonId && sessions.Single(s => s.Id == a.SessionId) is var s
                    && r.Start >= Instant.Min(s.OpenedAt!.Value, s.Start) && (s.ClosedAt is null || r.Start < Instant.Max(s.ClosedAt.Value, s.End)))
                : r.Start >= scope.From && r.Start < scope.Until && Here(Standing.GetValueOrDefault(r.MachineId, LabSite.First))).ToList();
            foreach (var group in rows.GroupBy(r => r.ProjectId is { } project ? Kinds[project] : null))
            {
                var kind = report.Machines.SingleOrDefault(k => k.Kind == group.Key) ?? new KindOfUse(group.Key, 0, 0, 0);
                Assert.Equal((group.Sum(r => r.PoweredMs), group.Sum(r => r.WorkingMs)), (kind.PoweredMs, kind.WorkingMs));
            }
            Assert.Equal(rows.Sum(r => r.PoweredMs), report.Machines.Sum(k => k.PoweredMs));
            Assert.Equal(rows.Count(r => r is { Kind: LedgerKind.Recorded, SessionId: not null }) - rows.Count(r => r is { Kind: LedgerKind.Reversal, SessionId: not null }), report.Machines.Sum(k => k.Uses));
        }

        private bool Same(Visit visit, Attendee line)
        {
            var session = Sessions.Single(s => s.Id == line.SessionId);
            return visit.GroupSessionId == session.Id.Value
                || (visit.ArrivedAt <= (line.LeftAt ?? session.ClosedAt ?? session.End) && (visit.LeftAt is null || visit.LeftAt >= line.ArrivedAt));
        }

        private AgeBand? Aged(PersonId person, Instant at)
        {
            if (!Births.TryGetValue(person, out var birth))
                return null;
            var day = at.InZone(Zone).Date;
            var age = day.Year - birth.Year - (birth.PlusYears(day.Year - birth.Year) > day ? 1 : 0);
            return age < 12 ? AgeBand.Under12 : age < 18 ? AgeBand.From12To17 : AgeBand.From18To24;
        }

        private static double Length(GroupSession session) => ((session.ClosedAt is { } closed && closed > session.Start ? closed : session.End) - session.Start).TotalMilliseconds;

        private static double Stay(Attendee line, GroupSession session) =>
            line.ArrivedAt is { } came ? Math.Max(0, ((line.LeftAt ?? session.ClosedAt ?? session.End) - came).TotalMilliseconds) : 0;
    }
}
