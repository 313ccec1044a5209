using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>"Train somebody here": arms the induction and shows what comes of it.</summary>
internal static class InductionPages
{
    public static void Map(RouteGroupBuilder granting)
    {
        granting.MapGet("/machines/{code}/train", async (string code, BookingDbContext db, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, code, null, db, frame, text, cancellationToken));
        granting.MapPost("/machines/{code}/train", ArmAsync);
        granting.MapPost("/machines/{code}/train/cancel", CancelAsync);
    }

    private static async Task<IResult> ArmAsync(
        string code, [FromForm] string? training, [FromForm] string? level, BookingDbContext db, ArmInduction handler,
        PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine)
            return Results.NotFound();
        if (!Ids.TryParse(training, out TrainingId wanted))
            return await ShowAsync(400, code, WebText.NotDone, db, frame, text, cancellationToken);
        Outcome<InductionArmed> outcome = await handler.HandleAsync(
            machine.Id, new InductionRequest(wanted, level == "accompanied" ? HabilitationLevel.Accompanied : HabilitationLevel.Autonomous), frame.Viewer.Actor!, cancellationToken);
        return outcome.Refusal is { } refusal
            ? await ShowAsync(refusal.Status, code, ProblemOf(refusal), db, frame, text, cancellationToken)
            : Results.LocalRedirect($"/machines/{Uri.EscapeDataString(code)}/train");
    }

    private static async Task<IResult> CancelAsync(
        string code, [FromForm] string? induction, HttpContext http, BookingDbContext db, ArmInduction handler, DoneNotes notes,
        PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (!Ids.TryParse(induction, out InductionId id))
            return Results.BadRequest();
        Outcome<InductionArmed> outcome = await handler.CancelAsync(id, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return refusal.Status == 404 ? Results.NotFound() : await ShowAsync(refusal.Status, code, WebText.NotDone, db, frame, text, cancellationToken);
        notes.Leave(http, new DoneNote(HabilitationText.TrainCancelled.Words(code)));
        return Results.LocalRedirect($"/machines/{Uri.EscapeDataString(code)}/train");
    }

    private static Phrase ProblemOf(Refusal refusal) => refusal.Code switch
    {
        "not_trainer" => HabilitationText.TrainNotTrainer,
        "machine_without_reader" => HabilitationText.TrainNoReader,
        "induction_armed" => HabilitationText.TrainTaken,
        _ => WebText.NotDone,
    };

    private static async Task<IResult> ShowAsync(
        int status, string code, Phrase? problem, BookingDbContext db, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine)
            return Results.NotFound();
        List<TrainingId> asked = [.. machine.Rule.TrainingsAsked()];
        if (!frame.Viewer.HasAll(Right.Grant) && !asked.Any(training => frame.Viewer.May(Right.Grant, training)))
            return Results.NotFound();
        PersonId me = frame.Viewer.Actor!.Id;
        List<TrainingId> mine =
        [
            .. (await HabilitationQueries.StandingsAsync(db, null, me, cancellationToken))
                .Where(s => s.Level == HabilitationLevel.Trainer && s.HoldsAt(text.Now)).Select(s => s.Training).Intersect(asked).Where(training => frame.Viewer.May(Right.Grant, training)),
        ];
        var trainings = await db.Trainings.Where(t => mine.Contains(t.Id) && !t.Retired).OrderBy(t => t.NameFr)
            .Select(t => new { t.Id, Name = new Words(t.NameFr, t.NameEn) }).ToListAsync(cancellationToken);
        Instant since = text.Now - Duration.FromMinutes(10);
        InductionRow? last = await db.Inductions.Where(i => i.MachineId == machine.Id && i.Trainer == me && i.ArmedAt > since && i.CancelledAt == null)
            .OrderByDescending(i => i.ArmedAt).FirstOrDefaultAsync(cancellationToken);
        (string Person, Words Training)? given = null;
        if (last is { Trainee: { } trainee, DoneAt: not null })
        {
            var person = await db.People.SingleAsync(p => p.Id == trainee, cancellationToken);
            var training = await db.Trainings.SingleAsync(t => t.Id == last.TrainingId, cancellationToken);
            given = (person.DisplayName ?? person.ShortCode, new Words(training.NameFr, training.NameEn));
        }

        return Web.Pages.Show<InductionPage>(
            status, (nameof(InductionPage.Code), machine.Code), (nameof(InductionPage.Name), machine.Rule.Name()),
            (nameof(InductionPage.Trainings), trainings.Select(t => (t.Id, t.Name)).ToList()), (nameof(InductionPage.Last), last),
            (nameof(InductionPage.Given), given), (nameof(InductionPage.Problem), problem));
    }
}
