using FabLab.Core.Policy;

namespace FabLab.Booking.Features.Policy;

/// <summary>
/// The last change of one rule that gateways copy. There is one row for each rule that ever was; when the rule is gone the row
/// stays, so that a gateway that was away learns of the removal.
/// </summary>
public sealed class PolicyMark
{
    public required PolicyKind Kind { get; init; }

    public required Guid Key { get; init; }

    /// <summary>Place in the feed, unique.</summary>
    public required long Revision { get; set; }
}

/// <summary>The last place given out in the feed. One row; taking the next place locks it until the commit, so places appear in order.</summary>
public sealed class PolicyCounter
{
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    public long Revision { get; set; }
}
