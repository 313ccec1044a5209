using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits.Pages;
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
        routes.Pages(Right.KeepProgrammes).MapGet("/reports/cra.csv", FileAsync);
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, BookingDbContext db, ReportQueries reports, DeskQueries desk, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ReportFilter filter = Read(http, frame.Viewer, text);
        var programmes = (await db.Programmes.OrderBy(p => p.Closed).ThenBy(p => p.NameFr).Select(p => new { p.Id, p.NameFr, p.NameEn }).ToListAsync(cancellationToken))
            .Select(p => ((filter with { Programme = p.Id, Strand = null }).Of, text.Pick(p.NameFr, p.NameEn.Length > 0 ? p.NameEn : p.NameFr))).ToList();
        // Who pays for what is not for those who look from outside.
        var strands = !frame.Viewer.Has(Right.KeepProgrammes) ? [] : (await db.FunderStrands.OrderBy(s => s.Code).Select(s => new { s.Id, s.Name, s.Code }).ToListAsync(cancellationToken))
            .Select(s => ((filter with { Programme = null, Strand = s.Id }).Of, $"{s.Name} ({s.Code})")).ToList();
        var sheet = new ReportSheet(
            filter, programmes.Concat(strands).Where(choice => choice.Item1 == filter.Of).Select(choice => choice.Item2).FirstOrDefault(), programmes, strands,
            frame.Viewer.Has(Right.KeepDoor), frame.Viewer.Has(Right.KeepProgrammes), 0, 0, 0, 0, 0, 0, Duration.Zero, Duration.Zero, [], [], []);
        return Web.Pages.Show<ReportPage>((nameof(ReportPage.Sheet), ReportSheet.Of(
            await reports.ReadAsync(filter.Scope(text.Zone), text.Zone, cancellationToken), sheet, await desk.ReasonsAsync(cancellationToken), !frame.Viewer.HasAll(Right.SeePeople), text)));
    }

    private static async Task<IResult> RowsAsync(
        HttpContext http, BookingDbContext db, ReportQueries reports, DeskQueries desk, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ReportFilter filter = Read(http, frame.Viewer, text);
        RowChoice choice = RowChoice.Read(http.Request.Query);
        Report report = await reports.ReadAsync(filter.Scope(text.Zone), text.Zone, cancellationToken);
        List<Passage> rows = [.. report.Passages.Where(choice.Takes)];
        List<Passage> shown = [.. rows.Skip((choice.Page - 1) * RowsSheet.PageSize).Take(RowsSheet.PageSize)];
        List<PersonId> ids = [.. shown.Select(p => p.Person).OfType<PersonId>().Where(frame.Viewer.MaySee).Distinct()];
        var names = await db.People.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
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
            choice == new RowChoice() ? report.Sessions : [])));
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
