using System.Collections.Concurrent;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Hours;
using FabLab.Contracts;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.Policy;

/// <summary>The rules a gateway copies: what changed since the revision it has, at once or as soon as something does.</summary>
internal sealed class PolicyFeedEndpoint(
    IServiceScopeFactory scopes, BookingWriter writer, PolicyNews news, SchoolHolidays school, IHostApplicationLifetime lifetime,
    IOptions<BookingOptions> options, TimeProvider time)
{
    private static readonly Duration SeenEvery = Duration.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Instant> _seen = new(StringComparer.Ordinal);

    private Duration Ahead => Duration.FromDays(options.Value.BookingDaysAtGateways);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/gateways/{gateway}/policy", HandleAsync)
            .WithName("GetPolicy")
            .WithTags("gateway")
            .WithSummary("The rules a gateway copies: changes since a revision, or everything.")
            .WithDescription("With 'wait' it answers as soon as there is a change, at the latest after that many seconds.")
            .Produces<PolicyFeed>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .RequireAuthorization(BookingAuth.Gateway);

    private static async Task<IResult> HandleAsync(string gateway, PolicyFeedEndpoint feed, long? since, int? wait, CancellationToken cancellationToken)
    {
        if (since is < 0)
            return Refusal.BadValue("since", "A revision is 0 or more.").ToResult();
        if (wait is < 0 or > PolicyFeed.MaxWaitSeconds)
            return Refusal.BadValue("wait", $"A wait is 0 to {PolicyFeed.MaxWaitSeconds} seconds.").ToResult();
        await feed.NoteSeenAsync(gateway, cancellationToken);
        return Results.Json(await feed.ReadAsync(since ?? 0, TimeSpan.FromSeconds(wait ?? 0), cancellationToken), GatewayClient.Json);
    }

    /// <summary>Once a minute: so that the floor can say that a gateway is silent, and the disk is not worn by it.</summary>
    private async Task NoteSeenAsync(string gateway, CancellationToken cancellationToken)
    {
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        if (_seen.TryGetValue(gateway, out var last) && now - last < SeenEvery && now >= last)
            return;
        _seen[gateway] = now;
        await writer.WriteAsync(
            (write, cancel) => write.Db.Gateways.Where(known => known.Name == gateway)
                .ExecuteUpdateAsync(set => set.SetProperty(known => known.LastSeenAt, write.Now), cancel),
            cancellationToken);
    }

    internal async Task<PolicyFeed> ReadAsync(long since, TimeSpan wait, CancellationToken cancellationToken)
    {
        // Taken before reading: a commit between the read and the wait ends the wait at once.
        var change = news.Next();
        var answer = await ReadNowAsync(since, cancellationToken);
        if (answer.Full || answer.Changes.Count > 0 || wait == TimeSpan.Zero)
            return answer;
        // The wait begins when there is nothing to tell. Were it to begin before the first reading and end during it, the answer
        // would confirm the rules for a moment that lies a whole wait back.
        using var clock = new CancellationTokenSource(wait, time);
        // A waiting gateway must not hold up the end of the program.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, lifetime.ApplicationStopping);
        while (true)
        {
            await change.WaitAsync(limit.Token, cancellationToken);
            change = news.Next();
            answer = await ReadNowAsync(since, cancellationToken);
            if (answer.Full || answer.Changes.Count > 0 || limit.IsCancellationRequested)
                return answer;
        }
    }

    private async Task<PolicyFeed> ReadNowAsync(long since, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BookingDbContext>();
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        // One snapshot for the counter, the marks and the rules.
        await using var snapshot = await db.BeginSnapshotAsync(cancellationToken);
        var revision = await db.PolicyCounters.Select(counter => counter.Revision).SingleAsync(cancellationToken);
        // A revision that was never given out: the database was restored from an older copy.
        if (since == 0 || since > revision)
            return await EverythingAsync(db, revision, now, cancellationToken);

        var marks = await db.PolicyMarks.Where(mark => mark.Revision > since).OrderBy(mark => mark.Revision).ToListAsync(cancellationToken);
        if (marks.Count == 0)
            return new PolicyFeed(revision, false, [], now);
        var hours = await LabHours.ReadAsync(db, school.Calendar, cancellationToken);
        var rules = (await PolicySource.ReadAsync(db, [.. marks.Select(mark => (mark.Kind, mark.Key))], now, cancellationToken, hours, Ahead))
            .ToDictionary(rule => (rule.Kind, rule.Key));
        var changes = marks.Select(mark => rules.TryGetValue((mark.Kind, mark.Key), out var rule)
            ? PolicyChange.Put(mark.Revision, rule)
            : PolicyChange.Remove(mark.Revision, mark.Kind, mark.Key));
        return new PolicyFeed(revision, false, [.. changes], now);
    }

    private async Task<PolicyFeed> EverythingAsync(BookingDbContext db, long revision, Instant now, CancellationToken cancellationToken)
    {
        var hours = await LabHours.ReadAsync(db, school.Calendar, cancellationToken);
        var rules = await PolicySource.ReadAsync(db, null, now, cancellationToken, hours, Ahead);
        return new PolicyFeed(revision, true, [.. rules.Select(rule => PolicyChange.Put(revision, rule))], now);
    }
}
