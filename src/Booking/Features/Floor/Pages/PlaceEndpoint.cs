using FabLab.Booking.Data;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Floor.Pages;

/// <summary>What anybody may know of the place, for the door.</summary>
internal static class PlaceEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(PlaceNow.Path, ReadAsync)
        .WithName("place").WithTags("place")
        .WithSummary("The place as anybody may see it")
        .WithDescription("Which machines could be started now and whether the place is open. Never a person.");

    private static async Task<JsonHttpResult<PlaceNow>> ReadAsync(
        BookingDbContext db, FloorQueries floor, SchoolHolidays school, TimeProvider time, CancellationToken cancellationToken)
    {
        Instant now = Instant.FromDateTimeOffset(time.GetUtcNow());
        SiteRule site = (await db.Sites.SingleOrDefaultAsync(cancellationToken))?.Rule ?? new SiteRule();
        List<Machine> machines = await db.Machines.Where(m => !m.Retired && m.Kind == ResourceKind.Machine).ToListAsync(cancellationToken);
        LabHours hours = await LabHours.ReadAsync(db, school.Calendar, cancellationToken);
        LabHours.DaysOf days = new(hours, now);
        IReadOnlyList<MachineGlance> glances = await floor.MachinesAsync(Viewer.Nobody, now, null, cancellationToken);
        Dictionary<string, OpeningRule> openings = machines.ToDictionary(m => m.Code, m => hours.OpeningOf(m.Rule with { Id = m.Id }, days), StringComparer.Ordinal);
        // Where the place has hours they are its own, whether machines keep them or not.
        (bool? open, Instant? changes) = Opening(
            hours.SiteHasHours ? [MachineOpening.Of(days.Ahead(Duration.Zero).ForMachine(MachineTimetable.SameAsSite), new BookingTerms())] : [.. openings.Values], now);
        return TypedResults.Json(
            new PlaceNow(site.Name, site.Zone, now, open, changes, [.. glances.Select(g => new PlaceMachine(
                g.Code, g.Name.Fr, g.Name.En, Availability(g, openings.GetValueOrDefault(g.Code), now)))]),
            CoreJson.Options);
    }

    private static PlaceAvailability Availability(MachineGlance glance, OpeningRule? opening, Instant now)
    {
        if (glance.InUse)
            return PlaceAvailability.InUse;
        if (glance.Stopped)
            return PlaceAvailability.NotAvailable;
        return opening is OpeningRule.Within within && !within.Intervals.Any(i => i.Kind != OpeningKind.StaffOnly && i.From <= now && now < i.Until)
            ? PlaceAvailability.Closed
            : PlaceAvailability.Free;
    }

    /// <summary>Open while one of them is within its hours, those of the team apart; what has no hours says nothing about the place.</summary>
    internal static (bool? Open, Instant? Changes) Opening(IReadOnlyList<OpeningRule> rules, Instant now)
    {
        List<OpenInterval> intervals = [.. rules.OfType<OpeningRule.Within>().SelectMany(w => w.Intervals).Where(i => i.Kind != OpeningKind.StaffOnly && i.Until > now).OrderBy(i => i.From)];
        if (!rules.OfType<OpeningRule.Within>().Any())
            return (null, null);
        Instant reached = now;
        foreach (OpenInterval interval in intervals.TakeWhile(i => i.From <= now))
            reached = Instant.Max(reached, interval.Until);
        if (reached == now)
            return (false, intervals.FirstOrDefault()?.From);
        foreach (OpenInterval interval in intervals)
        {
            if (interval.From <= reached)
                reached = Instant.Max(reached, interval.Until);
        }

        return (true, reached);
    }
}
