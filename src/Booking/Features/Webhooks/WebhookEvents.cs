using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Reservations;
using FabLab.Core;
using FabLab.Core.Json;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>What another program is sent.</summary>
/// <param name="Id">The event; the same for every program and every time it is sent.</param>
/// <param name="Kind">One of <see cref="WebhookEvents.Kinds"/>, or <c>test</c>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Booking">The booking as it is now; null in a test.</param>
/// <param name="Before">What it was before it was moved; null otherwise.</param>
public sealed record WebhookBody(Guid Id, string Kind, Instant At, WebhookBooking? Booking, WebhookBefore? Before);

/// <summary>A booking as other programs see it: ids and short codes, never a name or a note.</summary>
public sealed record WebhookBooking(
    BookingId Id, string Kind, MachineId Machine, string? MachineCode, PersonId? Person, string? PersonCode, Guid? Group, int Places, Instant Start, Instant End, Instant? HeldUntil, long Version);

/// <summary>Time and machine before a move.</summary>
public sealed record WebhookBefore(Instant? Start, Instant? End, MachineId? Machine);

/// <summary>The events other programs can be told of.</summary>
public static class WebhookEvents
{
    public const string Test = "test";

    private static readonly Dictionary<BookingEventKind, string> Names = Enum.GetValues<BookingEventKind>()
        .ToDictionary(kind => kind, kind => "booking." + JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()));

    public static IReadOnlyList<string> Kinds { get; } = [.. Enum.GetValues<BookingEventKind>().Select(kind => Names[kind])];

    public static string NameOf(BookingEventKind kind) => Names[kind];
}

/// <summary>Called when there is something to deliver.</summary>
internal sealed class WebhookSignal : WorkSignal;

/// <summary>Notes for each program what it is to be told, in the transaction of the event.</summary>
internal sealed class WebhookSink(WebhookSignal signal, BookingSettingsCache settings) : IBookingEventSink
{
    public async Task OnAsync(BookingWrite write, BookingEvent told, CancellationToken cancellationToken)
    {
        var kind = WebhookEvents.NameOf(told.Kind);
        if (!(await settings.GetAsync(write.Db, cancellationToken)).SomebodyListens)
            return;
        // Their numbers follow one another, whoever else writes.
        await write.OneAtATimeAsync("webhooks", cancellationToken);
        var listening = (await write.Db.Webhooks.Where(webhook => webhook.Active && webhook.RemovedAt == null).ToListAsync(cancellationToken))
            .Where(webhook => webhook.KindList.Contains(kind)).ToList();
        if (listening.Count == 0)
            return;
        var booking = told.Booking;
        var machine = await write.Db.Machines.FindAsync([booking.MachineId], cancellationToken);
        var person = booking.PersonId is { } id ? await write.Db.People.FindAsync([id], cancellationToken) : null;
        var body = new WebhookBody(
            Guid.CreateVersion7(write.Now.ToDateTimeOffset()), kind, write.Now,
            new WebhookBooking(
                booking.Id, JsonNamingPolicy.SnakeCaseLower.ConvertName(booking.Kind.ToString()), booking.MachineId, machine?.Code, booking.PersonId, person?.ShortCode,
                booking.GroupId, booking.Places, booking.Start, booking.End, booking.HeldUntil, booking.Version),
            told.Before is null && told.MachineBefore is null ? null : new WebhookBefore(told.Before?.Start, told.Before?.End, told.MachineBefore));
        var text = JsonSerializer.Serialize(body, CoreJson.Options);
        foreach (var webhook in listening)
            Add(write, webhook, kind, text, booking.PersonId);
        write.AfterCommit(signal.Call);
    }

    /// <summary>One more delivery at the end of the row.</summary>
    public static WebhookDelivery Add(BookingWrite write, Webhook webhook, string kind, string body, PersonId? person)
    {
        var delivery = new WebhookDelivery
        {
            Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
            WebhookId = webhook.Id,
            Seq = ++webhook.LastSeq,
            Kind = kind,
            At = write.Now,
            Body = body,
            PersonId = person,
            DueAt = write.Now,
        };
        write.Db.WebhookDeliveries.Add(delivery);
        return delivery;
    }
}
