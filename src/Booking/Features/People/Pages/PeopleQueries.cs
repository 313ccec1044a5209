using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Jobs.Pages;
using FabLab.Booking.Features.Ledger.Pages;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>Reads what the pages about people show.</summary>
public sealed class PeopleQueries(BookingDbContext db, FloorQueries floor, LedgerQueries ledger, JobQueries jobs)
{
    public const int ListLimit = 100;
    private const int RecentUses = 10;

    /// <summary>
    /// People whose name or short code contains the words, accents and capitals aside, in the order of their names; one more than
    /// the limit when there are more. Compared here and not by the database: SQLite knows capitals of English only.
    /// </summary>
    public async Task<IReadOnlyList<PersonLine>> FindAsync(Viewer viewer, string? search, CancellationToken cancellationToken) =>
        [.. (await AllAsync(viewer, search, cancellationToken)).Take(ListLimit + 1)];

    /// <summary>The same without a limit.</summary>
    public async Task<IReadOnlyList<PersonLine>> AllAsync(Viewer viewer, string? search, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        List<PersonLine> people = await db.People
            .Select(p => new PersonLine(p.Id, p.DisplayName, p.ShortCode, p.Active, p.MemberThrough)).ToListAsync(cancellationToken);
        CompareInfo compare = CultureInfo.GetCultureInfo("fr-FR").CompareInfo;
        string words = search?.Trim() ?? "";
        return
        [
            .. people.Where(p => viewer.May(Right.FindPeople, p.Id)).Where(p => words.Length == 0 || Contains(p.Name ?? "") || Contains(p.Code))
                .OrderBy(p => !p.Active).ThenBy(p => p.Name ?? p.Code, Comparer<string>.Create(compare.Compare)),
        ];

        bool Contains(string text) => compare.IndexOf(text, words, CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace) >= 0;
    }

    /// <summary>The page of one person; null when there is none that the viewer may see: who asks learns not even that.</summary>
    public async Task<PersonSheet?> SheetAsync(Viewer viewer, PersonId id, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        Person? person = await db.People.SingleOrDefaultAsync(p => p.Id == id, cancellationToken);
        if (person is null || !viewer.MaySee(id))
            return null;
        return new PersonSheet
        {
            Person = new PersonLine(person.Id, person.DisplayName, person.ShortCode, person.Active, person.MemberThrough),
            IsAdult = person.IsAdult,
            Mine = viewer.Actor?.Id == id,
            Contact = viewer.HasAll(Right.KeepPeople) ? new ContactForm(person.Email ?? "", person.MailConsentAt is not null, person.Version) : null,
            Rights = await RightsAsync(person.Id, now, cancellationToken),
            Habilitations = await HabilitationsAsync(id, cancellationToken),
            Trainings = viewer.Has(Right.Grant)
                ? [.. (await db.Trainings.Where(t => !t.Retired).OrderBy(t => t.NameFr).ToListAsync(cancellationToken)).Where(t => viewer.May(Right.Grant, t.Id)).Select(t => (t.Id, new Words(t.NameFr, t.NameEn)))]
                : [],
            Time = await ledger.ByProjectAsync(id, now, cancellationToken),
            Uses = await ledger.RecentAsync(viewer, id, RecentUses, cancellationToken),
            Jobs = await jobs.OfPersonAsync(viewer, id, RecentUses, cancellationToken),
        };
    }

    private async Task<IReadOnlyList<MachineRight>> RightsAsync(PersonId person, Instant now, CancellationToken cancellationToken)
    {
        IReadOnlyList<PolicyEntity> rules = await PolicySource.ReadAsync(db, null, now, cancellationToken);
        LabPolicy policy = LabPolicy.From(rules, 0, now);
        return
        [
            .. policy.Machines.OrderBy(m => m.Code, StringComparer.Ordinal).Select(machine =>
            {
                AccessDecision decision = AccessRules.Ask(
                    policy, new AccessRequest { Now = now, Machine = machine.Id, Purpose = AccessPurpose.Preview, Person = person });
                Words name = machine.Name();
                return decision switch
                {
                    AccessDecision.Granted granted => new MachineRight(machine.Code, name, RightKind.Yes, null, null, granted.Until),
                    AccessDecision.Denied denied => new MachineRight(
                        machine.Code, name, denied.AsksForCompanion ? RightKind.WithSomebody : RightKind.No, denied.Sentence, denied.NextStep, null),
                    _ => throw new System.Diagnostics.UnreachableException(),
                };
            }),
        ];
    }

    private async Task<IReadOnlyList<HabilitationLine>> HabilitationsAsync(PersonId person, CancellationToken cancellationToken)
    {
        IReadOnlyList<HabilitationStanding> standings = await HabilitationQueries.StandingsAsync(db, null, person, cancellationToken);
        Dictionary<TrainingId, Words> trainings = await db.Trainings.ToDictionaryAsync(t => t.Id, t => new Words(t.NameFr, t.NameEn), cancellationToken);
        List<HabilitationId> ids = [.. standings.Select(s => s.Id)];
        ILookup<HabilitationId, HabilitationAct> acts = (await db.HabilitationActs.Where(a => ids.Contains(a.HabilitationId)).ToListAsync(cancellationToken))
            .ToLookup(a => a.HabilitationId);
        Dictionary<PersonId, PersonGlance> by = await floor.PeopleAsync(acts.SelectMany(a => a).Select(a => (PersonId?)a.By), cancellationToken);
        return
        [
            .. standings.Where(s => s.Level != HabilitationLevel.None).Select(s => new HabilitationLine(
                s, trainings.GetValueOrDefault(s.Training) ?? new Words("?", "?"),
                acts[s.Id].OrderBy(a => a.Number).LastOrDefault() is { } last ? by.GetValueOrDefault(last.By)?.Label : null))
                .OrderBy(h => h.Training.Fr, StringComparer.CurrentCulture),
        ];
    }
}
