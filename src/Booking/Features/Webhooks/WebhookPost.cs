using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>
/// Delivers to each program in its own order, one after the other: while one waits for its next attempt, those behind it wait too.
/// A program that takes nothing for three days is switched off with an alarm; one that refuses a single delivery again and again has
/// it set aside and gets the next.
/// </summary>
internal sealed class WebhookPost(
    BookingWriter writer, WebhookSender sender, WebhookSecrets secrets, WebhookSignal signal, FloorChanges floor, TimeProvider time, ILogger<WebhookPost> log)
    : RoundWorker(TimeSpan.FromSeconds(30), signal, time, log)
{
    /// <summary>How long a delivery that is being sent belongs to the one who sends it.</summary>
    public static readonly Duration Lease = Duration.FromMinutes(2);

    /// <summary>How long nothing may arrive.</summary>
    public static readonly Duration OffAfter = Duration.FromDays(3);

    /// <summary>How often one delivery may be refused by a program that answers.</summary>
    public const int MostRefusals = 8;

    /// <summary>How long it rests after so many tries in vain.</summary>
    public static Duration Rest(int tries) => tries switch
    {
        <= 1 => Duration.FromSeconds(10),
        2 => Duration.FromMinutes(1),
        3 => Duration.FromMinutes(5),
        4 => Duration.FromMinutes(15),
        5 => Duration.FromHours(1),
        6 => Duration.FromHours(3),
        _ => Duration.FromHours(6),
    };

    /// <summary>Delivers what is due, until nothing is.</summary>
    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        while (await writer.WriteAsync(ClaimAsync, cancellationToken) is { Count: > 0 } heads)
        {
            await Task.WhenAll(heads.Select(async head =>
            {
                var answer = await sender.SendAsync(head, cancellationToken);
                await writer.WriteAsync((write, cancel) => NoteAsync(write, head, answer, cancel), CancellationToken.None);
            }));
        }
    }

    /// <summary>The first that waits of each program, when its time has come.</summary>
    private async Task<List<DeliveryToSend>> ClaimAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var heads = new List<DeliveryToSend>();
        var active = await write.Db.Webhooks.AsNoTracking().Where(webhook => webhook.Active && webhook.RemovedAt == null).ToListAsync(cancellationToken);
        if (active.Count == 0)
            return heads;
        await write.OneAtATimeAsync("webhooks", cancellationToken);
        foreach (var webhook in active)
        {
            var head = await write.Db.WebhookDeliveries.Where(delivery => delivery.WebhookId == webhook.Id && delivery.State == DeliveryState.Due)
                .OrderBy(delivery => delivery.Seq).FirstOrDefaultAsync(cancellationToken);
            if (head is null || head.DueAt > write.Now || secrets.Open(webhook.Secret) is not { } secret)
                continue;
            head.Tries++;
            head.DueAt = write.Now + Lease;
            heads.Add(new DeliveryToSend(head.Id, webhook.Id, webhook.Url, secret, head.Kind, head.Body));
        }
        return heads;
    }

    private async Task NoteAsync(BookingWrite write, DeliveryToSend sent, DeliveryAnswer answer, CancellationToken cancellationToken)
    {
        // Either may be gone: its person was erased, its program removed.
        if (await write.Db.WebhookDeliveries.SingleOrDefaultAsync(row => row.Id == sent.Id, cancellationToken) is not { } delivery
            || await write.Db.Webhooks.SingleOrDefaultAsync(row => row.Id == sent.WebhookId, cancellationToken) is not { } webhook)
        {
            return;
        }
        (delivery.Status, delivery.Fault, delivery.TriedAt) = (answer.Status, answer.Fault, write.Now);
        if (answer.Status is >= 200 and < 300)
        {
            (delivery.State, delivery.DueAt, webhook.FailingSince) = (DeliveryState.Done, null, null);
            return;
        }
        webhook.FailingSince ??= write.Now;
        delivery.DueAt = write.Now + Rest(delivery.Tries);
        if (answer.Status is >= 400 and < 500 and not (408 or 410 or 425 or 429) && delivery.Tries >= MostRefusals)
            (delivery.State, delivery.DueAt) = (DeliveryState.SetAside, null);
        if (answer.Status != 410 && write.Now - webhook.FailingSince < OffAfter)
            return;
        // 410: gone, and it says so itself.
        (webhook.Active, webhook.SwitchedOffAt) = (false, write.Now);
        webhook.Version++;
        await HouseAlarms.RaiseOnceAsync(write, floor, HouseAlarms.WebhookOff, null, webhook.Label, cancellationToken);
    }
}
