using FabLab.Booking.Features.Programmes;
using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Reports;

/// <summary>A secret address under which a funder reads one report, and nothing else, until it expires or is stopped.</summary>
public sealed class ReportLink
{
    public const int MaxForWhom = 80;

    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the secret. The secret has 256 random bits, so a fast hash is enough.</summary>
    public required byte[] SecretHash { get; init; }

    /// <summary>The organisation it was made for, in words; not empty.</summary>
    public required string ForWhom { get; init; }

    /// <summary>First day of the report.</summary>
    public required LocalDate From { get; init; }

    /// <summary>Last day of the report, included.</summary>
    public required LocalDate Through { get; init; }

    /// <summary>Only this programme; null = not narrowed.</summary>
    public ProgrammeId? ProgrammeId { get; init; }

    /// <summary>Only this strand; null = not narrowed.</summary>
    public StrandId? StrandId { get; init; }

    /// <summary>Only the site of this number, as in <see cref="ReportScope.Site"/>; null = not narrowed.</summary>
    public int? Site { get; init; }

    /// <summary>From when on it does not work any more: the end of the last day it was made for.</summary>
    public required Instant ExpiresAt { get; init; }

    /// <summary>Who made it; null once they were erased.</summary>
    public PersonId? MadeBy { get; set; }

    public required Instant MadeAt { get; init; }

    /// <summary>When it was stopped; null while it was not.</summary>
    public Instant? RevokedAt { get; set; }

    /// <summary>When somebody last read it, to the hour; null when nobody did.</summary>
    public Instant? ReadAt { get; set; }

    /// <summary>Whether it works at a moment.</summary>
    public bool Works(Instant now) => RevokedAt is null && now < ExpiresAt;
}
