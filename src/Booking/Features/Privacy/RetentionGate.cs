namespace FabLab.Booking.Features.Privacy;

/// <summary>
/// One row that the triggers of the append-only tables ask. It is open only inside the transaction of an erasure, and even then
/// the triggers let nothing pass but a person's id replaced by a pseudonym: no figure, no time, no machine.
/// </summary>
public sealed class RetentionGate
{
    public const int OnlyId = 1;

    public required int Id { get; init; }

    public bool Open { get; set; }
}
