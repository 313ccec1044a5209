using System.Text.Json.Serialization;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>What ends a use that was granted, if nothing else does before.</summary>
public enum LimitReason
{
    /// <summary>The longest use of the machine.</summary>
    MaxSession,

    /// <summary>Somebody else's booking starts.</summary>
    NextBooking,

    /// <summary>The machine closes.</summary>
    Closing,

    /// <summary>The person's time for the period is used.</summary>
    Quota,

    /// <summary>The membership ends.</summary>
    Membership,

    /// <summary>A habilitation ends.</summary>
    Habilitation,

    /// <summary>The person's own booking ends.</summary>
    BookingEnd,

    /// <summary>The séance ends, and with it there is nobody beside.</summary>
    GroupSession,
}

/// <summary>Under what a use was granted.</summary>
/// <param name="Person">Who uses the machine.</param>
/// <param name="Badge">With which badge; null on the web.</param>
/// <param name="Companion">Who stands beside, when that was needed.</param>
/// <param name="CompanionBadge">With which badge.</param>
/// <param name="Project">What the time is counted for.</param>
/// <param name="Booking">The person's own booking now.</param>
/// <param name="Limit">Why it ends when it does; null when it has no end.</param>
public sealed record AccessTerms(
    PersonId Person,
    BadgeId? Badge,
    PersonId? Companion,
    BadgeId? CompanionBadge,
    ProjectId? Project,
    BookingId? Booking,
    LimitReason? Limit)
{
    /// <summary>The séance by which the person beside stands there; null where a badge was tapped or nobody was needed.</summary>
    public GroupSessionId? GroupSession { get; init; }
}

/// <summary>The answer to "may this person use this machine now". A closed set: yes or no, each with the facts it rests on.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(Granted), "granted")]
[JsonDerivedType(typeof(Denied), "denied")]
public abstract record AccessDecision
{
    private AccessDecision(AccessFacts facts) => Facts = facts;

    /// <summary>The facts; <see cref="AccessRules.Decide"/> gives this decision again from them.</summary>
    public AccessFacts Facts { get; init; }

    /// <summary>Yes.</summary>
    /// <param name="Until">Until when, excluded; null = without end.</param>
    /// <param name="Terms">Under what.</param>
    /// <param name="Facts">The facts.</param>
    public sealed record Granted(Instant? Until, AccessTerms Terms, AccessFacts Facts) : AccessDecision(Facts);

    /// <summary>No.</summary>
    /// <param name="Reason">The first reason that applies, most useful first.</param>
    /// <param name="Facts">The facts.</param>
    public sealed record Denied(AccessReason Reason, AccessFacts Facts) : AccessDecision(Facts)
    {
        /// <summary>The stable code of the reason.</summary>
        [JsonIgnore]
        public string Code => Reason.Code();

        /// <summary>Why, in plain words.</summary>
        [JsonIgnore]
        public Words Sentence => AccessWords.Sentence(Reason, Facts);

        /// <summary>What the person can do about it.</summary>
        [JsonIgnore]
        public Words NextStep => AccessWords.NextStep(Reason, Facts);

        /// <summary>Whether all is well but for a second person: the machine then waits for the second badge.</summary>
        [JsonIgnore]
        public bool AsksForCompanion =>
            Reason is AccessReason.TooYoungAlone or AccessReason.NeedsAccompanying or AccessReason.NeedsSecondPerson;
    }
}
