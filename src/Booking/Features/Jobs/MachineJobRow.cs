using FabLab.Core;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Booking.Features.Jobs;

/// <summary>
/// A job as a machine itself told of it. Whose it is follows from the use it began in, and that is on the ledger; only a job that began
/// in no use says by itself who made it. It counts no time: that is the ledger's.
/// </summary>
public sealed class MachineJobRow
{
    public required Guid Id { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>Who told of it.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>What that device calls it: with machine and device it names the job once and for all.</summary>
    public required string Job { get; init; }

    /// <summary>The name of a file, mostly; it may name somebody. Empty when the device does not know, and once it is too old or its maker was erased.</summary>
    public string Name { get; set; } = "";

    public JobState State { get; set; }

    public Instant StartedAt { get; set; }

    /// <summary>Null while it is in hand.</summary>
    public Instant? EndedAt { get; set; }

    /// <summary>Milliseconds from its start to its end, or until it was last told of, without its pauses.</summary>
    public long WorkingMs { get; set; }

    /// <summary>0 to 100; null when the device does not know.</summary>
    public int? Progress { get; set; }

    /// <summary>Material used, in thousandths of a gram; null when the device does not know.</summary>
    public long? Milligrams { get; set; }

    /// <summary>Material used, in millimetres; null when the device does not know.</summary>
    public long? Millimetres { get; set; }

    /// <summary>The use it began in; null for none.</summary>
    public SessionId? SessionId { get; set; }

    /// <summary>For a job that began in no use: who made it, as they or the team said. Null before.</summary>
    public PersonId? PersonId { get; set; }

    /// <summary>For which project they made it.</summary>
    public ProjectId? ProjectId { get; set; }

    /// <summary>Who said so.</summary>
    public PersonId? AttributedBy { get; set; }

    public Instant? AttributedAt { get; set; }

    /// <summary>From whose journal, and which record of the machine said all this.</summary>
    public required string Gateway { get; set; }

    public required long Epoch { get; set; }

    public required long Seq { get; set; }

    public long Version { get; set; }
}
