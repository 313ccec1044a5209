using FabLab.Booking.Data;
using FabLab.Booking.Features.Presence;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>Who is ticked at the lab is in the lab: machines that ask for it need no second word.</summary>
internal static class Presences
{
    public static async Task HereAsync(BookingWrite write, GroupSession session, PersonId person, CancellationToken cancellationToken)
    {
        if (session.PlaceKind == PlaceKind.Lab && session.State == GroupSessionState.Open
            && !await write.Db.Presence.AnyAsync(p => p.PersonId == person, cancellationToken))
            write.Db.Presence.Add(new PresenceRow { PersonId = person, Since = write.Now });
    }

    public static async Task GoneAsync(BookingWrite write, PersonId person, CancellationToken cancellationToken)
    {
        if (await write.Db.Presence.SingleOrDefaultAsync(p => p.PersonId == person, cancellationToken) is { } row)
            write.Db.Presence.Remove(row);
    }
}
