using FabLab.Core;
using FabLab.Core.Visits;
using NodaTime;

namespace FabLab.Contracts;

/// <summary>What happened at a kiosk, in the order in which it happened.</summary>
/// <param name="SentAt">The kiosk's clock as it sends. Where it differs from Booking's by more than <see cref="ClockPatience"/>, Booking moves the times of the items by the difference and marks the visits.</param>
/// <param name="Items">At most <see cref="MaxItems"/>.</param>
public sealed record VisitBatch(Instant SentAt, IReadOnlyList<VisitItem> Items)
{
    /// <summary>Where Booking takes it.</summary>
    public const string Path = "/api/v1/visits";

    /// <summary>Most items in one request.</summary>
    public const int MaxItems = 200;

    /// <summary>How far the two clocks may be apart.</summary>
    public static Duration ClockPatience { get; } = Duration.FromMinutes(5);
}

/// <summary>One thing that happened. Sent again it changes nothing and is answered as before.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Act">What happened.</param>
/// <param name="Visit">The visit it is about. Of somebody known who leaves, it may be one that Booking does not know.</param>
/// <param name="At">When, by the kiosk's clock.</param>
public sealed record VisitItem(Guid Id, VisitAct Act, VisitId Visit, Instant At)
{
    /// <summary>Who; null for a visit without a name.</summary>
    public PersonId? Person { get; init; }

    /// <summary>Of an arrival: how it became known.</summary>
    public VisitWay Way { get; init; } = VisitWay.NoName;

    /// <summary>The code of the reason, where it is said.</summary>
    public string? Reason { get; init; }

    /// <summary>The age band, where it is said.</summary>
    public AgeBand? Band { get; init; }

    /// <summary>Whether it is said to be the first visit.</summary>
    public bool First { get; init; }

    /// <summary>The number of the site whose door it was, as the kiosk is set; null for the first. One that Booking does not know counts as the first.</summary>
    public int? Site { get; init; }

    /// <summary>Who of the team did it at the kiosk; null when the visitor did.</summary>
    public PersonId? By { get; init; }
}

/// <summary>What happened at a kiosk. A closed set.</summary>
public enum VisitAct
{
    /// <summary>Somebody came in.</summary>
    Arrived = 1,

    /// <summary>Somebody who came in said why.</summary>
    Told = 2,

    /// <summary>Somebody left.</summary>
    Left = 3,

    /// <summary>That they left was wrong: they are still in.</summary>
    Back = 4,
}

/// <summary>The answer to a batch, sent after the commit: what it covers may be forgotten.</summary>
/// <param name="Answers">One for each item, in their order.</param>
public sealed record VisitReceipt(IReadOnlyList<VisitAnswer> Answers);

/// <summary>What became of an item.</summary>
/// <param name="Id">Its key; empty when even that could not be read.</param>
/// <param name="Code">One of <see cref="VisitAnswers"/>.</param>
public sealed record VisitAnswer(Guid Id, string Code);

/// <summary>What can become of an item. A closed set.</summary>
public static class VisitAnswers
{
    /// <summary>It is noted.</summary>
    public const string Stored = "stored";

    /// <summary>They were in already: it is the same visit.</summary>
    public const string AlreadyIn = "already_in";

    /// <summary>They were not in: kept in case that the arrival comes later.</summary>
    public const string NotIn = "not_in";

    /// <summary>Nobody known: an arrival is counted without a name.</summary>
    public const string UnknownPerson = "unknown_person";

    /// <summary>There is no such visit.</summary>
    public const string UnknownVisit = "unknown_visit";

    /// <summary>It could not be read. Set it aside.</summary>
    public const string Malformed = "malformed";

    /// <summary>Whether it is no use to keep such an item.</summary>
    /// <param name="code">A code of an answer.</param>
    public static bool IsRefusal(string code) => code is Malformed or UnknownVisit;
}
