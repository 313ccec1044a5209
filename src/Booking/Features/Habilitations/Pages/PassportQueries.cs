using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>Reads a person's passport.</summary>
public sealed class PassportQueries(BookingDbContext db, FloorQueries floor)
{
    /// <summary>Null when there is nobody whom the viewer may see.</summary>
    public async Task<PassportSheet?> ReadAsync(Viewer viewer, PersonId id, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        if (!viewer.MaySee(id))
            return null;
        var person = await db.People.Where(p => p.Id == id)
            .Select(p => new PersonLine(p.Id, p.DisplayName, p.ShortCode, p.Active, p.MemberThrough)).SingleOrDefaultAsync(cancellationToken);
        if (person is null)
            return null;
        LabPolicy policy = LabPolicy.From(await PolicySource.ReadAsync(db, null, now, cancellationToken), 0, now);
        var machines = new List<PassportMachine>();
        foreach (MachineRule machine in policy.Machines.Where(m => m.TrainingsAsked().Any()).OrderBy(m => m.Code, StringComparer.Ordinal))
        {
            machines.Add(Ask(machine, null, []));
            machines.AddRange(machine.Options.Where(o => o.Requirement is not null || o.AgeAlone is not null).Select(o => Ask(machine, o.Name(), [o.Code])));
        }

        var heads = await db.Habilitations.Where(h => h.PersonId == id).ToDictionaryAsync(h => h.Id, h => h.TrainingId, cancellationToken);
        List<HabilitationId> ids = [.. heads.Keys];
        var acts = await db.HabilitationActs.Where(a => ids.Contains(a.HabilitationId)).ToListAsync(cancellationToken);
        var trainings = await db.Trainings.ToDictionaryAsync(t => t.Id, t => new Words(t.NameFr, t.NameEn), cancellationToken);
        var by = await floor.PeopleAsync(acts.Select(a => (PersonId?)a.By), cancellationToken);
        return new PassportSheet(person, machines,
        [
            .. acts.OrderByDescending(a => a.At).ThenByDescending(a => a.Number)
                .Select(a => new PassportAct(a, trainings.GetValueOrDefault(heads[a.HabilitationId]) ?? new Words("?", "?"), viewer.HasAll(Right.SeePeople) || a.By == viewer.Actor?.Id ? by.GetValueOrDefault(a.By)?.Label : null, a.By == default)),
        ]);

        PassportMachine Ask(MachineRule machine, Words? option, ValueList<string> options) => AccessRules.Ask(
            policy, new AccessRequest { Now = now, Machine = machine.Id, Purpose = AccessPurpose.Preview, Person = id, Options = options }) switch
        {
            AccessDecision.Granted granted => new PassportMachine(machine.Code, machine.Name(), option, RightKind.Yes, null, granted.Facts.Person?.LevelUntil),
            AccessDecision.Denied denied => new PassportMachine(
                machine.Code, machine.Name(), option, denied.AsksForCompanion ? RightKind.WithSomebody : RightKind.No, denied.Sentence, null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
