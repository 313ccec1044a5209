using System.Globalization;
using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.People;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>How things are booked: of the place, of a class; and limits on what people book.</summary>
internal static class BookingRulesPages
{
    private const string RulesPath = "/booking-rules";
    private static readonly string[] QuotaFields = ["minutes", "count", "plans", "period"];

    public static void Map(RouteGroupBuilder keeping)
    {
        keeping.MapGet(RulesPath, async (HoursQueries hours, CancellationToken cancellationToken) => Show(200, await hours.RulesAsync(cancellationToken)));
        keeping.MapGet($"{RulesPath}/terms", async (string? scope, HoursQueries hours, CancellationToken cancellationToken) =>
            await hours.TermsAsync(scope ?? TermsRow.Site, cancellationToken) is { } form ? (IResult)Terms(200, form, null) : Results.NotFound());
        keeping.MapPost($"{RulesPath}/terms", TermsAsync);
        keeping.MapPost($"{RulesPath}/claim", ClaimAsync).WithMetadata(new TracedAs("site.claim_window"));
        keeping.MapPost($"{RulesPath}/quota", QuotaAsync);
        keeping.MapPost($"{RulesPath}/quota/remove", RemoveQuotaAsync);
    }

    /// <summary>Reads terms from a form and saves them; no outcome when a field is wrong. "forget" gives up the terms of the scope; "as" sets them as they were before.</summary>
    internal static async Task<(TermsForm Form, Outcome<TermsSaved>? Outcome)> SaveTermsAsync(
        IFormCollection form, TermsForm now, HoursQueries hours, SetTerms handler, StaffActor by, CancellationToken cancellationToken)
    {
        if (form["act"] == "forget")
            return (now, (Outcome<TermsSaved>?)await handler.HandleAsync(now.Scope, new TermsToBe(null, HoursForm.Version(form)), by, cancellationToken));
        if (form["as"].ToString() is { Length: > 0 and < 4000 } text && Read<BookingTerms>(text) is { } was)
            return (now, await handler.HandleAsync(now.Scope, new TermsToBe(was, HoursForm.Version(form)), by, cancellationToken));
        BookingTerms before = await CurrentAsync(now.Scope, hours, cancellationToken);
        (TermsForm entered, BookingTerms terms) = HoursForm.ReadTerms(form, now, before);
        return entered.Fault is not null
            ? (entered, (Outcome<TermsSaved>?)null)
            : (entered, await handler.HandleAsync(now.Scope, new TermsToBe(terms, entered.Version, Preview: form["act"] == "preview"), by, cancellationToken));
    }

    /// <summary>What was done, and the form that takes it back.</summary>
    internal static DoneNote TermsNote(IFormCollection form, TermsForm before, string address, Words name, TermsSaved now)
    {
        bool forgotten = form["act"] == "forget";
        var fields = new Dictionary<string, string> { ["version"] = now.Version.ToString(CultureInfo.InvariantCulture), ["scope"] = before.Scope };
        if (before.Own)
            fields["as"] = before.Json;
        else
            fields["act"] = "forget";
        return new DoneNote(HoursPages.Filled(forgotten ? BookingRulesText.Forgotten : BookingRulesText.Saved, name), address, fields);
    }

    private static async Task<BookingTerms> CurrentAsync(string scope, HoursQueries hours, CancellationToken cancellationToken)
    {
        LabHours now = await hours.HoursAsync(cancellationToken);
        return TermsRow.MachineOf(scope) is { } machine ? now.TermsOf(machine, "")
            : now.TermsOf(default, scope.StartsWith("class:", StringComparison.Ordinal) ? scope["class:".Length..] : "");
    }

    private static async Task<IResult> TermsAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetTerms handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await hours.TermsAsync(form["scope"].ToString(), cancellationToken) is not { } now)
            return Results.NotFound();
        (TermsForm entered, Outcome<TermsSaved>? outcome) = await SaveTermsAsync(form, now, hours, handler, frame.Viewer.Actor!, cancellationToken);
        if (outcome is not { } made)
            return Terms(400, entered, null);
        if (made.Refusal is { } refusal)
            return Terms(refusal.Status, now, refusal.Code == ProblemCodes.Stale ? BookingRulesText.Stale : WebText.NotDone);
        if (form["act"] == "preview")
            return Terms(200, entered with { Preview = await hours.LinesAsync(frame.Viewer, made.Value.Hits, text.Zone, cancellationToken) }, null);
        notes.Leave(http, TermsNote(form, now, $"{RulesPath}/terms", now.Name, made.Value));
        return Results.LocalRedirect(RulesPath);
    }

    private static async Task<IResult> ClaimAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetClaimWindow handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        BookingRulesSheet sheet = (await hours.RulesAsync(cancellationToken)) with { Entered = new Dictionary<string, string> { ["claim"] = HoursForm.Text(form, "claim") } };
        if (!Number(sheet.Of("claim"), out int? minutes) || minutes is not (>= 0 and <= SetClaimWindow.MostMinutes))
            return Show(400, sheet with { Fault = ("claim", BookingRulesText.BadClaim) });
        Outcome<Changed> outcome = await handler.HandleAsync(new ClaimWindow(minutes.Value, HoursForm.Version(form)), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Show(refusal.Status, refusal.Code == ProblemCodes.Stale
                ? sheet with { Entered = new Dictionary<string, string>(), Problem = BookingRulesText.Stale }
                : sheet with { Problem = WebText.NotDone });
        notes.Leave(http, new DoneNote(HoursForm.Both(BookingRulesText.ClaimSaved), $"{RulesPath}/claim", new Dictionary<string, string>
        {
            ["claim"] = sheet.ClaimMinutes.ToString(CultureInfo.InvariantCulture), ["version"] = outcome.Value.Version.ToString(CultureInfo.InvariantCulture),
        }));
        return Results.LocalRedirect(RulesPath);
    }

    private static async Task<IResult> QuotaAsync(
        IFormCollection form, HttpContext http, BookingDbContext db, HoursQueries hours, SetQuota handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        QuotaId id = Ids.TryParse(form["quota"], out QuotaId known) ? known : new QuotaId(Guid.CreateVersion7());
        BookingQuota? quota = form["as"].ToString() is { Length: > 0 and < 4000 } text ? Read<BookingQuota>(text) : null;
        BookingRulesSheet sheet = await hours.RulesAsync(cancellationToken);
        if (quota is null)
        {
            sheet = sheet with
            {
                Entered = QuotaFields.ToDictionary(field => field, field => HoursForm.Text(form, field), StringComparer.Ordinal),
                Ticked = form["class"].OfType<string>().Append(form.ContainsKey("sameDay") ? "sameDay" : "").ToHashSet(StringComparer.Ordinal),
            };
            if (!Number(sheet.Of("minutes"), out int? minutes) || minutes is < 1 or > 44_640)
                return Show(400, sheet with { Fault = ("minutes", BookingRulesText.BadNumber) });
            if (!Number(sheet.Of("count"), out int? count) || count is < 1 or > 1000)
                return Show(400, sheet with { Fault = ("count", BookingRulesText.BadNumber) });
            if (minutes is null && count is null)
                return Show(400, sheet with { Fault = ("minutes", BookingRulesText.QuotaNothing) });
            quota = new BookingQuota
            {
                Period = HoursForm.Choice(form, "period", QuotaPeriod.Week),
                Time = minutes is { } most ? Duration.FromMinutes(most) : null,
                Count = count,
                Classes = [.. sheet.Classes.Where(sheet.Ticked.Contains)],
                Plans = [.. sheet.Of("plans").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
                SameDayFree = form.ContainsKey("sameDay"),
            };
        }

        long version = await db.BookingQuotas.Where(row => row.Id == id).Select(row => row.Version).SingleOrDefaultAsync(cancellationToken);
        Outcome<Changed> outcome = await handler.HandleAsync(id, new QuotaToBe(quota, version), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Show(refusal.Status, sheet with { Problem = WebText.NotDone });
        notes.Leave(http, new DoneNote(HoursForm.Both(BookingRulesText.QuotaSaved), $"{RulesPath}/quota/remove", new Dictionary<string, string> { ["quota"] = id.ToString() }));
        return Results.LocalRedirect(RulesPath);
    }

    private static async Task<IResult> RemoveQuotaAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetQuota handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        BookingRulesSheet sheet = await hours.RulesAsync(cancellationToken);
        if (!Ids.TryParse(form["quota"], out QuotaId id) || sheet.Quotas.FirstOrDefault(line => line.Id == id) is not { } line)
            return Results.NotFound();
        Outcome<Changed> outcome = await handler.RemoveAsync(id, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Show(refusal.Status, sheet with { Problem = WebText.NotDone });
        string was = JsonSerializer.Serialize(line.Quota, CoreJson.Options);
        // A quota that names very many people does not fit into the note; it is gone then.
        notes.Leave(http, was.Length < 1500
            ? new DoneNote(HoursForm.Both(BookingRulesText.QuotaRemoved), $"{RulesPath}/quota", new Dictionary<string, string> { ["quota"] = id.ToString(), ["as"] = was })
            : new DoneNote(HoursForm.Both(BookingRulesText.QuotaRemoved)));
        return Results.LocalRedirect(RulesPath);
    }

    private static bool Number(string text, out int? number)
    {
        number = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int read) ? read : null;
        return text.Length == 0 || number is not null;
    }

    private static T? Read<T>(string json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, CoreJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RazorComponentResult<BookingRulesPage> Show(int status, BookingRulesSheet sheet) => Web.Pages.Show<BookingRulesPage>(status, (nameof(BookingRulesPage.Sheet), sheet));

    private static RazorComponentResult<TermsPage> Terms(int status, TermsForm form, Phrase? problem) =>
        Web.Pages.Show<TermsPage>(status, (nameof(TermsPage.Form), form), (nameof(TermsPage.Problem), problem));
}
