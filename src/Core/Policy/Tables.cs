using System.Collections.Immutable;
using System.Diagnostics;
using FabLab.Core.Badges;

namespace FabLab.Core.Policy;

/// <summary>The rules by kind, with the indexes that decisions use.</summary>
internal sealed record Tables
{
    public static Tables None { get; } = new();

    public SiteRule Site { get; init; } = new();

    public ImmutableDictionary<MachineId, MachineRule> Machines { get; init; } = ImmutableDictionary<MachineId, MachineRule>.Empty;

    public ImmutableDictionary<DeviceId, ImmutableArray<MachineId>> ByDevice { get; init; } = ImmutableDictionary<DeviceId, ImmutableArray<MachineId>>.Empty;

    public ImmutableDictionary<PersonId, PersonRule> People { get; init; } = ImmutableDictionary<PersonId, PersonRule>.Empty;

    public ImmutableDictionary<BadgeId, BadgeRule> Badges { get; init; } = ImmutableDictionary<BadgeId, BadgeRule>.Empty;

    public BadgeIndex BadgeIndex { get; init; } = BadgeIndex.Empty;

    public ImmutableDictionary<TrainingId, TrainingRule> Trainings { get; init; } = ImmutableDictionary<TrainingId, TrainingRule>.Empty;

    public ImmutableDictionary<ProjectId, ProjectRule> Projects { get; init; } = ImmutableDictionary<ProjectId, ProjectRule>.Empty;

    public ImmutableDictionary<PersonId, PresenceRule> Presence { get; init; } = ImmutableDictionary<PersonId, PresenceRule>.Empty;

    public Grouped<PersonId, HabilitationRule> Habilitations { get; init; } = new(rule => rule.Person);

    public Grouped<MachineId, BookingRule> Bookings { get; init; } =
        new(rule => rule.Machine, Comparer<BookingRule>.Create((a, b) => a.Start.CompareTo(b.Start)), rule => rule.Also);

    public Grouped<PersonId, QuotaRule> Quotas { get; init; } = new(rule => rule.Person);

    public Grouped<MachineId, GroupSessionRule> GroupSessions { get; init; } =
        new(rule => rule.Machines.Count > 0 ? rule.Machines[0] : default, also: rule => rule.Machines);

    /// <summary>Tables of a whole copy of the rules, made at once, which costs a good third less than one by one.</summary>
    public static Tables Of(IEnumerable<PolicyEntity> entities)
    {
        Dictionary<(PolicyKind Kind, Guid Key), PolicyEntity> last = [];
        foreach (PolicyEntity entity in entities)
        {
            last[(entity.Kind, entity.Key)] = entity;
        }

        ILookup<PolicyKind, PolicyEntity> kinds = last.Values.ToLookup(entity => entity.Kind);
        Tables tables = new()
        {
            Site = kinds[PolicyKind.Site].OfType<SiteRule>().FirstOrDefault() ?? new SiteRule(),
            People = kinds[PolicyKind.Person].OfType<PersonRule>().ToImmutableDictionary(rule => rule.Id),
            Badges = kinds[PolicyKind.Badge].OfType<BadgeRule>().ToImmutableDictionary(rule => rule.Id),
            BadgeIndex = BadgeIndex.Of(kinds[PolicyKind.Badge].OfType<BadgeRule>().Select(rule => (rule.Id, rule.Print))),
            Trainings = kinds[PolicyKind.Training].OfType<TrainingRule>().ToImmutableDictionary(rule => rule.Id),
            Projects = kinds[PolicyKind.Project].OfType<ProjectRule>().ToImmutableDictionary(rule => rule.Id),
            Presence = kinds[PolicyKind.Presence].OfType<PresenceRule>().ToImmutableDictionary(rule => rule.Person),
        };
        tables = tables with
        {
            Habilitations = tables.Habilitations.PutAll(kinds[PolicyKind.Habilitation].OfType<HabilitationRule>()),
            Bookings = tables.Bookings.PutAll(kinds[PolicyKind.Booking].OfType<BookingRule>()),
            Quotas = tables.Quotas.PutAll(kinds[PolicyKind.Quota].OfType<QuotaRule>()),
            GroupSessions = tables.GroupSessions.PutAll(kinds[PolicyKind.GroupSession].OfType<GroupSessionRule>()),
        };

        // Few, and bound to devices.
        foreach (MachineRule machine in kinds[PolicyKind.Machine].OfType<MachineRule>())
        {
            tables = tables.WithMachine(machine.Id, machine);
        }

        return tables;
    }

    public IEnumerable<PolicyEntity> All()
    {
        yield return Site;
        IEnumerable<PolicyEntity>[] kinds =
        [
            Machines.Values, People.Values, Badges.Values, Trainings.Values, Projects.Values, Presence.Values,
            Habilitations.Rules, Bookings.Rules, Quotas.Rules, GroupSessions.Rules,
        ];
        foreach (IEnumerable<PolicyEntity> kind in kinds)
        {
            foreach (PolicyEntity entity in kind)
            {
                yield return entity;
            }
        }
    }

    /// <summary>These tables with one rule put, or removed when it is null.</summary>
    public Tables With(PolicyKind kind, Guid id, PolicyEntity? entity) => kind switch
    {
        PolicyKind.Site => this with { Site = entity as SiteRule ?? new SiteRule() },
        PolicyKind.Machine => WithMachine(new MachineId(id), entity as MachineRule),
        PolicyKind.Person => this with { People = Put(People, new PersonId(id), entity as PersonRule) },
        PolicyKind.Badge => WithBadge(new BadgeId(id), entity as BadgeRule),
        PolicyKind.Training => this with { Trainings = Put(Trainings, new TrainingId(id), entity as TrainingRule) },
        PolicyKind.Habilitation => this with { Habilitations = Habilitations.Put(id, entity as HabilitationRule) },
        PolicyKind.Booking => this with { Bookings = Bookings.Put(id, entity as BookingRule) },
        PolicyKind.Project => this with { Projects = Put(Projects, new ProjectId(id), entity as ProjectRule) },
        PolicyKind.Presence => this with { Presence = Put(Presence, new PersonId(id), entity as PresenceRule) },
        PolicyKind.Quota => this with { Quotas = Quotas.Put(id, entity as QuotaRule) },
        PolicyKind.GroupSession => this with { GroupSessions = GroupSessions.Put(id, entity as GroupSessionRule) },
        _ => throw new UnreachableException(),
    };

    private Tables WithMachine(MachineId id, MachineRule? rule)
    {
        ImmutableDictionary<DeviceId, ImmutableArray<MachineId>> byDevice = ByDevice;
        if (Machines.TryGetValue(id, out MachineRule? before))
        {
            foreach (DeviceBinding binding in before.Devices)
            {
                if (byDevice.TryGetValue(binding.Device, out ImmutableArray<MachineId> bound))
                {
                    bound = bound.Remove(id);
                    byDevice = bound.IsEmpty ? byDevice.Remove(binding.Device) : byDevice.SetItem(binding.Device, bound);
                }
            }
        }

        foreach (DeviceBinding binding in rule?.Devices ?? [])
        {
            ImmutableArray<MachineId> bound = byDevice.TryGetValue(binding.Device, out ImmutableArray<MachineId> some) ? some : [];
            if (!bound.Contains(id))
            {
                byDevice = byDevice.SetItem(binding.Device, bound.Add(id));
            }
        }

        return this with { Machines = Put(Machines, id, rule), ByDevice = byDevice };
    }

    private Tables WithBadge(BadgeId id, BadgeRule? rule)
    {
        BadgeIndex index = BadgeIndex;
        if (Badges.TryGetValue(id, out BadgeRule? before))
        {
            index = index.Remove(id, before.Print);
        }

        if (rule is not null)
        {
            index = index.Add(id, rule.Print);
        }

        return this with { Badges = Put(Badges, id, rule), BadgeIndex = index };
    }

    private static ImmutableDictionary<TKey, TRule> Put<TKey, TRule>(ImmutableDictionary<TKey, TRule> table, TKey key, TRule? rule)
        where TKey : notnull
        where TRule : class => rule is null ? table.Remove(key) : table.SetItem(key, rule);
}

/// <summary>Rules by their own key and, in a small array each, by what decisions ask for. A rule may be in several groups.</summary>
internal sealed class Grouped<TGroup, TRule>
    where TGroup : struct
    where TRule : PolicyEntity
{
    private readonly Func<TRule, TGroup> _group;
    private readonly Func<TRule, ValueList<TGroup>>? _also;
    private readonly IComparer<TRule>? _order;
    private readonly ImmutableDictionary<Guid, TRule> _byKey;
    private readonly ImmutableDictionary<TGroup, ImmutableArray<TRule>> _byGroup;

    public Grouped(Func<TRule, TGroup> group, IComparer<TRule>? order = null, Func<TRule, ValueList<TGroup>>? also = null)
        : this(group, order, also, ImmutableDictionary<Guid, TRule>.Empty, ImmutableDictionary<TGroup, ImmutableArray<TRule>>.Empty)
    {
    }

    private Grouped(
        Func<TRule, TGroup> group,
        IComparer<TRule>? order,
        Func<TRule, ValueList<TGroup>>? also,
        ImmutableDictionary<Guid, TRule> byKey,
        ImmutableDictionary<TGroup, ImmutableArray<TRule>> byGroup) =>
        (_group, _order, _also, _byKey, _byGroup) = (group, order, also, byKey, byGroup);

    public IEnumerable<TRule> Rules => _byKey.Values;

    public TRule? Find(Guid key) => _byKey.GetValueOrDefault(key);

    public ImmutableArray<TRule> Of(TGroup group) =>
        _byGroup.TryGetValue(group, out ImmutableArray<TRule> rules) ? rules : [];

    /// <summary>The rules of a whole copy; no two have one key.</summary>
    public Grouped<TGroup, TRule> PutAll(IEnumerable<TRule> rules)
    {
        List<TRule> all = [.. rules];
        IEnumerable<(TGroup Group, TRule Rule)> placed = _also is null
            ? all.Select(rule => (_group(rule), rule))
            : all.SelectMany(rule => GroupsOf(rule).Select(group => (group, rule)));
        return new Grouped<TGroup, TRule>(
            _group,
            _order,
            _also,
            all.ToImmutableDictionary(rule => rule.Key),
            placed.GroupBy(one => one.Group, one => one.Rule).ToImmutableDictionary(
                group => group.Key,
                group => _order is null ? group.ToImmutableArray() : group.Order(_order).ToImmutableArray()));
    }

    public Grouped<TGroup, TRule> Put(Guid key, TRule? rule)
    {
        ImmutableDictionary<TGroup, ImmutableArray<TRule>> byGroup = _byGroup;
        if (_byKey.TryGetValue(key, out TRule? before))
        {
            foreach (TGroup left in GroupsOf(before))
            {
                ImmutableArray<TRule> rest = byGroup[left].Remove(before);
                byGroup = rest.IsEmpty ? byGroup.Remove(left) : byGroup.SetItem(left, rest);
            }
        }

        if (rule is null)
        {
            return new Grouped<TGroup, TRule>(_group, _order, _also, _byKey.Remove(key), byGroup);
        }

        foreach (TGroup joined in GroupsOf(rule))
        {
            ImmutableArray<TRule> group = (byGroup.TryGetValue(joined, out ImmutableArray<TRule> some) ? some : []).Add(rule);
            byGroup = byGroup.SetItem(joined, _order is null ? group : group.Sort(_order));
        }

        return new Grouped<TGroup, TRule>(_group, _order, _also, _byKey.SetItem(key, rule), byGroup);
    }

    private IEnumerable<TGroup> GroupsOf(TRule rule) =>
        _also is null ? [_group(rule)] : new[] { _group(rule) }.Concat(_also(rule)).Distinct();
}
