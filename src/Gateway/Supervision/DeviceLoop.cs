using FabLab.Contracts;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Flow;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Supervision;

/// <summary>Why a device's loop ended.</summary>
public enum DeviceExit
{
    /// <summary>It was asked to.</summary>
    Stopped,

    /// <summary>Its settings cannot work; trying again would not help.</summary>
    SettingsWrong,

    /// <summary>It could not be opened.</summary>
    NotOpened,

    /// <summary>It said no more; its driver closed it.</summary>
    Ended,

    /// <summary>Something broke.</summary>
    Broke,
}

/// <summary>Where a device's loop stands.</summary>
/// <param name="Device">The device.</param>
/// <param name="Running">Whether it is open.</param>
/// <param name="Online">Whether it answers.</param>
/// <param name="LastExit">Why the loop ended last; null when it never did.</param>
/// <param name="Restarts">How often it began again since it last spoke.</param>
/// <param name="Firmware">What it runs, as it says; null when it has not said.</param>
/// <param name="ReadBack">The settings it is asked for, with what it says they are; null where there are none to make.</param>
public sealed record DeviceHealth(
    DeviceId Device, bool Running, bool Online, DeviceExit? LastExit, int Restarts, string? Firmware = null, IReadOnlyList<DeviceSettingNow>? ReadBack = null);

/// <summary>
/// One device: open it, pass on what it says, and when that ends open it again after a wait that grows until it speaks. However the
/// loop ends, its machines hear that the device is gone and its relays open.
/// </summary>
internal sealed partial class DeviceLoop(
    DeviceSettings settings, IDeviceDriver? driver, FlowParts parts, Func<DeviceReport, CancellationToken, ValueTask> take,
    Func<DeviceId, IEnumerable<int>> channelsToOpen, Func<IDevice, CancellationToken, Task> whenOnline, SilenceWatch silence)
{
    private static readonly BackoffOptions Again = new() { First = TimeSpan.FromMilliseconds(200), Longest = TimeSpan.FromSeconds(30) };

    private readonly ILogger _logger = parts.Logs.CreateLogger<DeviceLoop>();
    private readonly Backoff _backoff = new(Again);
    private volatile bool _running;
    private volatile string? _firmware;
    private DeviceExit? _lastExit;

    public DeviceHealth Health => new(settings.DeviceId, _running, parts.Devices.IsOnline(settings.DeviceId), _lastExit, _backoff.Attempts, _firmware, parts.Devices.Find(settings.DeviceId)?.ReadBack);

    /// <summary>What came of its trial is another thing than what it is: it goes on.</summary>
    /// <param name="firmware">The firmware its trial was passed with; null when it was not.</param>
    public void Prove(string? firmware)
    {
        settings = settings with { ProvenFirmware = firmware };
        parts.Devices.Prove(settings.DeviceId, firmware);
        parts.Devices.Find(settings.DeviceId)?.OnProven(firmware);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var exit = await RunOnceAsync(cancellationToken);
            _running = false;
            _lastExit = exit;
            if (exit is DeviceExit.Stopped or DeviceExit.SettingsWrong)
                return;
            parts.Metrics.DeviceRestarts.Add(settings.Id);
            try
            {
                await Task.Delay(_backoff.Next(), parts.Time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _lastExit = DeviceExit.Stopped;
                return;
            }
        }
    }

    /// <summary>The device is no longer of this gateway, or no longer as it was: its relays open, it is closed. Called when the loop has ended.</summary>
    /// <param name="forGood">It was taken off the list: nothing may go on by itself, not even what would finish alone.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task RemoveAsync(bool forGood, CancellationToken cancellationToken)
    {
        if (parts.Devices.Find(settings.DeviceId) is { } device)
            await CloseAsync(device, forGood ? Enumerable.Range(0, settings.Channels) : channelsToOpen(device.Id), cancellationToken);
        silence.Forget(settings.Id);
    }

    private async Task<DeviceExit> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (driver is null || driver.Validate(settings) is { Count: > 0 })
        {
            var faults = driver is null ? $"there is no driver '{settings.Driver}'" : string.Join("; ", driver.Validate(settings));
            Log.SettingsWrong(_logger, settings.Id, faults);
            parts.Alarms.Raise(AlarmCodes.DeviceUnfit, settings.Id, $"The settings of this device cannot work: {faults}.");
            return DeviceExit.SettingsWrong;
        }
        IDevice device;
        try
        {
            device = await driver.OpenAsync(settings, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return DeviceExit.Stopped;
        }
        catch (Exception e)
        {
            Log.NotOpened(_logger, settings.Id, e);
            return DeviceExit.NotOpened;
        }
        parts.Devices.Add(device, settings.ProvenFirmware);
        parts.Devices.Runs(device.Id, _firmware);
        _running = true;
        var exit = DeviceExit.Broke;
        try
        {
            await foreach (var report in device.Reports.ReadAllAsync(cancellationToken))
                await PassOnAsync(device, report, cancellationToken);
            exit = DeviceExit.Ended;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The machines are ended after the devices have fallen silent, so the device stays open for their last commands.
            return DeviceExit.Stopped;
        }
        catch (Exception e)
        {
            Log.Broke(_logger, settings.Id, e);
            parts.Alarms.Raise(AlarmCodes.LoopFailed, settings.Id, "The loop of this device broke; it is opened again. See the log.");
        }
        await CloseAsync(device, channelsToOpen(device.Id), cancellationToken);
        return exit;
    }

    private async ValueTask PassOnAsync(IDevice device, DeviceReport report, CancellationToken cancellationToken)
    {
        parts.Metrics.Reports.Add(report.GetType().Name);
        switch (report)
        {
            case DeviceReport.LinkReport link:
                if (link.Firmware is not null)
                    parts.Devices.Runs(device.Id, link.Firmware);
                parts.Devices.Online(device.Id, link.Online);
                Watch(device, link.Online);
                if (link.Online)
                {
                    _firmware = link.Firmware ?? _firmware;
                    _backoff.Reset();
                    parts.Alarms.Clear(AlarmCodes.LoopFailed, settings.Id);
                    await whenOnline(device, cancellationToken);
                }
                break;
            case DeviceReport.BadgeRead { Number.Bytes: 3 }:
                parts.Alarms.Raise(
                    AlarmCodes.DeviceFault, $"{settings.Id}:{DeviceFaults.ShortNumbers}",
                    "This reader gives three bytes of a badge's number (Wiegand with 26 bits): two badges may have the same. Set it to 34 bits if it can.");
                break;
            case DeviceReport.DeviceFaultReport fault:
                parts.Metrics.DeviceFaults.Add(fault.Code);
                var subject = $"{settings.Id}:{fault.Code}";
                if (fault.Standing)
                    parts.Alarms.Raise(AlarmCodes.DeviceFault, subject, fault.Detail ?? fault.Code, reported: fault.Key is not null);
                else
                    parts.Alarms.Clear(AlarmCodes.DeviceFault, subject);
                break;
        }
        await take(report, cancellationToken);
    }

    private async Task CloseAsync(IDevice device, IEnumerable<int> channels, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var channel in channels)
                await device.OpenAsync(channel, cancellationToken);
            parts.Devices.Remove(device);
            Watch(device, online: false);
            var now = SystemNow();
            await take(new DeviceReport.LinkReport(device.Id, now, parts.Time.GetTimestamp(), false), cancellationToken);
            await device.DisposeAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.Stopping(_logger, settings.Id);
        }
        catch (Exception e)
        {
            Log.NotClosed(_logger, settings.Id, e);
        }
    }

    /// <summary>A machine that tells of its jobs is switched off with the machine, every evening: that is no fault of anybody's.</summary>
    private void Watch(IDevice device, bool online)
    {
        if (!device.Abilities.HasFlag(DriverAbilities.ReportsJobs))
            silence.Report(device.Id.Value, online);
    }

    private Instant SystemNow() => Instant.FromDateTimeOffset(parts.Time.GetUtcNow());

    private static partial class Log
    {
        [LoggerMessage(4801, LogLevel.Error, "{Device}: its settings cannot work: {Faults}")]
        public static partial void SettingsWrong(ILogger logger, string device, string faults);

        [LoggerMessage(4802, LogLevel.Warning, "{Device}: could not be opened; trying again")]
        public static partial void NotOpened(ILogger logger, string device, Exception exception);

        [LoggerMessage(4803, LogLevel.Error, "{Device}: its loop broke; beginning again")]
        public static partial void Broke(ILogger logger, string device, Exception exception);

        [LoggerMessage(4804, LogLevel.Warning, "{Device}: could not be closed in order")]
        public static partial void NotClosed(ILogger logger, string device, Exception exception);

        [LoggerMessage(4805, LogLevel.Debug, "{Device}: stopping")]
        public static partial void Stopping(ILogger logger, string device);
    }
}
