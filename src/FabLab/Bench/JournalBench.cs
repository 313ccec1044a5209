using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Host.Cli;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Host.Bench;

/// <summary>
/// What a use of a machine costs Booking: a gateway's journal handed in over HTTP, one batch after the other as the gateway does, in
/// the batches in which it sends a use that goes on. Afterwards the ledger is compared with what was sent. The floor writes the bare
/// records, a commit for each batch, into the same file.
/// </summary>
internal static class JournalBench
{
    private const string Gateway = "bench";

    // As the gateway sends a use: what the first tap makes, the relay's word with what the second tap makes, the relay's last word.
    private static readonly int[] Batches = [2, 3, 1];

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var machines = invocation.Number("--machines", 100, 1, 1000);
        var uses = invocation.Number("--uses", 1000, 1, 1_000_000);
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder.FullName, machines, uses, cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json")
                ? JsonSerializer.Serialize(result, JournalBenchJson.Default.JournalBenchResult)
                : string.Create(CultureInfo.InvariantCulture, $"{result.Uses} uses of {result.Machines} machines, {result.Records} records in {result.Batches} batches: {result.CpuMs} ms of processor a use, {result.RecordsPerS:N0} records/s; a batch p50 {result.P50Ms} ms, p99 {result.P99Ms} ms. Floor (bare records, a commit a batch): {result.FloorRecordsPerS:N0} records/s, {result.FloorCpuMs} ms of processor a use. Ledger {(result.Exact ? "exact" : "NOT as sent")}."));
            return result.Exact ? ExitCodes.Success : ExitCodes.Failure;
        });
    }

    internal static async Task<JournalBenchResult> MeasureAsync(string folder, int machines, int uses, CancellationToken cancellationToken)
    {
        var times = new Percentiles();
        TimeSpan cpu, took;
        int records, batches;
        bool exact;
        await using (var app = await BenchBooking.StartAsync(folder, cancellationToken, settings: ("Gateways:0", Gateway)))
        {
            var stories = await FillAsync(app.Services.GetRequiredService<BookingWriter>(), machines);
            using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single() + "/") };
            var client = new GatewayClient(http, Gateway, (await File.ReadAllTextAsync(Path.Combine(folder, $"gateway-{Gateway}.key"), cancellationToken)).Trim());
            var seq = 0L;
            await SendAsync(client, Day(stories, Math.Max(machines, uses / 5), ref seq), null, cancellationToken);
            var day = Day(stories, uses, ref seq);
            var (cpuBefore, before) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            await SendAsync(client, day, times, cancellationToken);
            (cpu, took) = (Environment.CpuUsage.TotalTime - cpuBefore, Stopwatch.GetElapsedTime(before));
            (records, batches) = (day.Sum(batch => batch.Count), day.Count);
            await using (var scope = app.Services.CreateAsyncScope())
            {
                var db = scope.ServiceProvider.GetRequiredService<BookingDbContext>();
                var sums = await db.Ledger.GroupBy(row => row.MachineId).Select(rows => new { Machine = rows.Key, Count = rows.Count(), Ms = rows.Sum(row => row.PoweredMs) })
                    .ToDictionaryAsync(sum => sum.Machine, sum => (sum.Count, sum.Ms), cancellationToken);
                exact = stories.Where(story => story.Uses > 0).All(story => sums.GetValueOrDefault(story.Machine) == (story.Uses, story.PoweredMs));
            }
            await app.StopAsync(cancellationToken);
        }
        SqliteConnection.ClearAllPools();
        var (floorCpu, floorTook, floorRecords) = await FloorAsync(folder, uses, cancellationToken);
        return new JournalBenchResult(
            machines, uses, records, batches, Round(records / took.TotalSeconds), Round(cpu.TotalMilliseconds / uses), Round(times.At(0.5) / 1000), Round(times.At(0.99) / 1000),
            Round(floorRecords / floorTook.TotalSeconds), Round(floorCpu.TotalMilliseconds / uses), exact);
    }

    private static double Round(double value) => Math.Round(value, 2);

    private static async Task SendAsync(GatewayClient client, IReadOnlyList<IReadOnlyList<JournalRecord>> day, Percentiles? times, CancellationToken cancellationToken)
    {
        foreach (var batch in day)
        {
            var before = Stopwatch.GetTimestamp();
            var receipt = await client.JournalAsync(new JournalBatch(1, batch), cancellationToken);
            times?.Add(Stopwatch.GetElapsedTime(before));
            if (receipt.AcceptedUpTo != batch[^1].Seq || receipt.Refused.Count > 0)
                throw new BenchException($"A batch was not taken: {(receipt.Refused.Count > 0 ? receipt.Refused[0].Detail : "no reason")}");
        }
    }

    /// <summary>Uses of the machines in turn, so that none of them is in its next before all were in theirs.</summary>
    private static List<IReadOnlyList<JournalRecord>> Day(IReadOnlyList<Story> stories, int uses, ref long seq)
    {
        var day = new List<IReadOnlyList<JournalRecord>>();
        for (var use = 0; use < uses; use++)
        {
            var happened = stories[use % stories.Count].Use();
            var next = 0;
            foreach (var size in Batches)
            {
                var batch = new List<JournalRecord>();
                foreach (var one in happened.Skip(next).Take(size))
                    batch.Add(new JournalRecord(++seq, one.Machine, one.At, JournalKinds.Event, JsonSerializer.SerializeToElement(one, CoreJson.Options)));
                next += size;
                day.Add(batch);
            }
            if (next != happened.Count)
                throw new BenchException($"A use made {happened.Count} records.");
        }
        return day;
    }

    private static Task<List<Story>> FillAsync(BookingWriter writer, int machines) => writer.WriteAsync(
        (write, _) =>
        {
            var (db, now, stories) = (write.Db, write.Now, new List<Story>());
            var hasher = new BadgeHasher(1, "a key for measuring only, no secret"u8);
            for (var i = 0; i < machines; i++)
            {
                var rule = new MachineRule { Id = MachineId.New(now), Code = $"B-{i}", NameFr = $"Banc {i}", NameEn = $"Bench {i}", Devices = [new DeviceBinding(DeviceRole.Relay, new DeviceId($"bench-{i}"))] };
                db.Machines.Add(Machine.From(rule));
                var person = new Person { Id = PersonId.New(now), ShortCode = $"P{i}", IsAdult = true, CreatedAt = now };
                db.People.Add(person);
                var print = hasher.Print(BadgeNumber.Parse(string.Create(CultureInfo.InvariantCulture, $"em:5A{i + 1:X8}"))!);
                var badge = new Badge
                {
                    Id = BadgeId.New(now), Family = print.Family, Bytes = print.Bytes, Full = print.Full, Last4 = print.Last4, Last3 = print.Last3, PersonId = person.Id, EnrolledAt = now,
                };
                db.Badges.Add(badge);
                stories.Add(new Story(rule, person.Id, badge.Id, now - Duration.FromDays(30)));
            }
            return Task.FromResult(stories);
        },
        CancellationToken.None);

    private static async Task<(TimeSpan Cpu, TimeSpan Took, int Records)> FloorAsync(string folder, int uses, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "booking.db")};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var durable = connection.CreateCommand();
        durable.CommandText = "PRAGMA synchronous = FULL";
        await durable.ExecuteNonQueryAsync(cancellationToken);
        var (cpuBefore, before, seq) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp(), 0);
        await using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO journal (gateway, epoch, seq, at, kind, body, received_at) SELECT 'floor', 1, $seq, at, kind, body, received_at FROM journal WHERE gateway = $gateway AND epoch = 1 AND seq = $seq";
        insert.Parameters.AddWithValue("$gateway", Gateway);
        var place = insert.Parameters.Add("$seq", SqliteType.Integer);
        for (var use = 0; use < uses; use++)
        {
            foreach (var size in Batches)
            {
                await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync(cancellationToken);
                insert.Transaction = transaction;
                for (var i = 0; i < size; i++)
                {
                    place.Value = ++seq;
                    if (await insert.ExecuteNonQueryAsync(cancellationToken) != 1)
                        throw new BenchException("A record to copy is not there.");
                }
                await transaction.CommitAsync(cancellationToken);
            }
        }
        return (Environment.CpuUsage.TotalTime - cpuBefore, Stopwatch.GetElapsedTime(before), seq);
    }

    /// <summary>A machine as its gateway lives through it: signals go through Core, the durable events come out.</summary>
    private sealed class Story(MachineRule rule, PersonId person, BadgeId badge, Instant now)
    {
        private MachineState _state = MachineState.New;
        private long _up = 1000;

        public MachineId Machine => rule.Id;

        public int Uses { get; private set; }

        public long PoweredMs { get; private set; }

        /// <summary>A tap, the relay closes, a tap, the relay opens.</summary>
        public List<MachineEvent> Use()
        {
            var happened = new List<MachineEvent>();
            Tap(happened);
            Wait(200);
            Signal(new MachineSignal.RelayReported(RelayChannel.Main, true, Clock), happened);
            var length = 60_000 + Uses;
            Wait(length);
            Tap(happened);
            Signal(new MachineSignal.RelayReported(RelayChannel.Main, false, Clock), happened);
            Wait(1000);
            Uses++;
            PoweredMs += length;
            return happened;
        }

        private DeviceTime Clock => new(1, _up, now);

        private void Wait(long milliseconds)
        {
            now += Duration.FromMilliseconds(milliseconds);
            _up += milliseconds;
        }

        private void Tap(List<MachineEvent> happened)
        {
            var facts = new AccessFacts
            {
                Now = now, Zone = "Europe/Paris", Revision = 100, PolicyAge = Duration.FromMilliseconds(900), AttemptLimit = 8, Badge = BadgeFact.Active, BadgeId = badge,
                BadgeAssurance = BadgeAssurance.Number, Machine = new MachineFacts { Id = rule.Id, Code = rule.Code, Handover = true, MaxPolicyAge = Duration.FromDays(3) },
                Person = new PersonFacts { Id = person, Active = true, Adult = true, Level = HabilitationLevel.Autonomous },
            };
            Signal(new MachineSignal.Tapped(person, badge, new AccessDecision.Granted(null, new AccessTerms(person, badge, null, null, null, null, null), facts), SessionId.New(now)), happened);
        }

        private void Signal(MachineSignal signal, List<MachineEvent> happened)
        {
            var turn = MachineSessions.Decide(_state, signal, rule, now);
            _state = turn.State;
            happened.AddRange(turn.Events.Where(one => one.Durable));
        }
    }
}

/// <summary>
/// What was measured. The processor's time is that of this program, the client included, for one use. A batch's time is from the request
/// to its receipt. Exact: whether the ledger has for each machine as many rows and as many milliseconds as were sent.
/// </summary>
internal sealed record JournalBenchResult(
    int Machines, int Uses, int Records, int Batches, double RecordsPerS, double CpuMs, double P50Ms, double P99Ms, double FloorRecordsPerS, double FloorCpuMs, bool Exact);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JournalBenchResult))]
internal sealed partial class JournalBenchJson : JsonSerializerContext;
