using System.Security.Claims;
using System.Text.Encodings.Web;
using FabLab.Booking.Data;
using FabLab.Contracts;
using FabLab.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Lets a token act until it expires or is revoked. Asked at every request: a revocation holds at the next one.</summary>
internal sealed class ApiTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, IDbContextFactory<BookingDbContext> contexts, BookingWriter writer, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    private const string Good = "SELECT id, name, role, only_rights, last_used_at FROM api_token WHERE secret_hash = $1 AND revoked_at IS NULL AND expires_at > $2";

    private static readonly Duration NotedEvery = Duration.FromHours(1);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (ApiToken.Offered(Request) is not { } secret)
            return AuthenticateResult.NoResult();
        var hash = ApiToken.Hash(secret);
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var token = await OfAsync(hash, now);
        if (token is null)
            return AuthenticateResult.Fail("No such token.");
        if (token.LastUsedAt is not { } last || last + NotedEvery <= now)
            await NoteUseAsync(token.Id);

        var claims = new List<Claim>
        {
            new(ClaimTypes.NameIdentifier, token.Id.ToString()),
            new(ClaimTypes.Name, token.Name),
            new(ClaimTypes.Role, token.Role.ToString()),
        };
        if (token.Only is not null)
            claims.Add(new Claim(StaffActor.OnlyClaim, token.Only));
        var user = new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name));
        return AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return new Refusal(ProblemCodes.SignInNeeded, StatusCodes.Status401Unauthorized, "The token is unknown, expired or revoked.")
            .ToResult().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refusal.NotAllowed.ToResult().ExecuteAsync(Context);

    private async Task<Token?> OfAsync(byte[] hash, Instant now)
    {
        // Not the context of the request, which some hold for long.
        await using var db = await contexts.CreateDbContextAsync(Context.RequestAborted);
        Token? token = null;
        await db.AskAsync(
            Context.RequestAborted,
            new PlainQuestion(
                Good,
                row => token = new Token(new PersonId(row.GetGuid(0)), row.GetString(1), (Role)row.GetInt32(2), row.IsDBNull(3) ? null : row.GetString(3), row.InstantOrNull(4)),
                hash, now.ToUnixTimeMilliseconds()));
        return token;
    }

    private sealed record Token(PersonId Id, string Name, Role Role, string? Only, Instant? LastUsedAt);

    private Task<int> NoteUseAsync(PersonId id) => writer.WriteAsync(
        async (write, cancel) => await write.Db.ApiTokens.Where(t => t.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.LastUsedAt, write.Now), cancel),
        Context.RequestAborted);
}
