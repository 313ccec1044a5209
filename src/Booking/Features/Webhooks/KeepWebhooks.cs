using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.SignIn;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>A program as it is to be told of events, all of it.</summary>
/// <param name="Label">What it is for.</param>
/// <param name="Url">Where it listens.</param>
/// <param name="Kinds">Of which events, by name.</param>
/// <param name="Active">Whether it is told now.</param>
/// <param name="Version">The version the change was made from; nothing for a new one.</param>
public sealed record WebhookWish(string? Label, string? Url, IReadOnlyList<string>? Kinds, bool Active = true, long Version = 0);

/// <summary>A program that was noted. Its secret is shown this once.</summary>
public sealed record WebhookMade(Guid Id, string Secret, long Version);

public sealed record WebhookChanged(Guid Id, long Version);

public sealed record WebhookLine(
    Guid Id, string Label, string Url, IReadOnlyList<string> Kinds, bool Active, Instant? FailingSince, Instant? SwitchedOffAt, long LastSeq, long Version);

public sealed record DeliveryLine(
    Guid Id, long Seq, string Kind, Instant At, DeliveryState State, int Tries, Instant? TriedAt, Instant? DueAt, int? Status, string? Fault);

/// <summary>The programs that are told of events, and what they were told.</summary>
internal sealed class KeepWebhooks(BookingWriter writer, WebhookSecrets secrets, WebhookSignal signal, IOptions<BookingOptions> options)
{
    /// <summary>How many there are at most.</summary>
    public const int Most = 20;

    /// <summary>How many deliveries are shown.</summary>
    public const int Shown = 100;

    public static void Map(IEndpointRouteBuilder routes, RouteGroupBuilder staff)
    {
        routes.MapGet($"{Endpoints.Root}/webhooks", async (BookingDbContext db, CancellationToken cancellationToken) =>
                Results.Json((await ListAsync(db, cancellationToken)).Select(LineOf).ToList(), CoreJson.Options))
            .WithName("ListWebhooks").WithTags("webhooks").WithSummary("The programs that are told of events.")
            .Produces<IReadOnlyList<WebhookLine>>().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden).Needs(Right.KeepLab);
        routes.MapGet($"{Endpoints.Root}/webhooks/{{id:guid}}/deliveries", async (Guid id, BookingDbContext db, CancellationToken cancellationToken) =>
                Results.Json((await DeliveriesAsync(db, id, cancellationToken)).Select(LineOf).ToList(), CoreJson.Options))
            .WithName("ListWebhookDeliveries").WithTags("webhooks").WithSummary("What a program was told, the newest first.")
            .Produces<IReadOnlyList<DeliveryLine>>().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden).Needs(Right.KeepLab);
        // An answer with a secret is not kept for a repetition.
        staff.MapPost("/webhooks", async (WebhookWish request, HttpContext http, KeepWebhooks handler, CancellationToken cancellationToken) =>
                (await handler.AddAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("AddWebhook").WithTags("webhooks").WithSummary("Notes a program that is to be told of events; answers with its secret, once.")
            .Produces<WebhookMade>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict).WithMetadata(IdempotencyTerms.Refused);
        staff.MapPost("/webhooks/{id:guid}/secret", async (Guid id, HttpContext http, KeepWebhooks handler, CancellationToken cancellationToken) =>
                (await handler.NewSecretAsync(id, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RenewWebhookSecret").WithTags("webhooks").WithSummary("Gives a program a new secret; the old one ends at once.")
            .Produces<WebhookMade>().ProducesProblem(StatusCodes.Status404NotFound).WithMetadata(IdempotencyTerms.Refused);
        Describe(
            staff.MapPut("/webhooks/{id:guid}", async (Guid id, WebhookWish request, HttpContext http, KeepWebhooks handler, CancellationToken cancellationToken) =>
                (await handler.ChangeAsync(id, request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "ChangeWebhook", "Changes a program, switches it on or off.");
        Describe(
            staff.MapDelete("/webhooks/{id:guid}", async (Guid id, HttpContext http, KeepWebhooks handler, CancellationToken cancellationToken) =>
                (await handler.RemoveAsync(id, removed: true, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "RemoveWebhook", "Removes a program; for a month it can be restored.");
        Describe(
            staff.MapPost("/webhooks/{id:guid}/restore", async (Guid id, HttpContext http, KeepWebhooks handler, CancellationToken cancellationToken) =>
                (await handler.RemoveAsync(id, removed: false, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "RestoreWebhook", "Brings a removed program back.");
        Describe(
            staff.MapPost("/webhooks/{id:guid}/test", async (Guid id, HttpContext http, KeepWebhooks handler, CancellationToken cancellationToken) =>
                (await handler.TestAsync(id, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "TestWebhook", "Sends a program an event that says nothing.");
        Describe(
            staff.MapPost("/webhook-deliveries/{id:guid}/resend", async (Guid id, HttpContext http, KeepWebhooks handler, CancellationToken cancellationToken) =>
                (await handler.ResendAsync(id, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "ResendWebhookDelivery", "Sends an event once more, at the end of the row.");
    }

    public static Task<List<Webhook>> ListAsync(BookingDbContext db, CancellationToken cancellationToken) =>
        db.Webhooks.AsNoTracking().Where(webhook => webhook.RemovedAt == null).OrderBy(webhook => webhook.CreatedAt).ThenBy(webhook => webhook.Id).ToListAsync(cancellationToken);

    public static Task<List<WebhookDelivery>> DeliveriesAsync(BookingDbContext db, Guid id, CancellationToken cancellationToken) =>
        db.WebhookDeliveries.AsNoTracking().Where(delivery => delivery.WebhookId == id).OrderByDescending(delivery => delivery.Seq).Take(Shown).ToListAsync(cancellationToken);

    public Task<Outcome<WebhookMade>> AddAsync(WebhookWish request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<WebhookMade>(
            async (write, cancel) =>
            {
                if (Check(request, out var label, out var kinds) is { } fault)
                    return fault;
                if (await write.Db.Webhooks.CountAsync(webhook => webhook.RemovedAt == null, cancel) >= Most)
                    return Refusal.Conflict("too_many_webhooks", $"There are {Most} already. Remove one first.");
                var secret = WebhookSigning.NewSecret();
                var made = new Webhook
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), Label = label, Url = request.Url!, Kinds = kinds, Secret = secrets.Seal(secret),
                    Active = request.Active, MadeBy = by.Id, CreatedAt = write.Now,
                };
                write.Db.Webhooks.Add(made);
                write.Audit(by.Id, "webhook.added", made.Id, label);
                return new WebhookMade(made.Id, secret, made.Version);
            },
            cancellationToken);

    public Task<Outcome<WebhookChanged>> ChangeAsync(Guid id, WebhookWish request, StaffActor by, CancellationToken cancellationToken) =>
        WithAsync<WebhookChanged>(
            id,
            async (write, webhook, cancel) =>
            {
                if (webhook.Version != request.Version)
                    return Refusal.Stale;
                if (Check(request, out var label, out var kinds) is { } fault)
                    return fault;
                (webhook.Label, webhook.Url, webhook.Kinds) = (label, request.Url!, kinds);
                if (request.Active && !webhook.Active)
                {
                    (webhook.SwitchedOffAt, webhook.FailingSince) = (null, null);
                    // What waited is tried now.
                    foreach (var delivery in await write.Db.WebhookDeliveries.Where(d => d.WebhookId == id && d.State == DeliveryState.Due).ToListAsync(cancel))
                        delivery.DueAt = write.Now;
                    write.AfterCommit(signal.Call);
                }
                webhook.Active = request.Active;
                write.Audit(by.Id, "webhook.changed", id, label);
                return new WebhookChanged(id, ++webhook.Version);
            },
            cancellationToken);

    public Task<Outcome<WebhookChanged>> RemoveAsync(Guid id, bool removed, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<WebhookChanged>(
            async (write, cancel) =>
            {
                if (await write.Db.Webhooks.SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } webhook || (removed && webhook.RemovedAt is not null))
                    return Refusal.NotFound("webhook");
                webhook.RemovedAt = removed ? write.Now : null;
                write.Audit(by.Id, removed ? "webhook.removed" : "webhook.restored", id, webhook.Label);
                write.AfterCommit(signal.Call);
                return new WebhookChanged(id, ++webhook.Version);
            },
            cancellationToken);

    public Task<Outcome<WebhookMade>> NewSecretAsync(Guid id, StaffActor by, CancellationToken cancellationToken) =>
        WithAsync<WebhookMade>(
            id,
            (write, webhook, _) =>
            {
                var secret = WebhookSigning.NewSecret();
                webhook.Secret = secrets.Seal(secret);
                write.Audit(by.Id, "webhook.secret_renewed", id, webhook.Label);
                return Task.FromResult<Outcome<WebhookMade>>(new WebhookMade(id, secret, ++webhook.Version));
            },
            cancellationToken);

    public Task<Outcome<WebhookChanged>> TestAsync(Guid id, StaffActor by, CancellationToken cancellationToken) =>
        WithAsync<WebhookChanged>(
            id,
            (write, webhook, _) =>
            {
                var body = new WebhookBody(Guid.CreateVersion7(write.Now.ToDateTimeOffset()), WebhookEvents.Test, write.Now, null, null);
                WebhookSink.Add(write, webhook, WebhookEvents.Test, JsonSerializer.Serialize(body, CoreJson.Options), null);
                write.Audit(by.Id, "webhook.tested", id, webhook.Label);
                write.AfterCommit(signal.Call);
                return Task.FromResult<Outcome<WebhookChanged>>(new WebhookChanged(id, webhook.Version));
            },
            cancellationToken);

    public Task<Outcome<WebhookChanged>> ResendAsync(Guid delivery, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<WebhookChanged>(
            async (write, cancel) =>
            {
                await write.OneAtATimeAsync("webhooks", cancel);
                if (await write.Db.WebhookDeliveries.SingleOrDefaultAsync(row => row.Id == delivery, cancel) is not { } old
                    || await write.Db.Webhooks.SingleOrDefaultAsync(row => row.Id == old.WebhookId && row.RemovedAt == null, cancel) is not { } webhook)
                {
                    return Refusal.NotFound("webhook_delivery");
                }
                if (old.State == DeliveryState.Due)
                    return Refusal.Conflict("still_due", "It waits to be sent already.");
                WebhookSink.Add(write, webhook, old.Kind, old.Body, old.PersonId);
                write.Audit(by.Id, "webhook.resent", webhook.Id, webhook.Label);
                write.AfterCommit(signal.Call);
                return new WebhookChanged(webhook.Id, webhook.Version);
            },
            cancellationToken);

    private Task<Outcome<T>> WithAsync<T>(Guid id, Func<BookingWrite, Webhook, CancellationToken, Task<Outcome<T>>> change, CancellationToken cancellationToken) =>
        writer.ChangeAsync<T>(
            async (write, cancel) =>
            {
                await write.OneAtATimeAsync("webhooks", cancel);
                return await write.Db.Webhooks.SingleOrDefaultAsync(row => row.Id == id && row.RemovedAt == null, cancel) is { } webhook
                    ? await change(write, webhook, cancel)
                    : Refusal.NotFound("webhook");
            },
            cancellationToken);

    private Refusal? Check(WebhookWish request, out string label, out string kinds)
    {
        label = Text.Required(request.Label, Webhook.MaxLabel) ?? "";
        var asked = request.Kinds ?? [];
        kinds = string.Join(' ', WebhookEvents.Kinds.Where(asked.Contains));
        if (label.Length == 0)
            return Refusal.BadValue("label", $"Say what it is for, in 1 to {Webhook.MaxLabel} characters.");
        if (WebhookUrl.Fault(request.Url, options.Value.Webhooks.AllowPrivate) is { } fault)
            return Refusal.BadValue("url", fault);
        if (kinds.Length == 0 || asked.Any(kind => !WebhookEvents.Kinds.Contains(kind)))
            return Refusal.BadValue("kinds", $"Name some of: {string.Join(", ", WebhookEvents.Kinds)}.");
        return null;
    }

    private static WebhookLine LineOf(Webhook webhook) => new(
        webhook.Id, webhook.Label, webhook.Url, webhook.KindList, webhook.Active, webhook.FailingSince, webhook.SwitchedOffAt, webhook.LastSeq, webhook.Version);

    private static DeliveryLine LineOf(WebhookDelivery delivery) => new(
        delivery.Id, delivery.Seq, delivery.Kind, delivery.At, delivery.State, delivery.Tries, delivery.TriedAt, delivery.DueAt, delivery.Status, delivery.Fault);

    private static void Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("webhooks").WithSummary(summary)
            .Produces<WebhookChanged>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
