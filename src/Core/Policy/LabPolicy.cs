using System.Collections.Immutable;
using FabLab.Core.Badges;
using NodaTime;

namespace FabLab.Core.Policy;

/// <summary>
/// The rules of a lab at one revision, indexed for decisions. Immutable: <see cref="Apply"/> gives the next one and costs
/// the logarithm of the size for each change, so that a reader never waits for a writer.
/// </summary>
public sealed class LabPolicy
{
    private readonly Tables _tables;

    private LabPolicy(Tables tables, long revision, Instant asOf)
    {
        _tables = tables;
        Revision = revision;
        AsOf = asOf;
        Zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(tables.Site.Zone) ?? DateTimeZone.Utc;
    }

    /// <summary>No rules at all: nobody may use anything.</summary>
    public static LabPolicy Empty { get; } = new(Tables.None, 0, Instant.FromUnixTimeMilliseconds(0));

    /// <summary>The last revision it holds; 0 for none.</summary>
    public long Revision { get; }

    /// <summary>When Booking last said that this is all there is; its distance from now is the age of the rules.</summary>
    public Instant AsOf { get; }

    /// <summary>What holds for the site; defaults until Booking has sent it.</summary>
    public SiteRule Site => _tables.Site;

    /// <summary>The zone of the site; UTC when the site names one that does not exist.</summary>
    public DateTimeZone Zone { get; }

    /// <summary>The badges, to be found by their number.</summary>
    public BadgeIndex Badges => _tables.BadgeIndex;

    /// <summary>All machines, in no order.</summary>
    public IEnumerable<MachineRule> Machines => _tables.Machines.Values;

    /// <summary>All people, in no order.</summary>
    public IEnumerable<PersonRule> People => _tables.People.Values;

    /// <summary>All badges, in no order; an offline list is made from them.</summary>
    public IEnumerable<BadgeRule> BadgeRules => _tables.Badges.Values;

    /// <summary>All trainings, in no order.</summary>
    public IEnumerable<TrainingRule> Trainings => _tables.Trainings.Values;

    /// <summary>All projects, in no order.</summary>
    public IEnumerable<ProjectRule> Projects => _tables.Projects.Values;

    /// <summary>A policy from a whole copy of the rules.</summary>
    /// <param name="entities">The rules; of two with one kind and key the later counts.</param>
    /// <param name="revision">The revision of the copy.</param>
    /// <param name="asOf">When it was made.</param>
    public static LabPolicy From(IEnumerable<PolicyEntity> entities, long revision, Instant asOf)
    {
        ArgumentNullException.ThrowIfNull(entities);
        return new LabPolicy(Tables.Of(entities), revision, asOf);
    }

    /// <summary>The policy after a batch of changes. A change at or below <see cref="Revision"/> was applied before and is skipped, so a batch may come twice.</summary>
    /// <param name="changes">The changes, in the order of the feed.</param>
    /// <param name="asOf">When Booking sent them; an earlier instant than <see cref="AsOf"/> does not set the age back.</param>
    /// <exception cref="ArgumentException">A change says one kind or key and carries a rule of another.</exception>
    public LabPolicy Apply(IEnumerable<PolicyChange> changes, Instant asOf)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Tables tables = _tables;
        long revision = Revision;
        foreach (PolicyChange change in changes)
        {
            if (change.Revision <= Revision)
            {
                continue;
            }

            if (change.Entity is { } entity && (entity.Kind != change.Kind || entity.Key != change.Id))
            {
                throw new ArgumentException($"Change {change.Revision} carries a rule of another kind or key.", nameof(changes));
            }

            tables = tables.With(change.Kind, change.Id, change.Entity);
            revision = Math.Max(revision, change.Revision);
        }

        return new LabPolicy(tables, revision, Instant.Max(AsOf, asOf));
    }

    /// <summary>The same rules, confirmed by Booking at a later instant.</summary>
    /// <param name="asOf">When Booking said that nothing has changed.</param>
    public LabPolicy Confirm(Instant asOf) => asOf <= AsOf ? this : new LabPolicy(_tables, Revision, asOf);

    /// <summary>Every rule, so that the copy can be stored whole and read back by <see cref="From"/>.</summary>
    public IEnumerable<PolicyEntity> Entities() => _tables.All();

    /// <summary>The machine, or null.</summary>
    /// <param name="id">Its id.</param>
    public MachineRule? Machine(MachineId id) => _tables.Machines.GetValueOrDefault(id);

    /// <summary>The machine of that code, whatever the case; or null. Walks the machines: for pages and commands, not for taps.</summary>
    /// <param name="code">Such as "LAS-1".</param>
    public MachineRule? Machine(string code)
    {
        foreach (MachineRule machine in _tables.Machines.Values)
        {
            if (string.Equals(machine.Code, code, StringComparison.OrdinalIgnoreCase))
            {
                return machine;
            }
        }

        return null;
    }

    /// <summary>The machines a device is bound to; a reader can serve one, a relay box several.</summary>
    /// <param name="device">The device.</param>
    public ImmutableArray<MachineId> MachinesOf(DeviceId device) =>
        _tables.ByDevice.TryGetValue(device, out ImmutableArray<MachineId> machines) ? machines : [];

    /// <summary>The person, or null.</summary>
    /// <param name="id">Their id.</param>
    public PersonRule? Person(PersonId id) => _tables.People.GetValueOrDefault(id);

    /// <summary>The badge, or null.</summary>
    /// <param name="id">Its id.</param>
    public BadgeRule? Badge(BadgeId id) => _tables.Badges.GetValueOrDefault(id);

    /// <summary>The training, or null.</summary>
    /// <param name="id">Its id.</param>
    public TrainingRule? Training(TrainingId id) => _tables.Trainings.GetValueOrDefault(id);

    /// <summary>The project, or null.</summary>
    /// <param name="id">Its id.</param>
    public ProjectRule? Project(ProjectId id) => _tables.Projects.GetValueOrDefault(id);

    /// <summary>That the person is here, or null.</summary>
    /// <param name="id">Their id.</param>
    public PresenceRule? Presence(PersonId id) => _tables.Presence.GetValueOrDefault(id);

    /// <summary>A person's habilitations, in no order.</summary>
    /// <param name="id">The person.</param>
    public ImmutableArray<HabilitationRule> Habilitations(PersonId id) => _tables.Habilitations.Of(id);

    /// <summary>A machine's bookings by their start, past ones included until Booking removes them.</summary>
    /// <param name="id">The machine.</param>
    public ImmutableArray<BookingRule> Bookings(MachineId id) => _tables.Bookings.Of(id);

    /// <summary>The booking, or null.</summary>
    /// <param name="id">Its id.</param>
    public BookingRule? Booking(BookingId id) => _tables.Bookings.Find(id.Value);

    /// <summary>The machines that stand in for one another, by their codes. Walks the machines.</summary>
    /// <param name="pool">The pool.</param>
    public IEnumerable<MachineRule> MachinesOf(PoolId pool) =>
        _tables.Machines.Values.Where(machine => machine.Pool == pool).OrderBy(static machine => machine.Code, StringComparer.Ordinal);

    /// <summary>A person's quotas, in no order.</summary>
    /// <param name="id">The person.</param>
    public ImmutableArray<QuotaRule> Quotas(PersonId id) => _tables.Quotas.Of(id);

    /// <summary>The séances held at a machine now, in no order.</summary>
    /// <param name="id">The machine.</param>
    public ImmutableArray<GroupSessionRule> GroupSessions(MachineId id) => _tables.GroupSessions.Of(id);

    /// <summary>The séance while it is held, or null.</summary>
    /// <param name="id">Its id.</param>
    public GroupSessionRule? GroupSession(GroupSessionId id) => _tables.GroupSessions.Find(id.Value);
}
