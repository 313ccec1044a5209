using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Visits.Pages;

/// <summary>Reads what the front desk shows.</summary>
public sealed class DeskQueries(BookingDbContext db)
{
    public async Task<DeskSheet> ReadAsync(Viewer viewer, Instant now, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var day = LocalClock.DateOf(now, zone).AtStartOfDayInZone(zone).ToInstant();
        var visits = await db.Visits.Where(v => v.LeftAt == null || v.ArrivedAt >= day).ToListAsync(cancellationToken);
        var reasons = await ReasonsAsync(cancellationToken);
        var lines = await LinesAsync(viewer, visits, reasons, cancellationToken);
        var today = visits.Where(v => v.ArrivedAt >= day && !v.TakenOut).ToList();
        return new DeskSheet
        {
            Present = await PresentAsync(viewer, cancellationToken),
            Listed = await Headcount.ListedAsync(db, cancellationToken),
            Sites = await db.SiteChoicesAsync(cancellationToken),
            Calls = await db.DoorRequests.Where(call => call.ClosedAt == null).OrderBy(call => call.At).ToListAsync(cancellationToken),
            Here = [.. lines.Where(line => line.Visit.LeftAt is null).OrderBy(line => line.Visit.PersonId is null).ThenBy(line => line.Name, StringComparer.CurrentCulture).ThenBy(line => line.Visit.ArrivedAt)],
            Over = [.. lines.Where(line => line.Visit.LeftAt is not null).OrderByDescending(line => line.Visit.LeftAt).ThenByDescending(line => line.Visit.Id.Value)],
            Visits = today.Count,
            WithoutName = today.Count(v => v.PersonId is null),
            First = today.Count(v => v.First),
            ByReason = [.. today.GroupBy(v => v.Reason).OrderBy(g => Position(g.Key)).Select(g => (Words(g.Key), g.Count()))],
            ByBand = [.. today.Where(v => v.PersonId is null).GroupBy(v => v.AgeBand ?? AgeBand.NotSaid).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()))],
            Reasons = [.. reasons.Where(reason => reason.Active)],
            MayKeep = viewer.Has(Right.KeepLab),
        };

        int Position(string? code) => reasons.FirstOrDefault(reason => reason.Code == code)?.Position ?? int.MaxValue;

        Words? Words(string? code) => reasons.FirstOrDefault(reason => reason.Code == code) is { } found ? new Words(found.NameFr, found.NameEn) : null;
    }

    private async Task<IReadOnlyList<PresentLine>> PresentAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        var rows = await db.Presence.Where(p => !db.Visits.Any(v => v.PersonId == p.PersonId && v.LeftAt == null)).ToListAsync(cancellationToken);
        var ids = rows.Select(p => p.PersonId).Where(viewer.MaySee).ToList();
        var names = await db.People.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return
        [
            .. rows.Select(p => names.GetValueOrDefault(p.PersonId) is { } name ? new PresentLine(p.PersonId, name, p.Since) : new PresentLine(null, null, p.Since))
                .OrderBy(line => line.Name, StringComparer.CurrentCulture).ThenBy(line => line.Since),
        ];
    }

    /// <summary>One visit, to be put right; null when there is none.</summary>
    public async Task<CorrectionSheet?> OneAsync(Viewer viewer, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var key = new VisitId(id);
        if (await db.Visits.SingleOrDefaultAsync(v => v.Id == key, cancellationToken) is not { } visit)
            return null;
        var reasons = await ReasonsAsync(cancellationToken);
        var lines = await LinesAsync(viewer, [visit], reasons, cancellationToken);
        return new CorrectionSheet(lines[0], [.. reasons.Where(reason => reason.Active || reason.Code == visit.Reason)]);
    }

    public Task<List<VisitReason>> ReasonsAsync(CancellationToken cancellationToken) =>
        db.VisitReasons.OrderBy(reason => reason.Position).ThenBy(reason => reason.Code).ToListAsync(cancellationToken);

    public Task<bool> HasPinAsync(PersonId person, CancellationToken cancellationToken) => db.DoorPins.AnyAsync(pin => pin.PersonId == person, cancellationToken);

    private async Task<IReadOnlyList<VisitLine>> LinesAsync(
        Viewer viewer, IReadOnlyList<Visit> visits, IReadOnlyList<VisitReason> reasons, CancellationToken cancellationToken)
    {
        var ids = visits.Select(v => v.PersonId).OfType<PersonId>().Where(viewer.MaySee).Distinct().ToList();
        var names = await db.People.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return
        [
            .. visits.Select(visit =>
            {
                var name = visit.PersonId is { } person ? names.GetValueOrDefault(person) : null;
                var reason = reasons.FirstOrDefault(one => one.Code == visit.Reason);
                return new VisitLine(visit, name is null ? null : visit.PersonId, name, reason is null ? null : new Words(reason.NameFr, reason.NameEn));
            }),
        ];
    }
}
