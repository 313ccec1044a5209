using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Webhooks;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace FabLab.Booking.Features.Policy;

/// <summary>
/// Notes, in the transaction that changes it, every rule that gateways copy. It looks at what is about to be saved, so that no
/// handler can forget it.
/// </summary>
internal static class PolicyMarking
{
    public static async Task MarkAsync(BookingDbContext db, CancellationToken cancellationToken)
    {
        var touched = new SortedSet<(PolicyKind Kind, Guid Key)>();
        var everyMachine = false;
        List<Guid>? groups = null;
        // Looks for changes once; each of these lists would do it again.
        var changed = db.ChangeTracker.Entries().Where(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted).ToList();
        foreach (var entry in changed)
        {
            db.SettingsTouched |= IsSetting(entry);
            if (RuleOf(entry.Entity) is { } rule)
                touched.Add(rule);
            // What concerns more than one rule.
            else if (entry.Entity is SiteTimetableRow or TermsRow)
                everyMachine = true;
            else if (entry.Entity is PersonGroup group)
                (groups ??= []).Add(group.Id);
            // A sign-in changes the account too, and no rule.
            else if (entry.Entity is StaffAccount account
                && (entry.State != EntityState.Modified || entry.Property(nameof(StaffAccount.Role)).IsModified || entry.Property(nameof(StaffAccount.Active)).IsModified))
                touched.Add((PolicyKind.Person, account.Id.Value));
        }
        foreach (var row in db.Rows.Waiting)
        {
            if (RuleOf(row) is { } rule)
                touched.Add(rule);
        }
        touched.UnionWith(await GroupSessionPolicy.TouchedAsync(db, changed, cancellationToken));
        if (everyMachine)
            touched.UnionWith(await MachinesAsync(db, cancellationToken));
        if (groups is not null)
        {
            touched.UnionWith((await db.GroupPlaces.Where(place => groups.Contains(place.GroupId)).Select(place => place.PersonId).ToListAsync(cancellationToken))
                .Select(person => (PolicyKind.Person, person.Value)));
        }
        foreach (var pool in changed.Where(entry => entry.State == EntityState.Modified).Select(entry => entry.Entity).OfType<Pool>().Select(pool => pool.Id))
        {
            // A pool that is retired, or back, changes what its machines stand in for.
            foreach (var machine in await db.PoolMembers.Where(member => member.PoolId == pool).Select(member => member.MachineId).ToListAsync(cancellationToken))
                touched.Add((PolicyKind.Machine, machine.Value));
        }
        await MarkAsync(db, touched, cancellationToken);
    }

    /// <summary>The rules of every machine there is.</summary>
    public static async Task<IReadOnlyList<(PolicyKind Kind, Guid Key)>> MachinesAsync(BookingDbContext db, CancellationToken cancellationToken) =>
        [.. (await db.Machines.Where(machine => !machine.Retired && machine.Kind == ResourceKind.Machine).Select(machine => machine.Id).ToListAsync(cancellationToken))
            .Select(id => (PolicyKind.Machine, id.Value))];

    /// <summary>For writes that the change tracker does not see, such as a sweep over many rows.</summary>
    public static async Task MarkAsync(BookingDbContext db, IReadOnlyCollection<(PolicyKind Kind, Guid Key)> touched, CancellationToken cancellationToken)
    {
        if (touched.Count == 0)
            return;
        db.PolicyTouched = true;
        if (db.PolicyRevision is null)
            await LockRevisionAsync(db, touched.Count, cancellationToken);
        else
            db.PolicyRevision += touched.Count;
        var next = db.PolicyRevision!.Value - touched.Count;
        foreach (var (kind, key) in touched)
            db.Rows.Put(new PolicyMark { Kind = kind, Key = key, Revision = ++next });
    }

    /// <summary>
    /// Takes the counter for this group of writes, which counts on in memory from there and writes the last number once, before the commit.
    /// On PostgreSQL this locks its row until then: a later place is never visible before an earlier one, and no other copy of Booking
    /// gives out numbers or decides about bookings meanwhile.
    /// </summary>
    /// <param name="db">The context of the write.</param>
    /// <param name="places">How many numbers are given out at once; may be 0.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task LockRevisionAsync(BookingDbContext db, int places, CancellationToken cancellationToken)
    {
        var last = 0L;
        await db.AskAsync(cancellationToken, new PlainQuestion("UPDATE policy_counter SET revision = revision + $1 RETURNING revision", row => last = row.GetInt64(0), (long)places));
        (db.PolicyRevision, db.PolicyWritten) = (last, last);
    }

    /// <summary>Writes the last number that was given out.</summary>
    public static PlainQuestion Written(long revision) => new("UPDATE policy_counter SET revision = $1", _ => { }, revision);

    /// <summary>What <see cref="BookingSettings"/> is made of.</summary>
    private static bool IsSetting(EntityEntry entry) => entry.Entity switch
    {
        Site or Machine or MachineDevice or LockOutRow or Training or SiteTimetableRow or MachineTimetableRow or TermsRow or BookingQuotaRow or Pool or PoolMember => true,
        // Each delivery counts up its number, which decides nothing.
        Webhook => entry.State != EntityState.Modified || entry.Property(nameof(Webhook.Active)).IsModified || entry.Property(nameof(Webhook.RemovedAt)).IsModified,
        _ => false,
    };

    private static (PolicyKind Kind, Guid Key)? RuleOf(object entity) => entity switch
    {
        Site => (PolicyKind.Site, Guid.Empty),
        Machine machine => (PolicyKind.Machine, machine.Id.Value),
        MachineDevice device => (PolicyKind.Machine, device.MachineId.Value),
        LockOutRow lockOut => (PolicyKind.Machine, lockOut.MachineId.Value),
        PoolMember member => (PolicyKind.Machine, member.MachineId.Value),
        InductionRow induction => (PolicyKind.Machine, induction.MachineId.Value),
        MachineTimetableRow hours => (PolicyKind.Machine, hours.MachineId.Value),
        TermsRow terms when TermsRow.MachineOf(terms.Scope) is { } machine => (PolicyKind.Machine, machine.Value),
        Person person => (PolicyKind.Person, person.Id.Value),
        GroupPlace place => (PolicyKind.Person, place.PersonId.Value),
        Badge badge => (PolicyKind.Badge, badge.Id.Value),
        Training training => (PolicyKind.Training, training.Id.Value),
        Habilitation habilitation => (PolicyKind.Habilitation, habilitation.Id.Value),
        HabilitationAct act => (PolicyKind.Habilitation, act.HabilitationId.Value),
        Project project => (PolicyKind.Project, project.Id.Value),
        ProjectMember member => (PolicyKind.Project, member.ProjectId.Value),
        PresenceRow presence => (PolicyKind.Presence, presence.PersonId.Value),
        Reservation reservation => (PolicyKind.Booking, reservation.Id.Value),
        _ => null,
    };
}
