using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>The ledger with its totals, and the form that corrects a row.</summary>
internal static class LedgerPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Pages(Right.SeeFigures).MapGet("/ledger", PageAsync);
        routes.Pages(Right.SeeFigures).MapGet("/ledger.csv", FileAsync);
        CorrectionPages.Map(routes.Pages(Right.CorrectLedger));
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, BookingDbContext db, LedgerQueries ledger, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        LedgerFilter filter = LedgerFilter.Read(http.Request.Query);
        if (filter.By is { } asked && !Groups(frame.Viewer).Contains(asked))
            filter = filter with { By = null };
        IReadOnlyList<LedgerLine> lines = await ledger.PageAsync(frame.Viewer, filter, text.Zone, cancellationToken);
        string? person = filter.Person is { } id && frame.Viewer.MaySee(id)
            ? await db.People.Where(p => p.Id == id).Select(p => p.DisplayName ?? p.ShortCode).SingleOrDefaultAsync(cancellationToken)
            : null;
        var machines = await db.Machines.Where(m => m.Kind == ResourceKind.Machine).OrderBy(m => m.Code).Select(m => new { m.Id, m.Code, m.NameFr, m.NameEn }).ToListAsync(cancellationToken);
        return Web.Pages.Show<LedgerPage>((nameof(LedgerPage.Sheet), new LedgerSheet(
            filter,
            await ledger.TotalsAsync(filter, text.Zone, cancellationToken),
            await ledger.BookedAsync(filter, text.Zone, text.Now, cancellationToken),
            filter.By is { } by ? await ledger.BesideAsync(filter, by, text, cancellationToken) : [],
            Groups(frame.Viewer),
            [.. lines.Take(LedgerQueries.PageSize)],
            lines.Count > LedgerQueries.PageSize,
            [.. machines.Select(m => (m.Id, $"{m.Code} · {text.Pick(m.NameFr, m.NameEn)}"))],
            !frame.Viewer.HasAll(Right.SeePeople) ? [] : [.. (await db.Projects.OrderBy(p => p.Name).Select(p => new { p.Id, p.Name }).ToListAsync(cancellationToken)).Select(p => (p.Id, p.Name))],
            person)));
    }

    private static async Task<IResult> FileAsync(HttpContext http, LedgerQueries ledger, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        LedgerFilter filter = LedgerFilter.Read(http.Request.Query);
        LedgerGroup by = filter.By is { } asked && Groups(frame.Viewer).Contains(asked) ? asked : LedgerGroup.Machine;
        (Phrase first, Phrase none) = by switch
        {
            LedgerGroup.Person => (LedgerText.Person, LedgerText.Nobody),
            LedgerGroup.Project => (LedgerText.Project, LedgerText.NoProject),
            _ => (LedgerText.Machine, LedgerText.Nobody),
        };
        return Results.File(
            TimeBesideFile.Write(await ledger.BesideAsync(filter, by, text, cancellationToken), text, first, none),
            "text/csv; charset=utf-8", $"{by.ToString().ToLowerInvariant()}.csv");
    }

    /// <summary>Names of people and projects are for those who may see people.</summary>
    private static IReadOnlyList<LedgerGroup> Groups(Viewer viewer) =>
        viewer.HasAll(Right.SeePeople) ? [LedgerGroup.Person, LedgerGroup.Project, LedgerGroup.Machine] : [LedgerGroup.Machine];
}
