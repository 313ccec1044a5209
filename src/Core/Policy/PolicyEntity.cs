using System.Text.Json.Serialization;

namespace FabLab.Core.Policy;

/// <summary>The kinds of rules a gateway keeps a copy of.</summary>
public enum PolicyKind
{
    /// <summary><see cref="SiteRule"/>: one a site, key <see cref="Guid.Empty"/>.</summary>
    Site,

    /// <summary><see cref="MachineRule"/>, by machine.</summary>
    Machine,

    /// <summary><see cref="PersonRule"/>, by person.</summary>
    Person,

    /// <summary><see cref="BadgeRule"/>, by badge.</summary>
    Badge,

    /// <summary><see cref="TrainingRule"/>, by training.</summary>
    Training,

    /// <summary><see cref="HabilitationRule"/>, by habilitation.</summary>
    Habilitation,

    /// <summary><see cref="BookingRule"/>, by booking.</summary>
    Booking,

    /// <summary><see cref="ProjectRule"/>, by project.</summary>
    Project,

    /// <summary><see cref="PresenceRule"/>, by person.</summary>
    Presence,

    /// <summary><see cref="QuotaRule"/>, by quota.</summary>
    Quota,

    /// <summary><see cref="GroupSessionRule"/>, by séance.</summary>
    GroupSession,
}

/// <summary>One rule of the lab as every gateway keeps it. A closed set; each has a kind and a key that together name it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(SiteRule), "site")]
[JsonDerivedType(typeof(MachineRule), "machine")]
[JsonDerivedType(typeof(PersonRule), "person")]
[JsonDerivedType(typeof(BadgeRule), "badge")]
[JsonDerivedType(typeof(TrainingRule), "training")]
[JsonDerivedType(typeof(HabilitationRule), "habilitation")]
[JsonDerivedType(typeof(BookingRule), "booking")]
[JsonDerivedType(typeof(ProjectRule), "project")]
[JsonDerivedType(typeof(PresenceRule), "presence")]
[JsonDerivedType(typeof(QuotaRule), "quota")]
[JsonDerivedType(typeof(GroupSessionRule), "group_session")]
public abstract record PolicyEntity
{
    private protected PolicyEntity()
    {
    }

    /// <summary>The kind.</summary>
    [JsonIgnore]
    public abstract PolicyKind Kind { get; }

    /// <summary>The key within the kind.</summary>
    [JsonIgnore]
    public abstract Guid Key { get; }
}

/// <summary>One step of the feed from Booking to the gateways: a rule made, replaced or removed.</summary>
/// <param name="Revision">The place in the feed, strictly increasing within a site; a replica at revision n needs n+1 and later.</param>
/// <param name="Kind">The kind of rule.</param>
/// <param name="Id">Its key within the kind.</param>
/// <param name="Entity">The whole rule as it is from now on; null when it is removed.</param>
public sealed record PolicyChange(long Revision, PolicyKind Kind, Guid Id, PolicyEntity? Entity)
{
    /// <summary>The change that makes or replaces a rule.</summary>
    /// <param name="revision">The place in the feed.</param>
    /// <param name="entity">The rule.</param>
    public static PolicyChange Put(long revision, PolicyEntity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return new PolicyChange(revision, entity.Kind, entity.Key, entity);
    }

    /// <summary>The change that removes a rule.</summary>
    /// <param name="revision">The place in the feed.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="id">The key.</param>
    public static PolicyChange Remove(long revision, PolicyKind kind, Guid id) => new(revision, kind, id, null);
}
