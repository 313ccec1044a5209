using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Journal;

/// <summary>The alarm, by its place in the journal it came with.</summary>
public sealed record AlarmKey(string? Gateway, long Epoch, long Seq);

/// <summary>Somebody has looked at an alarm. The first one counts.</summary>
internal sealed class SeeAlarm(BookingWriter writer, FloorChanges floor)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/alarms/seen", async (AlarmKey request, HttpContext http, SeeAlarm handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SeeAlarm").WithTags("machines").WithSummary("Notes who has looked at an alarm.")
            .Produces<AlarmKey>().ProducesProblem(StatusCodes.Status404NotFound);

    public Task<Outcome<AlarmKey>> HandleAsync(AlarmKey request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<AlarmKey>(
            async (write, cancel) =>
            {
                var alarm = await write.Db.Alarms.SingleOrDefaultAsync(
                    a => a.Gateway == request.Gateway && a.Epoch == request.Epoch && a.Seq == request.Seq, cancel);
                if (alarm is null)
                    return Refusal.NotFound("alarm");
                if (by.Reach(Right.SeeAlarms) != Reach.All
                    && (alarm.MachineId is not { } machine || !await write.Db.MayAsync(by, Right.SeeAlarms, machine, cancel)))
                {
                    return Refusal.NotAllowed;
                }
                if (alarm.SeenAt is null)
                {
                    alarm.SeenAt = write.Now;
                    alarm.SeenBy = by.Id;
                    write.Audit(by.Id, "alarm.seen", alarm.MachineId?.Value ?? Guid.Empty, alarm.Code);
                    write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.Alarm, alarm.MachineId)));
                }
                return request;
            },
            cancellationToken);
}
