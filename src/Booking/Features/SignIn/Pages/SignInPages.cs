using FabLab.Booking.Data;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.SignIn.Pages;

/// <summary>Signing in and out, and one's own account.</summary>
internal static class SignInPages
{
    public static void Map(RouteGroupBuilder open, RouteGroupBuilder staff)
    {
        open.MapGet("/sign-in", IResult (PageFrame frame, string? returnUrl) => frame.Viewer.SignedIn
            ? Results.LocalRedirect(Web.Pages.Local(returnUrl))
            : Form(200, null, returnUrl, null));
        open.MapPost("/sign-in", SignInAsync);
        open.MapPost("/sign-in/demo", DemoAsync);
        open.MapGet(OneTimeLinks.PagePath, (string? code) => Web.Pages.Show<LinkPage>(
            (nameof(LinkPage.Code), code), (nameof(LinkPage.Spent), string.IsNullOrEmpty(code))));
        open.MapPost(OneTimeLinks.PagePath, WithLinkAsync);
        open.MapPost("/sign-out", async (HttpContext http, [FromForm] string? next) =>
        {
            await SignInService.LeaveAsync(http);
            return Results.LocalRedirect(Web.Pages.Local(next));
        });
        staff.MapGet("/account", async (BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) =>
            await AccountAsync(200, db, frame, null, cancellationToken));
        staff.MapPost("/account/password", SetPasswordAsync);
    }

    private static async Task<IResult> SignInAsync(
        [FromForm] string? name, [FromForm] string? password, [FromForm] string? next,
        HttpContext http, SignInService service, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await service.WithPasswordAsync(http, name, password, cancellationToken);
        if (outcome.Refusal is not { } refusal)
            return Results.LocalRedirect(Web.Pages.Local(next));
        return Form(refusal.Status, name, next, refusal.Code == ProblemCodes.TooManyAttempts ? SignInText.TooMany : SignInText.Wrong);
    }

    private static async Task<IResult> DemoAsync(HttpContext http, SignInService service, IOneTimeLinks links, CancellationToken cancellationToken, [FromForm] string? next = null)
    {
        Outcome<StaffActor> outcome = await service.ForDemoAsync(http, links, cancellationToken);
        return outcome.Refusal is { } refusal ? Results.StatusCode(refusal.Status) : Results.LocalRedirect(Web.Pages.Local(next));
    }

    private static async Task<IResult> WithLinkAsync([FromForm] string? code, HttpContext http, SignInService service, BookingDbContext db, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await service.WithLinkAsync(http, code, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Web.Pages.Show<LinkPage>(refusal.Status, (nameof(LinkPage.Spent), true));
        var id = outcome.Value.Id;
        bool hasPassword = await db.StaffAccounts.AnyAsync(a => a.Id == id && a.PasswordHash != null, cancellationToken);
        // Without a password the next sign-in would need another link: that is the first thing to settle.
        return Results.LocalRedirect(hasPassword ? "/" : "/account");
    }

    private static async Task<IResult> SetPasswordAsync(
        [FromForm] string? password, HttpContext http, SignInService service, BookingDbContext db, PageFrame frame, DoneNotes notes, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await service.SetPasswordAsync(http, frame.Viewer.Actor!, password, cancellationToken);
        if (!outcome.Done)
            return await AccountAsync(400, db, frame, SignInText.PasswordTooShort, cancellationToken);
        notes.Leave(http, new DoneNote(SignInText.PasswordSaved.Words()));
        return Results.LocalRedirect("/account");
    }

    private static RazorComponentResult<SignInPage> Form(int status, string? name, string? next, Phrase? error) => Web.Pages.Show<SignInPage>(
        status, (nameof(SignInPage.Name), name), (nameof(SignInPage.Next), Web.Pages.Local(next)), (nameof(SignInPage.Error), error));

    private static async Task<IResult> AccountAsync(int status, BookingDbContext db, PageFrame frame, Phrase? error, CancellationToken cancellationToken)
    {
        var id = frame.Viewer.Actor!.Id;
        return Web.Pages.Show<AccountPage>(
            status,
            (nameof(AccountPage.HasPassword), await db.StaffAccounts.AnyAsync(a => a.Id == id && a.PasswordHash != null, cancellationToken)),
            (nameof(AccountPage.Error), error));
    }
}
