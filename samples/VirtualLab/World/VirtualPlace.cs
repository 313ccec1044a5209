using FabLab.VirtualLab.Devices;

namespace FabLab.VirtualLab.World;

/// <summary>The whole virtual lab: its machines, the boxes that switch them, and where each badge is held.</summary>
public sealed class VirtualPlace : IAsyncDisposable
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, VirtualMachine> _machines;
    private readonly Dictionary<string, IVirtualDevice> _devices;
    private readonly Dictionary<string, (string Device, int Reader)> _readers;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly CancellationTokenSource _stop = new();
    private Task? _ticking;

    internal VirtualPlace(
        IEnumerable<VirtualMachine> machines, IEnumerable<IVirtualDevice> devices, Dictionary<string, (string Device, int Reader)> readers, TimeProvider time, long began)
    {
        _machines = machines.ToDictionary(machine => machine.Code, StringComparer.OrdinalIgnoreCase);
        _devices = devices.ToDictionary(device => device.Id, StringComparer.OrdinalIgnoreCase);
        _readers = readers;
        _time = time;
        _began = began;
    }

    public IReadOnlyCollection<VirtualMachine> Machines => _machines.Values;

    public IReadOnlyCollection<IVirtualDevice> Devices => _devices.Values;

    /// <summary>Milliseconds of the lab's own monotonic clock; every device's clock is this one less its boot.</summary>
    public long NowMs => (long)_time.GetElapsedTime(_began).TotalMilliseconds;

    public VirtualMachine? Machine(string code) => _machines.GetValueOrDefault(code);

    public IVirtualDevice? Device(string id) => _devices.GetValueOrDefault(id);

    /// <summary>Where one taps for a machine; null when it has no reader.</summary>
    public (IVirtualDevice Device, int Reader)? ReaderOf(string machine) =>
        _readers.TryGetValue(machine, out var reader) && _devices.TryGetValue(reader.Device, out var device) ? (device, reader.Reader) : null;

    public void Start()
    {
        foreach (var device in _devices.Values)
            device.Start();
        _ticking = Task.Run(TickAsync);
    }

    /// <summary>Every relay falls open, every connection ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_ticking is { } ticking)
            await ticking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_devices.Values.Select(device => device.DisposeAsync().AsTask()));
        _stop.Dispose();
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TickPeriod, _time);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            foreach (var device in _devices.Values)
                device.Tick();
        }
    }
}
