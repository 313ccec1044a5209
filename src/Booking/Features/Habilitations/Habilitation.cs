using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>A training machines can ask for.</summary>
public sealed class Training
{
    public required TrainingId Id { get; init; }

    /// <summary>Short name in lists and files, such as "laser". Unique, lower case.</summary>
    public required string Code { get; set; }

    public required string NameFr { get; set; }

    public required string NameEn { get; set; }

    /// <summary>Months a grant is good for; null = without end.</summary>
    public int? ValidMonths { get; set; }

    /// <summary>When it is next given.</summary>
    public Instant? NextSession { get; set; }

    public bool Retired { get; set; }

    public long Version { get; set; }

    internal TrainingRule ToRule() => new() { Id = Id, NameFr = NameFr, NameEn = NameEn, NextSession = NextSession };
}

/// <summary>That a person and a training have to do with each other; what holds now follows from the acts.</summary>
public sealed class Habilitation
{
    public required HabilitationId Id { get; init; }

    public required PersonId PersonId { get; init; }

    public required TrainingId TrainingId { get; init; }
}

public enum HabilitationActKind
{
    Granted = 1,
    Renewed = 2,
    Suspended = 3,
    Resumed = 4,
    Withdrawn = 5,
}

/// <summary>One act: never changed, never deleted.</summary>
public sealed class HabilitationAct
{
    public required HabilitationId HabilitationId { get; init; }

    /// <summary>Place among the acts of this habilitation, from 1.</summary>
    public required int Number { get; init; }

    public required HabilitationActKind Kind { get; init; }

    /// <summary>For a grant or a renewal.</summary>
    public HabilitationLevel Level { get; init; }

    /// <summary>For a grant or a renewal.</summary>
    public Instant ValidFrom { get; init; }

    /// <summary>For a grant or a renewal; null = without end.</summary>
    public Instant? ValidUntil { get; init; }

    /// <summary>Who did it.</summary>
    public required PersonId By { get; init; }

    public required Instant At { get; init; }

    /// <summary>On what ground: "formation du 12 mars, première pièce vue".</summary>
    public required string Evidence { get; init; }
}

/// <summary>
/// What the acts amount to. The level is None once withdrawn. A change names the number of the last act, so that two members of
/// staff do not overwrite each other.
/// </summary>
public sealed record HabilitationStanding(
    HabilitationId Id, PersonId Person, TrainingId Training, HabilitationLevel Level, Instant ValidFrom, Instant? ValidUntil, bool Suspended, int LastAct)
{
    /// <summary>Folds the acts of one habilitation, in any order.</summary>
    public static HabilitationStanding Of(Habilitation habilitation, IEnumerable<HabilitationAct> acts)
    {
        ArgumentNullException.ThrowIfNull(habilitation);
        var start = new HabilitationStanding(
            habilitation.Id, habilitation.PersonId, habilitation.TrainingId, HabilitationLevel.None, Instant.FromUnixTimeMilliseconds(0), null, false, 0);
        return acts.OrderBy(act => act.Number).Aggregate(start, (standing, act) => standing.After(act));
    }

    /// <summary>Whether it gives any right at an instant.</summary>
    public bool HoldsAt(Instant now) => Level > HabilitationLevel.None && !Suspended && ValidFrom <= now && (ValidUntil is null || now < ValidUntil);

    private HabilitationStanding After(HabilitationAct act) => act.Kind switch
    {
        HabilitationActKind.Granted or HabilitationActKind.Renewed =>
            this with { Level = act.Level, ValidFrom = act.ValidFrom, ValidUntil = act.ValidUntil, Suspended = false, LastAct = act.Number },
        HabilitationActKind.Suspended => this with { Suspended = true, LastAct = act.Number },
        HabilitationActKind.Resumed => this with { Suspended = false, LastAct = act.Number },
        HabilitationActKind.Withdrawn => this with { Level = HabilitationLevel.None, LastAct = act.Number },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>What gateways get; null when there is nothing to hold.</summary>
    internal HabilitationRule? ToRule() => Level == HabilitationLevel.None
        ? null
        : new HabilitationRule
        {
            Id = Id,
            Person = Person,
            Training = Training,
            Level = Level,
            ValidFrom = ValidFrom,
            ValidUntil = ValidUntil,
            Suspended = Suspended,
        };
}
