using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using FabLab.Booking.Data;
using FabLab.Contracts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>A gateway that may fetch the policy and hand in its journal. Its key is kept here only as a hash.</summary>
public sealed class GatewayAccount
{
    /// <summary>See <see cref="GatewayName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the bearer key. The key has 256 random bits.</summary>
    public required byte[] KeyHash { get; set; }

    public Instant CreatedAt { get; init; }

    /// <summary>When it last asked for changes or handed in records, to the minute; null when it never did.</summary>
    public Instant? LastSeenAt { get; set; }
}

/// <summary>Lets in the gateway that the address names, when it brings the bearer key of that name.</summary>
internal sealed class GatewayKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, IDbContextFactory<BookingDbContext> contexts)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        const string Bearer = "Bearer ";
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.Ordinal))
            return AuthenticateResult.NoResult();
        if (Request.RouteValues["gateway"] is not string name || !GatewayName.IsValid(name) || header.Length > 256)
            return AuthenticateResult.Fail("No such gateway.");

        var known = await KeyOfAsync(name);
        var given = HashOf(header[Bearer.Length..].Trim());
        if (known is null || !CryptographicOperations.FixedTimeEquals(known, given))
            return AuthenticateResult.Fail("Wrong key.");

        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], Scheme.Name));
        return AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name));
    }

    private async Task<byte[]?> KeyOfAsync(string name)
    {
        // Not the context of the request, which waits for changes for long.
        await using var db = await contexts.CreateDbContextAsync(Context.RequestAborted);
        byte[]? hash = null;
        await db.AskAsync(Context.RequestAborted, new PlainQuestion("SELECT key_hash FROM gateway WHERE name = $1", row => hash = (byte[])row.GetValue(0), name));
        return hash;
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return new Refusal(ProblemCodes.GatewayUnknown, StatusCodes.Status401Unauthorized, "The key is missing or not the key of this gateway.")
            .ToResult().ExecuteAsync(Context);
    }

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
