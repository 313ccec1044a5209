using FabLab.Booking.Data;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Visits;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>
/// Who is ticked at the lab is in the lab: machines that ask for it need no second word, and it is a visit like one by the door, once.
/// A séance elsewhere says nothing of who is in.
/// </summary>
internal static class Presences
{
    /// <summary>A mentor, or somebody who tapped at a machine: present, without being counted as a visit.</summary>
    public static async Task HereAsync(BookingWrite write, GroupSession session, PersonId person, CancellationToken cancellationToken)
    {
        if (Holds(session) && !await write.Db.Presence.AnyAsync(p => p.PersonId == person, cancellationToken))
            write.Db.Presence.Add(new PresenceRow { PersonId = person, Since = write.Now });
    }

    /// <summary>Somebody of the list is there. Who came in at the door has their visit already.</summary>
    public static async Task TickedAsync(BookingWrite write, VisitBook book, GroupSession session, PersonId person, CancellationToken cancellationToken)
    {
        if (Holds(session))
            await book.ArriveAsync(write, new Arrival(VisitId.New(write.Now), write.Now, VisitWay.Session) { Person = person, GroupSession = session.Id.Value, Site = session.Site }, closing: null, cancellationToken);
    }

    /// <summary>Somebody of the list is not there after all: a visit that only this list told of is counted nowhere.</summary>
    public static async Task UntickedAsync(BookingWrite write, VisitBook book, GroupSession session, PersonId person, CancellationToken cancellationToken)
    {
        if (await write.Db.Visits.SingleOrDefaultAsync(
            v => v.PersonId == person && v.GroupSessionId == session.Id.Value && v.Way == VisitWay.Session && v.LeftAt == null && !v.TakenOut, cancellationToken) is { } open)
        {
            open.TakenOut = true;
            await book.EndAsync(write, open, write.Now, LeftHow.Corrected, cancellationToken);
        }
        foreach (var over in await write.Db.Visits.Where(v => v.PersonId == person && v.GroupSessionId == session.Id.Value && v.Way == VisitWay.Session && !v.TakenOut).ToListAsync(cancellationToken))
        {
            over.TakenOut = true;
            over.Version++;
        }
    }

    public static Task GoneAsync(BookingWrite write, VisitBook book, PersonId person, CancellationToken cancellationToken) =>
        book.LeaveAsync(write, person, write.Now, LeftHow.Said, cancellationToken);

    /// <summary>They had not left: the visit that ended then goes on.</summary>
    public static async Task BackAsync(BookingWrite write, VisitBook book, GroupSession session, PersonId person, Instant left, CancellationToken cancellationToken)
    {
        if (!Holds(session))
            return;
        if (await write.Db.Visits.Where(v => v.PersonId == person && v.LeftAt == left && !v.TakenOut).OrderByDescending(v => v.ArrivedAt).FirstOrDefaultAsync(cancellationToken) is not { } ended
            || !await book.ReopenAsync(write, ended, cancellationToken))
            await TickedAsync(write, book, session, person, cancellationToken);
    }

    private static bool Holds(GroupSession session) => session is { PlaceKind: PlaceKind.Lab, State: GroupSessionState.Open };
}
