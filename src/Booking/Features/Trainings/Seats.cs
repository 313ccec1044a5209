using FabLab.Core;

namespace FabLab.Booking.Features.Trainings;

/// <summary>One person's seat.</summary>
/// <param name="Enrolment">Whose.</param>
/// <param name="HasPlace">Has a place; otherwise waits for one.</param>
/// <param name="Waiting">Place in the waiting list, from 1; 0 with a place.</param>
public sealed record Seat(Enrolment Enrolment, bool HasPlace, int Waiting)
{
    /// <summary>Waited, and has a place now.</summary>
    public bool MovedUp => HasPlace && Enrolment.Waited && Enrolment.Attendance != Attendance.Present;
}

/// <summary>
/// Who has a place and who waits. It follows from the order of enrolment and the number of places alone and is stored nowhere, so
/// the list moves up by itself, whatever freed the place.
/// </summary>
public static class Seats
{
    public static IReadOnlyList<Seat> Of(int places, IEnumerable<Enrolment> enrolments)
    {
        var seats = new List<Seat>();
        var (taken, waiting) = (0, 0);
        foreach (var enrolment in enrolments.OrderBy(e => e.Number))
        {
            if (enrolment.Extra)
            {
                seats.Add(new Seat(enrolment, true, 0));
            }
            else if (taken < places)
            {
                taken++;
                seats.Add(new Seat(enrolment, true, 0));
            }
            else
            {
                // Who waited and came all the same is there.
                var there = enrolment.Attendance == Attendance.Present;
                seats.Add(new Seat(enrolment, there, there ? 0 : ++waiting));
            }
        }
        return seats;
    }

    public static Seat? Of(this IEnumerable<Seat> seats, PersonId person) => seats.FirstOrDefault(seat => seat.Enrolment.PersonId == person);
}
