using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>Reads what the pages about badges show.</summary>
public sealed class BadgeQueries(BookingDbContext db, FloorQueries floor)
{
    public async Task<BadgeSheet?> SheetAsync(PersonId id, CancellationToken cancellationToken)
    {
        if (await LineAsync(id, cancellationToken) is not { } person)
            return null;
        List<Badge> badges = await db.Badges.Where(b => b.PersonId == id).OrderBy(b => b.EnrolledAt).ThenBy(b => b.Id).ToListAsync(cancellationToken);
        var alike = new Dictionary<BadgeId, PersonId>();
        foreach (Badge badge in badges)
        {
            if (await AlikeAsync(badge, cancellationToken) is { } other)
                alike[badge.Id] = other;
        }

        Dictionary<PersonId, PersonGlance> others = await floor.PeopleAsync(alike.Values.Select(p => (PersonId?)p), cancellationToken);
        return new BadgeSheet(
            person,
            [.. badges.Select(b => new BadgeLine(
                b.Id, b.Family, b.Bytes, b.State, b.Assurance, b.EnrolledAt, b.Version, alike.TryGetValue(b.Id, out PersonId who) ? others.GetValueOrDefault(who) : null))],
            await ReadersAsync(cancellationToken));
    }

    public async Task<BadgeWait?> WaitAsync(PersonId person, Guid id, CancellationToken cancellationToken)
    {
        if (await db.BadgeEnrolments.SingleOrDefaultAsync(w => w.Id == id && w.PersonId == person, cancellationToken) is not { } wait)
            return null;
        Dictionary<PersonId, PersonGlance> others = await floor.PeopleAsync([wait.OtherPerson], cancellationToken);
        return new BadgeWait(wait, (await LineAsync(person, cancellationToken))!, wait.OtherPerson is { } other ? others.GetValueOrDefault(other) : null);
    }

    /// <summary>Whose badge has the number just typed, when that is why it was refused.</summary>
    public async Task<PersonGlance?> OwnerAsync(BadgePrint print, CancellationToken cancellationToken)
    {
        List<Badge> alike = await LikeAsync(print, cancellationToken);
        PersonId? owner = BadgeIndex.Of(alike.Select(b => (b.Id, b.Print))).Find(print, truncates: false) is BadgeMatch.Known known
            ? alike.Single(b => b.Id == known.Badge).PersonId
            : null;
        return owner is { } person ? (await floor.PeopleAsync([person], cancellationToken)).GetValueOrDefault(person) : null;
    }

    /// <summary>Somebody else's badge that may be this very one, read by a reader that saw more or less of its number.</summary>
    private async Task<PersonId?> AlikeAsync(Badge badge, CancellationToken cancellationToken) =>
        (await LikeAsync(badge.Print, cancellationToken)).FirstOrDefault(other =>
            other.Id != badge.Id && other.PersonId is not null && other.PersonId != badge.PersonId && (Reads(badge, other) || Reads(other, badge)))?.PersonId;

    private static bool Reads(Badge read, Badge stored) =>
        BadgeIndex.Empty.Add(stored.Id, stored.Print).Find(read.Print, truncates: false) is BadgeMatch.Known;

    private Task<List<Badge>> LikeAsync(BadgePrint print, CancellationToken cancellationToken) => db.Badges
        .Where(b => b.Full == print.Full || (print.Last4 != null && b.Last4 == print.Last4) || b.Last3 == print.Last3).ToListAsync(cancellationToken);

    private async Task<IReadOnlyList<ReaderLine>> ReadersAsync(CancellationToken cancellationToken)
    {
        List<Machines.Device> devices = await db.Devices.Where(d => d.WithdrawnAt == null).ToListAsync(cancellationToken);
        var bound = await (
            from binding in db.MachineDevices
            join machine in db.Machines on binding.MachineId equals machine.Id
            where !machine.Retired
            select new { binding.DeviceId, binding.Channel, binding.Role, machine.Code }).ToListAsync(cancellationToken);
        var readers = new List<ReaderLine>();
        foreach (Machines.Device device in devices.OrderBy(d => d.Id.Value, StringComparer.Ordinal))
        {
            bool silent = device.Gateway is not null && !device.Online;
            readers.AddRange(bound.Where(b => b.DeviceId == device.Id && b.Role == DeviceRole.Reader)
                .GroupBy(b => b.Channel).OrderBy(b => b.Key)
                .Select(b => new ReaderLine(device.Id, b.Key, string.Join(", ", b.Select(m => m.Code).Order(StringComparer.Ordinal)), silent)));
            // One that works for no machine may be the reader of the front desk.
            if (bound.All(b => b.DeviceId != device.Id))
                readers.Add(new ReaderLine(device.Id, 0, null, silent));
        }

        return [.. readers.OrderBy(r => r.Machine is not null).ThenBy(r => r.Machine, StringComparer.Ordinal)];
    }

    private async Task<PersonLine?> LineAsync(PersonId id, CancellationToken cancellationToken) =>
        await db.People.Where(p => p.Id == id).Select(p => new PersonLine(p.Id, p.DisplayName, p.ShortCode, p.Active, p.MemberThrough)).SingleOrDefaultAsync(cancellationToken);
}
