using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Hours;

/// <summary>A machine's own hours as they are to be.</summary>
/// <param name="Timetable">All of them; null = as the place.</param>
/// <param name="Version">The version they were read at; 0 while there are none.</param>
/// <param name="Preview">Changes nothing, tells which bookings it would concern.</param>
public sealed record MachineHoursToBe(MachineTimetable? Timetable, long Version, bool Preview = false);

/// <summary>Sets where a machine's (or room's, desk's, kit's) hours differ from the place's.</summary>
internal sealed class SetMachineHours(BookingWriter writer, SchoolHolidays school)
{
    public static void Map(RouteGroupBuilder machines)
    {
        machines.MapPut("/machines/{id:guid}/hours", async (
                Guid id, MachineHoursToBe request, HttpContext http, SetMachineHours handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetMachineHours").WithTags("hours").WithSummary("Sets where a machine's hours differ from the place's, or tells which bookings that would concern.")
            .Produces<HoursSaved>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        machines.MapPost("/machines/{id:guid}/hours/undo", async (
                Guid id, HoursUndo request, HttpContext http, SetMachineHours handler, CancellationToken cancellationToken) =>
                (await handler.UndoAsync(new MachineId(id), request.Version, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("UndoMachineHours").WithTags("hours").WithSummary("Takes back the last change of a machine's hours.")
            .Produces<HoursSaved>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<HoursSaved>> HandleAsync(MachineId id, MachineHoursToBe request, StaffActor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            id, by, "machine.hours", request.Preview,
            row => (row?.Version ?? 0) != request.Version ? Refusal.Stale
                : request.Timetable is { } wanted && TimetableLimits.Fault(wanted) is { } fault ? fault
                : (Outcome<MachineTimetable>)(request.Timetable ?? MachineTimetable.SameAsSite),
            cancellationToken);

    public Task<Outcome<HoursSaved>> UndoAsync(MachineId id, long version, StaffActor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            id, by, "machine.hours_undone", preview: false,
            row => row is { Previous: { } previous } && row.Version == version ? previous : (Outcome<MachineTimetable>)Refusal.Stale,
            cancellationToken);

    private Task<Outcome<HoursSaved>> ChangeAsync(
        MachineId id, StaffActor by, string act, bool preview, Func<MachineTimetableRow?, Outcome<MachineTimetable>> wanted, CancellationToken cancellationToken) =>
        writer.OnMachineAsync<HoursSaved>(
            id, Right.KeepMachines, version: null, by,
            async (write, machine, cancel) =>
            {
                var row = await write.Db.MachineTimetables.SingleOrDefaultAsync(r => r.MachineId == id, cancel);
                var asked = wanted(row);
                if (asked.Refusal is { } refusal)
                    return refusal;
                var timetable = asked.Value;
                if (await TimetableLimits.UnknownGroupAsync(write.Db, timetable.Weekly, timetable.Exceptions, cancel) is { } unknown)
                    return unknown;
                var before = await LabHours.ReadAsync(write.Db, school.Calendar, cancel);
                var after = before.With(id, timetable);
                if (preview)
                {
                    return new HoursSaved(
                        row?.Version ?? 0, await HourChange.HitsAsync(write.Db, before, after, write.Now, id, cancel),
                        await HourChange.HitsAsync(write.Db, after, before, write.Now, id, cancel));
                }
                if (row is null)
                {
                    row = new MachineTimetableRow { MachineId = id, Timetable = MachineTimetable.SameAsSite };
                    write.Db.MachineTimetables.Add(row);
                }
                (row.Previous, row.Timetable) = (row.Timetable, timetable);
                row.Version++;
                var (hits, again) = await HourChange.TellAsync(write, before, after, by.Id, id, cancel);
                write.Audit(by.Id, act, id.Value, machine.Code);
                return new HoursSaved(row.Version, hits, again);
            },
            cancellationToken);
}
