using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>Who may do what with a séance, and when it may be changed.</summary>
internal static class GroupSessionAccess
{
    /// <summary>How long a final sheet stays open for a correction.</summary>
    public static readonly Duration CorrectingFor = Duration.FromMinutes(30);

    /// <summary>The séance, alone until the commit; null when there is none.</summary>
    public static async Task<GroupSession?> GroupSessionAsync(this BookingWrite write, GroupSessionId id, CancellationToken cancellationToken)
    {
        await write.OneAtATimeAsync($"group session {id}", cancellationToken);
        return await write.Db.GroupSessions.SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
    }

    /// <summary>Whether somebody has the right for this séance: for all, or it is one of their own.</summary>
    public static async Task<bool> MayAsync(this BookingDbContext db, StaffActor by, Right right, GroupSession session, CancellationToken cancellationToken) =>
        by.Reach(right) switch
        {
            Reach.All => true,
            Reach.Own => await Own(db, by.Id).AnyAsync(s => s.Id == session.Id, cancellationToken),
            _ => false,
        };

    /// <summary>
    /// The séances that are somebody's own: those they lead or are a mentor of, those of a group they look after, of a programme they
    /// lead, and those of an organisation they act for.
    /// </summary>
    public static IQueryable<GroupSession> Own(BookingDbContext db, PersonId person) => db.GroupSessions.Where(s =>
        s.Lead == person
        || db.SessionMentors.Any(m => m.SessionId == s.Id && m.PersonId == person)
        || db.GroupPlaces.Any(p => p.GroupId == s.GroupId && p.PersonId == person && p.Part == GroupPart.LooksAfter && db.PersonGroups.Any(g => g.Id == p.GroupId && !g.Closed))
        || db.Programmes.Any(p => p.Id == s.ProgrammeId && p.Lead == person)
        || db.SessionPartners.Any(b => b.SessionId == s.Id && db.PartnerPeople.Any(p => p.PartnerId == b.PartnerId && p.PersonId == person)));

    /// <summary>Why the séance cannot be changed now; null when it can.</summary>
    public static Refusal? Closed(GroupSession session, Instant now) => session.State switch
    {
        GroupSessionState.Cancelled => Refusal.Conflict("group_session_cancelled", "The session is cancelled."),
        GroupSessionState.Locked when !(session.CorrectingUntil > now) => Refusal.Conflict(
            "group_session_locked", "The sheet is final. Say first why it is corrected."),
        _ => null,
    };

    /// <summary>What the audit calls a change of a sheet that is final.</summary>
    public static string Act(GroupSession session, string act) =>
        session.State == GroupSessionState.Locked ? $"group_session.corrected_{act}" : $"group_session.{act}";

    /// <summary>A change by somebody who leads the séance, while it may be changed.</summary>
    public static Task<Outcome<T>> LedAsync<T>(
        this BookingWriter writer, GroupSessionId id, Right right, StaffActor by,
        Func<BookingWrite, GroupSession, CancellationToken, Task<Outcome<T>>> change, CancellationToken cancellationToken) =>
        writer.ChangeAsync<T>(
            async (write, cancel) =>
            {
                if (await write.GroupSessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("group_session");
                if (!await write.Db.MayAsync(by, right, session, cancel))
                    return Refusal.NotAllowed;
                return Closed(session, write.Now) is { } closed ? closed : await change(write, session, cancel);
            },
            cancellationToken);

    /// <summary>Today, in the place.</summary>
    public static async Task<LocalDate> TodayAsync(this BookingWrite write, CancellationToken cancellationToken) =>
        write.Now.InZone(await write.Db.ZoneAsync(cancellationToken)).Date;
}
