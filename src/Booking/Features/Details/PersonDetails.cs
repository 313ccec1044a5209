using FabLab.Booking.Features.GroupSessions;
using FabLab.Core;

namespace FabLab.Booking.Features.Details;

/// <summary>
/// What activity reports count of somebody, as they said it themselves. All of it is optional; without a row nothing was said. It
/// decides nothing, and is read by reports, the person and the front desk only.
/// </summary>
public sealed class PersonDetails
{
    public required PersonId PersonId { get; init; }

    public Gender Gender { get; set; }

    public Occupation Occupation { get; set; }

    public PriorityArea PriorityArea { get; set; }

    /// <summary>Counts the changes; a change must name the version it saw, 0 at first.</summary>
    public long Version { get; set; }
}
