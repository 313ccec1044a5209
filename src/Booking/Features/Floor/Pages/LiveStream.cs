using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using NodaTime;

namespace FabLab.Booking.Features.Floor.Pages;

/// <summary>
/// Tells an open page that something changed, never what: the page fetches the part again, under the rights and in the language
/// it has at that moment. So no name travels here. A stream that a signed-in browser opened ends with its sign-in: at once when that
/// ended in this process, else at the next beat.
/// </summary>
public sealed class LiveStream(
    FloorChanges changes, TimeProvider time, SessionEnds ends, IDbContextFactory<BookingDbContext> contexts, IHostApplicationLifetime lifetime)
{
    /// <summary>Pages that may listen at once; the next ones are asked to come back, and still work without.</summary>
    public const int Limit = 500;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(20);
    private const int MostSingles = 12;

    private int _open;

    public int Open => Volatile.Read(ref _open);

    public IResult Connect(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (Interlocked.Increment(ref _open) > Limit)
        {
            Interlocked.Decrement(ref _open);
            http.Response.Headers.RetryAfter = "30";
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        // Subscribed before the page is told to catch up, so that nothing falls between what it shows and what it hears.
        FloorSubscription subscription = changes.Subscribe();
        http.Response.OnCompleted(() =>
        {
            subscription.Dispose();
            Interlocked.Decrement(ref _open);
            return Task.CompletedTask;
        });
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(EventsAsync(subscription, http.User, http.RequestAborted));
    }

    private async IAsyncEnumerable<SseItem<string>> EventsAsync(
        FloorSubscription subscription, ClaimsPrincipal user, [EnumeratorCancellation] CancellationToken gone)
    {
        // An open stream must not hold up the end of the program.
        var signedIn = StaffActor.From(user) is { } actor ? ends.Of(actor.Id) : CancellationToken.None;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(gone, lifetime.ApplicationStopping, signedIn);
        yield return new SseItem<string>("", "sync") { ReconnectionInterval = TimeSpan.FromSeconds(1) };
        var batch = new HashSet<FloorChange>();
        while (await NextAsync(subscription, batch, ended.Token) is { } more)
        {
            if (!more)
            {
                if (signedIn.CanBeCanceled && !await StillSignedInAsync(user, ended.Token))
                    yield break;
                yield return new SseItem<string>("", "beat");
                continue;
            }

            foreach (string name in Names(batch))
                yield return new SseItem<string>("", name);
            batch.Clear();
        }
    }

    private async Task<bool> StillSignedInAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await Sessions.HoldsAsync(db, user, Instant.FromDateTimeOffset(time.GetUtcNow()), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>True: changes are in the batch. False: nothing for a while. Null: the listener or the program is gone.</summary>
    private async Task<bool?> NextAsync(FloorSubscription subscription, HashSet<FloorChange> batch, CancellationToken ended)
    {
        using var beat = new CancellationTokenSource(Beat, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(beat.Token, ended);
        try
        {
            if (!await subscription.Changes.WaitToReadAsync(either.Token))
                return null;
            // A journal batch changes many things at once: they are told together.
            await Task.Delay(Gather, time, ended);
            while (subscription.Changes.TryRead(out FloorChange change))
                batch.Add(change);
            return true;
        }
        catch (OperationCanceledException)
        {
            return ended.IsCancellationRequested ? null : false;
        }
    }

    private static IEnumerable<string> Names(HashSet<FloorChange> batch)
    {
        var machines = batch.Where(c => c.Machine is not null).Select(c => c.Machine!.Value).Distinct().ToList();
        if (machines.Count > MostSingles || batch.Any(c => c is { Machine: null, Topic: not (FloorTopic.Alarm or FloorTopic.Door) }))
        {
            yield return "floor";
        }

        if (machines.Count is > 0 and <= MostSingles)
        {
            foreach (var machine in machines)
                yield return "m-" + machine;
            yield return "machine";
        }

        if (batch.Any(c => c.Topic == FloorTopic.Alarm))
            yield return "alarm";
        if (batch.Any(c => c.Topic == FloorTopic.Door))
            yield return "door";
    }
}
