using FabLab.Booking.Data;
using FabLab.Booking.Features.Calendar;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Features.Visits.Pages;
using FabLab.Booking.Web;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reports.Pages;

/// <summary>A link in the list of them.</summary>
public sealed record LinkLine(ReportLink Link, string? Narrowed);

/// <summary>The links there are, and the form for one more of the report that is asked for.</summary>
public sealed record LinksSheet(
    ReportFilter Filter, string? Narrowed, IReadOnlyList<LinkLine> Links, string ForWhom, string Until, string? Made = null, Phrase? ForWhomError = null, Phrase? UntilError = null);

/// <summary>Where links to reports are made and stopped, and what whoever has one reads.</summary>
internal static class LinkPages
{
    private const string Address = "/reports/links";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keeping = routes.Pages(Right.KeepProgrammes);
        keeping.MapGet(Address, async (HttpContext http, BookingDbContext db, PageText text, CancellationToken cancellationToken) =>
            Show(200, await SheetAsync(ReportFilter.Read(http.Request.Query, Today(text)) with { Place = null }, db, text, cancellationToken)));
        keeping.MapPost(Address, MakeAsync);
        keeping.MapPost($"{Address}/revoke", (HttpContext http, [FromForm] Guid? link, KeepReportLinks handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            SetAsync(link, true, http, handler, notes, frame, cancellationToken));
        keeping.MapPost($"{Address}/restore", (HttpContext http, [FromForm] Guid? link, KeepReportLinks handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            SetAsync(link, false, http, handler, notes, frame, cancellationToken));
        routes.Pages().MapGet(KeepReportLinks.Path + "{secret}", SharedAsync);
    }

    private static async Task<IResult> MakeAsync(
        HttpContext http, IFormCollection form, KeepReportLinks handler, BookingDbContext db, PageFrame frame, PageText text, IOptions<BookingOptions> options, CancellationToken cancellationToken)
    {
        var filter = ReportFilter.Read(new QueryCollection(form.ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal)), Today(text)) with { Place = null };
        var sheet = await SheetAsync(filter, db, text, cancellationToken) with { ForWhom = form["forWhom"].ToString(), Until = form["until"].ToString() };
        if (LocalDatePattern.Iso.Parse(sheet.Until) is not { Success: true, Value: var until })
            return Show(400, sheet with { UntilError = ReportText.LinkUntilWrong });
        var outcome = await handler.MakeAsync(new ReportLinkToBe(sheet.ForWhom, filter.From, filter.Through, until, filter.Programme, filter.Strand, filter.Site), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Field switch
            {
                "forWhom" => Show(refusal.Status, sheet with { ForWhomError = ReportText.LinkForMissing }),
                "until" => Show(refusal.Status, sheet with { UntilError = ReportText.LinkUntilWrong }),
                _ => Results.StatusCode(refusal.Status),
            };
        }
        // No redirect: the address is shown on this one answer.
        string site = options.Value.SiteFor(http.Request);
        return Show(200, await SheetAsync(filter, db, text, cancellationToken) with { Made = site + outcome.Value.Path });
    }

    private static async Task<IResult> SetAsync(Guid? link, bool revoked, HttpContext http, KeepReportLinks handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var outcome = await handler.SetAsync(link ?? Guid.Empty, revoked, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        notes.Leave(http, new DoneNote(
            (revoked ? ReportText.LinkStopped : ReportText.LinkAgain).Words(outcome.Value.ForWhom), revoked ? $"{Address}/restore" : $"{Address}/revoke",
            new Dictionary<string, string> { ["link"] = $"{outcome.Value.Id}" }));
        return Results.LocalRedirect(Address);
    }

    /// <summary>What a funder reads: the report of the link as it stands now, without rows and without a name. Whatever is wrong with a link is said in the same words.</summary>
    private static async Task<IResult> SharedAsync(
        string secret, HttpContext http, BookingDbContext db, ReportQueries reports, DeskQueries desk, KeepReportLinks handler, PageText text, CancellationToken cancellationToken)
    {
        // The address is the key: nothing that the page leads to hears of it, and no search engine keeps it.
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        http.Response.Headers["X-Robots-Tag"] = "noindex, nofollow";
        if (CalendarSecret.Hash(secret) is not { } hash || await db.ReportLinks.SingleOrDefaultAsync(l => l.SecretHash == hash, cancellationToken) is not { } link || !link.Works(text.Now))
            return Web.Pages.Show<MessagePage>(404, (nameof(MessagePage.Heading), ReportText.LinkDead), (nameof(MessagePage.Body), ReportText.LinkDeadBody));
        await handler.NoteReadAsync(link.Id, cancellationToken);
        var filter = new ReportFilter(link.From, link.Through, link.ProgrammeId, link.StrandId, Site: link.Site);
        var sheet = await ReportPages.FillAsync(
            ReportSheet.Frame(filter, await NarrowedAsync(filter, db, text, cancellationToken), seesRows: false, seesActivities: false), secondary: true, db, reports, desk, text, cancellationToken);
        return Web.Pages.Show<SharedPage>((nameof(SharedPage.Sheet), sheet), (nameof(SharedPage.Until), LastDay(link, text.Zone)));
    }

    /// <summary>The last day on which a link works.</summary>
    internal static LocalDate LastDay(ReportLink link, DateTimeZone zone) => (link.ExpiresAt - Duration.FromMilliseconds(1)).InZone(zone).Date;

    private static LocalDate Today(PageText text) => LocalClock.DateOf(text.Now, text.Zone);

    private static async Task<LinksSheet> SheetAsync(ReportFilter filter, BookingDbContext db, PageText text, CancellationToken cancellationToken)
    {
        var lines = new List<LinkLine>();
        foreach (var link in await db.ReportLinks.OrderByDescending(l => l.MadeAt).ThenByDescending(l => l.Id).ToListAsync(cancellationToken))
            lines.Add(new LinkLine(link, await NarrowedAsync(new ReportFilter(link.From, link.Through, link.ProgrammeId, link.StrandId, Site: link.Site), db, text, cancellationToken)));
        return new LinksSheet(
            filter, await NarrowedAsync(filter, db, text, cancellationToken), [.. lines.OrderBy(line => !line.Link.Works(text.Now))], "", LocalDatePattern.Iso.Format(Today(text).PlusMonths(3)));
    }

    /// <summary>What a report is narrowed to, in words; null for the whole place.</summary>
    private static async Task<string?> NarrowedAsync(ReportFilter filter, BookingDbContext db, PageText text, CancellationToken cancellationToken)
    {
        if (filter.Programme is { } programme && await db.Programmes.SingleOrDefaultAsync(p => p.Id == programme, cancellationToken) is { } known)
            return text.Pick(known.NameFr, known.NameEn);
        if (filter.Site is { } site)
            return site == LabSite.Away ? text[ReportText.Away] : (await db.NamedSitesAsync(cancellationToken)).FirstOrDefault(s => s.Number == site)?.Name;
        return filter.Strand is { } strand && await db.FunderStrands.SingleOrDefaultAsync(s => s.Id == strand, cancellationToken) is FunderStrand paid ? $"{paid.Name} ({paid.Code})" : null;
    }

    private static RazorComponentResult<LinksPage> Show(int status, LinksSheet sheet) => Web.Pages.Show<LinksPage>(status, (nameof(LinksPage.Sheet), sheet));
}
