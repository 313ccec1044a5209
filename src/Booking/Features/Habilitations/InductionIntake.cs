using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>
/// Two taps at a machine become a habilitation when they are those that were armed. A gateway alone can give nobody a right: the
/// induction must have been armed here, by this trainer, for this machine, at that time.
/// </summary>
internal static class InductionIntake
{
    /// <returns>Why no habilitation came of it, for staff; null when one did.</returns>
    public static async Task<string?> TakeInAsync(BookingWrite write, MachineId? machine, Instant at, InductionRecord record, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var row = await db.Inductions.SingleOrDefaultAsync(i => i.Id == record.Induction, cancellationToken);
        if (row is null || row.MachineId != machine || row.Trainer != record.Trainer)
            return "It was not armed by this trainer for this machine.";
        if (row.DoneAt is not null)
            return "It was done before.";
        if (row.CancelledAt is { } cancelled && cancelled <= at)
            return "It had been called off.";
        if (at < row.ArmedAt - Slack || at > row.ArmedUntil + Inductions.TraineeWithin + Slack)
            return "The taps did not come in the time it was armed for.";
        if (record.Trainee == record.Trainer || !await db.People.AnyAsync(p => p.Id == record.Trainee, cancellationToken))
            return "The person trained is not known here.";
        if (!await ArmInduction.MayTrainAsync(write, row.Trainer, row.TrainingId, cancellationToken))
            return "The trainer no longer holds this habilitation as a trainer.";
        // The badge acts for its owner: what that account may do now counts, not what it might when the induction was armed.
        var roles = await db.StaffAccounts.Where(a => a.Id == row.Trainer && a.Active).Select(a => a.Role).SingleOrDefaultAsync(cancellationToken);
        var trainer = new StaffActor(row.Trainer, roles);
        if (!await db.MayAsync(trainer, Right.Grant, row.TrainingId, cancellationToken))
            return "The trainer may no longer grant this habilitation.";

        var held = (await HabilitationQueries.StandingsAsync(db, null, record.Trainee, cancellationToken)).SingleOrDefault(s => s.Training == row.TrainingId);
        // Who may already do more keeps it: an induction never takes anything away.
        var level = held is not null && held.HoldsAt(write.Now) && held.Level > row.Level ? held.Level : row.Level;
        var code = await db.Machines.Where(m => m.Id == row.MachineId).Select(m => m.Code).SingleAsync(cancellationToken);
        var granted = await GrantHabilitation.WriteAsync(
            write, record.Trainee,
            new HabilitationGrant(row.TrainingId, level, code, Instant.Min(at, write.Now), Ground: EvidenceKind.Induction, EvidenceId: row.Id.Value),
            trainer, cancellationToken);
        if (granted.Refusal is { } refusal)
            return refusal.Detail;
        row.Trainee = record.Trainee;
        row.DoneAt = write.Now;
        row.Version++;
        write.Audit(row.Trainer, "induction.done", row.Id.Value, code);
        return null;
    }

    /// <summary>The gateway's clock is not ours.</summary>
    private static readonly Duration Slack = Duration.FromSeconds(30);
}
