using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.People.Pages;
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

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>The matrix people × machines: one touch changes a cell, and one takes that back.</summary>
internal static class MatrixPages
{
    /// <summary>What was searched for, over one redirect: names do not belong into addresses.</summary>
    private const string KeptSearch = "matrix-search";

    public static void Map(RouteGroupBuilder finding, RouteGroupBuilder granting)
    {
        finding.MapGet("/habilitations", async (
            string? type, bool? holders, int? page, int? from, HttpContext http, Sealed kept, MatrixQueries matrix, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        {
            var filter = new MatrixFilter(null, type, holders == true, Math.Clamp(page ?? 1, 1, 10_000));
            // Without a script nothing asks for rows alone.
            return from is { } after && PageFrame.IsFragment(http)
                ? Web.Pages.Show<MatrixRows>(
                    (nameof(MatrixRows.Sheet), await matrix.ReadAsync(frame.Viewer, filter with { From = Math.Max(after, 0) }, MatrixQueries.ScrollSize, text.Now, cancellationToken)),
                    (nameof(MatrixRows.Fetched), true))
                : await ShowAsync(200, filter with { Search = kept.Take(http, KeptSearch) }, null, matrix, frame, text, cancellationToken);
        });
        finding.MapPost("/habilitations", async (
            [FromForm] string? q, [FromForm] string? type, [FromForm] bool? holders, MatrixQueries matrix, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, new MatrixFilter(q, type, holders == true), null, matrix, frame, text, cancellationToken));
        granting.MapPost("/habilitations/set", SetAsync);
        granting.MapPost("/habilitations/undo", UndoAsync);
    }

    /// <summary>The form that takes an act back, for whatever page it was made on.</summary>
    public static DoneNote Note(Words text, HabilitationActed acted, string back, string? search = null) => new(text, "/habilitations/undo", new Dictionary<string, string>
    {
        ["habilitation"] = acted.Id.ToString(),
        ["act"] = acted.Act.ToString(CultureInfo.InvariantCulture),
        ["back"] = back,
        ["q"] = search ?? "",
    });

    private static async Task<IResult> SetAsync(
        [FromForm] string? cell, [FromForm] string? @do, [FromForm] string? evidence, [FromForm] string? back, [FromForm] string? type, [FromForm] string? q,
        HttpContext http, BookingDbContext db, GrantHabilitation grant, ActOnHabilitation act, DoneNotes notes, LatestActs latest, Sealed kept,
        MatrixQueries matrix, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        string[] parts = (cell ?? "").Split('/');
        if (parts.Length != 3 || !int.TryParse(parts[2], CultureInfo.InvariantCulture, out int seen)
            || await db.People.SingleOrDefaultAsync(p => p.ShortCode == parts[0], cancellationToken) is not { } person
            || await db.Machines.SingleOrDefaultAsync(m => m.Code == parts[1] && !m.Retired, cancellationToken) is not { } machine
            || TrainingNeeds.Trainings(machine.Rule.Needed()).Distinct().ToList() is not [var asked]
            || await db.Trainings.SingleOrDefaultAsync(t => t.Id == asked, cancellationToken) is not { } training)
        {
            return await AnswerAsync(400, null, text[HabilitationText.NotUnderstood]);
        }

        string why = string.IsNullOrWhiteSpace(evidence) ? text[HabilitationText.DefaultEvidence] : evidence;
        HabilitationLevel level = @do switch
        {
            "accompanied" => HabilitationLevel.Accompanied,
            "trainer" => HabilitationLevel.Trainer,
            "suspend" or "withdraw" => HabilitationLevel.None,
            _ => HabilitationLevel.Autonomous,
        };
        Outcome<HabilitationActed> outcome;
        if (level > HabilitationLevel.None)
        {
            outcome = await grant.HandleAsync(person.Id, new HabilitationGrant(asked, level, why, LastAct: seen), frame.Viewer.Actor!, cancellationToken);
        }
        else if (await db.Habilitations.SingleOrDefaultAsync(h => h.PersonId == person.Id && h.TrainingId == asked, cancellationToken) is { } head)
        {
            outcome = await act.HandleAsync(
                head.Id, @do == "suspend" ? HabilitationActKind.Suspended : HabilitationActKind.Withdrawn,
                new HabilitationActRequest(why, seen), frame.Viewer.Actor!, cancellationToken);
        }
        else
        {
            return await AnswerAsync(409, null, text[HabilitationText.NothingThere]);
        }

        if (outcome.Refusal is { } refusal)
        {
            HabilitationId changed = await db.Habilitations.Where(h => h.PersonId == person.Id && h.TrainingId == asked).Select(h => h.Id).SingleOrDefaultAsync(cancellationToken);
            return await AnswerAsync(refusal.Status, null, refusal.Code switch
            {
                ProblemCodes.Stale => text[HabilitationText.ChangedMeanwhile] + await latest.AfterAsync(changed.Value, null, text, cancellationToken),
                "habilitation_not_so" => text[HabilitationText.NothingThere],
                _ => text[refusal.Field == "evidence" ? PeopleText.EvidenceMissing : WebText.NotDone],
            });
        }

        string name = person.DisplayName ?? person.ShortCode;
        Phrase levelWord = PersonWords.Level(level);
        Phrase told = level > HabilitationLevel.None ? HabilitationText.DoneGranted
            : @do == "suspend" ? HabilitationText.DoneSuspended : HabilitationText.DoneWithdrawn;
        return await AnswerAsync(200, Note(
            new Words(
                told.In(Language.French, name, training.NameFr, levelWord.In(Language.French).ToLower(Phrase.CultureOf(Language.French))),
                told.In(Language.English, name, training.NameEn, levelWord.In(Language.English).ToLower(Phrase.CultureOf(Language.English)))),
            outcome.Value, Web.Pages.Local(back ?? "/habilitations"), q), null);

        async Task<IResult> AnswerAsync(int status, DoneNote? done, string? problem)
        {
            if (!PageFrame.IsFragment(http))
            {
                if (done is null)
                    return await ShowAsync(status, FilterOf(back) with { Search = q }, problem, matrix, frame, text, cancellationToken);
                Keep(kept, http, q);
                notes.Leave(http, done);
                return Results.LocalRedirect(Web.Pages.Local(back ?? "/habilitations"));
            }

            // htmx puts nothing in place after an error status; a fault is an answer here, and the row shows how it stands now.
            MatrixSheet columns = await matrix.ReadAsync(frame.Viewer, new MatrixFilter(Type: type), 0, text.Now, cancellationToken);
            return Web.Pages.Show<MatrixAnswer>(
                (nameof(MatrixAnswer.Row), await matrix.RowAsync(frame.Viewer, parts[0], columns.Machines, text.Now, cancellationToken)),
                (nameof(MatrixAnswer.Machines), columns.Machines), (nameof(MatrixAnswer.Done), done), (nameof(MatrixAnswer.Problem), problem));
        }
    }

    private static async Task<IResult> UndoAsync(
        [FromForm] string? habilitation, [FromForm] int? act, [FromForm] string? back, [FromForm] string? q,
        HttpContext http, UndoHabilitation handler, DoneNotes notes, LatestActs latest, Sealed kept, MatrixQueries matrix, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (!Ids.TryParse(habilitation, out HabilitationId id) || act is not { } seen)
            return Results.BadRequest();
        Outcome<HabilitationActed> outcome = await handler.HandleAsync(id, seen, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Status == 404
                ? Results.NotFound()
                : await ShowAsync(refusal.Status, FilterOf(back) with { Search = q }, refusal.Code == ProblemCodes.NotAllowed ? text[WebText.NotDone] : text[HabilitationText.ChangedMeanwhile] + await latest.AfterAsync(id.Value, null, text, cancellationToken), matrix, frame, text, cancellationToken);
        }

        Keep(kept, http, q);
        notes.Leave(http, new DoneNote(HabilitationText.DoneUndone.Words()));
        return Results.LocalRedirect(Web.Pages.Local(back ?? "/habilitations"));
    }

    private static void Keep(Sealed kept, HttpContext http, string? search)
    {
        if (search is { Length: > 0 and <= 80 })
            kept.Leave(http, KeptSearch, search);
    }

    /// <summary>The part of the matrix that was left, read back from its address.</summary>
    private static MatrixFilter FilterOf(string? back)
    {
        string local = Web.Pages.Local(back);
        if (!local.StartsWith("/habilitations?", StringComparison.Ordinal))
            return new MatrixFilter();
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(local[local.IndexOf('?', StringComparison.Ordinal)..]);
        return new MatrixFilter(
            null, query.TryGetValue("type", out var type) ? type.ToString() : null, query.ContainsKey("holders"),
            query.TryGetValue("page", out var page) && int.TryParse(page, CultureInfo.InvariantCulture, out int number) ? Math.Clamp(number, 1, 10_000) : 1);
    }

    private static async Task<IResult> ShowAsync(
        int status, MatrixFilter filter, string? problem, MatrixQueries matrix, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        Web.Pages.Show<MatrixPage>(
            status, (nameof(MatrixPage.Sheet), await matrix.ReadAsync(frame.Viewer, filter, string.IsNullOrWhiteSpace(filter.Search) ? MatrixQueries.PageSize : PeopleQueries.ListLimit, text.Now, cancellationToken)), (nameof(MatrixPage.Problem), problem));
}
