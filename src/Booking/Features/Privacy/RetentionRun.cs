using NodaTime;

namespace FabLab.Booking.Features.Privacy;

/// <summary>What the purge did once, by one rule. Rounds in which a rule found nothing leave no row.</summary>
public sealed class RetentionRun
{
    public required Guid Id { get; init; }

    public required Instant At { get; init; }

    /// <summary>Code of the rule, see <see cref="RetentionRules"/>.</summary>
    public required string Rule { get; init; }

    /// <summary>What is older than this was due.</summary>
    public required Instant Before { get; init; }

    /// <summary>How many rows were detached or deleted.</summary>
    public required long Rows { get; init; }
}
