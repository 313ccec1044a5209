using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Machines;

/// <summary>What people must know of a machine beside the rules Core decides by, and how it is looked after. A machine without a row has none of it.</summary>
public sealed class MachineCare
{
    public const int MaxText = 1000;

    public required MachineId MachineId { get; init; }

    /// <summary>Protective equipment, one a line, in the words of the lab.</summary>
    public string Protection { get; set; } = "";

    /// <summary>Materials that may be worked, one a line.</summary>
    public string Allowed { get; set; } = "";

    /// <summary>Materials that may never be, one a line.</summary>
    public string Forbidden { get; set; } = "";

    /// <summary>What else to know before one starts.</summary>
    public string Advice { get; set; } = "";

    /// <summary>Who holds this training autonomously may put it back in service where its rule asks for maintenance.</summary>
    public TrainingId? MaintenanceTraining { get; set; }

    /// <summary>Maintenance is due after so many hours of use; null = by nobody's count.</summary>
    public int? EveryHours { get; set; }

    /// <summary>When staff were last reminded; null since the last maintenance.</summary>
    public Instant? RemindedAt { get; set; }

    public long Version { get; set; }
}

/// <summary>A maintenance that was done. Never changed.</summary>
public sealed class Maintenance
{
    public const int MaxNote = 300;

    public required Guid Id { get; init; }

    public required MachineId MachineId { get; init; }

    public required Instant At { get; init; }

    public required PersonId DoneBy { get; init; }

    /// <summary>What was done.</summary>
    public required string Note { get; init; }

    /// <summary>Milliseconds of use since the one before.</summary>
    public required long UsedMs { get; init; }
}

/// <summary>What somebody at the machine wrote about a fault. Nobody signs in for it, so it changes nothing by itself.</summary>
public sealed class FaultReport
{
    public const int MaxText = 500;

    public required Guid Id { get; init; }

    public required MachineId MachineId { get; init; }

    public required Instant At { get; init; }

    public required string Text { get; init; }

    /// <summary>A photo made anew from the pixels of the one sent, JPEG; null for none.</summary>
    public byte[]? Photo { get; init; }

    public Instant? ClosedAt { get; set; }

    public PersonId? ClosedBy { get; set; }

    public long Version { get; set; }
}
