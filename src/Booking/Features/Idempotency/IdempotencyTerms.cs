namespace FabLab.Booking.Features.Idempotency;

/// <summary>Stands on an endpoint that changes something: whether it takes an <c>Idempotency-Key</c>.</summary>
/// <param name="Takes">False where the answer holds a secret, or the body does: neither is kept.</param>
internal sealed record IdempotencyTerms(bool Takes)
{
    public static IdempotencyTerms Taken { get; } = new(true);

    public static IdempotencyTerms Refused { get; } = new(false);
}
