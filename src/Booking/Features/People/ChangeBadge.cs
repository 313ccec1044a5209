using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.People;

/// <summary>A badge lost, suspended, found again, or taken back into the drawer. An assurance that is not named stays.</summary>
public sealed record BadgeChange(long Version, BadgeState State, bool TakeBack = false, BadgeAssurance? Assurance = null);

internal sealed class ChangeBadge(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/badges/{id:guid}", async (Guid id, BadgeChange request, HttpContext http, ChangeBadge handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new BadgeId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ChangeBadge").WithTags("people").WithSummary("Says a badge lost, suspended or good, or takes it back.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(BadgeId id, BadgeChange request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (await write.Db.Badges.SingleOrDefaultAsync(b => b.Id == id, cancel) is not { } badge)
                    return Refusal.NotFound("badge");
                if (badge.Version != request.Version)
                    return Refusal.Stale;
                if (!Enum.IsDefined(request.State))
                    return Refusal.BadValue("state", "active, suspended or lost.");
                if (request.Assurance is { } level && !Enum.IsDefined(level))
                    return Refusal.BadValue("assurance", "number or authenticated.");
                badge.State = request.State;
                badge.Assurance = request.Assurance ?? badge.Assurance;
                if (request.TakeBack)
                    badge.PersonId = null;
                badge.Version++;
                write.Audit(by.Id, request.TakeBack ? "badge.taken_back" : $"badge.{request.State}".ToLowerInvariant(), id.Value);
                return new Changed(badge.Version);
            },
            cancellationToken);
}
