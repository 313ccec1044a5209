using System.Security.Claims;
using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using FabLab.Contracts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking;

/// <summary>Who may call what: schemes and policies, by name.</summary>
public static class BookingAuth
{
    public const string CookieScheme = "fablab-staff";
    public const string GatewayScheme = "fablab-gateway";

    public const string KioskScheme = "fablab-kiosk";

    /// <summary>Cookie or token, whichever the request brings.</summary>
    private const string PeopleScheme = "fablab-people";

    /// <summary>A bearer token of the API; see <see cref="Features.SignIn.ApiToken"/>.</summary>
    public const string TokenScheme = "fablab-token";

    /// <summary>The gateway named in the address, by its key.</summary>
    public const string Gateway = "gateway";

    /// <summary>A kiosk, by its key.</summary>
    public const string Kiosk = "kiosk";

    /// <summary>The header or form field that carries the anti-forgery token.</summary>
    public const string ForgeryHeader = "X-FabLab-Token";

    /// <summary>The policy of a right, by name. Endpoints say <c>.Needs(Right.…)</c> instead of using it themselves.</summary>
    public static string Policy(Right right) => $"right:{right}";

    internal static void Add(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("FabLab.Booking");
        // The key ring lies in the data folder, so that a restart signs nobody out.
        services.AddOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>()
            .Configure<BookingFiles, Microsoft.Extensions.Logging.ILoggerFactory>((keys, files, logs) =>
            {
                files.MakeFolder();
                keys.XmlRepository = new Microsoft.AspNetCore.DataProtection.Repositories.FileSystemXmlRepository(
                    new DirectoryInfo(files.CookieKeys), logs);
            });
        services.AddAuthentication(PeopleScheme)
            .AddPolicyScheme(PeopleScheme, null, either => either.ForwardDefaultSelector = http =>
                ApiToken.IsOffered(http.Request) ? TokenScheme : CookieScheme)
            .AddCookie(CookieScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiTokenHandler>(TokenScheme, null)
            .AddScheme<AuthenticationSchemeOptions, GatewayKeyHandler>(GatewayScheme, null)
            .AddScheme<AuthenticationSchemeOptions, KioskKeyHandler>(KioskScheme, null);
        services.AddOptions<CookieAuthenticationOptions>(CookieScheme).Configure<IOptions<BookingOptions>>(Configure);
        var policies = services.AddAuthorizationBuilder();
        foreach (var right in Enum.GetValues<Right>())
        {
            policies.AddPolicy(Policy(right), policy => policy.RequireAuthenticatedUser()
                .RequireAssertion(call => StaffActor.From(call.User)?.Has(right) == true));
        }
        policies.AddPolicy(Gateway, policy => policy.AddAuthenticationSchemes(GatewayScheme).RequireAuthenticatedUser());
        policies.AddPolicy(Kiosk, policy => policy.AddAuthenticationSchemes(KioskScheme).RequireAuthenticatedUser());
        services.AddIdentityCore<StaffAccount>(identity =>
            {
                identity.User.AllowedUserNameCharacters = "";
                // Nobody can lock somebody else out: tries are counted by place, see SignInAttempts.
                identity.Lockout.AllowedForNewUsers = false;
            })
            .AddUserStore<AccountStore>();
        services.AddScoped<IPasskeyHandler<StaffAccount>, PasskeyHandler<StaffAccount>>();
        services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            // Finger, face or PIN each time: a passkey alone is two factors. And it says by itself whose it is.
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
        });
        services.AddScoped<SignInService>();
        services.AddScoped<OwnAccount>();
        services.AddScoped<Sessions>();
        services.AddSingleton<SessionEnds>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<Sealed>();
        services.AddSingleton<TotpKeys>();
        services.AddSingleton<IOneTimeLinks, OneTimeLinks>();
        services.AddSingleton<IApiTokens, ApiTokens>();
        services.AddAntiforgery(forgery =>
        {
            forgery.HeaderName = ForgeryHeader;
            forgery.FormFieldName = ForgeryHeader;
            forgery.Cookie.Name = "fablab-forgery";
            forgery.Cookie.SameSite = SameSiteMode.Strict;
            forgery.Cookie.HttpOnly = true;
        });
    }

    private static void Configure(CookieAuthenticationOptions cookie, IOptions<BookingOptions> options)
    {
        cookie.Cookie.Name = "fablab-staff";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        // A lab's own network often has no certificate: the cookie is secure whenever the page is.
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.ExpireTimeSpan = TimeSpan.FromHours(options.Value.SignInHours);
        cookie.SlidingExpiration = true;
        cookie.LoginPath = "/sign-in";
        cookie.Events.OnRedirectToLogin = context => ChallengeAsync(context, StatusCodes.Status401Unauthorized, ProblemCodes.SignInNeeded, "Sign in first.");
        cookie.Events.OnRedirectToAccessDenied = context => ChallengeAsync(context, StatusCodes.Status403Forbidden, ProblemCodes.NotAllowed, "This account may not do that.");
        cookie.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static Task ChallengeAsync(RedirectContext<CookieAuthenticationOptions> context, int status, string code, string detail)
    {
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
            return new Refusal(code, status, detail).ToResult().ExecuteAsync(context.HttpContext);
        if (status == StatusCodes.Status403Forbidden)
        {
            // Signed in, but not for this: to ask for a sign-in again would lead in a circle. PageProblems says it.
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }
        // A part of a page that is fetched again after the sign-in has ended: the whole page goes to the sign-in, not the part.
        if (context.Request.Headers.ContainsKey("HX-Request"))
        {
            context.Response.Headers["HX-Redirect"] = context.Options.LoginPath.Value;
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    /// <summary>
    /// A session that ended or grew too old, an account that was closed or whose password or role changed: signed out at the next request.
    /// </summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var now = Instant.FromDateTimeOffset(services.GetRequiredService<TimeProvider>().GetUtcNow());
        bool holds;
        // Not the context of the request: a page that listens for changes would keep it as long as it is open.
        await using (var db = await services.GetRequiredService<IDbContextFactory<BookingDbContext>>().CreateDbContextAsync(context.HttpContext.RequestAborted))
            holds = await Sessions.HoldsAsync(db, context.Principal, now, context.HttpContext.RequestAborted);
        if (!holds)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieScheme);
        }
    }

    internal const string StampClaim = "fablab:stamp";
    internal const string SessionClaim = "fablab:session";
    internal const string WayClaim = "fablab:way";

    /// <param name="account">Who it is.</param>
    /// <param name="session">The sign-in.</param>
    /// <param name="needsSecond">Whether nothing but the own account is open until a second factor is set up.</param>
    internal static ClaimsPrincipal Principal(StaffAccount account, StaffSession session, bool needsSecond)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, account.Id.ToString()),
                new Claim(ClaimTypes.Name, account.LoginName),
                new Claim(ClaimTypes.Role, account.Role.ToString()),
                new Claim(StampClaim, account.Stamp.ToString()),
                new Claim(SessionClaim, session.Id.ToString()),
                new Claim(WayClaim, session.Way.ToString()),
            ],
            CookieScheme);
        if (needsSecond)
            identity.AddClaim(new Claim(StaffActor.OnlyClaim, nameof(Right.OwnAccount)));
        return new ClaimsPrincipal(identity);
    }
}
