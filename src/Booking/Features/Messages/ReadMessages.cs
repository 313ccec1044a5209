using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Messages;

/// <summary>A message as the API tells it; its words are for who shows it.</summary>
public sealed record MessageLine(Guid Id, MessageKind Kind, Instant At, BookingId? Booking, MessageFacts Facts, Instant? ReadAt);

/// <summary>When messages were marked; those are what an undo takes back.</summary>
public sealed record MessagesMarked(int Count, Instant At);

/// <summary>Which messages are to be unread again.</summary>
/// <param name="At">When they were marked, as <see cref="MessagesMarked.At"/> said, in Unix milliseconds.</param>
public sealed record MessagesToUnmark(long At);

/// <summary>Somebody's own messages: whose they are stands in the condition, so another one's are not there.</summary>
internal sealed class ReadMessages(BookingWriter writer)
{
    /// <summary>How many are shown at most.</summary>
    public const int Most = 200;

    // Far in the future, and a moment that NodaTime knows.
    private const long LastMoment = 200_000_000_000_000;

    public static void Map(IEndpointRouteBuilder routes, RouteGroupBuilder own)
    {
        routes.MapGet($"{Endpoints.Root}/messages", async (HttpContext http, BookingDbContext db, CancellationToken cancellationToken) =>
            {
                http.Response.Headers.CacheControl = "no-store";
                var messages = await OfAsync(db, http.Actor().Id, cancellationToken);
                return Results.Json(messages.Select(m => new MessageLine(m.Id, m.Kind, m.At, m.BookingId, m.Facts, m.ReadAt)).ToList(), Core.Json.CoreJson.Options);
            })
            .WithName("ListMessages").WithTags("messages").WithSummary("One's own messages, the newest first.")
            .Produces<IReadOnlyList<MessageLine>>().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden)
            .Needs(SignIn.Right.OwnAccount);
        Describe(
            own.MapPost("/messages/{id:guid}/read", async (Guid id, HttpContext http, ReadMessages handler, CancellationToken cancellationToken) =>
                (await handler.MarkAsync(http.Actor(), id, read: true, cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "ReadMessage", "Marks one's own message as read.");
        Describe(
            own.MapPost("/messages/{id:guid}/unread", async (Guid id, HttpContext http, ReadMessages handler, CancellationToken cancellationToken) =>
                (await handler.MarkAsync(http.Actor(), id, read: false, cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "UnreadMessage", "Marks one's own message as unread again.");
        Describe(
            own.MapPost("/messages/read", async (HttpContext http, ReadMessages handler, CancellationToken cancellationToken) =>
                Results.Json(await handler.MarkAllReadAsync(http.Actor(), cancellationToken), Core.Json.CoreJson.Options)),
            "ReadAllMessages", "Marks all of one's own messages as read.");
        Describe(
            own.MapPost("/messages/unread", async (MessagesToUnmark request, HttpContext http, ReadMessages handler, CancellationToken cancellationToken) =>
                (await handler.UnmarkAsync(http.Actor(), request, cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "UnreadAllMessages", "Takes back that all were marked as read, at the moment that was answered then.");
    }

    public static Task<List<Message>> OfAsync(BookingDbContext db, PersonId person, CancellationToken cancellationToken) =>
        db.Messages.AsNoTracking().Where(message => message.PersonId == person && message.OnSite)
            .OrderByDescending(message => message.At).ThenByDescending(message => message.Id).Take(Most).ToListAsync(cancellationToken);

    /// <summary>Marks one. Done twice it stays as it was.</summary>
    public Task<Outcome<MessagesMarked>> MarkAsync(StaffActor by, Guid id, bool read, CancellationToken cancellationToken) =>
        writer.ChangeAsync<MessagesMarked>(
            async (write, cancel) =>
            {
                if (await write.Db.Messages.SingleOrDefaultAsync(message => message.Id == id && message.PersonId == by.Id && message.OnSite, cancel) is not { } message)
                    return Refusal.NotFound("message");
                message.ReadAt = read ? message.ReadAt ?? write.Now : null;
                return new MessagesMarked(1, write.Now);
            },
            cancellationToken);

    public Task<MessagesMarked> MarkAllReadAsync(StaffActor by, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            async (write, cancel) => new MessagesMarked(
                await write.Db.Messages.Where(message => message.PersonId == by.Id && message.ReadAt == null && message.OnSite)
                    .ExecuteUpdateAsync(set => set.SetProperty(message => message.ReadAt, write.Now), cancel),
                write.Now),
            cancellationToken);

    /// <summary>Takes back what <see cref="MarkAllReadAsync"/> marked at that moment.</summary>
    public async Task<Outcome<MessagesMarked>> UnmarkAsync(StaffActor by, MessagesToUnmark request, CancellationToken cancellationToken)
    {
        if (request.At is < 0 or >= LastMoment)
            return Refusal.BadValue("at", "The moment at which they were marked, in Unix milliseconds.");
        var at = Instant.FromUnixTimeMilliseconds(request.At);
        return await writer.WriteAsync(
            async (write, cancel) => new MessagesMarked(
                await write.Db.Messages.Where(message => message.PersonId == by.Id && message.ReadAt == at && message.OnSite)
                    .ExecuteUpdateAsync(set => set.SetProperty(message => message.ReadAt, (Instant?)null), cancel),
                at),
            cancellationToken);
    }

    private static void Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("messages").WithSummary(summary).Produces<MessagesMarked>().ProducesProblem(StatusCodes.Status404NotFound);
}
