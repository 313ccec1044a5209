using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Messages;

/// <summary>What a message is about. Names on the wire are these in snake_case.</summary>
public enum MessageKind
{
    /// <summary>A booking was made.</summary>
    BookingConfirmed = 1,

    /// <summary>A booking has another time or machine.</summary>
    BookingMoved = 2,

    /// <summary>Somebody else cancelled it.</summary>
    BookingCancelled = 3,

    /// <summary>Nobody came: it was given up.</summary>
    BookingReleased = 4,

    /// <summary>Free time is held, until a deadline.</summary>
    BookingOffered = 5,

    /// <summary>New hours or a closure leave it without open time.</summary>
    BookingHit = 6,

    /// <summary>It begins soon.</summary>
    BookingReminder = 7,

    /// <summary>A habilitation ends soon.</summary>
    HabilitationExpiring = 8,

    /// <summary>Somebody reported a fault of a machine that the reader looks after.</summary>
    FaultReported = 9,
}

/// <summary>Where the mail of a message stands.</summary>
public enum MailState
{
    /// <summary>None is sent.</summary>
    None = 0,

    /// <summary>To be sent, or being sent.</summary>
    Due = 1,

    /// <summary>The server took it.</summary>
    Sent = 2,

    /// <summary>The server refused it for good.</summary>
    Refused = 3,

    /// <summary>Tried again and again in vain.</summary>
    SetAside = 4,

    /// <summary>What it says was past before it could be sent.</summary>
    TooLate = 5,
}

/// <summary>What a message tells of. Its words are made when it is read, in the language of who reads.</summary>
public sealed record MessageFacts
{
    /// <summary>Code of the machine.</summary>
    public string? Code { get; init; }

    /// <summary>What the machine or the training is called in French.</summary>
    public string NameFr { get; init; } = "";

    /// <summary>And in English.</summary>
    public string NameEn { get; init; } = "";

    /// <summary>When it begins; of a habilitation, when it ends; of a fault, when it was reported.</summary>
    public Instant? Start { get; init; }

    public Instant? End { get; init; }

    /// <summary>When it began before it was moved.</summary>
    public Instant? Before { get; init; }

    /// <summary>Code of the machine before it was moved.</summary>
    public string? CodeBefore { get; init; }

    /// <summary>Until when it is held.</summary>
    public Instant? Until { get; init; }

    /// <summary>Why, in the words of staff; of a fault, what is wrong in the words of who saw it.</summary>
    public string Why { get; init; } = "";
}

/// <summary>
/// Something a person is told, on the site, by mail, or both. It is written in the transaction of what it tells of: when that is not
/// committed, nobody is told.
/// </summary>
public sealed class Message
{
    public const int MaxOnce = 120;
    public const int MaxFault = 40;

    public required Guid Id { get; init; }

    public required PersonId PersonId { get; init; }

    public required MessageKind Kind { get; init; }

    public required Instant At { get; init; }

    public BookingId? BookingId { get; init; }

    public required MessageFacts Facts { get; init; }

    /// <summary>What is told once: a person has no two messages with the same one.</summary>
    public required string Once { get; init; }

    /// <summary>Shown on the site; else it exists for its mail alone.</summary>
    public bool OnSite { get; init; }

    public Instant? ReadAt { get; set; }

    public MailState Mail { get; set; }

    /// <summary>When its mail is tried next; null when it is not.</summary>
    public Instant? MailDueAt { get; set; }

    /// <summary>How often sending began.</summary>
    public int MailTries { get; set; }

    public Instant? MailSentAt { get; set; }

    /// <summary>What the server said, as its code. Never its words: they may hold the address.</summary>
    public string? MailFault { get; set; }

    /// <summary>From when on it is of no use; null for never.</summary>
    public Instant? UselessAt { get; init; }
}

/// <summary>How somebody wants to be told of one kind. No row: <see cref="MessageRules.Usual"/>.</summary>
public sealed class MessageChoice
{
    public required PersonId PersonId { get; init; }

    public required MessageKind Kind { get; init; }

    public bool Site { get; set; }

    public bool Mail { get; set; }
}
