using System.Data;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Booking;
using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Habilitations.Pages;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Host.Cli;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Host.Bench;

/// <summary>
/// How long the matrix people × machines takes on the server: every cell at once, asked of Core as the relay asks; one page of it as
/// a browser gets it; and the floor, the same rows read by plain SQL in the same run on the same file. docs/adr/0084.
/// </summary>
internal static class MatrixBench
{
    private const int Trainings = 30;

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var people = invocation.Number("--people", 2000, 1, 100_000);
        var machines = invocation.Number("--machines", 60, 1, 1000);
        var held = invocation.Number("--held", 6, 0, Trainings);
        var runs = invocation.Number("--runs", 30, 1, 10_000);
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder.FullName, people, machines, held, runs, cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json")
                ? JsonSerializer.Serialize(result, MatrixBenchJson.Default.MatrixBenchResult)
                : $"{people:N0} people × {machines} machines, {result.Acts:N0} acts: all cells p50 {result.AllP50Ms} ms, p95 {result.AllP95Ms} ms, {result.AllCpuMs} ms of processor; one page over HTTP p50 {result.PageP50Ms} ms, p95 {result.PageP95Ms} ms, {result.PageBytes:N0} bytes; floor (plain SQL read of the same rows) p50 {result.FloorP50Ms} ms.");
            return ExitCodes.Success;
        });
    }

    internal static async Task<MatrixBenchResult> MeasureAsync(string folder, int people, int machines, int held, int runs, CancellationToken cancellationToken)
    {
        await using var app = await StartAsync(folder, cancellationToken);
        var acts = await FillAsync(app.Services.GetRequiredService<BookingWriter>(), people, machines, held, cancellationToken);
        using var browser = await SignInAsync(new Uri(app.Urls.Single()), cancellationToken);
        var everybody = new Viewer(new StaffActor(default, Role.Manager), null);
        var clock = app.Services.GetRequiredService<TimeProvider>();
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "booking.db")};Mode=ReadOnly");
        await connection.OpenAsync(cancellationToken);

        var (all, page, floor) = (new Percentiles(), new Percentiles(), new Percentiles());
        long cells = 0, bytes = 0;
        var cpu = TimeSpan.Zero;
        // A fifth more for warming up; the three take turns, so that a busy moment of the computer falls on all of them.
        for (var run = -Math.Max(2, runs / 5); run < runs; run++)
        {
            var busy = Environment.CpuUsage.TotalTime;
            var start = Stopwatch.GetTimestamp();
            await using (var scope = app.Services.CreateAsyncScope())
            {
                var now = Instant.FromDateTimeOffset(clock.GetUtcNow());
                var sheet = await scope.ServiceProvider.GetRequiredService<MatrixQueries>().ReadAsync(everybody, new MatrixFilter(), int.MaxValue, now, cancellationToken);
                cells = sheet.Rows.Sum(row => (long)row.Cells.Count);
            }
            var read = Stopwatch.GetTimestamp();
            busy = Environment.CpuUsage.TotalTime - busy;
            bytes = (await browser.GetByteArrayAsync("/habilitations", cancellationToken)).LongLength;
            var shown = Stopwatch.GetTimestamp();
            ReadPlainly(connection);
            var plain = Stopwatch.GetTimestamp();
            if (run >= 0)
            {
                cpu += busy;
                all.Add(Stopwatch.GetElapsedTime(start, read));
                page.Add(Stopwatch.GetElapsedTime(read, shown));
                floor.Add(Stopwatch.GetElapsedTime(shown, plain));
            }
        }
        await app.StopAsync(cancellationToken);
        return new MatrixBenchResult(people, machines, acts, cells, runs, Ms(all, 0.5), Ms(all, 0.95), Math.Round((cpu / runs).TotalMilliseconds, 1), Ms(page, 0.5), Ms(page, 0.95), bytes, Ms(floor, 0.5), Ms(floor, 0.95));
    }

    internal static double Ms(Percentiles times, double share) => Math.Round(times.At(share) / 1000, 1);

    internal static Task<WebApplication> StartAsync(string folder, CancellationToken cancellationToken) =>
        BenchBooking.StartAsync(folder, cancellationToken, settings: ("Demo", "true"));

    internal static async Task<HttpClient> SignInAsync(Uri address, CancellationToken cancellationToken)
    {
        var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = address };
        var session = await browser.GetFromJsonAsync("/api/v1/session", MatrixBenchJson.Default.JsonElement, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sign-in/demo");
        request.Headers.Add(BookingAuth.ForgeryHeader, session.GetProperty("forgeryToken").GetString());
        using var answer = await browser.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return browser;
    }

    /// <summary>A lab of the size asked for; two acts for every third habilitation.</summary>
    internal static Task<int> FillAsync(BookingWriter writer, int people, int machines, int held, CancellationToken cancellationToken) => writer.WriteAsync(
        (write, _) =>
        {
            var (db, now, random, acts) = (write.Db, write.Now, new Random(1), 0);
            var trainings = Enumerable.Range(0, Trainings).Select(_ => TrainingId.New(now)).ToArray();
            db.Trainings.AddRange(trainings.Select((id, i) => new Training { Id = id, Code = $"t{i}", NameFr = $"Formation {i}", NameEn = $"Training {i}", ValidMonths = 24 }));
            for (var i = 0; i < machines; i++)
            {
                TrainingNeed need = new TrainingNeed.One(trainings[i % Trainings]);
                db.Machines.Add(Machine.From(new MachineRule
                {
                    Id = MachineId.New(now), Code = $"MAC-{i}", NameFr = $"Machine {i}", NameEn = $"Machine {i}",
                    // One in six asks for two, one of them by choice.
                    Requirement = i % 6 == 5 ? new TrainingNeed.All([need, new TrainingNeed.Any([new TrainingNeed.One(trainings[0]), new TrainingNeed.One(trainings[1])])]) : need,
                }));
            }
            for (var i = 0; i < people; i++)
            {
                var person = new Person { Id = PersonId.New(now), ShortCode = $"P{i}", DisplayName = $"Personne {i}", IsAdult = true, CreatedAt = now };
                db.People.Add(person);
                foreach (var training in trainings.OrderBy(_ => random.Next()).Take(held))
                {
                    var head = new Habilitation { Id = HabilitationId.New(now), PersonId = person.Id, TrainingId = training };
                    db.Habilitations.Add(head);
                    for (var number = 1; number <= (random.Next(3) == 0 ? 2 : 1); number++, acts++)
                    {
                        db.HabilitationActs.Add(new HabilitationAct
                        {
                            HabilitationId = head.Id, Number = number, Kind = number == 1 ? HabilitationActKind.Granted : HabilitationActKind.Renewed,
                            Level = (HabilitationLevel)random.Next(1, 4), ValidFrom = now - Duration.FromDays(100), ValidUntil = now + Duration.FromDays(random.Next(-90, 600)),
                            By = person.Id, At = now, Evidence = "Formation suivie, première pièce vue.",
                        });
                    }
                }
            }
            return Task.FromResult(acts);
        },
        cancellationToken);

    /// <summary>The least there is to do: the same rows, every column read, nothing made of them.</summary>
    private static void ReadPlainly(SqliteConnection connection)
    {
        foreach (var sql in new[]
        {
            "SELECT id, display_name, short_code, active, member_through FROM person", "SELECT * FROM machine",
            "SELECT h.person_id, h.training_id, a.* FROM habilitation_act a JOIN habilitation h ON h.id = a.habilitation_id",
        })
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader(CommandBehavior.SequentialAccess);
            while (reader.Read())
            {
                for (var i = 0; i < reader.FieldCount; i++)
                    reader.GetValue(i);
            }
        }
    }
}

/// <summary>What was measured, in milliseconds. The processor's time of all cells is the mean; on a busy computer it says more than the clock.</summary>
internal sealed record MatrixBenchResult(
    int People, int Machines, int Acts, long Cells, int Runs, double AllP50Ms, double AllP95Ms, double AllCpuMs, double PageP50Ms, double PageP95Ms, long PageBytes,
    double FloorP50Ms, double FloorP95Ms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MatrixBenchResult))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class MatrixBenchJson : JsonSerializerContext;
