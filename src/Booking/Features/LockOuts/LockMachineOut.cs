using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.LockOuts;

/// <summary>A lock-out: why, in words for everybody; at once or when the use has ended; who may release it.</summary>
public sealed record NewLockOut(string? Cause, LockOutMode Mode = LockOutMode.Immediate, LockOutReleaseRule Release = LockOutReleaseRule.Staff);

public sealed record LockedOut(LockOutId Id);

internal sealed class LockMachineOut(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/machines/{id:guid}/lock-outs", async (Guid id, NewLockOut request, HttpContext http, LockMachineOut handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("LockMachineOut").WithTags("machines").WithSummary("Locks a machine out until somebody releases it.")
            .Produces<LockedOut>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<LockedOut>> HandleAsync(MachineId machine, NewLockOut request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<LockedOut>(
            async (write, cancel) =>
            {
                if (Text.Required(request.Cause, LockOutRow.MaxCause) is not { } cause)
                    return Refusal.BadValue("cause", $"Say why, in 1 to {LockOutRow.MaxCause} characters.");
                if (!Enum.IsDefined(request.Mode))
                    return Refusal.BadValue("mode", "immediate or when_idle.");
                if (!Enum.IsDefined(request.Release))
                    return Refusal.BadValue("release", "staff, manager, author or maintainer.");
                if (!await write.Db.Machines.AnyAsync(m => m.Id == machine && !m.Retired, cancel))
                    return Refusal.NotFound("machine");
                if (!await write.Db.MayAsync(by, Right.LockOut, machine, cancel))
                    return Refusal.NotAllowed;
                if (await write.Db.LockOuts.AnyAsync(l => l.MachineId == machine && l.ReleasedAt == null, cancel))
                    return Refusal.Conflict("already_locked_out", "The machine is locked out already.");
                var lockOut = new LockOutRow
                {
                    Id = LockOutId.New(write.Now),
                    MachineId = machine,
                    Cause = cause,
                    Author = by.Id,
                    Since = write.Now,
                    Mode = request.Mode,
                    Release = request.Release,
                };
                write.Db.LockOuts.Add(lockOut);
                write.Audit(by.Id, "machine.locked_out", machine.Value, cause);
                return new LockedOut(lockOut.Id);
            },
            cancellationToken);
}
