using FabLab.Booking.Features.Calendar;
using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void Messages(ModelBuilder model)
    {
        model.Entity<Message>(message =>
        {
            message.ToTable("message");
            message.HasIndex(m => new { m.PersonId, m.Once }).IsUnique();
            message.HasIndex(m => new { m.PersonId, m.At });
            message.HasIndex(m => new { m.Mail, m.MailDueAt });
            message.HasOne<Person>().WithMany().HasForeignKey(m => m.PersonId).OnDelete(DeleteBehavior.Restrict);
            message.Property(m => m.Once).HasMaxLength(Message.MaxOnce);
            message.Property(m => m.MailFault).HasMaxLength(Message.MaxFault);
        });
        model.Entity<MessageChoice>(choice =>
        {
            choice.ToTable("message_choice");
            choice.HasKey(c => new { c.PersonId, c.Kind });
            choice.HasOne<Person>().WithMany().HasForeignKey(c => c.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<Webhook>(webhook =>
        {
            webhook.ToTable("webhook");
            webhook.Property(w => w.Url).HasMaxLength(Webhook.MaxUrl);
            webhook.Property(w => w.Label).HasMaxLength(Webhook.MaxLabel);
            webhook.Property(w => w.Kinds).HasMaxLength(Webhook.MaxKinds);
            webhook.Property(w => w.Version).IsConcurrencyToken();
        });
        model.Entity<WebhookDelivery>(delivery =>
        {
            delivery.ToTable("webhook_delivery");
            delivery.HasIndex(d => new { d.WebhookId, d.Seq }).IsUnique();
            delivery.HasIndex(d => new { d.State, d.DueAt });
            delivery.HasIndex(d => d.PersonId);
            delivery.HasOne<Webhook>().WithMany().HasForeignKey(d => d.WebhookId).OnDelete(DeleteBehavior.Cascade);
            delivery.Property(d => d.Kind).HasMaxLength(WebhookDelivery.MaxKind);
            delivery.Property(d => d.Fault).HasMaxLength(WebhookDelivery.MaxFault);
        });
        model.Entity<IdempotencyRow>(key =>
        {
            key.ToTable("idempotency_key");
            key.HasKey(k => new { k.Actor, k.Name });
            key.HasIndex(k => k.ClaimedAt);
            key.Property(k => k.Name).HasMaxLength(IdempotencyRow.MaxName);
        });
        model.Entity<CalendarFeed>(feed =>
        {
            feed.ToTable("calendar_feed");
            feed.HasKey(f => f.PersonId);
            feed.HasIndex(f => f.SecretHash).IsUnique();
            feed.HasOne<Person>().WithMany().HasForeignKey(f => f.PersonId).OnDelete(DeleteBehavior.Restrict);
        });
    }
}
