using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings.Pages;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Visits;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.GroupSessions.Pages;

/// <summary>The pages of séances: the list of them, one of them, its attendance sheet.</summary>
internal static class GroupSessionPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var seeing = routes.Pages(Right.PrepareSessions);
        seeing.MapGet("/sessions", async (GroupSessionQueries sessions, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<SessionsPage>((nameof(SessionsPage.List), await sessions.ListAsync(frame.Viewer, text.Now, cancellationToken))));
        seeing.MapGet("/sessions/new", async (At at) => ShowForm(200, new GroupSessionFormSheet(null, at.NewForm(), await at.ChoicesAsync(), at.Proposes)));
        seeing.MapPost("/sessions/new", AddAsync);
        seeing.MapGet("/sessions/{id:guid}", (Guid id, At at) => at.ShowAsync(200, id, null));
        seeing.MapPost("/sessions/{id:guid}/find", (Guid id, [FromForm] string? q, At at) => at.ShowAsync(200, id, null, q));
        seeing.MapGet("/sessions/{id:guid}/edit", async (Guid id, At at) => await at.FormAsync(id) is { } form ? ShowForm(200, form) : Results.NotFound());
        seeing.MapPost("/sessions/{id:guid}/edit", ChangeAsync);
        seeing.MapPost("/sessions/{id:guid}/cancel", async (Guid id, [FromForm] string? why, [FromForm] long? version, SetGroupSession handler, At at) =>
            await at.AfterAsync(await handler.CancelAsync(new GroupSessionId(id), new GroupSessionCancel(why, version ?? -1), at.Actor, at.Cancel), id, _ => Note(GroupSessionText.Cancelled, id, "resume")));
        seeing.MapPost("/sessions/{id:guid}/add", AddToListAsync);
        seeing.MapPost("/sessions/{id:guid}/copy", async (Guid id, [FromForm] long? at, KeepList handler, At on) => at is { } taken
            ? await on.AfterAsync(await handler.UndoCopyAsync(new GroupSessionId(id), Instant.FromUnixTimeMilliseconds(Math.Clamp(taken, 0, 200_000_000_000_000)), on.Actor, on.Cancel), id, _ => Note(GroupSessionText.CopyUndone))
            : await on.AfterAsync(await handler.CopyAsync(new GroupSessionId(id), on.Actor, on.Cancel), id, copied => new DoneNote(
                GroupSessionText.Copied.Words(copied.Added, copied.Sessions), $"/sessions/{id}/copy",
                new Dictionary<string, string> { ["at"] = copied.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) })));
        seeing.MapPost("/sessions/{id:guid}/remove", async (Guid id, [FromForm] string? line, KeepList handler, At at) =>
        {
            string name = await at.NameAsync(id, line);
            return await at.AfterAsync(await handler.RemoveAsync(new GroupSessionId(id), Line(line), at.Actor, at.Cancel), id, _ => new DoneNote(GroupSessionText.Removed.Words(name)), name);
        });

        var leading = routes.Pages(Right.LeadSessions);
        leading.MapPost("/sessions/{id:guid}/resume", async (Guid id, SetGroupSession handler, At at) =>
            await at.AfterAsync(await handler.ResumeAsync(new GroupSessionId(id), at.Actor, at.Cancel), id, _ => Note(GroupSessionText.Resumed)));
        routes.Pages(Right.KeepProgrammes).MapPost("/sessions/{id:guid}/accept", async (Guid id, SetGroupSession handler, At at) =>
            await at.AfterAsync(await handler.AcceptAsync(new GroupSessionId(id), at.Actor, at.Cancel), id, _ => Note(GroupSessionText.Accepted)));
        leading.MapPost("/sessions/{id:guid}/open", async (Guid id, HoldSession handler, At at) =>
            await at.AfterAsync(await handler.OpenAsync(new GroupSessionId(id), at.Actor, at.Cancel), id, _ => Note(GroupSessionText.Opened, id, "undo")));
        leading.MapPost("/sessions/{id:guid}/end", async (Guid id, HoldSession handler, At at) =>
            await at.AfterAsync(await handler.EndAsync(new GroupSessionId(id), at.Actor, at.Cancel), id, _ => Note(GroupSessionText.Ended, id, "undo")));
        leading.MapPost("/sessions/{id:guid}/undo", async (Guid id, HoldSession handler, At at) =>
            await at.AfterAsync(await handler.UndoAsync(new GroupSessionId(id), at.Actor, at.Cancel), id, _ => Note(GroupSessionText.Undone)));
        leading.MapPost("/sessions/{id:guid}/mentor", async (Guid id, [FromForm] string? person, [FromForm] bool? here, HoldSession handler, At at) =>
        {
            PersonId who = Ids.TryParse(person, out PersonId known) ? known : default;
            string name = await at.PersonAsync(who);
            return await at.AfterAsync(await handler.MentorAsync(new GroupSessionId(id), new MentorPresence(who, here == true), at.Actor, at.Cancel), id, _ => new DoneNote(
                GroupSessionText.MentorDone.Words(name), $"/sessions/{id}/mentor", new Dictionary<string, string> { ["person"] = who.ToString(), ["here"] = here == true ? "false" : "true" }), name);
        });
        leading.MapPost("/sessions/{id:guid}/mark", MarkAsync);
        leading.MapPost("/sessions/{id:guid}/leave", LeaveAsync);
        leading.MapPost("/sessions/{id:guid}/back", async (Guid id, [FromForm] string? line, MarkAttendees handler, At at) =>
        {
            string name = await at.NameAsync(id, line);
            return await at.AfterAsync(await handler.BackAsync(new GroupSessionId(id), Line(line), at.Actor, at.Cancel), id, _ => new DoneNote(GroupSessionText.Marked.Words(name)), name);
        });
        leading.MapPost("/sessions/{id:guid}/count", CountAsync);
        leading.MapGet("/sessions/{id:guid}/line", async (Guid id, string? line, At at) =>
            await at.LedAsync(id) is { Changeable: true } sheet && sheet.People.FirstOrDefault(p => p.Row.Id == Line(line)) is { } one
                ? Web.Pages.Show<LinePage>((nameof(LinePage.Session), sheet.Session.Id), (nameof(LinePage.Line), one))
                : Results.NotFound());
        leading.MapPost("/sessions/{id:guid}/line", DescribeAsync);
        leading.MapPost("/sessions/{id:guid}/notes", NotesAsync);
        leading.MapPost("/sessions/{id:guid}/skill", SkillAsync);
        leading.MapPost("/sessions/{id:guid}/correct", async (Guid id, [FromForm] string? why, KeepSheet handler, At at) =>
            await at.AfterAsync(await handler.CorrectAsync(new GroupSessionId(id), new SheetCorrection(why), at.Actor, at.Cancel), id, _ => Note(GroupSessionText.CorrectionOpen)));
        leading.MapGet("/sessions/{id:guid}/sheet", async (Guid id, At at) => await at.LedAsync(id) is { } sheet ? Roll(sheet, at) : Results.NotFound());
        leading.MapGet("/sessions/{id:guid}/sheet.csv", async (Guid id, At at) => await at.LedAsync(id) is { } sheet
            ? Results.File(RollFile.Write(sheet, at.Text), "text/csv; charset=utf-8", $"emargement-{LocalDatePattern.Iso.Format(sheet.Session.Start.InZone(at.Text.Zone).Date)}.csv")
            : Results.NotFound());
        leading.MapGet("/sessions/{id:guid}/sign", (Guid id, string? line, string? day, string? half, At at) => SignPageAsync(200, id, line, day, half, null, at));
        leading.MapPost("/sessions/{id:guid}/sign", SignAsync);
        leading.MapPost("/sessions/{id:guid}/unsign", async (Guid id, [FromForm] Guid? signature, KeepSheet handler, At at) =>
            await at.AfterAsync(await handler.UnsignAsync(new GroupSessionId(id), signature ?? Guid.Empty, at.Actor, at.Cancel), id, _ => Note(GroupSessionText.SignUndone), to: "/sheet"));
        routes.Pages(Right.Grant).MapPost("/sessions/{id:guid}/grant", GrantAsync);
    }

    private static async Task<IResult> AddAsync(IFormCollection form, SetGroupSession handler, At at)
    {
        var (entered, request) = Read(form, at.Text);
        if (request is null)
            return ShowForm(400, new GroupSessionFormSheet(null, entered, await at.ChoicesAsync(), at.Proposes));
        var outcome = await handler.AddAsync(request, at.Actor, at.Cancel);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Code == ProblemCodes.NotAllowed && !at.Proposes
                ? Results.StatusCode(refusal.Status)
                : ShowForm(refusal.Status, new GroupSessionFormSheet(null, entered with { Fault = await at.FaultAsync(refusal) }, await at.ChoicesAsync(), at.Proposes));
        }
        at.Leave(outcome.Value switch
        {
            { State: GroupSessionState.Proposed } => Note(GroupSessionText.Proposed),
            { Made: > 1 and var made } => new DoneNote(GroupSessionText.SavedSeries.Words(made)),
            _ => Note(GroupSessionText.Saved),
        });
        return Results.LocalRedirect($"/sessions/{outcome.Value.Id}");
    }

    private static async Task<IResult> ChangeAsync(Guid id, IFormCollection form, SetGroupSession handler, At at)
    {
        if (await at.FormAsync(id) is not { } before)
            return Results.NotFound();
        var (entered, request) = Read(form, at.Text);
        if (request is null)
            return ShowForm(400, before with { Form = entered });
        // Strands are the programme's unless the programme stays.
        if (request.Programme == before.Form.Rest.Programme)
            request = request with { Strands = before.Form.Rest.Strands };
        var outcome = await handler.ChangeAsync(new GroupSessionId(id), request, at.Actor, at.Cancel);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Code == ProblemCodes.NotAllowed
                ? Results.StatusCode(refusal.Status)
                : ShowForm(refusal.Status, before with { Form = (refusal.Code == ProblemCodes.Stale ? before.Form : entered) with { Fault = await at.FaultAsync(refusal) } });
        }
        at.Leave(Note(GroupSessionText.Saved));
        return Results.LocalRedirect($"/sessions/{id}");
    }

    private static async Task<IResult> AddToListAsync(Guid id, IFormCollection form, KeepList handler, At at)
    {
        var request = new ListAddition
        {
            People = [.. form["person"].Select(p => Ids.TryParse(p, out PersonId person) ? person : default).Where(p => p != default)],
            FirstNames = form["names"].ToString().Split(['\n', '\r', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Numbers = Number(form["numbers"]) ?? 0,
        };
        return await at.AfterAsync(await handler.AddAsync(new GroupSessionId(id), request, at.Actor, at.Cancel), id, added => new DoneNote(added.Already.Count == 0
            ? GroupSessionText.Added.Words(added.Added)
            : GroupSessionText.AddedTwice.Words(added.Added, string.Join(", ", added.Already))));
    }

    private static async Task<IResult> MarkAsync(Guid id, [FromForm] string? line, [FromForm] string? mark, [FromForm] string? seen, MarkAttendees handler, At at)
    {
        if (!Enum.TryParse(mark, out AttendanceStatus now) || !Enum.TryParse(seen, out AttendanceStatus was))
            return Results.BadRequest();
        string name = await at.NameAsync(id, line);
        return await at.AfterAsync(
            await handler.MarkAsync(new GroupSessionId(id), new AttendeeMark(Line(line), now, was), at.Actor, at.Cancel), id,
            _ => new DoneNote(GroupSessionText.Marked.Words(name), $"/sessions/{id}/mark", new Dictionary<string, string> { ["line"] = line ?? "", ["mark"] = was.ToString(), ["seen"] = now.ToString() }),
            name);
    }

    private static async Task<IResult> LeaveAsync(Guid id, [FromForm] string? line, [FromForm] string? how, MarkAttendees handler, At at)
    {
        string[] parts = (how ?? "").Split('/');
        if (!Enum.TryParse(parts[0], out LeavingWay way))
            return Results.BadRequest();
        string name = await at.NameAsync(id, line);
        return await at.AfterAsync(
            await handler.LeaveAsync(new GroupSessionId(id), new AttendeeLeaving(Line(line), way, parts.Length > 1 && Guid.TryParse(parts[1], out Guid with) ? with : null), at.Actor, at.Cancel), id,
            _ => new DoneNote(GroupSessionText.Marked.Words(name), $"/sessions/{id}/back", new Dictionary<string, string> { ["line"] = line ?? "" }), name);
    }

    private static async Task<IResult> CountAsync(Guid id, IFormCollection form, MarkAttendees handler, At at)
    {
        if (!Enum.TryParse(form["band"], out AgeBand band) || !Enum.TryParse(form["gender"], out Gender gender) || !Enum.TryParse(form["occupation"], out Occupation occupation))
            return Results.BadRequest();
        var count = new CountOf(band, gender, occupation, form["known"] == "true", Number(form["number"]) ?? -1);
        return await at.AfterAsync(await handler.CountAsync(new GroupSessionId(id), count, at.Actor, at.Cancel), id, counted => new DoneNote(
            GroupSessionText.CountDone.Words(counted.Number), $"/sessions/{id}/count", new Dictionary<string, string>
            {
                ["band"] = $"{band}", ["gender"] = $"{gender}", ["occupation"] = $"{occupation}", ["known"] = count.Known ? "true" : "",
                ["number"] = counted.Before.ToString(CultureInfo.InvariantCulture),
            }));
    }

    private static async Task<IResult> DescribeAsync(Guid id, IFormCollection form, KeepList handler, At at)
    {
        AttendeeId line = Line(form["line"]);
        if (await at.LedAsync(id) is not { } sheet || sheet.People.FirstOrDefault(p => p.Row.Id == line) is not { Row: var before } one)
            return Results.NotFound();
        var said = new AttendeeDetails(
            line, Enum.TryParse(form["band"], out AgeBand band) ? band : null, One<Gender>(form["gender"]), One<Occupation>(form["occupation"]),
            form["known"].ToString() switch { "true" => true, "false" => false, _ => null }, form["with"], One<PriorityArea>(form["area"]));
        return await at.AfterAsync(await handler.DescribeAsync(new GroupSessionId(id), said, at.Actor, at.Cancel), id, _ => new DoneNote(
            GroupSessionText.Described.Words(one.Name), $"/sessions/{id}/line", new Dictionary<string, string>
            {
                ["line"] = $"{line}", ["band"] = $"{before.Band}", ["gender"] = $"{before.Gender}", ["occupation"] = $"{before.Occupation}", ["area"] = $"{before.PriorityArea}",
                ["known"] = before.Known switch { true => "true", false => "false", null => "" }, ["with"] = before.CameWith,
            }), one.Name);
    }

    private static async Task<IResult> NotesAsync(Guid id, IFormCollection form, KeepSheet handler, At at)
    {
        var notes = new SheetNotes(form["did"], form["learned"], form["next"], long.TryParse(form["version"], CultureInfo.InvariantCulture, out long version) ? version : -1)
        {
            Incident = form["incident"] == "true",
            IncidentText = form["incidentText"],
            PhotosChecked = form["photos"] == "true",
            Skills = [.. form["skill"].Select(s => Ids.TryParse(s, out SkillId skill) ? skill : default).Where(s => s != default)],
        };
        return await at.AfterAsync(await handler.NoteAsync(new GroupSessionId(id), notes, at.Actor, at.Cancel), id, _ => Note(GroupSessionText.SheetSaved));
    }

    private static async Task<IResult> SkillAsync(Guid id, [FromForm] string? person, [FromForm] string? skill, [FromForm] string? mark, KeepSheet handler, At at)
    {
        if (!Ids.TryParse(person, out PersonId who) || !Ids.TryParse(skill, out SkillId what))
            return Results.BadRequest();
        SkillMark? now = Enum.TryParse(mark, out SkillMark parsed) ? parsed : null;
        string name = await at.PersonAsync(who);
        return await at.AfterAsync(await handler.SkillAsync(new GroupSessionId(id), new SkillMarking(who, what, now), at.Actor, at.Cancel), id, marked => new DoneNote(
            GroupSessionText.Marked.Words(name), $"/sessions/{id}/skill", new Dictionary<string, string> { ["person"] = person, ["skill"] = skill, ["mark"] = marked.Before?.ToString() ?? "" }), name);
    }

    private static async Task<IResult> GrantAsync(Guid id, [FromForm] string? person, [FromForm] string? training, [FromForm] string? level, GrantHabilitation handler, At at)
    {
        if (await at.LedAsync(id) is not { } sheet)
            return Results.NotFound();
        if (!Ids.TryParse(person, out PersonId who) || !Ids.TryParse(training, out TrainingId what) || !Enum.TryParse(level, out HabilitationLevel asked))
            return Results.BadRequest();
        // Only those who were there.
        if (sheet.People.All(p => p.Row.PersonId != who || p.Row.Status != AttendanceStatus.Present))
            return await at.ShowAsync(409, id, at.Text[GroupSessionText.GrantRefused]);
        HabilitationStanding? before = (await HabilitationQueries.StandingsAsync(at.Db, null, who, at.Cancel)).SingleOrDefault(s => s.Training == what);
        string ground = $"{sheet.Session.Title}, {LocalDatePattern.Iso.Format(sheet.Session.Start.InZone(at.Text.Zone).Date)}";
        string name = await at.PersonAsync(who);
        return await at.AfterAsync(
            await handler.HandleAsync(who, new HabilitationGrant(what, asked, ground, LastAct: before?.LastAct ?? 0, Ground: EvidenceKind.Session, EvidenceId: id), at.Actor, at.Cancel), id,
            acted => Habilitations.Pages.MatrixPages.Note(GroupSessionText.Granted.Words(name), acted, $"/sessions/{id}"), name);
    }

    private static async Task<IResult> SignAsync(Guid id, [FromForm] string? line, [FromForm] string? day, [FromForm] string? half, [FromForm] string? drawing, KeepSheet handler, At at)
    {
        if (LocalDatePattern.Iso.Parse(day ?? "") is not { Success: true, Value: var on } || !Enum.TryParse(half, out HalfDay part))
            return Results.BadRequest();
        var outcome = await handler.SignAsync(new GroupSessionId(id), new Signing(Ids.TryParse(line, out AttendeeId who) ? who : null, on, part, drawing), at.Actor, at.Cancel);
        if (outcome.Refusal is { Field: "drawing" } empty)
            return await SignPageAsync(empty.Status, id, line, day, half, at.Text[GroupSessionText.SignEmpty], at);
        string name = string.IsNullOrEmpty(line) ? await at.PersonAsync(at.Actor.Id) : await at.NameAsync(id, line);
        return await at.AfterAsync(outcome, id, signed => new DoneNote(
            GroupSessionText.SignDone.Words(name), $"/sessions/{id}/unsign", new Dictionary<string, string> { ["signature"] = signed.Id.ToString() }), name, "/sheet");
    }

    private static async Task<IResult> SignPageAsync(int status, Guid id, string? line, string? day, string? half, string? problem, At at)
    {
        if (await at.LedAsync(id) is not { Changeable: true } sheet || LocalDatePattern.Iso.Parse(day ?? "") is not { Success: true, Value: var on }
            || !Enum.TryParse(half, out HalfDay part) || !sheet.Halves.Contains(new SheetHalf(on, part)))
            return Results.NotFound();
        string? name = string.IsNullOrEmpty(line)
            ? sheet.Mentors.FirstOrDefault(m => m.Row.PersonId == at.Actor.Id)?.Name
            : Ids.TryParse(line, out AttendeeId who) ? sheet.People.FirstOrDefault(p => p.Row.Id == who && p.Row.Status == AttendanceStatus.Present)?.Name : null;
        return name is null
            ? Results.NotFound()
            : Web.Pages.Show<SignPage>(
                status, (nameof(SignPage.Session), sheet.Session.Id), (nameof(SignPage.Name), name), (nameof(SignPage.Half), GroupSessionWords.Of(at.Text, new SheetHalf(on, part))),
                (nameof(SignPage.Line), line), (nameof(SignPage.Day), day), (nameof(SignPage.HalfName), part.ToString()), (nameof(SignPage.Problem), problem));
    }

    /// <summary>A séance as it was written; the request only when all of it can be read.</summary>
    private static (GroupSessionForm Form, GroupSessionToBe? Request) Read(IFormCollection form, PageText text)
    {
        string[] step = form["step"].ToString().Split('/');
        var rest = new GroupSessionToBe(form["title"].ToString().Trim(), default, 0)
        {
            Kind = One<GroupSessionKind>(form["kind"]),
            Programme = Ids.TryParse(step[0], out ProgrammeId programme) ? programme : null,
            Step = step.Length > 1 && Ids.TryParse(step[1], out StepId id) ? id : null,
            PlaceKind = One<PlaceKind>(form["where"]),
            Site = int.TryParse(form["site"], CultureInfo.InvariantCulture, out int site) ? site : null,
            Place = form["place"],
            Commune = form["commune"],
            PostCode = form["postCode"],
            Insee = form["insee"],
            Lead = Ids.TryParse(form["lead"], out PersonId lead) ? lead : null,
            Group = Guid.TryParse(form["group"], out Guid group) ? group : null,
            Project = Ids.TryParse(form["project"], out ProjectId project) ? project : null,
            Level = One<SessionLevel>(form["level"]),
            Materials = form["material"].Aggregate(SessionMaterials.None, (all, one) => all | One<SessionMaterials>(one)),
            Themes = form["theme"].Aggregate(SessionThemes.None, (all, one) => all | One<SessionThemes>(one)),
            Partners = [.. form["partner"].Select(p => Ids.TryParse(p, out PartnerId partner) ? partner : default).Where(p => p != default)],
            Mentors = [.. form["mentor"].Select(p => Ids.TryParse(p, out PersonId person) ? person : default).Where(p => p != default).Select(p => new MentorToBe(p, form[$"employer-{p}"]))],
            Machines = [.. form["machine"].Select(m => Ids.TryParse(m, out MachineId machine) ? machine : default).Where(m => m != default)],
            KeepMachines = form["keep"] == "true",
            WithoutHolidays = form["schoolOnly"] == "true",
            Version = long.TryParse(form["version"], CultureInfo.InvariantCulture, out long version) ? version : -1,
        };
        var entered = new GroupSessionForm
        {
            Title = rest.Title!, Day = form["day"].ToString().Trim(), Hour = form["hour"].ToString().Trim(), Minutes = form["minutes"].ToString().Trim(), Until = form["until"].ToString().Trim(),
            Expected = form["expected"].ToString().Trim(), PerMentor = form["perMentor"].ToString().Trim(), Rest = rest,
        };
        if (LocalDatePattern.Iso.Parse(entered.Day) is not { Success: true, Value: { Year: > 1990 and < 2200 } day })
            return (entered with { Fault = ("start", text[GroupSessionText.BadDay]) }, null);
        if (TrainingQueries.ClockTime.Parse(entered.Hour) is not { Success: true, Value: var hour })
            return (entered with { Fault = ("hour", text[GroupSessionText.BadHour]) }, null);
        if (Number(entered.Minutes) is not { } minutes)
            return (entered with { Fault = ("minutes", text[GroupSessionText.BadMinutes]) }, null);
        LocalDate? until = null;
        if (entered.Until.Length > 0)
        {
            if (LocalDatePattern.Iso.Parse(entered.Until) is not { Success: true, Value: var last } || last < day || last > day.PlusYears(1))
                return (entered with { Fault = ("repeatUntil", text[GroupSessionText.BadUntil]) }, null);
            until = last;
        }
        if (entered.Expected.Length > 0 && Number(entered.Expected) is null)
            return (entered with { Fault = ("expected", text[GroupSessionText.BadNumber]) }, null);
        if (entered.PerMentor.Length > 0 && Number(entered.PerMentor) is null)
            return (entered with { Fault = ("perMentor", text[GroupSessionText.BadNumber]) }, null);
        return (entered, rest with
        {
            Start = (day + hour).InZoneLeniently(text.Zone).ToInstant(), Minutes = minutes, Expected = Number(entered.Expected), PerMentor = Number(entered.PerMentor), RepeatUntil = until,
        });
    }

    private static T One<T>(string? text)
        where T : struct, Enum => Enum.TryParse(text, out T one) ? one : default;

    private static int? Number(string? text) => int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static AttendeeId Line(string? text) => Ids.TryParse(text, out AttendeeId line) ? line : default;

    private static DoneNote Note(Phrase told) => new(told.Words());

    private static DoneNote Note(Phrase told, Guid id, string undo) => new(told.Words(), $"/sessions/{id}/{undo}", new Dictionary<string, string>());

    private static RazorComponentResult<SessionFormPage> ShowForm(int status, GroupSessionFormSheet sheet) => Web.Pages.Show<SessionFormPage>(status, (nameof(SessionFormPage.Sheet), sheet));

    private static RazorComponentResult<RollPage> Roll(GroupSessionSheet sheet, At at) => Web.Pages.Show<RollPage>((nameof(RollPage.Sheet), sheet), (nameof(RollPage.Me), at.Actor.Id));

    /// <summary>What every act of these pages needs: who does it, and the page as it stands after.</summary>
    internal sealed class At(IHttpContextAccessor accessor, BookingDbContext db, GroupSessionQueries sessions, DoneNotes notes, PageFrame frame, PageText text, LatestActs latest)
    {
        private HttpContext Http => accessor.HttpContext!;

        public BookingDbContext Db => db;

        public PageText Text => text;

        public StaffActor Actor => frame.Viewer.Actor!;

        public CancellationToken Cancel => Http.RequestAborted;

        /// <summary>Whether what this viewer makes is a proposal.</summary>
        public bool Proposes => !frame.Viewer.Has(Right.LeadSessions);

        public Task<GroupSessionChoices> ChoicesAsync() => sessions.ChoicesAsync(frame.Viewer, Cancel);

        public GroupSessionForm NewForm() => new()
        {
            Day = LocalDatePattern.Iso.Format(text.Now.InZone(text.Zone).Date),
            Rest = new GroupSessionToBe("", default, 0) { Mentors = [new MentorToBe(Actor.Id)], Themes = SessionThemes.Creating },
        };

        public async Task<GroupSessionFormSheet?> FormAsync(Guid id) =>
            await sessions.SheetAsync(frame.Viewer, new GroupSessionId(id), text.Now, text.Zone, null, Cancel) is { } sheet && (sheet.Leads || sheet.Session.State == GroupSessionState.Proposed)
                ? new GroupSessionFormSheet(sheet.Session.Id, await sessions.FormAsync(sheet.Session, text.Zone, Cancel), await ChoicesAsync(), Proposes)
                : null;

        /// <summary>The séance, if the viewer leads it.</summary>
        public async Task<GroupSessionSheet?> LedAsync(Guid id) =>
            await sessions.SheetAsync(frame.Viewer, new GroupSessionId(id), text.Now, text.Zone, null, Cancel) is { Leads: true } sheet ? sheet : null;

        public async Task<IResult> ShowAsync(int status, Guid id, string? problem, string? search = null) =>
            await sessions.SheetAsync(frame.Viewer, new GroupSessionId(id), text.Now, text.Zone, search, Cancel) is { } sheet
                ? Web.Pages.Show<GroupSessionPage>(status, (nameof(GroupSessionPage.Sheet), sheet with { Problem = problem }))
                : Results.NotFound();

        /// <summary>Back to the page with a word of what was done; or the page as it stands with why it was not.</summary>
        public async Task<IResult> AfterAsync<T>(Outcome<T> outcome, Guid id, Func<T, DoneNote> note, string name = "?", string to = "")
        {
            if (outcome.Refusal is { } refusal)
            {
                return refusal switch
                {
                    { Status: StatusCodes.Status404NotFound } => Results.NotFound(),
                    { Code: ProblemCodes.NotAllowed } => Results.StatusCode(refusal.Status),
                    // htmx puts nothing in place after an error status; a fault is an answer there.
                    _ => await ShowAsync(PageFrame.IsFragment(Http) ? 200 : refusal.Status, id, Why(refusal, name) + await WhoAsync(refusal, id)),
                };
            }
            // Put into the page that is there: the button is pressed, and pressing it again takes it back.
            if (PageFrame.IsFragment(Http))
                return await ShowAsync(200, id, null);
            Leave(note(outcome.Value));
            return Results.LocalRedirect($"/sessions/{id}{to}");
        }

        /// <summary>Who was faster, where somebody was.</summary>
        private async Task<string> WhoAsync(Refusal refusal, Guid id)
        {
            if (refusal.Code != ProblemCodes.Stale)
                return "";
            AttendeeId wanted = Line(Http.Request.Form["line"]);
            Attendee? line = await db.Attendees.SingleOrDefaultAsync(a => a.SessionId == new GroupSessionId(id) && a.Id == wanted, Cancel);
            return await latest.AfterAsync(id, line is null ? null : line.PersonId?.ToString() ?? $"{line.Number}", text, Cancel);
        }

        public void Leave(DoneNote note) => notes.Leave(Http, note);

        public async Task<string> NameAsync(Guid id, string? line)
        {
            AttendeeId wanted = Line(line);
            Attendee? attendee = await db.Attendees.SingleOrDefaultAsync(a => a.SessionId == new GroupSessionId(id) && a.Id == wanted, Cancel);
            return attendee switch
            {
                null => "?",
                { FirstName.Length: > 0 } => attendee.FirstName,
                { PersonId: { } person } => await PersonAsync(person),
                _ => text[GroupSessionText.Number, attendee.Number],
            };
        }

        public async Task<string> PersonAsync(PersonId person) =>
            await db.People.Where(p => p.Id == person).Select(p => p.DisplayName ?? p.ShortCode).SingleOrDefaultAsync(Cancel) ?? "?";

        /// <summary>What is wrong with the form, beside its field.</summary>
        public async Task<(string Field, string Fault)> FaultAsync(Refusal refusal)
        {
            if (Ids.TryParse(refusal.Field, out MachineId machine))
            {
                string code = await db.Machines.Where(m => m.Id == machine).Select(m => m.Code).SingleOrDefaultAsync(Cancel) ?? "?";
                return ("machines", refusal.Code == "group_needed" ? text[GroupSessionText.BadGroupNeeded] : text[GroupSessionText.BadMachine, code, refusal.Sentence?.In(text.Tag) ?? refusal.Detail]);
            }
            return refusal switch
            {
                { Code: ProblemCodes.Stale } => ("", text[GroupSessionText.Stale]),
                { Code: ProblemCodes.NotAllowed } => ("", text[GroupSessionText.NoPartnerOfYours]),
                { Code: "group_session_held" } => ("start", text[GroupSessionText.Held]),
                { Code: "group_session_locked" } => ("", text[GroupSessionText.LockedRefused]),
                { Field: "title" } => ("title", text[GroupSessionText.BadTitle]),
                { Field: "start" } => ("start", text[GroupSessionText.BadDay]),
                { Field: "minutes" } => ("minutes", text[GroupSessionText.BadMinutes]),
                { Field: "expected" or "perMentor" } => (refusal.Field, text[GroupSessionText.BadNumber]),
                { Field: { } field } => (field, text[GroupSessionText.BadOther]),
                _ => ("", text[GroupSessionText.BadOther]),
            };
        }

        private string Why(Refusal refusal, string name) => refusal.Code switch
        {
            ProblemCodes.Stale => name == "?" ? text[GroupSessionText.Stale] : text[GroupSessionText.MarkStale, name],
            "group_session_not_yet" => text[refusal.Detail.StartsWith("It is too early", StringComparison.Ordinal) ? GroupSessionText.TooEarly : GroupSessionText.NotBegun],
            "group_session_past" => text[GroupSessionText.TooLate],
            "group_session_no_undo" => text[GroupSessionText.NoUndo],
            "group_session_locked" => text[GroupSessionText.LockedRefused],
            "may_not_leave_alone" => text[GroupSessionText.MayNotAlone, name],
            "may_not_fetch" => text[GroupSessionText.MayNotFetch, name],
            "no_partner" => text[GroupSessionText.NoGroupBack, name],
            "attendee_present" => text[GroupSessionText.RemoveRefused, name],
            "list_full" => text[GroupSessionText.ListFull],
            _ => refusal.Field switch
            {
                "why" => text[GroupSessionText.CancelWhyMissing],
                "people" => text[GroupSessionText.AddNobody],
                "number" or "numbers" => text[GroupSessionText.BadNumber],
                "incidentText" => text[GroupSessionText.IncidentMissing],
                _ => refusal.Sentence?.In(text.Tag) ?? text[WebText.NotDone],
            },
        };
    }
}
