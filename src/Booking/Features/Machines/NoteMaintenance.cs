using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Machines;

/// <summary>What was done. <paramref name="Last"/> is the maintenance the page showed as the last one, so that a second click is not a second maintenance.</summary>
public sealed record MaintenanceDone(string? Note, Instant? Last = null);

public sealed record MaintenanceNoted(Guid Id);

internal sealed class NoteMaintenance(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/machines/{id:guid}/maintenance", async (Guid id, MaintenanceDone request, HttpContext http, NoteMaintenance handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("NoteMaintenance").WithTags("machines").WithSummary("Notes a maintenance; the hours count anew from now.")
            .Produces<MaintenanceNoted>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<MaintenanceNoted>> HandleAsync(MachineId id, MaintenanceDone request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<MaintenanceNoted>(
            async (write, cancel) =>
            {
                if (Text.Required(request.Note, Maintenance.MaxNote) is not { } note)
                    return Refusal.BadValue("note", $"Say what was done, in 1 to {Maintenance.MaxNote} characters.");
                if (!await write.Db.Machines.AnyAsync(m => m.Id == id && !m.Retired, cancel))
                    return Refusal.NotFound("machine");
                if (!await write.Db.MayAsync(by, Right.Maintain, id, cancel))
                    return Refusal.NotAllowed;
                await write.OneAtATimeAsync($"maintenance {id}", cancel);
                var standing = await MaintenanceClock.OfAsync(write.Db, id, cancel);
                if (standing.Last != request.Last)
                    return Refusal.Stale;
                var done = new Maintenance
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
                    MachineId = id,
                    At = write.Now,
                    DoneBy = by.Id,
                    Note = note,
                    UsedMs = (long)standing.Used.TotalMilliseconds,
                };
                write.Db.Maintenance.Add(done);
                if (await write.Db.MachineCare.SingleOrDefaultAsync(care => care.MachineId == id && care.RemindedAt != null, cancel) is { } care)
                {
                    care.RemindedAt = null;
                    care.Version++;
                }
                write.Audit(by.Id, "machine.maintained", id.Value, note);
                return new MaintenanceNoted(done.Id);
            },
            cancellationToken);
}
