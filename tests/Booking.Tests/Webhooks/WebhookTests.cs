using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.Webhooks;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Webhooks;

/// <summary>Other programs are told in order, signed, at least once, and nowhere they should not be reached.</summary>
public sealed partial class WebhookTests
{
    private static readonly Dictionary<string, string?> Private = new() { ["Booking:Webhooks:AllowPrivate"] = "true" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Events_are_told_in_order_signed_and_without_names(DatabaseKind kind)
    {
        await using var sink = await HookSink.StartAsync();
        await using var host = await BookingHost.StartAsync(kind, Private);
        var lab = await SmallLab.InAsync(host);
        var made = await AddAsync(host, lab, sink.Url);
        sink.Answer(503, 200);

        var booking = await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await PostAsync(host);
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Moved, lab.Ada, b => b.Note = "secret", new Interval(booking.Start, booking.End));
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Cancelled, lab.Ada);
        await PostAsync(host);
        Assert.Single(sink.Taken);
        host.Time.Advance(WebhookPost.Rest(1));
        await PostAsync(host);

        Assert.Equal(["booking.made", "booking.made", "booking.moved", "booking.cancelled"], sink.Taken.Select(t => t.Event));
        Assert.All(sink.Taken, t => Assert.True(WebhookSigning.Verify(made.Secret, t.Signature, t.Body, host.Time.Now)));
        var moved = JsonSerializer.Deserialize<JsonElement>(sink.Taken.ElementAt(2).Body);
        Assert.Equal(
            ("LAS-1", "M01", booking.Start.ToUnixTimeMilliseconds()),
            (moved.GetProperty("booking").GetProperty("machineCode").GetString(), moved.GetProperty("booking").GetProperty("personCode").GetString(), moved.GetProperty("before").GetProperty("start").GetInt64()));
        Assert.DoesNotContain(sink.Taken, t => t.Body.Contains("Ada", StringComparison.Ordinal) || t.Body.Contains("secret", StringComparison.Ordinal));
        var rows = await host.ReadAsync(db => db.WebhookDeliveries.OrderBy(d => d.Seq).ToListAsync(Cancel));
        Assert.Equal([(1, 2, 200), (2, 1, 200), (3, 1, 200)], rows.Select(d => ((int)d.Seq, d.Tries, d.Status ?? 0)));
        Assert.Null((await host.ReadAsync(db => db.Webhooks.SingleAsync(Cancel))).FailingSince);
    }

    [Fact]
    public async Task A_signature_is_good_for_five_minutes_and_for_one_body_and_one_secret()
    {
        var now = Instant.FromUnixTimeSeconds(1_764_250_000);
        var header = WebhookSigning.Header("s", now, "{}");

        Assert.True(WebhookSigning.Verify("s", header, "{}", now + Duration.FromSeconds(300)));
        Assert.False(WebhookSigning.Verify("s", header, "{}", now + Duration.FromSeconds(301)));
        Assert.False(WebhookSigning.Verify("s", header, "{}", now - Duration.FromSeconds(301)));
        Assert.False(WebhookSigning.Verify("s", header, "{ }", now));
        Assert.False(WebhookSigning.Verify("t", header, "{}", now));
        foreach (var broken in new[] { null, "", "t=", "v1=", "t=1764250000", header.Replace("t=1764250000", "t=1764250001", StringComparison.Ordinal), "t=x,v1=y" })
            Assert.False(WebhookSigning.Verify("s", broken, "{}", now));

        // The worked example of the document is one that works.
        var page = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "webhooks.md"), Cancel);
        var (secret, body) = (Block(page, "secret"), Block(page, "body"));
        var told = Block(page, "header")["FabLab-Signature: ".Length..];
        Assert.Equal(WebhookSigning.Header(secret, now, body), told);
        Assert.All(WebhookEvents.Kinds, kind => Assert.Contains($"`{kind}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_takes_nothing_for_three_days_is_switched_off_with_an_alarm_and_goes_on_later()
    {
        await using var sink = await HookSink.StartAsync();
        await using var host = await BookingHost.StartAsync(settings: Private);
        var lab = await SmallLab.InAsync(host);
        var made = await AddAsync(host, lab, sink.Url);
        sink.Answer(500);
        await Told.MakeAsync(host, lab.Machine, lab.Ada);

        await PostAsync(host);
        host.Time.SetWallClock(host.Time.Now + WebhookPost.OffAfter);
        await PostAsync(host);
        await PostAsync(host);

        var off = await host.ReadAsync(db => db.Webhooks.SingleAsync(Cancel));
        Assert.Equal((false, host.Time.Now), (off.Active, off.SwitchedOffAt!.Value));
        Assert.Equal(2, sink.Taken.Count);
        Assert.Equal([HouseAlarms.WebhookOff], await host.ReadAsync(db => db.Alarms.Select(a => a.Code).ToListAsync(Cancel)));
        sink.Answer(200);
        var on = await host.Services.GetRequiredService<KeepWebhooks>().ChangeAsync(made.Id, new WebhookWish("Écran", sink.Url, WebhookEvents.Kinds, true, off.Version), lab.Manager, Cancel);
        await PostAsync(host);
        Assert.True(on.Done);
        Assert.Equal(3, sink.Taken.Count);
        Assert.Equal(DeliveryState.Done, (await host.ReadAsync(db => db.WebhookDeliveries.SingleAsync(Cancel))).State);
    }

    [Fact]
    public async Task One_that_says_it_is_gone_is_switched_off_at_once()
    {
        await using var sink = await HookSink.StartAsync();
        await using var host = await BookingHost.StartAsync(settings: Private);
        var lab = await SmallLab.InAsync(host);
        await AddAsync(host, lab, sink.Url);
        sink.Answer(410);

        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await PostAsync(host);

        Assert.False((await host.ReadAsync(db => db.Webhooks.SingleAsync(Cancel))).Active);
    }

    [Fact]
    public async Task A_delivery_that_is_refused_again_and_again_is_set_aside_and_can_be_sent_again()
    {
        await using var sink = await HookSink.StartAsync();
        await using var host = await BookingHost.StartAsync(settings: Private);
        var lab = await SmallLab.InAsync(host);
        await AddAsync(host, lab, sink.Url);
        sink.Answer([.. Enumerable.Repeat(400, WebhookPost.MostRefusals), 200]);
        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(60));

        for (var round = 0; round < WebhookPost.MostRefusals; round++)
        {
            await PostAsync(host);
            host.Time.SetWallClock(host.Time.Now + Duration.FromHours(6));
        }
        await PostAsync(host);
        var rows = await host.ReadAsync(db => db.WebhookDeliveries.OrderBy(d => d.Seq).ToListAsync(Cancel));
        Assert.Equal([DeliveryState.SetAside, DeliveryState.Done], rows.Select(d => d.State));
        using var manager = await host.StaffBrowserAsync("g01");
        using var resent = await manager.PostAsJsonAsync($"api/v1/webhook-deliveries/{rows[0].Id}/resend", new { }, Cancel);
        await PostAsync(host);

        Assert.Equal(HttpStatusCode.OK, resent.StatusCode);
        var last = sink.Taken.Last();
        Assert.Equal(rows[0].Body, last.Body);
        Assert.NotEqual(rows[0].Id.ToString(), last.Delivery);
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_a_way()
    {
        await using var sink = await HookSink.StartAsync();
        await using var host = await BookingHost.StartAsync(settings: Private);
        var lab = await SmallLab.InAsync(host);
        await AddAsync(host, lab, sink.Url);
        sink.Answer(307);

        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await PostAsync(host);

        Assert.Single(sink.Taken);
        Assert.Equal((DeliveryState.Due, 307), ((await DeliveryAsync(host)).State, (await DeliveryAsync(host)).Status!.Value));
    }

    [Theory]
    [InlineData("http://example.org/hook")]
    [InlineData("https://127.0.0.1/hook")]
    [InlineData("https://localhost/hook")]
    [InlineData("https://[::1]/hook")]
    [InlineData("https://[::ffff:10.0.0.1]/hook")]
    [InlineData("https://10.1.2.3/hook")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://2130706433/hook")]
    [InlineData("https://0x7f.1/hook")]
    [InlineData("https://[fd00::1]/hook")]
    [InlineData("https://user:pass@example.org/hook")]
    [InlineData("https://example.org/hook#part")]
    [InlineData("ftp://example.org/hook")]
    [InlineData("file:///etc/passwd")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task An_address_that_is_not_public_is_refused(string url)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);

        var outcome = await host.Services.GetRequiredService<KeepWebhooks>().AddAsync(new WebhookWish("x", url, WebhookEvents.Kinds), lab.Manager, Cancel);

        Assert.Equal("url", outcome.Refusal?.Field);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("172.31.255.255", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("::ffff:192.168.1.1", false)]
    public void Addresses_are_told_apart(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.Has(IPAddress.Parse(address)));

    [Fact]
    public async Task A_name_that_leads_home_is_refused_when_it_is_called()
    {
        await using var sink = await HookSink.StartAsync();
        using var sender = new WebhookSender(Microsoft.Extensions.Options.Options.Create(new BookingOptions()), TimeProvider.System)
        {
            Lookup = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        };

        // The name itself looks innocent; where it leads does not.
        var answer = await sender.SendAsync(
            new DeliveryToSend(Guid.NewGuid(), Guid.NewGuid(), $"https://innocent.example.org:{new Uri(sink.Url).Port}/hook", "s", "test", "{}"), Cancel);

        Assert.Equal("address_refused", answer.Fault);
        Assert.Empty(sink.Taken);
    }

    [Fact]
    public async Task The_secret_is_shown_once_kept_sealed_and_a_new_one_counts_at_once()
    {
        await using var sink = await HookSink.StartAsync();
        await using var host = await BookingHost.StartAsync(settings: Private);
        var lab = await SmallLab.InAsync(host);
        var made = await AddAsync(host, lab, sink.Url);
        using var manager = await host.StaffBrowserAsync("g01");

        using var renewed = await manager.PostAsync($"api/v1/webhooks/{made.Id}/secret", null, Cancel);
        var secret = (await renewed.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("secret").GetString()!;
        using var test = await manager.PostAsync($"api/v1/webhooks/{made.Id}/test", null, Cancel);
        await PostAsync(host);

        var taken = Assert.Single(sink.Taken);
        Assert.Equal(WebhookEvents.Test, taken.Event);
        Assert.True(WebhookSigning.Verify(secret, taken.Signature, taken.Body, host.Time.Now));
        Assert.False(WebhookSigning.Verify(made.Secret, taken.Signature, taken.Body, host.Time.Now));
        var list = await manager.GetStringAsync("api/v1/webhooks", Cancel) + await manager.GetStringAsync($"api/v1/webhooks/{made.Id}/deliveries", Cancel);
        Assert.DoesNotContain("whsec", list, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec", (await host.ReadAsync(db => db.Webhooks.SingleAsync(Cancel))).Secret, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_told_of_somebody_goes_with_them_and_a_removed_program_comes_back()
    {
        await using var sink = await HookSink.StartAsync();
        await using var host = await BookingHost.StartAsync(settings: Private);
        var lab = await SmallLab.InAsync(host);
        var made = await AddAsync(host, lab, sink.Url);
        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(60));
        var keep = host.Services.GetRequiredService<KeepWebhooks>();

        Assert.True((await host.Services.GetRequiredService<ErasePerson>().HandleAsync(lab.Ada, new ErasureRequest("M01"), lab.Manager, Cancel)).Done);
        Assert.Equal(lab.Bob, (await DeliveryAsync(host)).PersonId);
        Assert.True((await keep.RemoveAsync(made.Id, removed: true, lab.Manager, Cancel)).Done);
        Assert.Equal("webhook_unknown", (await keep.TestAsync(made.Id, lab.Manager, Cancel)).Refusal?.Code);
        Assert.True((await keep.RemoveAsync(made.Id, removed: false, lab.Manager, Cancel)).Done);
        Assert.True((await keep.TestAsync(made.Id, lab.Manager, Cancel)).Done);
    }

    internal static async Task<WebhookMade> AddAsync(BookingHost host, SmallLab lab, string url) =>
        (await host.Services.GetRequiredService<KeepWebhooks>().AddAsync(new WebhookWish("Écran", url, WebhookEvents.Kinds), lab.Manager, Cancel)).Value;

    private static Task PostAsync(BookingHost host) => host.Services.GetRequiredService<WebhookPost>().RoundAsync(Cancel);

    private static Task<WebhookDelivery> DeliveryAsync(BookingHost host) => host.ReadAsync(db => db.WebhookDeliveries.SingleAsync(Cancel));

    private static string Root()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "FabLab.sln")))
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("No solution above the tests.");
        return root;
    }

    private static string Block(string page, string name) => Fence().Matches(page).Single(match => match.Groups["name"].Value == name).Groups["text"].Value;

    [GeneratedRegex(@"```(?<name>\w+)\n(?<text>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
