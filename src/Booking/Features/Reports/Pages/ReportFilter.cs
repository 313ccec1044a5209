using System.Globalization;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Programmes;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.AspNetCore.Http;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reports.Pages;

/// <summary>Which report: local days, both included, and a programme, a strand or a place away from the lab.</summary>
/// <param name="From">Its first day.</param>
/// <param name="Through">Its last day, not before the first.</param>
/// <param name="Programme">Only this programme.</param>
/// <param name="Strand">Only this strand.</param>
/// <param name="Place">Only séances at this place away from the lab, by its name.</param>
/// <param name="Site">Only this site, by its number, as in <see cref="ReportScope.Site"/>.</param>
public sealed record ReportFilter(LocalDate From, LocalDate Through, ProgrammeId? Programme = null, StrandId? Strand = null, string? Place = null, int? Site = null)
{
    private const string ProgrammeMark = "programme:";
    private const string StrandMark = "strand:";
    private const string PlaceMark = "place:";
    private const string SiteMark = "site:";

    /// <summary>What the choice of a programme or a strand is called in the address; empty for the whole place.</summary>
    public string Of => Programme is { } programme ? ProgrammeMark + programme : Strand is { } strand ? StrandMark + strand : Place is { } place ? PlaceMark + place : Site is { } site ? SiteMark + site.ToString(CultureInfo.InvariantCulture) : "";

    /// <summary>Reads a query string; what cannot be read does not narrow, and without days it is this month.</summary>
    /// <param name="query">The query.</param>
    /// <param name="today">Today at the lab.</param>
    public static ReportFilter Read(IQueryCollection query, LocalDate today)
    {
        ArgumentNullException.ThrowIfNull(query);
        var from = Day(query["from"]);
        var through = Day(query["through"]);
        from ??= through is { } last ? new LocalDate(last.Year, last.Month, 1) : new LocalDate(today.Year, today.Month, 1);
        through ??= LocalDate.Max(today, from.Value);
        if (through < from)
            (from, through) = (through, from);
        string of = query["of"].ToString();
        return new ReportFilter(
            from.Value, through.Value,
            of.StartsWith(ProgrammeMark, StringComparison.Ordinal) && Ids.TryParse(of[ProgrammeMark.Length..], out ProgrammeId programme) ? programme : null,
            of.StartsWith(StrandMark, StringComparison.Ordinal) && Ids.TryParse(of[StrandMark.Length..], out StrandId strand) ? strand : null,
            of.StartsWith(PlaceMark, StringComparison.Ordinal) && of.Length > PlaceMark.Length && of.Length <= PlaceMark.Length + GroupSession.MaxPlace ? of[PlaceMark.Length..] : null,
            of.StartsWith(SiteMark, StringComparison.Ordinal) && int.TryParse(of[SiteMark.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int site) && site < 1000 ? site : null);
    }

    /// <summary>The days as instants.</summary>
    public ReportScope Scope(DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return new ReportScope(From.AtStartOfDayInZone(zone).ToInstant(), Through.PlusDays(1).AtStartOfDayInZone(zone).ToInstant(), Programme, Strand, Place, Site);
    }

    /// <summary>The address of this report under a path.</summary>
    public string Address(string path) =>
        $"{path}?from={LocalDatePattern.Iso.Format(From)}&through={LocalDatePattern.Iso.Format(Through)}" + (Of.Length == 0 ? "" : "&of=" + (Place is { } place && Programme is null && Strand is null ? PlaceMark + Uri.EscapeDataString(place) : Of));

    private static LocalDate? Day(string? text) => LocalDatePattern.Iso.Parse(text ?? "") is { Success: true, Value: { Year: > 1990 and < 2200 } day } ? day : null;
}

/// <summary>Which passages stand behind a figure; what is null does not narrow.</summary>
public sealed record RowChoice
{
    public AgeBand? Band { get; init; }

    public Gender? Gender { get; init; }

    public Occupation? Occupation { get; init; }

    public PriorityArea? Area { get; init; }

    /// <summary>The people, each once, and not their passages.</summary>
    public bool People { get; init; }

    /// <summary>Only in séances of this programme.</summary>
    public ProgrammeId? Programme { get; init; }

    /// <summary>Code of a reason, or one of the two below; null = any.</summary>
    public string? Reason { get; init; }

    /// <summary>Only first visits.</summary>
    public bool First { get; init; }

    /// <summary>Only with, or only without a name.</summary>
    public bool? Named { get; init; }

    public int Page { get; init; } = 1;

    /// <summary>Came for a séance and said no other reason. No code of a reason has a sign like it.</summary>
    public const string ForSession = "*session";

    /// <summary>Said no reason and came for no séance.</summary>
    public const string NoReason = "*none";

    /// <summary>Under which reason a passage counts.</summary>
    public static string ReasonOf(Passage passage)
    {
        ArgumentNullException.ThrowIfNull(passage);
        return passage.Reason ?? (passage.Session is null ? NoReason : ForSession);
    }

    public static RowChoice Read(IQueryCollection query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new RowChoice
        {
            Band = Value<AgeBand>(query["band"]),
            Gender = Value<Gender>(query["gender"]),
            Occupation = Value<Occupation>(query["occupation"]),
            Area = Value<PriorityArea>(query["area"]),
            People = query["people"] == "1",
            Programme = Ids.TryParse(query["programme"], out ProgrammeId programme) ? programme : null,
            Reason = query["reason"].ToString() is { Length: > 0 and <= 40 } reason ? reason : null,
            First = query["first"] == "1",
            Named = query["named"].ToString() switch { "1" => true, "0" => false, _ => null },
            Page = int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out int page) && page is > 0 and < 100_000 ? page : 1,
        };
    }

    /// <summary>Whether a passage stands behind the figure. Of the programme it is not asked: a passage knows its séance only.</summary>
    public bool Takes(Passage passage)
    {
        ArgumentNullException.ThrowIfNull(passage);
        return (Band is null || passage.Band == Band) && (Gender is null || passage.Gender == Gender) && (Occupation is null || passage.Occupation == Occupation) && (Area is null || passage.Area == Area)
            && (Reason is null || ReasonOf(passage) == Reason) && (!First || passage.First) && (Named is null || passage.Person is not null == Named) && (!People || passage.Person is not null);
    }

    /// <summary>As it stands in an address, with a mark before it; empty for all.</summary>
    public string Query() =>
        (Band is { } band ? $"&band={band}" : "") + (Gender is { } gender ? $"&gender={gender}" : "") + (Occupation is { } occupation ? $"&occupation={occupation}" : "")
        + (Area is { } area ? $"&area={area}" : "") + (People ? "&people=1" : "") + (Programme is { } programme ? $"&programme={programme}" : "")
        + (Reason is null ? "" : "&reason=" + Uri.EscapeDataString(Reason)) + (First ? "&first=1" : "") + (Named is { } named ? named ? "&named=1" : "&named=0" : "");

    private static T? Value<T>(string? text)
        where T : struct, Enum => Enum.TryParse(text, out T value) && Enum.IsDefined(value) ? value : null;
}
