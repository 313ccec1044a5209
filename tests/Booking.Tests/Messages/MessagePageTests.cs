using System.Net;
using AngleSharp.Dom;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.Webhooks;
using FabLab.Booking.Tests.Pages;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Messages;

/// <summary>The pages of messages, of one's calendar and of the programs that are told, as somebody without script uses them.</summary>
public sealed class MessagePageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Messages of every kind to the manager who looks, and a program with a few deliveries.</summary>
    internal static Task<Guid> SeedAsync(PagesHost host, SampleLab lab, CancellationToken cancellationToken) => host.Writer.WriteAsync(
        async (write, cancel) =>
        {
            var manager = await write.Db.StaffAccounts.Where(a => (a.Role & Features.SignIn.Role.Manager) != 0).Select(a => a.Id).FirstAsync(cancel);
            var start = write.Now + Duration.FromDays(2);
            foreach (var kind in MessageRules.Kinds)
            {
                write.Db.Messages.Add(new Message
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), PersonId = manager, Kind = kind, At = write.Now - Duration.FromHours((int)kind), Once = kind.ToString(), OnSite = true,
                    Facts = new MessageFacts
                    {
                        Code = kind == MessageKind.HabilitationExpiring ? null : "LAS-1", NameFr = "Découpeuse laser", NameEn = "Laser cutter", Start = start, End = start + Duration.FromHours(2),
                        Before = start - Duration.FromHours(3), Until = write.Now + Duration.FromMinutes(15), Why = kind == MessageKind.BookingHit ? "Travaux sur le réseau électrique" : "",
                    },
                    ReadAt = kind > MessageKind.BookingOffered ? write.Now : null,
                });
            }
            var webhook = new Webhook
            {
                Id = Guid.CreateVersion7(), Label = "Écran de l’entrée", Url = "https://ecran.example.org/fablab/reservations?lieu=tanneries", Kinds = string.Join(' ', WebhookEvents.Kinds.Take(3)),
                Secret = "-", Active = false, SwitchedOffAt = write.Now, FailingSince = write.Now, CreatedAt = write.Now, LastSeq = 3,
            };
            write.Db.Webhooks.Add(webhook);
            foreach (var (seq, state, status) in new[] { (1, DeliveryState.Done, 204), (2, DeliveryState.SetAside, 400), (3, DeliveryState.Due, 503) })
            {
                write.Db.WebhookDeliveries.Add(new WebhookDelivery
                {
                    Id = Guid.CreateVersion7(), WebhookId = webhook.Id, Seq = seq, Kind = "booking.made", At = write.Now, Body = "{}", State = state, Status = status,
                    Tries = seq, DueAt = state == DeliveryState.Due ? write.Now + Duration.FromMinutes(5) : null,
                });
            }
            return webhook.Id;
        },
        cancellationToken);

    [Fact]
    public async Task Messages_are_counted_read_and_unread_again()
    {
        await using var host = await PagesHost.StartAsync(demo: false, Cancel);
        var lab = await SampleLab.SeedAsync(host, Cancel);
        using var staff = await host.NewStaffAsync(Cancel);
        await SeedAsync(host, lab, Cancel);

        var page = await staff.GetAsync("/messages", Cancel);
        Assert.Equal("5", page.TextOf(".tools .count"));
        Assert.Contains("La raison : Travaux sur le réseau électrique", page.Text, StringComparison.Ordinal);
        var read = await staff.FollowAsync(await staff.SubmitAsync(page, "section[aria-labelledby=unread] li form", null, Cancel), Cancel);
        Assert.Equal("4", read.TextOf(".tools .count"));
        var undone = await staff.FollowAsync(await staff.SubmitAsync(read, ".notice form", null, Cancel), Cancel);
        Assert.Equal("5", undone.TextOf(".tools .count"));

        var all = await staff.FollowAsync(await staff.SubmitAsync(undone, "form[data-all]", null, Cancel), Cancel);
        Assert.Null(all.Document.QuerySelector(".tools .count"));
        var allUndone = await staff.FollowAsync(await staff.SubmitAsync(all, ".notice form", null, Cancel), Cancel);
        Assert.Equal("5", allUndone.TextOf(".tools .count"));
        Assert.Equal(HttpStatusCode.NotFound, (await staff.PostAsync("/messages/read", Fields(allUndone, ("id", Guid.NewGuid().ToString())), Cancel)).Status);
    }

    [Fact]
    public async Task Somebody_chooses_how_to_be_told_and_a_wrong_address_is_said_beside_the_field()
    {
        await using var host = await PagesHost.StartAsync(demo: false, Cancel);
        using var staff = await host.NewStaffAsync(Cancel);
        var page = await staff.GetAsync("/messages/settings", Cancel);
        Assert.Contains("n’envoie pas de mail", page.Text, StringComparison.Ordinal);

        var wrong = await staff.SubmitAsync(page, "form[action='/messages/settings']", new Dictionary<string, string> { ["email"] = "nonsense", ["consent"] = "on" }, Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "Écrivez une seule adresse, comme prenom@exemple.org."), (wrong.Status, wrong.TextOf("#email-error")));
        Assert.Equal("nonsense", wrong.Document.QuerySelector("#email")!.GetAttribute("value"));

        var form = Fields(page, ("version", page.Document.QuerySelector("input[name=version]")!.GetAttribute("value")!), ("email", "moi@example.org"), ("consent", "on"), ("language", "en"), ("mail-BookingReminder", "on"));
        var saved = await staff.FollowAsync(await staff.PostAsync("/messages/settings", form, Cancel), Cancel);
        Assert.Equal("moi@example.org", saved.Document.QuerySelector("#email")!.GetAttribute("value"));
        Assert.Equal(["mail-BookingReminder"], saved.Document.QuerySelectorAll("td input:checked").Select(box => box.GetAttribute("name")));
        var stale = await staff.PostAsync("/messages/settings", form, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
    }

    [Fact]
    public async Task A_calendar_link_is_made_shown_once_read_and_removed()
    {
        await using var host = await PagesHost.StartAsync(demo: false, Cancel);
        using var staff = await host.NewStaffAsync(Cancel);
        var page = await staff.GetAsync("/account/calendar", Cancel);

        var made = await staff.SubmitAsync(page, "form[action='/account/calendar']", null, Cancel);
        var address = made.TextOf(".notice code");
        using var nobody = host.NewClient();
        var calendar = await nobody.Http.GetAsync(address, Cancel);
        var later = await staff.GetAsync("/account/calendar", Cancel);
        var gone = await staff.FollowAsync(await staff.SubmitAsync(later, "form[action='/account/calendar/revoke']", null, Cancel), Cancel);

        Assert.Equal(("text/calendar", HttpStatusCode.OK), (calendar.Content.Headers.ContentType!.MediaType, calendar.StatusCode));
        Assert.DoesNotContain(".ics\"", later.Html.Replace("/agenda.ics", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Un agenda l’a lu", later.Text, StringComparison.Ordinal);
        Assert.Contains("Le lien ne marche plus.", gone.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(new Uri(address).PathAndQuery, Cancel)).Status);
    }

    [Fact]
    public async Task A_manager_adds_a_program_and_takes_its_removal_back()
    {
        await using var host = await PagesHost.StartAsync(demo: false, Cancel);
        using var staff = await host.NewStaffAsync(Cancel);
        var page = await staff.GetAsync("/webhooks", Cancel);

        var wrong = await staff.SubmitAsync(page, "form[action='/webhooks']", new Dictionary<string, string> { ["label"] = "Écran", ["url"] = "https://192.168.1.1/" }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.StartsWith("Cette adresse n’est pas acceptée", wrong.TextOf("#url-error"), StringComparison.Ordinal);
        var made = await staff.SubmitAsync(wrong, "form[action='/webhooks']", new Dictionary<string, string> { ["url"] = "https://example.org/" }, Cancel);
        Assert.StartsWith(WebhookSigning.Prefix, made.TextOf(".notice code"), StringComparison.Ordinal);
        var removed = await staff.FollowAsync(await staff.SubmitAsync(made, "form[action$='/remove']", null, Cancel), Cancel);
        Assert.Contains("Aucun programme n’est prévenu", removed.Text, StringComparison.Ordinal);
        var back = await staff.FollowAsync(await staff.SubmitAsync(removed, ".notice form", null, Cancel), Cancel);
        Assert.Contains("Écran", back.Text, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Fields(PageAnswer page, params (string Key, string Value)[] fields)
    {
        var form = fields.ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal);
        form[BookingAuth.ForgeryHeader] = page.Document.QuerySelector($"input[name='{BookingAuth.ForgeryHeader}']")!.GetAttribute("value")!;
        return form;
    }
}
