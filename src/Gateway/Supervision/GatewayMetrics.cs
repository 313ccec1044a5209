using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FabLab.Gateway.Supervision;

/// <summary>
/// What the gateway counts, in the text form that Prometheus reads. Labels are reasons, kinds, machine codes and device ids: never
/// a person, never a badge.
/// </summary>
public sealed class GatewayMetrics
{
    private readonly ConcurrentQueue<Family> _families = [];

    public GatewayMetrics()
    {
        Taps = Counter("fablab_taps_total", "Badge taps by outcome", "outcome");
        StaleTaps = Counter("fablab_taps_stale_total", "Taps that came too late to be acted on", "device");
        Reports = Counter("fablab_device_reports_total", "Reports of devices by kind", "kind");
        Duplicates = Counter("fablab_device_records_duplicate_total", "Device records that had been taken before", "device");
        Dropped = Counter("fablab_reports_dropped_total", "Reports that found no room: telemetry, and taps that waited too long", "kind");
        Unbound = Counter("fablab_reports_unbound_total", "Reports of devices or channels that no machine is bound to", "device");
        Leases = Counter("fablab_lease_commands_total", "Hold and open commands by outcome", "command", "outcome");
        DeviceFaults = Counter("fablab_device_faults_total", "Faults by code", "code");
        DeviceRestarts = Counter("fablab_device_loop_restarts_total", "Times a device's loop ended and began again", "device");
        FirmwareUpdates = Counter("fablab_firmware_updates_total", "Updates of devices' firmware by outcome", "outcome");
        Uploads = Counter("fablab_upload_batches_total", "Journal batches handed to Booking by outcome", "outcome");
        PolicyPolls = Counter("fablab_policy_polls_total", "Questions for new rules by outcome", "outcome");
        TapToLease = new Histogram("fablab_tap_to_lease_seconds", "From the arrival of a tap to the hold command, granted starts only");
    }

    public CounterFamily Taps { get; }

    public CounterFamily StaleTaps { get; }

    public CounterFamily Reports { get; }

    public CounterFamily Duplicates { get; }

    public CounterFamily Dropped { get; }

    public CounterFamily Unbound { get; }

    public CounterFamily Leases { get; }

    public CounterFamily DeviceFaults { get; }

    public CounterFamily DeviceRestarts { get; }

    public CounterFamily FirmwareUpdates { get; }

    public CounterFamily Uploads { get; }

    public CounterFamily PolicyPolls { get; }

    public Histogram TapToLease { get; }

    /// <summary>A value that is read when somebody asks.</summary>
    public void Gauge(string name, string help, Func<double> read) =>
        _families.Enqueue(new Family(name, help, "gauge", text => Line(text, name, "", read())));

    /// <summary>Several values that are read when somebody asks, by one label.</summary>
    public void Gauge(string name, string help, string label, Func<IEnumerable<KeyValuePair<string, double>>> read) =>
        _families.Enqueue(new Family(name, help, "gauge", text =>
        {
            foreach (var (value, number) in read())
                Line(text, name, Labels([label], [value]), number);
        }));

    public string Expose()
    {
        var text = new StringBuilder();
        foreach (var family in _families)
        {
            Head(text, family);
            family.Write(text);
        }
        TapToLease.Write(text);
        return text.ToString();
    }

    private CounterFamily Counter(string name, string help, params string[] labels)
    {
        var counter = new CounterFamily(name, labels);
        _families.Enqueue(new Family(name, help, "counter", counter.Write));
        return counter;
    }

    private static void Head(StringBuilder text, Family family) =>
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help).Append('\n')
            .Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Type).Append('\n');

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');

    private static string Labels(ReadOnlySpan<string> names, ReadOnlySpan<string> values)
    {
        var text = new StringBuilder("{");
        for (var i = 0; i < names.Length; i++)
        {
            if (i > 0)
                text.Append(',');
            text.Append(names[i]).Append("=\"")
                .Append(values[i].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }
        return text.Append('}').ToString();
    }

    private sealed record Family(string Name, string Help, string Type, Action<StringBuilder> Write);

    /// <summary>One counter for each set of label values.</summary>
    public sealed class CounterFamily
    {
        private readonly ConcurrentDictionary<string, Cell> _cells = new(StringComparer.Ordinal);
        private readonly string _name;
        private readonly string[] _labels;

        internal CounterFamily(string name, string[] labels) => (_name, _labels) = (name, labels);

        public void Add(string value, long count = 1) => Cell1(value).Add(count);

        public void Add(string first, string second)
        {
            var key = string.Concat(first, "\u001f", second);
            if (!_cells.TryGetValue(key, out var cell))
                cell = _cells.GetOrAdd(key, _ => new Cell(Labels(_labels, [first, second])));
            cell.Add(1);
        }

        public long Read(string value) => _cells.TryGetValue(value, out var cell) ? cell.Value : 0;

        public long Total => _cells.Values.Sum(c => c.Value);

        internal void Write(StringBuilder text)
        {
            foreach (var (_, cell) in _cells.OrderBy(c => c.Key, StringComparer.Ordinal))
                Line(text, _name, cell.Labels, cell.Value);
        }

        private Cell Cell1(string value) =>
            _cells.TryGetValue(value, out var cell) ? cell : _cells.GetOrAdd(value, v => new Cell(Labels(_labels, [v])));

        private sealed class Cell(string labels)
        {
            private long _value;

            public string Labels => labels;

            public long Value => Interlocked.Read(ref _value);

            public void Add(long count) => Interlocked.Add(ref _value, count);
        }
    }

    /// <summary>Durations in fixed buckets from 0.25 ms to 1 s.</summary>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The words of Prometheus.")]
    public sealed class Histogram
    {
        private static readonly double[] Bounds = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
        private readonly long[] _buckets = new long[Bounds.Length + 1];
        private readonly string _name;
        private readonly string _help;
        private long _ticks;

        internal Histogram(string name, string help) => (_name, _help) = (name, help);

        public void Observe(TimeSpan duration)
        {
            var seconds = duration.TotalSeconds;
            var i = 0;
            while (i < Bounds.Length && seconds > Bounds[i])
                i++;
            Interlocked.Increment(ref _buckets[i]);
            Interlocked.Add(ref _ticks, duration.Ticks);
        }

        internal void Write(StringBuilder text)
        {
            Head(text, new Family(_name, _help, "histogram", _ => { }));
            long sum = 0;
            for (var i = 0; i < _buckets.Length; i++)
            {
                sum += Interlocked.Read(ref _buckets[i]);
                var bound = i < Bounds.Length ? Bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                Line(text, _name + "_bucket", Labels(["le"], [bound]), sum);
            }
            Line(text, _name + "_sum", "", TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds);
            Line(text, _name + "_count", "", sum);
        }
    }
}
