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
        open.MapGet(SecondPath, IResult (HttpContext http, SignInService service, string? next) => service.OwesCode(http)
            ? Second(200, next, null)
            : Results.LocalRedirect("/sign-in"));
        open.MapPost(SecondPath, WithCodeAsync);
        open.MapGet(ShortCodePath, () => Short(200, null));
        open.MapPost(ShortCodePath, WithShortCodeAsync);
        open.MapPost("/sign-out", async (HttpContext http, Sessions sessions, [FromForm] string? next) =>
        {
            await sessions.LeaveAsync(http);
            return Results.LocalRedirect(Web.Pages.Local(next));
        });
        staff.MapGet("/account", async (HttpContext http, BookingDbContext db, CancellationToken cancellationToken) =>
            await AccountAsync(200, http, db, cancellationToken));
        staff.MapPost("/account/password", SetPasswordAsync);
        staff.MapPost("/account/passkeys/remove", RemovePasskeyAsync);
        staff.MapPost("/account/totp", StartTotpAsync);
        staff.MapPost("/account/totp/on", ConfirmTotpAsync);
        staff.MapPost("/account/totp/off", StopTotpAsync);
        staff.MapPost("/account/sign-out-others", async (HttpContext http, Sessions sessions, PageFrame frame, DoneNotes notes, CancellationToken cancellationToken) =>
        {
            await sessions.EndOthersAsync(http, frame.Viewer.Actor!, cancellationToken);
            notes.Leave(http, new DoneNote(SignInText.OthersDone.Words()));
            return Results.LocalRedirect("/account");
        });
    }

    private const string SecondPath = "/sign-in/second";
    private const string ShortCodePath = "/sign-in/short-code";

    private static async Task<IResult> SignInAsync(
        [FromForm] string? name, [FromForm] string? password, [FromForm] string? next,
        HttpContext http, SignInService service, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await service.WithPasswordAsync(http, name, password, null, cancellationToken);
        if (outcome.Refusal is not { } refusal)
            return Landing(outcome.Value, next);
        return refusal.Code switch
        {
            SignInService.CodeNeeded => Results.LocalRedirect($"{SecondPath}?next={Uri.EscapeDataString(Web.Pages.Local(next))}"),
            SignInService.PasskeyNeeded => Form(refusal.Status, name, next, SignInText.PasskeyNeeded),
            ProblemCodes.TooManyAttempts => Form(refusal.Status, name, next, SignInText.TooMany),
            _ => Form(refusal.Status, name, next, SignInText.Wrong),
        };
    }

    private static async Task<IResult> WithCodeAsync(
        [FromForm] string? code, [FromForm] string? next, HttpContext http, SignInService service, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await service.WithCodeAsync(http, code, cancellationToken);
        if (outcome.Refusal is not { } refusal)
            return Landing(outcome.Value, next);
        return service.OwesCode(http)
            ? Second(refusal.Status, next, refusal.Code == ProblemCodes.TooManyAttempts ? SignInText.TooMany : SignInText.CodeWrong)
            : Results.LocalRedirect("/sign-in");
    }

    private static async Task<IResult> WithShortCodeAsync([FromForm] string? code, HttpContext http, SignInService service, BookingDbContext db, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await service.WithShortCodeAsync(http, code, cancellationToken);
        return outcome.Refusal is { } refusal
            ? Short(refusal.Status, refusal.Code == ProblemCodes.TooManyAttempts ? SignInText.TooMany : SignInText.ShortCodeWrong)
            : await AfterLinkAsync(outcome.Value, db, cancellationToken);
    }

    private static async Task<IResult> DemoAsync(HttpContext http, SignInService service, IOneTimeLinks links, CancellationToken cancellationToken, [FromForm] string? next = null)
    {
        Outcome<StaffActor> outcome = await service.ForDemoAsync(http, links, cancellationToken);
        return outcome.Refusal is { } refusal ? Results.StatusCode(refusal.Status) : Results.LocalRedirect(Web.Pages.Local(next));
    }

    private static async Task<IResult> WithLinkAsync([FromForm] string? code, HttpContext http, SignInService service, BookingDbContext db, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await service.WithLinkAsync(http, code, cancellationToken);
        return outcome.Refusal is { } refusal
            ? Web.Pages.Show<LinkPage>(refusal.Status, (nameof(LinkPage.Spent), true))
            : await AfterLinkAsync(outcome.Value, db, cancellationToken);
    }

    /// <summary>Without a password or passkey the next sign-in would need another link: that is the first thing to settle. A member may do without.</summary>
    private static async Task<IResult> AfterLinkAsync(StaffActor actor, BookingDbContext db, CancellationToken cancellationToken)
    {
        if (actor.Role == Role.Member)
            return Results.LocalRedirect($"/people/{actor.Id}");
        bool settled = actor.Only is null && (await db.StaffAccounts.AnyAsync(a => a.Id == actor.Id && a.PasswordHash != null, cancellationToken)
            || await db.Passkeys.AnyAsync(p => p.AccountId == actor.Id, cancellationToken));
        return Results.LocalRedirect(settled ? "/" : "/account");
    }

    private static IResult Landing(StaffActor actor, string? next) => Results.LocalRedirect(actor.Only is null ? Web.Pages.Local(next) : "/account");

    private static async Task<IResult> SetPasswordAsync(
        [FromForm] string? password, [FromForm] string? present, HttpContext http, OwnAccount own, BookingDbContext db, PageFrame frame, DoneNotes notes, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await own.SetPasswordAsync(http, frame.Viewer.Actor!, password, present, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            Phrase error = refusal.Field == "present" ? SignInText.PresentWrong
                : refusal.Code == "password_common" ? SignInText.PasswordCommon
                : password?.Length >= OwnAccount.MinPassword ? SignInText.PasswordLikeName : SignInText.PasswordTooShort;
            return await AccountAsync(
                400, http, db, cancellationToken, (refusal.Field == "present" ? nameof(AccountPage.PresentError) : nameof(AccountPage.Error), error));
        }
        notes.Leave(http, new DoneNote(SignInText.PasswordSaved.Words()));
        return Results.LocalRedirect("/account");
    }

    private static async Task<IResult> RemovePasskeyAsync([FromForm] Guid? id, HttpContext http, OwnAccount own, PageFrame frame, DoneNotes notes, CancellationToken cancellationToken)
    {
        Outcome<Guid> outcome = await own.RemovePasskeyAsync(http, frame.Viewer.Actor!, id ?? Guid.Empty, cancellationToken);
        if (!outcome.Done)
            return Results.NotFound();
        notes.Leave(http, new DoneNote(SignInText.PasskeyRemoved.Words()));
        return Results.LocalRedirect("/account");
    }

    private static async Task<IResult> StartTotpAsync(HttpContext http, OwnAccount own, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken)
    {
        byte[] key = await own.StartTotpAsync(frame.Viewer.Actor!, cancellationToken);
        return await AccountAsync(200, http, db, cancellationToken, (nameof(AccountPage.NewKey), key));
    }

    private static async Task<IResult> ConfirmTotpAsync(
        [FromForm] string? code, HttpContext http, OwnAccount own, BookingDbContext db, PageFrame frame, DoneNotes notes, CancellationToken cancellationToken)
    {
        Outcome<StaffActor> outcome = await own.ConfirmTotpAsync(http, frame.Viewer.Actor!, code, cancellationToken);
        if (!outcome.Done)
            return await AccountAsync(400, http, db, cancellationToken, (nameof(AccountPage.TotpError), SignInText.CodeWrong));
        notes.Leave(http, new DoneNote(SignInText.TotpOnNow.Words()));
        return Results.LocalRedirect("/account");
    }

    private static async Task<IResult> StopTotpAsync(
        [FromForm] string? code, HttpContext http, OwnAccount own, BookingDbContext db, PageFrame frame, DoneNotes notes, CancellationToken cancellationToken)
    {
        Outcome<bool> outcome = await own.StopTotpAsync(frame.Viewer.Actor!, code, cancellationToken);
        if (!outcome.Done)
            return await AccountAsync(400, http, db, cancellationToken, (nameof(AccountPage.TotpError), SignInText.CodeWrong));
        notes.Leave(http, new DoneNote(SignInText.TotpOffNow.Words()));
        return Results.LocalRedirect("/account");
    }

    private static RazorComponentResult<SignInPage> Form(int status, string? name, string? next, Phrase? error) => Web.Pages.Show<SignInPage>(
        status, (nameof(SignInPage.Name), name), (nameof(SignInPage.Next), Web.Pages.Local(next)), (nameof(SignInPage.Error), error));

    private static RazorComponentResult<CodePage> Second(int status, string? next, Phrase? error) => Web.Pages.Show<CodePage>(
        status, (nameof(CodePage.Action), SecondPath), (nameof(CodePage.Heading), SignInText.SecondTitle), (nameof(CodePage.Lead), SignInText.SecondLead),
        (nameof(CodePage.Next), Web.Pages.Local(next)), (nameof(CodePage.Error), error));

    private static RazorComponentResult<CodePage> Short(int status, Phrase? error) => Web.Pages.Show<CodePage>(
        status, (nameof(CodePage.Action), ShortCodePath), (nameof(CodePage.Heading), SignInText.ShortCodeTitle), (nameof(CodePage.Lead), SignInText.ShortCodeLead),
        (nameof(CodePage.Error), error));

    private static async Task<IResult> AccountAsync(
        int status, HttpContext http, BookingDbContext db, CancellationToken cancellationToken, params (string Name, object? Value)[] more)
    {
        StaffActor actor = http.Actor();
        StaffAccount account = await db.StaffAccounts.SingleAsync(a => a.Id == actor.Id, cancellationToken);
        var state = new OwnAccountState(
            account.PasswordHash is not null, account.PasswordHash is not null && Sessions.WayOf(http.User) != SignInWay.Link, account.TotpOn,
            await db.Passkeys.Where(p => p.AccountId == actor.Id).OrderBy(p => p.CreatedAt).ToListAsync(cancellationToken), OwnAccount.CameByDoor(http));
        return Web.Pages.Show<AccountPage>(status, [(nameof(AccountPage.State), state), .. more]);
    }
}
