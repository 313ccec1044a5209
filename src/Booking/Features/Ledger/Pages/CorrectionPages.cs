using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>The form that corrects a row of the ledger.</summary>
internal static class CorrectionPages
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapGet("/ledger/{id:guid}/correct", async (
                Guid id, BookingDbContext db, LedgerQueries ledger, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ledger.LineAsync(frame.Viewer, id, cancellationToken) is { } line
                ? await ShowAsync(200, line, await FormOfAsync(db, line, text, cancellationToken), null, db, cancellationToken)
                : Results.NotFound());
        staff.MapPost("/ledger/{id:guid}/correct", CorrectAsync);
    }

    private static async Task<IResult> CorrectAsync(
        Guid id, [FromForm] string? person, [FromForm] string? project, [FromForm] string? powered, [FromForm] string? why,
        HttpContext http, BookingDbContext db, LedgerQueries ledger, CorrectEntry handler, DoneNotes notes,
        PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await ledger.LineAsync(frame.Viewer, id, cancellationToken) is not { } line)
            return Results.NotFound();
        CorrectionForm asWas = await FormOfAsync(db, line, text, cancellationToken);
        var form = new CorrectionForm(
            (person ?? "").Trim().ToUpperInvariant(), Ids.TryParse(project, out ProjectId projectId) ? projectId : null, (powered ?? "").Trim(), why ?? "");

        PersonId? who = form.Person.Length == 0
            ? null
            : await db.People.Where(p => p.ShortCode == form.Person).Select(p => (PersonId?)p.Id).SingleOrDefaultAsync(cancellationToken);
        if (who is null && form.Person.Length > 0)
            form = form with { PersonError = LedgerText.PersonUnknown };
        // A field left alone keeps the measured milliseconds; only a changed one is read.
        long? poweredMs = form.Powered == asWas.Powered ? null : CorrectionForm.Milliseconds(form.Powered);
        if (poweredMs is null && form.Powered != asWas.Powered)
            form = form with { PoweredError = LedgerText.MinutesWrong };
        if (string.IsNullOrWhiteSpace(form.Why))
            form = form with { WhyError = LedgerText.WhyMissing };
        if (form.PersonError is not null || form.PoweredError is not null || form.WhyError is not null)
            return await ShowAsync(400, line, form, null, db, cancellationToken);
        if (form.Person == asWas.Person && form.Project == asWas.Project && poweredMs is null)
            return await ShowAsync(400, line, form, LedgerText.NothingChanged, db, cancellationToken);

        Outcome<LedgerCorrected> outcome = await handler.HandleAsync(
            id, new LedgerCorrection(who, form.Project, poweredMs, form.Why), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return await ShowAsync(
                refusal.Status, line, form, refusal.Code == "already_corrected" ? LedgerText.AlreadyCorrected : WebText.NotDone, db, cancellationToken);
        }

        notes.Leave(http, new DoneNote(LedgerText.Done.Words(), $"/ledger/{outcome.Value.Replacement}/correct", new Dictionary<string, string>
        {
            ["person"] = asWas.Person,
            ["project"] = asWas.Project?.ToString() ?? "",
            ["powered"] = asWas.Powered,
            ["why"] = text[LedgerText.UndoReason],
        }));
        return Results.LocalRedirect("/ledger");
    }

    private static async Task<CorrectionForm> FormOfAsync(BookingDbContext db, LedgerLine line, PageText text, CancellationToken cancellationToken)
    {
        string code = line.Person is { } person
            ? await db.People.Where(p => p.Id == person).Select(p => p.ShortCode).SingleOrDefaultAsync(cancellationToken) ?? ""
            : "";
        return new CorrectionForm(code, line.Project, line.Use.Powered.TotalMinutes.ToString("0.##", text.Culture), "");
    }

    private static async Task<IResult> ShowAsync(
        int status, LedgerLine line, CorrectionForm form, Phrase? problem, BookingDbContext db, CancellationToken cancellationToken)
    {
        var projects = await db.Projects.Where(p => !p.Closed || p.Id == line.Project).OrderBy(p => p.Name).Select(p => new { p.Id, p.Name }).ToListAsync(cancellationToken);
        return Web.Pages.Show<CorrectionPage>(
            status,
            (nameof(CorrectionPage.Line), line),
            (nameof(CorrectionPage.Projects), (IReadOnlyList<(ProjectId, string)>)[.. projects.Select(p => (p.Id, p.Name))]),
            (nameof(CorrectionPage.Entered), form),
            (nameof(CorrectionPage.Problem), problem));
    }
}
