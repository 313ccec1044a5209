using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>How many young people there are for how many mentors, now.</summary>
/// <param name="Here">People of the list who are there.</param>
/// <param name="Minors">Those of them not known to be adults.</param>
/// <param name="Mentors">Mentors who are there.</param>
/// <param name="AtMachines">Minors who use a machine of the séance now with one of its mentors beside.</param>
/// <param name="PerMentor">How many minors one mentor may have at machines.</param>
public sealed record Supervising(int Here, int Minors, int Mentors, int AtMachines, int PerMentor)
{
    /// <summary>Young people with nobody, or more of them at machines than the mentors there may have.</summary>
    public bool Broken => (Minors > 0 && Mentors == 0) || AtMachines > PerMentor * Mentors;
}

internal static class Supervision
{
    public static async Task<Supervising> OfAsync(BookingDbContext db, GroupSession session, CancellationToken cancellationToken)
    {
        var id = session.Id;
        var here = await db.Attendees.AsNoTracking().Where(a => a.SessionId == id && a.Status == AttendanceStatus.Present && a.LeftAt == null)
            .Select(a => new { a.PersonId, a.Band, Adult = db.People.Any(p => p.Id == a.PersonId && p.IsAdult) }).ToListAsync(cancellationToken);
        var minors = here.Where(a => !a.Adult && (a.Band is null or Core.Visits.AgeBand.NotSaid or <= Core.Visits.AgeBand.From12To17)).ToList();
        List<Core.PersonId> named = [.. minors.Select(a => a.PersonId).OfType<Core.PersonId>()];
        var mentors = await db.SessionMentors.CountAsync(m => m.SessionId == id && m.ArrivedAt != null && m.LeftAt == null, cancellationToken);
        var atMachines = await db.MachinesNow.AsNoTracking()
            .Where(now => now.PersonId != null && named.Contains(now.PersonId.Value) && db.SessionMachines.Any(m => m.SessionId == id && m.MachineId == now.MachineId))
            .Select(now => now.PersonId).Distinct().CountAsync(cancellationToken);
        var site = await db.Sites.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        return new Supervising(here.Count, minors.Count, mentors, atMachines, session.PerMentor ?? site?.Rule.MinorsPerAdult ?? new Core.Policy.SiteRule().MinorsPerAdult);
    }

    /// <summary>Tells the team when the ratio of an open séance is broken; once until somebody has looked.</summary>
    public static async Task AlarmAsync(BookingWrite write, FloorChanges floor, GroupSession session, CancellationToken cancellationToken)
    {
        if (session.State == GroupSessionState.Open && (await OfAsync(write.Db, session, cancellationToken)).Broken)
            await HouseAlarms.RaiseOnceAsync(write, floor, HouseAlarms.SessionRatio, null, session.Title, cancellationToken);
    }
}
