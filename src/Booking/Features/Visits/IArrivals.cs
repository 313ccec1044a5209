using FabLab.Booking.Data;
using FabLab.Core;
using FabLab.Core.Visits;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>
/// Who is told, inside the same write, that a person came in or left: at the door, at the desk, or because the place closed. All that
/// are registered are told one after the other, in the order of their registration. What throws undoes the coming or going with it.
/// </summary>
internal interface IArrivals
{
    /// <summary>Somebody who was not in the lab is in it now.</summary>
    /// <param name="write">The write that says so.</param>
    /// <param name="person">Who; a person that exists.</param>
    /// <param name="at">When they came in. It may be long ago when the line was cut, and never lies ahead.</param>
    /// <param name="way">How it is known: by their badge, or by somebody's word.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    Task ArrivedAsync(BookingWrite write, PersonId person, Instant at, VisitWay way, CancellationToken cancellationToken);

    /// <summary>Somebody who was in the lab is no longer in it.</summary>
    /// <param name="write">The write that says so.</param>
    /// <param name="person">Who; a person that exists.</param>
    /// <param name="at">When they left. It may be long ago when the line was cut, and never lies ahead.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    Task LeftAsync(BookingWrite write, PersonId person, Instant at, CancellationToken cancellationToken);
}
