using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>Reads what ends soon, by date or for want of use, of what the viewer may renew.</summary>
public sealed class ExpiringQueries(BookingDbContext db)
{
    public static IReadOnlyList<int> Choices { get; } = [30, 60, 90];

    /// <summary>What has ended stays on the list so long.</summary>
    public const int DaysAfter = 30;

    public async Task<ExpiringSheet> ReadAsync(Viewer viewer, int days, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var zone = await db.ZoneAsync(cancellationToken);
        var use = await HabilitationUse.ReadAsync(db, null, now, zone, cancellationToken);
        var people = await db.People.Where(p => p.Active)
            .Select(p => new PersonLine(p.Id, p.DisplayName, p.ShortCode, p.Active, p.MemberThrough)).ToDictionaryAsync(p => p.Id, cancellationToken);
        var trainings = await db.Trainings.Where(t => !t.Retired).ToDictionaryAsync(t => t.Id, t => new Words(t.NameFr, t.NameEn), cancellationToken);
        var lines =
            from standing in await HabilitationQueries.OfPeopleAsync(db, null, cancellationToken)
            where standing is { Level: not HabilitationLevel.None, Suspended: false } && people.ContainsKey(standing.Person) && trainings.ContainsKey(standing.Training)
            where viewer.May(Right.Grant, standing.Training) && viewer.MaySee(standing.Person)
            let end = standing.Expired ? (standing.ValidUntil!.Value, EvidenceKind.Time) : use.EndOf(standing)
            where end is not null && end.Value.Item1 <= now + Duration.FromDays(days) && end.Value.Item1 > now - Duration.FromDays(DaysAfter)
            orderby end.Value.Item1, people[standing.Person].Name ?? people[standing.Person].Code
            select new ExpiringLine(standing, people[standing.Person], trainings[standing.Training], end.Value.Item1, end.Value.Item2);
        return new ExpiringSheet(days, [.. lines]);
    }
}
