using FabLab.Booking.Features.Details.Pages;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Features.Visits.Pages;
using FabLab.Booking.Features.Volunteering;
using FabLab.Core;
using FabLab.Core.Visits;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Reports.Pages;

/// <summary>One line of a table of counts.</summary>
/// <param name="Label">What is counted.</param>
/// <param name="Count">Null when it is hidden.</param>
/// <param name="Rows">Address of the rows behind it; null for who may not see them.</param>
public sealed record CountLine(string Label, int? Count, string? Rows);

/// <summary>A table of counts that add up to the passages of the report.</summary>
public sealed record CountTable(string Id, Phrase Title, Phrase First, IReadOnlyList<CountLine> Lines)
{
    /// <summary>The longest bar; never 0.</summary>
    public int Most => Math.Max(1, Lines.Max(line => line.Count) ?? 1);
}

/// <summary>A programme beside what was promised.</summary>
public sealed record GoalRow(string Name, string? Link, string? Rows, int Sessions, int? GoalSessions, int? People, int? GoalPeople, Duration Hours, int? GoalHours);

/// <summary>What was done at one site. A count is null where it is hidden.</summary>
public sealed record SiteLine(string Label, ReportFilter Filter, int? Passages, int Sessions, Duration Hours, long? PoweredMs, long VolunteerMinutes);

/// <summary>Machine time of one kind of project, or of all of them. Null for what is hidden.</summary>
public sealed record KindLine(string Label, string? Rows, int? Uses, long? PoweredMs, long? WorkingMs);

/// <summary>What the page of a report shows: counts of few people are not in it.</summary>
public sealed record ReportSheet(
    ReportFilter Filter, string? Narrowed, IReadOnlyList<(string Value, string Label)> Programmes, IReadOnlyList<(string Value, string Label)> Strands,
    bool SeesRows, bool SeesActivities, int? Passages, int? People, int? Named, int? WithoutName, int? First, int Sessions, Duration Hours, Duration CountedHours,
    IReadOnlyList<CountTable> Tables, IReadOnlyList<GoalRow> Goals, IReadOnlyList<KindLine> Machines)
{
    /// <summary>Places away from the lab that a séance was held at.</summary>
    public IReadOnlyList<(string Value, string Label)> Places { get; init; } = [];

    /// <summary>Sites of the lab, and what is at none of them.</summary>
    public IReadOnlyList<(string Value, string Label)> Sites { get; init; } = [];

    /// <summary>The names of the sites by number.</summary>
    internal IReadOnlyDictionary<int, string> SiteNames { get; init; } = new Dictionary<int, string>();

    /// <summary>The figures by site; empty while there is one.</summary>
    public IReadOnlyList<SiteLine> BySite { get; init; } = [];

    /// <summary>All machine time.</summary>
    public KindLine Uses { get; init; } = new("", null, 0, 0, 0);

    /// <summary>Minutes of volunteers by kind; of the whole place only.</summary>
    public IReadOnlyList<(VolunteeringKind Kind, long Minutes)> Volunteering { get; init; } = [];

    /// <summary>A sheet of which only the frame is known.</summary>
    internal static ReportSheet Frame(ReportFilter filter, string? narrowed, bool seesRows, bool seesActivities) =>
        new(filter, narrowed, [], [], seesRows, seesActivities, 0, 0, 0, 0, 0, 0, Duration.Zero, Duration.Zero, [], [], []);

    /// <summary>What machines tell that they made; null for a report of séances.</summary>
    public JobsMade? Made { get; init; }

    /// <summary>Whether there is nothing to tell.</summary>
    public bool Empty => Passages == 0 && Sessions == 0 && Machines.Count == 0 && Volunteering.Count == 0;

    /// <summary>The rows behind a figure, for who may see them.</summary>
    public string? Rows(RowChoice choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return SeesRows ? Filter.Address("/reports/rows") + choice.Query() : null;
    }

    /// <summary>Hides what few people could be recognised by.</summary>
    /// <param name="report">What was added up.</param>
    /// <param name="frame">What stands around it; its counts are made here.</param>
    /// <param name="reasons">The reasons of the place.</param>
    /// <param name="secondary">Whether the viewer sees no names.</param>
    /// <param name="text">Words.</param>
    internal static ReportSheet Of(Report report, ReportSheet frame, IReadOnlyList<VisitReason> reasons, bool secondary, PageText text)
    {
        var all = report.Passages;
        var byReason = all.CountBy(RowChoice.ReasonOf).ToDictionary(StringComparer.Ordinal);
        var uses = SmallCells.Of([.. report.Machines.Select(kind => Math.Abs(kind.Uses))], secondary);
        var names = SmallCells.Of([all.Count - report.WithoutName, report.WithoutName], secondary);
        var firsts = SmallCells.Of([all.Count(p => p.First), all.Count(p => !p.First)], secondary);
        var atSites = SmallCells.Of([.. report.Sites.Select(site => site.Passages)], secondary);
        string Reason(string code) => code switch
        {
            RowChoice.ForSession => text[ReportText.ForSession],
            RowChoice.NoReason => text[ReportText.NoReason],
            _ => reasons.FirstOrDefault(r => r.Code == code) is { } reason ? text.Pick(reason.NameFr, reason.NameEn) : code,
        };

        return frame with
        {
            Passages = SmallCells.Of(all.Count),
            People = SmallCells.Of(report.People),
            Named = names[0],
            WithoutName = names[1],
            First = firsts[0],
            Sessions = report.Sessions.Count,
            Hours = report.Hours,
            CountedHours = report.CountedHours,
            Tables = all.Count == 0
                ? []
                :
                [
                    Table("bands", GroupSessionText.Band, Enum.GetValues<AgeBand>(), p => p.Band, band => text[GroupSessionWords.Of(band)], band => new RowChoice { Band = band }),
                    Table("genders", GroupSessionText.Gender, [Gender.Female, Gender.Male, Gender.NotSaid], p => p.Gender, g => text[GroupSessionWords.Of(g)], g => new RowChoice { Gender = g }),
                    Table("occupations", GroupSessionText.Occupation, [Occupation.School, Occupation.Jobless, Occupation.Employed, Occupation.Retired, Occupation.NotSaid], p => p.Occupation, o => text[GroupSessionWords.Of(o)], o => new RowChoice { Occupation = o }),
                    Table("areas", DetailsText.Area, [PriorityArea.Yes, PriorityArea.No, PriorityArea.NotSaid], p => p.Area, a => text[DetailsWords.Of(a)], a => new RowChoice { Area = a }),
                    Table(
                        "reasons", ReportText.Reason, [.. reasons.Select(r => r.Code).Concat(byReason.Keys.Order(StringComparer.Ordinal)).Distinct(StringComparer.Ordinal).Where(byReason.ContainsKey)],
                        RowChoice.ReasonOf, Reason, code => new RowChoice { Reason = code }),
                ],
            Goals =
            [
                .. report.Programmes.Select(p => new GoalRow(
                    text.Pick(p.Programme.NameFr, p.Programme.NameEn), frame.SeesActivities ? $"/programmes/{p.Programme.Id}" : null,
                    frame.Rows(new RowChoice { Programme = p.Programme.Id }) is { } rows ? rows + "#sessions" : null, p.Sessions, p.Programme.GoalSessions, SmallCells.Of(p.People), p.Programme.GoalPeople, p.Hours, p.Programme.GoalHours)),
            ],
            Machines =
            [
                .. report.Machines.Select((kind, place) => secondary && uses[place] is null
                    ? new KindLine(UseChoice.Word(kind.Kind, text), null, null, null, null)
                    : new KindLine(
                        UseChoice.Word(kind.Kind, text), frame.SeesRows ? frame.Filter.Address("/reports/uses") + "&kind=" + Uri.EscapeDataString(UseChoice.Of(kind.Kind)) : null,
                        kind.Uses, kind.PoweredMs, kind.WorkingMs)),
            ],
            Uses = new KindLine(
                text[ReportText.Total], null, secondary && SmallCells.Of(Math.Abs(report.Machines.Sum(kind => kind.Uses))) is null ? null : report.Machines.Sum(kind => kind.Uses),
                report.Machines.Sum(kind => kind.PoweredMs), report.Machines.Sum(kind => kind.WorkingMs)),
            Made = report.Made,
            BySite = [.. report.Sites.Select((site, place) => new SiteLine(
                site.Site == LabSite.Away ? text[ReportText.Away] : frame.SiteNames.GetValueOrDefault(site.Site) ?? "", frame.Filter with { Site = site.Site },
                atSites[place], site.Sessions, site.Hours, secondary && SmallCells.Of(Math.Abs(site.Uses)) is null ? null : site.PoweredMs, site.VolunteerMinutes))],
        };

        CountTable Table<T>(string id, Phrase title, IReadOnlyList<T> keys, Func<Passage, T> of, Func<T, string> word, Func<T, RowChoice> choice)
            where T : notnull
        {
            var counts = all.CountBy(of).ToDictionary();
            var shown = SmallCells.Of([.. keys.Select(key => counts.GetValueOrDefault(key))], secondary);
            return new CountTable(id, title, title, [.. keys.Select((key, place) => new CountLine(word(key), shown[place], frame.Rows(choice(key))))]);
        }
    }
}

/// <summary>A passage with its name, for who may read it.</summary>
public sealed record PassageLine(Passage Passage, string? Name, string? Session, string Reason);

/// <summary>Somebody of a figure that counts people, with how often they came.</summary>
public sealed record ComerLine(PersonId Person, string? Name, int Comings);

/// <summary>The passages behind a figure, a page of them; or the people, of a figure that counts people.</summary>
public sealed record RowsSheet(ReportFilter Filter, RowChoice Choice, int Count, IReadOnlyList<PassageLine> Lines, IReadOnlyList<HeldSession> Sessions)
{
    /// <summary>The people of this page; empty for figures that count passages.</summary>
    public IReadOnlyList<ComerLine> People { get; init; } = [];

    /// <summary>Different people of the séances shown, those without a name counted as so many; 0 where no séance is shown.</summary>
    public int Heads => Sessions.SelectMany(session => session.People).Distinct().Count() + Sessions.Sum(session => session.Others);

    public Duration Hours => Sessions.Aggregate(Duration.Zero, (sum, session) => sum + session.Hours);

    public Duration CountedHours => Sessions.Aggregate(Duration.Zero, (sum, session) => sum + session.CountedHours);

    public const int PageSize = 100;

    public string Address(int page) => Filter.Address("/reports/rows") + Choice.Query() + (page > 1 ? FormattableString.Invariant($"&page={page}") : "");
}

/// <summary>How the kind of a project stands in an address, and what it is called.</summary>
internal static class UseChoice
{
    /// <summary>Without a project. No kind has a sign like it.</summary>
    private const string NoProject = "*none";

    public static string Of(string? kind) => kind ?? NoProject;

    public static string? Read(string? kind) => kind is null or NoProject ? null : kind;

    public static string Word(string? kind, PageText text) => kind switch { null => text[ReportText.NoProject], "" => text[ReportText.NoKind], _ => kind };
}

/// <summary>A row of machine time with its names, for who may read them.</summary>
public sealed record UseLine(UseRow Row, string Machine, string? Name, string? Project);

/// <summary>The rows of machine time behind a figure, a page of them; the sums are of all of them.</summary>
public sealed record UsesSheet(ReportFilter Filter, string Kind, string KindLabel, int Page, int Count, int Uses, long PoweredMs, long WorkingMs, IReadOnlyList<UseLine> Lines)
{
    public string Address(int page) => Filter.Address("/reports/uses") + "&kind=" + Uri.EscapeDataString(Kind) + (page > 1 ? FormattableString.Invariant($"&page={page}") : "");
}
