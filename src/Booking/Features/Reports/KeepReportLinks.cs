using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Calendar;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reports;

/// <summary>A link to be made. The days of the report are local and included; so is the last day it works.</summary>
public sealed record ReportLinkToBe(string? ForWhom, LocalDate From, LocalDate Through, LocalDate Until, ProgrammeId? Programme = null, StrandId? Strand = null, int? Site = null);

/// <summary>A link that was made. Its path is shown this once and kept nowhere.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Path">Its path on this site.</param>
public sealed record ReportLinkMade(Guid Id, string Path);

/// <summary>Whether a link works now.</summary>
public sealed record ReportLinkState(Guid Id, string ForWhom, bool Works);

/// <summary>Makes links to reports, stops them and lets them work again; notes that one was read.</summary>
internal sealed class KeepReportLinks(BookingWriter writer)
{
    /// <summary>Where whoever has the secret reads.</summary>
    public const string Path = "/reports/shared/";

    /// <summary>More are never needed at once, and a list of them is still a page.</summary>
    private const int MostLinks = 500;

    private static readonly Duration ReadNotedEvery = Duration.FromHours(1);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keeping = routes.Changes(Right.KeepProgrammes);
        keeping.MapPost("/report-links", async (ReportLinkToBe request, HttpContext http, KeepReportLinks handler, CancellationToken cancellationToken) =>
                (await handler.MakeAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("MakeReportLink").WithTags("reports").WithSummary("Makes a secret address of one report for a funder, until a day at most a year from now.")
            .Produces<ReportLinkMade>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPost("/report-links/{id:guid}/revoke", async (Guid id, HttpContext http, KeepReportLinks handler, CancellationToken cancellationToken) =>
                (await handler.SetAsync(id, revoked: true, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RevokeReportLink").WithTags("reports").WithSummary("Stops a link at once.")
            .Produces<ReportLinkState>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPost("/report-links/{id:guid}/restore", async (Guid id, HttpContext http, KeepReportLinks handler, CancellationToken cancellationToken) =>
                (await handler.SetAsync(id, revoked: false, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RestoreReportLink").WithTags("reports").WithSummary("Lets a stopped link work again, until the day it was made for.")
            .Produces<ReportLinkState>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<ReportLinkMade>> MakeAsync(ReportLinkToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<ReportLinkMade>(
            async (write, cancel) =>
            {
                var zone = await write.Db.ZoneAsync(cancel);
                var today = write.Now.InZone(zone).Date;
                if (Text.Required(request.ForWhom, ReportLink.MaxForWhom) is not { } forWhom)
                    return Refusal.BadValue("forWhom", $"Say for whom, in 1 to {ReportLink.MaxForWhom} characters.");
                if (request.Through < request.From || request.From.Year < 1990 || request.Through.Year > 2200)
                    return Refusal.BadValue("through", "The last day of the report is not before its first.");
                if (request.Until < today || request.Until > today.PlusYears(1))
                    return Refusal.BadValue("until", "A day between today and a year from now.");
                if (request.Programme is { } programme && !await write.Db.Programmes.AnyAsync(p => p.Id == programme, cancel))
                    return Refusal.NotFound("programme");
                if (request.Strand is { } strand && !await write.Db.FunderStrands.AnyAsync(s => s.Id == strand, cancel))
                    return Refusal.NotFound("strand");
                if (request.Site is { } site && site != LabSite.Away && site != LabSite.First && !await write.Db.LabSites.AnyAsync(s => s.Number == site, cancel))
                    return Refusal.NotFound("site");
                if (request.Site is not null && (request.Programme is not null || request.Strand is not null))
                    return Refusal.BadValue("site", "A site stands alone: with it nothing else narrows.");
                if (await write.Db.ReportLinks.CountAsync(cancel) >= MostLinks)
                    return Refusal.Conflict("too_many_links", $"There are {MostLinks} links already.");
                var secret = CalendarSecret.New();
                var link = new ReportLink
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), SecretHash = CalendarSecret.Hash(secret)!, ForWhom = forWhom, From = request.From, Through = request.Through,
                    ProgrammeId = request.Programme, StrandId = request.Strand, Site = request.Site, ExpiresAt = request.Until.PlusDays(1).AtStartOfDayInZone(zone).ToInstant(), MadeBy = by.Id, MadeAt = write.Now,
                };
                write.Db.ReportLinks.Add(link);
                write.Audit(by.Id, "report_link.made", link.Id);
                return new ReportLinkMade(link.Id, Path + secret);
            },
            cancellationToken);

    /// <summary>Stops a link, or takes that back.</summary>
    public Task<Outcome<ReportLinkState>> SetAsync(Guid id, bool revoked, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<ReportLinkState>(
            async (write, cancel) =>
            {
                if (await write.Db.ReportLinks.SingleOrDefaultAsync(l => l.Id == id, cancel) is not { } link)
                    return Refusal.NotFound("report_link");
                // A second touch changes nothing.
                if (revoked != link.RevokedAt is not null)
                {
                    link.RevokedAt = revoked ? write.Now : null;
                    write.Audit(by.Id, revoked ? "report_link.revoked" : "report_link.restored", id);
                }
                return new ReportLinkState(id, link.ForWhom, link.Works(write.Now));
            },
            cancellationToken);

    /// <summary>That it is read at all, to the hour: enough to see that a forgotten link is still in use.</summary>
    public Task NoteReadAsync(Guid id, CancellationToken cancellationToken) => writer.WriteAsync(
        async (write, cancel) =>
        {
            var before = write.Now - ReadNotedEvery;
            if (await write.Db.ReportLinks.SingleOrDefaultAsync(l => l.Id == id && (l.ReadAt == null || l.ReadAt <= before), cancel) is { } link)
                link.ReadAt = write.Now;
        },
        cancellationToken);
}
