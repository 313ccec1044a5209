using System.Text.Json;
using FabLab.Core;
using FabLab.Core.Badges;
using NodaTime;

namespace FabLab.Contracts;

/// <summary>Records of a gateway's journal, in the order of their sequence numbers.</summary>
/// <param name="Epoch">Which journal: a number the gateway draws when it makes its journal file, larger than every one it drew before (Unix milliseconds at that moment). At least 1.</param>
/// <param name="Records">At most <see cref="MaxRecords"/>.</param>
public sealed record JournalBatch(long Epoch, IReadOnlyList<JournalRecord> Records)
{
    /// <summary>Most records in one request.</summary>
    public const int MaxRecords = 500;

    /// <summary>Largest request body, in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;
}

/// <summary>One record. Its key is (gateway, epoch, sequence): sent again it changes nothing.</summary>
/// <param name="Seq">Position in the journal, from 1.</param>
/// <param name="Machine">The machine it is about; null for a record about the gateway itself.</param>
/// <param name="At">When it happened, by the gateway's clock.</param>
/// <param name="Kind">One of <see cref="JournalKinds"/>.</param>
/// <param name="Body">The record itself as Core writes it (<see cref="Core.Json.CoreJson"/>). At most <see cref="MaxBodyBytes"/> bytes.</param>
public sealed record JournalRecord(long Seq, MachineId? Machine, Instant At, string Kind, JsonElement Body)
{
    /// <summary>Largest body of one record, in bytes of UTF-8.</summary>
    public const int MaxBodyBytes = 64 * 1024;
}

/// <summary>The answer to a batch, sent after the commit.</summary>
/// <param name="AcceptedUpTo">Every record of the batch up to this number is stored for good or listed in <paramref name="Refused"/>; the gateway need not send them again. 0 when the batch was empty.</param>
/// <param name="Refused">Records that can never be stored. Set them aside, raise an alarm, go on with the next.</param>
public sealed record JournalReceipt(long AcceptedUpTo, IReadOnlyList<RefusedRecord> Refused);

/// <summary>A record that was not stored.</summary>
/// <param name="Seq">Its number, or 0 when even that could not be read.</param>
/// <param name="Code">Why: one of <see cref="RecordRefusals"/>.</param>
/// <param name="Detail">One English sentence for the log. No names, no badge numbers.</param>
public sealed record RefusedRecord(long Seq, string Code, string Detail);

/// <summary>Why a record is refused. A closed set.</summary>
public static class RecordRefusals
{
    /// <summary>The record is no object of the documented form, or its sequence number is below 1.</summary>
    public const string Malformed = "malformed";

    /// <summary>The kind is none of <see cref="JournalKinds"/>.</summary>
    public const string UnknownKind = "unknown_kind";

    /// <summary>The body cannot be read as the kind says.</summary>
    public const string BadBody = "bad_body";

    /// <summary>The body is larger than <see cref="JournalRecord.MaxBodyBytes"/>.</summary>
    public const string TooLarge = "too_large";

    /// <summary>Another record with the same key and another content is already stored.</summary>
    public const string Conflict = "conflict";
}

/// <summary>What the body of a record is. A closed set.</summary>
public static class JournalKinds
{
    /// <summary>A <c>MachineEvent</c> of the machine's session.</summary>
    public const string Event = "event";

    /// <summary>An <see cref="Core.Access.AccessDecision"/> with the facts it rests on: every tap that was answered, yes or no.</summary>
    public const string Decision = "decision";

    /// <summary>A <see cref="GatewayAlarm"/>.</summary>
    public const string Alarm = "alarm";

    /// <summary>An <see cref="InductionRecord"/>: trainer and trainee tapped at a machine.</summary>
    public const string Induction = "induction";

    /// <summary>A <see cref="BadgeSeen"/>.</summary>
    public const string Badge = "badge";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Event, Decision, Alarm, Induction, Badge];
}

/// <summary>
/// A badge that leads to nobody was tapped, or any badge at a reader of no machine: what Booking needs when somebody is being given
/// a badge there. It carries keyed hashes and never the number.
/// </summary>
/// <param name="Device">Whose reader.</param>
/// <param name="Reader">Which of its readers, from 0.</param>
/// <param name="Print">The keyed hashes of the number.</param>
/// <param name="Truncates">Whether that reader drops leading bytes.</param>
public sealed record BadgeSeen(DeviceId Device, int Reader, BadgePrint Print, bool Truncates)
{
    /// <summary>The badge, when the gateway knows it under a key that is no longer the one in use: its hashes are these from now on. Else null.</summary>
    public BadgeId? Renews { get; init; }
}

/// <summary>Something staff should look at.</summary>
/// <param name="Code">Stable code, 1 to 64 of a–z, 0–9 and '_'.</param>
/// <param name="Detail">One English sentence for staff, at most 500 characters. No names, no badge numbers.</param>
/// <param name="Device">The device it is about, if one.</param>
public sealed record GatewayAlarm(string Code, string Detail, DeviceId? Device = null);

/// <summary>An induction armed in Booking and done at the machine by two taps. Booking writes the habilitation.</summary>
/// <param name="Induction">Which, as armed.</param>
/// <param name="Trainer">Who trained.</param>
/// <param name="TrainerBadge">With which badge.</param>
/// <param name="Trainee">Who was trained.</param>
/// <param name="TraineeBadge">With which badge.</param>
public sealed record InductionRecord(InductionId Induction, PersonId Trainer, BadgeId TrainerBadge, PersonId Trainee, BadgeId TraineeBadge);
