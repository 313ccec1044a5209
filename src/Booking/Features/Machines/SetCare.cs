using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Machines;

/// <summary>All of a machine's sheet and care from now on. The version is that of the care; 0 where there was none.</summary>
public sealed record CareOfMachine(
    long Version, string? Protection = null, string? Allowed = null, string? Forbidden = null, string? Advice = null,
    TrainingId? MaintenanceTraining = null, int? EveryHours = null, BadgeAssurance MinAssurance = BadgeAssurance.Number);

internal sealed class SetCare(BookingWriter writer)
{
    public const int MostHours = 10_000;

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/machines/{id:guid}/care", async (Guid id, CareOfMachine request, HttpContext http, SetCare handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetCare").WithTags("machines").WithSummary("Says what people must know of a machine and how it is looked after.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(MachineId id, CareOfMachine request, StaffActor by, CancellationToken cancellationToken) =>
        writer.OnMachineAsync<Changed>(
            id, Right.KeepMachines, version: null, by,
            async (write, machine, cancel) =>
            {
                foreach (var (field, text) in new[] { ("protection", request.Protection), ("allowed", request.Allowed), ("forbidden", request.Forbidden), ("advice", request.Advice) })
                {
                    if (Lines(text).Length > Machines.MachineCare.MaxText)
                        return Refusal.BadValue(field, $"At most {Machines.MachineCare.MaxText} characters.");
                }
                if (request.EveryHours is < 1 or > MostHours)
                    return Refusal.BadValue("everyHours", $"1 to {MostHours} hours, or nothing.");
                if (!Enum.IsDefined(request.MinAssurance))
                    return Refusal.BadValue("minAssurance", "number or authenticated.");
                if (request.MaintenanceTraining is { } training && !await write.Db.Trainings.AnyAsync(t => t.Id == training, cancel))
                    return Refusal.NotFound("training");
                var care = await write.Db.MachineCare.SingleOrDefaultAsync(c => c.MachineId == id, cancel);
                if ((care?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (care is null)
                    write.Db.MachineCare.Add(care = new MachineCare { MachineId = id });
                care.Protection = Lines(request.Protection);
                care.Allowed = Lines(request.Allowed);
                care.Forbidden = Lines(request.Forbidden);
                care.Advice = Lines(request.Advice);
                care.MaintenanceTraining = request.MaintenanceTraining;
                if (care.EveryHours != request.EveryHours)
                    (care.EveryHours, care.RemindedAt) = (request.EveryHours, null);
                care.Version++;
                if (machine.Rule.MinAssurance != request.MinAssurance)
                {
                    machine.Rule = machine.Rule with { MinAssurance = request.MinAssurance };
                    machine.Version++;
                }
                write.Audit(by.Id, "machine.care_set", id.Value);
                return new Changed(care.Version);
            },
            cancellationToken);

    /// <summary>One thing a line: without control characters, outer blanks and empty lines.</summary>
    internal static string Lines(string? text) =>
        string.Join('\n', (text ?? "").Split('\n').Select(line => Text.Clean(line, int.MaxValue)).Where(line => line.Length > 0));
}
