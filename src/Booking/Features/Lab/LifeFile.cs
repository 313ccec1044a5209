using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Trainings;
using FabLab.Core.Visits;

namespace FabLab.Booking.Features.Lab;

/// <summary>What happens in a sample lab, as its file says it. Moments are written as <see cref="LifeDates"/> reads them; things are named by their codes.</summary>
internal sealed record LifeFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public string About { get; init; } = "";

    public IReadOnlyList<LifeTraining> Trainings { get; init; } = [];

    public IReadOnlyList<LifeTrainingSession> TrainingSessions { get; init; } = [];

    public IReadOnlyList<LifeFunder> Funders { get; init; } = [];

    public IReadOnlyList<LifePartner> Partners { get; init; } = [];

    public IReadOnlyList<LifeSkill> Skills { get; init; } = [];

    public IReadOnlyList<LifeProgramme> Programmes { get; init; } = [];

    public IReadOnlyList<LifeGroup> Groups { get; init; } = [];

    public IReadOnlyList<LifeMinor> Minors { get; init; } = [];

    public IReadOnlyList<LifeSession> Sessions { get; init; } = [];

    public IReadOnlyList<LifeBooking> Bookings { get; init; } = [];

    public LifeVisits Visits { get; init; } = new();

    /// <summary>Reads a file.</summary>
    /// <param name="file">UTF-8.</param>
    /// <exception cref="JsonException">It is no such file; the message says where.</exception>
    public static LifeFile Read(ReadOnlySpan<byte> file) => JsonSerializer.Deserialize<LifeFile>(file, Options) ?? throw new JsonException("The file is empty.");
}

/// <summary>What the catalogue says of a training that the lab has.</summary>
internal sealed record LifeTraining(
    string Training, int Minutes, int Places, string? Trainer = null, TrainingKind Kind = TrainingKind.Course, string DescriptionFr = "", string DescriptionEn = "", IReadOnlyList<string>? Needs = null);

/// <summary>A session of a training, as long and as large as the catalogue says. Whoever has no place waits.</summary>
/// <param name="Training">Its code.</param>
/// <param name="At">When.</param>
/// <param name="People">Who enrolled, in this order.</param>
/// <param name="Present">Who was there.</param>
/// <param name="Absent">Who was not.</param>
/// <param name="Given">Those present were given the habilitation.</param>
internal sealed record LifeTrainingSession(
    string Training, string At, IReadOnlyList<string> People, IReadOnlyList<string>? Present = null, IReadOnlyList<string>? Absent = null, bool Given = false);

internal sealed record LifeFunder(string Name, IReadOnlyList<LifeStrand> Strands);

internal sealed record LifeStrand(string Code, string Name);

internal sealed record LifePartner(string Name, string Kind = "");

internal sealed record LifeSkill(string Code, string NameFr, string NameEn, SkillKind Kind = SkillKind.Technical);

internal sealed record LifeProgramme(
    string Code, string NameFr, string NameEn, string Description, string Lead, string From, string Until, int GoalSessions, int GoalPeople, int GoalHours,
    IReadOnlyList<string> Strands, IReadOnlyList<LifePathway> Pathways);

internal sealed record LifePathway(string NameFr, string NameEn, IReadOnlyList<LifeStep> Steps);

internal sealed record LifeStep(string Code, string NameFr, string NameEn, IReadOnlyList<string> Skills);

internal sealed record LifeGroup(string Code, string Name, IReadOnlyList<string> Leads, IReadOnlyList<string> People);

/// <summary>The sheet of somebody under 18.</summary>
internal sealed record LifeMinor(string Person, bool MayLeaveAlone, IReadOnlyList<LifeContact> Contacts, IReadOnlyList<LifeConsent> Consents);

internal sealed record LifeContact(string Name, string? Phone = null, bool Guardian = false, bool MayFetch = false, bool CallFirst = false);

/// <summary>A consent, given for a year by the first guardian when the person was first brought in.</summary>
internal sealed record LifeConsent(ConsentKind Kind, string Use = "");

/// <summary>A séance. Whether it is to come, being held or over follows from the moment it is brought in.</summary>
internal sealed record LifeSession(string Title, string At, int Minutes, GroupSessionKind Kind, string Lead)
{
    public string? Programme { get; init; }

    public string? Step { get; init; }

    public string? Group { get; init; }

    public PlaceKind PlaceKind { get; init; }

    public string Place { get; init; } = "";

    public string Commune { get; init; } = "";

    public SessionLevel Level { get; init; }

    public IReadOnlyList<string> Mentors { get; init; } = [];

    public IReadOnlyList<string> Partners { get; init; } = [];

    public IReadOnlyList<string> Machines { get; init; } = [];

    /// <summary>Its machines are kept for it.</summary>
    public bool Keep { get; init; }

    /// <summary>A partner asks for it, and the lab has not said yes.</summary>
    public bool Proposed { get; init; }

    public int? ExpectedNumber { get; init; }

    public IReadOnlyList<string> Expected { get; init; } = [];

    public IReadOnlyList<string> Present { get; init; } = [];

    public IReadOnlyList<string> Excused { get; init; } = [];

    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>First names of people who are nobody of the lab, and were there.</summary>
    public IReadOnlyList<string> FirstNames { get; init; } = [];

    public IReadOnlyList<LifeCount> Counts { get; init; } = [];

    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Skill, and who worked on it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Worked { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Skill, and who showed it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Validated { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    public string Did { get; init; } = "";

    public string Learned { get; init; } = "";

    public string Next { get; init; } = "";
}

internal sealed record LifeCount(AgeBand Band, int Number, Gender Gender = Gender.NotSaid, Occupation Occupation = Occupation.School, bool Known = false);

internal sealed record LifeBooking(string Machine, string Person, string At, int Minutes, string? Project = null, string Note = "", int Places = 1);

/// <summary>Who came over the last days, spread over them in the same way each time; and who is in now.</summary>
internal sealed record LifeVisits
{
    public int Days { get; init; }

    public IReadOnlyList<string> On { get; init; } = [];

    public int NoNameADay { get; init; }

    public int PeopleADay { get; init; }

    public IReadOnlyList<string> People { get; init; } = [];

    public IReadOnlyList<LifeHere> Here { get; init; } = [];

    public int NoNameHere { get; init; }
}

internal sealed record LifeHere(string Person, string Since, string Reason);
