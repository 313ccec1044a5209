using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Visits;
using FabLab.Kiosk.Link;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Kiosk.Door;

/// <summary>
/// What happens at the door. Each act is on the disk before the screen says that it is done; none waits for the network, except for one
/// look when a badge is not known here and Booking did answer the last time.
/// </summary>
internal sealed class DoorDesk(DoorMemory memory, Moments moments, DoorFetcher fetcher, IOptions<KioskOptions> options, TimeProvider time)
{
    /// <summary>The same badge again within this time is the same arrival: a hand that trembles, a reader that reads twice.</summary>
    private static readonly TimeSpan SameArrival = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<PersonId, (VisitId Visit, long At)> _arrived = [];

    private Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>Somebody shows a badge, a QR code or types a short code: they come in, or leave when they said so before.</summary>
    /// <param name="typed">What arrived.</param>
    /// <param name="leaving">They said before that they leave.</param>
    /// <param name="byHand">It was typed on the screen: a number that is printed on a badge is no badge.</param>
    /// <param name="cancellationToken">The screen went away.</param>
    /// <returns>Null for nobody known at this door.</returns>
    public async Task<Moment?> ReadAsync(string typed, bool leaving, bool byHand, CancellationToken cancellationToken)
    {
        var found = memory.Find(typed);
        // A badge given out a moment ago is not in the copy yet.
        if (found is null && memory.Reached && await fetcher.FetchAsync(cancellationToken))
            found = memory.Find(typed);
        if (found is not { } known)
            return null;
        var moment = leaving ? moments.Begin(known.Person, VisitId.New(Now), already: true, IsSure(known.Way)) : Arrive(known.Person, known.Way, byHand || known.Way != VisitWay.Badge ? null : typed);
        if (leaving)
            Leave(moment);
        return moment;
    }

    /// <summary>Somebody who is in says why they came.</summary>
    public void Tell(Moment moment, string reason) =>
        memory.Note(new VisitItem(NewId(), VisitAct.Told, moment.Visit, Now) { Person = moment.Person.Id, Reason = reason });

    /// <summary>Somebody leaves.</summary>
    public void Leave(Moment moment)
    {
        lock (_gate)
        {
            if (moment.Gone)
                return;
            moment.Gone = true;
            _arrived.Remove(moment.Person.Id);
        }
        memory.Note(new VisitItem(NewId(), VisitAct.Left, moment.Visit, Now) { Person = moment.Person.Id });
    }

    /// <summary>That they leave was a mistake.</summary>
    public void Stay(Moment moment)
    {
        lock (_gate)
        {
            if (!moment.Gone)
                return;
            moment.Gone = false;
        }
        memory.Note(new VisitItem(NewId(), VisitAct.Back, moment.Visit, Now) { Person = moment.Person.Id });
    }

    /// <summary>Somebody is counted without a name. The same visit again is no second one.</summary>
    public void Count(VisitId visit, string? reason, AgeBand? band, bool first) =>
        // The key of the item is the visit's: a form that is sent twice is one arrival.
        memory.Note(new VisitItem(visit.Value, VisitAct.Arrived, visit, Now) { Way = VisitWay.NoName, Reason = reason, Band = band, First = first, Site = options.Value.Site });

    /// <summary>Somebody of the team says that a person has left, or that they are in after all.</summary>
    public void Correct(Moment staff, PersonId person, bool here) =>
        memory.Note(new VisitItem(NewId(), here ? VisitAct.Back : VisitAct.Left, VisitId.New(Now), Now) { Person = person, By = staff.Person.Id });

    private static bool IsSure(VisitWay way) => way != VisitWay.ShortCode;

    private Moment Arrive(DoorPerson person, VisitWay way, string? badge)
    {
        lock (_gate)
        {
            if (_arrived.TryGetValue(person.Id, out var just) && time.GetElapsedTime(just.At) < SameArrival)
                return moments.Begin(person, just.Visit, already: false, IsSure(way), badge);
            var already = memory.IsIn(person.Id);
            var visit = VisitId.New(Now);
            if (!already)
            {
                memory.Note(new VisitItem(NewId(), VisitAct.Arrived, visit, Now) { Person = person.Id, Way = way, Site = options.Value.Site });
                _arrived[person.Id] = (visit, time.GetTimestamp());
            }
            return moments.Begin(person, visit, already, IsSure(way), badge);
        }
    }

    private Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());
}
