using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using FabLab.Booking.Data;
using FabLab.Booking.Features.People;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Host.Cli;
using FabLab.Host.Hosting;
using FabLab.Host.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Host.Bench;

/// <summary>
/// The door as a process of its own, with the copy of a lab and without the network: how long from what a reader typed to the whole
/// greeting, how many bytes a screen has with all it loads, how much memory the process holds. The floor, in the same run: as many
/// requests for the smallest file of the same server.
/// </summary>
internal static partial class KioskBench
{
    private const int WarmUp = 100;

    /// <summary>How long the door may take to fetch its copy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var people = invocation.Number("--people", 2000, 1, 100_000);
        var badges = invocation.Number("--badges", 500, 1, 100_000);
        var settle = TimeSpan.FromSeconds(invocation.Number("--settle", 10, 0, 600));
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder.FullName, people, badges, settle, cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json")
                ? JsonSerializer.Serialize(result, KioskBenchJson.Default.KioskBenchResult)
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{people} people, {badges} badges, network cut: badge to greeting p50 {result.GreetingP50Ms} ms, p95 {result.GreetingP95Ms} ms (floor {result.FloorP50Ms} ms, {result.FloorP95Ms} ms); home screen {result.PageBytes} bytes; {result.RssMb} MB resident."));
            return ExitCodes.Success;
        });
    }

    private static async Task<KioskBenchResult> MeasureAsync(string folder, int people, int badges, TimeSpan settle, CancellationToken cancellationToken)
    {
        var ports = PortHolder.FindFree(IPAddress.Loopback, 2);
        var (web, port) = (ports[0], ports[1]);
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        // Its keys are made by the Booking beside it.
        var booking = await StartAsync(folder, web, people, cancellationToken);
        try
        {
            await using var door = BenchProcess.Start(
                "The door's pages are at", "kiosk", "--data", folder, "--kiosk-port", Text(port), "--web-port", Text(web));
            await door.StandsAsync(cancellationToken);
            await KnowsAsync(http, cancellationToken);
            await booking.DisposeAsync();

            var greeting = new Percentiles();
            var floor = new Percentiles();
            for (var read = 0; read < WarmUp + badges; read++)
            {
                var (taken, small) = (await GreetAsync(http, read % people, cancellationToken), await SmallestAsync(http, cancellationToken));
                if (read < WarmUp)
                    continue;
                greeting.Add(taken);
                floor.Add(small);
            }
            var (home, visit) = (await WeighAsync(http, "/", cancellationToken), await WeighAsync(http, "/visit", cancellationToken));
            await Task.Delay(settle, TimeProvider.System, cancellationToken);
            return new KioskBenchResult(
                people, badges, Ms(greeting, 0.5), Ms(greeting, 0.95), Ms(floor, 0.5), Ms(floor, 0.95), home, visit,
                door.Memory.Resident, door.Memory.Peak);
        }
        finally
        {
            await booking.DisposeAsync();
            SqliteConnection.ClearAllPools();
        }
    }

    /// <summary>From what the reader typed to the last byte of the greeting.</summary>
    private static async Task<TimeSpan> GreetAsync(HttpClient http, int person, CancellationToken cancellationToken)
    {
        using var typed = new FormUrlEncodedContent([new("text", Text(1_000_000_000 + person))]);
        var began = TimeProvider.System.GetTimestamp();
        using var read = await http.PostAsync(new Uri("/read", UriKind.Relative), typed, cancellationToken);
        if (read is not { StatusCode: HttpStatusCode.SeeOther, Headers.Location: { } to })
            throw new BenchException($"The door did not know a badge: {read.StatusCode}");
        var page = await http.GetStringAsync(to, cancellationToken);
        var taken = TimeProvider.System.GetElapsedTime(began);
        return page.Contains($"Bonjour Prenom{person}", StringComparison.Ordinal) ? taken : throw new BenchException("The door did not greet by first name.");
    }

    private static async Task<TimeSpan> SmallestAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var request = 0; request < 2; request++)
            _ = await http.GetByteArrayAsync(new Uri(FabLab.Ui.Assets.UiAssets.Url("icon.svg"), UriKind.Relative), cancellationToken);
        return TimeProvider.System.GetElapsedTime(began);
    }

    /// <summary>A screen with everything it loads, compressed where the server compresses.</summary>
    private static async Task<long> WeighAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        var html = await http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);
        long weight = System.Text.Encoding.UTF8.GetByteCount(html);
        foreach (var asset in Loaded().Matches(html).Select(match => match.Groups[1].Value).Distinct())
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(asset, UriKind.Relative));
            request.Headers.AcceptEncoding.ParseAdd("gzip");
            using var answer = await http.SendAsync(request, cancellationToken);
            weight += (await answer.Content.ReadAsByteArrayAsync(cancellationToken)).Length;
        }
        return weight;
    }

    /// <summary>Waits until the door has its copy.</summary>
    private static async Task KnowsAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var typed = new FormUrlEncodedContent([new("text", Text(1_000_000_000))]);
            using var read = await http.PostAsync(new Uri("/read", UriKind.Relative), typed, cancellationToken);
            if (read.StatusCode == HttpStatusCode.SeeOther)
                return;
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new BenchException("The door did not fetch its copy within a minute.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<WebApplication> StartAsync(string folder, int port, int people, CancellationToken cancellationToken)
    {
        var app = await BenchBooking.StartAsync(folder, cancellationToken, port, ("Kiosks:0", LabApps.KioskName));
        var hasher = BadgeKeyRing.Read(await File.ReadAllTextAsync(Path.Combine(folder, "badge.key"), cancellationToken)).Current;
        await app.Services.GetRequiredService<BookingWriter>().WriteAsync(
            (write, _) =>
            {
                for (var person = 0; person < people; person++)
                {
                    var known = new Person { Id = PersonId.New(write.Now), ShortCode = $"P{person}", DisplayName = $"Prenom{person} Nom", IsAdult = true, CreatedAt = write.Now };
                    var print = hasher.Print(ReaderProfile.EmDecimal.Parse(Text(1_000_000_000 + person))!);
                    write.Db.People.Add(known);
                    write.Db.Badges.Add(new Badge
                    {
                        Id = BadgeId.New(write.Now), Family = print.Family, Bytes = print.Bytes, Full = print.Full, Last4 = print.Last4, Last3 = print.Last3, PersonId = known.Id,
                        EnrolledAt = write.Now,
                    });
                }
                return Task.CompletedTask;
            },
            cancellationToken);
        return app;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Ms(Percentiles times, double share) => Math.Round(times.At(share) / 1000, 2);

    [GeneratedRegex("(?:src|href)=\"(/assets/[^\"]+)\"")]
    private static partial Regex Loaded();
}

/// <summary>What was measured. Times are as the client sees them.</summary>
internal sealed record KioskBenchResult(
    int People, int Badges, double GreetingP50Ms, double GreetingP95Ms, double FloorP50Ms, double FloorP95Ms, long PageBytes, long VisitPageBytes, double RssMb, double PeakRssMb);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KioskBenchResult))]
internal sealed partial class KioskBenchJson : JsonSerializerContext;
