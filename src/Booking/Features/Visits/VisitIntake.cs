using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Hours;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>
/// Takes in what kiosks tell: in order, each item once, however often it is sent. Nothing is refused for being late, for somebody
/// unknown or for a clock that is wrong: it is counted and marked.
/// </summary>
internal sealed partial class VisitIntake(BookingWriter writer, VisitBook book, SchoolHolidays school, ILogger<VisitIntake> log)
{
    private static readonly Instant Latest = Instant.FromUtc(2200, 1, 1, 0, 0);

    /// <summary>An item as it came: null where it cannot be read.</summary>
    internal sealed record Read(Guid Id, VisitItem? Item);

    internal static Read ReadItem(JsonElement element)
    {
        var id = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("id", out var text) && text.ValueKind == JsonValueKind.String
            && text.TryGetGuid(out var known) ? known : Guid.Empty;
        try
        {
            var item = element.Deserialize<VisitItem>(CoreJson.Options);
            return new Read(id, item is not null && id != Guid.Empty && IsSound(item) ? item : null);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or ArgumentException)
        {
            return new Read(id, null);
        }
    }

    public Task<VisitReceipt> TakeInAsync(string kiosk, Instant sentAt, IReadOnlyList<Read> items, CancellationToken cancellationToken) =>
        writer.WriteAsync((write, cancel) => TakeInAsync(write, kiosk, sentAt, items, cancel), cancellationToken);

    private static bool IsSound(VisitItem item) =>
        item.Id != Guid.Empty && item.Visit.Value != Guid.Empty && Enum.IsDefined(item.Act) && Enum.IsDefined(item.Way)
        && item.Way is not (VisitWay.Session) && (item.Band is null || Enum.IsDefined(item.Band.Value)) && item.Reason is null or { Length: <= Visit.MaxCode } && IsTime(item.At);

    /// <summary>Whether a clock may say so: also one that began anew in 1970.</summary>
    internal static bool IsTime(Instant at) => at >= NodaConstants.UnixEpoch && at < Latest;

    private async Task<VisitReceipt> TakeInAsync(
        BookingWrite write, string kiosk, Instant sentAt, IReadOnlyList<Read> items, CancellationToken cancellationToken)
    {
        // Another copy of Booking may be at another kiosk's items about the same people.
        await write.OneAtATimeAsync("visits", cancellationToken);
        var off = write.Now - sentAt;
        Duration? wrong = off > VisitBatch.ClockPatience || off < -VisitBatch.ClockPatience ? off : null;
        if (wrong is { } by)
            Log.ClockWrong(log, kiosk, (long)by.TotalSeconds);
        var closing = new Closing(await LabHours.ReadAsync(write.Db, school.Calendar, cancellationToken));
        var reasons = (await write.Db.VisitReasons.Select(reason => reason.Code).ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var ids = items.Select(item => item.Id).ToList();
        var known = await write.Db.DoorItems.AsNoTracking().Where(item => ids.Contains(item.Id)).ToDictionaryAsync(item => item.Id, item => item.Answer, cancellationToken);
        // A site that nobody made is no reason to lose a visit: it is one of the first.
        var sites = (await write.Db.LabSites.Select(site => site.Number).ToListAsync(cancellationToken)).ToHashSet();
        var answers = new List<VisitAnswer>(items.Count);
        foreach (var (id, item) in items.Select(read => (read.Id, read.Item)))
        {
            if (item is null)
            {
                answers.Add(new VisitAnswer(id, VisitAnswers.Malformed));
                continue;
            }
            if (!known.TryGetValue(id, out var answer))
            {
                var at = Instant.Min(item.At.Plus(wrong ?? Duration.Zero), write.Now);
                var person = item.Person is { } who && await write.Db.People.AnyAsync(p => p.Id == who, cancellationToken) ? item.Person : null;
                var reason = item.Reason is { } code && reasons.Contains(code) ? code : null;
                answer = await ActAsync(write, kiosk, item with { At = at, Person = person, Reason = reason, Site = item.Site is { } site && sites.Contains(site) ? site : null }, item.Person, wrong, closing, cancellationToken);
                var stashed = answer == VisitAnswers.NotIn;
                write.Db.DoorItems.Add(new DoorItem
                {
                    Id = id, Kiosk = kiosk, ReceivedAt = write.Now, Answer = answer, PersonId = stashed ? person : null, LeftAt = stashed ? at : null,
                });
                await write.Db.SaveChangesAsync(cancellationToken);
                known[id] = answer;
            }
            answers.Add(new VisitAnswer(id, answer));
        }
        var minute = write.Now - Duration.FromMinutes(1);
        await write.Db.Kiosks.Where(k => k.Name == kiosk && (k.LastSeenAt == null || k.LastSeenAt < minute))
            .ExecuteUpdateAsync(set => set.SetProperty(k => k.LastSeenAt, write.Now), cancellationToken);
        return new VisitReceipt(answers);
    }

    private async Task<string> ActAsync(
        BookingWrite write, string kiosk, VisitItem item, PersonId? said, Duration? wrong, Closing closing, CancellationToken cancellationToken)
    {
        switch (item.Act)
        {
            case VisitAct.Arrived:
                var (visit, fresh) = await book.ArriveAsync(
                    write,
                    new Arrival(item.Visit, item.At, item.Way)
                    {
                        Person = item.Person, Reason = item.Reason, Band = item.Band, First = item.First, Kiosk = kiosk, ClockOff = wrong, Site = item.Site ?? Sites.LabSite.First,
                    },
                    closing, cancellationToken);
                Note(write, item, visit, "visit.added");
                return !fresh ? VisitAnswers.AlreadyIn : said is not null && item.Person is null ? VisitAnswers.UnknownPerson : VisitAnswers.Stored;
            case VisitAct.Left when item.Person is { } person:
                if (await book.LeaveAsync(write, person, item.At, item.By is null ? LeftHow.Said : LeftHow.Corrected, cancellationToken) is { } over)
                    Note(write, item, over, "visit.left");
                else
                    return VisitAnswers.NotIn;
                return VisitAnswers.Stored;
        }
        if (await FindAsync(write, item, cancellationToken) is not { } found)
            return said is not null && item.Person is null ? VisitAnswers.UnknownPerson : VisitAnswers.UnknownVisit;
        switch (item.Act)
        {
            case VisitAct.Told:
                found.Reason = item.Reason ?? found.Reason;
                found.AgeBand = found.PersonId is null ? item.Band ?? found.AgeBand : null;
                found.Version++;
                break;
            case VisitAct.Left when found.LeftAt is null:
                await book.EndAsync(write, found, item.At, item.By is null ? LeftHow.Said : LeftHow.Corrected, cancellationToken);
                Note(write, item, found, "visit.left");
                break;
            case VisitAct.Back:
                await book.ReopenAsync(write, found, cancellationToken);
                Note(write, item, found, "visit.back");
                break;
        }
        return VisitAnswers.Stored;
    }

    /// <summary>The visit an item means: by its id; else, when two kiosks met the same person, by who it is.</summary>
    private static async Task<Visit?> FindAsync(BookingWrite write, VisitItem item, CancellationToken cancellationToken)
    {
        if (await write.Db.Visits.SingleOrDefaultAsync(v => v.Id == item.Visit, cancellationToken) is { } exact)
            return exact;
        return item.Person is { } person
            ? await write.Db.Visits.Where(v => v.PersonId == person && v.ArrivedAt <= item.At && !v.TakenOut).OrderByDescending(v => v.ArrivedAt).FirstOrDefaultAsync(cancellationToken)
            : null;
    }

    private static void Note(BookingWrite write, VisitItem item, Visit visit, string action)
    {
        if (item.By is { } by)
            write.Audit(by, action, visit.Id.Value);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5451, Level = LogLevel.Warning, Message = "Kiosk {Kiosk}: its clock is {Seconds} s from ours. Its visits are noted at our time and marked.")]
        public static partial void ClockWrong(ILogger logger, string kiosk, long seconds);
    }
}
