using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FabLab.Host.Cli;
using FabLab.Host.Ports;
using FabLab.Protocol;

namespace FabLab.Host.Bench;

/// <summary>
/// What a lab full of devices costs while nothing is decided: devices of every kind that speaks over the broker, one message a second
/// each, more than half of their machines in use. The gateway is a process of its own, so its processor time and memory are its own. The
/// floor, in the same seconds: a bare libmosquitto subscriber that receives the same messages and looks at none.
/// </summary>
internal static class DevicesBench
{
    private const int NodeRelays = 4;

    private static readonly string[] Kinds = ["node", .. BenchPlug.Kinds];
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan NodeTick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var devices = invocation.Number("--devices", 200, Kinds.Length, 800);
        var seconds = invocation.Number("--seconds", 60, 1, 86_400);
        var settle = invocation.Number("--settle", 10, 0, 600);
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder, devices, seconds, settle, cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json") ? JsonSerializer.Serialize(result, DevicesBenchJson.Default.DevicesBenchResult) : Words(result));
            return result.Silent == 0 && result.Fallen == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
    }

    private static async Task<DevicesBenchResult> MeasureAsync(DirectoryInfo folder, int devices, int seconds, int settle, CancellationToken cancellationToken)
    {
        await using var broker = await BenchBroker.StartAsync(folder.FullName, PortHolder.FindFree(IPAddress.Loopback), cancellationToken);
        using var fleet = new Fleet(devices);
        await using var lab = await GatewayLab.StartAsync(folder.CreateSubdirectory("lab"), fleet.Settings, fleet.Describe(), broker.Port, cancellationToken);
        await lab.WaitAsync(fleet.Machines, devices, online: false, cancellationToken);
        fleet.Connect(broker.Port);
        await using var load = new Load(fleet);
        await lab.WaitAsync(fleet.Machines, devices, online: true, cancellationToken);
        await fleet.BeginAsync(cancellationToken);
        using var floor = new Listener(broker.Port);
        await Task.Delay(TimeSpan.FromSeconds(settle), TimeProvider.System, cancellationToken);

        var course = new Course(lab.Gateway, floor);
        await course.LookAsync(lab, cancellationToken);
        foreach (var second in Course.Looks(seconds))
        {
            await course.WaitAsync(second, cancellationToken);
            await course.LookAsync(lab, cancellationToken);
        }
        return course.Result(devices, Kinds.Length, fleet.InUse, devices - await lab.OnlineAsync(cancellationToken), fleet.Fallen);
    }

    private static string Words(DevicesBenchResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Devices} devices of {result.Kinds} kinds, {result.InUse} machines in use, {result.MessagesPerSecond} messages/s for {result.Seconds} s: {result.CpuPercent} % of one core (at most {result.CpuHighestPercent} % in a minute); floor {result.FloorCpuPercent} %, ratio {result.Ratio}. Resident memory {result.RssStartMb} MB at the start, {result.RssEndMb} MB at the end, {result.RssSlopeMbPerHour} MB an hour; managed {result.HeapStartMb} and {result.HeapEndMb} MB. Silent at the end: {result.Silent}; relays that fell open: {result.Fallen}.");

    /// <summary>The devices and their machines: every ninth is of the same kind.</summary>
    private sealed class Fleet : IDisposable
    {
        private readonly Dictionary<int, (BenchNode Node, DeviceKey Key)> _nodes = [];
        private readonly List<BenchPlug> _plugs = [];
        private List<BenchLink> _links = [];

        public Fleet(int devices)
        {
            for (var index = 0; index < devices; index++)
            {
                if (Kinds[index % Kinds.Length] is not "node" and var kind)
                {
                    _plugs.Add(BenchPlug.Create(kind, index));
                    continue;
                }
                var key = DeviceKey.Create();
                _nodes[index] = (new BenchNode(index, key, (_, _, _) => { }, (_, _) => { }, NodeRelays), key);
            }
        }

        public int Machines => (_nodes.Count * NodeRelays) + _plugs.Count;

        /// <summary>Machines whose device has a reader: one of each node, and of each plug that reads tags.</summary>
        public int InUse => _nodes.Count + _plugs.Count(plug => plug.Tag is not null);

        public int Fallen => InUse - Closed;

        public IEnumerable<JsonNode> Settings =>
        [
            .. _nodes.Values.Select(pair => new JsonObject
            {
                ["id"] = pair.Node.Device.Value, ["driver"] = "node", ["link"] = "mqtt", ["channels"] = NodeRelays, ["key"] = pair.Key.ToBase64Url(), ["keyId"] = 1,
            }),
            .. _plugs.Select(plug => plug.Settings),
        ];

        private int Closed => _nodes.Values.Count(pair => pair.Node.IsClosed(0)) + _plugs.Count(plug => plug.Tag is not null && plug.IsClosed);

        public JsonObject Describe() => new()
        {
            ["site"] = new JsonObject { ["name"] = "Bench" },
            ["devices"] = new JsonArray(
            [
                .. _nodes.Values.Select(pair => (JsonNode)new JsonObject { ["id"] = pair.Node.Device.Value, ["driver"] = "node", ["channels"] = NodeRelays }),
                .. _plugs.Select(plug => (JsonNode)new JsonObject { ["id"] = plug.Id, ["driver"] = plug.Driver, ["channels"] = plug.Channels }),
            ]),
            ["machines"] = new JsonArray(
            [
                .. _nodes.Values.SelectMany(pair => Enumerable.Range(0, NodeRelays).Select(channel => NodeMachine(pair.Node, channel))),
                .. _plugs.Select(PlugMachine),
            ]),
            ["people"] = new JsonArray(
            [
                .. _nodes.Keys.Select(index => Person(index, BenchLab.TagOf(index, 0))),
                .. _plugs.Where(plug => plug.Tag is not null).Select(plug => Person(plug.Index, plug.Tag!)),
            ]),
        };

        public void Connect(int port)
        {
            BenchPlug.TellBridge(NewBridge(port), _plugs);
            _links = BenchLink.Connect([.. _nodes.Values.Select(pair => pair.Node)], port, (_, _) => { });
            foreach (var plug in _plugs)
                plug.Connect(port);
        }

        /// <summary>Somebody taps wherever there is a reader; returns when all of those machines run.</summary>
        public async Task BeginAsync(CancellationToken cancellationToken)
        {
            var began = TimeProvider.System.GetTimestamp();
            while (!_nodes.Values.All(pair => pair.Node.HasGateway))
                await AgainAsync("Some devices do not hear the gateway.");
            foreach (var (node, _) in _nodes.Values)
                node.Tap(0, 0);
            foreach (var plug in _plugs.Where(plug => plug.Tag is not null))
                plug.Tap();
            while (Closed < InUse)
                await AgainAsync($"Somebody tapped and {InUse - Closed} of {InUse} machines did not start: {string.Join(", ", _plugs.Where(plug => plug.Tag is not null && !plug.IsClosed).Select(plug => plug.Id).Take(5))}.");

            async Task AgainAsync(string fault)
            {
                if (TimeProvider.System.GetElapsedTime(began) > Patience)
                    throw new BenchException(fault);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }

        public void Tick()
        {
            foreach (var (node, _) in _nodes.Values)
                node.Tick();
        }

        /// <summary>The message of one device.</summary>
        public void Second(int device, int second)
        {
            if (_nodes.TryGetValue(device, out var pair))
                pair.Node.Second(second);
            else
                _plugs[device - 1 - (device / Kinds.Length)].Second(second);
        }

        public int Devices => _nodes.Count + _plugs.Count;

        public void Dispose()
        {
            foreach (var link in _links)
                link.Dispose();
            foreach (var plug in _plugs)
                plug.Dispose();
            _bridge?.Dispose();
        }

        private NativeMosquitto? _bridge;

        private NativeMosquitto NewBridge(int port)
        {
            _bridge = new NativeMosquitto("bench-bridge", null, null, (_, _, _) => { });
            _bridge.Connect(port, TimeSpan.FromSeconds(10));
            return _bridge;
        }

        private static JsonObject NodeMachine(BenchNode node, int channel)
        {
            var bindings = new JsonArray(Binding("relay", node.Device.Value, channel), Binding("meter", node.Device.Value, channel), Binding("reader", node.Device.Value, channel));
            return Machine($"B-{node.Index}-{channel}", bindings);
        }

        private static JsonObject PlugMachine(BenchPlug plug)
        {
            var bindings = new JsonArray();
            if (plug.Channels == 0)
                bindings.Add(Binding("witness", plug.Id, 0));
            else
                bindings.Add(Binding("relay", plug.Id, 0));
            if (plug.Measures)
                bindings.Add(Binding("meter", plug.Id, 0));
            if (plug.Tag is not null)
                bindings.Add(Binding("reader", plug.Id, 0));
            return Machine($"B-{plug.Index}", bindings);
        }

        private static JsonObject Machine(string code, JsonArray bindings) => new()
        {
            ["code"] = code, ["nameFr"] = $"Banc {code}", ["nameEn"] = $"Bench {code}", ["attended"] = false, ["leaseSeconds"] = 30, ["maxMinutes"] = 10_000,
            ["power"] = new JsonObject { ["workingAboveWatts"] = 60, ["restingBelowWatts"] = 40 }, ["devices"] = bindings,
        };

        private static JsonObject Binding(string role, string device, int channel) => new() { ["role"] = role, ["device"] = device, ["channel"] = channel };

        private static JsonObject Person(int index, string badge) =>
            new JsonObject { ["code"] = string.Create(CultureInfo.InvariantCulture, $"P{index}"), ["age"] = 30, ["badges"] = new JsonArray(badge) };
    }

    /// <summary>Lets the devices speak: each once a second, each at its own moment of it.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Load(Fleet fleet) => _running = Task.Run(() => RunAsync(fleet, _stop.Token));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private static async Task RunAsync(Fleet fleet, CancellationToken cancellationToken)
        {
            var began = TimeProvider.System.GetTimestamp();
            var (told, ticked) = (0L, 0L);
            while (true)
            {
                var elapsed = TimeProvider.System.GetElapsedTime(began);
                var due = (long)(elapsed.TotalSeconds * fleet.Devices);
                for (; told < due; told++)
                    fleet.Second((int)(told % fleet.Devices), (int)(told / fleet.Devices));
                if (elapsed.Ticks / NodeTick.Ticks != ticked)
                {
                    ticked = elapsed.Ticks / NodeTick.Ticks;
                    fleet.Tick();
                }
                await Task.Delay(Glance, TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>The floor.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly NativeMosquitto _client;
        private long _messages;
        private long _processor;

        public Listener(int port)
        {
            _client = new NativeMosquitto("floor", null, null, (_, _, _) =>
            {
                Interlocked.Increment(ref _messages);
                Volatile.Write(ref _processor, NativeMosquitto.ThreadProcessor().Ticks);
            });
            _client.Connect(port, TimeSpan.FromSeconds(10));
            _client.Subscribe("#", TimeSpan.FromSeconds(10));
        }

        public long Messages => Interlocked.Read(ref _messages);

        public TimeSpan Processor => TimeSpan.FromTicks(Volatile.Read(ref _processor));

        public void Dispose() => _client.Dispose();
    }

    /// <summary>What was seen of the gateway and of the floor, from the start of the measurement on.</summary>
    private sealed class Course(BenchProcess gateway, Listener floor)
    {
        private readonly List<Look> _looks = [];
        private readonly long _began = TimeProvider.System.GetTimestamp();

        /// <summary>Each minute, and the end.</summary>
        public static IEnumerable<int> Looks(int seconds) => [.. Enumerable.Range(1, (seconds - 1) / 60).Select(minute => minute * 60), seconds];

        public Task WaitAsync(int second, CancellationToken cancellationToken)
        {
            var left = TimeSpan.FromSeconds(second) - TimeProvider.System.GetElapsedTime(_began);
            return left > TimeSpan.Zero ? Task.Delay(left, TimeProvider.System, cancellationToken) : Task.CompletedTask;
        }

        public async Task LookAsync(GatewayLab lab, CancellationToken cancellationToken)
        {
            var heap = await lab.HeapAsync(cancellationToken);
            _looks.Add(new Look(TimeProvider.System.GetElapsedTime(_began), gateway.Processor, floor.Processor, floor.Messages, gateway.Memory.Resident, heap));
        }

        public DevicesBenchResult Result(int devices, int kinds, int inUse, int silent, int fallen)
        {
            var (first, last) = (_looks[0], _looks[^1]);
            var length = last.At - first.At;
            var (share, floorShare) = (Percent(last.Processor - first.Processor, length), Percent(last.Floor - first.Floor, length));
            var minutes = _looks.Zip(_looks.Skip(1), (before, after) => Percent(after.Processor - before.Processor, after.At - before.At));
            // What a start leaves to be given back is over after five minutes; a shorter run has nothing else.
            var settled = _looks.Where(look => look.At >= TimeSpan.FromMinutes(5)).ToList();
            if (settled.Count < 3)
                settled = _looks;
            return new DevicesBenchResult(
                devices, kinds, inUse, (int)Math.Round(length.TotalSeconds), Math.Round((last.Messages - first.Messages) / length.TotalSeconds, 1),
                share, minutes.Max(), floorShare, floorShare > 0 ? Math.Round(share / floorShare, 1) : 0,
                first.Resident, _looks.FirstOrDefault(look => look.At >= TimeSpan.FromMinutes(1))?.Resident, last.Resident, Slope(settled, look => look.Resident),
                first.Heap, last.Heap, Slope(settled, look => look.Heap), silent, fallen,
                [.. _looks.Where((look, index) => index == _looks.Count - 1 || Math.Round(look.At.TotalMinutes) % 5 == 0).Select(look => new DevicesBenchLook((int)Math.Round(look.At.TotalSeconds), look.Resident, look.Heap))]);
        }

        private static double Percent(TimeSpan processor, TimeSpan length) => Math.Round(100 * processor.TotalSeconds / length.TotalSeconds, 2);

        /// <summary>Of the straight line through all of them, per hour.</summary>
        private static double Slope(List<Look> looks, Func<Look, double> value)
        {
            var (hours, values) = (looks.ConvertAll(look => look.At.TotalHours), looks.ConvertAll(look => value(look)));
            var (middle, mean) = (hours.Average(), values.Average());
            var spread = hours.Sum(hour => (hour - middle) * (hour - middle));
            return spread > 0 ? Math.Round(hours.Zip(values, (hour, one) => (hour - middle) * (one - mean)).Sum() / spread, 2) : 0;
        }

        private sealed record Look(TimeSpan At, TimeSpan Processor, TimeSpan Floor, long Messages, double Resident, double Heap);
    }
}

/// <summary>What <c>bench devices --json</c> prints: shares of one core in percent, memory in megabytes.</summary>
internal sealed record DevicesBenchResult(
    int Devices, int Kinds, int InUse, int Seconds, double MessagesPerSecond, double CpuPercent, double CpuHighestPercent, double FloorCpuPercent, double Ratio,
    double RssStartMb, [property: JsonPropertyName("rss_1min_mb")] double? RssOneMinuteMb, double RssEndMb, double RssSlopeMbPerHour,
    double HeapStartMb, double HeapEndMb, double HeapSlopeMbPerHour, int Silent, int Fallen, IReadOnlyList<DevicesBenchLook> Looks);

/// <summary>What was seen at one second.</summary>
internal sealed record DevicesBenchLook(int Second, double RssMb, double HeapMb);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DevicesBenchResult))]
internal sealed partial class DevicesBenchJson : JsonSerializerContext;
