using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Gateway.Discovery;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Flow;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Leases;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Uploading;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Gateway;

/// <summary>
/// The gateway at work: puts the parts together in the order in which they need each other, and takes them apart the other way
/// round. When one of its loops ends that should not, the whole process ends with an exit code that lets it be started again.
/// </summary>
internal sealed partial class GatewayService(
    IOptions<GatewayOptions> options, GatewayJournal journal, PolicyReplica policy, JournalUploader uploader, IDeviceSource source,
    IEnumerable<IDeviceDriver> drivers, AlarmBoard alarms, GatewayMetrics metrics, GatewayClock clock, TimeProvider time,
    ResolveBadge resolve, GatewayStatus status, FirmwareDesk firmware, Surroundings around, IDeviceDesk desk, DeviceFarewell farewell, IHostApplicationLifetime lifetime, ILoggerFactory logs) : BackgroundService
{
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logs.CreateLogger<GatewayService>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Log.Stopped(_logger);
        }
        catch (Exception e)
        {
            // Before .NET 11 a failed background service ends the process with code 0, and a service manager leaves it at that.
            Log.Failed(_logger, e);
            Environment.ExitCode = 1;
            status.Fail(e.GetType().Name);
            lifetime.StopApplication();
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        var set = options.Value;
        var counters = new CounterStore(journal);
        // A device that does not number its boots is timed by the gateway's own start, so that needs a number.
        var start = await counters.ReserveAsync("gateway-start", 1) ?? throw new InvalidOperationException("The gateway's file cannot be written.");
        var floor = new FloorBoard();
        var refused = new RefusedTaps(time);
        using var marks = new LeaseMarks(Path.Combine(set.DataFolder, "leases"), logs.CreateLogger<LeaseMarks>());
        var parts = new FlowParts
        {
            Journal = journal,
            Policy = policy,
            Floor = floor,
            Refused = refused,
            Resolve = resolve,
            Gather = new GatherFacts(floor, refused, journal.Health),
            Devices = new DeviceDirectory(),
            DeviceClocks = new DeviceClocks(clock, (uint)(start & 0x7FFF_FFFF)),
            Marks = marks,
            Clock = clock,
            Alarms = alarms,
            Metrics = metrics,
            Time = time,
            Logs = logs,
            Language = set.Language,
            TapFresh = set.TapFresh,
        };
        using var machines = new MachineFloor(parts);
        using var alarmJournal = new AlarmJournal(journal, alarms);
        using var rules = new DeviceRules(parts, counters);
        var silence = new SilenceWatch(alarms, time);
        journal.Health.Changed += OnStorage;

        var known = drivers.ToDictionary(d => d.Kind, StringComparer.Ordinal);
        using var devices = new DeviceSet(
            source,
            s => new DeviceLoop(
                s, known.GetValueOrDefault(s.Driver), parts, machines.TakeAsync, d => ChannelsToOpen(policy.Current, d), rules.OnOnlineAsync, silence),
            time, logs.CreateLogger<DeviceSet>());

        bool IsInUse(MachineId id) => machines.Find(id)?.State is { } state && (state.Session is not null || state.Tracks.Main is not null);
        var trials = new TrialDesk(
            parts, source, rules, IsInUse,
            (id, cancel) => devices.CloseAsync([id], cancel), logs.CreateLogger<TrialDesk>());
        var news = new DeviceNews(devices, desk, source, trials, firmware, around, farewell, policy, alarms, time, logs.CreateLogger<DeviceNews>());

        machines.Start();
        farewell.Close = devices.CloseAsync;
        status.Run(machines, parts, devices, uploader);
        using var loopsStop = new CancellationTokenSource();
        firmware.Run(parts, IsInUse, loopsStop.Token);
        using var devicesStop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var changes = new RulesSignal();
        policy.Changed += changes.Set;
        Task[] loops =
        [
            devices.RunAsync(devicesStop.Token),
            news.RunAsync(loopsStop.Token),
            policy.RunAsync(loopsStop.Token),
            uploader.RunAsync(loopsStop.Token),
            alarmJournal.RunAsync(loopsStop.Token),
            FollowRulesAsync(changes, rules, loopsStop.Token),
            PruneAsync(Duration.FromDays(set.JournalKeepDays), loopsStop.Token),
        ];
        Log.Started(_logger, set.Name, policy.Current.Revision);
        try
        {
            var ended = await Task.WhenAny([.. loops, Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken)]);
            if (!stoppingToken.IsCancellationRequested)
            {
                await ended;
                throw new InvalidOperationException("A loop of the gateway ended by itself.");
            }
        }
        finally
        {
            policy.Changed -= changes.Set;
            journal.Health.Changed -= OnStorage;
            farewell.Close = null;
            firmware.Run(null, IsInUse, default);
            // No more reports, then the last words of every machine, then the devices, then the rest.
            await devicesStop.CancelAsync();
            await Quietly(loops[0]);
            await devices.StopAsync();
            using var limit = new CancellationTokenSource(StopLimit, time);
            await machines.StopAsync(limit.Token);
            foreach (var (id, _) in parts.Devices.All)
            {
                if (parts.Devices.Find(id) is { } device)
                    await device.DisposeAsync();
            }
            await loopsStop.CancelAsync();
            await Task.WhenAll(loops[1..].Select(Quietly));
        }
    }

    /// <summary>The relays of a device that may not be left to finish by themselves.</summary>
    private static IEnumerable<int> ChannelsToOpen(LabPolicy policy, DeviceId device) =>
        from machine in policy.MachinesOf(device)
        let rule = policy.Machine(machine)
        where rule is { LostLink: LostLinkRule.Open }
        from binding in rule.Devices
        where binding.Device == device && binding.Role is DeviceRole.Relay or DeviceRole.Exhaust
        select binding.Channel;

    private void OnStorage(StorageFault? fault)
    {
        if (fault is null)
            alarms.Clear(AlarmCodes.StorageFailure, "journal");
        else
            alarms.Raise(AlarmCodes.StorageFailure, "journal", $"Nothing can be written down ({fault.Kind}): machines refuse, uses end.");
    }

    private async Task FollowRulesAsync(RulesSignal changes, DeviceRules rules, CancellationToken cancellationToken)
    {
        while (true)
        {
            await changes.WaitAsync(cancellationToken);
            await rules.OnRulesAsync(policy.Current, cancellationToken);
        }
    }

    private async Task PruneAsync(Duration keep, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(PruneEvery, time, cancellationToken);
            while (await uploader.PruneAsync(keep) > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        }
    }

    private async Task Quietly(Task loop)
    {
        try
        {
            await loop;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
        catch (Exception e)
        {
            Log.LoopFailed(_logger, e);
        }
    }

    /// <summary>One bit: the rules have changed since somebody looked.</summary>
    private sealed class RulesSignal
    {
        private readonly System.Threading.Channels.Channel<bool> _bit = System.Threading.Channels.Channel.CreateBounded<bool>(
            new System.Threading.Channels.BoundedChannelOptions(1) { FullMode = System.Threading.Channels.BoundedChannelFullMode.DropWrite });

        public void Set(LabPolicy policy) => _bit.Writer.TryWrite(true);

        public async Task WaitAsync(CancellationToken cancellationToken) => await _bit.Reader.ReadAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(4001_0, LogLevel.Information, "Gateway {Name} started with rules at revision {Revision}")]
        public static partial void Started(ILogger logger, string name, long revision);

        [LoggerMessage(4001_1, LogLevel.Information, "Gateway stopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(4001_2, LogLevel.Critical, "The gateway failed; the process ends so that it is started again")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(4001_3, LogLevel.Error, "A loop of the gateway failed")]
        public static partial void LoopFailed(ILogger logger, Exception exception);
    }
}
