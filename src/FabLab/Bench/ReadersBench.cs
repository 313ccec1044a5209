using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FabLab.Host.Cli;
using FabLab.Host.Demo;
using FabLab.Host.Ports;
using FabLab.Protocol;

namespace FabLab.Host.Bench;

/// <summary>
/// From a card at a reader of each kind to the relay command, through the whole gateway. Each kind has a machine of its own whose relay is one
/// of our own nodes, so what differs is the way from the reader in; our own node's reader is what the others are compared with. They take turns.
/// </summary>
internal static class ReadersBench
{
    private const int WarmUp = 3;
    private const string OsdpKey = "000102030405060708090A0B0C0D0E0F";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Readers join what comes soon after: none is tapped again, with the other card, before this time is over.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(1600);

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var runs = invocation.Number("--runs", 30, 1, 1000);
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder, runs, cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json") ? JsonSerializer.Serialize(result, ReadersBenchJson.Default.ReadersBenchResult) : Words(result));
            return result.Lost == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
    }

    private static async Task<ReadersBenchResult> MeasureAsync(DirectoryInfo folder, int runs, CancellationToken cancellationToken)
    {
        await using var broker = await BenchBroker.StartAsync(folder.FullName, PortHolder.FindFree(IPAddress.Loopback), cancellationToken);
        var lines = folder.CreateSubdirectory("lines").FullName;
        var stands = Stand.All(lines);
        var cards = Path.Combine(lines, "pcscd");
        // The gateway's libpcsclite asks there for the service.
        Environment.SetEnvironmentVariable("PCSCLITE_CSOCK_NAME", cards);
        var home = folder.CreateSubdirectory("lab");
        var list = Path.Combine(folder.FullName, "readers.json");
        await File.WriteAllTextAsync(list, new JsonArray([.. stands.Where(stand => stand.Reader is not null).Select(stand => (JsonNode)stand.Reader!.DeepClone())]).ToJsonString(), cancellationToken);
        await using var hand = await Hand.StartAsync(list, lines, cards, cancellationToken);
        await using var lab = await GatewayLab.StartAsync(home, stands.SelectMany(stand => stand.Devices), Stand.Describe(stands), broker.Port, cancellationToken);
        var devices = stands.Sum(stand => stand.Devices.Count());
        await lab.WaitAsync(stands.Count, devices, online: false, cancellationToken);
        var links = BenchLink.Connect([.. stands.Select(stand => stand.Node)], broker.Port, (_, _) => { });
        using var load = new CancellationTokenSource();
        var ticking = TickAsync(stands, load.Token);
        try
        {
            foreach (var stand in stands)
                stand.Plug?.Connect(broker.Port);
            await lab.WaitAsync(stands.Count, devices, online: true, cancellationToken);
            while (!stands.All(stand => stand.Node.HasGateway))
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            for (var run = -Math.Min(WarmUp, runs); run < runs; run++)
            {
                var began = TimeProvider.System.GetTimestamp();
                foreach (var stand in stands)
                    await stand.TapAsync(hand, run, cancellationToken);
                if (run < runs - 1 && Round - TimeProvider.System.GetElapsedTime(began) is { Ticks: > 0 } left)
                    await Task.Delay(left, TimeProvider.System, cancellationToken);
            }
            var own = stands[0].Told.At(0.5);
            return new ReadersBenchResult(
                runs, stands.Sum(stand => stand.Lost),
                [.. stands.Select(stand => new ReaderFigures(stand.Kind, Ms(stand.Told.At(0.5)), Ms(stand.Told.At(0.95)), Ms(stand.Told.At(0.5) - own), Ms(stand.Laid.At(0.5)), Ms(stand.Laid.At(0.95))))]);
        }
        finally
        {
            await load.CancelAsync();
            await ticking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var link in links)
                link.Dispose();
            foreach (var stand in stands)
                stand.Plug?.Dispose();
        }
    }

    private static double Ms(double microseconds) => Math.Round(microseconds / 1000, 2);

    private static string Words(ReadersBenchResult result) => string.Join('\n', result.Readers.Select(reader => string.Create(
        CultureInfo.InvariantCulture,
        $"{reader.Reader}: told to relay command p50 {reader.P50Ms} ms, p95 {reader.P95Ms} ms, {reader.AboveOwnMs:+0.00;-0.00;0.00} ms to our own node; laid there to relay command p50 {reader.LaidP50Ms} ms, p95 {reader.LaidP95Ms} ms.")))
        + (result.Lost == 0 ? "" : $"\n{result.Lost} taps were lost.");

    private static async Task TickAsync(List<Stand> stands, CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var stand in stands)
                stand.Node.Tick();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>A reader, the machine it is at, and the node that switches it.</summary>
    private sealed class Stand
    {
        private readonly DeviceKey _key = DeviceKey.Create();
        private readonly int _index;
        private readonly string[] _cards;
        private readonly Action<Stand, int>? _tap;
        private TaskCompletionSource<(bool Closed, long At)> _moved = new();
        private int _stops;

        /// <param name="index">Its number.</param>
        /// <param name="kind">What it is called in the result.</param>
        /// <param name="cards">Two numbers, as the lab's description has them.</param>
        /// <param name="reader">What <c>devices.json</c> has of the reader, where it is a device of its own on a line of this computer.</param>
        /// <param name="plug">The reader, where it is a bought device on the broker.</param>
        /// <param name="tap">Holds one of the cards there, where the hand of the virtual lab does not.</param>
        private Stand(int index, string kind, string[] cards, JsonObject? reader = null, BenchPlug? plug = null, Action<Stand, int>? tap = null)
        {
            (_index, Kind, _cards, Reader, Plug, _tap) = (index, kind, cards, reader, plug, tap);
            Node = new BenchNode(index, _key, (_, closed, at) => _moved.TrySetResult((closed, at)), (_, _) => { });
        }

        public string Kind { get; }

        public BenchNode Node { get; }

        public JsonObject? Reader { get; }

        public BenchPlug? Plug { get; }

        /// <summary>From the bytes that tell of the card.</summary>
        public Percentiles Told { get; } = new();

        /// <summary>From the moment at which the card was laid there.</summary>
        public Percentiles Laid { get; } = new();

        public int Lost { get; private set; }

        public IEnumerable<JsonNode> Devices
        {
            get
            {
                yield return new JsonObject { ["id"] = Node.Device.Value, ["driver"] = "node", ["link"] = "mqtt", ["channels"] = 1, ["key"] = _key.ToBase64Url(), ["keyId"] = 1 };
                if ((Reader ?? Plug?.Settings) is { } other)
                    yield return other.DeepClone();
            }
        }

        /// <summary>Every kind that is; the first is our own node.</summary>
        public static List<Stand> All(string lines)
        {
            var stands = new List<Stand>();
            Add("node", Em, tap: (stand, card) => stand.Node.Tap(0, stand._cards[card]));
            Add("node on a serial line", Em, At("node", new() { ["channels"] = 0, ["key"] = DeviceKey.Create().ToBase64Url(), ["keyId"] = 1 }));
            Add("wiegand through a node", index => Em(index), tap: (stand, card) => stand.Node.Tap(0, "w:" + stand._cards[card][^8..]));
            AddPlug("tasmota", "tasmota, RC522", Iso, (stand, card) => stand.Plug!.Scan($$$"""{"RC522":{"UID":"{{{stand._cards[card][4..]}}}","Data":"","Type":"MIFARE 1KB"}}"""));
            AddPlug("tasmota", "tasmota, PN532", Iso, (stand, card) => stand.Plug!.Scan($$$"""{"PN532":{"UID":"{{{stand._cards[card][4..]}}}","Data":""}}"""));
            AddPlug("tasmota", "tasmota, RDM6300", Em, (stand, card) => stand.Plug!.Scan($$$"""{"RDM6300":{"UID":"{{{stand._cards[card][^8..]}}}"}}"""));
            AddPlug("esphome", "esphome", Em, (stand, card) => stand.Plug!.Scan(stand._cards[card][^8..]));
            AddPlug("homeassistant", "homeassistant", Em, (stand, card) => stand.Plug!.Scan(stand._cards[card][3..]));
            Add("rdm6300", Em, At("rdm6300"));
            Add("pn532", Iso, At("pn532"));
            Add("osdp", Iso, At("osdp", new() { ["key"] = OsdpKey }));
            Add("wedge", Em, At("wedge"));
            if (NativeLibrary.TryLoad("libpcsclite.so.1", out _))
                Add("pcsc", Iso, index => new JsonObject { ["id"] = $"pcsc-{index}", ["driver"] = "pcsc", ["link"] = "serial", ["path"] = "Virtual NFC Reader", ["channels"] = 0 });
            return stands;

            static string[] Em(int index) => [Number("em:5A11", index, 0), Number("em:5A11", index, 1)];

            static string[] Iso(int index) => [Number("iso:0E", index, 0), Number("iso:0E", index, 1)];

            static string Number(string before, int index, int card) => string.Create(CultureInfo.InvariantCulture, $"{before}{(index * 2) + card + 1:X6}");

            Func<int, JsonObject> At(string driver, JsonObject? more = null) => index =>
            {
                var settings = new JsonObject { ["id"] = $"{driver}-at-{index}", ["driver"] = driver, ["link"] = "serial", ["path"] = Path.Combine(lines, $"{driver}-{index}"), ["channels"] = 0 };
                foreach (var (name, value) in more ?? [])
                    settings[name] = value?.DeepClone();
                return settings;
            };

            void Add(string kind, Func<int, string[]> cards, Func<int, JsonObject>? reader = null, Action<Stand, int>? tap = null) =>
                stands.Add(new Stand(stands.Count, kind, cards(stands.Count), reader?.Invoke(stands.Count), null, tap));

            void AddPlug(string driver, string kind, Func<int, string[]> cards, Action<Stand, int> tap) =>
                stands.Add(new Stand(stands.Count, kind, cards(stands.Count), null, BenchPlug.Create(driver, stands.Count), tap));
        }

        public static JsonObject Describe(List<Stand> stands) => new()
        {
            ["site"] = new JsonObject { ["name"] = "Bench" },
            ["devices"] = new JsonArray([.. stands.SelectMany(stand => stand.Devices).Select(device => (JsonNode)new JsonObject
            {
                ["id"] = device["id"]!.GetValue<string>(), ["driver"] = device["driver"]!.GetValue<string>(), ["channels"] = device["driver"]!.GetValue<string>() == "node" ? BenchNode.Readers : device["channels"]!.GetValue<int>(),
            })]),
            ["machines"] = new JsonArray([.. stands.Select(stand => (JsonNode)stand.Machine())]),
            // The third badge is the one that ends the use at the node.
            ["people"] = new JsonArray([.. stands.Select(stand => (JsonNode)new JsonObject
            {
                ["code"] = $"P{stand._index}", ["age"] = 30, ["badges"] = new JsonArray([.. stand._cards.Select(card => (JsonNode)card), BenchLab.TagOf(stand._index, 0)]),
            })]),
        };

        /// <summary>Lays a card there, waits for the relay, and ends the use at the node's own reader.</summary>
        public async Task TapAsync(Hand hand, int run, CancellationToken cancellationToken)
        {
            var card = (run + WarmUp) % 2;
            var laid = TimeProvider.System.GetTimestamp();
            var told = laid;
            _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var heard = _tap is null ? hand.LayAsync(Reader!["id"]!.GetValue<string>(), _cards[card][(_cards[card].IndexOf(':', StringComparison.Ordinal) + 1)..]) : Task.FromResult((laid, told));
            _tap?.Invoke(this, card);
            try
            {
                (laid, told) = await heard.WaitAsync(Patience, TimeProvider.System, cancellationToken);
                var (closed, at) = await _moved.Task.WaitAsync(Patience, TimeProvider.System, cancellationToken);
                if (closed && run >= 0)
                {
                    Told.Add(TimeProvider.System.GetElapsedTime(told, at));
                    Laid.Add(TimeProvider.System.GetElapsedTime(laid, at));
                }
                _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
                Node.Tap(1 + (_stops++ % (BenchNode.Readers - 1)), 0);
                await _moved.Task.WaitAsync(Patience, TimeProvider.System, cancellationToken);
            }
            catch (TimeoutException)
            {
                Lost++;
            }
        }

        private JsonObject Machine()
        {
            var bindings = new JsonArray(new JsonObject { ["role"] = "relay", ["device"] = Node.Device.Value, ["channel"] = 0 });
            for (var reader = 0; reader < BenchNode.Readers; reader++)
                bindings.Add(new JsonObject { ["role"] = "reader", ["device"] = Node.Device.Value, ["channel"] = reader });
            if ((Reader ?? Plug?.Settings) is { } other)
                bindings.Add(new JsonObject { ["role"] = "reader", ["device"] = other["id"]!.GetValue<string>(), ["channel"] = 0 });
            return new JsonObject { ["code"] = $"B-{_index}", ["nameFr"] = Kind, ["nameEn"] = Kind, ["attended"] = false, ["leaseSeconds"] = 30, ["devices"] = bindings };
        }
    }

    /// <summary>The virtual lab's hand, with the readers on lines of this computer: a process of its own.</summary>
    private sealed class Hand : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly ConcurrentDictionary<string, TaskCompletionSource<(long Laid, long Told)>> _awaited = new(StringComparer.Ordinal);
        private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private Hand(Process process)
        {
            _process = process;
            process.OutputDataReceived += (_, line) => Hear(line.Data);
            process.BeginOutputReadLine();
        }

        public static async Task<Hand> StartAsync(string list, string folder, string cards, CancellationToken cancellationToken)
        {
            var program = VirtualLabProcess.Find() ?? throw new BenchException("The virtual lab is not built: dotnet build samples/VirtualLab -c Release");
            var hand = new Hand(Process.Start(new ProcessStartInfo(program, ["--readers", list, folder, cards]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
            try
            {
                await hand._ready.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken);
                return hand;
            }
            catch
            {
                await hand.DisposeAsync();
                throw;
            }
        }

        /// <summary>Lays a card there.</summary>
        /// <returns>When it was laid there, and when the bytes were written that tell of it.</returns>
        public Task<(long Laid, long Told)> LayAsync(string device, string number)
        {
            var told = _awaited[device] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _process.StandardInput.WriteLine($"{device} {number}");
            return told.Task;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
            _process.Dispose();
        }

        private void Hear(string? line)
        {
            if (line == "ready")
                _ready.TrySetResult();
            else if (line?.Split(' ') is [var device, var laid, var told] && _awaited.TryRemove(device, out var awaited))
                awaited.TrySetResult((long.Parse(laid, CultureInfo.InvariantCulture), long.Parse(told, CultureInfo.InvariantCulture)));
        }
    }
}

/// <summary>What <c>bench readers --json</c> prints.</summary>
internal sealed record ReadersBenchResult(int Runs, int Lost, IReadOnlyList<ReaderFigures> Readers);

/// <summary>One kind of reader, in milliseconds: from the bytes that tell of a card to the relay command, how much more that is than our own node's, and from when the card was laid there.</summary>
internal sealed record ReaderFigures(string Reader, double P50Ms, double P95Ms, double AboveOwnMs, double LaidP50Ms, double LaidP95Ms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReadersBenchResult))]
internal sealed partial class ReadersBenchJson : JsonSerializerContext;
