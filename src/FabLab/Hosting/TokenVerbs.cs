using System.Globalization;
using System.Text.Json.Nodes;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Host.Cli;
using NodaTime;

namespace FabLab.Host.Hosting;

/// <summary>Keys for programs: made, listed and ended at the console, by the Booking that runs or by one started for a moment.</summary>
internal static class TokenVerbs
{
    private const int UsualDays = 90;

    public static async Task<int> CreateAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var question = new JsonObject
        {
            ["do"] = "token-create",
            ["role"] = (int)ReadRole(invocation.Value("--role") ?? throw new UsageException("--role is needed: what may it do?")),
            ["name"] = invocation.Value("--name") ?? throw new UsageException("--name is needed: what is it for?"),
            ["days"] = invocation.Number("--days", UsualDays, 1, 366),
        };
        if (invocation.Value("--scope") is { } scope)
            question["only"] = new JsonArray([.. Words(scope).Select(word => (JsonNode)(int)ReadRight(word))]);
        if (await BookingVerbs.AskAsync(invocation, question, cancellationToken) is not { } answer)
            return ExitCodes.Usage;
        if (answer["token"]?.GetValue<string>() is not { } token)
            return BookingVerbs.Refuse(invocation, answer);
        invocation.Out.WriteLine(invocation.Has("--json") ? answer.ToJsonString() : token);
        if (!invocation.Has("--json"))
            invocation.Error.WriteLine($"Good until {answer["expires"]}. It is shown this once. To end it: fablab token revoke {answer["id"]}");
        return ExitCodes.Success;
    }

    public static async Task<int> ListAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        if (await BookingVerbs.AskAsync(invocation, new JsonObject { ["do"] = "token-list" }, cancellationToken) is not { } answer)
            return ExitCodes.Usage;
        if (answer["tokens"] is not JsonArray tokens)
            return BookingVerbs.Refuse(invocation, answer);
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(answer.ToJsonString());
        else if (tokens.Count == 0)
            invocation.Out.WriteLine("No token was made yet.");
        foreach (var token in invocation.Has("--json") ? [] : tokens)
            invocation.Out.WriteLine($"{token!["id"]}  {token["state"],-8}  until {token["expires"]}  {token["role"]}  {token["name"]}");
        return ExitCodes.Success;
    }

    public static async Task<int> RevokeAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var question = new JsonObject { ["do"] = "token-revoke", ["id"] = invocation.Arguments[0] };
        if (await BookingVerbs.AskAsync(invocation, question, cancellationToken) is not { } answer)
            return ExitCodes.Usage;
        if (answer["revoked"] is null)
            return BookingVerbs.Refuse(invocation, answer);
        invocation.Out.WriteLine(invocation.Has("--json") ? answer.ToJsonString() : "It has ended.");
        return ExitCodes.Success;
    }

    internal static async Task<JsonObject> CreateAsync(JsonObject question, IServiceProvider booking, CancellationToken cancellationToken)
    {
        var only = (question["only"] as JsonArray)?.Select(right => (Right)right!.GetValue<int>()).ToHashSet();
        var (made, fault) = await booking.GetRequiredService<IApiTokens>().CreateAsync(
            new NewApiToken(question["name"]?.GetValue<string>(), (Role)(question["role"]?.GetValue<int>() ?? 0), only, question["days"]?.GetValue<int>() ?? UsualDays),
            cancellationToken);
        return made is null
            ? new JsonObject { ["error"] = fault }
            : new JsonObject { ["id"] = made.Id.ToString(), ["token"] = made.Secret, ["expires"] = Day(made.ExpiresAt) };
    }

    internal static async Task<JsonObject> ListAsync(IServiceProvider booking, CancellationToken cancellationToken)
    {
        var now = Instant.FromDateTimeOffset(booking.GetRequiredService<TimeProvider>().GetUtcNow());
        var tokens = await booking.GetRequiredService<IApiTokens>().ListAsync(cancellationToken);
        return new JsonObject
        {
            ["tokens"] = new JsonArray([.. tokens.Select(token => (JsonNode)new JsonObject
            {
                ["id"] = token.Id.ToString(),
                ["name"] = token.Name,
                ["role"] = token.Role.ToString(),
                ["scope"] = token.Only,
                ["state"] = token.RevokedAt is not null ? "revoked" : token.ExpiresAt <= now ? "expired" : "good",
                ["expires"] = Day(token.ExpiresAt),
                ["lastUsed"] = token.LastUsedAt is { } used ? Day(used) : null,
            })]),
        };
    }

    internal static async Task<JsonObject> RevokeAsync(JsonObject question, IServiceProvider booking, CancellationToken cancellationToken) =>
        Ids.TryParse<PersonId>(question["id"]?.GetValue<string>(), out var id) && await booking.GetRequiredService<IApiTokens>().RevokeAsync(id, cancellationToken)
            ? new JsonObject { ["revoked"] = id.ToString() }
            : new JsonObject { ["error"] = "There is no such token, or it has ended already. See: fablab token list" };

    private static string Day(Instant instant) => instant.InUtc().Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);

    private static Role ReadRole(string text) => Words(text).Aggregate(Role.None, (all, word) =>
        all | (Rights.Roles.FirstOrDefault(role => role.ToString().Equals(word.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) is var role and not Role.None
            ? role
            : throw new UsageException($"'{word}' is no role.{CommandLine.Closest(word, Rights.Roles.Select(known => known.ToString()))}")));

    private static Right ReadRight(string word) =>
        Enum.GetValues<Right>().FirstOrDefault(right => right.ToString().Equals(word, StringComparison.OrdinalIgnoreCase)) is var right && right != default
            ? right
            : throw new UsageException($"'{word}' is no right.{CommandLine.Closest(word, Enum.GetNames<Right>())}");

    private static string[] Words(string text) => text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
}
