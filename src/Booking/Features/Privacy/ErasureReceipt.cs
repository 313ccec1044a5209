using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Privacy;

/// <summary>That somebody was erased: when, by whom, how many rows of what. Not who it was.</summary>
public sealed class ErasureReceipt
{
    public required Guid Id { get; init; }

    public required Instant At { get; init; }

    /// <summary>Who did it; null when the purge did, because the person had not come for so long.</summary>
    public PersonId? By { get; init; }

    /// <summary>Rows deleted or detached by table, JSON.</summary>
    public required string Counts { get; init; }
}
