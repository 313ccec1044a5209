using FabLab.Booking.Features.Programmes;
using FabLab.Core;
using FabLab.Core.Visits;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>What sort of séance it is.</summary>
public enum GroupSessionKind
{
    /// <summary>Découverte.</summary>
    Discovery = 0,

    /// <summary>Projet de fabrication.</summary>
    Project = 1,

    /// <summary>Sensibilisation.</summary>
    Awareness = 2,

    /// <summary>Atelier.</summary>
    Workshop = 3,

    /// <summary>Formation.</summary>
    Course = 4,

    /// <summary>Évènement.</summary>
    Event = 5,

    Other = 6,
}

/// <summary>How far a séance is.</summary>
public enum GroupSessionState
{
    /// <summary>It is to come, and its list is being prepared.</summary>
    Planned = 0,

    /// <summary>It is being held: people come in, machines may be used with its mentors.</summary>
    Open = 1,

    /// <summary>It was held; its sheet may be finished for a day.</summary>
    Done = 2,

    /// <summary>A day has passed: what stands there stands, and a correction says why.</summary>
    Locked = 3,

    /// <summary>A partner proposes it and the lab has not said yes.</summary>
    Proposed = 4,

    /// <summary>It does not take place.</summary>
    Cancelled = 5,
}

/// <summary>Where a séance is held, as activity reports ask.</summary>
public enum PlaceKind
{
    /// <summary>At the lab.</summary>
    Lab = 0,

    /// <summary>Hors les murs, or at a place that lasts some days.</summary>
    Elsewhere = 1,

    /// <summary>À distance.</summary>
    Remote = 2,
}

/// <summary>How hard it was, as activity reports ask.</summary>
public enum SessionLevel
{
    NotSaid = 0,
    Beginner = 1,
    Intermediate = 2,
    Advanced = 3,
}

/// <summary>What was used, as activity reports ask. Several at once.</summary>
[Flags]
public enum SessionMaterials
{
    None = 0,
    Computer = 1,
    Phone = 2,
    Tablet = 4,
    Other = 8,
}

/// <summary>What it was about, as the activity reports of digital mediation ask. Several at once.</summary>
[Flags]
public enum SessionThemes
{
    None = 0,

    /// <summary>Créer avec le numérique: what a fablab does.</summary>
    Creating = 1,

    /// <summary>Prendre en main un ordinateur.</summary>
    Computer = 2,

    /// <summary>Prendre en main un téléphone ou une tablette.</summary>
    PhoneOrTablet = 4,

    /// <summary>Naviguer sur internet.</summary>
    Internet = 8,

    /// <summary>Courriel.</summary>
    Mail = 16,

    /// <summary>Bureautique.</summary>
    Office = 32,

    /// <summary>Insertion professionnelle.</summary>
    Work = 64,

    /// <summary>Sécurité numérique.</summary>
    Security = 128,

    /// <summary>Culture numérique.</summary>
    Culture = 256,

    /// <summary>Aide aux démarches.</summary>
    Paperwork = 512,

    /// <summary>Scolarité et numérique.</summary>
    School = 1024,
}

/// <summary>Séance: one occurrence of what a group does, with its sheet.</summary>
public sealed class GroupSession
{
    public const int MaxTitle = 100;
    public const int MaxPlace = 100;
    public const int MaxCommune = 80;
    public const int MaxPostCode = 10;
    public const int MaxInsee = 5;
    public const int MaxNote = 2000;
    public const int MaxWhy = 200;

    public required GroupSessionId Id { get; init; }

    public ProgrammeId? ProgrammeId { get; set; }

    public StepId? StepId { get; set; }

    public required string Title { get; set; }

    public GroupSessionKind Kind { get; set; }

    public GroupSessionState State { get; set; }

    public required Instant Start { get; set; }

    /// <summary>Planned end, excluded. When it was really ended stands in <see cref="ClosedAt"/>.</summary>
    public required Instant End { get; set; }

    public PlaceKind PlaceKind { get; set; }

    /// <summary>The number of the <see cref="Sites.LabSite"/> where it is held; without effect where <see cref="PlaceKind"/> is another.</summary>
    public int Site { get; set; } = Sites.LabSite.First;

    /// <summary>Where, in words. Empty: at the lab.</summary>
    public string Place { get; set; } = "";

    public string Commune { get; set; } = "";

    public string PostCode { get; set; } = "";

    /// <summary>The code of the commune by INSEE, five signs; may be empty.</summary>
    public string Insee { get; set; } = "";

    /// <summary>Référent·e.</summary>
    public PersonId? Lead { get; set; }

    /// <summary>The group of people it is for; its members are put on the list, and machines are kept for it.</summary>
    public Guid? GroupId { get; set; }

    /// <summary>The project that is worked on.</summary>
    public ProjectId? ProjectId { get; set; }

    /// <summary>How many people are expected where nobody is named; null = the list says it.</summary>
    public int? Expected { get; set; }

    /// <summary>How many young people one mentor may have at machines at once; null = as the place says.</summary>
    public int? PerMentor { get; set; }

    public SessionLevel Level { get; set; }

    public SessionMaterials Materials { get; set; }

    public SessionThemes Themes { get; set; }

    /// <summary>Fait: what was done.</summary>
    public string Did { get; set; } = "";

    /// <summary>Appris: what was learned.</summary>
    public string Learned { get; set; } = "";

    /// <summary>À suivre: what comes next.</summary>
    public string Next { get; set; } = "";

    /// <summary>Something went wrong that somebody must know.</summary>
    public bool Incident { get; set; }

    public string IncidentText { get; set; } = "";

    /// <summary>The mentor looked who may not be on a picture.</summary>
    public bool PhotosChecked { get; set; }

    /// <summary>Who made it, or for a partner proposed it.</summary>
    public PersonId? MadeBy { get; init; }

    public Instant CreatedAt { get; init; }

    /// <summary>When it was opened last; null while it never was.</summary>
    public Instant? OpenedAt { get; set; }

    public PersonId? OpenedBy { get; set; }

    /// <summary>When it ended; null while it has not.</summary>
    public Instant? ClosedAt { get; set; }

    /// <summary>Who ended it; null when nobody did and it ended by itself.</summary>
    public PersonId? ClosedBy { get; set; }

    /// <summary>When the sheet became final.</summary>
    public Instant? LockedAt { get; set; }

    /// <summary>Of a sheet that is final: until when it may be corrected, after somebody said why.</summary>
    public Instant? CorrectingUntil { get; set; }

    public string CancelledWhy { get; set; } = "";

    /// <summary>Counts every change of the séance itself; a change names the one it saw.</summary>
    public long Version { get; set; }
}

/// <summary>A partner with which a séance is made.</summary>
public sealed class SessionPartner
{
    public required GroupSessionId SessionId { get; init; }

    public required PartnerId PartnerId { get; init; }
}

/// <summary>A strand that pays for a séance.</summary>
public sealed class SessionStrand
{
    public required GroupSessionId SessionId { get; init; }

    public required StrandId StrandId { get; init; }
}

/// <summary>Encadrant·e of a séance.</summary>
public sealed class SessionMentor
{
    public const int MaxEmployer = 100;

    public required GroupSessionId SessionId { get; init; }

    public required PersonId PersonId { get; init; }

    /// <summary>For whom they work, in words; may be empty.</summary>
    public string Employer { get; set; } = "";

    /// <summary>When they came; null while they have not.</summary>
    public Instant? ArrivedAt { get; set; }

    /// <summary>When they left; null while they are there.</summary>
    public Instant? LeftAt { get; set; }

    /// <summary>Whether they are there now.</summary>
    public bool Here => ArrivedAt is not null && LeftAt is null;
}

/// <summary>A machine, room or kit of a séance, and the booking that keeps it.</summary>
public sealed class SessionMachine
{
    public required GroupSessionId SessionId { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>Null when nothing keeps it: it is used when it is free.</summary>
    public BookingId? BookingId { get; set; }
}

/// <summary>A skill worked on in a séance, by all who are there.</summary>
public sealed class SessionTopic
{
    public required GroupSessionId SessionId { get; init; }

    public required SkillId SkillId { get; init; }
}

/// <summary>What is known of a skill of one person in one séance.</summary>
public enum SkillMark
{
    /// <summary>Travaillée.</summary>
    Worked = 0,

    /// <summary>Validée.</summary>
    Validated = 1,
}

/// <summary>A skill that somebody worked on, or showed, in a séance.</summary>
public sealed class SessionSkill
{
    public required GroupSessionId SessionId { get; init; }

    public required PersonId PersonId { get; init; }

    public required SkillId SkillId { get; init; }

    public SkillMark Mark { get; set; }

    public PersonId? By { get; set; }

    public required Instant At { get; set; }
}
