using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>Another program that is told of events.</summary>
public sealed class Webhook
{
    public const int MaxUrl = 500;
    public const int MaxLabel = 80;
    public const int MaxKinds = 400;

    public required Guid Id { get; init; }

    /// <summary>What it is for, in the words of who made it.</summary>
    public required string Label { get; set; }

    public required string Url { get; set; }

    /// <summary>Names of the events it is told of, between blanks.</summary>
    public required string Kinds { get; set; }

    /// <summary>The secret deliveries are signed with, sealed with the key ring of the data folder.</summary>
    public required string Secret { get; set; }

    public bool Active { get; set; } = true;

    /// <summary>The number of its latest delivery; they are delivered in this order.</summary>
    public long LastSeq { get; set; }

    /// <summary>Since when nothing arrives; null while it does.</summary>
    public Instant? FailingSince { get; set; }

    /// <summary>When it was switched off because nothing had arrived for long; null when it was not.</summary>
    public Instant? SwitchedOffAt { get; set; }

    /// <summary>When it was removed; it can be brought back for a while.</summary>
    public Instant? RemovedAt { get; set; }

    public PersonId? MadeBy { get; set; }

    public Instant CreatedAt { get; init; }

    public long Version { get; set; }

    internal IReadOnlyList<string> KindList => Kinds.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>It waits, for its turn or for the next attempt.</summary>
    Due = 0,

    /// <summary>The other program took it.</summary>
    Done = 1,

    /// <summary>The other program refused it again and again: set aside, the next ones go on.</summary>
    SetAside = 2,
}

/// <summary>One event on its way to one program.</summary>
public sealed class WebhookDelivery
{
    public const int MaxKind = 40;
    public const int MaxFault = 40;

    public required Guid Id { get; init; }

    public required Guid WebhookId { get; init; }

    /// <summary>Its place among the deliveries of its program, from 1.</summary>
    public required long Seq { get; init; }

    public required string Kind { get; init; }

    public required Instant At { get; init; }

    /// <summary>What is sent: ids and short codes, never a name.</summary>
    public required string Body { get; init; }

    /// <summary>Whom it is about, so that it goes with them.</summary>
    public PersonId? PersonId { get; init; }

    public DeliveryState State { get; set; }

    /// <summary>When it is tried next; null when it is not.</summary>
    public Instant? DueAt { get; set; }

    public int Tries { get; set; }

    public Instant? TriedAt { get; set; }

    /// <summary>The HTTP status of the last attempt; null when there was no answer.</summary>
    public int? Status { get; set; }

    /// <summary>Why there was no answer, as a code.</summary>
    public string? Fault { get; set; }
}
