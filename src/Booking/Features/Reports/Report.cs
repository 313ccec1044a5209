using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Sites;
using FabLab.Core;
using FabLab.Core.Visits;
using NodaTime;

namespace FabLab.Booking.Features.Reports;

/// <summary>What a report is about.</summary>
/// <param name="From">Its first instant.</param>
/// <param name="Until">Its end, excluded.</param>
/// <param name="Programme">Only what was done in séances of this programme; null = not narrowed.</param>
/// <param name="Strand">Only what was done in séances this strand pays for; null = not narrowed.</param>
/// <param name="Place">Only what was done in séances held elsewhere, at the place of this name; null = not narrowed.</param>
/// <param name="Site">Only what was at the site of this number, or with <see cref="LabSite.Away"/> at none; null = not narrowed. It stands alone: with it nothing else narrows.</param>
public sealed record ReportScope(Instant From, Instant Until, ProgrammeId? Programme = null, StrandId? Strand = null, string? Place = null, int? Site = null)
{
    /// <summary>Whether it is about séances alone, and not about the whole place.</summary>
    public bool Narrowed => Programme is not null || Strand is not null || Place is not null;
}

/// <summary>Somebody came, once: by the door, on the sheet of a séance, or by both, which is the same coming.</summary>
public sealed record Passage
{
    /// <summary>When they came.</summary>
    public required Instant At { get; init; }

    /// <summary>The visit; null when only a sheet tells of it.</summary>
    public VisitId? Visit { get; init; }

    /// <summary>The séance; null when they came for themselves.</summary>
    public GroupSessionId? Session { get; init; }

    /// <summary>Who, or a pseudonym; null without a name.</summary>
    public PersonId? Person { get; init; }

    /// <summary>As was said, or by the birth date, which is kept of minors only.</summary>
    public AgeBand Band { get; init; } = AgeBand.NotSaid;

    /// <summary>As the sheet says, else as the person does.</summary>
    public Gender Gender { get; init; }

    /// <summary>As the sheet says, else as the person does.</summary>
    public Occupation Occupation { get; init; }

    /// <summary>As the sheet says, else as the person does.</summary>
    public PriorityArea Area { get; init; }

    /// <summary>Code of the reason; null when none was said.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it was a first visit.</summary>
    public bool First { get; init; }

    /// <summary>The number of the site: of the séance they came for, else of their visit. <see cref="LabSite.Away"/> for a séance that was at none.</summary>
    public int Site { get; init; }
}

/// <summary>Somebody present in a séance, with what is known of them there: a line of the list, or one of those who were only counted.</summary>
/// <param name="Session">The séance.</param>
/// <param name="Person">Who; null without a name.</param>
/// <param name="Way">How it was noted that they came.</param>
/// <param name="From">When they came; the beginning of the séance where nobody noted it.</param>
/// <param name="Through">When they left; the end of the séance where nobody noted it.</param>
/// <param name="Stay">How long they were there; of the counted the length of the séance.</param>
/// <param name="Band">As was said, or by the birth date.</param>
/// <param name="Gender">As the line says, else as the person does.</param>
/// <param name="Occupation">As the line says, else as the person does.</param>
/// <param name="Area">As the line says, else as the person does.</param>
/// <param name="Counted">Only counted, on no line.</param>
internal sealed record SheetHead(
    GroupSessionId Session, PersonId? Person, AttendanceWay Way, Instant From, Instant Through, Duration Stay, AgeBand Band, Gender Gender, Occupation Occupation, PriorityArea Area, bool Counted = false);

/// <summary>A séance that was held, and who was there.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Programme">Its programme.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Kind">What sort it is.</param>
/// <param name="Start">When it began.</param>
/// <param name="Length">From its start to when it was ended.</param>
/// <param name="People">Those present who are known to the lab.</param>
/// <param name="Others">How many more were present: first names, numbers, people who were only counted.</param>
/// <param name="Hours">Presence of those on the list, from when they came to when they left.</param>
/// <param name="CountedHours">Of those who were only counted: the length of the séance for each.</param>
public sealed record HeldSession(
    GroupSessionId Id, ProgrammeId? Programme, string Title, GroupSessionKind Kind, Instant Start, Duration Length, IReadOnlyList<PersonId> People, int Others, Duration Hours, Duration CountedHours)
{
    /// <summary>The number of the site it was held at; <see cref="LabSite.Away"/> for none.</summary>
    public int Site { get; init; }

    /// <summary>How many were there.</summary>
    public int Heads => People.Count + Others;
}

/// <summary>What was done of a programme in the time of the report, beside what was promised for all of it.</summary>
/// <param name="Programme">The programme.</param>
/// <param name="Sessions">Séances held.</param>
/// <param name="People">Different people, and those without a name.</param>
/// <param name="Hours">Hours of presence of those on the lists.</param>
public sealed record ProgrammeFigures(Programme Programme, int Sessions, int People, Duration Hours);

/// <summary>Machine time of one kind of project.</summary>
/// <param name="Kind">In the words of the lab; empty when the project has none; null without a project.</param>
/// <param name="Uses">Uses recorded and not taken back.</param>
/// <param name="PoweredMs">Milliseconds machines were on.</param>
/// <param name="WorkingMs">Milliseconds they worked.</param>
public sealed record KindOfUse(string? Kind, int Uses, long PoweredMs, long WorkingMs);

/// <summary>One row of machine time that a report counts.</summary>
/// <param name="Id">The row.</param>
/// <param name="Start">When the machine was switched on.</param>
/// <param name="Machine">Which machine.</param>
/// <param name="Person">Who, or a pseudonym; null for nobody.</param>
/// <param name="Project">For which project; null for none.</param>
/// <param name="Kind">Its kind, as in <see cref="KindOfUse"/>.</param>
/// <param name="Uses">1 for a use, -1 for one taken back, 0 for time of nobody.</param>
/// <param name="PoweredMs">Milliseconds it was on; negative where it is taken back.</param>
/// <param name="WorkingMs">Milliseconds it worked.</param>
public sealed record UseRow(Guid Id, Instant Start, MachineId Machine, PersonId? Person, ProjectId? Project, string? Kind, int Uses, long PoweredMs, long WorkingMs);

/// <summary>What was done at one site, or at none of them. Of all sites they add up to what the report says.</summary>
/// <param name="Site">The number of the site; <see cref="LabSite.Away"/> for none.</param>
/// <param name="Passages">Comings.</param>
/// <param name="Sessions">Séances held.</param>
/// <param name="Hours">Presence in them of those on the lists.</param>
/// <param name="Uses">Uses of its machines.</param>
/// <param name="PoweredMs">Milliseconds its machines were on.</param>
/// <param name="VolunteerMinutes">Minutes volunteers gave there.</param>
public sealed record SiteFigures(int Site, int Passages, int Sessions, Duration Hours, int Uses, long PoweredMs, long VolunteerMinutes);

/// <summary>What machines tell that they made: jobs that ended as they should, whoever made them.</summary>
/// <param name="Jobs">How many.</param>
/// <param name="Milligrams">Material in thousandths of a gram, of the jobs whose machine knows it.</param>
/// <param name="Millimetres">Material in millimetres, of the jobs whose machine knows only that.</param>
public sealed record JobsMade(int Jobs, long Milligrams, long Millimetres);

/// <summary>A report before anything is hidden: for those who write pages, never a page itself.</summary>
public sealed record Report(
    ReportScope Scope, IReadOnlyList<Passage> Passages, IReadOnlyList<HeldSession> Sessions, IReadOnlyList<ProgrammeFigures> Programmes, IReadOnlyList<KindOfUse> Machines)
{
    /// <summary>Everybody present in the séances of the report, and of those a day before and after it.</summary>
    internal IReadOnlyList<SheetHead> Heads { get; init; } = [];

    /// <summary>What machines tell that they made; null for a report of séances, since a job is of a machine and not of a séance.</summary>
    public JobsMade? Made { get; init; }

    /// <summary>The same by site; empty while there is one site, and of a report that is narrowed.</summary>
    public IReadOnlyList<SiteFigures> Sites { get; init; } = [];

    /// <summary>Different people known to the lab.</summary>
    public int People => Passages.Select(p => p.Person).OfType<PersonId>().Distinct().Count();

    /// <summary>Passages without a name.</summary>
    public int WithoutName => Passages.Count(p => p.Person is null);

    /// <summary>Presence of those on the lists of séances.</summary>
    public Duration Hours => Sessions.Aggregate(Duration.Zero, (sum, s) => sum + s.Hours);

    /// <summary>Presence of those who were only counted.</summary>
    public Duration CountedHours => Sessions.Aggregate(Duration.Zero, (sum, s) => sum + s.CountedHours);
}
