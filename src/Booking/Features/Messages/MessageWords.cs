using System.Text;
using System.Text.Encodings.Web;
using FabLab.Ui.Text;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.Messages;

/// <summary>A message in words.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="Body">What happened, sentence by sentence.</param>
/// <param name="Next">What to do next.</param>
/// <param name="Link">The words of the link.</param>
/// <param name="Address">Where it leads, on this site.</param>
internal sealed record MessageView(string Title, IReadOnlyList<string> Body, string Next, string Link, string Address);

/// <summary>Says a message in the language of its reader.</summary>
internal sealed class MessageWords(IOptions<BookingOptions> options)
{
    public const string Page = "/messages";
    public const string SettingsPage = "/messages/settings";

    public static MessageView Of(MessageKind kind, MessageFacts facts, PageText text)
    {
        var name = text.Pick(facts.NameFr, facts.NameEn);
        var machine = facts.Code is { } code ? text[MessageText.MachineName, name, code] : name;
        var start = facts.Start is { } from ? Day(from, text) : "";
        var end = facts.End is { } to ? SameDay(facts.Start, to, text) : "";
        List<string> body = kind switch
        {
            MessageKind.BookingConfirmed => [text[MessageText.ConfirmedBody, machine, start, end]],
            MessageKind.BookingMoved => Moved(),
            MessageKind.BookingCancelled => [text[MessageText.CancelledBody, machine, start], .. Why()],
            MessageKind.BookingReleased => [text[MessageText.ReleasedBody, machine, start]],
            MessageKind.BookingOffered => [text[MessageText.OfferedBody, machine, start, end, facts.Until is { } until ? Day(until, text) : ""]],
            MessageKind.BookingHit => [text[MessageText.HitBody, machine, start], .. Why()],
            MessageKind.FaultReported => [text[MessageText.FaultBody, machine, start], text[MessageText.FaultWords, facts.Why]],
            MessageKind.BookingReminder => [text[MessageText.ReminderBody, machine, start, end]],
            _ => [text[MessageText.ExpiringBody, name, facts.Start is { } day ? text.Date(day) : ""]],
        };
        var (title, next) = Heads(kind);
        return kind switch
        {
            MessageKind.HabilitationExpiring => new MessageView(text[title], body, text[next], text[MessageText.SeeTrainings], "/trainings"),
            MessageKind.FaultReported => new MessageView(text[title], body, text[next], text[MessageText.SeeMachine], $"/machines/{Uri.EscapeDataString(facts.Code ?? "")}/care"),
            _ => new MessageView(text[title], body, text[next], text[MessageText.SeeBookings], "/bookings/mine"),
        };

        List<string> Moved() => facts.Before is { } before
            ? [text[MessageText.MovedBody, machine, start, end], text[MessageText.MovedBefore, facts.CodeBefore is { } old ? $"{old}, {Day(before, text)}" : Day(before, text)]]
            : [text[MessageText.MovedBody, machine, start, end]];

        IEnumerable<string> Why() => facts.Why.Length > 0 ? [text[MessageText.Why, facts.Why]] : [];
    }

    /// <summary>The heading, which is also the name of the kind.</summary>
    public static Phrase TitleOf(MessageKind kind) => Heads(kind).Title;

    private static (Phrase Title, Phrase Next) Heads(MessageKind kind) => kind switch
    {
        MessageKind.BookingConfirmed => (MessageText.Confirmed, MessageText.ConfirmedNext),
        MessageKind.BookingMoved => (MessageText.Moved, MessageText.MovedNext),
        MessageKind.BookingCancelled => (MessageText.Cancelled, MessageText.CancelledNext),
        MessageKind.BookingReleased => (MessageText.Released, MessageText.ReleasedNext),
        MessageKind.BookingOffered => (MessageText.Offered, MessageText.OfferedNext),
        MessageKind.BookingHit => (MessageText.Hit, MessageText.HitNext),
        MessageKind.FaultReported => (MessageText.Fault, MessageText.FaultNext),
        MessageKind.BookingReminder => (MessageText.Reminder, MessageText.ReminderNext),
        _ => (MessageText.Expiring, MessageText.ExpiringNext),
    };

    /// <summary>The mail of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="address">To whom.</param>
    /// <param name="place">The name of the place.</param>
    /// <param name="text">The reader's language and the place's zone.</param>
    public Letter Letter(Message message, string address, string place, PageText text)
    {
        var view = Of(message.Kind, message.Facts, text);
        var site = options.Value.PublicAddress.TrimEnd('/');
        var name = options.Value.Mail.FromName is { Length: > 0 } given ? given : place;
        var why = text[MessageText.MailWhy, place, site + SettingsPage];
        var plain = new StringBuilder();
        foreach (var sentence in view.Body)
            plain.Append(sentence).Append('\n');
        plain.Append('\n').Append(text[MessageText.MailNext, view.Next]).Append('\n');
        if (site.Length > 0)
            plain.Append(view.Link).Append(text.Pick(" : ", ": ")).Append(site).Append(view.Address).Append('\n');
        plain.Append("\n-- \n").Append(why).Append('\n');

        var safe = HtmlEncoder.Default;
        var html = new StringBuilder("<!DOCTYPE html><html lang=\"").Append(text.Tag).Append("\"><head><meta charset=\"utf-8\"><title>")
            .Append(safe.Encode(view.Title)).Append("</title></head><body><h1>").Append(safe.Encode(view.Title)).Append("</h1>");
        foreach (var sentence in view.Body)
            html.Append("<p>").Append(safe.Encode(sentence)).Append("</p>");
        html.Append("<p><strong>").Append(safe.Encode(view.Next)).Append("</strong></p>");
        if (site.Length > 0)
            html.Append("<p><a href=\"").Append(safe.Encode(site + view.Address)).Append("\">").Append(safe.Encode(view.Link)).Append("</a></p>");
        html.Append("<hr><p><small>").Append(safe.Encode(why)).Append("</small></p></body></html>");
        var subject = message.Facts.Start is { } start && message.Facts.Code is { } code
            ? text[MessageText.MailSubject, view.Title, $"{code}, {Day(start, text)}"]
            : text[MessageText.MailSubject, view.Title, text.Pick(message.Facts.NameFr, message.Facts.NameEn)];
        return new Letter(message.Id, address, name, OneLine(subject), plain.ToString(), html.ToString());
    }

    /// <summary>The day itself and not "tomorrow": a mail is read when it is read.</summary>
    private static string Day(Instant at, PageText text) => text[CommonText.DayAtTime, text.Date(at), text.Time(at)];

    private static string SameDay(Instant? start, Instant end, PageText text) =>
        start is { } from && from.InZone(text.Zone).Date == end.InZone(text.Zone).Date ? text.Time(end) : Day(end, text);

    private static string OneLine(string subject) => string.Concat(subject.Select(sign => char.IsControl(sign) ? ' ' : sign));
}
