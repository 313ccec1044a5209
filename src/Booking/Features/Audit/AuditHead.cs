namespace FabLab.Booking.Features.Audit;

/// <summary>The last link of the chain. One row: copies of Booking that share a database append one after the other by locking it.</summary>
public sealed class AuditHead
{
    public const int OnlyId = 1;

    public required int Id { get; init; }

    /// <summary>Place of the last link; 0 while there is none.</summary>
    public required long Seq { get; set; }

    public required string Hash { get; set; }
}
