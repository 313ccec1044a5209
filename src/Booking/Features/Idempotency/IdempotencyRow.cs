using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Idempotency;

/// <summary>A request that brought an <c>Idempotency-Key</c>, and what it was answered. Kept for a day.</summary>
public sealed class IdempotencyRow
{
    public const int MaxName = 200;

    /// <summary>Who asked: a person or a token. Two of them may use the same key.</summary>
    public required PersonId Actor { get; init; }

    /// <summary>The key, as it was sent.</summary>
    public required string Name { get; init; }

    /// <summary>Where it was sent.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of address and body: the same key with another body is a mistake.</summary>
    public required byte[] BodyHash { get; init; }

    /// <summary>Which run of the request has the key. A run that lost it can commit nothing.</summary>
    public required Guid Claim { get; set; }

    public required Instant ClaimedAt { get; set; }

    /// <summary>The change is made; written in its own transaction, so that it is never made twice.</summary>
    public bool Committed { get; set; }

    /// <summary>Null until it was answered.</summary>
    public int? Status { get; set; }

    public string? Answer { get; set; }

    public string? ContentType { get; set; }

    public string? Location { get; set; }

    public string? Etag { get; set; }
}
