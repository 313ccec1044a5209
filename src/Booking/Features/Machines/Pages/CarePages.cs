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
using Microsoft.Extensions.Options;
using NodaTime;
using QRCoder;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>The sheet beside a machine, the report of a fault by whoever stands there, and what staff do to look after it.</summary>
internal static class CarePages
{
    public static void Map(RouteGroupBuilder open, IEndpointRouteBuilder routes)
    {
        open.MapGet("/machines/{code}/sheet", async (
            string code, HttpContext http, IOptions<BookingOptions> options, CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await care.SheetAsync(frame.Viewer, code, text.Now, cancellationToken) is { } sheet
                ? Web.Pages.Show<SheetPage>((nameof(SheetPage.Sheet), sheet), (nameof(SheetPage.ReportAddress), ReportAddress(options.Value, http, code)))
                : Results.NotFound());
        open.MapGet("/machines/{code}/fault-qr.svg", async (string code, HttpContext http, IOptions<BookingOptions> options, BookingDbContext db, CancellationToken cancellationToken) =>
            await db.Machines.AnyAsync(m => m.Code == code && !m.Retired, cancellationToken)
                ? Results.Text(Qr(ReportAddress(options.Value, http, code)), "image/svg+xml")
                : Results.NotFound());
        open.MapGet("/machines/{code}/fault", async (string code, CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ReportPageAsync(200, code, null, care, frame, text, cancellationToken));
        open.MapPost("/machines/{code}/fault", ReportAsync)
            .WithMetadata(new BodyLimit(Photos.MostBytes + BodyLimit.Ordinary))
            .WithMetadata(new RequestFormLimitsAttribute { MultipartBodyLengthLimit = Photos.MostBytes + BodyLimit.Ordinary });
        // Who hears of a fault opens the page; each part of it asks for its own right.
        RouteGroupBuilder told = routes.Pages(Right.SeeAlarms);
        told.MapGet("/machines/{code}/care", async (string code, CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, code, null, null, care, frame, text, cancellationToken));
        told.MapPost("/machines/{code}/fault-close", CloseAsync);
        told.MapGet("/fault-reports/{id:guid}/photo", async (Guid id, CareQueries care, PageFrame frame, CancellationToken cancellationToken) =>
            await care.PhotoAsync(frame.Viewer, id, cancellationToken) is { } photo ? Results.Bytes(photo, "image/jpeg") : Results.NotFound());
        routes.Pages(Right.KeepMachines).MapPost("/machines/{code}/care", SaveAsync);
        RouteGroupBuilder upkeep = routes.Pages(Right.Maintain);
        upkeep.MapPost("/machines/{code}/maintenance", MaintainAsync);
        upkeep.MapPost("/machines/{code}/service", ServiceAsync);
    }

    private static async Task<IResult> ReportAsync(
        string code, IFormCollection form, HttpContext http, FaultReports handler, FaultReportLimit limit, Photos photos, DoneNotes notes,
        CareQueries care, PageFrame frame, PageText words, CancellationToken cancellationToken)
    {
        string text = form["text"].ToString();
        IFormFile? photo = form.Files.GetFile("photo");
        var values = new Dictionary<string, string> { ["text"] = text };
        if (!limit.Take(http.Connection.RemoteIpAddress))
            return await ReportPageAsync(StatusCodes.Status429TooManyRequests, code, new CareForm("text", CareText.TooMany, values), care, frame, words, cancellationToken);
        byte[]? kept = null;
        if (photo is { Length: > 0 })
        {
            using var bytes = new MemoryStream();
            await photo.CopyToAsync(bytes, cancellationToken);
            kept = await photos.MakeAnewAsync(bytes.ToArray(), cancellationToken);
            if (kept is null)
                return await ReportPageAsync(StatusCodes.Status400BadRequest, code, new CareForm("photo", CareText.PhotoWrong, values), care, frame, words, cancellationToken);
        }

        Outcome<FaultNoted> outcome = await handler.ReportAsync(code, text, kept, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Field == "text"
                ? await ReportPageAsync(refusal.Status, code, new CareForm("text", CareText.WhatWrong, values), care, frame, words, cancellationToken)
                : Results.NotFound();
        }

        notes.Leave(http, new DoneNote(CareText.Thanks.Words()));
        return Results.LocalRedirect($"/machines/{code}");
    }

    private static async Task<IResult> SaveAsync(
        string code, IFormCollection form, HttpContext http, BookingDbContext db, SetCare handler, DoneNotes notes, CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine)
            return Results.NotFound();
        // Handled whole, so that nothing typed is lost when one field is wrong.
        Dictionary<string, string> values = form.ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal);
        string hours = values.GetValueOrDefault("everyHours", "").Trim();
        int? every = int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : hours.Length == 0 ? null : -1;
        var request = new CareOfMachine(
            long.TryParse(values.GetValueOrDefault("version"), NumberStyles.None, CultureInfo.InvariantCulture, out long version) ? version : -1,
            values.GetValueOrDefault("protection"), values.GetValueOrDefault("allowed"), values.GetValueOrDefault("forbidden"), values.GetValueOrDefault("advice"),
            Ids.TryParse(values.GetValueOrDefault("maintenanceTraining"), out TrainingId training) ? training : null,
            every,
            Enum.TryParse(values.GetValueOrDefault("minAssurance"), out BadgeAssurance least) ? least : BadgeAssurance.Number);
        Outcome<People.Changed> outcome = await handler.HandleAsync(machine.Id, request, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            Phrase? error = refusal.Field switch
            {
                "everyHours" => CareText.EveryWrong,
                null => null,
                _ => CareText.TextWrong,
            };
            CareForm? written = refusal.Code == ProblemCodes.Stale ? null : new CareForm(refusal.Field, error, values);
            return await ShowAsync(refusal.Status, code, written, error is null ? ProblemOf(refusal) : null, care, frame, text, cancellationToken);
        }

        notes.Leave(http, new DoneNote(CareText.Saved.Words()));
        return Results.LocalRedirect($"/machines/{code}/care");
    }

    private static async Task<IResult> MaintainAsync(
        string code, [FromForm] string? note, [FromForm] string? last, HttpContext http, BookingDbContext db, NoteMaintenance handler, DoneNotes notes,
        CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine)
            return Results.NotFound();
        Instant? seen = long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long ms) && ms > 0 ? Instant.FromUnixTimeMilliseconds(ms) : null;
        Outcome<MaintenanceNoted> outcome = await handler.HandleAsync(machine.Id, new MaintenanceDone(note, seen), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            CareForm? form = refusal.Field == "note" ? new CareForm("note", CareText.NoteWrong, new Dictionary<string, string> { ["note"] = note ?? "" }) : null;
            return await ShowAsync(refusal.Status, code, form, form is null ? ProblemOf(refusal) : null, care, frame, text, cancellationToken);
        }

        notes.Leave(http, new DoneNote(CareText.Noted.Words()));
        return Results.LocalRedirect($"/machines/{code}/care");
    }

    private static async Task<IResult> ServiceAsync(
        string code, [FromForm] string? cause, [FromForm] string? rule, [FromForm] long? version, HttpContext http, BookingDbContext db, SetService handler, DoneNotes notes,
        CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine)
            return Results.NotFound();
        bool back = cause is null;
        LockOutReleaseRule release = Enum.TryParse(rule, out LockOutReleaseRule read) && Enum.IsDefined(read) ? read : LockOutReleaseRule.Staff;
        if (!back && Text.Required(cause, SetService.MaxCause) is null)
        {
            Phrase wrong = string.IsNullOrWhiteSpace(cause) ? MachineText.CauseMissing : MachineText.CauseTooLong;
            return await ShowAsync(400, code, new CareForm("cause", wrong, new Dictionary<string, string> { ["cause"] = cause! }), null, care, frame, text, cancellationToken);
        }

        Outcome<People.Changed> outcome = await handler.HandleAsync(machine.Id, new ServiceState(version ?? -1, cause, release), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, code, null, ProblemOf(refusal), care, frame, text, cancellationToken);
        var fields = new Dictionary<string, string> { ["version"] = outcome.Value.Version.ToString(CultureInfo.InvariantCulture) };
        if (back && machine.BrokenCause is { } before)
            (fields["cause"], fields["rule"]) = (before, machine.BrokenRelease.ToString());
        notes.Leave(http, new DoneNote((back ? CareText.InService : CareText.BrokenNow).Words(code), $"/machines/{code}/service", fields));
        return Results.LocalRedirect($"/machines/{code}/care");
    }

    private static async Task<IResult> CloseAsync(
        string code, [FromForm] Guid? report, HttpContext http, FaultReports handler, DoneNotes notes, CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        Outcome<FaultNoted> outcome = await handler.CloseAsync(report ?? Guid.Empty, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, code, null, refusal.Code == "already_closed" ? CareText.ClosedBefore : WebText.NotDone, care, frame, text, cancellationToken);
        notes.Leave(http, new DoneNote(CareText.Closed.Words()));
        return Results.LocalRedirect($"/machines/{code}/care");
    }

    private static Phrase ProblemOf(Refusal refusal) => refusal.Code switch
    {
        ProblemCodes.Stale => CareText.Changed,
        "release_not_allowed" => MachineText.ReleaseNotAllowed,
        _ => WebText.NotDone,
    };

    private static string ReportAddress(BookingOptions options, HttpContext http, string code)
    {
        string address = options.SiteFor(http.Request);
        return $"{address}/machines/{Uri.EscapeDataString(code)}/fault";
    }

    private static string Qr(string address)
    {
        using QRCodeData data = QRCodeGenerator.GenerateQrCode(address, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        return code.GetGraphic(4);
    }

    private static async Task<IResult> ReportPageAsync(
        int status, string code, CareForm? entered, CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        await care.SheetAsync(frame.Viewer, code, text.Now, cancellationToken) is { } sheet
            ? Web.Pages.Show<FaultPage>(status, (nameof(FaultPage.Sheet), sheet), (nameof(FaultPage.Entered), entered))
            : Results.NotFound();

    private static async Task<IResult> ShowAsync(
        int status, string code, CareForm? entered, Phrase? problem, CareQueries care, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        await care.SheetAsync(frame.Viewer, code, text.Now, cancellationToken) is { } sheet && frame.Viewer.May(Right.SeeAlarms, sheet.Id)
            ? Web.Pages.Show<CarePage>(status, (nameof(CarePage.Sheet), sheet), (nameof(CarePage.Entered), entered), (nameof(CarePage.Problem), problem))
            : Results.NotFound();
}
