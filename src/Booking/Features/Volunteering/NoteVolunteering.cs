using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Volunteering;

/// <summary>Time given on one day, in minutes.</summary>
/// <param name="Day">A day of the last two years.</param>
/// <param name="Minutes">From 1 on.</param>
/// <param name="Kind">To what.</param>
/// <param name="Note">What was done, in words.</param>
/// <param name="Site">The number of the site; null for the first.</param>
public sealed record VolunteeringToBe(LocalDate Day, int Minutes, VolunteeringKind Kind, string? Note = null, int? Site = null);

/// <summary>A row of volunteers' hours, and whether it counts.</summary>
public sealed record VolunteeringNoted(Guid Id, PersonId Person, bool Counts);

/// <summary>Notes volunteers' hours: by themselves, or by staff for them; takes a row out and back.</summary>
internal sealed class NoteVolunteering(BookingWriter writer)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var keeping = routes.Changes(Right.KeepVolunteering);
        keeping.MapPost("/people/{id:guid}/volunteering", async (Guid id, VolunteeringToBe request, HttpContext http, NoteVolunteering handler, CancellationToken cancellationToken) =>
                (await handler.AddAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("NoteVolunteering").WithTags("volunteering").WithSummary("Notes time somebody gave to the place.")
            .Produces<VolunteeringNoted>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPost("/volunteering/{id:guid}/take-out", async (Guid id, HttpContext http, NoteVolunteering handler, CancellationToken cancellationToken) =>
                (await handler.SetAsync(id, takenOut: true, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("TakeVolunteeringOut").WithTags("volunteering").WithSummary("Takes a row out of every sum.")
            .Produces<VolunteeringNoted>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPost("/volunteering/{id:guid}/restore", async (Guid id, HttpContext http, NoteVolunteering handler, CancellationToken cancellationToken) =>
                (await handler.SetAsync(id, takenOut: false, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RestoreVolunteering").WithTags("volunteering").WithSummary("Lets a row count again.")
            .Produces<VolunteeringNoted>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<VolunteeringNoted>> AddAsync(PersonId person, VolunteeringToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<VolunteeringNoted>(
            async (write, cancel) =>
            {
                // Who asks for somebody else does not learn whether there is such a person.
                if (!await write.Db.MayAsync(by, Right.KeepVolunteering, person, cancel) || !await write.Db.People.AnyAsync(p => p.Id == person, cancel))
                    return Refusal.NotFound("person");
                var today = write.Now.InZone(await write.Db.ZoneAsync(cancel)).Date;
                if (request.Day > today || request.Day < today.PlusYears(-2))
                    return Refusal.BadValue("day", "A day of the last two years, today included.");
                if (request.Minutes is < 1 or > VolunteerHours.MostMinutes)
                    return Refusal.BadValue("minutes", $"1 to {VolunteerHours.MostMinutes}.");
                if (!Enum.IsDefined(request.Kind))
                    return Refusal.BadValue("kind", "desk, workshop, maintenance, governance or other.");
                var site = request.Site ?? LabSite.First;
                if (!await write.Db.HasSiteAsync(site, cancel))
                    return Refusal.BadValue("site", "There is no such site.");
                var before = await write.Db.VolunteerHours.Where(h => h.PersonId == person && h.Day == request.Day && !h.TakenOut).SumAsync(h => h.Minutes, cancel);
                if (before + request.Minutes > VolunteerHours.MostMinutes)
                    return Refusal.Conflict("day_is_full", "A day has 24 hours, those noted before included.", "minutes");
                var hours = new VolunteerHours
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), PersonId = person, Day = request.Day, Minutes = request.Minutes, Kind = request.Kind,
                    Note = Text.Clean(request.Note, VolunteerHours.MaxNote), AddedBy = by.Id, AddedAt = write.Now, Site = site,
                };
                write.Db.VolunteerHours.Add(hours);
                write.Audit(by.Id, "volunteering.noted", person.Value);
                return new VolunteeringNoted(hours.Id, person, true);
            },
            cancellationToken);

    /// <summary>Takes a row out, or lets it count again.</summary>
    public Task<Outcome<VolunteeringNoted>> SetAsync(Guid id, bool takenOut, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<VolunteeringNoted>(
            async (write, cancel) =>
            {
                if (await write.Db.VolunteerHours.SingleOrDefaultAsync(h => h.Id == id, cancel) is not { } hours)
                    return Refusal.NotFound("volunteering");
                if (!await write.Db.MayAsync(by, Right.KeepVolunteering, hours.PersonId, cancel))
                    return Refusal.NotAllowed;
                // A second touch changes nothing.
                if (hours.TakenOut != takenOut)
                {
                    var others = takenOut ? 0 : await write.Db.VolunteerHours.Where(h => h.PersonId == hours.PersonId && h.Day == hours.Day && !h.TakenOut).SumAsync(h => h.Minutes, cancel);
                    if (others + hours.Minutes > VolunteerHours.MostMinutes)
                        return Refusal.Conflict("day_is_full", "A day has 24 hours, those noted before included.");
                    hours.TakenOut = takenOut;
                    write.Audit(by.Id, takenOut ? "volunteering.taken_out" : "volunteering.restored", hours.PersonId.Value);
                }
                return new VolunteeringNoted(id, hours.PersonId, !takenOut);
            },
            cancellationToken);
}
