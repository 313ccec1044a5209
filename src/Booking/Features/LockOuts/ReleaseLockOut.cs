using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.LockOuts;

/// <summary>The end of a lock-out, by somebody whom its rule lets.</summary>
internal sealed class ReleaseLockOut(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/lock-outs/{id:guid}/release", async (Guid id, HttpContext http, ReleaseLockOut handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new LockOutId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ReleaseLockOut").WithTags("machines").WithSummary("Releases a lock-out.")
            .Produces<LockedOut>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<LockedOut>> HandleAsync(LockOutId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<LockedOut>(
            async (write, cancel) =>
            {
                if (await write.Db.LockOuts.SingleOrDefaultAsync(l => l.Id == id, cancel) is not { } lockOut)
                    return Refusal.NotFound("lock_out");
                if (!await write.Db.MayAsync(by, Right.LockOut, lockOut.MachineId, cancel))
                    return Refusal.NotAllowed;
                if (lockOut.ReleasedAt is not null)
                    return Refusal.Conflict("already_released", "Somebody has released it already.");
                if (!await ReleaseRights.MayAsync(write.Db, lockOut.MachineId, lockOut.Release, lockOut.Author, by, write.Now, cancel))
                    return ReleaseRights.NotYou;
                lockOut.ReleasedAt = write.Now;
                lockOut.ReleasedBy = by.Id;
                lockOut.Version++;
                write.Audit(by.Id, "machine.released", lockOut.MachineId.Value, lockOut.Cause);
                return new LockedOut(id);
            },
            cancellationToken);
}
