using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.Privacy;

/// <summary>What becomes of data that is older than it may be. Runs by itself once a day; done twice it changes nothing.</summary>
internal sealed class Purge(IOptions<BookingOptions> options)
{
    private static readonly Instant Ever = Instant.FromUnixTimeMilliseconds(-8_000_000_000_000);

    private RetentionOptions Retention => options.Value.Retention;

    public async Task RoundAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var zone = await write.Db.ZoneAsync(cancellationToken);
        var today = write.Now.InZone(zone).Date;
        await RefusedTapsAsync(write, Start(today.PlusMonths(-Retention.RefusedTapMonths)), cancellationToken);
        await MachineUseAsync(write, Start(Retention.FirstNamedDay(today)), zone, cancellationToken);
        await VisitsAsync(write, Start(Retention.FirstNamedDay(today)), zone, cancellationToken);
        await BookingsAsync(write, Start(Retention.FirstNamedDay(today)), cancellationToken);
        await AuditValuesAsync(write, Start(today.PlusMonths(-Retention.AuditMonths)), cancellationToken);
        await SignInsAsync(write, Start(today.PlusMonths(-Retention.SignInMonths)), cancellationToken);
        await MessagesAsync(write, Start(today.PlusMonths(-Retention.MessageMonths)), cancellationToken);
        await GroupSessionsAsync(write, Start(today.PlusMonths(-Retention.SessionNameMonths)), cancellationToken);
        await PeopleAsync(write, today.PlusMonths(-Retention.PersonMonths), zone, cancellationToken);

        Instant Start(LocalDate day) => day.AtStartOfDayInZone(zone).ToInstant();
    }

    private static async Task RefusedTapsAsync(BookingWrite write, Instant before, CancellationToken cancellationToken)
    {
        var old = await write.Db.RefusedTaps.Where(tap => tap.At < before).Select(tap => new { tap.Gateway, tap.Epoch, tap.Seq }).ToListAsync(cancellationToken);
        if (old.Count == 0)
            return;
        var detachment = new Detachment(write);
        await detachment.ThroughTheGateAsync(
            async () => await detachment.RecordsAsync(
                [.. old.Select(tap => (tap.Gateway, tap.Epoch, tap.Seq))], await Detachment.IdsAsync(write.Db, null, cancellationToken), cancellationToken),
            cancellationToken);
        var rows = await write.Db.RefusedTaps.Where(tap => tap.At < before).ExecuteDeleteAsync(cancellationToken);
        Note(write, RetentionRules.RefusedTaps, before, rows, detachment.ValuesErased);
    }

    private async Task MachineUseAsync(BookingWrite write, Instant before, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var jobs = await JobNames.ForgetAsync(db, before, cancellationToken);
        if (jobs > 0)
            Note(write, RetentionRules.MachineJobs, before, jobs, 0);
        var named = db.Ledger.Where(row => row.Start < before
            && ((row.PersonId != null && !db.Pseudonyms.Any(p => p.Id == row.PersonId))
                || (row.AccompaniedBy != null && !db.Pseudonyms.Any(p => p.Id == row.AccompaniedBy))
                || (row.Author != null && !db.Pseudonyms.Any(p => p.Id == row.Author))));
        var years = (await named.Select(row => row.Start).ToListAsync(cancellationToken))
            .Select(start => Retention.YearOf(start.InZone(zone).Date)).Distinct().Order().ToList();
        if (years.Count == 0)
            return;
        var ids = await Detachment.IdsAsync(db, null, cancellationToken);
        long rows = 0;
        var erased = 0;
        foreach (var year in years)
        {
            // One pseudonym a year and person: the year can still be counted, the years not be put together.
            var detachment = new Detachment(write);
            var from = year.AtStartOfDayInZone(zone).ToInstant();
            var until = Instant.Min(before, year.PlusYears(1).AtStartOfDayInZone(zone).ToInstant());
            await detachment.ThroughTheGateAsync(
                async () =>
                {
                    await detachment.UsesAsync(from, until, null, cancellationToken);
                    await detachment.JournalAsync(from, until, ids, cancellationToken);
                },
                cancellationToken);
            rows += detachment.Rows;
            erased += detachment.ValuesErased;
        }
        Note(write, RetentionRules.MachineUse, before, rows, erased);
    }

    /// <summary>Visits stay for what they count; who came is a pseudonym, another one each year.</summary>
    private async Task VisitsAsync(BookingWrite write, Instant before, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var named = await db.Visits.Where(v => v.ArrivedAt < before && v.PersonId != null && !db.Pseudonyms.Any(p => p.Id == v.PersonId))
            .Select(v => new { v.PersonId, v.ArrivedAt }).ToListAsync(cancellationToken);
        long rows = 0;
        foreach (var year in named.GroupBy(v => Retention.YearOf(v.ArrivedAt.InZone(zone).Date)).OrderBy(year => year.Key))
        {
            var detachment = new Detachment(write);
            var from = year.Key.AtStartOfDayInZone(zone).ToInstant();
            var until = Instant.Min(before, year.Key.PlusYears(1).AtStartOfDayInZone(zone).ToInstant());
            foreach (var person in year.Select(v => v.PersonId!.Value).Distinct())
            {
                var pseudonym = new PersonId(await detachment.PseudonymAsync(person.Value, cancellationToken));
                rows += await db.Visits.Where(v => v.PersonId == person && v.ArrivedAt >= from && v.ArrivedAt < until)
                    .ExecuteUpdateAsync(set => set.SetProperty(v => v.PersonId, pseudonym), cancellationToken);
            }
        }
        // Keys of what kiosks handed in; what was asked at the door is of no use the day after.
        var month = write.Now - Duration.FromDays(30);
        await db.DoorItems.Where(item => item.ReceivedAt < month).ExecuteDeleteAsync(cancellationToken);
        if (rows > 0)
            Note(write, RetentionRules.Visits, before, rows, 0);
    }

    private static async Task BookingsAsync(BookingWrite write, Instant before, CancellationToken cancellationToken)
    {
        var rows = await write.Db.Reservations.Where(booking => booking.End < before && booking.PersonId != null)
            .ExecuteUpdateAsync(
                set => set.SetProperty(booking => booking.PersonId, (PersonId?)null).SetProperty(booking => booking.MadeBy, (PersonId?)null)
                    .SetProperty(booking => booking.CancelledBy, (PersonId?)null).SetProperty(booking => booking.WaivedBy, (PersonId?)null)
                    .SetProperty(booking => booking.Note, "").SetProperty(booking => booking.Why, "").SetProperty(booking => booking.Decision, (string?)null),
                cancellationToken);
        rows += await write.Db.BookingWaits.Where(wait => wait.End < before).ExecuteDeleteAsync(cancellationToken);
        if (rows > 0)
            Note(write, RetentionRules.Bookings, before, rows, 0);
    }

    private static async Task AuditValuesAsync(BookingWrite write, Instant before, CancellationToken cancellationToken)
    {
        var old = write.Db.AuditValues.Where(value => write.Db.Audit.Any(entry => entry.Seq == value.Seq && entry.At < before));
        var erased = await old.Where(value => value.BySalt != null)
            .ExecuteUpdateAsync(set => set.SetProperty(value => value.By, (PersonId?)null).SetProperty(value => value.BySalt, (string?)null), cancellationToken);
        erased += await old.Where(value => value.SubjectSalt != null)
            .ExecuteUpdateAsync(set => set.SetProperty(value => value.Subject, (Guid?)null).SetProperty(value => value.SubjectSalt, (string?)null), cancellationToken);
        erased += await old.Where(value => value.DetailSalt != null)
            .ExecuteUpdateAsync(set => set.SetProperty(value => value.Detail, (string?)null).SetProperty(value => value.DetailSalt, (string?)null), cancellationToken);
        if (erased > 0)
            Note(write, RetentionRules.AuditValues, before, erased, erased);
    }

    /// <summary>A sign-in ends after a month in any case, and a link long before.</summary>
    private static async Task SignInsAsync(BookingWrite write, Instant before, CancellationToken cancellationToken)
    {
        var rows = await write.Db.StaffSessions.Where(session => session.CreatedAt < before).ExecuteDeleteAsync(cancellationToken)
            + await write.Db.OneTimeLinks.Where(link => link.CreatedAt < before && link.ExpiresAt < write.Now).ExecuteDeleteAsync(cancellationToken);
        if (rows > 0)
            Note(write, RetentionRules.SignIns, before, rows, 0);
    }

    /// <summary>Messages; what other programs were told, after a month; keys of repeated requests, after a day.</summary>
    private static async Task MessagesAsync(BookingWrite write, Instant before, CancellationToken cancellationToken)
    {
        var rows = await write.Db.Messages.Where(message => message.At < before).ExecuteDeleteAsync(cancellationToken);
        if (rows > 0)
            Note(write, RetentionRules.Messages, before, rows, 0);
        var month = write.Now - Duration.FromDays(30);
        await write.Db.WebhookDeliveries.Where(delivery => delivery.At < month).ExecuteDeleteAsync(cancellationToken);
        await write.Db.Webhooks.Where(webhook => webhook.RemovedAt < month).ExecuteDeleteAsync(cancellationToken);
        var yesterday = write.Now - Duration.FromDays(1);
        await write.Db.IdempotencyKeys.Where(key => key.ClaimedAt < yesterday).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The lines of a sheet stay and are counted; what only told them apart, and what was drawn, goes.</summary>
    private static async Task GroupSessionsAsync(BookingWrite write, Instant before, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var rows = await db.Attendees.Where(a => (a.FirstName != "" || a.CameWith != "" || a.LeftWith != null) && db.GroupSessions.Any(s => s.Id == a.SessionId && s.End < before))
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.FirstName, "").SetProperty(a => a.CameWith, "").SetProperty(a => a.LeftWith, (Guid?)null), cancellationToken);
        rows += await db.SessionSignatures.Where(s => db.GroupSessions.Any(g => g.Id == s.SessionId && g.End < before)).ExecuteDeleteAsync(cancellationToken);
        if (rows > 0)
            Note(write, RetentionRules.GroupSessions, before, rows, 0);
    }

    /// <summary>
    /// Who is no member, is nothing in the place but perhaps a member, and has neither signed in nor used, booked or learnt anything for so long. What time alone did (a habilitation that ended) is no sign of life.
    /// </summary>
    private async Task PeopleAsync(BookingWrite write, LocalDate before, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var start = before.AtStartOfDayInZone(zone).ToInstant();
        var gone = await db.People
            .Where(person => person.CreatedAt < start && (person.MemberThrough == null || person.MemberThrough < before)
                && !db.StaffAccounts.Any(account => account.Id == person.Id && ((account.Active && account.Role != Role.Member) || account.CreatedAt >= start))
                && !db.StaffSessions.Any(session => session.AccountId == person.Id)
                && !db.Presence.Any(here => here.PersonId == person.Id)
                && !db.Visits.Any(visit => visit.PersonId == person.Id && visit.ArrivedAt >= start)
                && !db.MachinesNow.Any(now => now.PersonId == person.Id && now.SessionId != null)
                && !db.Ledger.Any(row => (row.PersonId == person.Id || row.AccompaniedBy == person.Id) && row.Start >= start)
                && !db.Reservations.Any(booking => booking.PersonId == person.Id && booking.End >= start)
                && !db.Habilitations.Any(h => h.PersonId == person.Id && db.HabilitationActs.Any(act => act.HabilitationId == h.Id && act.At >= start && act.Kind != HabilitationActKind.Expired))
                && !db.Enrolments.Any(place => place.PersonId == person.Id && place.EnrolledAt >= start)
                && !db.Attendees.Any(line => line.PersonId == person.Id && line.AddedAt >= start))
            .Select(person => person.Id).ToListAsync(cancellationToken);
        foreach (var person in gone)
            await Erasure.RunAsync(write, person, null, Retention, zone, cancellationToken);
        if (gone.Count > 0)
            Note(write, RetentionRules.People, start, gone.Count, 0);
    }

    private static void Note(BookingWrite write, string rule, Instant before, long rows, int valuesErased)
    {
        write.Db.RetentionRuns.Add(new RetentionRun { Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), At = write.Now, Rule = rule, Before = before, Rows = rows });
        Audit.AuditWriting.AuditErasure(write, null, "retention.purged", rule, valuesErased);
    }
}
