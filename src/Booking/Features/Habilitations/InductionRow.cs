using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>One induction at a machine: who armed it for what, and what came of it.</summary>
public sealed class InductionRow
{
    public required InductionId Id { get; init; }

    public required MachineId MachineId { get; init; }

    public required TrainingId TrainingId { get; init; }

    /// <summary>Who trains: the one who armed it.</summary>
    public required PersonId Trainer { get; init; }

    /// <summary>What the trainee gets; never the level that trains others.</summary>
    public required HabilitationLevel Level { get; init; }

    public required Instant ArmedAt { get; init; }

    /// <summary>Until when the trainer's tap is awaited.</summary>
    public required Instant ArmedUntil { get; init; }

    public Instant? CancelledAt { get; set; }

    public PersonId? Trainee { get; set; }

    public Instant? DoneAt { get; set; }

    public long Version { get; set; }

    internal InductionOffer ToOffer() => new(Id, Trainer, TrainingId, ArmedUntil);
}
