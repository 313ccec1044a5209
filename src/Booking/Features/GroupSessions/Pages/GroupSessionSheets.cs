using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.Programmes;
using FabLab.Core;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions.Pages;

/// <summary>One séance in a list; no name of anybody.</summary>
public sealed record GroupSessionLine(GroupSession Session, Words? Programme, IReadOnlyList<string> Partners, int Listed, int Present, int Counted);

/// <summary>The séances a viewer may see.</summary>
public sealed record GroupSessionList(IReadOnlyList<GroupSessionLine> Now, IReadOnlyList<GroupSessionLine> Next, IReadOnlyList<GroupSessionLine> Past, bool Leads);

/// <summary>A mentor of a séance.</summary>
public sealed record MentorLine(SessionMentor Row, string Name);

/// <summary>A machine of a séance.</summary>
public sealed record MachineLine(MachineId Id, string Code, Words Name, bool Kept);

/// <summary>A skill somebody may work on.</summary>
public sealed record SkillLine(SkillId Id, Words Name, SkillKind Kind, bool Worked);

/// <summary>A line of the list, as this viewer may read it.</summary>
public sealed record AttendeeLine(Attendee Row, string Name)
{
    /// <summary>Known to be under 18, or not known to be an adult.</summary>
    public bool Minor { get; init; }

    public bool MayLeaveAlone { get; init; }

    public IReadOnlyList<(Guid Id, string Name)> Fetchers { get; init; } = [];

    /// <summary>Who fetched them.</summary>
    public string? FetchedBy { get; init; }

    /// <summary>A minor without a consent for pictures that holds on the day.</summary>
    public bool NoPhoto { get; init; }

    public IReadOnlyDictionary<SkillId, SkillMark> Skills { get; init; } = new Dictionary<SkillId, SkillMark>();

    public IReadOnlyList<SessionSignature> Proofs { get; init; } = [];

    /// <summary>Machine and how long it was on for them during the séance.</summary>
    public IReadOnlyList<(string Code, Duration On)> Machines { get; init; } = [];
}

/// <summary>What may be chosen in the form of a séance.</summary>
public sealed record GroupSessionChoices(
    IReadOnlyList<(ProgrammeId Programme, StepId? Step, Words Name)> Steps, IReadOnlyList<(Guid Id, string Name)> Groups, IReadOnlyList<(PersonId Id, string Name)> Mentors,
    IReadOnlyList<(PartnerId Id, string Name)> Partners, IReadOnlyList<(MachineId Id, string Code, Words Name)> Machines, IReadOnlyList<(ProjectId Id, string Name)> Projects)
{
    /// <summary>Sites of the lab; none while there is one.</summary>
    public IReadOnlyList<(int Number, string Name)> Sites { get; init; } = [];
}

/// <summary>A séance as it is written into the form, with what is wrong with it.</summary>
public sealed record GroupSessionForm
{
    public string Title { get; init; } = "";

    public string Day { get; init; } = "";

    public string Hour { get; init; } = "14:00";

    public string Minutes { get; init; } = "180";

    public GroupSessionToBe Rest { get; init; } = new("", default, 0);

    /// <summary>Last day of a new one that is repeated each week; empty for once.</summary>
    public string Until { get; init; } = "";

    public string Expected { get; init; } = "";

    public string PerMentor { get; init; } = "";

    public (string Field, string Fault)? Fault { get; init; }
}

/// <summary>The page on which a séance is made or changed.</summary>
public sealed record GroupSessionFormSheet(GroupSessionId? Id, GroupSessionForm Form, GroupSessionChoices Choices, bool Proposes);

/// <summary>The page of one séance.</summary>
public sealed record GroupSessionSheet
{
    /// <summary>The name of the site it is held at; null at no site, and while there is one.</summary>
    public string? Site { get; init; }

    public required GroupSession Session { get; init; }

    public Words? Programme { get; init; }

    public Words? Step { get; init; }

    public string? Project { get; init; }

    public IReadOnlyList<string> Partners { get; init; } = [];

    public IReadOnlyList<string> Strands { get; init; } = [];

    public string? Lead { get; init; }

    public string? Group { get; init; }

    public IReadOnlyList<MentorLine> Mentors { get; init; } = [];

    public IReadOnlyList<MachineLine> Machines { get; init; } = [];

    public IReadOnlyList<AttendeeLine> People { get; init; } = [];

    public IReadOnlyList<AttendanceCount> Counts { get; init; } = [];

    public IReadOnlyList<SkillLine> Skills { get; init; } = [];

    public IReadOnlyList<SessionSignature> MentorSignatures { get; init; } = [];

    public IReadOnlyList<SheetHalf> Halves { get; init; } = [];

    public required Supervising Supervising { get; init; }

    /// <summary>May hold it and write its sheet.</summary>
    public bool Leads { get; init; }

    /// <summary>How many séances to come were planned together with it.</summary>
    public int Repeats { get; init; }

    /// <summary>May say yes to a proposal.</summary>
    public bool MayAccept { get; init; }

    /// <summary>May look for people to put on the list.</summary>
    public bool MayFind { get; init; }

    /// <summary>The trainings the viewer may grant.</summary>
    public IReadOnlyList<(TrainingId Id, Words Name)> Grants { get; init; } = [];

    public string? Search { get; init; }

    public IReadOnlyList<PersonLine> Found { get; init; } = [];

    public string? Problem { get; init; }

    /// <summary>Whether anything can be changed now.</summary>
    public required bool Changeable { get; init; }

    /// <summary>Whether people can be ticked: it is held, was held, or its time has come.</summary>
    public required bool Ticks { get; init; }

    /// <summary>The list is ticked now.</summary>
    public bool Marks => Ticks && Changeable;

    /// <summary>People of the lab who were there: skills and habilitations are theirs to have.</summary>
    public IReadOnlyList<AttendeeLine> Named => [.. People.Where(p => p.Row is { PersonId: not null, Status: AttendanceStatus.Present })];

    public required bool MayOpen { get; init; }

    public string Path => $"/sessions/{Session.Id}";

    public int Present => People.Count(p => p.Row.Status == AttendanceStatus.Present);

    public int Left => People.Count(p => p.Row is { Status: AttendanceStatus.Present, LeftAt: not null });

    public int Counted => Counts.Sum(c => c.Number);

    public bool Over => Session.State is GroupSessionState.Done or GroupSessionState.Locked;
}
