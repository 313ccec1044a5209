using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>When the place is open: for anybody, and for who sets it.</summary>
internal static class HoursPages
{
    private const string ManagePath = "/hours/manage";
    private const string WeekPath = "/hours/week";

    public static void Map(RouteGroupBuilder open, IEndpointRouteBuilder routes)
    {
        open.MapGet("/hours", async (HoursQueries hours, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<HoursPage>((nameof(HoursPage.Sheet), await hours.PublicAsync(text.Now, cancellationToken))));
        RouteGroupBuilder closing = routes.Pages(Right.CloseDay).WithMetadata(new TracedAs("hours."));
        closing.MapGet(ManagePath, async (HoursQueries hours, PageText text, CancellationToken cancellationToken) => Manage(200, await hours.ManageAsync(text.Now, cancellationToken)));
        closing.MapPost("/hours/day", DayAsync);
        closing.MapPost("/hours/closures", ClosureAsync);
        closing.MapPost("/hours/closures/remove", RemoveClosureAsync);
        closing.MapPost("/hours/undo", UndoAsync);
        RouteGroupBuilder keeping = routes.Pages(Right.KeepHours).WithMetadata(new TracedAs("hours."));
        keeping.MapGet(WeekPath, async (int? rows, HoursQueries hours, CancellationToken cancellationToken) =>
            Week(200, await hours.WeekAsync(rows ?? 0, cancellationToken)));
        keeping.MapPost(WeekPath, WeekAsync);
        keeping.MapPost("/hours/school", SchoolAsync)
            .WithMetadata(new BodyLimit(SchoolHolidays.MaxBytes + BodyLimit.Ordinary))
            .WithMetadata(new RequestFormLimitsAttribute { MultipartBodyLengthLimit = SchoolHolidays.MaxBytes + BodyLimit.Ordinary });
        keeping.MapPost("/hours/school/remove", ForgetSchoolAsync);
    }

    /// <summary>Closes a date, gives it hours of its own, or takes those away.</summary>
    private static async Task<IResult> DayAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetSiteHours handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ManageSheet sheet = (await hours.ManageAsync(text.Now, cancellationToken)) with { Entered = HoursForm.DayFields(form) };
        (ValueList<DateException> dates, LocalDate date, (string Field, Words Text)? fault) = HoursForm.ReadDay(form, sheet.Timetable.Exceptions);
        return fault is not null
            ? Manage(400, sheet with { Fault = fault })
            : await ChangeAsync(
                form, sheet.Timetable with { Exceptions = dates }, sheet, http, hours, handler, notes, frame, text,
                (_, told) => HoursForm.DayDone(form, date, dates, told), cancellationToken);
    }

    private static async Task<IResult> ClosureAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetSiteHours handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ManageSheet sheet = (await hours.ManageAsync(text.Now, cancellationToken)) with { Entered = HoursForm.Entered(form, "closure0first", "closure0reopens", "closure0label") };
        (ValueList<Closure> added, (string Field, Words Text)? fault) = HoursForm.Closures(
            [new ClosureRow(sheet.Of("closure0first").Length > 0 ? sheet.Of("closure0first") : "?", sheet.Of("closure0reopens"), sheet.Of("closure0label"))], []);
        if (fault is not null)
            return Manage(400, sheet with { Fault = fault });
        return await ChangeAsync(
            form, sheet.Timetable with { Closures = [.. sheet.Timetable.Closures, .. added] }, sheet, http, hours, handler, notes, frame, text,
            (_, told) => Filled(HoursText.Saved, told), cancellationToken);
    }

    private static async Task<IResult> RemoveClosureAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetSiteHours handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        ManageSheet sheet = await hours.ManageAsync(text.Now, cancellationToken);
        if (!int.TryParse(form["closure"], NumberStyles.None, CultureInfo.InvariantCulture, out int place) || place >= sheet.Timetable.Closures.Count)
            return Manage(409, sheet with { Problem = HoursText.ChangedMeanwhile });
        return await ChangeAsync(
            form, sheet.Timetable with { Closures = [.. sheet.Timetable.Closures.Where((_, i) => i != place)] }, sheet, http, hours, handler, notes, frame, text,
            (_, told) => Filled(HoursText.Saved, told), cancellationToken);
    }

    private static async Task<IResult> UndoAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetSiteHours handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        Outcome<HoursSaved> outcome = await handler.UndoAsync(HoursForm.Version(form), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Manage(refusal.Status, (await hours.ManageAsync(text.Now, cancellationToken)) with { Problem = refusal.Code == ProblemCodes.Stale ? HoursText.ChangedMeanwhile : WebText.NotDone });
        notes.Leave(http, new DoneNote(Filled(HoursText.Undone, Told(outcome.Value))));
        return Results.LocalRedirect(ManagePath);
    }

    /// <summary>Previews or makes a change of closures and dates, and comes back to their page.</summary>
    private static async Task<IResult> ChangeAsync(
        IFormCollection form, SiteTimetable wanted, ManageSheet sheet, HttpContext http, HoursQueries hours, SetSiteHours handler, DoneNotes notes, PageFrame frame, PageText text,
        Func<HoursSaved, Words, Words> done, CancellationToken cancellationToken)
    {
        // A form that was open while somebody else changed something is told so, and nothing of theirs is lost.
        Outcome<HoursSaved> outcome = await handler.HandleAsync(
            new SiteHoursToBe(wanted, HoursForm.Version(form), Preview: form["act"] == "preview"), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return Manage(refusal.Status, refusal.Code == ProblemCodes.Stale
                ? sheet with { Entered = new Dictionary<string, string>(), Problem = HoursText.ChangedMeanwhile }
                : sheet with { Problem = WebText.NotDone });
        }

        if (form["act"] == "preview")
            return Manage(200, sheet with { Preview = await hours.LinesAsync(frame.Viewer, outcome.Value.Hits, text.Zone, cancellationToken) });
        notes.Leave(http, new DoneNote(done(outcome.Value, Told(outcome.Value)), "/hours/undo", Undo(outcome.Value)));
        return Results.LocalRedirect(ManagePath);
    }

    private static async Task<IResult> WeekAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetSiteHours handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        WeekSheet now = await hours.WeekAsync(0, cancellationToken);
        List<WeekRow> rows = HoursForm.ReadRows(form);
        WeekSheet entered = now with
        {
            Rows = HoursForm.Pad(rows, form["act"] == "more" ? rows.Count + 5 : rows.Count),
            Version = HoursForm.Version(form),
            Region = HoursForm.Choice(form, "region", now.Region),
            School = Enum.TryParse(form["school"], out SchoolZone school) && Enum.IsDefined(school) ? school : null,
            ClosedOnPublicHolidays = form.ContainsKey("closedOnHolidays"),
            Department = HoursForm.Text(form, "department"),
        };
        if (form["act"] == "more")
            return Week(200, entered);
        (ValueList<WeeklyOpening> rules, (string Field, Words Text)? fault) = HoursForm.Rules(rows);
        if (fault is not null)
            return Week(400, entered with { Fault = fault });
        SiteTimetable current = (await hours.HoursAsync(cancellationToken)).Schedule.Site;
        SiteTimetable wanted = current with
        {
            Weekly = rules, Region = entered.Region, SchoolZone = entered.School, ClosedOnPublicHolidays = entered.ClosedOnPublicHolidays,
        };
        if (entered.Department.Length > 0)
        {
            if (FrenchPlace.OfDepartment(entered.Department) is not { } place)
                return Week(400, entered with { Fault = ("department", HoursForm.Both(HoursText.DepartmentBad)) });
            wanted = wanted with { Zone = place.Zone, Region = place.Region, SchoolZone = place.School };
        }

        if (HoursForm.Place(TimetableCheck.Faults(wanted), rows) is { } wrong)
            return Week(400, entered with { Fault = wrong });
        Outcome<HoursSaved> outcome = await handler.HandleAsync(
            new SiteHoursToBe(wanted, entered.Version, Preview: form["act"] == "preview"), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return Week(refusal.Status, refusal.Code == ProblemCodes.Stale
                ? now with { Problem = HoursText.ChangedMeanwhile }
                : entered with { Problem = WebText.NotDone });
        }

        if (form["act"] == "preview")
            return Week(200, entered with { Preview = await hours.LinesAsync(frame.Viewer, outcome.Value.Hits, text.Zone, cancellationToken) });
        notes.Leave(http, new DoneNote(Filled(HoursText.Saved, Told(outcome.Value)), "/hours/undo", Undo(outcome.Value)));
        return Results.LocalRedirect(ManagePath);
    }

    private static async Task<IResult> SchoolAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetSchoolHolidays handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (form.Files.GetFile("file") is not { Length: > 0 and <= SchoolHolidays.MaxBytes } file)
            return Manage(400, (await hours.ManageAsync(text.Now, cancellationToken)) with { Fault = ("file", HoursForm.Both(HoursText.SchoolMissing)) });
        using var reader = new StreamReader(file.OpenReadStream());
        Outcome<SchoolHolidaysSet> outcome = await handler.HandleAsync(await reader.ReadToEndAsync(cancellationToken), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is not null)
            return Manage(outcome.Refusal.Status, (await hours.ManageAsync(text.Now, cancellationToken)) with { Problem = WebText.NotDone });
        if (outcome.Value.Faults.Count > 0)
        {
            return Manage(400, (await hours.ManageAsync(text.Now, cancellationToken)) with
            {
                SchoolFaults = outcome.Value.Faults, Fault = ("file", HoursForm.Both(HoursText.SchoolBroken)),
            });
        }

        notes.Leave(http, new DoneNote(Filled(HoursText.SchoolDone, HoursWords.Hits(outcome.Value.Hits.Count, told: true))));
        return Results.LocalRedirect(ManagePath);
    }

    private static async Task<IResult> ForgetSchoolAsync(
        HttpContext http, HoursQueries hours, SetSchoolHolidays handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        Outcome<SchoolHolidaysSet> outcome = await handler.HandleAsync(null, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is not null)
            return Manage(outcome.Refusal.Status, (await hours.ManageAsync(text.Now, cancellationToken)) with { Problem = WebText.NotDone });
        notes.Leave(http, new DoneNote(Filled(HoursText.SchoolForgotten, HoursWords.Hits(outcome.Value.Hits.Count, told: true))));
        return Results.LocalRedirect(ManagePath);
    }

    internal static Words Told(HoursSaved saved) => HoursWords.Hits(saved.Hits.Count, told: true);

    internal static Dictionary<string, string> Undo(HoursSaved saved) => new() { ["version"] = saved.Version.ToString(CultureInfo.InvariantCulture) };

    internal static Words Filled(Phrase phrase, params Words[] values) => new(
        phrase.In(Language.French, [.. values.Select(v => v.Fr)]), phrase.In(Language.English, [.. values.Select(v => v.En)]));

    private static RazorComponentResult<ManageHoursPage> Manage(int status, ManageSheet sheet) => Web.Pages.Show<ManageHoursPage>(status, (nameof(ManageHoursPage.Sheet), sheet));

    private static RazorComponentResult<WeekPage> Week(int status, WeekSheet sheet) => Web.Pages.Show<WeekPage>(status, (nameof(WeekPage.Sheet), sheet));
}
