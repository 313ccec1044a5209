using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Audit;

/// <summary>An act on its way into the chain: it gets its place when the group of writes is committed.</summary>
internal sealed record AuditAct(Instant At, string Action)
{
    public PersonId? By { get; init; }

    /// <summary>Empty for the whole site.</summary>
    public Guid Subject { get; init; }

    public string Detail { get; init; } = "";

    public string Fact { get; init; } = "";

    public int ValuesErased { get; init; }
}
