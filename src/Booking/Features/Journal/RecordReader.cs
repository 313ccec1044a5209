using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Booking.Features.Journal;

/// <summary>One record as read: either something to store with its body's text as it came, or the reason why it never can be.</summary>
internal sealed record ReadRecord(
    long Seq, MachineId? Machine, long? MachineSeq, SessionId? Session, Instant At, string Kind, string Body, RefusedRecord? Refusal)
{
    public MachineEvent? Event { get; init; }

    /// <summary>The event as <see cref="Body"/> has it: what is for ever does not hold everything that was told.</summary>
    public MachineEvent? Kept { get; init; }

    public AccessDecision? Decision { get; init; }

    public GatewayAlarm? Alarm { get; init; }

    public InductionRecord? Induction { get; init; }

    /// <summary>The hashes are used or forgotten at once: what is stored of the record does not hold them.</summary>
    public BadgeSeen? Seen { get; init; }
}

/// <summary>
/// Reads each record by itself, so that a bad one harms no other. Whatever can be kept of a bad one (its place, its machine)
/// is kept, so that those after it need not wait for it.
/// </summary>
internal static class RecordReader
{
    public static ReadRecord Read(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object || !TryLong(record, "seq", out var seq) || seq < 1)
            return Refuse(0, record, RecordRefusals.Malformed, "A record is an object with a sequence number from 1.");
        var body = record.TryGetProperty("body", out var found) ? found : default;
        if (!TryLong(record, "at", out var at) || !TryInstant(at, out var instant)
            || !TryText(record, "kind", out var kind) || body.ValueKind != JsonValueKind.Object || !TryMachine(record, out var machine))
        {
            return Refuse(seq, record, RecordRefusals.Malformed, "A record has at, kind, body and, about a machine, machine.");
        }
        var text = body.GetRawText();
        if (System.Text.Encoding.UTF8.GetByteCount(text) > JournalRecord.MaxBodyBytes)
            return Refuse(seq, record, RecordRefusals.TooLarge, $"The body is larger than {JournalRecord.MaxBodyBytes} bytes.");
        if (!JournalKinds.All.Contains(kind))
            return Refuse(seq, record, RecordRefusals.UnknownKind, "The kind is not known here.");

        var read = new ReadRecord(seq, machine, null, null, instant, kind, text, null);
        try
        {
            return kind switch
            {
                JournalKinds.Event => WithEvent(read, body),
                JournalKinds.Decision => read with { Decision = body.Deserialize<AccessDecision>(CoreJson.Options) ?? throw new JsonException() },
                JournalKinds.Induction => read with { Induction = body.Deserialize<InductionRecord>(CoreJson.Options) ?? throw new JsonException() },
                JournalKinds.Badge => WithBadge(read, body),
                _ => WithAlarm(read, body),
            };
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            return Refuse(seq, record, RecordRefusals.BadBody, $"The body is no {kind} as Core writes it.");
        }
    }

    /// <summary>The use an event is about; null for none.</summary>
    public static SessionId? SessionOf(MachineEvent happened) => happened switch
    {
        MachineEvent.TapDecided e => e.Session,
        MachineEvent.SessionStarted e => e.Session.Id,
        MachineEvent.SessionEnded e => e.Session,
        MachineEvent.WorkBegan e => e.Session,
        MachineEvent.WorkEnded e => e.Session,
        MachineEvent.StretchOpened e => e.Session,
        MachineEvent.StretchLapsed e => e.Stretch.Session,
        MachineEvent.StretchClosed e => e.Stretch.Session,
        MachineEvent.CoolDownBegan e => e.Cooling.After,
        MachineEvent.CoolDownEnded e => e.After,
        MachineEvent.LimitChanged e => e.Session,
        MachineEvent.EndAnnounced e => e.Session,
        MachineEvent.ProjectSet e => e.Session,
        MachineEvent.JobRecorded e => e.Session,
        MachineEvent.AlarmRaised e => e.Session,
        MachineEvent.BookingClaimed e => e.Session,
        MachineEvent.OvertimeBegan e => e.Session,
        MachineEvent.OfflineUseRecorded e => e.Use.Session,
        MachineEvent.UnknownTimeRecorded e => e.Session,
        _ => null,
    };

    private static ReadRecord WithEvent(ReadRecord read, JsonElement body)
    {
        var happened = body.Deserialize<MachineEvent>(CoreJson.Options) ?? throw new JsonException();
        // The place names the event once and for all: without one it cannot be told from its copy.
        if (happened.Seq < 1 || !happened.Durable || happened.Machine == default || (read.Machine is { } said && said != happened.Machine))
            throw new JsonException("No durable event of this machine.");
        var told = happened as MachineEvent.JobRecorded;
        if (told is not null && (told.Job is not { Id.Length: > 0 and <= MachineJob.MaxId, Device.Value.Length: > 0 and <= Machines.Device.MaxId, Pauses.Count: <= MachineJob.MaxPauses } job || !Enum.IsDefined(job.State)))
            throw new JsonException("No job.");
        // The name of a job may name somebody: it is kept in one place, and that is not this one, which is for ever.
        MachineEvent kept = told is { Job.Name: not null } ? told with { Job = told.Job with { Name = null } } : happened;
        return read with
        {
            Machine = happened.Machine, MachineSeq = happened.Seq, Session = SessionOf(happened), Event = happened, Kept = kept,
            Body = ReferenceEquals(kept, happened) ? read.Body : JsonSerializer.Serialize(kept, CoreJson.Options),
        };
    }

    private static ReadRecord WithAlarm(ReadRecord read, JsonElement body)
    {
        var alarm = body.Deserialize<GatewayAlarm>(CoreJson.Options);
        if (alarm is not { Code.Length: > 0 and <= 64, Detail.Length: <= 500 })
            throw new JsonException("No alarm.");
        return read with { Alarm = alarm };
    }

    private static ReadRecord WithBadge(ReadRecord read, JsonElement body)
    {
        var seen = body.Deserialize<BadgeSeen>(CoreJson.Options);
        if (seen is not { Device.Value.Length: > 0 and <= Machines.Device.MaxId, Reader: >= 0 and <= 63, Print: { } print }
            || !Enum.IsDefined(print.Family) || print.Bytes is < 3 or > 10)
        {
            throw new JsonException("No badge.");
        }
        return read with { Seen = seen, Body = JsonSerializer.Serialize(new { device = seen.Device, reader = seen.Reader }, CoreJson.Options) };
    }

    private static ReadRecord Refuse(long seq, JsonElement record, string code, string detail)
    {
        var body = record.ValueKind == JsonValueKind.Object && record.TryGetProperty("body", out var found) ? found : default;
        MachineId? machine = null;
        long? machineSeq = null;
        if (body.ValueKind == JsonValueKind.Object
            && TryText(body, "machine", out var id) && Ids.TryParse<MachineId>(id, out var known)
            && TryLong(body, "seq", out var place) && place > 0)
        {
            machine = known;
            machineSeq = place;
        }
        var at = record.ValueKind == JsonValueKind.Object && TryLong(record, "at", out var ms) && TryInstant(ms, out var instant)
            ? instant
            : Instant.FromUnixTimeMilliseconds(0);
        var text = record.GetRawText();
        const int Keep = 4096;
        return new ReadRecord(
            seq, machine, machineSeq, null, at, "refused", text.Length > Keep ? text[..Keep] : text, new RefusedRecord(seq, code, detail));
    }

    private static bool TryMachine(JsonElement record, out MachineId? machine)
    {
        machine = null;
        if (!record.TryGetProperty("machine", out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        if (value.ValueKind != JsonValueKind.String || !Ids.TryParse<MachineId>(value.GetString(), out var id))
            return false;
        machine = id;
        return true;
    }

    private static bool TryLong(JsonElement element, string name, out long value)
    {
        value = 0;
        return element.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out value);
    }

    private static bool TryText(JsonElement element, string name, out string value)
    {
        value = element.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString()! : "";
        return value.Length > 0;
    }

    private static bool TryInstant(long milliseconds, out Instant instant)
    {
        var fits = milliseconds >= Instant.MinValue.ToUnixTimeMilliseconds() && milliseconds <= Instant.MaxValue.ToUnixTimeMilliseconds();
        instant = fits ? Instant.FromUnixTimeMilliseconds(milliseconds) : default;
        return fits;
    }
}
