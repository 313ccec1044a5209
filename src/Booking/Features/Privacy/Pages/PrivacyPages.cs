using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Privacy.Pages;

/// <summary>Traces, somebody's data, an erasure and its receipt.</summary>
internal static class PrivacyPages
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder audit = routes.Pages(Right.SeeAudit);
        RouteGroupBuilder data = routes.Pages(Right.ExportPeople);
        audit.MapGet("/traces", async (TraceQueries traces, CancellationToken cancellationToken) => await TracesAsync(200, traces, null, null, null, cancellationToken));
        audit.MapPost("/traces/check", async ([FromForm] string? head, TraceQueries traces, IAuditCheck check, CancellationToken cancellationToken) =>
        {
            var kept = head?.Trim() ?? "";
            if (kept.Length > 0 && !(kept.Length == 64 && kept.All(char.IsAsciiHexDigit)))
                return await TracesAsync(400, traces, null, kept, PrivacyText.KeptHeadFault, cancellationToken);
            return await TracesAsync(200, traces, await check.RunAsync(kept.Length > 0 ? kept : null, cancellationToken), kept, null, cancellationToken);
        });
        data.MapGet("/people/{id:guid}/data", async (Guid id, PageFrame frame, BookingDbContext db, PersonExport export, CancellationToken cancellationToken) =>
            await DataAsync(200, new PersonId(id), null, frame, db, export, cancellationToken));
        data.MapGet("/people/{id:guid}/data.json", async (Guid id, PageFrame frame, PersonExport export, CancellationToken cancellationToken) =>
            await export.HandOutAsync(new PersonId(id), frame.Viewer.Actor!, cancellationToken) is { Done: true } everything
                ? Results.File(Encoding.UTF8.GetBytes(everything.Value.ToJsonString(Readable)), "application/json", "donnees.json")
                : Results.NotFound());
        routes.Pages(Right.ErasePeople).MapPost("/people/{id:guid}/erase", async (
            Guid id, [FromForm] string? code, PageFrame frame, BookingDbContext db, PersonExport export, ErasePerson handler, CancellationToken cancellationToken) =>
        {
            var outcome = await handler.HandleAsync(new PersonId(id), new ErasureRequest(code), frame.Viewer.Actor!, cancellationToken);
            if (outcome.Refusal is not { } refusal)
                return Results.LocalRedirect($"/erasures/{outcome.Value.Receipt}");
            Phrase fault = refusal.Code switch
            {
                "erase_oneself" => PrivacyText.EraseOneself,
                "on_a_machine" => PrivacyText.EraseBusy,
                "last_manager" => PrivacyText.EraseLastManager,
                _ => refusal.Field == "shortCode" ? PrivacyText.EraseWrongCode : WebText.NotDone,
            };
            return await DataAsync(refusal.Status, new PersonId(id), fault, frame, db, export, cancellationToken);
        });
        audit.MapGet("/erasures/{id:guid}", async (Guid id, BookingDbContext db, CancellationToken cancellationToken) =>
            await db.ErasureReceipts.SingleOrDefaultAsync(receipt => receipt.Id == id, cancellationToken) is { } receipt
                ? Web.Pages.Show<ReceiptPage>((nameof(ReceiptPage.Receipt), receipt))
                : Results.NotFound());
    }

    private static async Task<IResult> TracesAsync(int status, TraceQueries traces, AuditReport? report, string? kept, Phrase? fault, CancellationToken cancellationToken) =>
        Web.Pages.Show<TracesPage>(
            status, (nameof(TracesPage.View), await traces.LatestAsync(cancellationToken)), (nameof(TracesPage.Report), report), (nameof(TracesPage.Kept), kept), (nameof(TracesPage.Fault), fault));

    private static async Task<IResult> DataAsync(
        int status, PersonId id, Phrase? fault, PageFrame frame, BookingDbContext db, PersonExport export, CancellationToken cancellationToken)
    {
        Outcome<JsonObject> data = await export.HandOutAsync(id, frame.Viewer.Actor!, cancellationToken);
        if (!data.Done || await db.People.SingleOrDefaultAsync(person => person.Id == id, cancellationToken) is not { } person)
            return Results.NotFound();
        return Web.Pages.Show<PersonDataPage>(
            status, (nameof(PersonDataPage.Id), id), (nameof(PersonDataPage.Name), person.DisplayName ?? person.ShortCode), (nameof(PersonDataPage.Code), person.ShortCode),
            (nameof(PersonDataPage.Tables), (JsonObject)data.Value["tables"]!), (nameof(PersonDataPage.Fault), fault));
    }
}
