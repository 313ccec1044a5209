using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.SignIn;

/// <summary>What is somebody's own, where a right reaches no farther.</summary>
/// <param name="Leads">Machines whose state and upkeep are theirs.</param>
/// <param name="Trains">Machines they train on.</param>
/// <param name="Trainings">The trainings those machines ask for, with whatever is fitted to them.</param>
/// <param name="People">Themselves and the people of their groups.</param>
public sealed record Charge(
    IReadOnlySet<MachineId> Leads, IReadOnlySet<MachineId> Trains, IReadOnlySet<TrainingId> Trainings, IReadOnlySet<PersonId> People)
{
    public static Charge Nothing { get; } = new(new HashSet<MachineId>(), new HashSet<MachineId>(), new HashSet<TrainingId>(), new HashSet<PersonId>());

    public bool Has(Right right, MachineId machine) =>
        Leads.Contains(machine) || (right is not (Right.Maintain or Right.KeepMachines) && Trains.Contains(machine));

    /// <summary>Everything about somebody is read by themselves alone, whoever looks after them.</summary>
    public bool Has(StaffActor by, Right right, PersonId person) => right is Right.ExportPeople or Right.KeepDetails or Right.KeepVolunteering ? by.Id == person : People.Contains(person);
}

/// <summary>
/// Asked with the object at hand, in the transaction that changes it:
/// <c>if (!await write.Db.MayAsync(by, Right.Grant, training, cancel)) return Refusal.NotAllowed;</c>
/// </summary>
internal static class Charges
{
    public static async Task<bool> MayAsync(this BookingDbContext db, StaffActor by, Right right, MachineId machine, CancellationToken cancellationToken) =>
        by.Reach(right) switch
        {
            Reach.All => true,
            Reach.Own => (await db.ChargeOfAsync(by, cancellationToken)).Has(right, machine),
            _ => false,
        };

    public static async Task<bool> MayAsync(this BookingDbContext db, StaffActor by, Right right, TrainingId training, CancellationToken cancellationToken) =>
        by.Reach(right) switch
        {
            Reach.All => true,
            Reach.Own => (await db.ChargeOfAsync(by, cancellationToken)).Trainings.Contains(training),
            _ => false,
        };

    public static async Task<bool> MayAsync(this BookingDbContext db, StaffActor by, Right right, PersonId person, CancellationToken cancellationToken) =>
        by.Reach(right) switch
        {
            Reach.All => true,
            Reach.Own => (await db.ChargeOfAsync(by, cancellationToken)).Has(by, right, person),
            _ => false,
        };

    public static async Task<Charge> ChargeOfAsync(this BookingDbContext db, StaffActor actor, CancellationToken cancellationToken)
    {
        var duties = await db.MachineDuties.Where(d => d.PersonId == actor.Id).ToListAsync(cancellationToken);
        var trains = duties.Where(d => d.Duty == Duty.Trains).Select(d => d.MachineId).ToHashSet();
        var rules = trains.Count == 0
            ? []
            : await db.Machines.Where(m => trains.Contains(m.Id) && !m.Retired).Select(m => m.Rule).ToListAsync(cancellationToken);
        var people = await (
            from mine in db.GroupPlaces
            where mine.PersonId == actor.Id && mine.Part == GroupPart.LooksAfter
            join open in db.PersonGroups on mine.GroupId equals open.Id
            where !open.Closed
            join theirs in db.GroupPlaces on mine.GroupId equals theirs.GroupId
            where theirs.Part == GroupPart.Member
            select theirs.PersonId).ToListAsync(cancellationToken);
        return new Charge(
            duties.Where(d => d.Duty == Duty.Leads).Select(d => d.MachineId).ToHashSet(),
            trains,
            rules.SelectMany(rule => rule.TrainingsAsked()).ToHashSet(),
            people.Append(actor.Id).ToHashSet());
    }
}
