using System.Collections.Concurrent;
using System.Threading.Channels;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Flow;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Gateway.Supervision;

/// <summary>How an update of a device's firmware stands.</summary>
/// <param name="Device">The device.</param>
/// <param name="From">What it ran when it was asked for; null when it had not said.</param>
/// <param name="To">The version offered.</param>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Stage">The stage; null while others are before it.</param>
/// <param name="Held">Bytes the device holds.</param>
/// <param name="Code">Why it was refused.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="EndedAt">When it ended.</param>
public sealed record FirmwareUpdate(
    DeviceId Device, string? From, string To, int Size, UpdateStage? Stage, uint Held, string? Code, Instant AskedAt, Instant? EndedAt)
{
    public bool IsEnded => EndedAt is not null;

    /// <summary>The same for Booking.</summary>
    internal DeviceUpdateNow Told => new(
        From,
        To,
        Stage switch
        {
            null => DeviceUpdateStage.Waiting,
            UpdateStage.Offered => DeviceUpdateStage.Offered,
            UpdateStage.Pulling => DeviceUpdateStage.Pulling,
            UpdateStage.Restarting => DeviceUpdateStage.Restarting,
            UpdateStage.Applied => DeviceUpdateStage.Applied,
            UpdateStage.Refused => DeviceUpdateStage.Refused,
            UpdateStage.WentBack => DeviceUpdateStage.WentBack,
            _ => DeviceUpdateStage.Silent,
        },
        // In tens: each change is told.
        (int)((long)Held * 10 / Size) * 10,
        Code,
        AskedAt,
        EndedAt);
}

/// <summary>
/// Updates of devices that somebody asked for: each file is held here until its device has it or has refused it, so many devices at once and the others after them.
/// A file that is offered lies in the data folder as well, so that a gateway that is started again in the middle of it offers it anew; the device goes on where it was.
/// </summary>
public sealed partial class FirmwareDesk(IOptions<GatewayOptions> options, TimeProvider time, GatewayMetrics metrics, ILogger<FirmwareDesk> logger) : IDisposable
{
    private const string Ending = ".firmware";

    /// <summary>How long a device is waited for that was pulling when the gateway was started again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly string _folder = Path.Combine(options.Value.DataFolder, "firmware");
    private readonly ConcurrentDictionary<DeviceId, FirmwareUpdate> _updates = [];
    private readonly SemaphoreSlim _turns = new(options.Value.FirmwareUpdatesAtOnce);
    private readonly Lock _gate = new();
    private (FlowParts Parts, Func<MachineId, bool> IsInUse, CancellationToken Stop)? _floor;

    /// <summary>The last update of each device since the gateway started.</summary>
    public IReadOnlyList<FirmwareUpdate> All => [.. _updates.Values.OrderBy(update => update.Device.Value, StringComparer.Ordinal)];

    /// <summary>The last update of a device; null when there was none since the gateway started.</summary>
    public FirmwareUpdate? Find(DeviceId device) => _updates.GetValueOrDefault(device);

    /// <summary>Takes an order.</summary>
    /// <param name="device">The device.</param>
    /// <param name="file">The firmware.</param>
    /// <param name="asked">When it was asked for; now when null.</param>
    /// <returns>Why not; null when it was taken.</returns>
    public string? Ask(DeviceId device, FirmwareFile file, Instant? asked = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        lock (_gate)
        {
            if (_floor is not { } floor)
                return "The gateway is starting. Try again in a moment.";
            if (floor.Parts.Devices.Find(device) is not { } known)
                return "This gateway has no device of that name.";
            if (known is not ITakesFirmware)
                return "Only our own devices (firmware-protocol.md) take a firmware from the gateway.";
            if (_updates.TryGetValue(device, out var before) && !before.IsEnded)
                return "This device is being updated already.";
            var update = new FirmwareUpdate(
                device, floor.Parts.Devices.Firmware(device), file.Offer.Version, file.Offer.Size, null, 0, null, asked ?? Now, null);
            _updates[device] = update;
            _ = RunAsync(floor.Parts, floor.IsInUse, update, file, again: false, floor.Stop);
            return null;
        }
    }

    /// <summary>Notes that an order could not be taken, for who gave it.</summary>
    internal void Refuse(DeviceId device, string version, int size, Instant asked, string code) =>
        _updates[device] = new FirmwareUpdate(device, null, version, size, UpdateStage.Refused, 0, code, asked, Now);

    /// <summary>The gateway runs; null: it does no more.</summary>
    internal void Run(FlowParts? parts, Func<MachineId, bool> isInUse, CancellationToken stop)
    {
        lock (_gate)
            _floor = parts is null ? null : (parts, isInUse, stop);
        if (parts is not null)
            _ = Task.Run(() => Resume(parts, isInUse, stop), stop);
    }

    public void Dispose() => _turns.Dispose();

    private Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>Takes up what was under way when the gateway ended.</summary>
    private void Resume(FlowParts parts, Func<MachineId, bool> isInUse, CancellationToken stop)
    {
        foreach (var path in Directory.Exists(_folder) ? Directory.GetFiles(_folder, "*" + Ending) : [])
        {
            try
            {
                var (kept, file) = FirmwareKept.Read(File.ReadAllBytes(path));
                var update = new FirmwareUpdate(new DeviceId(Path.GetFileName(path)[..^Ending.Length]), kept.From, file.Offer.Version, file.Offer.Size, null, 0, null, kept.AskedAt, null);
                if (!_updates.TryAdd(update.Device, update))
                    continue;
                Log.Resumed(logger, update.Device, update.From, update.To);
                _ = RunAsync(parts, isInUse, update, file, again: true, stop);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // The device gives up by itself, and somebody asks again.
                Log.NotKept(logger, Path.GetFileName(path), fault.Message);
                Forget(path);
            }
        }
    }

    private async Task RunAsync(FlowParts parts, Func<MachineId, bool> isInUse, FirmwareUpdate update, FirmwareFile file, bool again, CancellationToken stop)
    {
        var path = Path.Combine(_folder, update.Device.Value + Ending);
        var end = new UpdateNews(UpdateStage.Silent, 0, null);
        try
        {
            if (!again)
                await Task.Run(() => Keep(path, update, file), stop);
            do
            {
                if (again && !await ComesAsync(parts, isInUse, update.Device, stop))
                    break;
                await _turns.WaitAsync(stop);
                try
                {
                    end = await OfferAsync(parts, isInUse, update, file, again, stop);
                }
                finally
                {
                    _turns.Release();
                }
            }
            // One that was under way already goes on when the machine is free, and when the device is back.
            while (again && end is { Stage: UpdateStage.Refused, Code: ReplyCode.Busy or UpdateCode.Away });
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            Log.Broke(logger, update.Device, e);
        }
        lock (_gate)
        {
            // Its device fell silent because the gateway ends: it is taken up when the gateway is back.
            if (_floor is null)
                return;
        }
        Forget(path);
        var outcome = end.Code ?? Outcome(end.Stage);
        metrics.FirmwareUpdates.Add(outcome);
        Log.Ended(logger, update.Device, update.From, update.To, outcome);
        _updates[update.Device] = _updates[update.Device] with { Stage = end.Stage, Code = end.Code, EndedAt = Now };
    }

    private async Task<UpdateNews> OfferAsync(FlowParts parts, Func<MachineId, bool> isInUse, FirmwareUpdate update, FirmwareFile file, bool again, CancellationToken stop)
    {
        if (!parts.Devices.IsOnline(update.Device) || parts.Devices.Find(update.Device) is not ITakesFirmware device)
            return new UpdateNews(UpdateStage.Refused, 0, UpdateCode.Away);
        if (parts.Trials.IsRunning(update.Device) || parts.Policy.Current.MachinesOf(update.Device).Any(isInUse))
            return new UpdateNews(UpdateStage.Refused, 0, ReplyCode.Busy);
        Log.Offered(logger, update.Device, update.From, update.To, update.Size);
        var news = Channel.CreateUnbounded<UpdateNews>();
        device.Offer(file, again, one => news.Writer.TryWrite(one));
        while (true)
        {
            var one = await news.Reader.ReadAsync(stop);
            if (one.IsEnd)
                return one;
            var now = _updates[update.Device];
            _updates[update.Device] = now with { Stage = one.Stage, Held = Math.Max(one.Held, one.Stage == UpdateStage.Pulling ? 0 : now.Held) };
        }
    }

    /// <summary>Waits until a device is there and nobody uses its machines.</summary>
    /// <returns>False when it does not come.</returns>
    private async Task<bool> ComesAsync(FlowParts parts, Func<MachineId, bool> isInUse, DeviceId device, CancellationToken stop)
    {
        for (var heard = time.GetTimestamp(); time.GetElapsedTime(heard) < Patience; await Task.Delay(Look, time, stop))
        {
            if (!parts.Devices.IsOnline(device))
                continue;
            if (!parts.Trials.IsRunning(device) && !parts.Policy.Current.MachinesOf(device).Any(isInUse))
                return true;
            heard = time.GetTimestamp();
        }
        return false;
    }

    private void Keep(string path, FirmwareUpdate update, FirmwareFile file)
    {
        try
        {
            PrivateFile.Write(path, FirmwareKept.Write(new FirmwareKept(update.AskedAt, update.From), file));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The update goes on; only a restart of the gateway would end it.
            Log.NotKept(logger, Path.GetFileName(path), fault.Message);
        }
    }

    private void Forget(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(logger, Path.GetFileName(path), fault.Message);
        }
    }

    private static string Outcome(UpdateStage stage) => stage switch
    {
        UpdateStage.Applied => "applied",
        UpdateStage.WentBack => "went-back",
        _ => "silent",
    };

    private static partial class Log
    {
        [LoggerMessage(4881, LogLevel.Information, "{Device}: firmware {To} of {Size} bytes is offered, {From} runs")]
        public static partial void Offered(ILogger logger, DeviceId device, string? from, string to, int size);

        [LoggerMessage(4882, LogLevel.Information, "{Device}: update of the firmware from {From} to {To}: {Outcome}")]
        public static partial void Ended(ILogger logger, DeviceId device, string? from, string to, string outcome);

        [LoggerMessage(4884, LogLevel.Information, "{Device}: its update from {From} to {To} was under way when the gateway ended, and goes on")]
        public static partial void Resumed(ILogger logger, DeviceId device, string? from, string to);

        [LoggerMessage(4885, LogLevel.Warning, "{File}: a firmware under way could not be kept, read or removed: {Why}")]
        public static partial void NotKept(ILogger logger, string file, string why);

        [LoggerMessage(4883, LogLevel.Error, "{Device}: its update broke")]
        public static partial void Broke(ILogger logger, DeviceId device, Exception exception);
    }
}
