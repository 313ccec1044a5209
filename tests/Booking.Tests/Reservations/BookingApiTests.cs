using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core.Json;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.Reservations;

/// <summary>Bookings over HTTP, as a member and as staff.</summary>
public sealed class BookingApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_booking_is_made_read_moved_cancelled_and_restored_and_a_stale_version_changes_nothing(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        using var ada = await host.StaffBrowserAsync("a01");
        using var bob = await host.StaffBrowserAsync("b01");

        using var made = await PostAsync(ada, "bookings", new { machine = lab.Laser.Value, start = Ms(BookingLab.Tomorrow(14)), end = Ms(BookingLab.Tomorrow(16)), note = "lampe" });
        var id = (await ReadAsync(made)).GetProperty("id").GetGuid();
        using var read = await ada.GetAsync(made.Headers.Location, Cancel);
        using var foreign = await bob.GetAsync(made.Headers.Location, Cancel);
        using var moved = await SendAsync(ada, HttpMethod.Patch, $"bookings/{id}", new { start = Ms(BookingLab.Tomorrow(15)), end = Ms(BookingLab.Tomorrow(17)) }, "\"0\"");
        using var stale = await SendAsync(ada, HttpMethod.Patch, $"bookings/{id}", new { end = Ms(BookingLab.Tomorrow(18)) }, "\"0\"");
        using var staleCancel = await SendAsync(ada, HttpMethod.Delete, $"bookings/{id}", null, "\"0\"");
        using var nonsense = await SendAsync(ada, HttpMethod.Delete, $"bookings/{id}", null, "1");
        using var cancelled = await SendAsync(ada, HttpMethod.Delete, $"bookings/{id}", null, "\"1\"");
        using var twice = await SendAsync(ada, HttpMethod.Delete, $"bookings/{id}", null, null);
        using var restored = await PostAsync(ada, $"bookings/{id}/restore", new { });

        Assert.Equal((HttpStatusCode.Created, "\"0\""), (made.StatusCode, made.Headers.ETag?.Tag));
        Assert.Equal($"/api/v1/bookings/{id}", made.Headers.Location?.ToString());
        Assert.Equal(("lampe", "coming"), ((await ReadAsync(read)).GetProperty("note").GetString(), (await ReadAsync(read)).GetProperty("state").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal((HttpStatusCode.OK, "\"1\""), (moved.StatusCode, moved.Headers.ETag?.Tag));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "stale"), (stale.StatusCode, await CodeAsync(stale)));
        Assert.Equal(HttpStatusCode.PreconditionFailed, staleCancel.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal((HttpStatusCode.Conflict, "booking_over"), (twice.StatusCode, await CodeAsync(twice)));
        Assert.Equal((HttpStatusCode.OK, "\"3\""), (restored.StatusCode, restored.Headers.ETag?.Tag));
        var row = await lab.RowAsync(new(id));
        Assert.Equal((BookingLab.Tomorrow(15), BookingLab.Tomorrow(17), true), (row.Start, row.End, row.Stands));
        BookingLab.AssertDerivesAgain(row);
        Assert.Equal(1, await BookingLab.AssertNoOverlapAsync(host));
        Assert.Equal(["booking.cancelled", "booking.made", "booking.moved", "booking.restored"], (await host.ReadAsync(
            db => db.Audit.Select(a => a.Action).ToListAsync(Cancel))).Where(a => a.StartsWith("booking.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_refusal_says_why_what_can_be_done_and_when_it_is_free()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        using var ada = await host.StaffBrowserAsync("a01");
        using var bob = await host.StaffBrowserAsync("b01");
        var wish = new { machine = lab.Printers[0].Value, start = Ms(BookingLab.Tomorrow(14)), end = Ms(BookingLab.Tomorrow(16)) };
        using var first = await PostAsync(ada, "bookings", wish);

        using var taken = await PostAsync(bob, "bookings", wish);
        using var untrained = await PostAsync(bob, "bookings", wish with { machine = lab.Laser.Value });

        Assert.Equal(HttpStatusCode.Conflict, taken.StatusCode);
        var problem = await ReadAsync(taken);
        Assert.Equal("booking_overlap", problem.GetProperty("code").GetString());
        Assert.Equal("La machine est déjà réservée mercredi 11 mars de 14:00 à 16:00.", problem.GetProperty("sentence").GetProperty("fr").GetString());
        Assert.Equal("Next free time: Wednesday 11 March from 16:00 to 18:00.", problem.GetProperty("nextStep").GetProperty("en").GetString());
        Assert.Equal(Ms(BookingLab.Tomorrow(16)), problem.GetProperty("nextFree").GetProperty("start").GetInt64());
        Assert.Equal("training_missing", await CodeAsync(untrained));
        Assert.False(string.IsNullOrEmpty((await ReadAsync(untrained)).GetProperty("nextStep").GetProperty("fr").GetString()));
    }

    [Fact]
    public async Task Bad_input_gets_one_clear_sentence_and_changes_nothing()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        await lab.OpenAsync(new WeeklyOpening { Days = WeekDays.All, Window = new(new LocalTime(8, 0), new LocalTime(20, 0), OpeningKind.Booked) });
        using var ada = await host.StaffBrowserAsync("a01");
        using var bob = await host.StaffBrowserAsync("b01");
        using var made = await PostAsync(ada, "bookings", new { machine = lab.Laser.Value, start = Ms(BookingLab.Tomorrow(10)), end = Ms(BookingLab.Tomorrow(11)) });
        var id = (await ReadAsync(made)).GetProperty("id").GetGuid();
        var day = Duration.FromDays(1);
        (string Code, Instant Start, Instant End, Guid Machine)[] wishes =
        [
            ("no_duration", BookingLab.Tomorrow(12), BookingLab.Tomorrow(11), lab.Laser.Value),
            ("no_duration", BookingLab.Tomorrow(12), BookingLab.Tomorrow(12), lab.Laser.Value),
            ("in_the_past", lab.Now - day, lab.Now - day + Duration.FromHours(1), lab.Laser.Value),
            ("in_the_past", Instant.FromUtc(1990, 1, 1, 0, 0), Instant.FromUtc(1990, 1, 1, 1, 0), lab.Laser.Value),
            ("beyond_limit", Instant.FromUtc(2199, 1, 1, 12, 0), Instant.FromUtc(2199, 1, 1, 13, 0), lab.Laser.Value),
            ("beyond_limit", BookingLab.Tomorrow(12), Instant.FromUtc(9000, 1, 1, 0, 0), lab.Laser.Value),
            ("too_long", BookingLab.Tomorrow(12), BookingLab.Tomorrow(12) + Duration.FromDays(40), lab.Laser.Value),
            ("machine_unknown", BookingLab.Tomorrow(12), BookingLab.Tomorrow(13), Guid.NewGuid()),
            // Across midnight, when the place is closed.
            ("outside_hours", BookingLab.Tomorrow(19), BookingLab.Tomorrow(33), lab.Laser.Value),
            ("booking_overlap", BookingLab.Tomorrow(10.5), BookingLab.Tomorrow(10.75), lab.Laser.Value),
        ];

        foreach (var (code, start, end, machine) in wishes)
        {
            using var answer = await PostAsync(ada, "bookings", new { machine, start = Ms(start), end = Ms(end) });
            var problem = await ReadAsync(answer);
            Assert.True(problem.GetProperty("code").GetString() == code, $"{code}: {problem}");
            Assert.EndsWith(".", problem.GetProperty("sentence").GetProperty("fr").GetString(), StringComparison.Ordinal);
            Assert.EndsWith(".", problem.GetProperty("nextStep").GetProperty("en").GetString(), StringComparison.Ordinal);
        }
        using var foreign = await SendAsync(bob, HttpMethod.Patch, $"bookings/{id}", new { end = Ms(BookingLab.Tomorrow(12)) }, null);
        Assert.Equal((HttpStatusCode.Forbidden, "not_yours"), (foreign.StatusCode, await CodeAsync(foreign)));
        using var forOther = await PostAsync(bob, "bookings", new { machine = lab.Printers[0].Value, person = lab.Ada.Id.Value, start = Ms(BookingLab.Tomorrow(12)), end = Ms(BookingLab.Tomorrow(13)) });
        Assert.Equal(HttpStatusCode.Forbidden, forOther.StatusCode);
        using var waive = await PostAsync(bob, "bookings", new { machine = lab.Printers[0].Value, start = Ms(BookingLab.Tomorrow(12)), end = Ms(BookingLab.Tomorrow(13)), waive = new[] { "too_long" }, why = "x" });
        Assert.Equal(HttpStatusCode.Forbidden, waive.StatusCode);
        using var lines = await PostAsync(ada, "booking-series", new { machine = lab.Laser.Value, rule = new { first = "2026-03-12", start = "18:00:00", end = "19:00:00", every = "day", count = 10_000 } });
        Assert.Equal("series_too_long", await CodeAsync(lines));
        using var endless = await PostAsync(ada, "booking-series/preview", new { machine = lab.Laser.Value, rule = new { first = "2026-03-12", start = "18:00:00", end = "19:00:00", every = "day" } });
        Assert.Equal("series_without_end", await CodeAsync(endless));
        Assert.Equal(1, await BookingLab.AssertNoOverlapAsync(host));
    }

    [Fact]
    public async Task What_is_offered_as_free_can_be_booked_also_in_a_pool()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        await lab.OpenAsync(new WeeklyOpening { Days = WeekDays.All, Window = new(new LocalTime(14, 0), new LocalTime(18, 0), OpeningKind.Booked) });
        var terms = new BookingTerms { Step = Duration.FromHours(1), MaxLength = Duration.FromHours(2), OwnOverlapAllowed = true };
        await lab.TermsAsync(lab.Printers[0], terms);
        await lab.TermsAsync(lab.Printers[1], terms);
        using var ada = await host.StaffBrowserAsync("a01");
        var range = $"from={Ms(BookingLab.Tomorrow(0))}&until={Ms(BookingLab.Tomorrow(24))}";

        var of = await ada.GetFromJsonAsync<JsonElement>($"api/v1/machines/{lab.Printers[0]}/free-times?{range}", Cancel);
        var pool = await ada.GetFromJsonAsync<JsonElement>($"api/v1/pools/{lab.Pool}/free-times?{range}", Cancel);
        var machines = new HashSet<Guid>();
        for (var i = 0; i < 8; i++)
        {
            var start = pool.EnumerateArray().ElementAt(i % 4).GetProperty("start").GetInt64();
            using var answer = await PostAsync(ada, "bookings", new { pool = lab.Pool.Value, start, end = start + 3_600_000 });
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            machines.Add((await ReadAsync(answer)).GetProperty("machine").GetGuid());
        }
        var first = pool[0].GetProperty("start").GetInt64();
        using var full = await PostAsync(ada, "bookings", new { pool = lab.Pool.Value, start = first, end = first + 3_600_000 });
        var left = await ada.GetFromJsonAsync<JsonElement>($"api/v1/pools/{lab.Pool}/free-times?{range}", Cancel);
        using var tooFar = await ada.GetAsync($"api/v1/machines/{lab.Printers[0]}/free-times?from={Ms(BookingLab.Tomorrow(0))}&until={Ms(BookingLab.Tomorrow(24 * 90))}", Cancel);
        var bookables = await ada.GetFromJsonAsync<JsonElement>("api/v1/bookables", Cancel);

        Assert.Equal(4, of.GetArrayLength());
        Assert.Equal(Ms(BookingLab.Tomorrow(14)), first);
        Assert.Equal(2, machines.Count);
        Assert.Equal("pool_full", await CodeAsync(full));
        Assert.Equal(Ms(BookingLab.Tomorrow(38)), (await ReadAsync(full)).GetProperty("nextFree").GetProperty("start").GetInt64());
        Assert.Equal(0, left.GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, tooFar.StatusCode);
        Assert.Equal(5, bookables.GetArrayLength());
    }

    private static long Ms(Instant instant) => instant.ToUnixTimeMilliseconds();

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string address, object body) => SendAsync(browser, HttpMethod.Post, address, body, null);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, HttpMethod method, string address, object? body, string? match)
    {
        using var request = new HttpRequestMessage(method, $"api/v1/{address}");
        if (body is not null)
            request.Content = JsonContent.Create(body, options: CoreJson.Options);
        if (match is not null)
            request.Headers.TryAddWithoutValidation("If-Match", match);
        return await browser.SendAsync(request, Cancel);
    }

    // As text: an answer is looked at more than once.
    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer) => JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancel));

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) => (await ReadAsync(answer)).GetProperty("code").GetString();
}
