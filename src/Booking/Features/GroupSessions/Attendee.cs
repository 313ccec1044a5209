using System.Text.Json.Serialization;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Visits;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>A line of the list of a séance.</summary>
[JsonConverter(typeof(GuidIdConverter<AttendeeId>))]
public readonly record struct AttendeeId(Guid Value) : IGuidId<AttendeeId>
{
    public static AttendeeId From(Guid value) => new(value);

    public static AttendeeId New(Instant now) => Ids.New<AttendeeId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Whether somebody of the list was there.</summary>
public enum AttendanceStatus
{
    /// <summary>Prévu·e: nobody has said yet.</summary>
    Expected = 0,

    Present = 1,

    /// <summary>Absence excusée.</summary>
    Excused = 2,

    Absent = 3,
}

/// <summary>How it was noted that somebody came.</summary>
public enum AttendanceWay
{
    NotSaid = 0,

    /// <summary>Somebody ticked them.</summary>
    Ticked = 1,

    /// <summary>Their badge, at the door, at the desk.</summary>
    Door = 2,

    /// <summary>Their badge at a machine.</summary>
    Machine = 3,
}

/// <summary>How somebody left.</summary>
public enum LeavingWay
{
    NotSaid = 0,

    /// <summary>Alone: an adult, or a minor who may.</summary>
    Alone = 1,

    /// <summary>With a grown-up who may fetch them.</summary>
    Fetched = 2,

    /// <summary>With the mentor of their own organisation: a class goes home as it came.</summary>
    WithGroup = 3,

    /// <summary>By the badge at the door.</summary>
    Door = 4,
}

/// <summary>As activity reports count; optional for everybody.</summary>
public enum Gender
{
    NotSaid = 0,
    Female = 1,
    Male = 2,
}

/// <summary>What somebody does, as activity reports count; optional for everybody.</summary>
public enum Occupation
{
    NotSaid = 0,

    /// <summary>Scolarisé·e.</summary>
    School = 1,

    /// <summary>Sans emploi.</summary>
    Jobless = 2,

    /// <summary>En emploi.</summary>
    Employed = 3,

    /// <summary>Retraité·e.</summary>
    Retired = 4,
}

/// <summary>Whether somebody lives in a quartier prioritaire (QPV), as funders count; optional for everybody. The address itself is kept nowhere.</summary>
public enum PriorityArea
{
    NotSaid = 0,
    Yes = 1,
    No = 2,
}

/// <summary>One line of the list of a séance: a person of the lab, a first name, or only a number.</summary>
public sealed class Attendee
{
    public const int MaxName = 40;
    public const int MaxWith = 80;

    public required AttendeeId Id { get; init; }

    public required GroupSessionId SessionId { get; init; }

    /// <summary>Its place in the list, from 1; said instead of a name where there is none.</summary>
    public required int Number { get; init; }

    /// <summary>A person of the lab; null for a first name or a number, and once the person was erased.</summary>
    public PersonId? PersonId { get; set; }

    /// <summary>For somebody who is nobody of the lab; empty for a person, and for a number.</summary>
    public string FirstName { get; set; } = "";

    public AttendanceStatus Status { get; set; }

    public AttendanceWay Way { get; set; }

    /// <summary>When they came; null while they have not.</summary>
    public Instant? ArrivedAt { get; set; }

    /// <summary>When they left; null while they are there.</summary>
    public Instant? LeftAt { get; set; }

    /// <summary>Who brought them, in words ("éducatrice", "sa mère"); may be empty.</summary>
    public string CameWith { get; set; } = "";

    public LeavingWay LeftHow { get; set; }

    /// <summary>The grown-up of the minor's sheet who fetched them: the name lies there and nowhere else.</summary>
    public Guid? LeftWith { get; set; }

    /// <summary>Null: not said, or known from the birth date.</summary>
    public AgeBand? Band { get; set; }

    public Gender Gender { get; set; }

    public Occupation Occupation { get; set; }

    public PriorityArea PriorityArea { get; set; }

    /// <summary>Déjà accompagné·e: has been here before. Null: not said.</summary>
    public bool? Known { get; set; }

    /// <summary>Who noted it last; null when it noted itself.</summary>
    public PersonId? MarkedBy { get; set; }

    public Instant? MarkedAt { get; set; }

    public required Instant AddedAt { get; init; }

    /// <summary>Whether they are there now.</summary>
    public bool Here => Status == AttendanceStatus.Present && LeftAt is null;
}

/// <summary>People who are only counted: how many of one kind came.</summary>
public sealed class AttendanceCount
{
    public required GroupSessionId SessionId { get; init; }

    public required AgeBand Band { get; init; }

    public required Gender Gender { get; init; }

    public required Occupation Occupation { get; init; }

    /// <summary>Déjà accompagnés.</summary>
    public required bool Known { get; init; }

    /// <summary>From 1.</summary>
    public required int Number { get; set; }
}

/// <summary>Half of a day, as attendance is signed for.</summary>
public enum HalfDay
{
    /// <summary>Begins before 13:00.</summary>
    Morning = 0,

    Afternoon = 1,
}

/// <summary>What proves that somebody was there.</summary>
public enum ProofKind
{
    /// <summary>Drawn on the screen.</summary>
    Drawn = 0,

    /// <summary>Their badge, at the time it was read.</summary>
    Badge = 1,
}

/// <summary>A signature of somebody of the list, or of a mentor, for one half-day.</summary>
public sealed class SessionSignature
{
    /// <summary>The most that a drawn signature may take, in characters.</summary>
    public const int MaxDrawing = 8000;

    public required Guid Id { get; init; }

    public required GroupSessionId SessionId { get; init; }

    /// <summary>The line of the list; null for a mentor.</summary>
    public AttendeeId? AttendeeId { get; init; }

    /// <summary>The person of that line, or the mentor.</summary>
    public PersonId? PersonId { get; init; }

    public required LocalDate Day { get; init; }

    public required HalfDay Half { get; init; }

    public required ProofKind Proof { get; init; }

    /// <summary>Of a drawn one: its strokes as an SVG path of whole numbers within 0 to 600 by 0 to 200. Empty for a badge.</summary>
    public string Drawing { get; init; } = "";

    public required Instant At { get; init; }
}
