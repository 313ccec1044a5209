using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Programmes.Pages;

/// <summary>The pages of programmes and of what they choose from.</summary>
internal static class ProgrammePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var seeing = routes.Pages(Right.PrepareSessions);
        seeing.MapGet("/programmes", async (ProgrammeQueries programmes, PageFrame frame, CancellationToken cancellationToken) =>
            Web.Pages.Show<ProgrammesPage>((nameof(ProgrammesPage.List), await programmes.ListAsync(frame.Viewer, cancellationToken))));
        seeing.MapGet("/programmes/{id:guid}", (Guid id, ProgrammeQueries programmes, PageFrame frame, CancellationToken cancellationToken) =>
            ShowAsync(200, id, null, programmes, frame, cancellationToken));
        var keeping = routes.Pages(Right.KeepProgrammes);
        keeping.MapPost("/programmes", AddAsync);
        keeping.MapPost("/programmes/catalogue", CatalogueAsync);
        keeping.MapPost("/programmes/{id:guid}", ChangeAsync);
        keeping.MapPost("/programmes/{id:guid}/step", StepAsync);
    }

    private static async Task<IResult> AddAsync(
        IFormCollection form, HttpContext http, SetProgramme handler, ProgrammeQueries programmes, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        var id = ProgrammeId.New(text.Now);
        var outcome = await handler.HandleAsync(id, new ProgrammeToBe(0, form["nameFr"], form["nameEn"]), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ListAsync(refusal, programmes, frame, text, cancellationToken);
        notes.Leave(http, new DoneNote(ProgrammeText.Saved.Words()));
        return Results.LocalRedirect($"/programmes/{id}");
    }

    private static async Task<IResult> CatalogueAsync(
        IFormCollection form, HttpContext http, SetCatalogue handler, BookingDbContext db, ProgrammeQueries programmes, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        var by = frame.Viewer.Actor!;
        Refusal? refusal;
        switch (form["what"].ToString())
        {
            case "skill":
                refusal = (await handler.SkillAsync(
                    SkillId.New(text.Now), new SkillToBe(0, form["name"], form["nameEn"], Enum.TryParse(form["kind"], out SkillKind kind) ? kind : SkillKind.Technical), by, cancellationToken)).Refusal;
                break;
            case "partner":
                refusal = (await handler.PartnerAsync(PartnerId.New(text.Now), new PartnerToBe(0, form["name"], form["kind"])
                {
                    People = [.. form["person"].Select(p => Ids.TryParse(p, out PersonId person) ? person : default).Where(p => p != default)],
                }, by, cancellationToken)).Refusal;
                break;
            case "strand":
                var fresh = form["newFunder"].ToString().Trim();
                var known = fresh.Length == 0 && Ids.TryParse(form["funder"], out FunderId chosen) ? await db.Funders.SingleOrDefaultAsync(f => f.Id == chosen, cancellationToken) : null;
                if (known is null && fresh.Length == 0)
                    return await ListAsync(Refusal.BadValue("name", "Name a funder."), programmes, frame, text, cancellationToken);
                var strands = known is null ? [] : await db.FunderStrands.Where(s => s.FunderId == known.Id).ToListAsync(cancellationToken);
                refusal = (await handler.FunderAsync(known?.Id ?? FunderId.New(text.Now), new FunderToBe(known?.Version ?? 0, known?.Name ?? fresh)
                {
                    Strands = [.. strands.Select(s => new StrandToBe(s.Id, s.Name, s.Code, s.Retired)), new StrandToBe(StrandId.New(text.Now), form["name"], form["code"])],
                }, by, cancellationToken)).Refusal;
                break;
            default:
                return Results.BadRequest();
        }
        if (refusal is not null)
            return await ListAsync(refusal, programmes, frame, text, cancellationToken);
        notes.Leave(http, new DoneNote(ProgrammeText.Added.Words()));
        return Results.LocalRedirect("/programmes");
    }

    private static async Task<IResult> ChangeAsync(
        Guid id, IFormCollection form, HttpContext http, SetProgramme handler, ProgrammeQueries programmes, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await programmes.WholeAsync(new ProgrammeId(id), cancellationToken) is not { } before)
            return Results.NotFound();
        if (!Whole(form["goalSessions"], out var goalSessions) || !Whole(form["goalPeople"], out var goalPeople) || !Whole(form["goalHours"], out var goalHours))
            return await ShowAsync(400, id, text[ProgrammeText.BadNumber], programmes, frame, cancellationToken);
        if (!Day(form["from"], out var from) || !Day(form["until"], out var until))
            return await ShowAsync(400, id, text[ProgrammeText.BadDates], programmes, frame, cancellationToken);
        var request = before with
        {
            Version = long.TryParse(form["version"], CultureInfo.InvariantCulture, out var version) ? version : -1,
            NameFr = form["nameFr"], NameEn = form["nameEn"], Description = form["description"], From = from, Until = until,
            GoalSessions = goalSessions, GoalPeople = goalPeople, GoalHours = goalHours, Closed = form["closed"] == "true",
            Lead = Ids.TryParse(form["lead"], out PersonId lead) ? lead : null,
            Strands = [.. form["strand"].Select(s => Ids.TryParse(s, out StrandId strand) ? strand : default).Where(s => s != default)],
        };
        var outcome = await handler.HandleAsync(new ProgrammeId(id), request, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, id, Why(refusal, text), programmes, frame, cancellationToken);
        notes.Leave(http, new DoneNote(ProgrammeText.Saved.Words()));
        return Results.LocalRedirect($"/programmes/{id}");
    }

    private static async Task<IResult> StepAsync(
        Guid id, IFormCollection form, HttpContext http, SetProgramme handler, ProgrammeQueries programmes, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await programmes.WholeAsync(new ProgrammeId(id), cancellationToken) is not { } before)
            return Results.NotFound();
        var pathways = before.Pathways.ToList();
        var closes = Ids.TryParse(form["close"], out StepId gone);
        if (closes)
            pathways = [.. pathways.Select(p => p with { Steps = [.. p.Steps.Where(s => s.Id != gone)] })];
        else
        {
            var step = new StepToBe(StepId.New(text.Now), form["nameFr"], form["nameEn"])
            {
                Skills = [.. form["skill"].Select(s => Ids.TryParse(s, out SkillId skill) ? skill : default).Where(s => s != default)],
            };
            var fresh = form["newPathway"].ToString().Trim();
            var place = fresh.Length == 0 && Ids.TryParse(form["pathway"], out PathwayId chosen) ? pathways.FindIndex(p => p.Id == chosen) : -1;
            if (place < 0 && fresh.Length == 0)
                return await ShowAsync(400, id, text[ProgrammeText.BadName], programmes, frame, cancellationToken);
            if (place < 0)
                pathways.Add(new PathwayToBe(PathwayId.New(text.Now), fresh) { Steps = [step] });
            else
                pathways[place] = pathways[place] with { Steps = [.. pathways[place].Steps, step] };
        }
        var outcome = await handler.HandleAsync(new ProgrammeId(id), before with { Pathways = pathways }, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, id, Why(refusal, text), programmes, frame, cancellationToken);
        notes.Leave(http, new DoneNote((closes ? ProgrammeText.StepClosed : ProgrammeText.StepAdded).Words()));
        return Results.LocalRedirect($"/programmes/{id}");
    }

    private static async Task<IResult> ListAsync(Refusal refusal, ProgrammeQueries programmes, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        Web.Pages.Show<ProgrammesPage>(refusal.Status, (nameof(ProgrammesPage.List), await programmes.ListAsync(frame.Viewer, cancellationToken) with { Problem = Why(refusal, text) }));

    private static async Task<IResult> ShowAsync(int status, Guid id, string? problem, ProgrammeQueries programmes, PageFrame frame, CancellationToken cancellationToken) =>
        await programmes.SheetAsync(frame.Viewer, new ProgrammeId(id), cancellationToken) is { } sheet
            ? Web.Pages.Show<ProgrammePage>(status, (nameof(ProgrammePage.Sheet), sheet with { Problem = problem }))
            : Results.NotFound();

    private static string Why(Refusal refusal, PageText text) => refusal switch
    {
        { Code: ProblemCodes.Stale } => text[ProgrammeText.Stale],
        { Code: "strand_code_taken" } or { Field: "strands" } => text[ProgrammeText.BadCode],
        { Field: "until" } => text[ProgrammeText.BadDates],
        { Field: "goalSessions" } => text[ProgrammeText.BadNumber],
        _ => text[ProgrammeText.BadName],
    };

    private static bool Whole(string? text, out int? number)
    {
        number = int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : null;
        return number is not null || string.IsNullOrWhiteSpace(text);
    }

    private static bool Day(string? text, out LocalDate? day)
    {
        day = LocalDatePattern.Iso.Parse(text?.Trim() ?? "") is { Success: true, Value: var read } ? read : null;
        return day is not null || string.IsNullOrWhiteSpace(text);
    }
}
