using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Sites;
using FabLab.Core.Visits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Visits;

/// <summary>Somebody whom the front desk counts without a name.</summary>
/// <param name="Reason">Code of the reason; null when it was not said.</param>
/// <param name="AgeBand">Null when it was not said.</param>
/// <param name="First">Whether it is the first visit.</param>
/// <param name="Site">The number of the site; null for the first.</param>
public sealed record VisitorToCount(string? Reason, AgeBand? AgeBand, bool First, int? Site = null);

/// <summary>The front desk counts somebody, as the tiles of the door do.</summary>
internal sealed class CountVisitor(BookingWriter writer, VisitBook book)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/desk-visits", async (VisitorToCount request, HttpContext http, CountVisitor handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("CountVisitor").WithTags("visits").WithSummary("Counts a visit without a name.").Produces<VisitState>(StatusCodes.Status201Created);

    public Task<Outcome<VisitState>> HandleAsync(VisitorToCount request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<VisitState>(
            async (write, cancel) =>
            {
                if (request.AgeBand is { } band && !Enum.IsDefined(band))
                    return Refusal.BadValue("ageBand", "There is no such age band.");
                if (request.Reason is { } reason && !await write.Db.VisitReasons.AnyAsync(r => r.Code == reason, cancel))
                    return Refusal.BadValue("reason", "There is no such reason.");
                var site = request.Site ?? LabSite.First;
                if (!await write.Db.HasSiteAsync(site, cancel))
                    return Refusal.BadValue("site", "There is no such site.");
                var arrival = new Arrival(VisitId.New(write.Now), write.Now, VisitWay.Desk) { Reason = request.Reason, Band = request.AgeBand ?? AgeBand.NotSaid, First = request.First, Site = site };
                var (visit, _) = await book.ArriveAsync(write, arrival, closing: null, cancel);
                write.Audit(by.Id, "visit.counted", visit.Id.Value);
                return CorrectVisit.Of(visit);
            },
            cancellationToken);
}
