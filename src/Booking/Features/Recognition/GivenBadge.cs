using FabLab.Booking.Features.Programmes;
using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Recognition;

/// <summary>
/// An Open Badge that the lab gave somebody for a skill. The badge is theirs and travels; this row says that it was given and whether it
/// still counts. It names nobody once they were erased, and the badge they hold stays what it was.
/// </summary>
public sealed class GivenBadge
{
    public required Guid Id { get; init; }

    /// <summary>Whose it is; null once they were erased.</summary>
    public PersonId? PersonId { get; set; }

    public required SkillId SkillId { get; init; }

    public required Instant GivenAt { get; init; }

    public required PersonId GivenBy { get; set; }

    /// <summary>When it was taken back; null while it counts.</summary>
    public Instant? RevokedAt { get; set; }

    /// <summary>Its place in the list of what was taken back: 0 to <see cref="StatusList.Places"/> - 1, drawn at random so that it tells nothing.</summary>
    public required int StatusPlace { get; init; }

    /// <summary>The badge itself, a signed token; empty once the person was erased.</summary>
    public required string Token { get; set; }
}
