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
using Microsoft.AspNetCore.Routing;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>Choosing what and when, and booking it. No script is needed for any of it.</summary>
internal static class BookPages
{
    internal static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH':'mm");

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.Pages(Right.BookOwn);
        pages.MapGet("/book", (string? @for, Booker booker) => booker.ListAsync(@for, null, null));
        pages.MapPost("/book/for", (IFormCollection form, Booker booker) => booker.FindAsync(form));
        pages.MapGet("/book/{key}", (string key, string? @for, string? day, string? length, string? start, Booker booker) => booker.ShowAsync(key, @for, day, length, start));
        pages.MapPost("/book/{key}", (string key, IFormCollection form, Booker booker, BookMachine handler) => booker.BookAsync(key, form, handler));
        pages.MapPost("/book/{key}/wait", (string key, IFormCollection form, Booker booker, WaitForTime handler) => booker.WaitAsync(key, form, handler));
        pages.MapPost("/book/{key}/series", (string key, IFormCollection form, Booker booker, BookSeries handler) => booker.PreviewAsync(key, form, handler));
        pages.MapPost("/book/{key}/series/book", (string key, IFormCollection form, Booker booker, BookSeries handler) => booker.BookSeriesAsync(key, form, handler));
    }

    /// <summary>What every act of these pages needs: who does it, the request, and the page as it stands after.</summary>
    internal sealed class Booker(IHttpContextAccessor accessor, BookQueries queries, DoneNotes notes, PageFrame frame, PageText text)
    {
        private HttpContext Http => accessor.HttpContext!;

        private CancellationToken Cancel => Http.RequestAborted;

        private StaffActor Actor => frame.Viewer.Actor!;

        public async Task<IResult> ListAsync(string? whom, string? search, int? status)
        {
            if (await queries.ForAsync(frame.Viewer, whom, Cancel) is not { } known)
                return Results.NotFound();
            var sheet = await queries.ListAsync(frame.Viewer, known, text.Now, Cancel);
            if (sheet.MayChoose)
                sheet = sheet with { Who = await queries.WhoAsync(frame.Viewer, search, Cancel) };
            return Web.Pages.Show<BookListPage>(status ?? 200, (nameof(BookListPage.Sheet), sheet));
        }

        public async Task<IResult> FindAsync(IFormCollection form)
        {
            var search = form["q"].ToString();
            if (form["key"].ToString() is not { Length: > 0 and <= 64 } key)
                return await ListAsync(form["for"], search, null);
            return await SheetAsync(key, form["for"], form["day"], form["length"], 1) is { } sheet
                ? Show(200, sheet with { Who = await queries.WhoAsync(frame.Viewer, search, Cancel) }) : Results.NotFound();
        }

        public async Task<IResult> ShowAsync(string key, string? whom, string? day, string? length, string? start) =>
            await SheetAsync(key, whom, day, length, 1) is { } sheet ? Show(200, sheet with { Entered = Blank(sheet) with { Start = start ?? "" } }) : Results.NotFound();

        public async Task<IResult> BookAsync(string key, IFormCollection form, BookMachine handler)
        {
            if (await SheetAsync(key, form["for"], form["day"], form["length"], Places(form)) is not { } sheet)
                return Results.NotFound();
            var (entered, time) = Read(form, sheet);
            if (entered.Fault is not null || time is not { } wished)
                return Show(400, sheet with { Entered = entered });
            var request = new NewReservation(sheet.Machine, sheet.For.Own ? null : sheet.For.Person, wished.Start, wished.End)
            {
                Pool = sheet.Pool, Group = sheet.For.Group, Block = sheet.For.Block, Project = Project(entered), Note = entered.Note,
                Places = sheet.For.Block || sheet.Capacity == 1 ? null : Places(form), Why = entered.Why, Waive = BookProblem.Waived(form),
            };
            var outcome = await handler.BookAsync(request, Actor, Cancel);
            if (outcome.Refusal is { } refusal)
                return await RefusedAsync(refusal, sheet, entered);
            var made = outcome.Value;
            Told(
                sheet.For switch { { Block: true } => ReserveText.DoneBlocked, { Own: true } => ReserveText.Done, _ => ReserveText.DoneFor },
                sheet.Name, ReserveWords.Span(text, made.Start, made.End), sheet.For.Name, made.NeedsCompanion,
                $"/bookings/{made.Id}/cancel", new() { ["version"] = made.Version.ToString(CultureInfo.InvariantCulture) });
            return Results.LocalRedirect(sheet.For.Own ? "/bookings/mine" : $"/bookings/{made.Id}");
        }

        public async Task<IResult> WaitAsync(string key, IFormCollection form, WaitForTime handler)
        {
            if (await SheetAsync(key, form["for"], form["day"], form["length"], 1) is not { For: { Group: null, Block: false } } sheet)
                return Results.NotFound();
            var start = sheet.Hours.Count > 0 ? sheet.Hours[0].Start : LocalClock.StartOf(sheet.Day, text.Zone);
            var end = sheet.Hours.Count > 0 ? sheet.Hours.Max(h => h.End) : LocalClock.StartOf(sheet.Day.PlusDays(1), text.Zone);
            var outcome = await handler.JoinAsync(
                new NewWait(Instant.Max(start, text.Now), end, sheet.Length) { Machine = sheet.Machine, Pool = sheet.Pool, Person = sheet.For.Own ? null : sheet.For.Person }, Actor, Cancel);
            if (outcome.Refusal is { } refusal)
            {
                return Show(refusal.Status, sheet with
                {
                    Problem = refusal.Sentence is not null ? Problem(refusal, false)
                        : new BookProblem(text[refusal.Code == "too_many_waits" ? ReserveText.WaitMany : refusal.Status == 400 ? ReserveText.WaitBad : WebText.NotDone], null, null, []),
                });
            }
            var (fr, en) = (sheet.Name.Fr, sheet.Name.En);
            var told = outcome.Value.State == WaitState.Offered ? ReserveText.WaitOffered : ReserveText.WaitDone;
            notes.Leave(Http, new DoneNote(new Words(told.In(Language.French, fr), told.In(Language.English, en)), $"/bookings/waits/{outcome.Value.Id}/leave"));
            return Results.LocalRedirect("/bookings/mine");
        }

        public async Task<IResult> PreviewAsync(string key, IFormCollection form, BookSeries handler)
        {
            if (await SheetAsync(key, form["for"], form["day"], form["length"], Places(form)) is not { } sheet)
                return Results.NotFound();
            var (entered, time) = Read(form, sheet);
            if (entered.Fault is not null || time is not { } wished)
                return Show(400, sheet with { Entered = entered });
            if (Series(sheet, entered, wished) is not { } request)
                return Show(400, sheet with { Entered = entered with { Fault = ("times", ReserveText.BadTimes) } });
            var outcome = await handler.PreviewAsync(request, Actor, Cancel);
            return outcome.Refusal is { } refusal
                ? await RefusedAsync(refusal, sheet, entered)
                : Preview(200, sheet, entered, wished, outcome.Value.Times);
        }

        public async Task<IResult> BookSeriesAsync(string key, IFormCollection form, BookSeries handler)
        {
            if (await SheetAsync(key, form["for"], form["day"], form["length"], Places(form)) is not { } sheet)
                return Results.NotFound();
            var (entered, time) = Read(form, sheet);
            if (entered.Fault is not null || time is not { } wished)
                return Show(400, sheet with { Entered = entered });
            if (Series(sheet, entered, wished) is not { } request)
                return Show(400, sheet with { Entered = entered with { Fault = ("times", ReserveText.BadTimes) } });
            var outcome = await handler.BookAsync(request with { AllButConflicts = form["but"] == "1" }, Actor, Cancel);
            if (outcome.Refusal is { } refusal)
            {
                // Somebody was faster: the dates once more, as they are now.
                var again = await handler.PreviewAsync(request, Actor, Cancel);
                return again.Done && again.Value.Times.Any(t => t.Code is not null)
                    ? Preview(refusal.Status, sheet, entered, wished, again.Value.Times)
                    : await RefusedAsync(refusal, sheet, entered);
            }
            var count = outcome.Value.Times.Count(t => t.Booking is not null);
            notes.Leave(Http, new DoneNote(
                new Words(ReserveText.SeriesDone.In(Language.French, count, sheet.Name.Fr), ReserveText.SeriesDone.In(Language.English, count, sheet.Name.En)),
                outcome.Value.Series is { } series ? $"/bookings/series/{series}/cancel" : null));
            return Results.LocalRedirect(sheet.For.Own ? "/bookings/mine" : $"/planning?day={LocalDatePattern.Iso.Format(sheet.Day)}");
        }

        private async Task<BookSheet?> SheetAsync(string key, string? whom, string? day, string? length, int places)
        {
            if (key.Length > 64 || await queries.ForAsync(frame.Viewer, whom, Cancel) is not { } known)
                return null;
            var sheet = await queries.SheetAsync(frame.Viewer, known, key, BookQueries.Day(day), BookQueries.Number(length), places, text.Now, Cancel);
            return sheet is { MayChoose: true } ? sheet with { Who = await queries.WhoAsync(frame.Viewer, null, Cancel) } : sheet;
        }

        public static IResult Show(int status, BookSheet sheet) => Web.Pages.Show<BookDayPage>(status, (nameof(BookDayPage.Sheet), sheet));

        public IResult Preview(int status, BookSheet sheet, BookEntered entered, Interval wished, IReadOnlyList<SeriesTime> times)
        {
            return Web.Pages.Show<SeriesPage>(status, (nameof(SeriesPage.Sheet), new SeriesSheet(sheet, times, text.Time(wished.Start), new Dictionary<string, string>
            {
                ["for"] = sheet.For.Key, ["day"] = LocalDatePattern.Iso.Format(sheet.Day),
                ["length"] = ((long)sheet.Length.TotalMinutes).ToString(CultureInfo.InvariantCulture), ["start"] = entered.Start, ["note"] = entered.Note, ["project"] = entered.Project,
                ["places"] = entered.Places, ["why"] = entered.Why, ["every"] = entered.Every, ["times"] = entered.Times,
            })));
        }

        /// <summary>Why it was not booked, over the page as it stands now, with what was written.</summary>
        private async Task<IResult> RefusedAsync(Refusal refusal, BookSheet before, BookEntered entered)
        {
            if (refusal.Code == ProblemCodes.NotAllowed)
                return Results.StatusCode(refusal.Status);
            if (refusal.Status == StatusCodes.Status404NotFound && refusal.Code != "project_unknown")
                return Results.NotFound();
            // Read again: somebody was faster, and the page must not offer it any more.
            var sheet = await SheetAsync(before.Key, before.For.Key, LocalDatePattern.Iso.Format(before.Day), ((long)before.Length.TotalMinutes).ToString(CultureInfo.InvariantCulture), 1) ?? before;
            if (refusal.Field == "why")
                return Show(refusal.Status, sheet with { Entered = entered with { Fault = ("why", ReserveText.WhyMissing) }, Problem = Asked() });
            return Show(refusal.Status, sheet with { Entered = entered, Problem = Problem(refusal, sheet.Staff) });
        }

        private BookProblem? Asked() => BookProblem.Waived(Http.Request.Form) is { Count: > 0 } waived
            ? new BookProblem(text[ReserveText.WhyMissing], null, null, waived)
            : null;

        private BookProblem Problem(Refusal refusal, bool staff) => new(
            refusal.Sentence?.In(text.Tag) ?? text[WebText.NotDone], refusal.NextStep?.In(text.Tag), refusal.NextFree,
            BookProblem.Aside(staff, BookProblem.Waived(Http.Request.Form), refusal.Code));

        /// <summary>What was written, and the time it means; null when it means none.</summary>
        private (BookEntered Entered, Interval? Time) Read(IFormCollection form, BookSheet sheet)
        {
            var entered = new BookEntered
            {
                Start = Short(form, "start"), Note = form["note"].ToString().Trim(), Project = Short(form, "project"), Places = Short(form, "places"), Why = form["why"].ToString().Trim(),
                FromDay = Short(form, "fromDay"), FromTime = Short(form, "fromTime"), UntilDay = Short(form, "untilDay"), UntilTime = Short(form, "untilTime"),
                Every = Short(form, "every"), Times = Short(form, "times"), Other = form.ContainsKey("fromDay"),
            };
            if (entered.Note.Length > Reservation.MaxNote)
                return (entered with { Fault = ("note", ReserveText.NoteLong) }, null);
            if (entered.Why.Length > Reservation.MaxWhy || (sheet.For.Block && entered.Why.Length == 0))
                return (entered with { Fault = ("why", ReserveText.WhyMissing) }, null);
            if (sheet.Capacity > 1 && !sheet.For.Block && BookQueries.Number(entered.Places) is null)
                return (entered with { Fault = ("places", ReserveText.BadPlaces) }, null);
            if (entered.Other)
            {
                return ReserveWords.Moment(entered.FromDay, entered.FromTime, text.Zone) is { } from && ReserveWords.Moment(entered.UntilDay, entered.UntilTime, text.Zone) is { } until
                    ? (entered, new Interval(Instant.Min(from, until), until))
                    : (entered with { Fault = ("fromDay", ReserveText.BadTime) }, null);
            }
            return InstantPattern.General.Parse(entered.Start) is { Success: true, Value: var start } && start.InUtc().Year is > 1990 and < 2200
                ? (entered, new Interval(start, start + sheet.Length))
                : (entered with { Fault = ("start", ReserveText.ChooseStart) }, null);
        }

        private NewSeries? Series(BookSheet sheet, BookEntered entered, Interval wished)
        {
            if (BookQueries.Number(entered.Times) is not { } times || times is < 2 or > SeriesRules.MostOccurrences)
                return null;
            var (first, last) = (wished.Start.InZone(text.Zone).LocalDateTime, wished.End.InZone(text.Zone).LocalDateTime);
            var (every, step) = entered.Every switch
            {
                "day" => (SeriesEvery.Day, 1),
                "two" => (SeriesEvery.Week, 2),
                "month" => (SeriesEvery.MonthByDate, 1),
                "weekday" => (SeriesEvery.MonthByWeekday, 1),
                _ => (SeriesEvery.Week, 1),
            };
            return new NewSeries(new SeriesRule { First = first.Date, Start = first.TimeOfDay, End = last.TimeOfDay, Every = every, Step = step, Count = times }, sheet.Machine)
            {
                Pool = sheet.Pool, Person = sheet.For.Own ? null : sheet.For.Person, Group = sheet.For.Group, Block = sheet.For.Block, Project = Project(entered), Note = entered.Note,
                Places = sheet.For.Block || sheet.Capacity == 1 ? null : BookQueries.Number(entered.Places), Why = entered.Why,
            };
        }

        private void Told(Phrase told, Words name, Words span, string? whom, bool companion, string undo, Dictionary<string, string> fields) => notes.Leave(Http, new DoneNote(
            new Words(
                told.In(Language.French, name.Fr, span.Fr, whom ?? "") + (companion ? " " + ReserveText.Companion.French : ""),
                told.In(Language.English, name.En, span.En, whom ?? "") + (companion ? " " + ReserveText.Companion.English : "")),
            undo, fields));

        private static BookEntered Blank(BookSheet sheet) => new()
        {
            FromDay = LocalDatePattern.Iso.Format(sheet.Day), UntilDay = LocalDatePattern.Iso.Format(sheet.Day),
        };

        private static ProjectId? Project(BookEntered entered) => Ids.TryParse(entered.Project, out ProjectId project) ? project : null;

        private static int Places(IFormCollection form) => BookQueries.Number(form["places"]) is { } places and > 0 and < 10_000 ? places : 1;

        private static string Short(IFormCollection form, string field) => form[field].ToString().Trim() is { Length: <= 64 } value ? value : "";
    }
}
