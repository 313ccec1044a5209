using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Programmes;

/// <summary>Somebody who pays for what the lab does: a town, a region, a foundation.</summary>
public sealed class Funder
{
    public const int MaxName = 100;

    public required FunderId Id { get; init; }

    public required string Name { get; set; }

    /// <summary>No longer chosen for anything new; what was paid stays.</summary>
    public bool Retired { get; set; }

    public long Version { get; set; }
}

/// <summary>One strand (volet) of a funder: what it pays for under one name. One séance may count for several.</summary>
public sealed class FunderStrand
{
    public const int MaxName = 100;
    public const int MaxCode = 20;

    public required StrandId Id { get; init; }

    public required FunderId FunderId { get; init; }

    public required string Name { get; set; }

    /// <summary>How it is called in files, such as "PDV-2026". Unique, upper case.</summary>
    public required string Code { get; set; }

    public bool Retired { get; set; }
}

/// <summary>An organisation with which séances are made: a mission locale, a school, a centre social.</summary>
public sealed class Partner
{
    public const int MaxName = 100;
    public const int MaxKind = 60;

    public required PartnerId Id { get; init; }

    public required string Name { get; set; }

    /// <summary>What it is, in the words of the lab; may be empty.</summary>
    public string Kind { get; set; } = "";

    public bool Retired { get; set; }

    public long Version { get; set; }
}

/// <summary>Somebody who acts for a partner: sees its séances, proposes them, prepares their lists.</summary>
public sealed class PartnerPerson
{
    public required PartnerId PartnerId { get; init; }

    public required PersonId PersonId { get; init; }
}

/// <summary>What is done over months with some people: « Initiation », « Professionnalisation ».</summary>
public sealed class Programme
{
    public const int MaxName = 100;
    public const int MaxDescription = 1000;

    public required ProgrammeId Id { get; init; }

    public required string NameFr { get; set; }

    /// <summary>Empty: it is called as in French.</summary>
    public string NameEn { get; set; } = "";

    public string Description { get; set; } = "";

    /// <summary>Référent·e.</summary>
    public PersonId? Lead { get; set; }

    public LocalDate? From { get; set; }

    /// <summary>Its last day, included.</summary>
    public LocalDate? Until { get; set; }

    /// <summary>How many séances were promised; null = nothing was.</summary>
    public int? GoalSessions { get; set; }

    /// <summary>How many different people.</summary>
    public int? GoalPeople { get; set; }

    /// <summary>How many hours of presence, all people together.</summary>
    public int? GoalHours { get; set; }

    public bool Closed { get; set; }

    public long Version { get; set; }
}

/// <summary>A strand that pays for a programme: new séances of it count for this strand.</summary>
public sealed class ProgrammeStrand
{
    public required ProgrammeId ProgrammeId { get; init; }

    public required StrandId StrandId { get; init; }
}

/// <summary>Parcours: the way through a programme, step by step.</summary>
public sealed class Pathway
{
    public const int MaxName = 100;

    public required PathwayId Id { get; init; }

    public required ProgrammeId ProgrammeId { get; init; }

    public required string NameFr { get; set; }

    public string NameEn { get; set; } = "";

    public int Position { get; set; }

    public bool Closed { get; set; }
}

/// <summary>Étape: one step of a pathway.</summary>
public sealed class PathwayStep
{
    public const int MaxName = 100;

    public required StepId Id { get; init; }

    public required PathwayId PathwayId { get; init; }

    public required string NameFr { get; set; }

    public string NameEn { get; set; } = "";

    public int Position { get; set; }

    public bool Closed { get; set; }
}

public enum SkillKind
{
    /// <summary>Technique: draw for the laser, solder, print.</summary>
    Technical = 0,

    /// <summary>Transversale: work in a group, keep to a plan.</summary>
    Transversal = 1,
}

/// <summary>Compétence: something one can do and show.</summary>
public sealed class Skill
{
    public const int MaxName = 100;

    public required SkillId Id { get; init; }

    public required string NameFr { get; set; }

    public string NameEn { get; set; } = "";

    public SkillKind Kind { get; set; }

    public bool Retired { get; set; }

    public long Version { get; set; }
}

/// <summary>A skill that is worked on in a step.</summary>
public sealed class StepSkill
{
    public required StepId StepId { get; init; }

    public required SkillId SkillId { get; init; }
}

/// <summary>What somebody has put on the page of their pathway that they print or show. Without a row nothing is shown to others.</summary>
public sealed class OwnPage
{
    public required PersonId PersonId { get; init; }

    public bool Name { get; set; }

    public bool Steps { get; set; }

    public bool Skills { get; set; }

    public bool Hours { get; set; }

    public bool Projects { get; set; }

    public bool Habilitations { get; set; }

    public long Version { get; set; }
}
