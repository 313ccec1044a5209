using System.Globalization;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Visits;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using NodaTime.Text;

namespace FabLab.Booking.Features.Visits.Pages;

/// <summary>The front desk: who is in, calls, counts, corrections; the reasons; one's own codes for the door.</summary>
internal static class DeskPages
{
    public const string Address = "/front-desk";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var desk = routes.Pages(Right.KeepDoor);
        desk.MapGet(Address, async (DeskQueries queries, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<DeskPage>((nameof(DeskPage.Sheet), await queries.ReadAsync(frame.Viewer, text.Now, text.Zone, cancellationToken))));
        desk.MapGet(Address + "/evacuation", async (DeskQueries queries, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<EvacuationPage>((nameof(EvacuationPage.Sheet), await queries.ReadAsync(frame.Viewer, text.Now, text.Zone, cancellationToken))));
        desk.MapPost(Address + "/calls", CallAsync);
        desk.MapPost(Address + "/count", CountAsync);
        desk.MapPost(Address + "/left", LeftAsync);
        desk.MapPost(Address + "/back", BackAsync);
        desk.MapGet(Address + "/visits/{id:guid}", async (Guid id, DeskQueries queries, PageFrame frame, CancellationToken cancellationToken) =>
            await queries.OneAsync(frame.Viewer, id, cancellationToken) is { } sheet ? Show(200, sheet) : Results.NotFound());
        desk.MapPost(Address + "/visits/{id:guid}", CorrectAsync);
        desk.MapGet(Address + "/pin", async (DeskQueries queries, PageFrame frame, CancellationToken cancellationToken) =>
            Web.Pages.Show<PinPage>((nameof(PinPage.Has), await queries.HasPinAsync(frame.Viewer.Actor!.Id, cancellationToken))));
        desk.MapPost(Address + "/pin", PinAsync);
        var lab = routes.Pages(Right.KeepLab);
        lab.MapGet(Address + "/reasons", async (DeskQueries queries, CancellationToken cancellationToken) =>
            Web.Pages.Show<ReasonsPage>((nameof(ReasonsPage.Reasons), Rows(await queries.ReasonsAsync(cancellationToken)))));
        lab.MapPost(Address + "/reasons", ReasonsAsync);
        routes.Pages(Right.OwnAccount).MapGet("/account/door-code", (BadgeKeys keys, PageFrame frame) =>
            Web.Pages.Show<DoorCodePage>((nameof(DoorCodePage.Code), DoorCodes.QrOf(keys.Secret, frame.Viewer.Actor!.Id))));
    }

    private static async Task<IResult> CallAsync(IFormCollection form, HttpContext http, AnswerCall handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(form["call"], out var call))
            return Results.BadRequest();
        var open = form["open"] == "true";
        if ((await handler.HandleAsync(call, closed: !open, frame.Viewer.Actor!, cancellationToken)).Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        if (!open)
            notes.Leave(http, new DoneNote(DeskText.CallGone.Words(), Address + "/calls", new Dictionary<string, string> { ["call"] = call.ToString(), ["open"] = "true" }));
        return Results.LocalRedirect(Address);
    }

    /// <summary>Somebody who is in without a visit has left: a mentor of a séance, or somebody a tap at a machine told of.</summary>
    private static async Task<IResult> LeftAsync(
        [FromForm] string? person, HttpContext http, Presence.SetPresence handler, DeskQueries queries, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (!Ids.TryParse(person, out PersonId who))
            return Results.BadRequest();
        var line = (await queries.ReadAsync(frame.Viewer, text.Now, text.Zone, cancellationToken)).Present.FirstOrDefault(one => one.Person == who);
        if ((await handler.HandleAsync(who, here: false, frame.Viewer.Actor!, cancellationToken)).Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        if (line is not null)
        {
            notes.Leave(http, new DoneNote(
                DeskText.LeftDone.Words(line.Name!), Address + "/back", new Dictionary<string, string> { ["person"] = who.ToString(), ["since"] = InstantPattern.ExtendedIso.Format(line.Since) }));
        }
        return Results.LocalRedirect(Address);
    }

    /// <summary>They had not left after all.</summary>
    private static async Task<IResult> BackAsync(
        [FromForm] string? person, [FromForm] string? since, HttpContext http, Presence.SetPresence handler, DeskQueries queries, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (!Ids.TryParse(person, out PersonId who) || InstantPattern.ExtendedIso.Parse(since ?? "") is not { Success: true, Value: var then })
            return Results.BadRequest();
        if ((await handler.BackAsync(who, new Presence.PresenceBack(then), frame.Viewer.Actor!, cancellationToken)).Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        if ((await queries.ReadAsync(frame.Viewer, text.Now, text.Zone, cancellationToken)).Present.FirstOrDefault(one => one.Person == who) is { } line)
            notes.Leave(http, new DoneNote(DeskText.BackDone.Words(line.Name!)));
        return Results.LocalRedirect(Address);
    }

    private static async Task<IResult> CountAsync(IFormCollection form, HttpContext http, CountVisitor handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var outcome = await handler.HandleAsync(new VisitorToCount(Reason(form), Band(form), form.ContainsKey("first"), int.TryParse(form["site"], CultureInfo.InvariantCulture, out var site) ? site : null), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        // To take it back is to say that it was a mistake.
        notes.Leave(http, new DoneNote(DeskText.Counted.Words(), $"{Address}/visits/{outcome.Value.Id}", Fields(outcome.Value with { Here = false, TakenOut = true }, outcome.Value.Version, undo: true)));
        return Results.LocalRedirect(Address);
    }

    private static async Task<IResult> CorrectAsync(
        Guid id, IFormCollection form, HttpContext http, CorrectVisit handler, DeskQueries queries, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        if (await queries.OneAsync(frame.Viewer, id, cancellationToken) is not { } sheet)
            return Results.NotFound();
        var before = CorrectVisit.Of(sheet.Line.Visit);
        // The button of the list only says that they have left.
        var wanted = form.ContainsKey("left")
            ? new VisitCorrection(before.Version, before.Reason, before.AgeBand, Here: false, before.TakenOut)
            : new VisitCorrection(
                long.TryParse(form["version"], CultureInfo.InvariantCulture, out var seen) ? seen : -1, Reason(form), Band(form), form.ContainsKey("here"), form.ContainsKey("takenOut"));
        var outcome = await handler.HandleAsync(id, wanted, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return Show(refusal.Status, sheet with
            {
                Error = (refusal.Code, refusal.Field) switch
                {
                    (ProblemCodes.Stale, _) => DeskText.Stale,
                    ("visit_open_elsewhere", _) => DeskText.InAgain,
                    (_, "here") => DeskText.BadHere,
                    _ => WebText.NotDone,
                },
            });
        }
        var text = form.ContainsKey("left")
            ? new Core.Words(
                DeskText.LeftDone.In(Language.French, sheet.Line.Name ?? DeskText.NoName.In(Language.French)),
                DeskText.LeftDone.In(Language.English, sheet.Line.Name ?? DeskText.NoName.In(Language.English)))
            : DeskText.Saved.Words();
        notes.Leave(http, form["undo"] == "true" ? new DoneNote(text) : new DoneNote(text, $"{Address}/visits/{id}", Fields(before, outcome.Value.Version, undo: true)));
        return Results.LocalRedirect(Address);
    }

    private static async Task<IResult> PinAsync(IFormCollection form, HttpContext http, SetDoorPin handler, DeskQueries queries, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var remove = form.ContainsKey("remove");
        var by = frame.Viewer.Actor!;
        if ((await handler.HandleAsync(new DoorPinToBe(remove ? null : form["pin"].ToString().Trim()), by, cancellationToken)).Refusal is { } refusal)
        {
            return Web.Pages.Show<PinPage>(
                refusal.Status, (nameof(PinPage.Has), await queries.HasPinAsync(by.Id, cancellationToken)), (nameof(PinPage.Error), DeskText.PinBad));
        }
        notes.Leave(http, new DoneNote((remove ? DeskText.PinRemoved : DeskText.PinSaved).Words()));
        return Results.LocalRedirect(Address + "/pin");
    }

    private static async Task<IResult> ReasonsAsync(IFormCollection form, HttpContext http, SetReasons handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var rows = new List<(int Place, ReasonToBe Reason)>();
        for (var row = 0; row < SetReasons.Most; row++)
        {
            var (fr, en) = (form[$"fr{row}"].ToString(), form[$"en{row}"].ToString());
            var code = form[$"code{row}"].ToString();
            // The line for a new one is left alone when nothing was written there.
            if (code.Length == 0 && string.IsNullOrWhiteSpace(fr) && string.IsNullOrWhiteSpace(en))
                continue;
            if (code.Length == 0)
                code = $"r{Guid.NewGuid():N}"[..12];
            rows.Add((int.TryParse(form[$"place{row}"], CultureInfo.InvariantCulture, out var place) ? place : row + 1, new ReasonToBe(code, fr, en, form[$"icon{row}"], form.ContainsKey($"on{row}"))));
        }
        var wanted = new ReasonsToBe([.. rows.OrderBy(row => row.Place).Select(row => row.Reason)]);
        if ((await handler.HandleAsync(wanted, frame.Viewer.Actor!, cancellationToken)).Refusal is { } refusal)
            return Web.Pages.Show<ReasonsPage>(refusal.Status, (nameof(ReasonsPage.Reasons), wanted.Reasons!), (nameof(ReasonsPage.Error), DeskText.ReasonsBad));
        notes.Leave(http, new DoneNote(DeskText.ReasonsSaved.Words()));
        return Results.LocalRedirect(Address + "/reasons");
    }

    private static IReadOnlyList<ReasonToBe> Rows(IEnumerable<VisitReason> reasons) =>
        [.. reasons.Select(reason => new ReasonToBe(reason.Code, reason.NameFr, reason.NameEn, reason.Pictogram, reason.Active))];

    private static Dictionary<string, string> Fields(VisitState state, long version, bool undo)
    {
        var fields = new Dictionary<string, string>
        {
            ["version"] = version.ToString(CultureInfo.InvariantCulture), ["reason"] = state.Reason ?? "", ["band"] = state.AgeBand?.ToString() ?? "",
        };
        if (state.Here)
            fields["here"] = "on";
        if (state.TakenOut)
            fields["takenOut"] = "on";
        if (undo)
            fields["undo"] = "true";
        return fields;
    }

    private static string? Reason(IFormCollection form) => form["reason"].ToString() is { Length: > 0 } code ? code : null;

    private static AgeBand? Band(IFormCollection form) => Enum.TryParse<AgeBand>(form["band"], out var band) ? band : null;

    private static RazorComponentResult<CorrectionPage> Show(int status, CorrectionSheet sheet) => Web.Pages.Show<CorrectionPage>(status, (nameof(CorrectionPage.Sheet), sheet));
}
