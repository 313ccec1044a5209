using System.Buffers.Text;
using System.Text;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Gateway.Discovery;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Uploading;
using FabLab.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Supervision;

/// <summary>
/// Tells Booking how the devices stand, and takes away those that staff have withdrawn there. It asks when the rules change, so
/// that a withdrawal is in force in a moment; when a device comes or goes; and every few seconds in any case.
/// </summary>
internal sealed partial class DeviceNews(
    DeviceSet devices, IDeviceDesk desk, IDeviceSource source, TrialDesk trials, FirmwareDesk firmware, Surroundings around, DeviceFarewell farewell, PolicyReplica policy, AlarmBoard alarms, TimeProvider time, ILogger<DeviceNews> logger)
{
    /// <summary>A device that came or went is told within this time.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>When nothing has changed.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(20);

    private static readonly IEqualityComparer<DeviceNow> SameWords = EqualityComparer<DeviceNow>.Create((a, b) => a is null ? b is null : a.SaysTheSameAs(b));

    private readonly Dictionary<DeviceId, DeviceEnrolled> _results = [];
    private readonly HashSet<DeviceId> _awaited = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var changed = System.Threading.Channels.Channel.CreateBounded<bool>(
            new System.Threading.Channels.BoundedChannelOptions(1) { FullMode = System.Threading.Channels.BoundedChannelFullMode.DropWrite });
        void OnRules(LabPolicy rules) => changed.Writer.TryWrite(true);
        policy.Changed += OnRules;
        try
        {
            DevicesNow? told = null;
            var toldAt = time.GetTimestamp();
            while (true)
            {
                var now = Now();
                LookForWrongKeys(now);
                if (told is null || _results.Count > 0 || trials.HasNews || changed.Reader.TryRead(out _) || time.GetElapsedTime(toldAt) >= Every || !told.Devices.SequenceEqual(now.Devices, SameWords)
                    || !told.Found!.Select(f => (f.Place, f.Label)).SequenceEqual(now.Found!.Select(f => (f.Place, f.Label))))
                {
                    toldAt = time.GetTimestamp();
                    told = await TellAsync(now, cancellationToken) ? now with { Enrolled = null, Tested = null } : null;
                }
                // What became of an enrolment is told at once; somebody waits for it.
                if (_results.Count == 0 || told is null)
                    await WaitAsync(changed.Reader, cancellationToken);
            }
        }
        finally
        {
            policy.Changed -= OnRules;
        }
    }

    private DevicesNow Now()
    {
        var running = devices.Running;
        return new([.. running.OrderBy(d => d.Settings.Id, StringComparer.Ordinal).Take(DevicesNow.Most)
            .Select(d => new DeviceNow(d.Settings.DeviceId, d.Settings.Driver, d.Health.Online, d.Health.Firmware) { Update = firmware.Find(d.Settings.DeviceId)?.Told, ReadBack = d.Health.ReadBack })])
        {
            Found = around.Look(running.Select(d => d.Settings)),
        };
    }

    private async Task<bool> TellAsync(DevicesNow now, CancellationToken cancellationToken)
    {
        var results = _results.Values.ToList();
        var tested = trials.News;
        if (await desk.TellAsync(now with { Enrolled = results.Count > 0 ? results : null, Tested = tested }, cancellationToken) is not { } orders)
            return false;
        _results.Clear();
        trials.Told(tested ?? []);
        foreach (var order in orders.Test ?? [])
            trials.Take(order, cancellationToken);
        foreach (var order in orders.Enrol ?? [])
            await EnrolAsync(order, cancellationToken);
        foreach (var order in orders.Adopt ?? [])
            await AdoptAsync(order, cancellationToken);
        foreach (var order in orders.Update ?? [])
            await UpdateAsync(order, cancellationToken);
        foreach (var device in orders.Withdrawn)
        {
            try
            {
                await source.WithdrawAsync(device.Value, cancellationToken);
                // The list has it no more; now the device itself hears of it, whoever else follows the list.
                await farewell.SayAsync([device.Value]);
                alarms.Clear(AlarmCodes.StorageFailure, device.Value);
                Log.Withdrawn(logger, device.Value);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                alarms.Raise(AlarmCodes.StorageFailure, device.Value, $"The device is withdrawn, but its key could not be taken off the list: {e.Message}");
                Log.NotWithdrawn(logger, device.Value, e);
            }
        }
        return true;
    }

    private async Task UpdateAsync(DeviceToUpdate order, CancellationToken cancellationToken)
    {
        if (firmware.Find(order.Device)?.AskedAt == order.Asked || FirmwareSignature.Read(order.Signature) is not { } signed
            || await desk.FirmwareAsync(order.Device, cancellationToken) is not { } bytes)
        {
            return;
        }
        var offer = MessageReader.Read(Protocol.TopicKind.Command, Encoding.UTF8.GetBytes(order.Signature.Trim())).TryGet(out var message, out _) ? message as FirmwareOffer : null;
        // Booking has looked as well; what a device is offered is what was signed, whoever stands between.
        var why = offer is null || !offer.Fits(bytes) ? ReplyCode.Hash
            : firmware.Ask(order.Device, new FirmwareFile(offer, bytes), order.Asked) is null ? null : ReplyCode.Unknown;
        if (why is not null)
            firmware.Refuse(order.Device, signed.Version, signed.Size, order.Asked, why);
    }

    private async Task EnrolAsync(DeviceToEnrol order, CancellationToken cancellationToken)
    {
        var settings = new DeviceSettings
        {
            Id = order.Device.Value,
            Driver = "node",
            Channels = order.Relays,
            KeyId = order.KeyId,
            Key = Base64Url.EncodeToString(order.Key),
        };
        var result = await source.EnrolAsync(settings, cancellationToken);
        _results[order.Device] = new DeviceEnrolled(order.Device, result);
        if (result == EnrolmentResult.Taken)
            _awaited.Add(order.Device);
        Log.Enrolled(logger, order.Device.Value, result);
    }

    private async Task AdoptAsync(DeviceToAdopt order, CancellationToken cancellationToken)
    {
        if (_results.ContainsKey(order.Device))
            return;
        // The list itself and not what runs: two orders for one port may come together, and the second must find it taken.
        var listed = await source.ReadAsync(cancellationToken);
        // What was adopted before is no longer around: the answer to the first order got lost.
        var result = around.Adopt(order, listed) is { } settings ? await source.EnrolAsync(settings, cancellationToken)
            : listed.Any(d => d.Id == order.Device.Value) ? EnrolmentResult.Taken : EnrolmentResult.NotThere;
        _results[order.Device] = new DeviceEnrolled(order.Device, result);
        Log.Enrolled(logger, order.Device.Value, result);
    }

    /// <summary>A device that was enrolled and knocks with another key is told of once; one that answers is awaited no longer.</summary>
    private void LookForWrongKeys(DevicesNow now)
    {
        if (_awaited.Count == 0)
            return;
        _awaited.ExceptWith(now.Devices.Where(d => d.Online).Select(d => d.Device));
        foreach (var device in _awaited.Where(d => source.WasTurnedAway(d.Value)).ToList())
        {
            _awaited.Remove(device);
            _results[device] = new DeviceEnrolled(device, EnrolmentResult.WrongKey);
        }
    }

    private async Task WaitAsync(System.Threading.Channels.ChannelReader<bool> changed, CancellationToken cancellationToken)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var look = Task.Delay(Look, time, until.Token);
        await Task.WhenAny(look, changed.WaitToReadAsync(until.Token).AsTask());
        await until.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static partial class Log
    {
        [LoggerMessage(4861, LogLevel.Information, "{Device}: withdrawn by staff; its relays open, its key is gone")]
        public static partial void Withdrawn(ILogger logger, string device);

        [LoggerMessage(4863, LogLevel.Information, "{Device}: enrolled by its code: {Result}")]
        public static partial void Enrolled(ILogger logger, string device, EnrolmentResult result);

        [LoggerMessage(4862, LogLevel.Error, "{Device}: withdrawn by staff, but its key could not be taken off the list")]
        public static partial void NotWithdrawn(ILogger logger, string device, Exception exception);
    }
}
