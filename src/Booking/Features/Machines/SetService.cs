using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Machines;

/// <summary>A machine out of service (en panne), with what is wrong and who may put it back; or, without a cause, in service again.</summary>
public sealed record ServiceState(long Version, string? BrokenCause, LockOutReleaseRule Release = LockOutReleaseRule.Staff);

internal sealed class SetService(BookingWriter writer)
{
    public const int MaxCause = 300;

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/machines/{id:guid}/service", async (Guid id, ServiceState request, HttpContext http, SetService handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetService").WithTags("machines").WithSummary("Takes a machine out of service, or puts it back.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(MachineId id, ServiceState request, StaffActor by, CancellationToken cancellationToken) =>
        writer.OnMachineAsync<Changed>(
            id, Right.Maintain, request.Version, by,
            async (write, machine, cancel) =>
            {
                var cause = Text.Required(request.BrokenCause, MaxCause);
                if (cause is null && !string.IsNullOrWhiteSpace(request.BrokenCause))
                    return Refusal.BadValue("brokenCause", $"At most {MaxCause} characters.");
                if (!Enum.IsDefined(request.Release))
                    return Refusal.BadValue("release", "staff, manager, author or maintainer.");
                // Also whoever would loosen the rule of a breakdown must be somebody whom it lets.
                if (machine.BrokenCause is not null && (cause is null || request.Release != machine.BrokenRelease)
                    && !await ReleaseRights.MayAsync(write.Db, id, machine.BrokenRelease, machine.BrokenBy, by, write.Now, cancel))
                {
                    return ReleaseRights.NotYou;
                }
                machine.BrokenSince = cause is null ? null : machine.BrokenSince ?? write.Now;
                machine.BrokenBy = cause is null ? null : machine.BrokenBy ?? by.Id;
                machine.BrokenRelease = cause is null ? LockOutReleaseRule.Staff : request.Release;
                machine.BrokenCause = cause;
                machine.Version++;
                write.Audit(by.Id, cause is null ? "machine.in_service" : "machine.out_of_service", id.Value, cause ?? "");
                return new Changed(machine.Version);
            },
            cancellationToken);
}
