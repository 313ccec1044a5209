using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Presence;

/// <summary>Somebody who is in the lab now. The row goes when they leave.</summary>
public sealed class PresenceRow
{
    public required PersonId PersonId { get; init; }

    public Instant Since { get; init; }

    internal PresenceRule ToRule() => new() { Person = PersonId, Since = Since };
}
