using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.Trainings.Pages;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;
using System.Globalization;

namespace FabLab.Booking.Features.Trainings;

/// <summary>
/// Says, before a session is written, who or what would be in two places at once: its trainer, somebody enrolled, the room or machine
/// it is held at. It is a warning and no rule: whoever has read it may go on, because two short things can share an afternoon.
/// </summary>
internal static class Clashes
{
    /// <summary>The code of the refusal; the same request with "even so" is not refused for it.</summary>
    public const string Code = "session_clash";

    /// <summary>So many are told one by one.</summary>
    private const int Told = 3;

    private static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH':'mm");

    /// <summary>What a session as it is to be would clash with; null when nothing does.</summary>
    /// <param name="db">The database.</param>
    /// <param name="session">The session itself; null for a new one.</param>
    /// <param name="time">When it is to be.</param>
    /// <param name="people">Who would be there.</param>
    /// <param name="place">Where, in the words of the session; empty where that needs no look.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<Refusal?> OfAsync(
        BookingDbContext db, TrainingSessionId? session, Interval time, IReadOnlyCollection<PersonId> people, string place, CancellationToken cancellationToken)
    {
        var told = (await OfPeopleAsync(db, session, time, people, cancellationToken)).Values.ToList();
        if (await OfPlaceAsync(db, session, time, place, cancellationToken) is { } taken)
            told.Add(taken);
        if (told.Count == 0)
            return null;
        var lines = told.Take(Told).ToList();
        if (told.Count > Told)
            lines.Add(TrainingText.ClashMore.Words(told.Count - Told));
        return Refusal.Conflict(Code, "Somebody or something would be in two places at once.", "evenSo") with
        {
            Sentence = new Words(string.Join(' ', lines.Select(line => line.Fr)), string.Join(' ', lines.Select(line => line.En))),
            NextStep = TrainingText.ClashNext.Words(),
        };
    }

    /// <summary>Who of some people has something else to do at a time: one sentence each.</summary>
    public static async Task<IReadOnlyDictionary<PersonId, Words>> OfPeopleAsync(
        BookingDbContext db, TrainingSessionId? session, Interval time, IReadOnlyCollection<PersonId> people, CancellationToken cancellationToken)
    {
        if (people.Count == 0)
            return new Dictionary<PersonId, Words>();
        List<PersonId> ids = [.. people.Distinct()];
        var (start, end) = (time.Start, time.End);
        var trainings = db.TrainingSessions.AsNoTracking().Where(s => s.Id != session && s.CancelledAt == null && s.Start < end && s.End > start);
        var seances = Held(db, time);
        var found = new List<Engagement>();
        found.AddRange((await trainings.Where(s => s.Trainer != null && ids.Contains(s.Trainer.Value)).Select(s => new { Person = s.Trainer!.Value, s.TrainingId, s.Start, s.End }).ToListAsync(cancellationToken))
            .Select(s => new Engagement(s.Person, s.TrainingId, false, s.Start, s.End)));
        found.AddRange((await trainings.Join(db.Enrolments.Where(e => ids.Contains(e.PersonId) && e.Attendance != Attendance.Absent), s => s.Id, e => e.SessionId, (s, e) => new { e.PersonId, s.TrainingId, s.Start, s.End })
            .ToListAsync(cancellationToken)).Select(s => new Engagement(s.PersonId, s.TrainingId, false, s.Start, s.End)));
        found.AddRange((await seances.Join(
                db.Attendees.Where(a => a.PersonId != null && ids.Contains(a.PersonId.Value) && (a.Status == AttendanceStatus.Expected || a.Status == AttendanceStatus.Present)),
                s => s.Id, a => a.SessionId, (s, a) => new { Person = a.PersonId!.Value, s.Start, s.End }).ToListAsync(cancellationToken))
            .Select(s => new Engagement(s.Person, null, true, s.Start, s.End)));
        found.AddRange((await seances.Join(db.SessionMentors.Where(m => ids.Contains(m.PersonId)), s => s.Id, m => m.SessionId, (s, m) => new { m.PersonId, s.Start, s.End }).ToListAsync(cancellationToken))
            .Select(s => new Engagement(s.PersonId, null, true, s.Start, s.End)));
        found.AddRange((await db.Reservations.AsNoTracking()
                .Where(r => r.Kind == ReservationKind.Booking && r.PersonId != null && ids.Contains(r.PersonId.Value) && r.CancelledAt == null && r.NoShowAt == null && r.Start < end && r.End > start)
                .Select(r => new { Person = r.PersonId!.Value, r.Start, r.End }).ToListAsync(cancellationToken))
            .Select(r => new Engagement(r.Person, null, false, r.Start, r.End)));
        if (found.Count == 0)
            return new Dictionary<PersonId, Words>();

        var words = await WordsAsync(db, found, cancellationToken);
        List<PersonId> busy = [.. found.Select(f => f.Person).Distinct()];
        var names = await db.People.Where(p => busy.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return found.GroupBy(f => f.Person).ToDictionary(
            of => of.Key,
            of => Say(TrainingText.ClashPerson, language => [names.GetValueOrDefault(of.Key, "?"), In(words(of.OrderBy(f => f.Start).First()), language)]));
    }

    private static async Task<Words?> OfPlaceAsync(BookingDbContext db, TrainingSessionId? session, Interval time, string place, CancellationToken cancellationToken)
    {
        if (place.Length == 0)
            return null;
        var (start, end) = (time.Start, time.End);
        var there = (await db.TrainingSessions.AsNoTracking().Where(s => s.Id != session && s.CancelledAt == null && s.Start < end && s.End > start && s.Place != "").ToListAsync(cancellationToken))
            .Find(s => Same(s.Place, place));
        var found = there is null ? null : new Engagement(default, there.TrainingId, false, there.Start, there.End);
        // A place that is a room or a machine of the lab: it has bookings, and séances that use it.
        if (found is null && (await db.Machines.AsNoTracking().Where(m => !m.Retired).Select(m => new { m.Id, m.Code, m.NameFr, m.NameEn }).ToListAsync(cancellationToken))
                .Find(m => Same(m.Code, place) || Same(m.NameFr, place) || Same(m.NameEn, place)) is { } known)
        {
            var machine = known.Id;
            if (await db.BookingSlots.Where(b => b.MachineId == machine && b.Live && b.Start < end && b.End > start).OrderBy(b => b.Start)
                    .Select(b => new { b.Start, b.End }).FirstOrDefaultAsync(cancellationToken) is { } slot)
                found = new Engagement(default, null, false, slot.Start, slot.End);
            else if (await Held(db, time).Where(s => db.SessionMachines.Any(m => m.SessionId == s.Id && m.MachineId == machine)).OrderBy(s => s.Start)
                    .Select(s => new { s.Start, s.End }).FirstOrDefaultAsync(cancellationToken) is { } used)
                found = new Engagement(default, null, true, used.Start, used.End);
        }
        if (found is null)
            return null;
        var words = await WordsAsync(db, [found], cancellationToken);
        return Say(TrainingText.ClashPlace, language => [place, In(words(found), language)]);
    }

    private static IQueryable<GroupSession> Held(BookingDbContext db, Interval time)
    {
        var (start, end) = (time.Start, time.End);
        return db.GroupSessions.AsNoTracking().Where(s => (s.State == GroupSessionState.Planned || s.State == GroupSessionState.Open) && s.Start < end && s.End > start);
    }

    /// <summary>Says no more than whoever fills in a list needs: that a séance or a booking is there, not which one.</summary>
    private static async Task<Func<Engagement, Words>> WordsAsync(BookingDbContext db, IReadOnlyList<Engagement> engagements, CancellationToken cancellationToken)
    {
        var zone = await db.ZoneAsync(cancellationToken);
        List<TrainingId> asked = [.. engagements.Select(e => e.Training).OfType<TrainingId>().Distinct()];
        var names = asked.Count == 0
            ? []
            : await db.Trainings.Where(t => asked.Contains(t.Id)).ToDictionaryAsync(t => t.Id, t => new Words(t.NameFr, t.NameEn), cancellationToken);
        return engagement => Say(
            engagement switch { { Training: not null } => TrainingText.ClashTraining, { Seance: true } => TrainingText.ClashSeance, _ => TrainingText.ClashBooking },
            language =>
            [
                Clock.Format(engagement.Start.InZone(zone).TimeOfDay), Clock.Format(engagement.End.InZone(zone).TimeOfDay),
                engagement.Training is { } training && names.TryGetValue(training, out var name) ? In(name, language) : "",
            ]);
    }

    private static bool Same(string one, string other) => CultureInfo.InvariantCulture.CompareInfo.Compare(one.Trim(), other.Trim(), CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace) == 0;

    private static string In(Words words, Language language) => language == Language.French ? words.Fr : words.En;

    private static Words Say(Phrase phrase, Func<Language, object[]> with) => new(phrase.In(Language.French, with(Language.French)), phrase.In(Language.English, with(Language.English)));

    /// <summary>Something else at that time: a training, a séance, else a booking.</summary>
    private sealed record Engagement(PersonId Person, TrainingId? Training, bool Seance, Instant Start, Instant End);
}
