using FabLab.Booking.Data;
using FabLab.Booking.Features.Reservations;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>What gateways know of a séance that is being held, and for whom the machines it keeps are kept.</summary>
internal static class GroupSessionPolicy
{
    /// <summary>The rules of the séances that are open; of those named, or of all.</summary>
    public static async Task<IReadOnlyList<GroupSessionRule>> ReadAsync(BookingDbContext db, List<GroupSessionId>? wanted, CancellationToken cancellationToken)
    {
        var open = await db.GroupSessions.AsNoTracking().Where(s => s.State == GroupSessionState.Open && (wanted == null || wanted.Contains(s.Id)))
            .Select(s => new { s.Id, s.PerMentor, s.End }).ToListAsync(cancellationToken);
        if (open.Count == 0)
            return [];
        List<GroupSessionId> ids = [.. open.Select(s => s.Id)];
        var machines = (await db.SessionMachines.AsNoTracking().Where(m => ids.Contains(m.SessionId)).ToListAsync(cancellationToken)).ToLookup(m => m.SessionId, m => m.MachineId);
        var people = (await PeopleAsync(db, ids, cancellationToken)).ToLookup(p => p.Session, p => p.Person);
        var mentors = (await db.SessionMentors.AsNoTracking().Where(m => ids.Contains(m.SessionId) && m.ArrivedAt != null && m.LeftAt == null)
            .Select(m => new { m.SessionId, m.PersonId }).ToListAsync(cancellationToken)).ToLookup(m => m.SessionId, m => m.PersonId);
        return
        [
            .. open.Select(s => new GroupSessionRule
            {
                Id = s.Id,
                Machines = [.. machines[s.Id].OrderBy(m => m.Value)],
                People = [.. people[s.Id].OrderBy(p => p.Value)],
                Mentors = [.. mentors[s.Id].OrderBy(m => m.Value)],
                PerMentor = s.PerMentor,
                Until = s.End + GroupSessionClock.EndsItselfAfter,
            }),
        ];
    }

    /// <summary>For whom bookings are that keep machines for a séance: its people and its mentors.</summary>
    public static async Task<IReadOnlyDictionary<BookingId, ValueList<PersonId>>> OfBookingsAsync(
        BookingDbContext db, List<BookingId> bookings, CancellationToken cancellationToken)
    {
        if (bookings.Count == 0)
            return new Dictionary<BookingId, ValueList<PersonId>>();
        var kept = await db.SessionMachines.AsNoTracking().Where(m => m.BookingId != null && bookings.Contains(m.BookingId.Value))
            .Select(m => new { m.SessionId, Booking = m.BookingId!.Value }).ToListAsync(cancellationToken);
        List<GroupSessionId> ids = [.. kept.Select(m => m.SessionId).Distinct()];
        if (ids.Count == 0)
            return new Dictionary<BookingId, ValueList<PersonId>>();
        var people = (await PeopleAsync(db, ids, cancellationToken)).ToLookup(p => p.Session, p => p.Person);
        var mentors = (await db.SessionMentors.AsNoTracking().Where(m => ids.Contains(m.SessionId)).Select(m => new { m.SessionId, m.PersonId }).ToListAsync(cancellationToken))
            .ToLookup(m => m.SessionId, m => m.PersonId);
        return kept.ToDictionary(m => m.Booking, m => (ValueList<PersonId>)[.. people[m.SessionId].Concat(mentors[m.SessionId]).Distinct().OrderBy(p => p.Value)]);
    }

    /// <summary>What this save changes of the rules. A séance that is not open and was not is no gateway's concern.</summary>
    /// <param name="db">The context of the write.</param>
    /// <param name="changed">What is about to be saved.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyCollection<(PolicyKind Kind, Guid Key)>> TouchedAsync(
        BookingDbContext db, IReadOnlyList<EntityEntry> changed, CancellationToken cancellationToken)
    {
        HashSet<GroupSessionId>? ids = null;
        foreach (var entry in changed)
        {
            var id = entry.Entity switch
            {
                GroupSession session => session.Id,
                SessionMentor mentor => mentor.SessionId,
                SessionMachine machine => machine.SessionId,
                Attendee attendee => attendee.SessionId,
                _ => (GroupSessionId?)null,
            };
            if (id is { } one)
                (ids ??= []).Add(one);
        }
        if (ids is null)
            return [];
        var known = db.ChangeTracker.Entries<GroupSession>().ToDictionary(entry => entry.Entity.Id);
        ids.RemoveWhere(id => known.TryGetValue(id, out var entry) && entry.Entity.State != GroupSessionState.Open
            && (entry.State == EntityState.Added || !entry.Property(nameof(GroupSession.State)).IsModified));
        if (ids.Count == 0)
            return [];
        List<GroupSessionId> told = [.. ids];
        var bookings = await db.SessionMachines.AsNoTracking().Where(m => told.Contains(m.SessionId) && m.BookingId != null).Select(m => m.BookingId!.Value).ToListAsync(cancellationToken);
        return [.. ids.Select(id => (PolicyKind.GroupSession, id.Value)), .. bookings.Select(id => (PolicyKind.Booking, id.Value))];
    }

    private static async Task<List<(GroupSessionId Session, PersonId Person)>> PeopleAsync(BookingDbContext db, List<GroupSessionId> ids, CancellationToken cancellationToken) =>
        [.. (await db.Attendees.AsNoTracking()
            .Where(a => ids.Contains(a.SessionId) && a.PersonId != null && a.LeftAt == null && (a.Status == AttendanceStatus.Expected || a.Status == AttendanceStatus.Present))
            .Select(a => new { a.SessionId, Person = a.PersonId!.Value }).ToListAsync(cancellationToken)).Select(a => (a.SessionId, a.Person))];
}
