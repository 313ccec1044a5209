using System.Text.Json.Serialization;
using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>What a refusal's sentence is filled with.</summary>
public sealed record RefusalDetail
{
    /// <summary>Nothing to fill in.</summary>
    public static RefusalDetail None { get; } = new();

    /// <summary>The stretch in the way, or that is still free.</summary>
    public Interval? Range { get; init; }

    /// <summary>A point in time: until when, from when.</summary>
    public Instant? At { get; init; }

    /// <summary>A length: the shortest, the longest, the notice, what is left.</summary>
    public Duration? Length { get; init; }

    /// <summary>A number: places, bookings.</summary>
    public int? Number { get; init; }

    /// <summary>The quota that is used.</summary>
    public BookingQuota? Quota { get; init; }

    /// <summary>When the machine could be booked instead for as long.</summary>
    public Interval? NextFree { get; init; }
}

/// <summary>The answer to "may this be booked". A closed set: yes or no, each with the facts it rests on.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(Accepted), "accepted")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record BookingDecision
{
    private BookingDecision(BookingFacts facts) => Facts = facts;

    /// <summary>The facts; <see cref="BookingRules.Decide"/> gives this decision again from them.</summary>
    public BookingFacts Facts { get; }

    /// <summary>Yes.</summary>
    /// <param name="Facts">The facts.</param>
    /// <param name="Waived">The rules that staff have set aside and that would have refused.</param>
    /// <param name="NeedsCompanion">Whether the person must come with somebody beside them, and why.</param>
    /// <param name="ReleaseAt">When it is released if nobody taps; null = never.</param>
    public sealed record Accepted(BookingFacts Facts, ValueList<BookingReason> Waived, AccessReason? NeedsCompanion, Instant? ReleaseAt)
        : BookingDecision(Facts);

    /// <summary>No.</summary>
    /// <param name="Facts">The facts.</param>
    /// <param name="Reason">The first reason that applies.</param>
    /// <param name="Detail">What its sentence is filled with.</param>
    public sealed record Refused(BookingFacts Facts, BookingReason Reason, RefusalDetail Detail) : BookingDecision(Facts)
    {
        /// <summary>The stable code; for <see cref="BookingReason.NotAllowed"/> that of the access decision, the same as at the relay.</summary>
        [JsonIgnore]
        public string Code => Reason == BookingReason.NotAllowed && Facts.Access is AccessDecision.Denied denied ? denied.Code : Reason.Code();

        /// <summary>Why, in plain words.</summary>
        [JsonIgnore]
        public Words Sentence => BookingWords.Sentence(this);

        /// <summary>What the person can do about it.</summary>
        [JsonIgnore]
        public Words NextStep => BookingWords.NextStep(this);
    }
}
