using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Visits;

/// <summary>Whether somebody has gone to the door.</summary>
public sealed record CallAnswered(Guid Id, bool Closed);

/// <summary>Somebody of the team goes to who calls from the door; or did not after all. Said twice it stays as it is.</summary>
internal sealed class AnswerCall(BookingWriter writer, FloorChanges floor)
{
    public static void Map(RouteGroupBuilder staff)
    {
        Describe(staff.MapPost("/door-calls/{id:guid}/close", (Guid id, HttpContext http, AnswerCall handler, CancellationToken cancellationToken) =>
            AnswerAsync(handler, id, closed: true, http, cancellationToken)), "CloseDoorCall", "Says that somebody goes to who calls from the door.");
        Describe(staff.MapPost("/door-calls/{id:guid}/open", (Guid id, HttpContext http, AnswerCall handler, CancellationToken cancellationToken) =>
            AnswerAsync(handler, id, closed: false, http, cancellationToken)), "OpenDoorCall", "Takes back that somebody went.");
    }

    public Task<Outcome<CallAnswered>> HandleAsync(Guid id, bool closed, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<CallAnswered>(
            async (write, cancel) =>
            {
                if (await write.Db.DoorRequests.SingleOrDefaultAsync(call => call.Id == id, cancel) is not { } call)
                    return Refusal.NotFound("call");
                if ((call.ClosedAt is not null) != closed)
                    write.Audit(by.Id, closed ? "door_call.answered" : "door_call.reopened", id);
                call.ClosedAt = closed ? call.ClosedAt ?? write.Now : null;
                call.ClosedBy = closed ? call.ClosedBy ?? by.Id : null;
                write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.Door, null)));
                return new CallAnswered(id, closed);
            },
            cancellationToken);

    private static async Task<IResult> AnswerAsync(AnswerCall handler, Guid id, bool closed, HttpContext http, CancellationToken cancellationToken) =>
        (await handler.HandleAsync(id, closed, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK);

    private static void Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("visits").WithSummary(summary).Produces<CallAnswered>().ProducesProblem(StatusCodes.Status404NotFound);
}
