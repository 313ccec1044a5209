using System.Data;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Reports;
using FabLab.Booking.Features.Visits;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Visits;
using FabLab.Host.Cli;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Host.Bench;

/// <summary>
/// How long the report of a year takes: added up alone, as a page a browser gets, and narrowed to the strand of a funder; and the floor,
/// the same rows read by plain SQL in the same run on the same file.
/// </summary>
internal static class ReportBench
{
    private const int Lines = 8;

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var visits = invocation.Number("--visits", 50_000, 1, 1_000_000);
        var sessions = invocation.Number("--sessions", 5_000, 1, 100_000);
        var people = invocation.Number("--people", 2_000, 10, 100_000);
        var runs = invocation.Number("--runs", 30, 1, 10_000);
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder.FullName, visits, sessions, people, runs, cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json")
                ? JsonSerializer.Serialize(result, ReportBenchJson.Default.ReportBenchResult)
                : $"{visits:N0} visits, {sessions:N0} sessions with {result.Lines:N0} lines, {result.LedgerRows:N0} rows of machine time, {result.Passages:N0} comings: added up p50 {result.ReportP50Ms} ms, p95 {result.ReportP95Ms} ms, {result.ReportCpuMs} ms of processor; the page p50 {result.PageP50Ms} ms, p95 {result.PageP95Ms} ms; one strand p50 {result.StrandP50Ms} ms; floor (plain SQL read of the same rows) p50 {result.FloorP50Ms} ms.");
            return ExitCodes.Success;
        });
    }

    internal static async Task<ReportBenchResult> MeasureAsync(string folder, int visits, int sessions, int people, int runs, CancellationToken cancellationToken)
    {
        await using var app = await MatrixBench.StartAsync(folder, cancellationToken);
        var today = Instant.FromDateTimeOffset(app.Services.GetRequiredService<TimeProvider>().GetUtcNow()).InUtc().Date;
        var year = new LocalDate(today.Year - 1, 1, 1);
        var (from, until) = (year.AtStartOfDayInZone(DateTimeZone.Utc).ToInstant(), year.PlusYears(1).AtStartOfDayInZone(DateTimeZone.Utc).ToInstant());
        var strand = await FillAsync(app.Services.GetRequiredService<BookingWriter>(), from, visits, sessions, people, cancellationToken);
        using var browser = await MatrixBench.SignInAsync(new Uri(app.Urls.Single()), cancellationToken);
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "booking.db")};Mode=ReadOnly");
        await connection.OpenAsync(cancellationToken);
        var days = $"/reports?from={LocalDatePattern.Iso.Format(year)}&through={LocalDatePattern.Iso.Format(year.PlusYears(1).PlusDays(-1))}";

        var (report, page, narrow, floor) = (new Percentiles(), new Percentiles(), new Percentiles(), new Percentiles());
        var (bytes, passages, cpu) = (0L, 0, TimeSpan.Zero);
        // A fifth more for warming up; they take turns, so that a busy moment of the computer falls on all of them.
        for (var run = -Math.Max(2, runs / 5); run < runs; run++)
        {
            var busy = Environment.CpuUsage.TotalTime;
            var start = Stopwatch.GetTimestamp();
            await using (var scope = app.Services.CreateAsyncScope())
            {
                var read = await scope.ServiceProvider.GetRequiredService<ReportQueries>().ReadAsync(new ReportScope(from, until), DateTimeZone.Utc, cancellationToken);
                passages = read.Passages.Count;
            }
            var added = Stopwatch.GetTimestamp();
            busy = Environment.CpuUsage.TotalTime - busy;
            bytes = (await browser.GetByteArrayAsync(days, cancellationToken)).LongLength;
            var shown = Stopwatch.GetTimestamp();
            await browser.GetByteArrayAsync($"{days}&of=strand:{strand}", cancellationToken);
            var narrowed = Stopwatch.GetTimestamp();
            ReadPlainly(connection, from, until);
            var plain = Stopwatch.GetTimestamp();
            if (run >= 0)
            {
                cpu += busy;
                report.Add(Stopwatch.GetElapsedTime(start, added));
                page.Add(Stopwatch.GetElapsedTime(added, shown));
                narrow.Add(Stopwatch.GetElapsedTime(shown, narrowed));
                floor.Add(Stopwatch.GetElapsedTime(narrowed, plain));
            }
        }
        await app.StopAsync(cancellationToken);
        return new ReportBenchResult(
            visits, sessions, sessions * Lines, visits / 2, people, passages, runs, MatrixBench.Ms(report, 0.5), MatrixBench.Ms(report, 0.95), Math.Round((cpu / runs).TotalMilliseconds, 1),
            MatrixBench.Ms(page, 0.5), MatrixBench.Ms(page, 0.95), bytes, MatrixBench.Ms(narrow, 0.5), MatrixBench.Ms(floor, 0.5), MatrixBench.Ms(floor, 0.95));
    }

    /// <summary>A year: every day its séances and visits, half of the lines of a séance with a visit at the door, a third of the visits without a name.</summary>
    private static async Task<StrandId> FillAsync(BookingWriter writer, Instant from, int visits, int sessions, int people, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var who = Array.Empty<PersonId>();
        ProgrammeId[] programmes = [];
        StrandId[] strands = [];
        ProjectId[] projects = [];
        var machine = default(MachineId);
        await writer.WriteAsync(
            (write, _) =>
            {
                var (db, now) = (write.Db, write.Now);
                who = [.. Enumerable.Range(0, people).Select(_ => PersonId.New(now))];
                db.People.AddRange(who.Select((id, i) => new Person
                {
                    Id = id, ShortCode = $"P{i}", DisplayName = $"Personne {i}", IsAdult = i % 3 != 0, BirthDate = i % 3 == 0 ? new LocalDate(now.InUtc().Year - 15, 1 + (i % 12), 1 + (i % 28)) : null, CreatedAt = now,
                }));
                var funder = FunderId.New(now);
                db.Funders.Add(new Funder { Id = funder, Name = "Financeur", Version = 1 });
                strands = [.. Enumerable.Range(0, 4).Select(_ => StrandId.New(now))];
                db.FunderStrands.AddRange(strands.Select((id, i) => new FunderStrand { Id = id, FunderId = funder, Name = $"Volet {i}", Code = $"V{i}" }));
                programmes = [.. Enumerable.Range(0, 6).Select(_ => ProgrammeId.New(now))];
                db.Programmes.AddRange(programmes.Select((id, i) => new Programme { Id = id, NameFr = $"Programme {i}", GoalSessions = 500, Version = 1 }));
                projects = [.. Enumerable.Range(0, 200).Select(_ => ProjectId.New(now))];
                db.Projects.AddRange(projects.Select((id, i) => new Project { Id = id, Code = $"pr{i}", Name = $"Projet {i}", Type = i % 4 == 0 ? "solidaire" : "créatif", Version = 1 }));
                machine = MachineId.New(now);
                db.Machines.Add(Machine.From(new MachineRule { Id = machine, Code = "MAC-1", NameFr = "Machine", NameEn = "Machine" }));
                return Task.CompletedTask;
            },
            cancellationToken);
        const int Parts = 20;
        for (var part = 0; part < Parts; part++)
        {
            await writer.WriteAsync(
                (write, _) =>
                {
                    var db = write.Db;
                    var doors = 0;
                    for (var place = sessions * part / Parts; place < sessions * (part + 1) / Parts; place++)
                    {
                        var start = from + Duration.FromDays(place * 365L / sessions) + Duration.FromHours(9 + (place % 8));
                        var id = GroupSessionId.New(start);
                        db.GroupSessions.Add(new GroupSession
                        {
                            Id = id, Title = $"Séance {place}", ProgrammeId = programmes[place % programmes.Length], State = GroupSessionState.Locked, Start = start, End = start + Duration.FromHours(2),
                            OpenedAt = start, ClosedAt = start + Duration.FromHours(2), CreatedAt = start, Version = 1,
                        });
                        db.SessionStrands.Add(new SessionStrand { SessionId = id, StrandId = strands[place % strands.Length] });
                        var first = random.Next(people);
                        for (var line = 0; line < Lines; line++)
                        {
                            PersonId? person = line < 6 ? who[(first + line) % people] : null;
                            db.Attendees.Add(new Attendee
                            {
                                Id = AttendeeId.New(start), SessionId = id, Number = line + 1, PersonId = person, Status = AttendanceStatus.Present, Way = AttendanceWay.Ticked, ArrivedAt = start, LeftAt = start + Duration.FromHours(2),
                                AddedAt = start, Gender = (Gender)random.Next(3), Occupation = (Occupation)random.Next(5), Band = person is null ? AgeBand.From12To17 : null,
                            });
                            if (line % 2 == 0 && doors++ < visits / Parts)
                                Visit(person, start, id);
                        }
                        db.AttendanceCounts.Add(new AttendanceCount { SessionId = id, Band = AgeBand.Under12, Gender = Gender.Female, Occupation = Occupation.School, Known = false, Number = 2 });
                    }
                    for (var place = visits * part / Parts; place < (visits * (part + 1) / Parts) - doors; place++)
                        Visit(place % 3 == 0 ? null : who[random.Next(people)], from + Duration.FromDays(place * 365L / visits) + Duration.FromMinutes(random.Next(480, 1200)), null);
                    for (var place = visits / 2 * part / Parts; place < visits / 2 * (part + 1) / Parts; place++)
                    {
                        var at = from + Duration.FromDays(place * 365L / (visits / 2)) + Duration.FromMinutes(random.Next(480, 1200));
                        db.Ledger.Add(new MachineTimeEntry
                        {
                            Id = Guid.CreateVersion7(), Kind = LedgerKind.Recorded, EntryKey = $"s:{Guid.NewGuid()}", MachineId = machine, SessionId = SessionId.New(at), PersonId = who[random.Next(people)],
                            ProjectId = place % 3 == 0 ? null : projects[random.Next(projects.Length)], Start = at, End = at + Duration.FromHours(1), PoweredMs = 3_000_000, WorkingMs = 2_000_000, RecordedAt = at, Gateway = "lab", Epoch = 1,
                        });
                    }

                    void Visit(PersonId? person, Instant at, GroupSessionId? session) => db.Visits.Add(new Visit
                    {
                        Id = VisitId.New(at), PersonId = person, ArrivedAt = at, LeftAt = at + Duration.FromHours(2), Way = person is null ? VisitWay.NoName : VisitWay.Badge, AgeBand = person is null ? AgeBand.From25To39 : null,
                        First = random.Next(20) == 0, Reason = random.Next(3) == 0 ? null : random.Next(2) == 0 ? "machine" : "workshop", GroupSessionId = session?.Value, Version = 1,
                    });
                    return Task.CompletedTask;
                },
                cancellationToken);
        }
        return strands[0];
    }

    /// <summary>The least there is to do: the same rows, the columns a report needs, nothing made of them.</summary>
    private static void ReadPlainly(SqliteConnection connection, Instant from, Instant until)
    {
        foreach (var sql in new[]
        {
            "SELECT id, person_id, reason, age_band, first, arrived_at, left_at, group_session_id FROM visit WHERE NOT taken_out AND arrived_at >= @from AND arrived_at < @until",
            "SELECT id, programme_id, title, kind, starts_at, ends_at, opened_at, closed_at FROM group_session WHERE starts_at >= @from AND starts_at < @until",
            "SELECT a.session_id, a.person_id, a.way, a.arrived_at, a.left_at, a.band, a.gender, a.occupation FROM attendance a JOIN group_session s ON s.id = a.session_id WHERE a.status = 1 AND s.starts_at >= @from AND s.starts_at < @until",
            "SELECT c.* FROM attendance_count c JOIN group_session s ON s.id = c.session_id WHERE s.starts_at >= @from AND s.starts_at < @until",
            "SELECT id, birth_date FROM person WHERE birth_date IS NOT NULL", "SELECT id, type FROM project",
            "SELECT project_id, session_id, kind, powered_ms, working_ms FROM machine_time WHERE starts_at >= @from AND starts_at < @until",
        })
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            if (sql.Contains("@from", StringComparison.Ordinal))
            {
                command.Parameters.AddWithValue("@from", from.ToUnixTimeMilliseconds());
                command.Parameters.AddWithValue("@until", until.ToUnixTimeMilliseconds());
            }
            using var reader = command.ExecuteReader(CommandBehavior.SequentialAccess);
            while (reader.Read())
            {
                for (var i = 0; i < reader.FieldCount; i++)
                    reader.GetValue(i);
            }
        }
    }
}

/// <summary>What was measured, in milliseconds. The processor's time of adding up is the mean; on a busy computer it says more than the clock.</summary>
internal sealed record ReportBenchResult(
    int Visits, int Sessions, int Lines, int LedgerRows, int People, int Passages, int Runs, double ReportP50Ms, double ReportP95Ms, double ReportCpuMs, double PageP50Ms, double PageP95Ms, long PageBytes,
    double StrandP50Ms, double FloorP50Ms, double FloorP95Ms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReportBenchResult))]
internal sealed partial class ReportBenchJson : JsonSerializerContext;
