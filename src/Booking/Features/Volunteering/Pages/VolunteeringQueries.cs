using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Volunteering.Pages;

/// <summary>A row with the name of its person; null when it is no longer kept.</summary>
public sealed record VolunteeringLine(VolunteerHours Row, string? Name, string? Code);

/// <summary>What was typed, and what was wrong with it.</summary>
public sealed record VolunteeringForm(string Day, string Hours, VolunteeringKind Kind, string Note, int? Site = null, Phrase? DayError = null, Phrase? HoursError = null);

/// <summary>Volunteers' hours of a time: of everybody for who keeps them, else one's own; or of one person, with the form to note more.</summary>
public sealed record VolunteeringSheet(LocalDate From, LocalDate Through, IReadOnlyList<VolunteeringLine> Lines, int CentsAnHour)
{
    /// <summary>Whose page it is; null for that of the place.</summary>
    public PersonId? Person { get; init; }

    public string Name { get; init; } = "";

    public VolunteeringForm? Form { get; init; }

    /// <summary>Only the site of this number; null for all of them.</summary>
    public int? Site { get; init; }

    /// <summary>The sites there are; none while there is one.</summary>
    public IReadOnlyList<(int Number, string Name)> Sites { get; init; } = [];

    public long Minutes => Lines.Sum(line => (long)line.Row.Minutes);

    /// <summary>What the time is worth, in cents, rounded once at the end.</summary>
    public long WorthOf(long minutes) => (long)Math.Round(minutes * (decimal)CentsAnHour / 60, MidpointRounding.AwayFromZero);
}

/// <summary>Reads volunteers' hours. The rows are the figures: every sum is theirs.</summary>
public sealed class VolunteeringQueries(BookingDbContext db, IOptions<BookingOptions> options)
{
    /// <summary>Minutes of a time by kind, for the report.</summary>
    internal static async Task<IReadOnlyList<(VolunteeringKind Kind, long Minutes)>> SumsAsync(BookingDbContext db, LocalDate from, LocalDate through, int? site, CancellationToken cancellationToken)
    {
        var sums = await db.VolunteerHours.Where(h => !h.TakenOut && h.Day >= from && h.Day <= through && (site == null || h.Site == site)).GroupBy(h => h.Kind)
            .Select(g => new { g.Key, Minutes = g.Sum(h => (long)h.Minutes) }).ToListAsync(cancellationToken);
        return [.. sums.OrderBy(sum => sum.Key).Select(sum => (sum.Key, sum.Minutes))];
    }

    /// <summary>The rows of a time that the viewer may see, newest first.</summary>
    public async Task<VolunteeringSheet> ReadAsync(Viewer viewer, LocalDate from, LocalDate through, PersonId? person, int? site, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        PersonId? only = person ?? (viewer.HasAll(Right.KeepVolunteering) ? null : viewer.Actor?.Id);
        var rows = await db.VolunteerHours.Where(h => !h.TakenOut && h.Day >= from && h.Day <= through && (only == null || h.PersonId == only) && (site == null || h.Site == site))
            .OrderByDescending(h => h.Day).ThenByDescending(h => h.Id).ToListAsync(cancellationToken);
        var ids = rows.Select(h => h.PersonId).Distinct().ToList();
        var names = await db.People.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode, p.ShortCode }).ToDictionaryAsync(p => p.Id, cancellationToken);
        return new VolunteeringSheet(from, through, [.. rows.Select(h => names.GetValueOrDefault(h.PersonId) is { } who ? new VolunteeringLine(h, who.Name, who.ShortCode) : new VolunteeringLine(h, null, null))], options.Value.VolunteerHourCents)
        {
            Site = site,
            Sites = await db.SiteChoicesAsync(cancellationToken),
        };
    }

    /// <summary>One line a row, as the individual time sheets of volunteers ask.</summary>
    internal static byte[] File(VolunteeringSheet sheet, PageText text)
    {
        return SpreadsheetFile.Write(file =>
        {
            file.WriteRecord(
                text[VolunteeringText.FileName], text[VolunteeringText.FileCode], text[VolunteeringText.Day], text[VolunteeringText.Kind], text[VolunteeringText.Note], text[VolunteeringText.FileHours],
                text[VolunteeringText.FileRate], text[VolunteeringText.FileTotal]);
            foreach (var line in sheet.Lines)
            {
                file.WriteRecord(
                    line.Name ?? text[VolunteeringText.Detached], line.Code ?? "", LocalDatePattern.Iso.Format(line.Row.Day), text[VolunteeringWords.Of(line.Row.Kind)], line.Row.Note,
                    Number(line.Row.Minutes / 60m), sheet.CentsAnHour == 0 ? "" : Number(sheet.CentsAnHour / 100m), sheet.CentsAnHour == 0 ? "" : Number(sheet.WorthOf(line.Row.Minutes) / 100m));
            }
        });

        string Number(decimal value) => value.ToString("0.00", text.Culture);
    }

    /// <summary>Hours as people write them: 2, 1,5, 1.5 or 1:30. Null when it is none of these.</summary>
    internal static int? Minutes(string? hours)
    {
        string[] parts = (hours ?? "").Trim().Split(':', 'h', 'H');
        if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int whole) && whole <= 24)
            return parts[1].Length == 0 ? whole * 60 : int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minutes) && minutes < 60 ? (whole * 60) + minutes : null;
        return parts.Length == 1 && decimal.TryParse(parts[0].Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) && number <= 24
            ? (int)Math.Round(number * 60, MidpointRounding.AwayFromZero)
            : null;
    }
}
