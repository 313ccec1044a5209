using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>What a new token is to be.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Role">Its roles.</param>
/// <param name="Only">The only rights it has of those; null for all of them.</param>
/// <param name="Days">How long it is good.</param>
public sealed record NewApiToken(string? Name, Role Role, IReadOnlyCollection<Right>? Only, int Days);

/// <summary>A token that was made. Its secret is shown this once and kept nowhere.</summary>
public sealed record ApiTokenMade(PersonId Id, string Secret, Instant ExpiresAt);

/// <summary>Makes, lists and revokes tokens. Who may sit at the console of the program may do this; it is written in the audit as done there.</summary>
public interface IApiTokens
{
    /// <returns>The token, or in plain words why there is none.</returns>
    Task<(ApiTokenMade? Made, string? Fault)> CreateAsync(NewApiToken request, CancellationToken cancellationToken);

    /// <summary>All of them, the newest first.</summary>
    Task<IReadOnlyList<ApiToken>> ListAsync(CancellationToken cancellationToken);

    /// <returns>Whether there was such a token that was not revoked yet.</returns>
    Task<bool> RevokeAsync(PersonId id, CancellationToken cancellationToken);
}

internal sealed class ApiTokens(BookingWriter writer, IDbContextFactory<BookingDbContext> contexts) : IApiTokens
{
    public const int MostDays = 366;

    /// <summary>The one who acts when it was done at the console: nobody by name.</summary>
    private static PersonId Console => default;

    public async Task<(ApiTokenMade? Made, string? Fault)> CreateAsync(NewApiToken request, CancellationToken cancellationToken)
    {
        if (Text.Required(request.Name, ApiToken.MaxName) is not { } name)
            return (null, $"A token needs a name of 1 to {ApiToken.MaxName} characters that says what it is for.");
        if (!Rights.Fit(request.Role))
            return (null, "These roles do not go together.");
        if (request.Days is < 1 or > MostDays)
            return (null, $"A token is good for 1 to {MostDays} days.");
        if (request.Only is { Count: 0 })
            return (null, "A token without any right does nothing.");
        if (request.Only?.FirstOrDefault(right => Rights.Of(request.Role, right) == Reach.None) is { } missing && missing != default)
            return (null, $"The role has not the right {missing}.");
        var secret = ApiToken.NewSecret();
        var made = await writer.WriteAsync(
            (write, _) =>
            {
                var token = new ApiToken
                {
                    Id = PersonId.New(write.Now),
                    Name = name,
                    SecretHash = ApiToken.Hash(secret),
                    Role = request.Role,
                    Only = request.Only is { } only ? string.Join(' ', only.Distinct().Order()) : null,
                    CreatedAt = write.Now,
                    ExpiresAt = write.Now + Duration.FromDays(request.Days),
                };
                write.Db.ApiTokens.Add(token);
                write.Audit(Console, "token.made", token.Id.Value, name);
                return Task.FromResult(new ApiTokenMade(token.Id, secret, token.ExpiresAt));
            },
            cancellationToken);
        return (made, null);
    }

    public async Task<IReadOnlyList<ApiToken>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ApiTokens.OrderByDescending(token => token.CreatedAt).ToListAsync(cancellationToken);
    }

    public Task<bool> RevokeAsync(PersonId id, CancellationToken cancellationToken) => writer.WriteAsync(
        async (write, cancel) =>
        {
            if (await write.Db.ApiTokens.SingleOrDefaultAsync(token => token.Id == id && token.RevokedAt == null, cancel) is not { } token)
                return false;
            token.RevokedAt = write.Now;
            write.Audit(Console, "token.revoked", id.Value, token.Name);
            return true;
        },
        cancellationToken);
}
