using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Policy;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Privacy;

/// <summary>Erases one person from everything, inside one write. Asked by staff or by the purge.</summary>
internal static class Erasure
{
    private static readonly Instant Ever = Instant.FromUnixTimeMilliseconds(-8_000_000_000_000);
    private static readonly Instant Never = Instant.FromUnixTimeMilliseconds(200_000_000_000_000);

    /// <summary>The line of a receipt that counts texts in which the person was hidden.</summary>
    public const string FreeWordsRow = "free_words";

    /// <returns>The receipt; the person is known to be there.</returns>
    public static async Task<ErasureReceipt> RunAsync(
        BookingWrite write, PersonId person, PersonId? by, RetentionOptions retention, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var ids = await Detachment.IdsAsync(db, person, cancellationToken);
        var bookings = await db.Reservations.Where(booking => booking.PersonId == person).Select(booking => booking.Id).ToListAsync(cancellationToken);
        List<Guid> subjects = [.. ids, .. bookings.Select(booking => booking.Value)];
        var rows = await db.Ledger.Where(row => row.PersonId == person || row.AccompaniedBy == person).Select(row => row.Id).ToListAsync(cancellationToken);
        var (name, code) = await db.People.Where(p => p.Id == person).Select(p => new ValueTuple<string?, string>(p.DisplayName, p.ShortCode)).SingleAsync(cancellationToken);
        await MarkAsync(db, person, bookings, cancellationToken);

        var detachment = new Detachment(write);
        var erased = 0;
        await detachment.ThroughTheGateAsync(
            async () =>
            {
                // Before their uses are nobody's: whose a job is follows from its use.
                Add("machine_job", await JobNames.ForgetAsync(db, person, cancellationToken));
                // Another pseudonym for each membership year: what somebody did over the years cannot be put together again.
                foreach (var (from, until) in await YearsAsync(db, person, retention, zone, cancellationToken))
                {
                    var year = new Detachment(write);
                    await year.UsesAsync(from, until, person, cancellationToken);
                    await year.JournalAsync(from, until, ids, cancellationToken);
                    Add("machine_time", year.Rows);
                    erased += year.ValuesErased;
                }
                await detachment.JournalAsync(Ever, Never, ids, cancellationToken);
                Add("journal", detachment.Rows);
                await StatesAsync(db, detachment, ids, cancellationToken);
                await db.RefusedTaps.Where(tap => tap.PersonId == null && db.Badges.Any(badge => badge.PersonId == person && badge.Id == tap.BadgeId))
                    .ExecuteDeleteAsync(cancellationToken);
                await BookingsAsync(write, person, cancellationToken);
                Add("booking_quota", await QuotasAsync(db, person, cancellationToken));
                Add("habilitation_act", await db.HabilitationActs.Where(act => db.Habilitations.Any(h => h.Id == act.HabilitationId && h.PersonId == person))
                    .ExecuteDeleteAsync(cancellationToken));
                await db.VolunteerHours.Where(hours => hours.PersonId == person && hours.Note != "").ExecuteUpdateAsync(set => set.SetProperty(hours => hours.Note, ""), cancellationToken);
                await db.GivenBadges.Where(badge => badge.PersonId == person).ExecuteUpdateAsync(set => set.SetProperty(badge => badge.Token, ""), cancellationToken);
                await AnswersAsync(db, subjects, cancellationToken);
                foreach (var column in PersonalColumn.All)
                    Add(TableOf(db, column.Entity), await ApplyAsync(db, detachment, column, person, cancellationToken));
                erased += detachment.ValuesErased;
                erased += await ValuesAsync(db, subjects, person, cancellationToken);
                erased += await WordsAsync(db, [.. subjects.Select(subject => subject.ToString())], rows, code, cancellationToken);
            },
            cancellationToken);

        // Said also when nothing was found: the receipt tells that it was looked for.
        counts[FreeWordsRow] = await FreeWords.HideAsync(db, name, code, cancellationToken);
        var receipt = new ErasureReceipt { Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), At = write.Now, By = by, Counts = JsonSerializer.Serialize(counts) };
        db.ErasureReceipts.Add(receipt);
        write.AuditErasure(by, "person.erased", receipt.Id.ToString(), erased);
        return receipt;

        void Add(string table, long rows)
        {
            if (rows > 0)
                counts[table] = counts.GetValueOrDefault(table) + rows;
        }
    }

    /// <summary>What is still to come is free for others; what is past keeps its time and loses its words.</summary>
    private static async Task BookingsAsync(BookingWrite write, PersonId person, CancellationToken cancellationToken)
    {
        var theirs = write.Db.Reservations.Where(booking => booking.PersonId == person);
        await write.Db.BookingSlots.Where(slot => theirs.Any(booking => booking.Id == slot.BookingId && booking.End > write.Now))
            .ExecuteUpdateAsync(set => set.SetProperty(slot => slot.Live, false), cancellationToken);
        await theirs.Where(booking => booking.End > write.Now && booking.CancelledAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(booking => booking.CancelledAt, write.Now), cancellationToken);
        await theirs.ExecuteUpdateAsync(
            set => set.SetProperty(booking => booking.Note, "").SetProperty(booking => booking.Why, "").SetProperty(booking => booking.Decision, (string?)null),
            cancellationToken);
    }

    /// <summary>A limit for them among others loses them; one for nobody else goes, for without a name it would be everybody's.</summary>
    private static async Task<int> QuotasAsync(BookingDbContext db, PersonId person, CancellationToken cancellationToken)
    {
        var theirs = (await db.BookingQuotas.ToListAsync(cancellationToken)).Where(row => row.Quota.People.Contains(person)).ToList();
        foreach (var row in theirs)
        {
            var quota = row.Quota with { People = [.. row.Quota.People.Where(one => one != person)] };
            if (quota.People.Count == 0 && quota.Plans.Count == 0)
                db.BookingQuotas.Remove(row);
            row.Quota = quota;
            row.Version++;
        }
        await db.SaveChangesAsync(cancellationToken);
        return theirs.Count;
    }

    /// <summary>Answers that are kept for a day, to anybody, in which they are named.</summary>
    private static async Task AnswersAsync(BookingDbContext db, IReadOnlyList<Guid> subjects, CancellationToken cancellationToken)
    {
        List<string> ids = [.. subjects.Select(subject => subject.ToString())];
        foreach (var row in await db.IdempotencyKeys.ToListAsync(cancellationToken))
        {
            if (ids.Any(id => row.Path.Contains(id, StringComparison.OrdinalIgnoreCase) || row.Answer?.Contains(id, StringComparison.OrdinalIgnoreCase) == true))
                db.IdempotencyKeys.Remove(row);
        }
        await db.SaveChangesAsync(cancellationToken);
    }

    public static string TableOf(BookingDbContext db, Type entity) => db.Model.FindEntityType(entity)!.GetTableName()!;

    /// <summary>Membership years in which the person was at a machine.</summary>
    private static async Task<IReadOnlyList<(Instant From, Instant Until)>> YearsAsync(
        BookingDbContext db, PersonId person, RetentionOptions retention, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var starts = await db.Ledger.Where(row => row.PersonId == person || row.AccompaniedBy == person || row.Author == person)
            .Select(row => row.Start).ToListAsync(cancellationToken);
        return
        [
            .. starts.Select(start => retention.YearOf(start.InZone(zone).Date)).Distinct().Order()
                .Select(first => (first.AtStartOfDayInZone(zone).ToInstant(), first.PlusYears(1).AtStartOfDayInZone(zone).ToInstant())),
        ];
    }

    /// <summary>What gateways hold of the person goes with the next message.</summary>
    private static async Task MarkAsync(BookingDbContext db, PersonId person, List<BookingId> bookings, CancellationToken cancellationToken)
    {
        var marks = new SortedSet<(PolicyKind Kind, Guid Key)> { (PolicyKind.Person, person.Value), (PolicyKind.Presence, person.Value) };
        marks.UnionWith((await db.Badges.Where(badge => badge.PersonId == person).Select(badge => badge.Id).ToListAsync(cancellationToken)).Select(id => (PolicyKind.Badge, id.Value)));
        marks.UnionWith((await db.Habilitations.Where(h => h.PersonId == person).Select(h => h.Id).ToListAsync(cancellationToken)).Select(id => (PolicyKind.Habilitation, id.Value)));
        marks.UnionWith((await db.ProjectMembers.Where(member => member.PersonId == person).Select(member => member.ProjectId).ToListAsync(cancellationToken)).Select(id => (PolicyKind.Project, id.Value)));
        marks.UnionWith((await db.LockOuts.Where(row => row.Author == person && row.ReleasedAt == null).Select(row => row.MachineId).Distinct().ToListAsync(cancellationToken)).Select(id => (PolicyKind.Machine, id.Value)));
        marks.UnionWith(bookings.Select(booking => (PolicyKind.Booking, booking.Value)));
        await PolicyMarking.MarkAsync(db, marks, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>What Booking remembers of the state of machines.</summary>
    private static async Task StatesAsync(BookingDbContext db, Detachment detachment, HashSet<Guid> ids, CancellationToken cancellationToken)
    {
        foreach (var now in await db.MachinesNow.ToListAsync(cancellationToken))
            now.State = await detachment.ReplaceAsync(now.State, ids, cancellationToken) ?? now.State;
        foreach (var progress in await db.MachineProgress.ToListAsync(cancellationToken))
            progress.State = await detachment.ReplaceAsync(progress.State, ids, cancellationToken) ?? progress.State;
        await db.SaveChangesAsync(cancellationToken);
    }

    private static async Task<int> ApplyAsync(BookingDbContext db, Detachment detachment, PersonalColumn column, PersonId person, CancellationToken cancellationToken)
    {
        var type = db.Model.FindEntityType(column.Entity)!;
        var (table, name) = (type.GetTableName(), type.FindProperty(column.Property)!.GetColumnName());
        // Names come from the model, values are parameters.
        return column.Fate switch
        {
            PersonalFate.Delete => await RunAsync($"DELETE FROM {table} WHERE {name} = {{0}}", person.Value),
            PersonalFate.Forget => await RunAsync($"UPDATE {table} SET {name} = NULL WHERE {name} = {{0}}", person.Value),
            PersonalFate.Detach => await RunAsync(
                $"UPDATE {table} SET {name} = {{1}} WHERE {name} = {{0}}", person.Value, await detachment.PseudonymAsync(person.Value, cancellationToken)),
            PersonalFate.Uncommit or PersonalFate.Rewrite => 0,
            _ => throw new System.Diagnostics.UnreachableException(),
        };

        Task<int> RunAsync(string sql, params object[] values) => db.Database.ExecuteSqlRawAsync(sql, values, cancellationToken);
    }

    /// <summary>What the audit says of the person: who they were where they did something, and all of it where it was done to them.</summary>
    private static async Task<int> ValuesAsync(BookingDbContext db, List<Guid> subjects, PersonId person, CancellationToken cancellationToken)
    {
        var erased = 0;
        foreach (var chunk in subjects.Chunk(500))
        {
            List<Guid> some = [.. chunk];
            erased += await db.AuditValues.Where(value => value.Subject != null && some.Contains(value.Subject.Value) && value.DetailSalt != null)
                .ExecuteUpdateAsync(set => set.SetProperty(value => value.Detail, (string?)null).SetProperty(value => value.DetailSalt, (string?)null), cancellationToken);
            erased += await db.AuditValues.Where(value => value.Subject != null && some.Contains(value.Subject.Value))
                .ExecuteUpdateAsync(set => set.SetProperty(value => value.Subject, (Guid?)null).SetProperty(value => value.SubjectSalt, (string?)null), cancellationToken);
        }
        return erased + await db.AuditValues.Where(value => value.By == person)
            .ExecuteUpdateAsync(set => set.SetProperty(value => value.By, (PersonId?)null).SetProperty(value => value.BySalt, (string?)null), cancellationToken);
    }

    /// <summary>
    /// What was done to something else and tells of them: who was given charge of a machine, whose a badge was that is somebody
    /// else's now, why a row of machine time was corrected.
    /// </summary>
    private static async Task<int> WordsAsync(BookingDbContext db, List<string> ids, List<Guid> rows, string code, CancellationToken cancellationToken)
    {
        var erased = await EraseAsync(db.AuditValues.Where(value => value.Detail == code));
        foreach (var id in ids)
            erased += await EraseAsync(db.AuditValues.Where(value => value.Detail != null && value.Detail.Contains(id)));
        foreach (var chunk in rows.Chunk(500))
        {
            List<Guid> some = [.. chunk];
            erased += await EraseAsync(db.AuditValues.Where(value => value.Detail != null && value.Subject != null && some.Contains(value.Subject.Value)));
        }
        return erased;

        Task<int> EraseAsync(IQueryable<AuditValue> values) => values.ExecuteUpdateAsync(
            set => set.SetProperty(value => value.Detail, (string?)null).SetProperty(value => value.DetailSalt, (string?)null), cancellationToken);
    }
}
