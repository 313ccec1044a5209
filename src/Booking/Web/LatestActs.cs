using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Privacy.Pages;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Web;

/// <summary>One change that was made.</summary>
/// <param name="At">When.</param>
/// <param name="Action">Its code in the audit.</param>
/// <param name="By">Who made it; null where the viewer may not read who.</param>
/// <param name="Own">Whether the viewer made it.</param>
public sealed record LatestAct(Instant At, string Action, string? By, bool Own);

/// <summary>Who changed the thing a request is about, by the audit, the latest first.</summary>
internal sealed class LatestActs(BookingDbContext db, FloorQueries floor, PageFrame frame)
{
    private const int Most = 3;
    private static readonly Duration Recent = Duration.FromDays(1);

    /// <param name="http">The request: its route names the thing.</param>
    /// <param name="hidden">What its form says without showing it: an id of a row, the name of a scope.</param>
    /// <param name="now">The acts of the day before count.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<LatestAct>> OfAsync(HttpContext http, IEnumerable<string> hidden, Instant now, CancellationToken cancellationToken)
    {
        List<string> words = [.. http.Request.RouteValues.Values.OfType<string>().Concat(hidden).Where(word => word.Length > 0).Distinct()];
        List<Guid?> ids = [.. words.Select(word => Guid.TryParse(word, out Guid id) ? id : (Guid?)null).Where(id => id is not null)];
        ids.AddRange(await db.Machines.Where(machine => words.Contains(machine.Code)).Select(machine => (Guid?)machine.Id.Value).ToListAsync(cancellationToken));
        string site = http.GetEndpoint()?.Metadata.GetMetadata<TracedAs>()?.Act ?? "";
        Instant since = now - Recent;
        return await ToldAsync(
            from entry in db.Audit
            join value in db.AuditValues on entry.Seq equals value.Seq
            where entry.At >= since && value.By != null
                && (ids.Contains(value.Subject) || (value.Subject == null && (words.Contains(value.Detail!) || (site != "" && entry.Action.StartsWith(site)))))
            orderby entry.Seq descending
            select new Found(entry.At, entry.Action, value.By!.Value), Most, cancellationToken);
    }

    /// <summary>The last change of the day of one thing, in words after a sentence that says that there was one; nothing when the audit has none.</summary>
    /// <param name="subject">The thing.</param>
    /// <param name="detail">What the audit adds to it, where a thing has many lines: the person of the line.</param>
    /// <param name="text">In whose words.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string> AfterAsync(Guid subject, string? detail, PageText text, CancellationToken cancellationToken)
    {
        Instant since = text.Now - Recent;
        return (await ToldAsync(
            from entry in db.Audit
            join value in db.AuditValues on entry.Seq equals value.Seq
            where entry.At >= since && value.By != null && value.Subject == subject && (detail == null || value.Detail == detail)
            orderby entry.Seq descending
            select new Found(entry.At, entry.Action, value.By!.Value), 1, cancellationToken)) is [var act]
            ? $" {ActWords.Of(act.Action)?.In(text.Tag) ?? act.Action}, {text[StaleText.By, act.Own ? text[StaleText.Yourself] : act.By ?? text[StaleText.Team]]}, {text.When(act.At)}."
            : "";
    }

    private async Task<IReadOnlyList<LatestAct>> ToldAsync(IQueryable<Found> found, int most, CancellationToken cancellationToken)
    {
        List<Found> acts = await found.Take(most).ToListAsync(cancellationToken);
        var people = await floor.PeopleAsync(acts.Select(act => (PersonId?)act.By).Where(by => frame.Viewer.MaySee(by!.Value)), cancellationToken);
        return [.. acts.Select(act => new LatestAct(act.At, act.Action, people.GetValueOrDefault(act.By)?.Label, act.By == frame.Viewer.Actor?.Id))];
    }

    private sealed record Found(Instant At, string Action, PersonId By);
}
