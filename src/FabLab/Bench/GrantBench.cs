using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using FabLab.Booking.Features.SignIn;
using FabLab.Host.Cli;
using FabLab.Host.Ports;
using FabLab.Host.Running;
using Microsoft.Data.Sqlite;

namespace FabLab.Host.Bench;

/// <summary>
/// From a habilitation given over HTTP to the lease of the first tap that it allows, and from its withdrawal to the order that opens the
/// relay again: the real Booking and gateway as a process of their own, a real broker. The floor, in the same run: a bare row over HTTP,
/// then one message to the broker and its answer.
/// </summary>
internal static class GrantBench
{
    private const int WarmUp = 5;

    /// <summary>How long one of them may take before the measurement is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var runs = invocation.Number("--runs", 30, 1, 1000);
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder, runs, cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json")
                ? JsonSerializer.Serialize(result, GrantBenchJson.Default.GrantBenchResult)
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{result.Runs} habilitations given and withdrawn: in force at the relay after p50 {result.GrantP50Ms} ms, at most {result.GrantMaxMs} ms; withdrawn, the relay opens after p50 {result.WithdrawP50Ms} ms, at most {result.WithdrawMaxMs} ms. Floor: p50 {result.FloorP50Ms} ms, at most {result.FloorMaxMs} ms. Taps refused while the grant was on its way: {result.TapsTooEarly}."));
            return ExitCodes.Success;
        });
    }

    private static async Task<GrantBenchResult> MeasureAsync(DirectoryInfo folder, int runs, CancellationToken cancellationToken)
    {
        await using var broker = await BenchBroker.StartAsync(folder.FullName, PortHolder.FindFree(IPAddress.Loopback), cancellationToken);
        await using var lab = await BenchLab.StartAsync(folder.CreateSubdirectory("lab"), 1, broker.Port, cancellationToken, trained: true);
        await using var bare = BenchProcess.Start(FloorProgram.Ready, "bench", "floor", "--data", folder.FullName);
        var port = int.Parse((await bare.StandsAsync(cancellationToken))[FloorProgram.Ready.Length..], CultureInfo.InvariantCulture);
        using var plain = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        using var responder = new BareResponder(folder.FullName, broker.Port);
        using var staff = new HttpClient { BaseAddress = lab.Web };
        staff.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(lab, cancellationToken));

        var seen = Channel.CreateUnbounded<Seen>(new UnboundedChannelOptions { SingleReader = true });
        var node = new BenchNode(
            0, lab.KeyOf(0), (_, closed, at) => seen.Writer.TryWrite(new Seen(closed ? What.On : What.Off, at)), (_, _) => seen.Writer.TryWrite(new Seen(What.Refused, TimeProvider.System.GetTimestamp())));
        var links = BenchLink.Connect([node], broker.Port, (_, at) => seen.Writer.TryWrite(new Seen(What.Floor, at)));
        try
        {
            await lab.WaitUntilReadyAsync(1, [node], TimeSpan.FromMilliseconds(50), cancellationToken);
            var people = await IdsAsync(lab, cancellationToken);
            var (grant, withdraw, floor) = (new Percentiles(), new Percentiles(), new Percentiles());
            var early = 0;
            var reader = new NextReader();
            for (var run = -WarmUp; run < runs; run++)
            {
                while (seen.Reader.TryRead(out _))
                {
                }
                var person = (run + WarmUp) % 2;
                var began = TimeProvider.System.GetTimestamp();
                var given = await PostAsync(
                    staff, $"api/v1/people/{people.Of(person)}/habilitations", new JsonObject { ["training"] = people.Training, ["level"] = "autonomous", ["evidence"] = "bench" }, cancellationToken);
                var refused = 0;
                Seen came;
                do
                {
                    node.Tap(await reader.ForAsync(person, cancellationToken), person);
                    came = await NextAsync(seen, what => what is What.On or What.Refused, cancellationToken);
                }
                while (came.What == What.Refused && ++refused < 1000);
                if (came.What != What.On)
                    throw new BenchException("A habilitation was given and the machine did not start.");
                var inForce = TimeProvider.System.GetElapsedTime(began, came.At);

                began = TimeProvider.System.GetTimestamp();
                await PostAsync(
                    staff, $"api/v1/habilitations/{given["id"]!.GetValue<string>()}/withdraw", new JsonObject { ["evidence"] = "bench", ["lastAct"] = given["act"]!.GetValue<int>() }, cancellationToken);
                var opened = TimeProvider.System.GetElapsedTime(began, (await NextAsync(seen, what => what == What.Off, cancellationToken)).At);

                began = TimeProvider.System.GetTimestamp();
                using (var row = await plain.PostAsync((Uri?)null, null, cancellationToken))
                    row.EnsureSuccessStatusCode();
                node.Floor(new byte[160]);
                var least = TimeProvider.System.GetElapsedTime(began, (await NextAsync(seen, what => what == What.Floor, cancellationToken)).At);
                if (run < 0)
                    continue;
                grant.Add(inForce);
                withdraw.Add(opened);
                floor.Add(least);
                early += refused;
            }
            return new GrantBenchResult(
                runs, Ms(grant, 0.5), Ms(grant, 0.95), Ms(grant, 1), Ms(withdraw, 0.5), Ms(withdraw, 0.95), Ms(withdraw, 1), Ms(floor, 0.5), Ms(floor, 1), early);
        }
        finally
        {
            foreach (var link in links)
                link.Dispose();
        }
    }

    /// <summary>A reader takes a tag that lies on it for one reading: whoever taps again goes to another one, or waits until it has forgotten.</summary>
    private sealed class NextReader
    {
        private static readonly TimeSpan Forgotten = TimeSpan.FromMilliseconds(600);

        private readonly int[] _last = [.. Enumerable.Repeat(-1, BenchNode.Readers)];

        public async Task<int> ForAsync(int person, CancellationToken cancellationToken)
        {
            var reader = Array.FindIndex(_last, last => last != person);
            if (reader < 0)
            {
                await Task.Delay(Forgotten, TimeProvider.System, cancellationToken);
                Array.Fill(_last, -1);
                reader = 0;
            }
            _last[reader] = person;
            return reader;
        }
    }

    private static async Task<Seen> NextAsync(Channel<Seen> seen, Func<What, bool> awaited, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (true)
            {
                var next = await seen.Reader.ReadAsync(patience.Token);
                if (awaited(next.What))
                    return next;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchException($"Nothing came of it within {Patience.TotalSeconds} seconds.");
        }
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, JsonObject body, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new BenchException($"{path}: {(int)answer.StatusCode} {text}");
    }

    private static async Task<string> TokenAsync(BenchLab lab, CancellationToken cancellationToken)
    {
        var question = new JsonObject { ["do"] = "token-create", ["role"] = (int)Role.Manager, ["name"] = "bench", ["days"] = 1 };
        var answer = await LineSocket.AskAsync(Path.Combine(lab.Folder, HostSocket.FileName), question.ToJsonString(), cancellationToken);
        return (answer is null ? null : JsonNode.Parse(answer)?["token"]?.GetValue<string>()) ?? throw new BenchException($"There is no token for the measurement: {answer}");
    }

    private static async Task<Named> IdsAsync(BenchLab lab, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(lab.Folder, "booking.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT (SELECT id FROM training), (SELECT id FROM person WHERE short_code = 'P0'), (SELECT id FROM person WHERE short_code = 'P1')";
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new Named(row.GetGuid(0).ToString(), row.GetGuid(1).ToString(), row.GetGuid(2).ToString());
    }

    private static double Ms(Percentiles times, double share) => Math.Round(times.At(share) / 1000, 1);

    private enum What
    {
        On,
        Off,
        Refused,
        Floor,
    }

    private readonly record struct Seen(What What, long At);

    private sealed record Named(string Training, string First, string Second)
    {
        public string Of(int person) => person == 0 ? First : Second;
    }
}

/// <summary>What <c>bench grant --json</c> prints.</summary>
internal sealed record GrantBenchResult(
    int Runs, double GrantP50Ms, double GrantP95Ms, double GrantMaxMs, double WithdrawP50Ms, double WithdrawP95Ms, double WithdrawMaxMs, double FloorP50Ms, double FloorMaxMs, int TapsTooEarly);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GrantBenchResult))]
internal sealed partial class GrantBenchJson : JsonSerializerContext;
