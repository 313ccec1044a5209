using FabLab.Core;
using FabLab.Core.Visits;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>
/// One visit of the place. A row is never deleted: what was wrong is put right or taken out of every count, and the audit says by whom.
/// </summary>
public sealed class Visit
{
    /// <summary>Longest code of a reason and longest name of a kiosk.</summary>
    public const int MaxCode = 32;

    /// <summary>Made where the visit is noted.</summary>
    public required VisitId Id { get; init; }

    /// <summary>Who; null without a name. After an erasure or the years that names are kept a pseudonym, see <see cref="Privacy.Detachment"/>.</summary>
    public PersonId? PersonId { get; set; }

    /// <summary>Code of the <see cref="VisitReason"/>; null when none was said.</summary>
    public string? Reason { get; set; }

    /// <summary>Said by who gave no name; null for everybody else.</summary>
    public AgeBand? AgeBand { get; set; }

    /// <summary>Whether it was said to be the first visit, or is the first of a person.</summary>
    public bool First { get; set; }

    public required Instant ArrivedAt { get; set; }

    /// <summary>Null while they are in.</summary>
    public Instant? LeftAt { get; set; }

    /// <summary>Null while they are in.</summary>
    public LeftHow? LeftHow { get; set; }

    public required VisitWay Way { get; init; }

    /// <summary>Which kiosk noted it; empty when it was noted in Booking.</summary>
    public string Kiosk { get; init; } = "";

    /// <summary>The number of the <see cref="Sites.LabSite"/> they came to.</summary>
    public int Site { get; init; } = Sites.LabSite.First;

    /// <summary>The session of a group it belongs to.</summary>
    public Guid? GroupSessionId { get; set; }

    /// <summary>By how much the kiosk's clock was wrong; its times were moved by this. Null when it was right.</summary>
    public Duration? ClockOff { get; init; }

    /// <summary>Taken out by staff: counted nowhere.</summary>
    public bool TakenOut { get; set; }

    /// <summary>Counts the changes; a change must name the version it saw.</summary>
    public long Version { get; set; }
}
