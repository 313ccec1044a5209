namespace FabLab.Booking.Features.Visits;

/// <summary>Why somebody comes: a tile at the door, a line of the reports.</summary>
public sealed class VisitReason
{
    /// <summary>Longest name.</summary>
    public const int MaxName = 40;

    /// <summary>Stable: 1 to <see cref="Visit.MaxCode"/> of a–z, 0–9 and '_'.</summary>
    public required string Code { get; init; }

    public required string NameFr { get; set; }

    public required string NameEn { get; set; }

    /// <summary>Name of a picture of the design system.</summary>
    public required string Pictogram { get; set; }

    /// <summary>Order of the tiles.</summary>
    public int Position { get; set; }

    /// <summary>Whether there is a tile for it; visits of the past keep it in any case.</summary>
    public bool Active { get; set; } = true;
}
