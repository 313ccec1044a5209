using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core.Visits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Visits;

/// <summary>A visit as it should be.</summary>
/// <param name="Version">The version that was seen.</param>
/// <param name="Reason">Code of the reason; null for none.</param>
/// <param name="AgeBand">Of a visit without a name; else without effect.</param>
/// <param name="Here">Whether they are in.</param>
/// <param name="TakenOut">Whether it is counted nowhere.</param>
public sealed record VisitCorrection(long Version, string? Reason, AgeBand? AgeBand, bool Here, bool TakenOut);

/// <summary>A visit as it stands.</summary>
public sealed record VisitState(Guid Id, long Version, string? Reason, AgeBand? AgeBand, bool Here, bool TakenOut);

/// <summary>Staff put a visit right. What it was before is in the audit, and an undo is the correction back.</summary>
internal sealed class CorrectVisit(BookingWriter writer, VisitBook book)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/visits/{id:guid}", async (Guid id, VisitCorrection request, HttpContext http, CorrectVisit handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(id, request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CorrectVisit").WithTags("visits").WithSummary("Puts a visit right: its reason, its age band, whether they are in, whether it counts.")
            .Produces<VisitState>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<VisitState>> HandleAsync(Guid id, VisitCorrection request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<VisitState>(
            async (write, cancel) =>
            {
                var key = new VisitId(id);
                if (await write.Db.Visits.SingleOrDefaultAsync(v => v.Id == key, cancel) is not { } visit)
                    return Refusal.NotFound("visit");
                if (visit.Version != request.Version)
                    return Refusal.Stale;
                if (request.AgeBand is { } band && !Enum.IsDefined(band))
                    return Refusal.BadValue("ageBand", "There is no such age band.");
                if (request.Reason is { } reason && !await write.Db.VisitReasons.AnyAsync(r => r.Code == reason, cancel))
                    return Refusal.BadValue("reason", "There is no such reason.");
                if (request is { Here: true, TakenOut: true })
                    return Refusal.BadValue("here", "Who is in is counted.");
                var before = Of(visit);
                if (request.Here && !before.Here && !await book.ReopenAsync(write, visit, cancel))
                    return Refusal.Conflict("visit_open_elsewhere", "This person has come in again since: that visit is the open one.", "here");
                if (!request.Here && before.Here)
                    await book.EndAsync(write, visit, write.Now, LeftHow.Corrected, cancel);
                visit.Reason = request.Reason;
                visit.AgeBand = visit.PersonId is null ? request.AgeBand : null;
                visit.TakenOut = request.TakenOut;
                visit.Version++;
                write.Audit(by.Id, "visit.corrected", id, $"{Say(before)} -> {Say(Of(visit))}");
                return Of(visit);
            },
            cancellationToken);

    internal static VisitState Of(Visit visit) => new(visit.Id.Value, visit.Version, visit.Reason, visit.AgeBand, visit.LeftAt is null, visit.TakenOut);

    private static string Say(VisitState state) =>
        $"{state.Reason ?? "-"}, {state.AgeBand?.ToString() ?? "-"}, {(state.TakenOut ? "taken out" : state.Here ? "in" : "left")}";
}
