using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Presence;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>An arrival to be noted.</summary>
/// <param name="Id">The visit it becomes, unless they are in already.</param>
/// <param name="At">When they came; never ahead of the write.</param>
/// <param name="Way">How it became known.</param>
internal sealed record Arrival(VisitId Id, Instant At, VisitWay Way)
{
    /// <summary>Who; somebody who exists. Null without a name.</summary>
    public PersonId? Person { get; init; }

    public string? Reason { get; init; }

    public AgeBand? Band { get; init; }

    public bool First { get; init; }

    public string Kiosk { get; init; } = "";

    public Guid? GroupSession { get; init; }

    /// <summary>At which site.</summary>
    public int Site { get; init; } = Sites.LabSite.First;

    public Duration? ClockOff { get; init; }
}

/// <summary>
/// Notes who comes and goes, whatever tells of it: the door, the desk, the list of a session, the closing hour. The rule is here: a
/// person has one open visit at most, and while there is one they are present for every decision. Used inside a write, and saves as it goes.
/// </summary>
internal sealed class VisitBook(IEnumerable<IArrivals> arrivals, FloorChanges floor)
{
    /// <summary>So long after a closing that somebody said they left, it is that visit they mean.</summary>
    private static readonly Duration AfterClosing = Duration.FromHours(2);

    /// <summary>Who has been known for longer has been here before visits were kept.</summary>
    private static readonly Duration Newly = Duration.FromDays(30);

    /// <summary>Somebody came.</summary>
    /// <param name="write">The write.</param>
    /// <param name="arrival">Who and how.</param>
    /// <param name="closing">When the place closes; null where they are in for certain. An arrival that is told after it closed upon them is a visit that is over.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <returns>The visit, and whether it is a new one: who is in already has one.</returns>
    public async Task<(Visit Visit, bool Fresh)> ArriveAsync(BookingWrite write, Arrival arrival, Closing? closing, CancellationToken cancellationToken)
    {
        if (await write.Db.Visits.SingleOrDefaultAsync(v => v.Id == arrival.Id, cancellationToken) is { } same)
            return (same, false);
        if (closing is not null && arrival.Person is { } returning)
            await CloseBeforeAsync(write, returning, arrival.At, closing, cancellationToken);
        if (arrival.Person is { } person && await AtAsync(write, person, arrival.At, closing, cancellationToken) is { } known)
        {
            if (arrival.At < known.ArrivedAt)
                known.ArrivedAt = arrival.At;
            known.Reason ??= arrival.Reason;
            known.GroupSessionId ??= arrival.GroupSession;
            await write.Db.SaveChangesAsync(cancellationToken);
            // Ticked on a list first, or said at the desk: now the door has seen them too.
            if (known is { Way: VisitWay.Session or VisitWay.Desk, LeftAt: null } && arrival.Way != known.Way && arrival.Way != VisitWay.Session)
            {
                foreach (var listener in arrivals)
                    await listener.ArrivedAsync(write, person, arrival.At, arrival.Way, cancellationToken);
            }
            return (known, false);
        }

        var visit = new Visit
        {
            Id = arrival.Id,
            PersonId = arrival.Person,
            Reason = arrival.Reason,
            AgeBand = arrival.Person is null ? arrival.Band : null,
            First = arrival.First || (arrival.Person is { } who && await IsFirstAsync(write, who, arrival.At, cancellationToken)),
            ArrivedAt = arrival.At,
            Way = arrival.Way,
            Kiosk = arrival.Kiosk,
            GroupSessionId = arrival.GroupSession,
            Site = arrival.Site,
            ClockOff = arrival.ClockOff,
        };
        var closed = closing?.After(visit.ArrivedAt);
        if (arrival.Person is { } named)
            await EndedAlreadyAsync(write, named, visit, (closed ?? write.Now) + AfterClosing, cancellationToken);
        if (visit.LeftHow != LeftHow.Said && closed <= (visit.LeftAt ?? write.Now))
            (visit.LeftAt, visit.LeftHow) = (closed, LeftHow.Closing);
        write.Db.Visits.Add(visit);
        write.AfterCommit(Announce);
        await write.Db.SaveChangesAsync(cancellationToken);
        if (arrival.Person is not { } told)
            return (visit, true);
        if (visit.LeftAt is { } left)
            await ThroughAsync(write, told, visit, left, cancellationToken);
        else
            await PresentAsync(write, told, visit, cancellationToken);
        return (visit, true);
    }

    /// <summary>Somebody left.</summary>
    /// <param name="write">The write.</param>
    /// <param name="person">Who.</param>
    /// <param name="at">When; never ahead of the write.</param>
    /// <param name="how">How it became known.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <returns>The visit that is over; null when they were not in.</returns>
    public async Task<Visit?> LeaveAsync(BookingWrite write, PersonId person, Instant at, LeftHow how, CancellationToken cancellationToken)
    {
        var open = await write.Db.Visits.SingleOrDefaultAsync(v => v.PersonId == person && v.LeftAt == null, cancellationToken);
        if (open is not null && open.ArrivedAt <= at)
        {
            await EndAsync(write, open, at, how, cancellationToken);
            await write.Db.SaveChangesAsync(cancellationToken);
            return open;
        }
        if (open is null && await write.Db.Presence.AnyAsync(p => p.PersonId == person && p.Since <= at, cancellationToken))
        {
            // Somebody who was in before visits were kept.
            await GoAsync(write, person, at, cancellationToken);
            return null;
        }
        var late = at - AfterClosing;
        var closed = await write.Db.Visits.Where(v => v.PersonId == person && v.LeftHow == LeftHow.Closing && v.ArrivedAt <= at && v.LeftAt >= late)
            .OrderByDescending(v => v.ArrivedAt).FirstOrDefaultAsync(cancellationToken);
        if (closed is null)
            return null;
        // Told late, and truer than the closing hour.
        (closed.LeftAt, closed.LeftHow) = (at, how);
        closed.Version++;
        await write.Db.SaveChangesAsync(cancellationToken);
        return closed;
    }

    /// <summary>A visit ends: also one without a name.</summary>
    public async Task EndAsync(BookingWrite write, Visit visit, Instant at, LeftHow how, CancellationToken cancellationToken)
    {
        (visit.LeftAt, visit.LeftHow) = (Instant.Max(at, visit.ArrivedAt), how);
        visit.Version++;
        write.AfterCommit(Announce);
        if (visit.PersonId is { } person)
            await GoAsync(write, person, visit.LeftAt.Value, cancellationToken);
    }

    /// <summary>That somebody left was wrong: the visit goes on.</summary>
    /// <returns>False when they have another open one, or it never ended.</returns>
    public async Task<bool> ReopenAsync(BookingWrite write, Visit visit, CancellationToken cancellationToken)
    {
        if (visit.LeftAt is null || (visit.PersonId is { } who && await write.Db.Visits.AnyAsync(v => v.PersonId == who && v.LeftAt == null, cancellationToken)))
            return false;
        (visit.LeftAt, visit.LeftHow, visit.TakenOut) = (null, null, false);
        visit.Version++;
        write.AfterCommit(Announce);
        if (visit.PersonId is { } person && await write.Db.People.AnyAsync(p => p.Id == person, cancellationToken))
            await PresentAsync(write, person, visit, cancellationToken);
        await write.Db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Somebody who was in without a visit had not left: they are in as they were, and the séance they were in knows it.</summary>
    /// <returns>False when they are in already.</returns>
    public async Task<bool> BackAsync(BookingWrite write, PersonId person, Instant since, CancellationToken cancellationToken)
    {
        if (await write.Db.Presence.AnyAsync(p => p.PersonId == person, cancellationToken))
            return false;
        write.Db.Presence.Add(new PresenceRow { PersonId = person, Since = since });
        write.AfterCommit(Announce);
        await write.Db.SaveChangesAsync(cancellationToken);
        foreach (var told in arrivals)
            await told.ArrivedAsync(write, person, write.Now, VisitWay.Desk, cancellationToken);
        return true;
    }

    /// <summary>Ends what the closing hour has ended: visits, and the presence of who was in before visits were kept.</summary>
    public async Task CloseAsync(BookingWrite write, Closing closing, CancellationToken cancellationToken)
    {
        foreach (var visit in await write.Db.Visits.Where(v => v.LeftAt == null).ToListAsync(cancellationToken))
        {
            if (closing.After(visit.ArrivedAt) is var closed && closed <= write.Now)
                await EndAsync(write, visit, closed, LeftHow.Closing, cancellationToken);
        }
        await write.Db.SaveChangesAsync(cancellationToken);
        foreach (var row in await write.Db.Presence.Where(p => !write.Db.Visits.Any(v => v.PersonId == p.PersonId && v.LeftAt == null)).ToListAsync(cancellationToken))
        {
            if (closing.After(row.Since) is var closed && closed <= write.Now)
                await GoAsync(write, row.PersonId, closed, cancellationToken);
        }
    }

    /// <summary>Somebody who became known a short while ago and was never here since.</summary>
    private static async Task<bool> IsFirstAsync(BookingWrite write, PersonId person, Instant at, CancellationToken cancellationToken)
    {
        var recent = at - Newly;
        return await write.Db.People.AnyAsync(p => p.Id == person && p.CreatedAt >= recent, cancellationToken)
            && !await write.Db.Visits.AnyAsync(v => v.PersonId == person && !v.TakenOut, cancellationToken)
            && !await write.Db.Ledger.AnyAsync(row => row.PersonId == person && row.Start < at, cancellationToken);
    }

    private void Announce() => floor.Announce(new FloorChange(FloorTopic.Door, null));

    /// <summary>
    /// The visit during which a moment lies; or the next one of that day when they did not leave in between: then an
    /// earlier arrival is told after a later one.
    /// </summary>
    private static async Task<Visit?> AtAsync(BookingWrite write, PersonId person, Instant at, Closing? closing, CancellationToken cancellationToken)
    {
        var theirs = write.Db.Visits.Where(v => v.PersonId == person && !v.TakenOut);
        if (await theirs.Where(v => v.ArrivedAt <= at && (v.LeftAt == null || v.LeftAt > at)).OrderBy(v => v.LeftAt != null).FirstOrDefaultAsync(cancellationToken) is { } during)
            return during;
        if (closing is null)
            return null;
        var end = closing.After(at);
        return await theirs.Where(v => v.ArrivedAt > at && v.ArrivedAt < end).OrderBy(v => v.ArrivedAt).FirstOrDefaultAsync(cancellationToken) is { } next
            && !await write.Db.DoorItems.AnyAsync(item => item.PersonId == person && item.LeftAt >= at && item.LeftAt < next.ArrivedAt, cancellationToken)
            ? next
            : null;
    }

    /// <summary>Somebody comes again whose last visit the closing hour has ended and nobody has noted it yet.</summary>
    private async Task CloseBeforeAsync(BookingWrite write, PersonId person, Instant at, Closing closing, CancellationToken cancellationToken)
    {
        if (await write.Db.Visits.SingleOrDefaultAsync(v => v.PersonId == person && v.LeftAt == null, cancellationToken) is { } open
            && closing.After(open.ArrivedAt) is var closed && closed <= at)
        {
            await EndAsync(write, open, closed, LeftHow.Closing, cancellationToken);
        }
    }

    /// <summary>
    /// Another kiosk may have told that they left before this one told that they came; or that they came again, and then the earlier
    /// visit ended at that moment at the latest.
    /// </summary>
    private static async Task EndedAlreadyAsync(BookingWrite write, PersonId person, Visit visit, Instant latest, CancellationToken cancellationToken)
    {
        if (await write.Db.DoorItems.Where(item => item.PersonId == person && item.LeftAt >= visit.ArrivedAt && item.LeftAt <= latest)
            .OrderBy(item => item.LeftAt).FirstOrDefaultAsync(cancellationToken) is { } left)
        {
            left.PersonId = null;
            (visit.LeftAt, visit.LeftHow) = (left.LeftAt, LeftHow.Said);
        }
        else if (await write.Db.Visits.Where(v => v.PersonId == person && v.LeftAt == null).Select(v => (Instant?)v.ArrivedAt).SingleOrDefaultAsync(cancellationToken) is { } again)
        {
            (visit.LeftAt, visit.LeftHow) = (Instant.Max(again, visit.ArrivedAt), LeftHow.Closing);
        }
    }

    /// <summary>Somebody who came and left, all of it told late.</summary>
    private async Task ThroughAsync(BookingWrite write, PersonId person, Visit visit, Instant left, CancellationToken cancellationToken)
    {
        foreach (var told in arrivals)
        {
            await told.ArrivedAsync(write, person, visit.ArrivedAt, visit.Way, cancellationToken);
            await told.LeftAsync(write, person, left, cancellationToken);
        }
    }

    private async Task PresentAsync(BookingWrite write, PersonId person, Visit visit, CancellationToken cancellationToken)
    {
        if (!await write.Db.Presence.AnyAsync(p => p.PersonId == person, cancellationToken))
            write.Db.Presence.Add(new PresenceRow { PersonId = person, Since = visit.ArrivedAt });
        await write.Db.SaveChangesAsync(cancellationToken);
        // The list that says so needs no telling, and a tick is no badge that was read.
        if (visit.Way == VisitWay.Session)
            return;
        foreach (var told in arrivals)
            await told.ArrivedAsync(write, person, visit.ArrivedAt, visit.Way, cancellationToken);
    }

    private async Task GoAsync(BookingWrite write, PersonId person, Instant at, CancellationToken cancellationToken)
    {
        if (await write.Db.Presence.SingleOrDefaultAsync(p => p.PersonId == person, cancellationToken) is { } row)
            write.Db.Presence.Remove(row);
        await write.Db.SaveChangesAsync(cancellationToken);
        foreach (var told in arrivals)
            await told.LeftAsync(write, person, at, cancellationToken);
    }
}
