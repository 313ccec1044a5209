using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using FabLab.Host.Cli;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;

namespace FabLab.Host.Bench;

/// <summary>
/// How many bookings a second a real Booking takes over HTTP, with every rule asked and every decision kept; half of them for one
/// machine on one day. Afterwards the rows are scanned for overlaps. The floor writes bare rows into the same tables behind the same
/// guard, as many in one commit, without HTTP and without a rule. docs/adr/0079.
/// </summary>
internal static class BookBench
{
    private const int People = 2000;
    private const int Machines = 60;
    private const int Days = 60;
    private const int PastOfEach = 120;
    private const int GroupSize = 64;

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var clients = invocation.Number("--clients", 32, 1, 1000);
        var seconds = invocation.Number("--seconds", 20, 1, 3600);
        var database = invocation.Value("--db") ?? "";
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder.FullName, database, clients, seconds, cancellationToken);
            if (result is null)
            {
                await invocation.Error.WriteLineAsync("fablab bench book: the database of --db is not empty; name one that is.");
                return ExitCodes.Failure;
            }
            invocation.Out.WriteLine(invocation.Has("--json")
                ? JsonSerializer.Serialize(result, BookBenchJson.Default.BookBenchResult)
                : $"{result.Database}, {clients} clients, {seconds} s: {result.BookingsPerS:N0} bookings/s and {result.RefusedPerS:N0} refusals/s, p50 {result.P50Ms} ms, p99 {result.P99Ms} ms, {result.CpuMs} ms of processor a booking, {result.Overlaps} overlaps, {result.Failed} failed; floor (bare rows, same guard) {result.FloorPerS:N0}/s; the clients with a server that does nothing {result.HttpFloorPerS:N0} requests/s, {result.HttpFloorCpuMs} ms of processor each.");
            return result is { Overlaps: 0, Failed: 0 } ? ExitCodes.Success : ExitCodes.Failure;
        });
    }

    /// <returns>Null when the database given is not empty.</returns>
    internal static async Task<BookBenchResult?> MeasureAsync(string folder, string database, int clients, int seconds, CancellationToken cancellationToken)
    {
        Lab lab;
        int overlaps;
        Load load;
        await using (var app = await BenchBooking.StartAsync(folder, cancellationToken, settings: ("Database", database)))
        {
            await using (var scope = app.Services.CreateAsyncScope())
            {
                if (await scope.ServiceProvider.GetRequiredService<BookingDbContext>().Machines.AnyAsync(cancellationToken))
                    return null;
            }
            lab = await FillAsync(app.Services.GetRequiredService<BookingWriter>(), cancellationToken);
            // As in a lab that was not filled a second ago: PostgreSQL looks at its tables by itself within a minute, and plans badly until then.
            if (database.Length > 0)
                await AnalyseAsync(database, cancellationToken);
            var token = (await app.Services.GetRequiredService<IApiTokens>().CreateAsync(new NewApiToken("bench", Role.FrontDesk, null, 1), cancellationToken)).Made!;
            load = await LoadAsync(app, lab, token.Secret, clients, seconds, cancellationToken);
            overlaps = await OverlapsAsync(app, cancellationToken);
            await app.StopAsync(cancellationToken);
        }
        SqliteConnection.ClearAllPools();
        var floor = await FloorAsync(folder, database, lab, Math.Max(2, seconds / 4), cancellationToken);
        Load bare;
        await using (var app = await StartBareAsync(cancellationToken))
        {
            bare = await LoadAsync(app, lab, "none", clients, Math.Max(2, seconds / 8), cancellationToken);
            await app.StopAsync(cancellationToken);
        }
        return new BookBenchResult(
            database.Length == 0 ? "sqlite" : "postgresql", clients, seconds, Math.Round(load.Made / (double)seconds), Math.Round(load.Refused / (double)seconds),
            Ms(load.Times, 0.5), Ms(load.Times, 0.99), Math.Round(load.Cpu.TotalMilliseconds / Math.Max(1, load.Made), 3), overlaps, load.Failed, Math.Round(floor),
            Math.Round(bare.Made / bare.Seconds), Math.Round(bare.Cpu.TotalMilliseconds / Math.Max(1, bare.Made), 3));
    }

    /// <summary>Clients that ask for bookings, each with its next request when the last is answered. The first seconds warm up and do not count.</summary>
    private static async Task<Load> LoadAsync(WebApplication app, Lab lab, string secret, int clients, int seconds, CancellationToken cancellationToken)
    {
        var (times, gate) = (new Percentiles(), new Lock());
        long made = 0, refused = 0, failed = 0, before = 0;
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = clients, UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(app.Urls.Single()) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        var warmUp = Stopwatch.GetTimestamp() + (Stopwatch.Frequency * Math.Clamp(seconds / 5, 1, 4));
        var end = warmUp + (Stopwatch.Frequency * seconds);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => ClientAsync(client), cancellationToken)));
        return new Load(made, refused, failed, seconds, times, Environment.CpuUsage.TotalTime - new TimeSpan(before));

        async Task ClientAsync(int client)
        {
            var random = new Random(client);
            var own = new Percentiles();
            long here = 0, not = 0, bad = 0;
            while (true)
            {
                var start = Stopwatch.GetTimestamp();
                if (start >= end)
                    break;
                if (start >= warmUp && Volatile.Read(ref before) == 0)
                    Interlocked.CompareExchange(ref before, Environment.CpuUsage.TotalTime.Ticks, 0);
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/bookings") { Content = Wish(lab, random) };
                using var answer = await http.SendAsync(request, cancellationToken);
                var said = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
                if (answer.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.Conflict))
                    throw new BenchException($"A wish was answered {(int)answer.StatusCode}: {Encoding.UTF8.GetString(said)}");
                if (start < warmUp)
                    continue;
                own.Add(Stopwatch.GetElapsedTime(start));
                _ = answer.StatusCode switch
                {
                    HttpStatusCode.Created => here++,
                    HttpStatusCode.Conflict => not++,
                    _ => bad++,
                };
            }
            lock (gate)
            {
                (made, refused, failed) = (made + here, refused + not, failed + bad);
                times.AddAll(own);
            }
        }
    }

    /// <summary>What the clients and a server that does nothing cost by themselves: it reads the wish and answers as many bytes.</summary>
    private static async Task<WebApplication> StartBareAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var answer = Encoding.UTF8.GetBytes($"{{\"id\":\"{new string('0', 250)}\"}}");
        app.Run(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            http.Response.StatusCode = StatusCodes.Status201Created;
            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync(answer, http.RequestAborted);
        });
        await app.StartAsync(cancellationToken);
        return app;
    }

    private static double Ms(Percentiles times, double share) => Math.Round(times.At(share) / 1000, 2);

    /// <summary>Half of all want the first machine on the first day.</summary>
    private static ByteArrayContent Wish(Lab lab, Random random)
    {
        var hot = random.Next(2) == 0;
        var day = hot ? 0 : random.Next(Days);
        var start = lab.FirstDay + Duration.FromDays(day) + Duration.FromMinutes(30 * random.Next(24));
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"machine\":\"{lab.Machines[hot ? 0 : random.Next(Machines)]}\",\"person\":\"{lab.People[random.Next(People)]}\",\"start\":{start.ToUnixTimeMilliseconds()},\"end\":{(start + Duration.FromMinutes(30)).ToUnixTimeMilliseconds()}}}");
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>A lab with hours, terms, a quota, a training that a third of the machines ask for and everybody has, and the bookings of a past half-year.</summary>
    private static Task<Lab> FillAsync(BookingWriter writer, CancellationToken cancellationToken) => writer.WriteAsync(
        (write, _) =>
        {
            var (db, now) = (write.Db, write.Now);
            var training = TrainingId.New(now);
            db.Trainings.Add(new Training { Id = training, Code = "laser", NameFr = "laser", NameEn = "laser" });
            var machines = Enumerable.Range(0, Machines).Select(_ => MachineId.New(now)).ToArray();
            for (var i = 0; i < Machines; i++)
            {
                db.Machines.Add(Machine.From(new MachineRule
                {
                    Id = machines[i], Code = $"MAC-{i}", NameFr = $"Machine {i}", NameEn = $"Machine {i}", Type = i % 3 == 0 ? "laser" : "printer",
                    Requirement = i % 3 == 0 ? new TrainingNeed.One(training) : null,
                }));
            }
            var people = Enumerable.Range(0, People).Select(_ => PersonId.New(now)).ToArray();
            for (var i = 0; i < People; i++)
            {
                db.People.Add(new Person { Id = people[i], ShortCode = $"P{i}", IsAdult = true, CreatedAt = now });
                var head = new Habilitation { Id = HabilitationId.New(now), PersonId = people[i], TrainingId = training };
                db.Habilitations.Add(head);
                db.HabilitationActs.Add(new HabilitationAct
                {
                    HabilitationId = head.Id, Number = 1, Kind = HabilitationActKind.Granted, Level = HabilitationLevel.Autonomous, ValidFrom = now, By = people[0], At = now, Evidence = "vu",
                });
            }
            db.SiteTimetables.Add(new SiteTimetableRow
            {
                Timetable = new SiteTimetable
                {
                    Zone = "UTC", ClosedOnPublicHolidays = false,
                    Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new(new LocalTime(8, 0), new LocalTime(20, 0), OpeningKind.Booked) }],
                },
            });
            db.BookingTerms.Add(new TermsRow { Scope = TermsRow.Site, Terms = new BookingTerms { Step = Duration.FromMinutes(30), MaxLength = Duration.FromHours(4), Horizon = Duration.FromDays(120) } });
            db.BookingQuotas.Add(new BookingQuotaRow { Id = QuotaId.New(now), Quota = new BookingQuota { Period = QuotaPeriod.Week, Time = Duration.FromHours(20) } });
            // Longer ago than any quota looks.
            for (var i = 0; i < Machines * PastOfEach; i++)
            {
                var begin = now - Duration.FromDays(60) - Duration.FromDays(i / Machines);
                var past = new Reservation
                {
                    Id = BookingId.New(begin), MachineId = machines[i % Machines], PersonId = people[i % People], Start = begin, End = begin + Duration.FromHours(1),
                    CreatedAt = begin, ClaimedAt = begin,
                };
                db.Reservations.Add(past);
                db.BookingSlots.Add(new BookingSlot { BookingId = past.Id, MachineId = past.MachineId, Place = 0, Start = past.Start, End = past.End });
            }
            var tomorrow = now.InUtc().Date.PlusDays(1).AtStartOfDayInZone(DateTimeZone.Utc).ToInstant();
            return Task.FromResult(new Lab(machines, people, tomorrow + Duration.FromHours(8)));
        },
        cancellationToken);

    private static async Task AnalyseAsync(string database, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await using var analyse = new NpgsqlCommand("ANALYZE", connection);
        await analyse.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Pairs of bookings that overlap on one place, counted from the rows alone.</summary>
    private static async Task<int> OverlapsAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BookingDbContext>();
        var rows = await db.Reservations.Where(r => r.CancelledAt == null && r.NoShowAt == null).Select(r => new { r.MachineId, r.Start, r.End }).ToListAsync(cancellationToken);
        var overlaps = 0;
        foreach (var machine in rows.GroupBy(r => r.MachineId))
        {
            var latest = Instant.MinValue;
            foreach (var row in machine.OrderBy(r => r.Start))
            {
                overlaps += row.Start < latest ? 1 : 0;
                latest = Instant.Max(latest, row.End);
            }
        }
        return overlaps;
    }

    /// <summary>Rows a second, as many in one commit as the writer puts there.</summary>
    private static async Task<double> FloorAsync(string folder, string database, Lab lab, int seconds, CancellationToken cancellationToken)
    {
        await using DbConnection connection = database.Length > 0
            ? new NpgsqlConnection(database)
            : new SqliteConnection($"Data Source={Path.Combine(folder, "booking.db")};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        var random = new Random(7);
        var rows = 0;
        // Years after the others, each on a time of its own.
        var at = lab.FirstDay + Duration.FromDays(1000);
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(seconds))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var insert = connection.CreateCommand();
            insert.Transaction = transaction;
            insert.CommandText = """
                INSERT INTO reservation (id, machine_id, person_id, starts_at, ends_at, created_at, version) VALUES (@id, @machine, @person, @start, @end, @start, 0);
                INSERT INTO booking_slot (booking_id, machine_id, place, starts_at, ends_at, live) VALUES (@id, @machine, 0, @start, @end, @live);
                """;
            for (var i = 0; i < GroupSize; i++, rows++)
            {
                at += Duration.FromMinutes(30);
                insert.Parameters.Clear();
                Add("@id", Guid.CreateVersion7());
                Add("@machine", lab.Machines[random.Next(Machines)].Value);
                Add("@person", lab.People[random.Next(People)].Value);
                Add("@start", at.ToUnixTimeMilliseconds());
                Add("@end", (at + Duration.FromMinutes(30)).ToUnixTimeMilliseconds());
                Add("@live", true);
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }
            await transaction.CommitAsync(cancellationToken);

            void Add(string name, object value)
            {
                var parameter = insert.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value);
                insert.Parameters.Add(parameter);
            }
        }
        return rows / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed record Load(long Made, long Refused, long Failed, double Seconds, Percentiles Times, TimeSpan Cpu);

    private sealed record Lab(MachineId[] Machines, PersonId[] People, Instant FirstDay);
}

/// <summary>
/// What was measured. Times are of one request as its client sees it. The processor's time is that of this program, clients included,
/// for one booking with the refusals that came beside it; without that of PostgreSQL. Of the bare server, for one request.
/// </summary>
internal sealed record BookBenchResult(
    string Database, int Clients, int Seconds, double BookingsPerS, double RefusedPerS, double P50Ms, double P99Ms, double CpuMs, int Overlaps, long Failed, double FloorPerS,
    double HttpFloorPerS, double HttpFloorCpuMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BookBenchResult))]
internal sealed partial class BookBenchJson : JsonSerializerContext;
