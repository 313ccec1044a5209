using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.SignIn;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>Reads what kiosks are told.</summary>
internal sealed class DoorSource(BookingDbContext db, BadgeKeys keys, SchoolHolidays school, TimeProvider time, IEnumerable<IDoorLines> lines)
{
    private const int HoursAhead = 7;
    private const int MostMessages = 2;

    private static readonly Duration NextBookings = Duration.FromDays(2);

    private Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <param name="known">The version the kiosk has.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public async Task<DoorNow> ReadAsync(string? known, CancellationToken cancellationToken)
    {
        await using var snapshot = await db.BeginSnapshotAsync(cancellationToken);
        var now = Now;
        var site = (await db.Sites.SingleOrDefaultAsync(cancellationToken))?.Rule ?? new SiteRule();
        var hours = await LabHours.ReadAsync(db, school.Calendar, cancellationToken);
        var reasons = await db.VisitReasons.Where(reason => reason.Active).OrderBy(reason => reason.Position).ThenBy(reason => reason.Code)
            .Select(reason => new DoorReason(reason.Code, reason.NameFr, reason.NameEn, reason.Pictogram)).ToListAsync(cancellationToken);
        var version = await VersionAsync(reasons, cancellationToken);
        var changed = version != known;
        return new DoorNow(
            now, site.Name, site.Zone, version, changed ? await PeopleAsync(cancellationToken) : null, changed ? reasons : null, Openings(hours, now),
            await db.Presence.Select(row => new DoorPresent(row.PersonId, row.Since)).ToListAsync(cancellationToken),
            await db.Visits.CountAsync(visit => visit.PersonId == null && visit.LeftAt == null, cancellationToken)
                + (await Headcount.ListedAsync(db, cancellationToken)).Sum(listed => listed.Number),
            await CountsAsync(db, now, hours.Schedule.Zone, cancellationToken));
    }

    /// <summary>What somebody reads after a badge; null when there is nobody.</summary>
    public async Task<DoorNews?> NewsAsync(PersonId person, CancellationToken cancellationToken)
    {
        var now = Now;
        if (await db.People.Where(p => p.Id == person && p.Active).Select(p => new { p.Language }).SingleOrDefaultAsync(cancellationToken) is null)
            return null;
        var until = now + NextBookings;
        var bookings = await (
            from booking in db.Reservations
            where booking.PersonId == person && booking.CancelledAt == null && booking.End > now && booking.Start < until
            orderby booking.Start
            join machine in db.Machines on booking.MachineId equals machine.Id
            select new { machine.Code, machine.NameFr, machine.NameEn, booking.Start, booking.End }).Take(DoorNews.MostBookings).ToListAsync(cancellationToken);
        return new DoorNews(
            [.. bookings.Select(b => new DoorBooking(b.Code, b.NameFr, b.NameEn, b.Start, b.End))],
            await MachinesAsync(person, now, cancellationToken),
            [.. await LinesAsync(person, now, cancellationToken)]);
    }

    /// <summary>The visits of the day on which <paramref name="now"/> lies.</summary>
    internal static async Task<DoorCounts> CountsAsync(BookingDbContext db, Instant now, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var day = LocalClock.DateOf(now, zone).AtStartOfDayInZone(zone).ToInstant();
        var today = db.Visits.Where(visit => visit.ArrivedAt >= day && visit.ArrivedAt <= now && !visit.TakenOut);
        return new DoorCounts(
            await today.CountAsync(cancellationToken), await today.CountAsync(visit => visit.PersonId == null, cancellationToken),
            await today.CountAsync(visit => visit.First, cancellationToken));
    }

    /// <summary>Changes whenever people, badges, PINs or reasons may have.</summary>
    private async Task<string> VersionAsync(IReadOnlyList<DoorReason> reasons, CancellationToken cancellationToken)
    {
        var people = await db.PolicyMarks.Where(mark => mark.Kind == PolicyKind.Person || mark.Kind == PolicyKind.Badge)
            .MaxAsync(mark => (long?)mark.Revision, cancellationToken) ?? 0;
        var pins = await db.DoorPins.OrderBy(pin => pin.PersonId).Select(pin => pin.SetAt).ToListAsync(cancellationToken);
        var accounts = await db.StaffAccounts.Where(account => account.Active).OrderBy(account => account.Id)
            .Select(account => new { account.Id, account.Role }).ToListAsync(cancellationToken);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{people}|{string.Join(',', pins.Select(pin => pin.ToUnixTimeMilliseconds()))}|{string.Join(',', accounts.Select(a => $"{a.Id}{a.Role}"))}|{string.Join(',', reasons)}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    private async Task<IReadOnlyList<DoorPerson>> PeopleAsync(CancellationToken cancellationToken)
    {
        var people = await db.People.Where(person => person.Active).OrderBy(person => person.Id)
            .Select(person => new { person.Id, person.DisplayName, person.ShortCode }).ToListAsync(cancellationToken);
        var badges = (await db.Badges.Where(badge => badge.PersonId != null && badge.State == BadgeState.Active).ToListAsync(cancellationToken))
            .ToLookup(badge => badge.PersonId!.Value, badge => badge.Print);
        var staff = (await db.StaffAccounts.Where(account => account.Active).Select(account => new { account.Id, account.Role }).ToListAsync(cancellationToken))
            .Where(account => Rights.Of(account.Role, Right.KeepDoor) == Reach.All).Select(account => account.Id).ToHashSet();
        var pins = (await db.DoorPins.ToListAsync(cancellationToken)).Where(pin => staff.Contains(pin.PersonId))
            .ToDictionary(pin => pin.PersonId, pin => new DoorPin(pin.Salt, pin.Hash, pin.Rounds));
        return
        [
            .. people.Select(person => new DoorPerson(
                person.Id, FirstName(person.DisplayName), DoorCodes.HashOf(keys.Secret, person.ShortCode), [.. badges[person.Id]], pins.GetValueOrDefault(person.Id))),
        ];
    }

    /// <summary>The first word of a name: what the door greets by, and all of the name it knows.</summary>
    internal static string? FirstName(string? name) =>
        name?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();

    private static List<DoorHours>? Openings(LabHours hours, Instant now)
    {
        if (!hours.SiteHasHours)
            return null;
        var today = LocalClock.DateOf(now, hours.Schedule.Zone);
        return
        [
            .. hours.Schedule.Over(hours.Schedule.Days(today.PlusDays(-1), today.PlusDays(HoursAhead))).ForMachine(MachineTimetable.SameAsSite)
                .Where(period => period.Kind != OpeningKind.StaffOnly && period.End > now).OrderBy(period => period.Start)
                .Select(period => new DoorHours(period.Start, period.End)),
        ];
    }

    private async Task<IReadOnlyList<DoorMachine>> MachinesAsync(PersonId person, Instant now, CancellationToken cancellationToken)
    {
        var policy = LabPolicy.From(await PolicySource.ReadAsync(db, null, now, cancellationToken), 0, now);
        return
        [
            .. policy.Machines.OrderBy(machine => machine.Code, StringComparer.Ordinal)
                .Where(machine => AccessRules.Ask(
                    policy, new AccessRequest { Now = now, Machine = machine.Id, Purpose = AccessPurpose.Preview, Person = person }) is AccessDecision.Granted)
                .Select(machine => new DoorMachine(machine.Code, machine.NameFr, machine.NameEn)),
        ];
    }

    private async Task<List<Words>> LinesAsync(PersonId person, Instant now, CancellationToken cancellationToken)
    {
        var told = new List<Words>();
        foreach (var source in lines)
            told.AddRange(await source.ForAsync(db, person, now, cancellationToken));
        var zone = await db.ZoneAsync(cancellationToken);
        var messages = await db.Messages.Where(m => m.PersonId == person && m.OnSite && m.ReadAt == null && (m.UselessAt == null || m.UselessAt > now))
            .OrderByDescending(m => m.At).Take(MostMessages).ToListAsync(cancellationToken);
        told.AddRange(messages.Select(message => new Words(Said(message, Language.French), Said(message, Language.English))));
        return told;

        string Said(Message message, Language language) =>
            string.Join(' ', MessageWords.Of(message.Kind, message.Facts, new PageText(language, zone, now)).Body);
    }
}
