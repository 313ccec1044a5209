using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Visits;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>
/// The sheet that fills itself: who badges in at the door or taps at a machine is noted as present in the séance they are expected in,
/// and their badge proves it; a word at the desk proves nothing. A minor whose badge goes out at the door has not left unless that was agreed.
/// </summary>
internal sealed class SessionArrivals(FloorChanges floor) : IArrivals
{
    /// <summary>How long before its start somebody who comes in comes for it.</summary>
    private static readonly Duration Early = Duration.FromMinutes(45);

    public Task ArrivedAsync(BookingWrite write, PersonId person, Instant at, VisitWay way, CancellationToken cancellationToken) =>
        CameAsync(write, person, null, at, AttendanceWay.Door, way == VisitWay.Badge, cancellationToken);

    public async Task LeftAsync(BookingWrite write, PersonId person, Instant at, CancellationToken cancellationToken)
    {
        await write.Db.SaveChangesAsync(cancellationToken);
        foreach (var session in await write.Db.GroupSessions.Where(s => s.State == GroupSessionState.Open).ToListAsync(cancellationToken))
        {
            if (await write.Db.SessionMentors.SingleOrDefaultAsync(m => m.SessionId == session.Id && m.PersonId == person && m.ArrivedAt != null && m.LeftAt == null, cancellationToken) is { } mentor)
            {
                mentor.LeftAt = Instant.Max(at, mentor.ArrivedAt!.Value);
                await write.Db.SaveChangesAsync(cancellationToken);
                await Supervision.AlarmAsync(write, floor, session, cancellationToken);
            }
            if (await write.Db.Attendees.SingleOrDefaultAsync(
                a => a.SessionId == session.Id && a.PersonId == person && a.Status == AttendanceStatus.Present && a.LeftAt == null, cancellationToken) is not { } attendee)
                continue;
            if (await MarkAttendees.MayLeaveAsync(write, session, attendee, new AttendeeLeaving(attendee.Id, LeavingWay.Alone), cancellationToken) is not null)
            {
                var code = await write.Db.People.Where(p => p.Id == person).Select(p => p.ShortCode).SingleAsync(cancellationToken);
                await HouseAlarms.RaiseOnceAsync(write, floor, HouseAlarms.MinorAtTheDoor, null, $"{code}, {session.Title}", cancellationToken);
                continue;
            }
            attendee.LeftAt = Instant.Max(at, attendee.ArrivedAt ?? at);
            attendee.LeftHow = LeavingWay.Door;
        }
        await write.Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>A tap at a machine of a séance, whatever was decided: they are there.</summary>
    public Task TappedAsync(BookingWrite write, PersonId person, MachineId machine, Instant at, CancellationToken cancellationToken) =>
        CameAsync(write, person, machine, at, AttendanceWay.Machine, proven: true, cancellationToken);

    private async Task CameAsync(BookingWrite write, PersonId person, MachineId? machine, Instant at, AttendanceWay way, bool proven, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var soon = at + Early;
        var listed = db.GroupSessions.Where(s =>
            ((s.State == GroupSessionState.Open && s.OpenedAt <= soon) || (machine == null && s.State == GroupSessionState.Planned && s.Start <= soon && s.End > at))
            && (machine == null || db.SessionMachines.Any(m => m.SessionId == s.Id && m.MachineId == machine))
            && (db.Attendees.Any(a => a.SessionId == s.Id && a.PersonId == person) || db.SessionMentors.Any(m => m.SessionId == s.Id && m.PersonId == person)));
        var sessions = await listed.ToListAsync(cancellationToken);
        if (sessions.Count == 0)
            return;
        var zone = await db.ZoneAsync(cancellationToken);
        foreach (var session in sessions)
        {
            // A mentor of one that is not open yet is there once it is.
            if (session.State == GroupSessionState.Open
                && await db.SessionMentors.SingleOrDefaultAsync(m => m.SessionId == session.Id && m.PersonId == person, cancellationToken) is { Here: false } mentor)
                (mentor.ArrivedAt, mentor.LeftAt) = (mentor.ArrivedAt ?? at, null);
            if (await db.Attendees.SingleOrDefaultAsync(a => a.SessionId == session.Id && a.PersonId == person, cancellationToken) is not { } attendee)
                continue;
            if (attendee.Status != AttendanceStatus.Present)
            {
                (attendee.Status, attendee.Way, attendee.ArrivedAt) = (AttendanceStatus.Present, way, at);
                (attendee.MarkedBy, attendee.MarkedAt) = (null, write.Now);
                if (machine is not null)
                    await Presences.HereAsync(write, session, person, cancellationToken);
            }
            else if (at < attendee.ArrivedAt)
                attendee.ArrivedAt = at;
            // Back again, and not only a word that comes late.
            if (attendee.LeftAt < at)
                (attendee.LeftAt, attendee.LeftHow, attendee.LeftWith) = (null, LeavingWay.NotSaid, null);
            if (proven)
                await SheetProof.BadgeAsync(write, session, attendee, at, zone, cancellationToken);
        }
        await db.SaveChangesAsync(cancellationToken);
        foreach (var session in sessions)
            await Supervision.AlarmAsync(write, floor, session, cancellationToken);
    }
}
