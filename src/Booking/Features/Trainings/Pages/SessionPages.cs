using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.Trainings.Pages;

/// <summary>The page of one session: for those who take part, and on the phone of who leads it.</summary>
internal static class SessionPages
{
    private const string Root = "/trainings/sessions/{id:guid}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Pages(Right.SeeTrainings).MapGet(Root, (Guid id, Session session) => session.ShowAsync(200, id, null));
        routes.Pages(Right.FindPeople).MapPost($"{Root}/find", FindAsync);
        var enrolling = routes.Pages(Right.Enrol);
        enrolling.MapPost($"{Root}/enrol", EnrolAsync);
        enrolling.MapPost($"{Root}/leave", LeaveAsync);
        var teaching = routes.Pages(Right.Teach);
        teaching.MapPost($"{Root}/add", AddAsync);
        teaching.MapPost($"{Root}/attendance", MarkAsync);
        teaching.MapPost($"{Root}/give", GiveAsync);
        teaching.MapPost($"{Root}/give/undo", TakeBackAsync);
        teaching.MapPost($"{Root}/change", ChangeAsync);
        teaching.MapPost($"{Root}/cancel", CancelAsync);
        teaching.MapPost($"{Root}/resume", ResumeAsync);
    }

    private static async Task<IResult> FindAsync(Guid id, [FromForm] string? q, Session session) =>
        await session.SheetAsync(id, q) is { MayAdd: true } sheet ? Session.Show(200, sheet) : Results.NotFound();

    private static async Task<IResult> EnrolAsync(Guid id, [FromForm] string? person, [FromForm] string? why, [FromForm] string? evenSo, Enrol handler, Session session)
    {
        PersonId? who = Who(person);
        Outcome<EnrolmentMade> outcome = await handler.HandleAsync(
            new TrainingSessionId(id), new EnrolmentRequest(who, why, evenSo == "true"), session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
            return await session.RefusedAsync(refusal, id, who ?? session.Actor.Id);
        EnrolmentMade made = outcome.Value;
        Words name = await session.NameAsync(who);
        session.Leave(id, Told(made.Already ? TrainingText.DoneAlready : made.Waiting > 0 ? TrainingText.DoneWaits : TrainingText.DoneEnrolled, name, made.Waiting), made.Already ? null : "leave", who is null ? [] : new() { ["person"] = who.ToString()! });
        return Results.LocalRedirect(Path(id));
    }

    private static async Task<IResult> LeaveAsync(Guid id, [FromForm] string? person, Enrol handler, Session session)
    {
        PersonId? who = Who(person);
        string? why = await session.WhyAsync(id, who ?? session.Actor.Id);
        Outcome<EnrolmentLeft> outcome = await handler.LeaveAsync(new TrainingSessionId(id), who, session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
            return await session.RefusedAsync(refusal, id, who ?? session.Actor.Id);
        EnrolmentLeft left = outcome.Value;
        Words name = await session.NameAsync(who);
        Phrase told = left switch
        {
            { Already: true } => TrainingText.DoneNotThere,
            { MovedUp: null } => TrainingText.DoneLeft,
            _ => session.Names ? TrainingText.DoneLeftMoved : TrainingText.DoneLeftMovedSomebody,
        };
        Words moved = left.MovedUp is { } next && session.Names ? await session.NameAsync(next) : new Words("", "");
        var fields = new Dictionary<string, string> { ["evenSo"] = "true" };
        if (who is { } named)
            fields["person"] = named.ToString();
        if (why is not null)
            fields["why"] = why;
        session.Leave(
            id, new Words(told.In(Language.French, name.Fr, moved.Fr), told.In(Language.English, name.En, moved.En)), left.Already ? null : "enrol", fields);
        return Results.LocalRedirect(Path(id));
    }

    private static async Task<IResult> AddAsync(Guid id, [FromForm] string? person, [FromForm] string? why, Enrol handler, Session session)
    {
        if (Who(person) is not { } who)
            return Results.BadRequest();
        Outcome<EnrolmentMade> outcome = await handler.ArriveAsync(new TrainingSessionId(id), new EnrolmentRequest(who, why), session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
            return await session.RefusedAsync(refusal, id, who);
        session.Leave(
            id, Told(outcome.Value.Already ? TrainingText.DoneAlready : TrainingText.DoneCame, await session.NameAsync(who)), outcome.Value.Already ? null : "leave",
            new() { ["person"] = who.ToString() });
        return Results.LocalRedirect(Path(id));
    }

    private static async Task<IResult> MarkAsync(Guid id, [FromForm] string? person, [FromForm] string? mark, [FromForm] string? seen, MarkAttendance handler, Session session)
    {
        if (Who(person) is not { } who || !Enum.TryParse(mark, out Attendance now) || !Enum.TryParse(seen, out Attendance was))
            return Results.BadRequest();
        Outcome<AttendanceMarked> outcome = await handler.HandleAsync(new TrainingSessionId(id), new AttendanceMark(who, now, was), session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
            return await session.RefusedAsync(refusal, id, who, TrainingText.MarkStale);
        // Put into the page that is there: the button is pressed, and pressing it again takes it back.
        if (session.IsFragment)
            return await session.ShowAsync(200, id, null);
        Phrase told = now switch { Attendance.Present => TrainingText.MarkedPresent, Attendance.Absent => TrainingText.MarkedAbsent, _ => TrainingText.MarkedNot };
        session.Leave(id, Told(told, await session.NameAsync(who)), "attendance", new() { ["person"] = who.ToString(), ["mark"] = was.ToString(), ["seen"] = now.ToString() });
        return Results.LocalRedirect(Path(id));
    }

    private static async Task<IResult> GiveAsync(Guid id, IFormCollection form, GiveHabilitations handler, Session session)
    {
        if (await session.SheetAsync(id, null) is not { Line.Leads: true } before)
            return Results.NotFound();
        List<PersonId> people = [.. form["give"].Select(Who).OfType<PersonId>()];
        Outcome<SessionGiven> outcome = await handler.HandleAsync(
            new TrainingSessionId(id),
            new SessionGiving(
                Enum.TryParse(form["level"], out HabilitationLevel level) ? level : HabilitationLevel.None, people,
                long.TryParse(form["version"], CultureInfo.InvariantCulture, out long version) ? version : -1),
            session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
        {
            PersonId who = Who(refusal.Field) ?? default;
            // A list that somebody else has finished: say who gave what, and when.
            string? problem = refusal.Code == ProblemCodes.Stale && before.Given.Count > 0
                ? session.Text[TrainingText.GivenByOther, SessionPage.Told(session.Text, before.Given[^1])]
                : null;
            return await session.RefusedAsync(refusal, id, who, TrainingText.GiveStale, problem);
        }

        SessionGiven given = outcome.Value;
        if (given.Already && before.Given.FirstOrDefault(b => b.Number == given.Batch) is { } batch && await session.GivenByAsync(id, given.Batch) != session.Actor.Id)
            return await session.ShowAsync(409, id, session.Text[TrainingText.GivenByOther, SessionPage.Told(session.Text, batch)]);
        string levelFr = People.Pages.PersonWords.Level(level).In(Language.French).ToLower(Phrase.CultureOf(Language.French));
        string levelEn = People.Pages.PersonWords.Level(level).In(Language.English).ToLower(Phrase.CultureOf(Language.English));
        Words name = before.Card.Name;
        session.Leave(
            id,
            new Words(TrainingText.DoneGiven.In(Language.French, name.Fr, given.People, levelFr), TrainingText.DoneGiven.In(Language.English, name.En, given.People, levelEn)),
            // The page itself keeps the undo of each giving.
            null, []);
        return Results.LocalRedirect(Path(id));
    }

    private static async Task<IResult> TakeBackAsync(Guid id, [FromForm] int? batch, GiveHabilitations handler, Session session)
    {
        Outcome<SessionGiven> outcome = await handler.UndoAsync(new TrainingSessionId(id), batch ?? 0, session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
            return await session.RefusedAsync(refusal, id, Who(refusal.Field) ?? default, TrainingText.TakeBackStale);
        session.Leave(id, (outcome.Value.Already ? TrainingText.TakenBackBefore : TrainingText.DoneTakenBack).Words(), null, []);
        return Results.LocalRedirect(Path(id));
    }

    private static async Task<IResult> ChangeAsync(Guid id, IFormCollection form, SetSession handler, Session session)
    {
        if (await session.SheetAsync(id, null) is not { Line.Leads: true } sheet)
            return Results.NotFound();
        (SessionForm entered, SessionDetails? details) = TrainingPages.ReadSession(form, session.Text.Zone);
        if (details is null)
            return Session.Show(400, sheet with { Form = entered });
        Outcome<SessionSet> outcome = await handler.ChangeAsync(new TrainingSessionId(id), details, session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Field is not null
                ? Session.Show(refusal.Status, sheet with { Form = TrainingPages.Refused(entered, refusal) })
                : refusal.Code == ProblemCodes.NotAllowed
                    ? Session.Show(refusal.Status, sheet with { Form = entered with { Fault = ("trainer", TrainingText.TrainerNotYours) } })
                    : await session.RefusedAsync(refusal, id, default);
        }

        session.Leave(id, TrainingText.SessionSaved.Words(), "change", new()
        {
            ["day"] = sheet.Form.Day, ["time"] = sheet.Form.Time, ["minutes"] = sheet.Form.Minutes, ["places"] = sheet.Form.Places, ["place"] = sheet.Form.Place,
            ["trainer"] = sheet.Form.Trainer?.ToString() ?? "", ["version"] = outcome.Value.Version.ToString(CultureInfo.InvariantCulture),
            // Back to where it was: whatever there was at that time was known then.
            ["evenSo"] = "true",
        });
        return Results.LocalRedirect(Path(id));
    }

    private static async Task<IResult> CancelAsync(Guid id, [FromForm] string? why, [FromForm] long? version, SetSession handler, Session session)
    {
        Outcome<SessionSet> outcome = await handler.CancelAsync(new TrainingSessionId(id), new SessionCancel(why, version ?? -1), session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
            return await session.RefusedAsync(refusal, id, default);
        session.Leave(id, TrainingText.DoneCancelled.Words(), "resume", new() { ["version"] = outcome.Value.Version.ToString(CultureInfo.InvariantCulture) });
        return Results.LocalRedirect(Path(id));
    }

    private static async Task<IResult> ResumeAsync(Guid id, [FromForm] long? version, SetSession handler, Session session)
    {
        Outcome<SessionSet> outcome = await handler.ResumeAsync(new TrainingSessionId(id), new SessionResume(version ?? -1), session.Actor, session.Cancel);
        if (outcome.Refusal is { } refusal)
            return await session.RefusedAsync(refusal, id, default);
        session.Leave(id, TrainingText.DoneResumed.Words(), null, []);
        return Results.LocalRedirect(Path(id));
    }

    private static string Path(Guid id) => $"/trainings/sessions/{id}";

    private static PersonId? Who(string? text) => Ids.TryParse(text, out PersonId person) ? person : null;

    private static Words Told(Phrase phrase, Words name, int number = 0) => new(phrase.In(Language.French, name.Fr, number), phrase.In(Language.English, name.En, number));

    /// <summary>What every act of this page needs: who does it, and the page as it stands after.</summary>
    internal sealed class Session(IHttpContextAccessor accessor, BookingDbContext db, TrainingQueries trainings, DoneNotes notes, PageFrame frame, PageText text, LatestActs latest)
    {
        private HttpContext Http => accessor.HttpContext!;

        public PageText Text => text;

        public StaffActor Actor => frame.Viewer.Actor!;

        public CancellationToken Cancel => Http.RequestAborted;

        public bool IsFragment => PageFrame.IsFragment(Http);

        /// <summary>Whether this viewer reads everybody's name.</summary>
        public bool Names => frame.Viewer.HasAll(Right.SeePeople);

        public Task<SessionSheet?> SheetAsync(Guid id, string? search) =>
            trainings.SessionAsync(frame.Viewer, new TrainingSessionId(id), text.Now, text.Zone, search, Cancel);

        public async Task<IResult> ShowAsync(int status, Guid id, string? problem) =>
            await SheetAsync(id, null) is { } sheet ? Show(status, sheet with { Problem = problem }) : Results.NotFound();

        public static IResult Show(int status, SessionSheet sheet) => Web.Pages.Show<SessionPage>(status, (nameof(SessionPage.Sheet), sheet));

        /// <summary>Why it was not done, in words, over the page as it stands now.</summary>
        public async Task<IResult> RefusedAsync(Refusal refusal, Guid id, PersonId who, Phrase? stale = null, string? problem = null)
        {
            if (refusal.Status == StatusCodes.Status404NotFound)
                return Results.NotFound();
            if (refusal.Code == ProblemCodes.NotAllowed)
                return Results.StatusCode(refusal.Status);
            string name = who == default ? "?" : (await NameAsync(who)).In(text.Tag);
            problem ??= refusal.Code switch
            {
                ProblemCodes.Stale => text[stale ?? TrainingText.SessionStale, name],
                "habilitation_not_so" => text[TrainingText.TakeBackStale, name],
                "habilitation_suspended" => text[TrainingText.GiveSuspended, name],
                "prerequisite_missing" => text[await LeadsAsync(id) ? TrainingText.MissingRefused : TrainingText.MissingDesk, name],
                "session_given" => who == default ? text[TrainingText.DayGiven] : text[TrainingText.MarkGiven, name],
                "session_begun" => text[TrainingText.HasBegun],
                "session_not_yet" => text[TrainingText.NotYet],
                "session_cancelled" => text[TrainingText.SessionIsCancelled],
                Clashes.Code => $"{refusal.Sentence!.In(text.Tag)} {refusal.NextStep!.In(text.Tag)}",
                _ => refusal.Field switch
                {
                    "people" => text[TrainingText.GiveEmpty],
                    "why" => text[TrainingText.CancelWhyMissing],
                    _ => text[WebText.NotDone],
                },
            };
            if (refusal.Code == ProblemCodes.Stale)
                problem += await latest.AfterAsync(id, stale is null || who == default ? null : who.ToString(), text, Cancel);
            // Whoever was refused for what they miss, or have to do elsewhere, is shown again, with the field for the trainer's word.
            string? search = refusal.Code is "prerequisite_missing" or Clashes.Code && who != Actor.Id ? name : null;
            return await SheetAsync(id, search) is { } sheet
                // htmx puts nothing in place after an error status; a fault is an answer there.
                ? Show(IsFragment ? 200 : refusal.Status, sheet with { Problem = problem })
                : Results.NotFound();
        }

        /// <summary>The name of a person; "you" for nobody named.</summary>
        public async Task<Words> NameAsync(PersonId? person)
        {
            if (person is not { } id)
                return TrainingText.You.Words();
            string name = await db.People.Where(p => p.Id == id).Select(p => p.DisplayName ?? p.ShortCode).SingleOrDefaultAsync(Cancel) ?? "?";
            return new Words(name, name);
        }

        public Task<string?> WhyAsync(Guid id, PersonId person) =>
            db.Enrolments.Where(e => e.SessionId == new TrainingSessionId(id) && e.PersonId == person).Select(e => e.Why).SingleOrDefaultAsync(Cancel);

        public Task<PersonId?> GivenByAsync(Guid id, int batch) =>
            db.Enrolments.Where(e => e.SessionId == new TrainingSessionId(id) && e.Batch == batch).Select(e => e.GivenBy).FirstOrDefaultAsync(Cancel);

        public void Leave(Guid id, Words told, string? undo, Dictionary<string, string> fields) =>
            notes.Leave(Http, undo is null ? new DoneNote(told) : new DoneNote(told, $"{Path(id)}/{undo}", fields));

        private async Task<bool> LeadsAsync(Guid id) => await SheetAsync(id, null) is { Line.Leads: true };
    }
}
