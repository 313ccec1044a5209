using FabLab.Booking.Data;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>The opening hours of the place over some days, for anybody: an agenda, a website.</summary>
/// <param name="Zone">The zone of the clock on its wall.</param>
/// <param name="HasHours">Whether somebody has set hours; without, it is open around the clock.</param>
/// <param name="Periods">The open periods, without those kept for the team.</param>
public sealed record OpeningHours(string Zone, bool HasHours, IReadOnlyList<OpeningPeriod> Periods);

/// <summary>The opening hours as anybody may read them.</summary>
internal static class ReadHours
{
    private const int MostDays = 366;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Endpoints.Root + "/hours", async (int? days, BookingDbContext db, SchoolHolidays school, TimeProvider time, CancellationToken cancellationToken) =>
            {
                if (days is < 1 or > MostDays)
                    return Refusal.BadValue("days", $"1 to {MostDays} days.").ToResult();
                var hours = await LabHours.ReadAsync(db, school.Calendar, cancellationToken);
                var today = LocalClock.DateOf(Instant.FromDateTimeOffset(time.GetUtcNow()), hours.Schedule.Zone);
                var periods = hours.Schedule.Expand(hours.Schedule.Days(today, today.PlusDays(days ?? LabHours.DaysAhead)));
                return Results.Json(
                    new OpeningHours(hours.Schedule.Zone.Id, hours.SiteHasHours, [.. periods.Where(p => p.Kind != OpeningKind.StaffOnly)]), CoreJson.Options);
            })
            .WithName("GetHours").WithTags("hours").WithSummary("The opening hours of the place from today on. Never a person.")
            .Produces<OpeningHours>().ProducesProblem(StatusCodes.Status400BadRequest);
}
