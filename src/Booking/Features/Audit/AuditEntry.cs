using NodaTime;

namespace FabLab.Booking.Features.Audit;

/// <summary>
/// One link of the chain: that something was done or decided, when, and commitments to who did it, to what, and in which words.
/// Never changed, never deleted. The values themselves lie in <see cref="AuditValue"/>, where they can be erased.
/// </summary>
public sealed class AuditEntry
{
    /// <summary>Place in the chain, from 1 without a gap.</summary>
    public required long Seq { get; init; }

    public required Instant At { get; init; }

    /// <summary>Stable code, such as "habilitation.granted".</summary>
    public required string Action { get; init; }

    /// <summary>What it is about where that says nothing of a person: the place of a journal record. Empty otherwise.</summary>
    public required string Fact { get; init; }

    /// <summary>Commitment to who did it; null when nobody did (a decision of a gateway, the purge).</summary>
    public string? ByCommitment { get; init; }

    /// <summary>Commitment to what it was done to; null for the whole site.</summary>
    public string? SubjectCommitment { get; init; }

    /// <summary>Commitment to why or what exactly, in the words given; null when there was nothing to add.</summary>
    public string? DetailCommitment { get; init; }

    /// <summary>How many values this act erased from <see cref="AuditValue"/>: a value that is missing and was not erased so is a fault.</summary>
    public required int ValuesErased { get; init; }

    /// <summary>Hash of the link before.</summary>
    public required string Previous { get; init; }

    /// <summary>Hash over everything above.</summary>
    public required string Hash { get; init; }
}
