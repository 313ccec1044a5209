using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Features.Visits.Pages;
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
public sealed record GoalRow(string Name, string? Link, int Sessions, int? GoalSessions, int? People, int? GoalPeople, Duration Hours, int? GoalHours);

/// <summary>What the page of a report shows: counts of few people are not in it.</summary>
public sealed record ReportSheet(
    ReportFilter Filter, string? Narrowed, IReadOnlyList<(string Value, string Label)> Programmes, IReadOnlyList<(string Value, string Label)> Strands,
    bool SeesRows, bool SeesActivities, int? Passages, int? People, int? Named, int? WithoutName, int? First, int Sessions, Duration Hours, Duration CountedHours,
    IReadOnlyList<CountTable> Tables, IReadOnlyList<GoalRow> Goals, IReadOnlyList<KindOfUse> Machines)
{
    /// <summary>Whether there is nothing to tell.</summary>
    public bool Empty => Passages == 0 && Sessions == 0 && Machines.Count == 0;

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
        var names = SmallCells.Of([all.Count - report.WithoutName, report.WithoutName], secondary);
        var firsts = SmallCells.Of([all.Count(p => p.First), all.Count(p => !p.First)], secondary);
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
                    Table(
                        "reasons", ReportText.Reason,
                        [.. reasons.Select(r => r.Code).Concat(all.Select(RowChoice.ReasonOf).Order(StringComparer.Ordinal)).Distinct(StringComparer.Ordinal).Where(code => all.Any(p => RowChoice.ReasonOf(p) == code))],
                        RowChoice.ReasonOf, Reason, code => new RowChoice { Reason = code }),
                ],
            Goals =
            [
                .. report.Programmes.Select(p => new GoalRow(
                    text.Pick(p.Programme.NameFr, p.Programme.NameEn.Length > 0 ? p.Programme.NameEn : p.Programme.NameFr), frame.SeesActivities ? $"/programmes/{p.Programme.Id}" : null,
                    p.Sessions, p.Programme.GoalSessions, SmallCells.Of(p.People), p.Programme.GoalPeople, p.Hours, p.Programme.GoalHours)),
            ],
            Machines = report.Machines,
        };

        CountTable Table<T>(string id, Phrase title, IReadOnlyList<T> keys, Func<Passage, T> of, Func<T, string> word, Func<T, RowChoice> choice)
            where T : notnull
        {
            var counts = all.GroupBy(of).ToDictionary(g => g.Key, g => g.Count());
            var shown = SmallCells.Of([.. keys.Select(key => counts.GetValueOrDefault(key))], secondary);
            return new CountTable(id, title, title, [.. keys.Select((key, place) => new CountLine(word(key), shown[place], frame.Rows(choice(key))))]);
        }
    }
}

/// <summary>A passage with its name, for who may read it.</summary>
public sealed record PassageLine(Passage Passage, string? Name, string? Session, string Reason);

/// <summary>The passages behind a figure, a page of them.</summary>
public sealed record RowsSheet(ReportFilter Filter, RowChoice Choice, int Count, IReadOnlyList<PassageLine> Lines, IReadOnlyList<HeldSession> Sessions)
{
    public const int PageSize = 100;

    public string Address(int page) => Filter.Address("/reports/rows") + Choice.Query() + (page > 1 ? FormattableString.Invariant($"&page={page}") : "");
}
