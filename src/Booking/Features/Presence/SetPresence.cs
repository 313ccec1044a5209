using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Presence;

/// <summary>Whether a person is in the lab, as staff at the desk say it.</summary>
public sealed record PresenceAnswer(bool Here);

/// <summary>Somebody who was in without a visit had not left after all.</summary>
/// <param name="Since">Since when they were in, at most a day ago.</param>
public sealed record PresenceBack(Instant Since);

/// <summary>Somebody comes in or leaves. Said twice it changes nothing.</summary>
internal sealed class SetPresence(BookingWriter writer, VisitBook book)
{
    private static readonly Duration LongestBack = Duration.FromDays(1);

    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapPut("/people/{id:guid}/presence", async (Guid id, HttpContext http, SetPresence handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), here: true, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CheckIn").WithTags("people").WithSummary("Says that a person is in the lab.")
            .Produces<PresenceAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        staff.MapDelete("/people/{id:guid}/presence", async (Guid id, HttpContext http, SetPresence handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), here: false, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CheckOut").WithTags("people").WithSummary("Says that a person has left.")
            .Produces<PresenceAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        staff.MapPost("/people/{id:guid}/presence/back", async (Guid id, PresenceBack request, HttpContext http, SetPresence handler, CancellationToken cancellationToken) =>
                (await handler.BackAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("TakeCheckOutBack").WithTags("people").WithSummary("Says that somebody who was in without a visit had not left. It counts no visit.")
            .Produces<PresenceAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>Takes back that somebody left who was in without a visit: a mentor, or who tapped at a machine.</summary>
    public Task<Outcome<PresenceAnswer>> BackAsync(PersonId person, PresenceBack request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<PresenceAnswer>(
            async (write, cancel) =>
            {
                if (!await write.Db.People.AnyAsync(p => p.Id == person, cancel))
                    return Refusal.NotFound("person");
                if (!await write.Db.MayAsync(by, Right.CheckIn, person, cancel))
                    return Refusal.NotAllowed;
                if (request.Since > write.Now || request.Since < write.Now - LongestBack)
                    return Refusal.BadValue("since", "A moment of the last day.");
                if (await book.BackAsync(write, person, request.Since, cancel))
                    write.Audit(by.Id, "visit.back", person.Value);
                return new PresenceAnswer(true);
            },
            cancellationToken);

    public Task<Outcome<PresenceAnswer>> HandleAsync(PersonId person, bool here, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<PresenceAnswer>(
            async (write, cancel) =>
            {
                if (!await write.Db.People.AnyAsync(p => p.Id == person, cancel))
                    return Refusal.NotFound("person");
                if (!await write.Db.MayAsync(by, Right.CheckIn, person, cancel))
                    return Refusal.NotAllowed;
                if (!here)
                {
                    // A mentor is in without being a visit.
                    var marked = await write.Db.Presence.AnyAsync(row => row.PersonId == person, cancel);
                    if (await book.LeaveAsync(write, person, write.Now, LeftHow.Said, cancel) is { } over)
                        write.Audit(by.Id, "visit.left", over.Id.Value);
                    else if (marked)
                        write.Audit(by.Id, "visit.left", person.Value);
                }
                else if (!await write.Db.Visits.AnyAsync(v => v.PersonId == person && v.LeftAt == null, cancel))
                {
                    var (visit, _) = await book.ArriveAsync(write, new Arrival(VisitId.New(write.Now), write.Now, VisitWay.Desk) { Person = person }, closing: null, cancel);
                    write.Audit(by.Id, "visit.added", visit.Id.Value);
                }
                return new PresenceAnswer(here);
            },
            cancellationToken);
}
