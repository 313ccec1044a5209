using FabLab.Core.Badges;
using NodaTime;

namespace FabLab.Core.Policy;

/// <summary>What the decision needs to know of a person; names and addresses stay in Booking.</summary>
public sealed record PersonRule : PolicyEntity
{
    /// <summary>The person.</summary>
    public required PersonId Id { get; init; }

    /// <summary>The short code shown instead of a name, such as "A12".</summary>
    public string ShortCode { get; init; } = "";

    /// <summary>False for somebody who has left or is excluded for a while.</summary>
    public bool Active { get; init; } = true;

    /// <summary>The end of the membership (adhésion), excluded; null for somebody who is not a member.</summary>
    public Instant? MembershipUntil { get; init; }

    /// <summary>Whether the person is known to be 18 or older.</summary>
    public bool Adult { get; init; }

    /// <summary>The date of birth, kept only while the person is a minor; null for adults and where the age is not known.</summary>
    public LocalDate? BirthDate { get; init; }

    /// <summary>The project time is counted for unless another is chosen.</summary>
    public ProjectId? DefaultProject { get; init; }

    /// <summary>Whether the person, once autonomous on a machine, may stand beside learners and minors there.</summary>
    public bool MayAccompany { get; init; }

    /// <summary>How many minors this person may accompany at once; null = the limit of the site.</summary>
    public int? MinorsLimit { get; init; }

    /// <summary>Whether the person belongs to the team, for which some hours are kept.</summary>
    public bool Team { get; init; }

    /// <summary>The keys of the groups the person comes with, for which some hours are kept.</summary>
    public ValueList<string> Groups { get; init; } = [];

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Person;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;
}

/// <summary>Whether a badge may be used.</summary>
public enum BadgeState
{
    /// <summary>It may.</summary>
    Active,

    /// <summary>Withdrawn by staff for now.</summary>
    Suspended,

    /// <summary>Said to be lost: whoever holds it is not its owner.</summary>
    Lost,
}

/// <summary>How hard a badge is to copy, as the lab knows it: weakest first. A machine may ask for a minimum.</summary>
public enum BadgeAssurance
{
    /// <summary>A number that any reader can read and many shops can copy.</summary>
    Number,

    /// <summary>The badge proved knowledge of a secret.</summary>
    Authenticated,
}

/// <summary>One badge of the lab, as hashes.</summary>
public sealed record BadgeRule : PolicyEntity
{
    /// <summary>The badge.</summary>
    public required BadgeId Id { get; init; }

    /// <summary>The hashes of its number.</summary>
    public required BadgePrint Print { get; init; }

    /// <summary>Whose badge it is; null while it lies in the drawer.</summary>
    public PersonId? Person { get; init; }

    /// <summary>Whether it may be used.</summary>
    public BadgeState State { get; init; }

    /// <summary>How hard it is to copy.</summary>
    public BadgeAssurance Assurance { get; init; }

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Badge;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;
}

/// <summary>One training.</summary>
public sealed record TrainingRule : PolicyEntity
{
    /// <summary>The training.</summary>
    public required TrainingId Id { get; init; }

    /// <summary>Its French name, such as "découpe laser".</summary>
    public required string NameFr { get; init; }

    /// <summary>Its English name.</summary>
    public required string NameEn { get; init; }

    /// <summary>When it is next given; null when no date is set.</summary>
    public Instant? NextSession { get; init; }

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Training;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;
}

/// <summary>How far a habilitation goes. The order is the order of rights.</summary>
public enum HabilitationLevel
{
    /// <summary>None.</summary>
    None,

    /// <summary>Only with somebody beside (accompagné).</summary>
    Accompanied,

    /// <summary>Alone (autonome).</summary>
    Autonomous,

    /// <summary>Alone, and may teach (formateur).</summary>
    Trainer,
}

/// <summary>One training held by one person (habilitation).</summary>
public sealed record HabilitationRule : PolicyEntity
{
    /// <summary>The habilitation.</summary>
    public required HabilitationId Id { get; init; }

    /// <summary>Who holds it.</summary>
    public required PersonId Person { get; init; }

    /// <summary>For which training.</summary>
    public required TrainingId Training { get; init; }

    /// <summary>How far it goes.</summary>
    public HabilitationLevel Level { get; init; } = HabilitationLevel.Autonomous;

    /// <summary>From when it holds, included.</summary>
    public Instant ValidFrom { get; init; } = Instant.FromUnixTimeMilliseconds(0);

    /// <summary>Until when, excluded; null = without end.</summary>
    public Instant? ValidUntil { get; init; }

    /// <summary>Whether staff have suspended it.</summary>
    public bool Suspended { get; init; }

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Habilitation;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;
}

/// <summary>That a person is in the lab now; removed when they leave.</summary>
public sealed record PresenceRule : PolicyEntity
{
    /// <summary>The person.</summary>
    public required PersonId Person { get; init; }

    /// <summary>Since when.</summary>
    public Instant Since { get; init; }

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Presence;

    /// <inheritdoc/>
    public override Guid Key => Person.Value;
}
