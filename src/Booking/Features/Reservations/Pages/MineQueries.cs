using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>Reads somebody's own bookings, and the page of one.</summary>
internal sealed class MineQueries(BookingDbContext db, BookingFactsReader reader, BookQueries queries)
{
    private const int PastShown = 15;
    private const int LaterShown = 4;
    private static readonly Duration Quarter = Duration.FromMinutes(15);

    /// <summary>What somebody has booked, had booked and waits for.</summary>
    public async Task<MineSheet> MineAsync(PersonId person, Instant now, CancellationToken cancellationToken)
    {
        var settings = await reader.SettingsAsync(db, cancellationToken);
        var ahead = await db.Reservations.Where(r => r.PersonId == person && r.Kind == ReservationKind.Booking && r.CancelledAt == null && r.NoShowAt == null && r.End > now)
            .OrderBy(r => r.Start).ToListAsync(cancellationToken);
        var past = await db.Reservations.Where(r => r.PersonId == person && r.Kind == ReservationKind.Booking && (r.CancelledAt != null || r.NoShowAt != null || r.End <= now))
            .OrderByDescending(r => r.Start).Take(PastShown).ToListAsync(cancellationToken);
        var waits = await db.BookingWaits.Where(w => w.PersonId == person && (w.State == WaitState.Waiting || w.State == WaitState.Offered))
            .OrderBy(w => w.Start).ToListAsync(cancellationToken);
        List<BookingId> offered = [.. waits.Where(w => w.Offer is not null).Select(w => w.Offer!.Value)];
        var offers = offered.Count == 0 ? [] : await db.Reservations.Where(r => offered.Contains(r.Id)).ToDictionaryAsync(r => r.Id, cancellationToken);
        var noShows = await db.Reservations.Where(r => r.PersonId == person && r.NoShowAt != null && r.NoShowAt > now - Duration.FromDays(400))
            .Select(r => new { r.NoShowAt, Waived = r.WaivedBy != null }).ToListAsync(cancellationToken);
        var counted = noShows.Select(n => new NoShow(n.NoShowAt!.Value, n.Waived)).ToList();
        // Machines may differ: what is told is what stops somebody the longest.
        var standing = settings.Resources.Values.Select(r => r.Terms.NoShow).Distinct().DefaultIfEmpty(new NoShowPolicy())
            .Select(policy => (Policy: policy, Standing: NoShowRules.Standing(counted, now, policy)))
            .OrderByDescending(s => s.Standing.WalkUpOnlyUntil ?? Instant.MinValue).ThenByDescending(s => s.Policy.Limit > 0 ? (double)s.Standing.Counted / s.Policy.Limit : 0).First();
        var lines = (await LinesAsync([.. ahead, .. past], settings, now, cancellationToken)).ToDictionary(l => l.Row.Id);
        return new MineSheet(
            [.. ahead.Where(r => r.Start <= now).Select(r => lines[r.Id])], [.. ahead.Where(r => r.Start > now).Select(r => lines[r.Id])], [.. past.Select(r => lines[r.Id])],
            [.. waits.Select(w => Wait(w, settings, w.Offer is { } id ? offers.GetValueOrDefault(id) : null))],
            new NoShowSheet(standing.Standing.Counted, standing.Standing.WalkUpOnlyUntil, standing.Policy.Limit, standing.Policy.Within, standing.Policy.WalkUpOnlyFor));
    }

    /// <summary>One booking; null when there is none that the viewer may change: who asks learns not even that.</summary>
    public async Task<OneBookingSheet?> OneAsync(Viewer viewer, Guid id, Instant now, CancellationToken cancellationToken)
    {
        var booking = new BookingId(id);
        if (await db.Reservations.SingleOrDefaultAsync(r => r.Id == booking && r.Kind != ReservationKind.Offer, cancellationToken) is not { } row || !await MayAsync(viewer, row, cancellationToken))
            return null;
        var settings = await reader.SettingsAsync(db, cancellationToken);
        var line = (await LinesAsync([row], settings, now, cancellationToken))[0];
        var own = row.PersonId is { } owner && owner == viewer.Actor?.Id;
        var staff = viewer.HasAll(Right.Book);
        var open = row.Stands && row.End > now;
        var (later, noLater) = open && row.Kind == ReservationKind.Booking ? await LaterAsync(settings, row, own || !staff ? BookingActor.Self : BookingActor.Staff, now, cancellationToken) : ([], null);
        var zone = settings.Zone;
        return new OneBookingSheet
        {
            Line = line,
            Entered = new ChangeEntered(
                ReserveWords.DayOf(row.Start, zone), ReserveWords.ClockOf(row.Start, zone), ReserveWords.DayOf(row.End, zone), ReserveWords.ClockOf(row.End, zone),
                row.MachineId.ToString(), row.Note, row.ProjectId?.ToString() ?? "", row.Places.ToString(CultureInfo.InvariantCulture)),
            Machines = Machines(settings, row, staff),
            Projects = await queries.ProjectsAsync(row.PersonId, cancellationToken),
            Who = own ? null : await WhoAsync(viewer, row, cancellationToken),
            WhoPage = !own && row.PersonId is { } person && viewer.MaySee(person) ? person : null,
            Own = own,
            Staff = staff,
            Open = open,
            LaterEnds = later,
            NoLater = noLater,
            Capacity = settings.Resources.GetValueOrDefault(row.MachineId)?.Terms.Capacity ?? 1,
        };
    }

    /// <summary>Whether the viewer may change a booking: their own, one of their groups', or any with the right for all.</summary>
    private async Task<bool> MayAsync(Viewer viewer, Reservation booking, CancellationToken cancellationToken) => viewer.Actor is { } actor && booking switch
    {
        _ when viewer.HasAll(Right.Book) => true,
        { PersonId: { } person } => viewer.May(Right.BookOwn, person),
        { GroupId: { } group } => await db.GroupPlaces.AnyAsync(p => p.GroupId == group && p.PersonId == actor.Id && p.Part == GroupPart.LooksAfter, cancellationToken),
        _ => false,
    };

    private async Task<string> WhoAsync(Viewer viewer, Reservation row, CancellationToken cancellationToken)
    {
        if (row.GroupId is { } group)
            return await db.PersonGroups.Where(g => g.Id == group).Select(g => g.Name).SingleOrDefaultAsync(cancellationToken) ?? "?";
        if (row.PersonId is not { } person || !(viewer.MaySee(person) || viewer.HasAll(Right.Book)))
            return "";
        var found = await db.People.Where(p => p.Id == person).Select(p => new { p.DisplayName, p.ShortCode }).SingleOrDefaultAsync(cancellationToken);
        return found is null ? "" : found.DisplayName ?? found.ShortCode;
    }

    private async Task<IReadOnlyList<BookingLine>> LinesAsync(IReadOnlyList<Reservation> rows, BookingSettings settings, Instant now, CancellationToken cancellationToken)
    {
        List<MachineId> gone = [.. rows.Select(r => r.MachineId).Distinct().Where(m => !settings.Resources.ContainsKey(m))];
        var retired = gone.Count == 0 ? [] : await db.Machines.Where(m => gone.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => (m.Code, Name: new Words(m.NameFr, m.NameEn)), cancellationToken);
        List<ProjectId> wanted = [.. rows.Select(r => r.ProjectId).OfType<ProjectId>().Distinct()];
        var projects = wanted.Count == 0 ? [] : await db.Projects.Where(p => wanted.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return
        [
            .. rows.Select(row =>
            {
                var (code, name) = settings.Resources.TryGetValue(row.MachineId, out var resource) ? (resource.Code, resource.Name)
                    : retired.TryGetValue(row.MachineId, out var old) ? old : ("?", new Words("?", "?"));
                var pool = row is { PoolId: { } id, ClaimedAt: null } && settings.Pools.TryGetValue(id, out var known) ? known.Name : null;
                return new BookingLine(row, code, name, pool, row.ProjectId is { } project ? projects.GetValueOrDefault(project) : null)
                {
                    Outside = row is { Stands: true, Kind: ReservationKind.Booking }
                        && new OpenTime(settings, new Interval(row.Start, row.End), now).Misses(row.MachineId, row.Start, row.End, row.GroupId, row.MadeBy != row.PersonId),
                };
            }),
        ];
    }

    private static WaitLine Wait(WaitRow row, BookingSettings settings, Reservation? offer)
    {
        var machine = row.MachineId is { } id ? settings.Resources.GetValueOrDefault(id) : null;
        var pool = row.PoolId is { } many ? settings.Pools.GetValueOrDefault(many) : null;
        return new WaitLine(
            row, machine?.Code ?? pool?.Id.ToString() ?? "", machine?.Name ?? pool?.Name ?? new Words("?", "?"), offer is { CancelledAt: null } ? offer : null,
            offer is null ? null : settings.Resources.GetValueOrDefault(offer.MachineId)?.Code);
    }

    private static IReadOnlyList<(MachineId Id, string Label)> Machines(BookingSettings settings, Reservation row, bool staff)
    {
        var own = settings.Resources.GetValueOrDefault(row.MachineId);
        return
        [
            .. settings.Resources.Values.Where(r => staff || r.Id == row.MachineId || (own is not null && r.Kind == own.Kind && r.Class == own.Class && r.Class.Length > 0))
                .OrderBy(r => r.Code, StringComparer.Ordinal).Select(r => (r.Id, $"{r.Code} · {r.Name.Fr}")),
        ];
    }

    /// <summary>Ends the rules would accept; when there is none, why the nearest is refused.</summary>
    private async Task<(IReadOnlyList<Instant> Ends, WhyNot? No)> LaterAsync(BookingSettings settings, Reservation row, BookingActor actor, Instant now, CancellationToken cancellationToken)
    {
        if (!settings.Resources.TryGetValue(row.MachineId, out var resource))
            return ([], null);
        var step = resource.Terms.Step is { } given && given > Duration.Zero ? given : Quarter;
        var wish = new BookingWish(row.Start, row.End + step)
        {
            Places = row.Places, Actor = actor, Group = row.GroupId?.ToString("D"), Before = new BookingBefore(row.Id, row.Start, row.End, true),
        };
        var facts = await reader.OneAsync(db, row.MachineId, new FactsQuestion { Now = now, Wish = wish, Person = row.PersonId, Reach = new Interval(row.Start - Duration.FromDays(1), row.End + Duration.FromDays(2)) }, cancellationToken);
        List<Instant> ends = [];
        WhyNot? no = null;
        foreach (var count in Enumerable.Range(1, LaterShown))
        {
            switch (BookingRules.Decide(facts with { Wish = wish with { End = row.End + (step * count) } }))
            {
                case BookingDecision.Accepted:
                    ends.Add(row.End + (step * count));
                    break;
                case BookingDecision.Refused refused when ends.Count == 0:
                    no ??= new WhyNot(refused.Sentence, refused.NextStep);
                    break;
            }
        }
        return (ends, ends.Count == 0 ? no : null);
    }
}
