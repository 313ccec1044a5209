using System.Text.Json.Serialization;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Trainings;

/// <summary>A session of a training.</summary>
[JsonConverter(typeof(GuidIdConverter<TrainingSessionId>))]
public readonly record struct TrainingSessionId(Guid Value) : IGuidId<TrainingSessionId>
{
    public static TrainingSessionId From(Guid value) => new(value);

    public static TrainingSessionId New(Instant now) => Ids.New<TrainingSessionId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>What sort of thing a training is.</summary>
public enum TrainingKind
{
    /// <summary>Formation: one learns to use a machine or a program.</summary>
    Course = 0,

    /// <summary>Sécurité: what everybody hears who works here.</summary>
    Safety = 1,

    /// <summary>Découverte: seen and tried for the first time.</summary>
    Discovery = 2,

    /// <summary>Atelier: something is made together.</summary>
    Workshop = 3,
}

/// <summary>A training that must be held before another one.</summary>
public sealed class TrainingPrerequisite
{
    public required TrainingId TrainingId { get; init; }

    public required TrainingId Needs { get; init; }
}

/// <summary>One occurrence of a training.</summary>
public sealed class TrainingSession
{
    public const int MaxPlace = 100;
    public const int MaxWhy = 200;

    public required TrainingSessionId Id { get; init; }

    public required TrainingId TrainingId { get; init; }

    public required Instant Start { get; set; }

    public required Instant End { get; set; }

    /// <summary>Where, in words. Empty: at the lab.</summary>
    public string Place { get; set; } = "";

    /// <summary>How many can take part.</summary>
    public required int Places { get; set; }

    public PersonId? Trainer { get; set; }

    public Instant? CancelledAt { get; set; }

    public string CancelledWhy { get; set; } = "";

    /// <summary>How often habilitations were given to those present: each time has its number.</summary>
    public int Batches { get; set; }

    public Instant CreatedAt { get; init; }

    /// <summary>Counts every change, also of who is enrolled and who is present: whoever gives habilitations names what they saw.</summary>
    public long Version { get; set; }
}

public enum Attendance
{
    /// <summary>Nobody has said yet.</summary>
    Expected = 0,

    Present = 1,

    Absent = 2,
}

/// <summary>A person's place in a session, or in its waiting list: <see cref="Seats"/> says which.</summary>
public sealed class Enrolment
{
    public required TrainingSessionId SessionId { get; init; }

    public required PersonId PersonId { get; init; }

    /// <summary>Order of enrolment in this session, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>All places were taken at the time. With a place now, the person has moved up.</summary>
    public bool Waited { get; init; }

    /// <summary>Came unannounced when all places were taken, and takes none of them.</summary>
    public bool Extra { get; init; }

    public required Instant EnrolledAt { get; init; }

    public required PersonId EnrolledBy { get; init; }

    /// <summary>Why the trainer let them take part without the prerequisite; null when nothing was missing.</summary>
    public string? Why { get; init; }

    public Attendance Attendance { get; set; }

    public PersonId? MarkedBy { get; set; }

    public Instant? MarkedAt { get; set; }

    /// <summary>The habilitation given here, with its act; null before, and after it was taken back.</summary>
    public HabilitationId? HabilitationId { get; set; }

    public int? Act { get; set; }

    /// <summary>Which giving of this session it was.</summary>
    public int? Batch { get; set; }

    public HabilitationLevel GivenLevel { get; set; }

    public PersonId? GivenBy { get; set; }

    public Instant? GivenAt { get; set; }
}
