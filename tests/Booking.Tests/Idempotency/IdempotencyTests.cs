using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Idempotency;

/// <summary>A repeated POST is done once, whatever breaks in between.</summary>
public sealed class IdempotencyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_same_key_and_body_get_the_same_answer_and_another_body_none(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        var before = await PeopleAsync(host);

        using var first = await PostAsync(manager, "k-1", "{\"displayName\":\"Zoé\"}");
        using var again = await PostAsync(manager, "k-1", "{\"displayName\":\"Zoé\"}");
        using var other = await PostAsync(manager, "k-1", "{\"displayName\":\"Léo\"}");
        using var elsewhere = await PostAsync(manager, "k-1", "{\"displayName\":\"Zoé\"}", "api/v1/people?x=1");
        using var fresh = await PostAsync(manager, "k-2", "{\"displayName\":\"Léo\"}");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(
            (first.StatusCode, await first.Content.ReadAsStringAsync(Cancel), first.Content.Headers.ContentType?.ToString()),
            (again.StatusCode, await again.Content.ReadAsStringAsync(Cancel), again.Content.Headers.ContentType?.ToString()));
        Assert.False(first.Headers.Contains(IdempotencyKeys.ReplayedHeader));
        Assert.Equal(["true"], again.Headers.GetValues(IdempotencyKeys.ReplayedHeader));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency_mismatch"), (other.StatusCode, await CodeAsync(other)));
        Assert.Equal("idempotency_mismatch", await CodeAsync(elsewhere));
        Assert.Equal(HttpStatusCode.Created, fresh.StatusCode);
        Assert.Equal(before + 2, await PeopleAsync(host));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Of_many_at_once_one_is_done_and_the_others_hear_its_answer_or_wait(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        var before = await PeopleAsync(host);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => PostAsync(manager, "same", "{}")));

        Assert.Equal(before + 1, await PeopleAsync(host));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict));
        foreach (var waits in answers.Where(answer => answer.StatusCode == HttpStatusCode.Conflict))
            Assert.Equal(("idempotency_in_progress", 1), (await CodeAsync(waits), (int)waits.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        Assert.Single((await Task.WhenAll(answers.Where(a => a.StatusCode == HttpStatusCode.Created).Select(a => a.Content.ReadAsStringAsync(Cancel)))).Distinct());
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task A_refusal_is_an_answer_too_and_what_was_never_understood_leaves_the_key_free()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");

        using var taken = await PostAsync(manager, "a", "{\"shortCode\":\"M01\"}");
        using var takenAgain = await PostAsync(manager, "a", "{\"shortCode\":\"M01\"}");
        using var broken = await PostAsync(manager, "b", "nonsense");
        using var whole = await PostAsync(manager, "b", "{}");

        Assert.Equal(("short_code_taken", "short_code_taken"), (await CodeAsync(taken), await CodeAsync(takenAgain)));
        Assert.True(takenAgain.Headers.Contains(IdempotencyKeys.ReplayedHeader));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Created), (broken.StatusCode, whole.StatusCode));
    }

    [Fact]
    public async Task Keys_belong_to_who_asks_and_are_free_again_after_a_day()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Features.SignIn.Role.Manager));
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Features.SignIn.Role.FrontDesk));
        var before = await PeopleAsync(host);

        (await PostAsync(manager, "k", "{}")).Dispose();
        (await PostAsync(desk, "k", "{}")).Dispose();
        Assert.Equal(before + 2, await PeopleAsync(host));
        host.Time.SetWallClock(host.Time.Now + IdempotencyKeys.Kept);
        using var later = await host.StaffBrowserAsync(RoleLab.LoginOf(Features.SignIn.Role.Manager));
        (await PostAsync(later, "k", "{\"displayName\":\"Zoé\"}")).Dispose();

        Assert.Equal(before + 3, await PeopleAsync(host));
        await host.Writer.WriteAsync(host.Services.GetRequiredService<Purge>().RoundAsync, Cancel);
        Assert.Equal(2, await host.ReadAsync(db => db.IdempotencyKeys.CountAsync(Cancel)));
        host.Time.SetWallClock(host.Time.Now + Duration.FromDays(2));
        await host.Writer.WriteAsync(host.Services.GetRequiredService<Purge>().RoundAsync, Cancel);
        Assert.Equal(0, await host.ReadAsync(db => db.IdempotencyKeys.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData(null)]
    public async Task A_key_that_is_none_is_refused(string? key)
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");

        using var answer = await PostAsync(manager, key ?? new string('k', 201), "{}");

        Assert.Equal("idempotency_key", await CodeAsync(answer));
    }

    [Fact]
    public async Task Where_secrets_pass_no_answer_is_kept()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");

        foreach (var path in new[] { $"api/v1/people/{lab.Ada}/sign-in", "api/v1/sign-in-links", "api/v1/webhooks", "api/v1/calendar" })
        {
            using var answer = await PostAsync(manager, "k", "{}", path);
            Assert.Equal("idempotency_not_here", await CodeAsync(answer));
        }
        Assert.Equal(0, await host.ReadAsync(db => db.IdempotencyKeys.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Without_the_forgery_token_nothing_is_done_and_the_key_stays_free()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        manager.DefaultRequestHeaders.Remove(BookingAuth.ForgeryHeader);

        using var answer = await PostAsync(manager, "k", "{}");

        Assert.Equal(Contracts.ProblemCodes.ForgeryToken, await CodeAsync(answer));
        Assert.Equal(0, await host.ReadAsync(db => db.IdempotencyKeys.CountAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task After_a_power_cut_between_change_and_answer_it_is_not_done_twice(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        (await PostAsync(manager, "done", "{}")).Dispose();
        (await PostAsync(manager, "not-done", "{}")).Dispose();
        // As it stands when the power goes after the change, and as it stands when it goes before.
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                foreach (var row in await write.Db.IdempotencyKeys.ToListAsync(cancel))
                {
                    Assert.True(row.Committed);
                    (row.Status, row.Answer, row.Committed) = (null, null, row.Name == "done");
                }
            },
            Cancel);
        var before = await PeopleAsync(host);

        using var soon = await PostAsync(manager, "done", "{}");
        host.Time.SetWallClock(host.Time.Now + IdempotencyKeys.Lease);
        using var done = await PostAsync(manager, "done", "{}");
        using var notDone = await PostAsync(manager, "not-done", "{}");

        Assert.Equal(("idempotency_in_progress", "idempotency_answer_lost"), (await CodeAsync(soon), await CodeAsync(done)));
        Assert.Equal(HttpStatusCode.Created, notDone.StatusCode);
        Assert.Equal(before + 1, await PeopleAsync(host));
    }

    [Fact]
    public async Task A_run_that_lost_its_key_commits_nothing()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);

        IdempotencyClaim.Current = new IdempotencyClaim(lab.Manager.Id, "k", Guid.NewGuid());
        var outcome = await host.Services.GetRequiredService<Features.People.AddPerson>().HandleAsync(new Features.People.NewPerson("X1"), lab.Manager, Cancel);
        IdempotencyClaim.Current = null;

        Assert.Equal("idempotency_in_progress", outcome.Refusal?.Code);
        Assert.False(await host.ReadAsync(db => db.People.AnyAsync(person => person.ShortCode == "X1", Cancel)));
    }

    [Fact]
    public async Task Answers_about_somebody_go_with_them()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        using var added = await PostAsync(manager, "zoe", "{\"shortCode\":\"Z1\"}");
        (await PostAsync(manager, "leo", "{\"shortCode\":\"L1\"}")).Dispose();
        var zoe = (await added.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetGuid();

        Assert.True((await host.Services.GetRequiredService<ErasePerson>().HandleAsync(new PersonId(zoe), new ErasureRequest("Z1"), lab.Manager, Cancel)).Done);

        Assert.Equal("leo", Assert.Single(await host.ReadAsync(db => db.IdempotencyKeys.ToListAsync(Cancel))).Name);
    }

    private static Task<int> PeopleAsync(BookingHost host) => host.ReadAsync(db => db.People.CountAsync(Cancel));

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string key, string body, string path = "api/v1/people")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(IdempotencyKeys.Header, key);
        return await client.SendAsync(request, Cancel);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString();
}
