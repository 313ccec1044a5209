using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Privacy;

/// <summary>
/// Stands in the records for somebody who was detached from them. Nowhere is it kept for whom: the key is never written down.
/// The id is random, without a time in it, so that its order says nothing either.
/// </summary>
public sealed class Pseudonym
{
    public required PersonId Id { get; init; }

    public required Instant MadeAt { get; init; }
}
