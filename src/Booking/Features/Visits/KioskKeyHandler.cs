using System.Security.Claims;
using System.Text.Encodings.Web;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Contracts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.Visits;

/// <summary>Lets in the kiosk whose bearer key the request brings. The key has 256 random bits: its hash may be looked up.</summary>
internal sealed class KioskKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, IDbContextFactory<BookingDbContext> contexts)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        const string Bearer = "Bearer ";
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.Ordinal))
            return AuthenticateResult.NoResult();
        if (header.Length > 256)
            return AuthenticateResult.Fail("No such kiosk.");
        var hash = GatewayKeyHandler.HashOf(header[Bearer.Length..].Trim());
        await using var db = await contexts.CreateDbContextAsync(Context.RequestAborted);
        if (await db.Kiosks.Where(kiosk => kiosk.KeyHash == hash).Select(kiosk => kiosk.Name).SingleOrDefaultAsync(Context.RequestAborted) is not { } name)
            return AuthenticateResult.Fail("Wrong key.");
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], Scheme.Name));
        return AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return new Refusal(ProblemCodes.KioskUnknown, StatusCodes.Status401Unauthorized, "The key is missing or the key of no kiosk.")
            .ToResult().ExecuteAsync(Context);
    }
}
