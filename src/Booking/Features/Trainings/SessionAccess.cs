using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Trainings;

/// <summary>What the changes to sessions have in common.</summary>
internal static class SessionAccess
{
    /// <summary>The session, alone until the commit; null when there is none.</summary>
    public static async Task<TrainingSession?> SessionAsync(this BookingWrite write, TrainingSessionId id, CancellationToken cancellationToken)
    {
        await write.OneAtATimeAsync($"training session {id}", cancellationToken);
        return await write.Db.TrainingSessions.SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
    }

    /// <summary>Whether somebody may lead a session: it is of a training they teach, or it was given to them.</summary>
    public static async Task<bool> MayLeadAsync(this BookingDbContext db, StaffActor by, TrainingSession session, CancellationToken cancellationToken) =>
        by.Has(Right.Teach) && (session.Trainer == by.Id || await db.MayAsync(by, Right.Teach, session.TrainingId, cancellationToken));

    /// <summary>Whether an account may lead sessions at all.</summary>
    public static async Task<bool> IsTrainerAsync(this BookingDbContext db, PersonId person, CancellationToken cancellationToken) =>
        await db.StaffAccounts.Where(a => a.Id == person && a.Active).Select(a => a.Role).SingleOrDefaultAsync(cancellationToken) is var role
        && Rights.Of(role, Right.Teach) != Reach.None;

    /// <summary>Whether its day has come: from then on people are present or absent.</summary>
    public static async Task<bool> HasComeAsync(this BookingDbContext db, TrainingSession session, Instant now, CancellationToken cancellationToken)
    {
        var zone = await db.ZoneAsync(cancellationToken);
        return session.Start.InZone(zone).Date <= now.InZone(zone).Date;
    }

    /// <summary>What a person would have to hold first and does not.</summary>
    public static async Task<IReadOnlyList<Training>> MissingAsync(
        this BookingDbContext db, TrainingId training, PersonId person, Instant now, CancellationToken cancellationToken)
    {
        var needs = await db.TrainingPrerequisites.Where(p => p.TrainingId == training)
            .Join(db.Trainings.Where(t => !t.Retired), p => p.Needs, t => t.Id, (_, t) => t).AsNoTracking().ToListAsync(cancellationToken);
        if (needs.Count == 0)
            return [];
        var held = (await HabilitationQueries.StandingsAsync(db, null, person, cancellationToken))
            .Where(s => s.HoldsAt(now)).Select(s => s.Training).ToHashSet();
        return [.. needs.Where(t => !held.Contains(t.Id)).OrderBy(t => t.Code, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Notes when a training is next given: a refusal at a machine says it. A training without any session keeps the date that came
    /// with the description of the lab.
    /// </summary>
    public static async Task TellNextAsync(this BookingWrite write, TrainingId training, CancellationToken cancellationToken)
    {
        await write.Db.SaveChangesAsync(cancellationToken);
        var row = await write.Db.Trainings.SingleAsync(t => t.Id == training, cancellationToken);
        var next = await write.Db.TrainingSessions.Where(s => s.TrainingId == training && s.CancelledAt == null && s.Start > write.Now)
            .OrderBy(s => s.Start).Select(s => (Instant?)s.Start).FirstOrDefaultAsync(cancellationToken);
        if (row.NextSession != next)
            row.NextSession = next;
    }

    /// <summary>Housekeeping: what was next and has begun is followed by the one after it.</summary>
    public static async Task RoundAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var due = await write.Db.Trainings.Where(t => t.NextSession <= write.Now && write.Db.TrainingSessions.Any(s => s.TrainingId == t.Id))
            .Select(t => t.Id).ToListAsync(cancellationToken);
        foreach (var training in due)
            await write.TellNextAsync(training, cancellationToken);
    }
}
