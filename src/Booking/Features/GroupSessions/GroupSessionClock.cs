using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>What the passing of time does to séances: one that nobody ended ends, and a sheet becomes final after a day.</summary>
internal static class GroupSessionClock
{
    /// <summary>So long after its planned end a séance that nobody ended ends by itself; its machines end with it.</summary>
    public static readonly Duration EndsItselfAfter = Duration.FromHours(1);

    /// <summary>So long after its end a sheet is final.</summary>
    public static readonly Duration LocksAfter = Duration.FromHours(24);

    public static async Task RoundAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var late = write.Now - EndsItselfAfter;
        foreach (var session in await write.Db.GroupSessions.Where(s => s.State == GroupSessionState.Open && s.End <= late).ToListAsync(cancellationToken))
        {
            // At the end that was planned: nobody can say more.
            await HoldSession.EndAsync(write, session, session.End, null, cancellationToken);
            write.Audit(default, "group_session.ended", session.Id.Value, "by itself");
        }
        var old = write.Now - LocksAfter;
        foreach (var session in await write.Db.GroupSessions.Where(s => s.State == GroupSessionState.Done && s.ClosedAt <= old).ToListAsync(cancellationToken))
        {
            session.State = GroupSessionState.Locked;
            session.LockedAt = write.Now;
            session.Version++;
        }
        await write.Db.SaveChangesAsync(cancellationToken);
    }
}
