using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Policy;

/// <summary>Makes the rules gateways copy from what the tables say now.</summary>
internal static class PolicySource
{
    /// <summary>A booking that has ended is sent no more after this long.</summary>
    public static readonly Duration KeepPastBookings = Duration.FromHours(1);

    /// <summary>The rules named (null = all), as they are now; a rule that is gone is missing from the answer.</summary>
    /// <param name="db">The tables.</param>
    /// <param name="wanted">Which rules; null = all.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="hours">The hours machines keep; null where it is asked what somebody may do at all, not now: every machine is open then.</param>
    /// <param name="ahead">Bookings that start later than this from now are left out; null = none is.</param>
    public static async Task<IReadOnlyList<PolicyEntity>> ReadAsync(
        BookingDbContext db, IReadOnlyCollection<(PolicyKind Kind, Guid Key)>? wanted, Instant now, CancellationToken cancellationToken,
        LabHours? hours = null, Duration? ahead = null)
    {
        var rules = new List<PolicyEntity>();
        var site = await db.Sites.SingleOrDefaultAsync(cancellationToken);
        var siteRule = site?.Rule ?? new SiteRule();
        if (site is not null && (wanted is null || wanted.Any(rule => rule.Kind == PolicyKind.Site)))
            rules.Add(siteRule);
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(siteRule.Zone) ?? DateTimeZone.Utc;

        var machines = Keys(wanted, PolicyKind.Machine, MachineId.From);
        if (machines is not { Count: 0 })
            rules.AddRange(await MachinesAsync(db, machines, hours, now, cancellationToken));

        var people = Keys(wanted, PolicyKind.Person, PersonId.From);
        if (people is not { Count: 0 })
        {
            var rows = db.People.Where(person => people == null || people.Contains(person.Id));
            var groups = (await (
                from place in db.GroupPlaces
                where people == null || people.Contains(place.PersonId)
                join open in db.PersonGroups on place.GroupId equals open.Id
                where !open.Closed
                orderby place.GroupId
                select new { place.PersonId, place.GroupId }).ToListAsync(cancellationToken)).ToLookup(place => place.PersonId, place => place.GroupId.ToString("D"));
            var accounts = await db.StaffAccounts.Where(account => account.Active && (people == null || people.Contains(account.Id)))
                .ToDictionaryAsync(account => account.Id, account => account.Role, cancellationToken);
            rules.AddRange((await rows.ToListAsync(cancellationToken)).Select(person => person.ToRule(zone) with
            {
                Team = accounts.TryGetValue(person.Id, out var role) && Rights.IsTeam(role),
                Groups = [.. groups[person.Id]],
            }));
        }

        var badges = Keys(wanted, PolicyKind.Badge, BadgeId.From);
        if (badges is not { Count: 0 })
        {
            var rows = db.Badges.Where(badge => badges == null || badges.Contains(badge.Id));
            rules.AddRange((await rows.ToListAsync(cancellationToken)).Select(badge => badge.ToRule()));
        }

        var trainings = Keys(wanted, PolicyKind.Training, TrainingId.From);
        if (trainings is not { Count: 0 })
        {
            var rows = db.Trainings.Where(training => trainings == null || trainings.Contains(training.Id));
            rules.AddRange((await rows.ToListAsync(cancellationToken)).Select(training => training.ToRule()));
        }

        var habilitations = Keys(wanted, PolicyKind.Habilitation, HabilitationId.From);
        if (habilitations is not { Count: 0 })
            rules.AddRange((await HabilitationQueries.StandingsAsync(db, habilitations, null, cancellationToken)).Select(standing => standing.ToRule()).OfType<HabilitationRule>());

        var bookings = Keys(wanted, PolicyKind.Booking, BookingId.From);
        if (bookings is not { Count: 0 })
        {
            var oldest = now - KeepPastBookings;
            var rows = db.Reservations.Where(
                booking => (bookings == null || bookings.Contains(booking.Id)) && booking.CancelledAt == null && booking.NoShowAt == null && booking.End > oldest);
            if (ahead is { } reach)
            {
                var latest = now + reach;
                rows = rows.Where(booking => booking.Start < latest);
            }
            var slots = (await db.BookingSlots.Where(slot => slot.Live && rows.Any(booking => booking.Id == slot.BookingId)).ToListAsync(cancellationToken))
                .ToLookup(slot => slot.BookingId);
            var kept = await rows.ToListAsync(cancellationToken);
            var came = await GroupSessionPolicy.OfBookingsAsync(db, [.. kept.Where(booking => booking.PersonId is null).Select(booking => booking.Id)], cancellationToken);
            rules.AddRange(kept.Select(booking =>
            {
                var rule = booking.ToRule([.. slots[booking.Id]]);
                return came.TryGetValue(booking.Id, out var theirs) ? rule with { People = theirs } : rule;
            }));
        }

        var sessions = Keys(wanted, PolicyKind.GroupSession, GroupSessionId.From);
        if (sessions is not { Count: 0 })
            rules.AddRange(await GroupSessionPolicy.ReadAsync(db, sessions, cancellationToken));

        var projects = Keys(wanted, PolicyKind.Project, ProjectId.From);
        if (projects is not { Count: 0 })
        {
            var rows = db.Projects.Include(project => project.Members)
                .Where(project => (projects == null || projects.Contains(project.Id)) && !project.Closed);
            rules.AddRange((await rows.ToListAsync(cancellationToken)).Select(project => project.ToRule()));
        }

        var presences = Keys(wanted, PolicyKind.Presence, PersonId.From);
        if (presences is not { Count: 0 })
        {
            var rows = db.Presence.Where(presence => presences == null || presences.Contains(presence.PersonId));
            rules.AddRange((await rows.ToListAsync(cancellationToken)).Select(presence => presence.ToRule()));
        }
        return rules;
    }

    private static async Task<IEnumerable<PolicyEntity>> MachinesAsync(
        BookingDbContext db, List<MachineId>? wanted, LabHours? hours, Instant now, CancellationToken cancellationToken)
    {
        var days = hours is null ? null : new LabHours.DaysOf(hours, now);
        var machines = await db.Machines.Where(m => !m.Retired && m.Kind == ResourceKind.Machine && (wanted == null || wanted.Contains(m.Id))).ToListAsync(cancellationToken);
        var devices = (await db.MachineDevices.Where(d => wanted == null || wanted.Contains(d.MachineId)).ToListAsync(cancellationToken)).ToLookup(d => d.MachineId);
        var open = (await db.LockOuts.Where(l => l.ReleasedAt == null && l.Gateway == null && (wanted == null || wanted.Contains(l.MachineId)))
            .ToListAsync(cancellationToken)).ToLookup(l => l.MachineId);
        var released = (await db.LockOuts.Where(l => l.ReleasedAt != null && (wanted == null || wanted.Contains(l.MachineId)))
            .ToListAsync(cancellationToken)).ToLookup(l => l.MachineId);
        var offered = now - Inductions.TraineeWithin;
        var inductions = (await db.Inductions.Where(i => i.DoneAt == null && i.CancelledAt == null && i.ArmedUntil > offered && (wanted == null || wanted.Contains(i.MachineId)))
            .ToListAsync(cancellationToken)).ToLookup(i => i.MachineId);
        var pools = await db.PoolMembers
            .Where(member => (wanted == null || wanted.Contains(member.MachineId)) && db.Pools.Any(pool => pool.Id == member.PoolId && !pool.Retired))
            .ToDictionaryAsync(member => member.MachineId, member => member.PoolId, cancellationToken);
        return machines.Select(machine => machine.Rule with
        {
            Id = machine.Id,
            Pool = pools.TryGetValue(machine.Id, out var pool) ? pool : null,
            Broken = machine is { BrokenCause: { } cause, BrokenSince: { } since } ? new Breakdown(cause, since) : null,
            LockOut = open[machine.Id].OrderBy(l => l.Since).FirstOrDefault()?.ToRule(),
            // Those set here end by being gone. Of those a gateway set itself, it needs to hear the release.
            Released = released[machine.Id].OrderBy(l => l.Gateway is not null).ThenBy(l => l.ReleasedAt).LastOrDefault() is { } last
                ? new LockOutRelease(last.Id, last.ReleasedBy ?? default, last.ReleasedAt!.Value)
                : null,
            Opening = hours?.OpeningOf(machine.Rule with { Id = machine.Id }, days!) ?? new OpeningRule.Always(),
            Induction = inductions[machine.Id].MaxBy(i => i.ArmedAt)?.ToOffer(),
            Devices = [.. devices[machine.Id].OrderBy(d => d.Role).ThenBy(d => d.DeviceId.Value, StringComparer.Ordinal).ThenBy(d => d.Channel).Select(d => d.ToBinding())],
        });
    }

    private static List<TId>? Keys<TId>(IReadOnlyCollection<(PolicyKind Kind, Guid Key)>? wanted, PolicyKind kind, Func<Guid, TId> id) =>
        wanted?.Where(rule => rule.Kind == kind).Select(rule => id(rule.Key)).ToList();
}
