using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.People.Pages;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Trainings.Pages;

/// <summary>What the viewer has to do with a session.</summary>
public enum OwnSeat
{
    None,
    Place,

    /// <summary>Has a place, after having waited.</summary>
    MovedUp,
    Waits,
}

/// <summary>One session in a list: no name but the trainer's, and that only for those who may take part.</summary>
public sealed record SessionLine(
    TrainingSession Session, Words Training, string? Trainer, int Taken, int Waiting, OwnSeat Own, int OwnWaiting, bool Leads)
{
    public int Free => Math.Max(0, Session.Places - Taken);
}

/// <summary>One training in the catalogue.</summary>
public sealed record TrainingCard(
    Training Training, IReadOnlyList<(TrainingId Id, Words Name)> Needs, IReadOnlyList<(string Code, Words Name)> Opens, IReadOnlyList<SessionLine> Next)
{
    public Words Name => new(Training.NameFr, Training.NameEn);
}

/// <summary>The catalogue, and above it what the viewer is enrolled in or leads.</summary>
public sealed record CatalogueSheet(IReadOnlyList<TrainingCard> Trainings, IReadOnlyList<SessionLine> Mine, IReadOnlyList<TrainingCard> Retired);

/// <summary>The page of one training.</summary>
public sealed record TrainingSheet(TrainingCard Card, string? Trainer, IReadOnlyList<SessionLine> Past, bool Teaches, SessionForm Form, IReadOnlyList<(PersonId Id, string Name)> Trainers);

/// <summary>A session as it is written into the form, with what is wrong with it.</summary>
public sealed record SessionForm(string Day, string Time, string Minutes, string Places, string Place, PersonId? Trainer, long Version)
{
    public (string Field, Phrase Fault)? Fault { get; init; }

    /// <summary>Who or what would be in two places at once; whoever has read it may go on.</summary>
    public Words? Clash { get; init; }
}

/// <summary>A person of the list.</summary>
public sealed record SessionPerson(Seat Seat, PersonLine Person, bool Suspended, bool May)
{
    public string Name => Person.Name ?? Person.Code;
}

/// <summary>Habilitations given at once.</summary>
public sealed record GivenBatch(int Number, int People, HabilitationLevel Level, string? By, Instant At);

/// <summary>Somebody who was looked for.</summary>
public sealed record FoundPerson(PersonLine Person, IReadOnlyList<Words> Missing, bool Listed)
{
    /// <summary>What else they have to do at that time; null when nothing.</summary>
    public Words? Clash { get; init; }
}

/// <summary>The page of one session.</summary>
public sealed record SessionSheet
{
    public required SessionLine Line { get; init; }

    public required TrainingCard Card { get; init; }

    /// <summary>Those whom the viewer may see in it.</summary>
    public required IReadOnlyList<SessionPerson> People { get; init; }

    /// <summary>The viewer sees all of the list.</summary>
    public required bool SeesAll { get; init; }

    /// <summary>May take part themselves.</summary>
    public required bool MayEnrol { get; init; }

    /// <summary>May look for people and put them on the list.</summary>
    public required bool MayAdd { get; init; }

    /// <summary>May change who the trainer is.</summary>
    public required bool Teaches { get; init; }

    /// <summary>Its day has come.</summary>
    public required bool HasCome { get; init; }

    public required bool Begun { get; init; }

    /// <summary>What the viewer would have to hold first.</summary>
    public IReadOnlyList<Words> Missing { get; init; } = [];

    /// <summary>What else the viewer has to do at that time; null when nothing.</summary>
    public Words? Clash { get; init; }

    public IReadOnlyList<GivenBatch> Given { get; init; } = [];

    public required SessionForm Form { get; init; }

    public required IReadOnlyList<(PersonId Id, string Name)> Trainers { get; init; }

    public string? Search { get; init; }

    public IReadOnlyList<FoundPerson> Found { get; init; } = [];

    /// <summary>Why the last change was not made.</summary>
    public string? Problem { get; init; }

    public TrainingSessionId Id => Line.Session.Id;

    public string Path => $"/trainings/sessions/{Id}";

    /// <summary>Present, and without the habilitation from here.</summary>
    public IReadOnlyList<SessionPerson> ToGive => [.. People.Where(p => p.Seat.Enrolment is { Attendance: Attendance.Present, Batch: null })];
}
