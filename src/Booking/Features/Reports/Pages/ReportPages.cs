using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Features.Visits.Pages;
using FabLab.Booking.Features.Volunteering.Pages;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reports.Pages;

/// <summary>The report, the rows behind its figures, and the file of the séances.</summary>
internal static class ReportPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Pages(Right.SeeFigures).MapGet("/reports", PageAsync);
        routes.Pages(Right.KeepDoor).MapGet("/reports/rows", RowsAsync);
        routes.Pages(Right.KeepDoor).MapGet("/reports/uses", UsesAsync);
        routes.Pages(Right.KeepProgrammes).MapGet("/reports/cra.csv", FileAsync);
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, BookingDbContext db, ReportQueries reports, DeskQueries desk, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ReportFilter filter = Read(http, frame.Viewer, text);
        var programmes = (await db.Programmes.OrderBy(p => p.Closed).ThenBy(p => p.NameFr).Select(p => new { p.Id, p.NameFr, p.NameEn }).ToListAsync(cancellationToken))
            .Select(p => ((filter with { Programme = p.Id, Strand = null, Place = null, Site = null }).Of, text.Pick(p.NameFr, p.NameEn))).ToList();
        // Who pays for what is not for those who look from outside.
        var strands = !frame.Viewer.Has(Right.KeepProgrammes) ? [] : (await db.FunderStrands.OrderBy(s => s.Code).Select(s => new { s.Id, s.Name, s.Code }).ToListAsync(cancellationToken))
            .Select(s => ((filter with { Programme = null, Strand = s.Id, Place = null, Site = null }).Of, $"{s.Name} ({s.Code})")).ToList();
        var places = (await db.GroupSessions.Where(s => s.PlaceKind == PlaceKind.Elsewhere && s.Place != "").Select(s => s.Place).Distinct().OrderBy(name => name).ToListAsync(cancellationToken))
            .Select(name => ((filter with { Programme = null, Strand = null, Place = name, Site = null }).Of, name)).ToList();
        var known = await db.NamedSitesAsync(cancellationToken);
        var sites = known.Count < 2 ? [] : known.Select(s => (s.Number, s.Name)).Append((Number: LabSite.Away, Name: text[ReportText.Away]))
            .Select(s => ((filter with { Programme = null, Strand = null, Place = null, Site = s.Number }).Of, s.Name)).ToList();
        var sheet = ReportSheet.Frame(
            filter, programmes.Concat(strands).Concat(places).Concat(sites).Where(choice => choice.Item1 == filter.Of).Select(choice => choice.Item2).FirstOrDefault(), frame.Viewer.Has(Right.KeepDoor), frame.Viewer.Has(Right.KeepProgrammes)) with
        {
            Programmes = programmes,
            Strands = strands,
            Places = places,
            Sites = sites,
        };
        return Web.Pages.Show<ReportPage>((nameof(ReportPage.Sheet), await FillAsync(sheet, !frame.Viewer.HasAll(Right.SeePeople), db, reports, desk, text, cancellationToken)));
    }

    /// <summary>Adds up what the frame of a report asks for.</summary>
    internal static async Task<ReportSheet> FillAsync(
        ReportSheet frame, bool secondary, BookingDbContext db, ReportQueries reports, DeskQueries desk, PageText text, CancellationToken cancellationToken)
    {
        Report report = await reports.ReadAsync(frame.Filter.Scope(text.Zone), text.Zone, cancellationToken);
        var names = report.Sites.Count == 0 ? [] : (await db.NamedSitesAsync(cancellationToken)).ToDictionary(s => s.Number, s => s.Name);
        return ReportSheet.Of(report, frame with { SiteNames = names }, await desk.ReasonsAsync(cancellationToken), secondary, text) with
        {
            Volunteering = report.Scope.Narrowed ? [] : await VolunteeringQueries.SumsAsync(db, frame.Filter.From, frame.Filter.Through, frame.Filter.Site, cancellationToken),
        };
    }

    private static async Task<IResult> RowsAsync(
        HttpContext http, BookingDbContext db, ReportQueries reports, DeskQueries desk, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ReportFilter filter = Read(http, frame.Viewer, text);
        RowChoice choice = RowChoice.Read(http.Request.Query);
        Report report = await reports.ReadAsync(filter.Scope(text.Zone), text.Zone, cancellationToken);
        List<HeldSession> held = choice == new RowChoice() ? [.. report.Sessions] : choice.Programme is { } programme ? [.. report.Sessions.Where(s => s.Programme == programme)] : [];
        HashSet<GroupSessionId>? ofProgramme = choice.Programme is null ? null : [.. held.Select(s => s.Id)];
        List<Passage> rows = [.. report.Passages.Where(choice.Takes).Where(p => ofProgramme is null || (p.Session is { } of && ofProgramme.Contains(of))).OrderBy(p => p.At)];
        if (choice.People)
            return await PeopleAsync(filter, choice, rows, db, frame, cancellationToken);
        List<Passage> shown = [.. rows.Skip((choice.Page - 1) * RowsSheet.PageSize).Take(RowsSheet.PageSize)];
        var names = await NamesAsync(shown.Select(p => p.Person), db, frame, cancellationToken);
        List<GroupSessionId> sessions = [.. shown.Select(p => p.Session).OfType<GroupSessionId>().Distinct()];
        var titles = await db.GroupSessions.Where(s => sessions.Contains(s.Id)).Select(s => new { s.Id, s.Title }).ToDictionaryAsync(s => s.Id, s => s.Title, cancellationToken);
        var reasons = await desk.ReasonsAsync(cancellationToken);
        return Web.Pages.Show<RowsPage>((nameof(RowsPage.Sheet), new RowsSheet(
            filter, choice, rows.Count,
            [
                .. shown.Select(p => new PassageLine(
                    p, p.Person is { } person ? names.GetValueOrDefault(person) : null, p.Session is { } session ? titles.GetValueOrDefault(session) : null,
                    reasons.FirstOrDefault(r => r.Code == p.Reason) is { } reason ? text.Pick(reason.NameFr, reason.NameEn) : p.Reason ?? "")),
            ],
            held)));
    }

    /// <summary>The people behind a figure, by name, and then those whose name is no longer kept.</summary>
    private static async Task<IResult> PeopleAsync(ReportFilter filter, RowChoice choice, List<Passage> rows, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken)
    {
        var comings = rows.CountBy(p => p.Person!.Value).ToList();
        var names = await NamesAsync(comings.Select(line => (PersonId?)line.Key), db, frame, cancellationToken);
        return Web.Pages.Show<RowsPage>((nameof(RowsPage.Sheet), new RowsSheet(filter, choice, comings.Count, [], [])
        {
            People =
            [
                .. comings.Select(line => new ComerLine(line.Key, names.GetValueOrDefault(line.Key), line.Value))
                    .OrderBy(line => line.Name is null).ThenBy(line => line.Name, StringComparer.CurrentCulture).ThenBy(line => line.Person.Value)
                    .Skip((choice.Page - 1) * RowsSheet.PageSize).Take(RowsSheet.PageSize),
            ],
        }));
    }

    /// <summary>The rows of machine time behind the figures of one kind of project.</summary>
    private static async Task<IResult> UsesAsync(HttpContext http, BookingDbContext db, ReportQueries reports, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ReportFilter filter = Read(http, frame.Viewer, text);
        string? kind = UseChoice.Read(http.Request.Query["kind"]);
        int page = RowChoice.Read(http.Request.Query).Page;
        var rows = await reports.UsesAsync(filter.Scope(text.Zone), kind, text.Zone, cancellationToken);
        List<UseRow> shown = [.. rows.Skip((page - 1) * RowsSheet.PageSize).Take(RowsSheet.PageSize)];
        var names = await NamesAsync(shown.Select(row => row.Person), db, frame, cancellationToken);
        var machines = await db.Machines.Select(m => new { m.Id, m.Code }).ToDictionaryAsync(m => m.Id, m => m.Code, cancellationToken);
        List<ProjectId> projects = [.. shown.Select(row => row.Project).OfType<ProjectId>().Distinct()];
        var called = await db.Projects.Where(p => projects.Contains(p.Id)).Select(p => new { p.Id, p.Name }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return Web.Pages.Show<UsesPage>((nameof(UsesPage.Sheet), new UsesSheet(
            filter, UseChoice.Of(kind), UseChoice.Word(kind, text), page, rows.Count, rows.Sum(row => row.Uses), rows.Sum(row => row.PoweredMs), rows.Sum(row => row.WorkingMs),
            [
                .. shown.Select(row => new UseLine(
                    row, machines.GetValueOrDefault(row.Machine) ?? "", row.Person is { } person ? names.GetValueOrDefault(person) : null, row.Project is { } project ? called.GetValueOrDefault(project) : null)),
            ])));
    }

    private static async Task<Dictionary<PersonId, string>> NamesAsync(IEnumerable<PersonId?> people, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken)
    {
        List<PersonId> ids = [.. people.OfType<PersonId>().Where(frame.Viewer.MaySee).Distinct()];
        return await db.People.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
    }

    private static async Task<IResult> FileAsync(HttpContext http, BookingDbContext db, ReportQueries reports, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ReportFilter filter = Read(http, frame.Viewer, text);
        return Results.File(
            await CraFile.WriteAsync(db, reports, filter.Scope(text.Zone), text.Zone, frame.PlaceName, cancellationToken), "text/csv; charset=utf-8",
            $"cra-{LocalDatePattern.Iso.Format(filter.From)}-{LocalDatePattern.Iso.Format(filter.Through)}.csv");
    }

    private static ReportFilter Read(HttpContext http, Viewer viewer, PageText text)
    {
        ReportFilter filter = ReportFilter.Read(http.Request.Query, LocalClock.DateOf(text.Now, text.Zone));
        return viewer.Has(Right.KeepProgrammes) ? filter : filter with { Strand = null };
    }
}
