using FabLab.Booking.Features.Trainings;
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

    /// <summary>Months without use, after which a grant ends; null = use is not asked for. Use is measured at the machines that ask for this training.</summary>
    public int? UnusedMonths { get; set; }

    /// <summary>When it is next given.</summary>
    public Instant? NextSession { get; set; }

    public TrainingKind Kind { get; set; }

    /// <summary>What one learns, for the catalogue. May be empty.</summary>
    public string DescriptionFr { get; set; } = "";

    public string DescriptionEn { get; set; } = "";

    /// <summary>How long a session usually is; null = not said.</summary>
    public int? Minutes { get; set; }

    /// <summary>How many usually take part; null = not said.</summary>
    public int? Places { get; set; }

    /// <summary>Who usually gives it.</summary>
    public PersonId? Trainer { get; set; }

    /// <summary>The level a session usually gives.</summary>
    public HabilitationLevel Gives { get; set; } = HabilitationLevel.Autonomous;

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

    /// <summary>Its time is over, or it was not used for too long. Written by the lab's own housekeeping.</summary>
    Expired = 6,

    /// <summary>The act before was taken back: it is again what it was. With the level None it is again nothing.</summary>
    Restored = 7,
}

/// <summary>What an act rests on.</summary>
public enum EvidenceKind
{
    /// <summary>What its words say.</summary>
    Other = 0,

    /// <summary>A training session; <see cref="HabilitationAct.EvidenceId"/> names it.</summary>
    Session = 1,

    /// <summary>A test or a piece of work that somebody looked at.</summary>
    Test = 2,

    /// <summary>Shown at the machine: trainer and trainee tapped there. <see cref="HabilitationAct.EvidenceId"/> names the induction.</summary>
    Induction = 3,

    /// <summary>Came with the description of a lab or another file.</summary>
    Import = 4,

    /// <summary>Its time is over.</summary>
    Time = 5,

    /// <summary>The machines were not used for too long.</summary>
    Unused = 6,

    /// <summary>Takes back the act before.</summary>
    Undo = 7,
}

/// <summary>One act: never changed, never deleted.</summary>
public sealed class HabilitationAct
{
    public required HabilitationId HabilitationId { get; init; }

    /// <summary>Place among the acts of this habilitation, from 1.</summary>
    public required int Number { get; init; }

    public required HabilitationActKind Kind { get; init; }

    /// <summary>For a grant, a renewal or a restoration.</summary>
    public HabilitationLevel Level { get; init; }

    /// <summary>For a grant, a renewal or a restoration.</summary>
    public Instant ValidFrom { get; init; }

    /// <summary>For a grant, a renewal or a restoration; null = without end. For an expiry, when it ended.</summary>
    public Instant? ValidUntil { get; init; }

    /// <summary>Who did it; the default, which is nobody, for an expiry.</summary>
    public required PersonId By { get; init; }

    public required Instant At { get; init; }

    /// <summary>On what ground.</summary>
    public EvidenceKind Ground { get; init; }

    /// <summary>The training session or the induction; null for other grounds.</summary>
    public Guid? EvidenceId { get; init; }

    /// <summary>On what ground, in words: "formation du 12 mars, première pièce vue". May be empty where the ground says it all.</summary>
    public required string Evidence { get; init; }
}

/// <summary>
/// What the acts amount to. The level is None once withdrawn. A change names the number of the last act, so that two members of
/// staff do not overwrite each other.
/// </summary>
public sealed record HabilitationStanding(
    HabilitationId Id, PersonId Person, TrainingId Training, HabilitationLevel Level, Instant ValidFrom, Instant? ValidUntil, bool Suspended, int LastAct)
{
    /// <summary>When it was last granted or renewed: time without use counts from there.</summary>
    public Instant RenewedAt { get; init; } = Instant.FromUnixTimeMilliseconds(0);

    /// <summary>The end was written down, so that nobody writes it twice.</summary>
    public bool Expired { get; init; }

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
        HabilitationActKind.Granted or HabilitationActKind.Renewed => this with
        {
            Level = act.Level, ValidFrom = act.ValidFrom, ValidUntil = act.ValidUntil, Suspended = false, Expired = false, RenewedAt = act.At, LastAct = act.Number,
        },
        // Not renewed: time without use runs on from where it began.
        HabilitationActKind.Restored => this with
        {
            Level = act.Level, ValidFrom = act.ValidFrom, ValidUntil = act.ValidUntil, Suspended = false, Expired = false, LastAct = act.Number,
        },
        HabilitationActKind.Suspended => this with { Suspended = true, LastAct = act.Number },
        HabilitationActKind.Resumed => this with { Suspended = false, LastAct = act.Number },
        HabilitationActKind.Withdrawn => this with { Level = HabilitationLevel.None, LastAct = act.Number },
        HabilitationActKind.Expired => this with { ValidUntil = act.ValidUntil, Expired = true, LastAct = act.Number },
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
