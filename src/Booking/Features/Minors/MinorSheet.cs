using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Minors;

/// <summary>What the team must know of somebody under 18. It is deleted on the 18th birthday.</summary>
public sealed class MinorSheet
{
    public required PersonId PersonId { get; init; }

    /// <summary>May go home alone. Null: nobody has said.</summary>
    public bool? MayLeaveAlone { get; set; }

    public long Version { get; set; }
}

/// <summary>A grown-up of a minor: a guardian, somebody who may fetch them, somebody to call. One can be all three.</summary>
public sealed class MinorContact
{
    public const int MaxName = 80;
    public const int MaxPhone = 40;

    public required Guid Id { get; init; }

    public required PersonId PersonId { get; init; }

    public required string Name { get; init; }

    /// <summary>How to reach them; may be left out for somebody who only fetches.</summary>
    public string? Phone { get; init; }

    public bool IsGuardian { get; init; }

    public bool MayFetch { get; init; }

    public bool CallFirst { get; init; }

    public required Instant AddedAt { get; init; }
}

public enum ConsentKind
{
    /// <summary>Taking part in what the lab does.</summary>
    TakePart = 1,

    /// <summary>First aid and being brought to a hospital.</summary>
    Care = 2,

    /// <summary>Pictures, for one use that is named.</summary>
    Photo = 3,
}

/// <summary>One consent as it was given on paper or in person. A withdrawal ends it; the row stays until the person is 18.</summary>
public sealed class MinorConsent
{
    public const int MaxUse = 120;

    public required Guid Id { get; init; }

    public required PersonId PersonId { get; init; }

    public required ConsentKind Kind { get; init; }

    /// <summary>For pictures: what they may be used for ("affiche de l'atelier"). Empty otherwise.</summary>
    public required string Use { get; init; }

    /// <summary>Who gave it, as they signed.</summary>
    public required string GivenBy { get; init; }

    public required LocalDate GivenOn { get; init; }

    /// <summary>Last day, included.</summary>
    public required LocalDate Until { get; init; }

    public Instant? WithdrawnAt { get; set; }

    public bool HoldsOn(LocalDate day) => WithdrawnAt is null && GivenOn <= day && day <= Until;
}
