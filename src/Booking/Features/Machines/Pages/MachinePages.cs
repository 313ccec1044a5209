using FabLab.Booking.Data;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>The page of one machine, and the lock-out and its release that staff do there.</summary>
internal static class MachinePages
{
    public static void Map(RouteGroupBuilder open, RouteGroupBuilder staff)
    {
        open.MapGet("/machines/{code}", async (string code, MachineQueries machines, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, code, null, null, machines, frame, text, cancellationToken));
        staff.MapPost("/machines/{code}/lock-out", LockOutAsync);
        staff.MapPost("/machines/{code}/release", ReleaseAsync);
    }

    private static async Task<IResult> LockOutAsync(
        string code, [FromForm] string? cause, [FromForm] string? mode, [FromForm] string? rule,
        HttpContext http, BookingDbContext db, LockMachineOut handler, DoneNotes notes,
        MachineQueries machines, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine)
            return Results.NotFound();
        var form = new LockOutForm(cause ?? "", Parse(mode, LockOutMode.Immediate), Parse(rule, LockOutReleaseRule.Staff), null);
        Outcome<LockedOut> outcome = await handler.HandleAsync(
            machine.Id, new NewLockOut(form.Cause, form.Mode, form.Release), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Field == "cause"
                ? await ShowAsync(refusal.Status, code, form.WithCauseFault(), null, machines, frame, text, cancellationToken)
                : await ShowAsync(refusal.Status, code, null, ProblemOf(refusal), machines, frame, text, cancellationToken);
        }

        notes.Leave(http, new DoneNote(MachineText.LockedOutNow.Words(code), $"/machines/{code}/release", new Dictionary<string, string>
        {
            ["lockOut"] = outcome.Value.Id.ToString(),
        }));
        return Results.LocalRedirect($"/machines/{code}");
    }

    private static async Task<IResult> ReleaseAsync(
        string code, [FromForm] string? lockOut, HttpContext http, BookingDbContext db, ReleaseLockOut handler, DoneNotes notes,
        MachineQueries machines, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (!Ids.TryParse(lockOut, out LockOutId id)
            || await db.LockOuts.SingleOrDefaultAsync(l => l.Id == id, cancellationToken) is not { } before)
        {
            return Results.NotFound();
        }

        Outcome<LockedOut> outcome = await handler.HandleAsync(id, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, code, null, ProblemOf(refusal), machines, frame, text, cancellationToken);
        notes.Leave(http, new DoneNote(MachineText.ReleasedNow.Words(code), $"/machines/{code}/lock-out", new Dictionary<string, string>
        {
            ["cause"] = before.Cause,
            ["mode"] = before.Mode.ToString(),
            ["rule"] = before.Release.ToString(),
        }));
        return Results.LocalRedirect($"/machines/{code}");
    }

    private static async Task<IResult> ShowAsync(
        int status, string code, LockOutForm? entered, Phrase? problem, MachineQueries machines, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        await machines.SheetAsync(frame.Viewer, code, text.Now, text.Zone, cancellationToken) is { } sheet
            ? Web.Pages.Show<MachinePage>(
                status, (nameof(MachinePage.Sheet), sheet), (nameof(MachinePage.Entered), entered), (nameof(MachinePage.Problem), problem))
            : Results.NotFound();

    private static Phrase ProblemOf(Refusal refusal) => refusal.Code switch
    {
        "already_locked_out" => MachineText.AlreadyLockedOut,
        "already_released" => MachineText.AlreadyReleased,
        "release_not_allowed" => MachineText.ReleaseNotAllowed,
        _ => WebText.NotDone,
    };

    private static TEnum Parse<TEnum>(string? text, TEnum otherwise)
        where TEnum : struct, Enum => Enum.TryParse(text, out TEnum value) && Enum.IsDefined(value) ? value : otherwise;
}
