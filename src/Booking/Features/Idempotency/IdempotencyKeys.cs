using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Features.Idempotency;

/// <summary>
/// A POST with an <c>Idempotency-Key</c> is done once: the same key with the same body gets the same answer for a day, with another
/// body it is refused, and while the first one runs the others are told to ask again.
/// </summary>
internal sealed partial class IdempotencyKeys(RequestDelegate next, BookingWriter writer, ILogger<IdempotencyKeys> log)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>How long an answer is kept.</summary>
    public static readonly Duration Kept = Duration.FromHours(24);

    /// <summary>A run that has not ended by then is taken to be dead.</summary>
    public static readonly Duration Lease = Duration.FromMinutes(1);

    private static readonly Refusal NotHere = new("idempotency_not_here", StatusCodes.Status400BadRequest, "This address keeps no answers: leave Idempotency-Key away.");
    private static readonly Refusal BadKey = new("idempotency_key", StatusCodes.Status400BadRequest, $"An Idempotency-Key has 1 to {IdempotencyRow.MaxName} visible ASCII characters.");
    private static readonly Refusal OtherBody = new("idempotency_mismatch", StatusCodes.Status422UnprocessableEntity, "This key was used for another request.");
    private static readonly Refusal InProgress = new("idempotency_in_progress", StatusCodes.Status409Conflict, "The first request with this key is still running. Ask again in a moment.");
    private static readonly Refusal AnswerLost = new("idempotency_answer_lost", StatusCodes.Status409Conflict, "It was done, but its answer is lost. Read what you asked for again.");

    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.Headers.TryGetValue(Header, out var sent)
            || http.GetEndpoint()?.Metadata.GetMetadata<IdempotencyTerms>() is not { } terms)
        {
            await next(http);
            return;
        }
        if (!terms.Takes)
        {
            await NotHere.ToResult().ExecuteAsync(http);
            return;
        }
        if (StaffActor.From(http.User) is not { } actor)
        {
            await next(http);
            return;
        }
        if (sent.Count != 1 || sent[0] is not { Length: > 0 and <= IdempotencyRow.MaxName } key || key.Any(sign => sign is <= ' ' or > '~'))
        {
            await BadKey.ToResult().ExecuteAsync(http);
            return;
        }
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        http.Request.Body = body;
        var path = http.Request.Path + http.Request.QueryString.ToString();
        var (claim, known) = await ClaimAsync(actor.Id, key, path, HashOf(path, body), http.RequestAborted);
        body.Position = 0;
        if (claim is not null)
            await RunAsync(http, claim);
        else
            await AnswerAsync(http, known!);
    }

    private static byte[] HashOf(string path, MemoryStream body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(path + "\n"));
        hash.AppendData(body.GetBuffer().AsSpan(0, (int)body.Length));
        return hash.GetHashAndReset();
    }

    /// <returns>The claim of this request; or the row it stands behind, or a refusal as an answered row.</returns>
    private Task<(IdempotencyClaim? Claim, Known? Known)> ClaimAsync(PersonId actor, string key, string path, byte[] hash, CancellationToken cancellationToken) =>
        writer.WriteAsync<(IdempotencyClaim?, Known?)>(
            async (write, cancel) =>
            {
                await write.OneAtATimeAsync($"idempotency {actor} {key}", cancel);
                var row = await write.Db.IdempotencyKeys.SingleOrDefaultAsync(k => k.Actor == actor && k.Name == key, cancel);
                if (row is not null && row.ClaimedAt <= write.Now - Kept)
                {
                    write.Db.IdempotencyKeys.Remove(row);
                    await write.Db.SaveChangesAsync(cancel);
                    row = null;
                }
                if (row is not null)
                {
                    if (!row.BodyHash.AsSpan().SequenceEqual(hash))
                        return (null, new Known(OtherBody, null));
                    if (row.Status is not null)
                        return (null, new Known(null, row));
                    if (row.ClaimedAt > write.Now - Lease)
                        return (null, new Known(InProgress, null));
                    if (row.Committed)
                        return (null, new Known(AnswerLost, null));
                    (row.Claim, row.ClaimedAt) = (Guid.NewGuid(), write.Now);
                }
                else
                {
                    row = new IdempotencyRow { Actor = actor, Name = key, Path = path, BodyHash = hash, Claim = Guid.NewGuid(), ClaimedAt = write.Now };
                    write.Db.IdempotencyKeys.Add(row);
                }
                return (new IdempotencyClaim(actor, key, row.Claim), null);
            },
            cancellationToken);

    private async Task RunAsync(HttpContext http, IdempotencyClaim claim)
    {
        var caller = http.Response.Body;
        using var answer = new MemoryStream();
        http.Response.Body = answer;
        try
        {
            IdempotencyClaim.Current = claim;
            await next(http);
        }
        catch
        {
            IdempotencyClaim.Current = null;
            http.Response.Body = caller;
            await ReleaseAsync(claim);
            throw;
        }
        IdempotencyClaim.Current = null;
        http.Response.Body = caller;
        try
        {
            if (IsLasting(http.Response.StatusCode))
                await KeepAsync(claim, http.Response, Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length));
            else
                await ReleaseAsync(claim);
        }
        catch (Exception fault) when (fault is DbException or DbUpdateException or IOException)
        {
            // What was asked is done; only a repetition will not hear the same answer.
            Log.NotKept(log, fault);
        }
        answer.Position = 0;
        await answer.CopyToAsync(caller, http.RequestAborted);
    }

    /// <summary>Whether the same request would be answered the same again. What depends on the moment or on who asks is not kept.</summary>
    private static bool IsLasting(int status) => status is < 500 and not (401 or 403 or 404 or 408 or 413 or 429);

    private Task KeepAsync(IdempotencyClaim claim, HttpResponse response, string answer)
    {
        var (status, type, location, etag) = (response.StatusCode, response.ContentType, response.Headers.Location.ToString(), response.Headers.ETag.ToString());
        return writer.WriteAsync(
            (write, cancel) => (Task)Mine(write, claim).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Status, status).SetProperty(row => row.Answer, answer).SetProperty(row => row.ContentType, type)
                    .SetProperty(row => row.Location, location.Length > 0 ? location : null).SetProperty(row => row.Etag, etag.Length > 0 ? etag : null),
                cancel),
            CancellationToken.None);
    }

    /// <summary>Nothing came of it: the key is free again. What was committed all the same is not made a second time.</summary>
    private Task ReleaseAsync(IdempotencyClaim claim) => writer.WriteAsync(
        (write, cancel) => (Task)Mine(write, claim).Where(row => !row.Committed).ExecuteDeleteAsync(cancel), CancellationToken.None);

    private static IQueryable<IdempotencyRow> Mine(BookingWrite write, IdempotencyClaim claim) =>
        write.Db.IdempotencyKeys.Where(row => row.Actor == claim.Actor && row.Name == claim.Name && row.Claim == claim.Id);

    private static async Task AnswerAsync(HttpContext http, Known known)
    {
        if (known.Refusal is { } refusal)
        {
            if (refusal == InProgress)
                http.Response.Headers.RetryAfter = "1";
            await refusal.ToResult().ExecuteAsync(http);
            return;
        }
        var row = known.Row!;
        http.Response.StatusCode = row.Status!.Value;
        http.Response.Headers[ReplayedHeader] = "true";
        if (row.Location is not null)
            http.Response.Headers.Location = row.Location;
        if (row.Etag is not null)
            http.Response.Headers.ETag = row.Etag;
        if (row.ContentType is not null)
            http.Response.ContentType = row.ContentType;
        if (row.Answer is { Length: > 0 } answer)
            await http.Response.WriteAsync(answer, http.RequestAborted);
    }

    private sealed record Known(Refusal? Refusal, IdempotencyRow? Row);

    private static partial class Log
    {
        [LoggerMessage(EventId = 5531, Level = LogLevel.Warning, Message = "An answer was not kept for a repetition.")]
        public static partial void NotKept(ILogger logger, Exception fault);
    }
}
