using System.Globalization;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>A machine's own hours and how it is booked.</summary>
internal static class MachineHoursPages
{
    public static void Map(RouteGroupBuilder machines)
    {
        machines.MapGet("/machines/{code}/hours", async (string code, int? rows, HoursQueries hours, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await hours.MachineAsync(frame.Viewer, code, rows ?? 0, text.Now, cancellationToken) is { } sheet ? (IResult)Show(200, sheet) : Results.NotFound());
        machines.MapPost("/machines/{code}/hours", SaveAsync);
        machines.MapPost("/machines/{code}/hours/undo", UndoAsync);
        machines.MapPost("/machines/{code}/hours/day", DayAsync);
        machines.MapPost("/machines/{code}/terms", TermsAsync);
        machines.MapPost("/machines/{code}/booking-end", EndAsync);
    }

    private static async Task<IResult> SaveAsync(
        string code, IFormCollection form, HttpContext http, HoursQueries hours, SetMachineHours handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await hours.MachineAsync(frame.Viewer, code, 0, text.Now, cancellationToken) is not { } now)
            return Results.NotFound();
        List<WeekRow> rows = HoursForm.ReadRows(form);
        List<ClosureRow> closures = HoursForm.ReadClosures(form);
        MachineHoursSheet entered = now with
        {
            Mode = HoursForm.Choice(form, "mode", now.Mode),
            Rows = HoursForm.Pad(rows, form["act"] == "more" ? rows.Count + 5 : rows.Count),
            Closures = closures.Exists(row => row.IsBlank) ? closures : [.. closures, new ClosureRow("", "", "")],
            Version = HoursForm.Version(form),
        };
        if (form["act"] == "more")
            return Show(200, entered);
        (ValueList<WeeklyOpening> rules, (string Field, Words Text)? fault) = HoursForm.Rules(rows);
        MachineTimetable current = (await hours.HoursAsync(cancellationToken)).Own(now.Id);
        (ValueList<Closure> closed, (string Field, Words Text)? wrong) = HoursForm.Closures(closures, current.Closures);
        MachineTimetable wanted = current with { Hours = entered.Mode, Weekly = rules, Closures = closed };
        if ((fault ?? wrong ?? HoursForm.Place(TimetableCheck.Faults(wanted), rows)) is { } first)
            return Show(400, entered with { Fault = first });
        Outcome<HoursSaved> outcome = await handler.HandleAsync(
            now.Id, new MachineHoursToBe(wanted, entered.Version, Preview: form["act"] == "preview"), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return Show(refusal.Status, refusal.Code == ProblemCodes.Stale
                ? now with { Problem = HoursText.ChangedMeanwhile }
                : entered with { Problem = WebText.NotDone });
        }

        if (form["act"] == "preview")
            return Show(200, entered with { Preview = await hours.LinesAsync(frame.Viewer, outcome.Value.Hits, text.Zone, cancellationToken) });
        notes.Leave(http, new DoneNote(HoursPages.Filled(HoursText.Saved, HoursPages.Told(outcome.Value)), $"{Address(code)}/undo", HoursPages.Undo(outcome.Value)));
        return Results.LocalRedirect(Address(code));
    }

    private static async Task<IResult> UndoAsync(
        string code, IFormCollection form, HttpContext http, HoursQueries hours, SetMachineHours handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await hours.MachineAsync(frame.Viewer, code, 0, text.Now, cancellationToken) is not { } now)
            return Results.NotFound();
        Outcome<HoursSaved> outcome = await handler.UndoAsync(now.Id, HoursForm.Version(form), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Show(refusal.Status, now with { Problem = refusal.Code == ProblemCodes.Stale ? HoursText.ChangedMeanwhile : WebText.NotDone });
        notes.Leave(http, new DoneNote(HoursPages.Filled(HoursText.Undone, HoursPages.Told(outcome.Value))));
        return Results.LocalRedirect(Address(code));
    }

    /// <summary>Closes the machine on a date, gives it hours of its own then, or takes those away.</summary>
    private static async Task<IResult> DayAsync(
        string code, IFormCollection form, HttpContext http, HoursQueries hours, SetMachineHours handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await hours.MachineAsync(frame.Viewer, code, 0, text.Now, cancellationToken) is not { } now)
            return Results.NotFound();
        MachineHoursSheet entered = now with { Entered = HoursForm.DayFields(form) };
        MachineTimetable current = (await hours.HoursAsync(cancellationToken)).Own(now.Id);
        (ValueList<DateException> dates, LocalDate date, (string Field, Words Text)? fault) = HoursForm.ReadDay(form, current.Exceptions);
        if (fault is not null)
            return Show(400, entered with { Fault = fault });
        Outcome<HoursSaved> outcome = await handler.HandleAsync(
            now.Id, new MachineHoursToBe(current with { Exceptions = dates }, HoursForm.Version(form), Preview: form["act"] == "preview"), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Show(refusal.Status, refusal.Code == ProblemCodes.Stale ? now with { Problem = HoursText.ChangedMeanwhile } : entered with { Problem = WebText.NotDone });
        if (form["act"] == "preview")
            return Show(200, entered with { Preview = await hours.LinesAsync(frame.Viewer, outcome.Value.Hits, text.Zone, cancellationToken) });
        notes.Leave(http, new DoneNote(HoursForm.DayDone(form, date, dates, HoursPages.Told(outcome.Value)), $"{Address(code)}/undo", HoursPages.Undo(outcome.Value)));
        return Results.LocalRedirect(Address(code));
    }

    private static async Task<IResult> EndAsync(
        string code, IFormCollection form, HttpContext http, HoursQueries hours, SetBookingEnd handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await hours.MachineAsync(frame.Viewer, code, 0, text.Now, cancellationToken) is not { End: { } before } now)
            return Results.NotFound();
        var entered = new BookingEndForm(HoursForm.Choice(form, "end", before.End), HoursForm.Text(form, "cap"), HoursForm.Version(form));
        if (!int.TryParse(entered.Cap, NumberStyles.None, CultureInfo.InvariantCulture, out int cap) || cap > SetBookingEnd.MostMinutes)
            return Show(400, now with { End = entered, Fault = ("cap", HoursForm.Both(BookingRulesText.BadCap)) });
        Outcome<People.Changed> outcome = await handler.HandleAsync(now.Id, new BookingEndToBe(entered.End, cap, entered.Version), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Show(refusal.Status, refusal.Code == ProblemCodes.Stale ? now with { Problem = BookingRulesText.Stale } : now with { End = entered, Problem = WebText.NotDone });
        notes.Leave(http, new DoneNote(BookingRulesText.EndSaved.Words(code), $"/machines/{Uri.EscapeDataString(code)}/booking-end", new Dictionary<string, string>
        {
            ["end"] = before.End.ToString(), ["cap"] = before.Cap, ["version"] = outcome.Value.Version.ToString(CultureInfo.InvariantCulture),
        }));
        return Results.LocalRedirect(Address(code));
    }

    private static async Task<IResult> TermsAsync(
        string code, IFormCollection form, HttpContext http, HoursQueries hours, SetTerms handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await hours.MachineAsync(frame.Viewer, code, 0, text.Now, cancellationToken) is not { } now)
            return Results.NotFound();
        (TermsForm entered, Outcome<TermsSaved>? outcome) = await BookingRulesPages.SaveTermsAsync(form, now.Terms, hours, handler, frame.Viewer.Actor!, cancellationToken);
        if (outcome is not { } made)
            return Show(400, now with { Terms = entered });
        if (made.Refusal is { } refusal)
            return Show(refusal.Status, now with { Problem = refusal.Code == ProblemCodes.Stale ? BookingRulesText.Stale : WebText.NotDone });
        if (form["act"] == "preview")
            return Show(200, now with { Terms = entered with { Preview = await hours.LinesAsync(frame.Viewer, made.Value.Hits, text.Zone, cancellationToken) } });
        notes.Leave(http, BookingRulesPages.TermsNote(form, now.Terms, $"/machines/{Uri.EscapeDataString(code)}/terms", new Words(code, code), made.Value));
        return Results.LocalRedirect(Address(code));
    }

    private static string Address(string code) => $"/machines/{Uri.EscapeDataString(code)}/hours";

    private static RazorComponentResult<MachineHoursPage> Show(int status, MachineHoursSheet sheet) => Web.Pages.Show<MachineHoursPage>(status, (nameof(MachineHoursPage.Sheet), sheet));
}
