using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>What a machine does when the booking of who uses it ends.</summary>
/// <param name="End">What.</param>
/// <param name="CapMinutes">With <see cref="BookingEnd.StopWhenIdle"/>: how long after the end a machine that still works is stopped in any case, 0 to <see cref="SetBookingEnd.MostMinutes"/>.</param>
/// <param name="Version">The version of the machine it was read at.</param>
public sealed record BookingEndToBe(BookingEnd End, int CapMinutes, long Version);

/// <summary>Sets what a machine does when a booking ends.</summary>
internal sealed class SetBookingEnd(BookingWriter writer)
{
    public const int MostMinutes = 1440;

    public static void Map(RouteGroupBuilder machines) =>
        machines.MapPut("/machines/{id:guid}/booking-end", async (Guid id, BookingEndToBe request, HttpContext http, SetBookingEnd handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetBookingEnd").WithTags("hours").WithSummary("Sets what a machine does when the booking of who uses it ends.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(MachineId id, BookingEndToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.OnMachineAsync<Changed>(
            id, Right.KeepMachines, request.Version, by,
            async (write, machine, cancel) =>
            {
                if (!Enum.IsDefined(request.End))
                    return Refusal.BadValue("end", "stop_when_idle, let_finish or extend_if_free.");
                if (request.CapMinutes is < 0 or > MostMinutes)
                    return Refusal.BadValue("capMinutes", $"0 to {MostMinutes}.");
                machine.Describe(machine.Rule with { BookingEnd = request.End, BookingEndCap = Duration.FromMinutes(request.CapMinutes) });
                machine.Version++;
                write.Audit(by.Id, "machine.booking_end", id.Value, machine.Code);
                return new Changed(machine.Version);
            },
            cancellationToken);
}
