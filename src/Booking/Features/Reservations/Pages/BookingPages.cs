using System.Globalization;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>One's bookings, and the page of one: to move, extend, shorten or cancel it.</summary>
internal static class BookingPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.Pages(Right.BookOwn);
        pages.MapGet("/bookings/mine", async (MineQueries mine, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<MinePage>((nameof(MinePage.Sheet), await mine.MineAsync(frame.Viewer.Actor!.Id, text.Now, cancellationToken))));
        pages.MapGet("/bookings/{id:guid}", (Guid id, Keeper keeper) => keeper.ShowAsync(id));
        pages.MapPost("/bookings/{id:guid}/change", (Guid id, IFormCollection form, Keeper keeper, MoveBooking handler) => keeper.ChangeAsync(id, form, handler));
        pages.MapPost("/bookings/{id:guid}/end", (Guid id, IFormCollection form, Keeper keeper, MoveBooking handler) => keeper.EndAsync(id, form, handler));
        pages.MapPost("/bookings/{id:guid}/cancel", (Guid id, IFormCollection form, Keeper keeper, CancelBooking handler) => keeper.CancelAsync(id, form, handler));
        pages.MapPost("/bookings/{id:guid}/restore", (Guid id, Keeper keeper, CancelBooking handler) => keeper.RestoreAsync(id, handler));
        pages.MapPost("/bookings/series/{id:guid}/cancel", (Guid id, Keeper keeper, BookSeries handler) => keeper.CancelSeriesAsync(id, handler));
        pages.MapPost("/bookings/waits/{id:guid}/leave", (Guid id, Keeper keeper, WaitForTime handler) => keeper.AnswerAsync(id, false, handler));
        pages.MapPost("/bookings/waits/{id:guid}/take", (Guid id, Keeper keeper, WaitForTime handler) => keeper.AnswerAsync(id, true, handler));
        routes.Pages(Right.Book).MapPost("/bookings/{id:guid}/waive", (Guid id, [FromForm] string? why, Keeper keeper, WaiveNoShow handler) => keeper.WaiveAsync(id, why, handler));
    }

    /// <summary>What every act on a booking needs: who does it, the request, and the page as it stands after.</summary>
    internal sealed class Keeper(IHttpContextAccessor accessor, MineQueries mine, PlanningQueries planning, DoneNotes notes, PageFrame frame, PageText text)
    {
        private HttpContext Http => accessor.HttpContext!;

        private CancellationToken Cancel => Http.RequestAborted;

        private StaffActor Actor => frame.Viewer.Actor!;

        public async Task<IResult> ShowAsync(Guid id) => await mine.OneAsync(frame.Viewer, id, text.Now, Cancel) is { } sheet ? Show(200, sheet) : Results.NotFound();

        public async Task<IResult> ChangeAsync(Guid id, IFormCollection form, MoveBooking handler)
        {
            if (await mine.OneAsync(frame.Viewer, id, text.Now, Cancel) is not { } sheet)
                return Results.NotFound();
            var row = sheet.Line.Row;
            var entered = new ChangeEntered(
                Short(form, "fromDay"), Short(form, "fromTime"), Short(form, "untilDay"), Short(form, "untilTime"), Short(form, "machine"), form["note"].ToString().Trim(), Short(form, "project"), Short(form, "places"));
            // The planning sends times alone, and wants to be shown again.
            var back = Short(form, "back");
            if (ReserveWords.Moment(entered.FromDay, entered.FromTime, text.Zone) is not { } start || ReserveWords.Moment(entered.UntilDay, entered.UntilTime, text.Zone) is not { } end)
                return Show(400, sheet with { Entered = entered with { Fault = ("fromDay", ReserveText.BadTime) } });
            if (entered.Note.Length > Reservation.MaxNote)
                return Show(400, sheet with { Entered = entered with { Fault = ("note", ReserveText.NoteLong) } });
            var zone = text.Zone;
            var words = form.ContainsKey("note");
            ProjectId? project = Ids.TryParse(entered.Project, out ProjectId known) ? known : null;
            MachineId? machine = Ids.TryParse(entered.Machine, out MachineId other) && other != row.MachineId ? other : null;
            var waive = BookProblem.Waived(form);
            var why = form["why"].ToString().Trim();
            var outcome = await handler.HandleAsync(
                new BookingId(id),
                new BookingChange
                {
                    // What the form shows to the minute stays as it is when it was not touched.
                    Start = Untouched(row.Start, entered.FromDay, entered.FromTime, zone) ? null : start,
                    End = Untouched(row.End, entered.UntilDay, entered.UntilTime, zone) ? null : end,
                    Machine = machine,
                    Places = BookQueries.Number(entered.Places) is { } places && places != row.Places ? places : null,
                    Note = words ? entered.Note : null, Project = words ? project : null, NoProject = words && project is null && row.ProjectId is not null,
                    Version = Version(form), Waive = waive, Why = why,
                },
                Actor, Cancel);
            if (outcome.Refusal is { } refusal)
                return await RefusedAsync(id, refusal, entered, back, waive);
            var made = outcome.Value;
            var undo = new Dictionary<string, string>
            {
                ["fromDay"] = ReserveWords.DayOf(row.Start, zone), ["fromTime"] = ReserveWords.ClockOf(row.Start, zone),
                ["untilDay"] = ReserveWords.DayOf(row.End, zone), ["untilTime"] = ReserveWords.ClockOf(row.End, zone),
                ["machine"] = row.MachineId.ToString(), ["version"] = made.Version.ToString(CultureInfo.InvariantCulture), ["back"] = back, ["places"] = row.Places.ToString(CultureInfo.InvariantCulture),
            };
            // The note of what was done travels in a cookie: words too long for it stay as they are now.
            if (words && row.Note.Length <= 120)
                (undo["note"], undo["project"]) = (row.Note, row.ProjectId?.ToString() ?? "");
            Told(ReserveText.Moved, ReserveWords.Span(text, made.Start, made.End), row.Start <= text.Now && made.Start != row.Start ? null : $"/bookings/{id}/change", undo);
            return Results.LocalRedirect(Back(back, id));
        }

        /// <summary>Extends or shortens to an end that is named, or to now.</summary>
        public async Task<IResult> EndAsync(Guid id, IFormCollection form, MoveBooking handler)
        {
            if (await mine.OneAsync(frame.Viewer, id, text.Now, Cancel) is not { } sheet)
                return Results.NotFound();
            var end = NodaTime.Text.InstantPattern.General.Parse(form["end"].ToString()) is { Success: true, Value: var named } ? named : NextMinute();
            var before = sheet.Line.Row.End;
            var outcome = await handler.HandleAsync(new BookingId(id), new BookingChange { End = end, Version = Version(form) }, Actor, Cancel);
            if (outcome.Refusal is { } refusal)
                return await RefusedAsync(id, refusal, null, "", []);
            Told(ReserveText.Moved, ReserveWords.Span(text, outcome.Value.Start, outcome.Value.End), $"/bookings/{id}/end", new()
            {
                ["end"] = NodaTime.Text.InstantPattern.General.Format(before), ["version"] = outcome.Value.Version.ToString(CultureInfo.InvariantCulture),
            });
            return Results.LocalRedirect(Back(Short(form, "back"), id));
        }

        public async Task<IResult> CancelAsync(Guid id, IFormCollection form, CancelBooking handler)
        {
            if (await mine.OneAsync(frame.Viewer, id, text.Now, Cancel) is not { } sheet)
                return Results.NotFound();
            var why = form["why"].ToString().Trim();
            var outcome = await handler.CancelAsync(new BookingId(id), Version(form), why.Length > Reservation.MaxWhy ? why[..Reservation.MaxWhy] : why, Actor, Cancel);
            if (outcome.Refusal is { } refusal)
                return await RefusedAsync(id, refusal, null, "", []);
            Told(outcome.Value.Late ? ReserveText.CancelledLate : ReserveText.Cancelled, new Words("", ""), $"/bookings/{id}/restore", []);
            return Results.LocalRedirect(sheet.Own ? "/bookings/mine" : Back(Short(form, "back"), id));
        }

        public async Task<IResult> RestoreAsync(Guid id, CancelBooking handler)
        {
            var outcome = await handler.RestoreAsync(new BookingId(id), Actor, Cancel);
            if (outcome.Refusal is { } refusal)
                return await RefusedAsync(id, refusal, null, "", []);
            Told(ReserveText.Restored, new Words("", ""), null, []);
            return Results.LocalRedirect($"/bookings/{id}");
        }

        public async Task<IResult> CancelSeriesAsync(Guid id, BookSeries handler)
        {
            var outcome = await handler.CancelAsync(new SeriesId(id), Actor, Cancel);
            if (outcome.Refusal is { } refusal)
                return Results.StatusCode(refusal.Status);
            Told(ReserveText.SeriesCancelled, new Words("", ""), null, []);
            return Results.LocalRedirect("/bookings/mine");
        }

        public async Task<IResult> AnswerAsync(Guid id, bool take, WaitForTime handler)
        {
            var outcome = take ? await handler.AnswerAsync(new WaitId(id), true, Actor, Cancel) : await handler.LeaveAsync(new WaitId(id), Actor, Cancel);
            if (outcome.Refusal is { } refusal)
            {
                if (refusal.Status == StatusCodes.Status404NotFound)
                    return Results.NotFound();
                if (refusal.Code == ProblemCodes.NotAllowed)
                    return Results.StatusCode(refusal.Status);
                var sheet = await mine.MineAsync(Actor.Id, text.Now, Cancel);
                return Web.Pages.Show<MinePage>(refusal.Status, (nameof(MinePage.Sheet), sheet), (nameof(MinePage.Problem), Problem(refusal)));
            }
            var taken = outcome.Value is { State: WaitState.Taken, Offer: not null } ? outcome.Value.Offer : null;
            Told(take ? ReserveText.WaitTaken : ReserveText.WaitLeft, new Words("", ""), taken is null ? null : $"/bookings/{taken.Id}/cancel", []);
            return Results.LocalRedirect("/bookings/mine");
        }

        public async Task<IResult> WaiveAsync(Guid id, string? why, WaiveNoShow handler)
        {
            var outcome = await handler.HandleAsync(new BookingId(id), why, Actor, Cancel);
            if (outcome.Refusal is { } refusal)
            {
                return refusal.Field == "why" && await mine.OneAsync(frame.Viewer, id, text.Now, Cancel) is { } sheet
                    ? Show(refusal.Status, sheet with { Problem = new BookProblem(text[ReserveText.WhyMissing], null, null, []) })
                    : await RefusedAsync(id, refusal, null, "", []);
            }
            Told(ReserveText.Waived, new Words("", ""), null, []);
            return Results.LocalRedirect($"/bookings/{id}");
        }

        public static IResult Show(int status, OneBookingSheet sheet) => Web.Pages.Show<OneBookingPage>(status, (nameof(OneBookingPage.Sheet), sheet));

        /// <summary>Why it was not done, over the page as it stands now; what was written stays in the form.</summary>
        private async Task<IResult> RefusedAsync(Guid id, Refusal refusal, ChangeEntered? entered, string back, IReadOnlyList<string> waive)
        {
            if (refusal.Code == ProblemCodes.NotAllowed)
                return Results.StatusCode(refusal.Status);
            if (refusal.Status == StatusCodes.Status404NotFound || await mine.OneAsync(frame.Viewer, id, text.Now, Cancel) is not { } sheet)
                return Results.NotFound();
            // Dragged on the planning: the planning says why, and shows the booking where it was.
            var onPlanning = back.StartsWith("/planning", StringComparison.Ordinal) && frame.Viewer.HasAll(Right.Book);
            var problem = refusal switch
            {
                { Code: ProblemCodes.Stale } => new BookProblem(text[onPlanning ? ReserveText.StaleDrag : ReserveText.Stale], null, null, []),
                { Field: "why" } => new BookProblem(text[ReserveText.WhyMissing], null, null, waive),
                _ => Problem(refusal) with { Waive = BookProblem.Aside(sheet.Staff, waive, refusal.Code) },
            };
            return onPlanning && problem.Waive.Count == 0
                ? await planning.ShowAsync(refusal.Status, back, problem, text, Cancel)
                : Show(refusal.Status, entered is null || refusal.Code == ProblemCodes.Stale ? sheet with { Problem = problem } : sheet with { Problem = problem, Entered = entered });
        }

        private BookProblem Problem(Refusal refusal) => new(
            refusal.Sentence?.In(text.Tag) ?? text[WebText.NotDone], refusal.NextStep?.In(text.Tag), refusal.NextFree, []);

        private void Told(Phrase told, Words filled, string? undo, Dictionary<string, string> fields) => notes.Leave(Http, new DoneNote(
            new Words(told.In(Language.French, filled.Fr), told.In(Language.English, filled.En)), undo, fields));

        /// <summary>A booking ends on a whole minute, and not in the past.</summary>
        private Instant NextMinute() => LocalClock.ToInstant(text.Now.InZone(text.Zone).LocalDateTime.With(TimeAdjusters.TruncateToMinute), text.Zone) + Duration.FromMinutes(1);

        private static bool Untouched(Instant was, string day, string time, DateTimeZone zone) => ReserveWords.DayOf(was, zone) == day && ReserveWords.ClockOf(was, zone) == time;

        private static long? Version(IFormCollection form) => long.TryParse(form["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

        private static string Back(string back, Guid id) => back is "/bookings/mine" || back.StartsWith("/planning", StringComparison.Ordinal) ? Web.Pages.Local(back) : $"/bookings/{id}";

        private static string Short(IFormCollection form, string field) => form[field].ToString().Trim() is { Length: <= 64 } value ? value : "";
    }
}
