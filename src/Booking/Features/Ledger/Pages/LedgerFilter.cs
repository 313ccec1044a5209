using System.Globalization;
using FabLab.Core;
using Microsoft.AspNetCore.Http;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>Which rows of the ledger: local days, both included; what is null does not narrow.</summary>
public sealed record LedgerFilter
{
    public LocalDate? From { get; init; }

    public LocalDate? Through { get; init; }

    public MachineId? Machine { get; init; }

    public PersonId? Person { get; init; }

    public ProjectId? Project { get; init; }

    public int Page { get; init; } = 1;

    /// <summary>By what the time is set side by side; null = not asked for.</summary>
    public LedgerGroup? By { get; init; }

    /// <summary>Reads a query string; what cannot be read does not narrow.</summary>
    public static LedgerFilter Read(IQueryCollection query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new LedgerFilter
        {
            From = Day(query["from"]),
            Through = Day(query["through"]),
            Machine = Ids.TryParse(query["machine"], out MachineId machine) ? machine : null,
            Person = Ids.TryParse(query["person"], out PersonId person) ? person : null,
            Project = Ids.TryParse(query["project"], out ProjectId project) ? project : null,
            By = ((string?)query["by"]) switch
            {
                "person" => LedgerGroup.Person,
                "machine" => LedgerGroup.Machine,
                "project" => LedgerGroup.Project,
                _ => null,
            },
            Page = int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out int page) && page is > 0 and < 100_000 ? page : 1,
        };
    }

    /// <summary>The address of the same rows, another page of them.</summary>
    public string Address(int page) => Address("/ledger", page);

    /// <summary>The address of the file with the same time side by side.</summary>
    public string FileAddress() => Address("/ledger.csv", 1);

    private string Address(string path, int page)
    {
        var parts = new List<string>();
        if (From is { } from)
            parts.Add("from=" + LocalDatePattern.Iso.Format(from));
        if (Through is { } through)
            parts.Add("through=" + LocalDatePattern.Iso.Format(through));
        if (Machine is { } machine)
            parts.Add("machine=" + machine);
        if (Person is { } person)
            parts.Add("person=" + person);
        if (Project is { } project)
            parts.Add("project=" + project);
        if (By is { } by)
            parts.Add("by=" + by.ToString().ToLowerInvariant());
        if (page > 1)
            parts.Add("page=" + page.ToString(CultureInfo.InvariantCulture));
        return parts.Count == 0 ? path : path + "?" + string.Join('&', parts);
    }

    private static LocalDate? Day(string? text) => LocalDatePattern.Iso.Parse(text ?? "") is { Success: true, Value: { Year: > 1990 and < 2200 } day } ? day : null;
}
