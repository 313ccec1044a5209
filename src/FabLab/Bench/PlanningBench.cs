using System.Data;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Host.Cli;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Host.Bench;

/// <summary>How long the week page of the planning takes on the server, as a browser of staff gets it; and the floor, the same rows read by plain SQL in the same run on the same file.</summary>
internal static class PlanningBench
{
    private const int OpensAt = 8;

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var machines = invocation.Number("--machines", 200, 1, 1000);
        var bookings = invocation.Number("--bookings", 8, 1, 12);
        var people = invocation.Number("--people", 500, 1, 10_000);
        var runs = invocation.Number("--runs", 30, 1, 10_000);
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder.FullName, machines, bookings, people, runs, cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json")
                ? JsonSerializer.Serialize(result, PlanningBenchJson.Default.PlanningBenchResult)
                : $"{machines:N0} machines × {bookings} bookings a day, a week of {result.Rows:N0}: the page p50 {result.PageP50Ms} ms, p95 {result.PageP95Ms} ms, {result.PageCpuMs} ms of processor, {result.PageBytes:N0} bytes; floor (plain SQL read of the same rows) p50 {result.FloorP50Ms} ms.");
            return ExitCodes.Success;
        });
    }

    internal static async Task<PlanningBenchResult> MeasureAsync(string folder, int machines, int bookings, int people, int runs, CancellationToken cancellationToken)
    {
        await using var app = await MatrixBench.StartAsync(folder, cancellationToken);
        var today = Instant.FromDateTimeOffset(app.Services.GetRequiredService<TimeProvider>().GetUtcNow()).InUtc().Date;
        var monday = today.PlusDays(1 - (int)today.DayOfWeek);
        await FillAsync(app.Services.GetRequiredService<BookingWriter>(), monday, machines, bookings, people, cancellationToken);
        using var browser = await MatrixBench.SignInAsync(new Uri(app.Urls.Single()), cancellationToken);
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "booking.db")};Mode=ReadOnly");
        await connection.OpenAsync(cancellationToken);
        var address = $"/planning?view=week&day={LocalDatePattern.Iso.Format(monday)}";

        var (page, floor) = (new Percentiles(), new Percentiles());
        var (bytes, rows, cpu) = (0L, 0, TimeSpan.Zero);
        // A fifth more for warming up; the two take turns, so that a busy moment of the computer falls on both.
        for (var run = -Math.Max(2, runs / 5); run < runs; run++)
        {
            var busy = Environment.CpuUsage.TotalTime;
            var start = Stopwatch.GetTimestamp();
            bytes = (await browser.GetByteArrayAsync(address, cancellationToken)).LongLength;
            var shown = Stopwatch.GetTimestamp();
            busy = Environment.CpuUsage.TotalTime - busy;
            rows = ReadPlainly(connection, monday);
            var plain = Stopwatch.GetTimestamp();
            if (run >= 0)
            {
                cpu += busy;
                page.Add(Stopwatch.GetElapsedTime(start, shown));
                floor.Add(Stopwatch.GetElapsedTime(shown, plain));
            }
        }
        await app.StopAsync(cancellationToken);
        return new PlanningBenchResult(
            machines, bookings, people, rows, runs, MatrixBench.Ms(page, 0.5), MatrixBench.Ms(page, 0.95), Math.Round((cpu / runs).TotalMilliseconds, 1), bytes, MatrixBench.Ms(floor, 0.5), MatrixBench.Ms(floor, 0.95));
    }

    /// <summary>A week in which every machine is booked so many times a day, an hour each.</summary>
    private static Task FillAsync(BookingWriter writer, LocalDate monday, int machines, int bookings, int people, CancellationToken cancellationToken) => writer.WriteAsync(
        (write, _) =>
        {
            var (db, now) = (write.Db, write.Now);
            var who = Enumerable.Range(0, people).Select(_ => PersonId.New(now)).ToArray();
            db.People.AddRange(who.Select((id, i) => new Person { Id = id, ShortCode = $"P{i}", DisplayName = $"Personne {i}", IsAdult = true, CreatedAt = now }));
            for (var i = 0; i < machines; i++)
            {
                var machine = MachineId.New(now);
                db.Machines.Add(Machine.From(new MachineRule { Id = machine, Code = $"MAC-{i}", NameFr = $"Machine {i}", NameEn = $"Machine {i}" }));
                for (var place = 0; place < 7 * bookings; place++)
                {
                    var (id, start) = (BookingId.New(now), monday.PlusDays(place / bookings).AtStartOfDayInZone(DateTimeZone.Utc).ToInstant() + Duration.FromHours(OpensAt + (place % bookings)));
                    db.Reservations.Add(new Reservation { Id = id, MachineId = machine, PersonId = who[((i * 7 * bookings) + place) % people], Start = start, End = start + Duration.FromHours(1), CreatedAt = now });
                    db.BookingSlots.Add(new BookingSlot { BookingId = id, MachineId = machine, Place = 0, Start = start, End = start + Duration.FromHours(1) });
                }
            }
            return Task.CompletedTask;
        },
        cancellationToken);

    /// <summary>The least there is to do: the same rows with their names, the columns the page shows, nothing made of them.</summary>
    private static int ReadPlainly(SqliteConnection connection, LocalDate monday)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT r.id, r.machine_id, r.starts_at, r.ends_at, r.kind, r.version, r.claimed_at, r.person_id, r.why, p.display_name
            FROM reservation r LEFT JOIN person p ON p.id = r.person_id
            WHERE r.cancelled_at IS NULL AND r.no_show_at IS NULL AND r.starts_at < @until AND r.ends_at > @from
            ORDER BY r.starts_at
            """;
        command.Parameters.AddWithValue("@from", monday.AtStartOfDayInZone(DateTimeZone.Utc).ToInstant().ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("@until", monday.PlusDays(7).AtStartOfDayInZone(DateTimeZone.Utc).ToInstant().ToUnixTimeMilliseconds());
        using var reader = command.ExecuteReader(CommandBehavior.SequentialAccess);
        var rows = 0;
        for (; reader.Read(); rows++)
        {
            for (var i = 0; i < reader.FieldCount; i++)
                reader.GetValue(i);
        }
        return rows;
    }
}

/// <summary>What was measured, in milliseconds. The processor's time of the page is the mean; on a busy computer it says more than the clock.</summary>
internal sealed record PlanningBenchResult(
    int Machines, int Bookings, int People, int Rows, int Runs, double PageP50Ms, double PageP95Ms, double PageCpuMs, long PageBytes, double FloorP50Ms, double FloorP95Ms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PlanningBenchResult))]
internal sealed partial class PlanningBenchJson : JsonSerializerContext;
