using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Visits;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking.Features.Journal;

/// <summary>
/// Takes in a gateway's journal. Each record is kept as it came, under its key, once; the answer leaves after the commit. A record
/// about somebody or something Booking does not know is stored all the same. What the records amount to is worked out by
/// <see cref="MachineRecords"/>.
/// </summary>
internal sealed partial class JournalIntake(BookingWriter writer, MachineRecords machines, FloorChanges floor, SessionArrivals sessions, DoorReader door, ILogger<JournalIntake> log)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/gateways/{gateway}/journal", HandleAsync)
            .WithName("PostJournal")
            .WithTags("gateway")
            .WithSummary("Hands in records of a gateway's journal. Sent twice they change nothing.")
            .WithDescription("The answer comes after the commit: what it covers may be forgotten. A record that can never be stored is listed and must be set aside.")
            .Accepts<JournalBatch>("application/json")
            .Produces<JournalReceipt>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .WithMetadata(new BodyLimit(JournalBatch.MaxBytes))
            .RequireAuthorization(BookingAuth.Gateway);

    private static async Task<IResult> HandleAsync(string gateway, HttpRequest request, JournalIntake intake, CancellationToken cancellationToken)
    {
        using var document = await ReadAsync(request, cancellationToken);
        if (document is null
            || document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("epoch", out var number) || number.ValueKind != JsonValueKind.Number
            || !number.TryGetInt64(out var epoch) || epoch < 1
            || !document.RootElement.TryGetProperty("records", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return new Refusal(ProblemCodes.BadRequest, StatusCodes.Status400BadRequest, "Send an object with an epoch from 1 and a list of records.").ToResult();
        }
        if (list.GetArrayLength() > JournalBatch.MaxRecords)
            return Refusal.BadValue("records", $"At most {JournalBatch.MaxRecords} records at once.").ToResult();

        var records = list.EnumerateArray().Select(RecordReader.Read).ToList();
        var receipt = await intake.StoreAsync(gateway, epoch, records, cancellationToken);
        return Results.Json(receipt, GatewayClient.Json);
    }

    internal Task<JournalReceipt> StoreAsync(string gateway, long epoch, IReadOnlyList<ReadRecord> records, CancellationToken cancellationToken) =>
        writer.WriteAsync((write, cancel) => StoreAsync(write, gateway, epoch, records, cancel), cancellationToken);

    private async Task<JournalReceipt> StoreAsync(
        BookingWrite write, string gateway, long epoch, IReadOnlyList<ReadRecord> records, CancellationToken cancellationToken)
    {
        // Another copy of Booking may still be at the same records, when a gateway gave up waiting and asked again.
        await write.OneAtATimeAsync($"journal {gateway}", cancellationToken);
        var refused = new List<RefusedRecord>();
        var places = records.Where(record => record.Seq > 0).Select(record => record.Seq).Distinct().ToList();
        var (known, enrolling, sessionsOpen) = await StandingAsync(write.Db, gateway, epoch, places, cancellationToken);
        var fresh = new List<ReadRecord>();
        foreach (var record in records)
        {
            if (record.Seq == 0)
            {
                refused.Add(record.Refusal!);
                continue;
            }
            if (known.TryGetValue(record.Seq, out var stored))
            {
                if (stored.Refused is { } before)
                    refused.Add(record.Refusal ?? new RefusedRecord(record.Seq, before, "This record was set aside before."));
                else if (record.Refusal is not null || stored.Body != record.Body)
                    refused.Add(new RefusedRecord(record.Seq, RecordRefusals.Conflict, "Another record has this place."));
                continue;
            }
            if (record.Refusal is not null)
                refused.Add(record.Refusal);
            known[record.Seq] = (record.Body, record.Refusal?.Code);
            fresh.Add(record);
            write.Db.Rows.Add(ToRow(gateway, epoch, record, write));
        }
        if (refused.Count > 0)
            Log.Refused(log, gateway, refused.Count, refused[0].Code);

        foreach (var record in fresh.Where(record => record.Refusal is null))
            Note(write, gateway, epoch, record);
        await write.Db.SaveChangesAsync(cancellationToken);
        foreach (var record in fresh)
            await InductionAsync(write, gateway, epoch, record, cancellationToken);
        foreach (var record in fresh.Where(record => record.Refusal is null && (enrolling || record.Seen is not null)))
            await EnrolAsync(write, record, cancellationToken);
        foreach (var record in sessionsOpen ? fresh : [])
        {
            if (record is { Refusal: null, Event: MachineEvent.TapDecided { Person: { } person } tap })
                await sessions.TappedAsync(write, person, tap.Machine, record.At, cancellationToken);
        }
        await ClaimAsync(write, gateway, epoch, fresh, cancellationToken);
        foreach (var told in fresh.Where(record => record.Refusal is null).Select(record => record.Event).OfType<MachineEvent.JobRecorded>())
            await JobIntake.TakeInAsync(write, floor, gateway, epoch, told, cancellationToken);
        await machines.TakeInAsync(write, gateway, epoch, [.. fresh.Where(record => record is { Machine: not null, MachineSeq: not null })], cancellationToken);
        return new JournalReceipt(places.Count == 0 ? 0 : places.Max(), refused);
    }

    /// <summary>What is stored already under these places, and whether anybody waits for a badge or a séance is being held: hardly ever, and the rest costs nothing then.</summary>
    private static async Task<(Dictionary<long, (string Body, string? Refused)> Known, bool Enrolling, bool SessionsOpen)> StandingAsync(
        BookingDbContext db, string gateway, long epoch, List<long> places, CancellationToken cancellationToken)
    {
        var known = new Dictionary<long, (string Body, string? Refused)>();
        var (enrolling, open) = (false, false);
        List<PlainQuestion> questions =
        [
            new("SELECT EXISTS (SELECT 1 FROM badge_enrolment WHERE state = $1)", row => enrolling = row.GetBoolean(0), (long)BadgeEnrolmentState.Waiting),
            new("SELECT EXISTS (SELECT 1 FROM group_session WHERE state = $1)", row => open = row.GetBoolean(0), (long)GroupSessionState.Open),
        ];
        // A gateway sends one place after the other; what does not is asked for place by place.
        if (places.Count > 0 && places.Max() - places.Min() < places.Count)
            Ask(places.Min(), places.Max());
        else
            places.ForEach(place => Ask(place, place));
        await db.AskAsync(cancellationToken, questions);
        return (known, enrolling, open);

        void Ask(long from, long to) => questions.Add(new PlainQuestion(
            "SELECT seq, body, refused FROM journal WHERE gateway = $1 AND epoch = $2 AND seq >= $3 AND seq <= $4",
            row => known[row.GetInt64(0)] = (row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)), gateway, epoch, from, to));
    }

    private async Task InductionAsync(BookingWrite write, string gateway, long epoch, ReadRecord record, CancellationToken cancellationToken)
    {
        if (record is not { Induction: { } induction, Refusal: null })
            return;
        if (await InductionIntake.TakeInAsync(write, record.Machine, record.At, induction, cancellationToken) is { } why)
            Raise(write, gateway, epoch, record, "induction_not_taken", why);
        else if (record.Machine is { } machine)
            write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.State, machine)));
        await write.Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Bookings whose owners came, in the order in which they did: one may take the place that another has left.</summary>
    private async Task ClaimAsync(BookingWrite write, string gateway, long epoch, IEnumerable<ReadRecord> fresh, CancellationToken cancellationToken)
    {
        foreach (var record in fresh.Where(record => record is { Event: MachineEvent.BookingClaimed, Refusal: null }).OrderBy(record => record.Seq))
        {
            var claim = ((MachineEvent.BookingClaimed)record.Event!).Claim;
            if (await ClaimIntake.TakeInAsync(write, claim, cancellationToken) is { } why)
                Raise(write, gateway, epoch, record, "booking_claim_conflict", why);
            await write.Db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>A tap that somebody at the front desk may be waiting for.</summary>
    private Task EnrolAsync(BookingWrite write, ReadRecord record, CancellationToken cancellationToken) => record switch
    {
        { Seen: { } seen } => SeenAsync(write, seen, record.At, cancellationToken),
        { Event: MachineEvent.TapDecided { Person: { } person, Badge: { } badge } tap } =>
            BadgeEnrolments.KnownTapAsync(write, tap.Machine, person, badge, record.At, cancellationToken),
        _ => Task.CompletedTask,
    };

    private async Task SeenAsync(BookingWrite write, BadgeSeen seen, Instant at, CancellationToken cancellationToken)
    {
        // A badge known under an old key, read whole: from now on it is known under the key in use.
        if (seen.Renews is { } known && await write.Db.Badges.SingleOrDefaultAsync(badge => badge.Id == known, cancellationToken) is { } badge
            && badge.Full.KeyId < seen.Print.Full.KeyId && badge.Family == seen.Print.Family && badge.Bytes == seen.Print.Bytes)
        {
            badge.Renew(seen.Print);
            await write.Db.SaveChangesAsync(cancellationToken);
        }
        // A badge that somebody is being given there is no arrival yet.
        if (!await BadgeEnrolments.TapAsync(write, seen, at, cancellationToken))
            await door.TapAsync(write, seen, at, cancellationToken);
    }

    private static JournalRow ToRow(string gateway, long epoch, ReadRecord record, BookingWrite write) => new()
    {
        Gateway = gateway,
        Epoch = epoch,
        Seq = record.Seq,
        MachineId = record.Machine,
        MachineSeq = record.MachineSeq,
        SessionId = record.Session,
        At = record.At,
        Kind = record.Kind,
        Body = record.Body,
        ReceivedAt = write.Now,
        Refused = record.Refusal?.Code,
    };

    /// <summary>Refused taps and alarms: each follows from its record alone, whatever the order.</summary>
    private void Note(BookingWrite write, string gateway, long epoch, ReadRecord record)
    {
        var decision = (record.Event as MachineEvent.TapDecided)?.Decision ?? record.Decision;
        if (decision is not null)
            write.AuditDecision(decision is AccessDecision.Granted, record.Machine?.Value ?? Guid.Empty, gateway, epoch, record.Seq, record.Body);
        switch (record)
        {
            case { Event: MachineEvent.TapDecided { Decision: AccessDecision.Denied denied, Outcome: ReplyKind.Refused } tap, Machine: { } machine }:
                Refused(machine, denied, tap.Person, tap.Badge);
                break;
            case { Decision: AccessDecision.Denied denied, Machine: { } machine }:
                Refused(machine, denied, null, null);
                break;
            case { Event: MachineEvent.FaultRaised fault }:
                Raise(Code(fault.Kind), fault.LockOut.Cause);
                break;
            case { Event: MachineEvent.AlarmRaised raised }:
                Raise(Code(raised.Kind), "");
                break;
            case { Alarm: { } alarm }:
                Raise(alarm.Code, alarm.Device is { } device ? $"{device}: {alarm.Detail}" : alarm.Detail);
                break;
        }

        void Refused(MachineId machine, AccessDecision.Denied denied, PersonId? person, BadgeId? badge)
        {
            write.Db.Rows.Add(new RefusedTap
            {
                Gateway = gateway,
                Epoch = epoch,
                Seq = record.Seq,
                MachineId = machine,
                At = record.At,
                Reason = denied.Code,
                PersonId = person,
                BadgeId = badge,
                Decision = JsonSerializer.Serialize<AccessDecision>(denied, CoreJson.Options),
            });
            write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.Refusal, machine)));
        }

        void Raise(string code, string detail) => this.Raise(write, gateway, epoch, record, code, detail);
    }

    private void Raise(BookingWrite write, string gateway, long epoch, ReadRecord record, string code, string detail)
    {
        write.Db.Alarms.Add(new Alarm
        {
            Gateway = gateway,
            Epoch = epoch,
            Seq = record.Seq,
            MachineId = record.Machine,
            At = record.At,
            Code = code,
            Detail = Text.Clean(detail, 600),
        });
        write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.Alarm, record.Machine)));
    }

    private static string Code<T>(T kind)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    private static async Task<JsonDocument?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 64 }, cancellationToken);
        }
        catch (JsonException)
        {
            // Told to the caller by the answer; a broken body is the caller's fault and not worth a line.
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5401, Level = LogLevel.Warning, Message = "Gateway {Gateway}: {Count} records were refused, the first as {Code}.")]
        public static partial void Refused(ILogger logger, string gateway, int count, string code);
    }
}
