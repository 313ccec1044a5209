using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers;

/// <summary>A driver of devices with one line of this computer to themselves: a serial port, or an input device of the kernel.</summary>
/// <param name="time">For their timers.</param>
/// <param name="logger">For links and devices.</param>
/// <param name="lockFolder">Where the lock files of serial ports lie.</param>
public abstract class SerialDriver(TimeProvider time, ILogger logger, string lockFolder) : IDeviceDriver
{
    public abstract string Kind { get; }

    public abstract DriverAbilities Abilities { get; }

    /// <summary>Bits a second unless the settings say others.</summary>
    protected virtual int DefaultBaud => 9600;

    protected TimeProvider Time { get; } = time;

    protected ILogger Logger { get; } = logger;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Serial)
            faults.Add($"{settings.Id}: link is serial.");
        if (settings.Baud is { } baud && !SerialLinkOptions.BaudRates.Contains(baud))
            faults.Add($"{settings.Id}: baud is one of {string.Join(", ", SerialLinkOptions.BaudRates)}.");
        faults.AddRange(FaultsOf(settings));
        return faults;
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        return ValueTask.FromResult(Start(settings, new SerialLinkOptions { Path = settings.Path!, Baud = settings.Baud ?? DefaultBaud, LockFolder = lockFolder }));
    }

    /// <summary>What else is wrong with the settings, each a sentence that begins with the device's id.</summary>
    protected virtual IEnumerable<string> FaultsOf(DeviceSettings settings) => [];

    /// <summary>Makes the device and starts its line. The settings have no fault.</summary>
    protected abstract IDevice Start(DeviceSettings settings, SerialLinkOptions options);
}
