using FabLab.Booking.Data;
using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>What else somebody should read at the door after their badge: the session of their group, say. All that are registered are asked.</summary>
internal interface IDoorLines
{
    /// <summary>Short sentences in common words, the most urgent first; none when there is nothing.</summary>
    /// <param name="db">To read from.</param>
    /// <param name="person">Who stands at the door.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    Task<IReadOnlyList<Words>> ForAsync(BookingDbContext db, PersonId person, Instant now, CancellationToken cancellationToken);
}
