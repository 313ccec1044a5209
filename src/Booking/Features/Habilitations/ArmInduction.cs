using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>"I train somebody here": for which training, and what the trainee gets.</summary>
public sealed record InductionRequest(TrainingId Training, HabilitationLevel Level = HabilitationLevel.Autonomous);

public sealed record InductionArmed(InductionId Id, Instant ArmedUntil);

/// <summary>
/// Arms an induction at one machine for two minutes. Only who holds the level "trainer" can, and only their own badge begins it:
/// without this a trainer's tap starts the machine as ever.
/// </summary>
internal sealed class ArmInduction(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapPost("/machines/{id:guid}/induction", async (
                Guid id, InductionRequest request, HttpContext http, ArmInduction handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("ArmInduction").WithTags("habilitations").WithSummary("Arms an induction at a machine: the trainer taps, then the trainee.")
            .Produces<InductionArmed>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        staff.MapPost("/inductions/{id:guid}/cancel", async (Guid id, HttpContext http, ArmInduction handler, CancellationToken cancellationToken) =>
                (await handler.CancelAsync(new InductionId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CancelInduction").WithTags("habilitations").WithSummary("Calls an armed induction off.")
            .Produces<InductionArmed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<InductionArmed>> HandleAsync(MachineId machine, InductionRequest request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<InductionArmed>(
            async (write, cancel) =>
            {
                if (request.Level is not (HabilitationLevel.Accompanied or HabilitationLevel.Autonomous))
                    return Refusal.BadValue("level", "accompanied or autonomous.");
                if (await write.Db.Machines.SingleOrDefaultAsync(m => m.Id == machine && !m.Retired, cancel) is not { } row)
                    return Refusal.NotFound("machine");
                if (!row.Rule.TrainingsAsked().Contains(request.Training))
                    return Refusal.BadValue("training", "The machine does not ask for this training.");
                if (!await write.Db.MayAsync(by, Right.Grant, request.Training, cancel))
                    return Refusal.NotAllowed;
                if (!await write.Db.MachineDevices.AnyAsync(d => d.MachineId == machine && d.Role == DeviceRole.Reader, cancel))
                    return Refusal.Conflict("machine_without_reader", "No reader is bound to this machine: nobody can tap there.");
                if (!await MayTrainAsync(write, by.Id, request.Training, cancel))
                    return new Refusal("not_trainer", StatusCodes.Status403Forbidden, "Only who holds this habilitation as a trainer can train others.");

                var open = await write.Db.Inductions
                    .Where(i => i.MachineId == machine && i.DoneAt == null && i.CancelledAt == null && i.ArmedUntil > write.Now).ToListAsync(cancel);
                if (open.Any(other => other.Trainer != by.Id))
                    return Refusal.Conflict("induction_armed", "Somebody else is training at this machine just now.");
                foreach (var earlier in open)
                {
                    earlier.CancelledAt = write.Now;
                    earlier.Version++;
                }
                var induction = new InductionRow
                {
                    Id = InductionId.New(write.Now),
                    MachineId = machine,
                    TrainingId = request.Training,
                    Trainer = by.Id,
                    Level = request.Level,
                    ArmedAt = write.Now,
                    ArmedUntil = write.Now + Inductions.ArmedFor,
                };
                write.Db.Inductions.Add(induction);
                write.Audit(by.Id, "induction.armed", induction.Id.Value, row.Code);
                return new InductionArmed(induction.Id, induction.ArmedUntil);
            },
            cancellationToken);

    public Task<Outcome<InductionArmed>> CancelAsync(InductionId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<InductionArmed>(
            async (write, cancel) =>
            {
                if (await write.Db.Inductions.SingleOrDefaultAsync(i => i.Id == id, cancel) is not { } induction)
                    return Refusal.NotFound("induction");
                if (!await write.Db.MayAsync(by, Right.Grant, induction.TrainingId, cancel))
                    return Refusal.NotAllowed;
                if (induction.DoneAt is not null)
                    return Refusal.Conflict("induction_done", "The induction is done. Withdraw the habilitation instead.");
                if (induction.CancelledAt is null)
                {
                    induction.CancelledAt = write.Now;
                    induction.Version++;
                    write.Audit(by.Id, "induction.cancelled", id.Value);
                }
                return new InductionArmed(id, induction.ArmedUntil);
            },
            cancellationToken);

    internal static async Task<bool> MayTrainAsync(BookingWrite write, PersonId person, TrainingId training, CancellationToken cancellationToken) =>
        (await HabilitationQueries.StandingsAsync(write.Db, null, person, cancellationToken))
            .Any(s => s.Training == training && s.Level == HabilitationLevel.Trainer && s.HoldsAt(write.Now));
}
