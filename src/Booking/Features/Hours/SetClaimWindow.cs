using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>How early a tap counts as having come for one's booking, everywhere in the place.</summary>
/// <param name="Minutes">How many minutes before the start, 0 to <see cref="SetClaimWindow.MostMinutes"/>.</param>
/// <param name="Version">The version of the site it was read at.</param>
public sealed record ClaimWindow(int Minutes, long Version);

/// <summary>Sets how early a booking is claimed by its owner's tap.</summary>
internal sealed class SetClaimWindow(BookingWriter writer)
{
    public const int MostMinutes = 120;

    public static void Map(RouteGroupBuilder keeping) =>
        keeping.MapPut("/site/claim-window", async (ClaimWindow request, HttpContext http, SetClaimWindow handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetClaimWindow").WithTags("hours").WithSummary("Sets how many minutes before its start a booking is claimed by its owner's tap.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(ClaimWindow request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (request.Minutes is < 0 or > MostMinutes)
                    return Refusal.BadValue("minutes", $"0 to {MostMinutes}.");
                if (await write.Db.Sites.SingleOrDefaultAsync(cancel) is not { } site)
                    return Refusal.NotFound("site");
                if (site.Version != request.Version)
                    return Refusal.Stale;
                site.Rule = site.Rule with { ClaimBefore = Duration.FromMinutes(request.Minutes) };
                site.Version++;
                write.Audit(by.Id, "site.claim_window", Guid.Empty, request.Minutes.ToString(CultureInfo.InvariantCulture));
                return new Changed(site.Version);
            },
            cancellationToken);
}
