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
        CorrectionPages.Map(routes.Pages(Right.CorrectLedger));
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, BookingDbContext db, LedgerQueries ledger, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        LedgerFilter filter = LedgerFilter.Read(http.Request.Query);
        IReadOnlyList<LedgerLine> lines = await ledger.PageAsync(frame.Viewer, filter, text.Zone, cancellationToken);
        string? person = filter.Person is { } id && frame.Viewer.MaySee(id)
            ? await db.People.Where(p => p.Id == id).Select(p => p.DisplayName ?? p.ShortCode).SingleOrDefaultAsync(cancellationToken)
            : null;
        var machines = await db.Machines.Where(m => m.Kind == ResourceKind.Machine).OrderBy(m => m.Code).Select(m => new { m.Id, m.Code, m.NameFr, m.NameEn }).ToListAsync(cancellationToken);
        return Web.Pages.Show<LedgerPage>((nameof(LedgerPage.Sheet), new LedgerSheet(
            filter,
            await ledger.TotalsAsync(filter, text.Zone, cancellationToken),
            [.. lines.Take(LedgerQueries.PageSize)],
            lines.Count > LedgerQueries.PageSize,
            [.. machines.Select(m => (m.Id, $"{m.Code} · {text.Pick(m.NameFr, m.NameEn)}"))],
            !frame.Viewer.HasAll(Right.SeePeople) ? [] : [.. (await db.Projects.OrderBy(p => p.Name).Select(p => new { p.Id, p.Name }).ToListAsync(cancellationToken)).Select(p => (p.Id, p.Name))],
            person)));
    }
}
