using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Volunteering;

/// <summary>What volunteers give their time to.</summary>
public enum VolunteeringKind
{
    /// <summary>Accueil.</summary>
    Desk = 0,

    /// <summary>Atelier: leading, helping, teaching.</summary>
    Workshop = 1,

    /// <summary>Maintenance of machines and of the place.</summary>
    Maintenance = 2,

    /// <summary>Gouvernance: committees, projects of the place.</summary>
    Governance = 3,

    /// <summary>Autre.</summary>
    Other = 4,
}

/// <summary>
/// Time somebody gave to the place on one day. A row is never deleted: what was wrong is taken out of every sum. When the person is
/// erased the time stays with a pseudonym, for the annual account it went into.
/// </summary>
public sealed class VolunteerHours
{
    public const int MaxNote = 200;

    /// <summary>The longest time on one day, in minutes.</summary>
    public const int MostMinutes = 24 * 60;

    public required Guid Id { get; init; }

    public required PersonId PersonId { get; set; }

    public required LocalDate Day { get; init; }

    /// <summary>1 to <see cref="MostMinutes"/>.</summary>
    public required int Minutes { get; init; }

    public required VolunteeringKind Kind { get; init; }

    /// <summary>The number of the <see cref="Sites.LabSite"/> it was given at.</summary>
    public int Site { get; init; } = Sites.LabSite.First;

    /// <summary>What was done, in words; may be empty.</summary>
    public string Note { get; set; } = "";

    /// <summary>Who noted it.</summary>
    public required PersonId AddedBy { get; set; }

    public required Instant AddedAt { get; init; }

    /// <summary>Taken out: counted nowhere.</summary>
    public bool TakenOut { get; set; }
}
