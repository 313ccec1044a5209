using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>What ends soon, with one touch to renew it.</summary>
internal static class ExpiringPages
{
    public const string Path = "/habilitations/expiring";

    public static void Map(RouteGroupBuilder granting)
    {
        granting.MapGet(Path, async (int? days, ExpiringQueries expiring, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, days, null, expiring, frame, text, cancellationToken));
        granting.MapPost("/habilitations/renew", RenewAsync);
    }

    private static async Task<IResult> RenewAsync(
        [FromForm] string? habilitation, [FromForm] int? seen, [FromForm] int? days, HttpContext http, BookingDbContext db, GrantHabilitation handler,
        DoneNotes notes, ExpiringQueries expiring, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        HabilitationStanding? standing = Ids.TryParse(habilitation, out HabilitationId id)
            ? (await HabilitationQueries.StandingsAsync(db, [id], null, cancellationToken)).SingleOrDefault()
            : null;
        if (standing is null || !frame.Viewer.May(Right.Grant, standing.Training))
            return Results.NotFound();
        if (standing.Level == HabilitationLevel.None || standing.Suspended)
            return await ShowAsync(409, days, HabilitationText.NotOnList, expiring, frame, text, cancellationToken);
        Outcome<HabilitationActed> outcome = await handler.HandleAsync(
            standing.Person, new HabilitationGrant(standing.Training, standing.Level, text[HabilitationText.RenewEvidence], LastAct: seen ?? 0), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return await ShowAsync(
                refusal.Status, days, refusal.Code == Contracts.ProblemCodes.Stale ? HabilitationText.ChangedMeanwhile : HabilitationText.NotOnList, expiring, frame, text, cancellationToken);
        }

        var person = await db.People.SingleAsync(p => p.Id == standing.Person, cancellationToken);
        Training training = await db.Trainings.SingleAsync(t => t.Id == standing.Training, cancellationToken);
        string name = person.DisplayName ?? person.ShortCode;
        string back = $"{Path}?days={Days(days)}";
        notes.Leave(http, MatrixPages.Note(
            new Words(HabilitationText.DoneRenewed.In(Language.French, name, training.NameFr), HabilitationText.DoneRenewed.In(Language.English, name, training.NameEn)),
            outcome.Value, back));
        return Results.LocalRedirect(back);
    }

    private static int Days(int? days) => ExpiringQueries.Choices.Contains(days ?? 0) ? days!.Value : ExpiringQueries.Choices[1];

    private static async Task<IResult> ShowAsync(
        int status, int? days, Phrase? problem, ExpiringQueries expiring, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        Web.Pages.Show<ExpiringPage>(
            status, (nameof(ExpiringPage.Sheet), await expiring.ReadAsync(frame.Viewer, Days(days), text.Now, cancellationToken)), (nameof(ExpiringPage.Problem), problem));
}
