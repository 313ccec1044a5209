using FabLab.Gateway.Drivers;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Broker;

/// <summary>
/// The gateway's own Mosquitto: writes its files, starts it, starts it again when it dies, and has it read passwords and
/// rights again when devices come and go. Whoever is removed is cut off at once, live subscriptions included.
/// </summary>
public sealed partial class ManagedBroker : IAsyncDisposable
{
    private static readonly TimeSpan Soundness = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private const int MostTurnedAway = 1024;
    private const string Unnamed = "";

    private readonly BrokerOptions _options;
    private readonly BrokerFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly string _gatewayPassword = BrokerPassword.Create();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _turnedAway = new(StringComparer.Ordinal);
    private IReadOnlyCollection<DeviceAccess> _devices;
    private BrokerProcess? _process;
    private TaskCompletionSource _running = NewSignal();
    private volatile BrokerStatus _status = new(BrokerPhase.Stopped, null, null, 0);
    private volatile string? _lastError;
    private volatile int _starts;
    private Task? _supervisor;

    public ManagedBroker(BrokerOptions options, string folder, IReadOnlyCollection<DeviceAccess> devices, TimeProvider time, ILogger<ManagedBroker> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _files = new BrokerFiles(Path.GetFullPath(folder), options);
        _devices = devices;
        _time = time;
        _logger = logger;
        _logGate = new LogGate(time);
    }

    public BrokerStatus Status => _status;

    private int Restarts => Math.Max(0, _starts - 1);

    /// <summary>How the gateway itself connects. The password is new at each start of the gateway and stands nowhere in clear.</summary>
    public MqttLinkOptions GatewayLink => new()
    {
        Host = "127.0.0.1",
        Port = _options.Port,
        ClientId = BrokerFiles.GatewayUser,
        UserName = BrokerFiles.GatewayUser,
        Password = _gatewayPassword,
        MaxPayload = _options.MaxMessageBytes,
    };

    /// <summary>When the broker last turned a device of this name, or one whose name it does not say, away for its password.</summary>
    /// <param name="device">The device.</param>
    /// <returns>A timestamp of the clock; null when it never did, or too many others knocked.</returns>
    public long? TurnedAwayAt(string device) => _turnedAway.TryGetValue(device, out var at) || _turnedAway.TryGetValue(Unnamed, out at) ? at : null;

    public void Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            _supervisor ??= SuperviseAsync(_stopping.Token);
        }
    }

    /// <summary>Completes when the broker takes connections.</summary>
    public Task WaitUntilRunningAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _running.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Gives the broker the devices there are now. In force at once. When the files cannot be written the old rights stay in
    /// force, and the caller is told: it raises the alarm.
    /// </summary>
    /// <returns>Null, or why it could not be done.</returns>
    public string? SetDevices(IReadOnlyCollection<DeviceAccess> devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        lock (_gate)
        {
            try
            {
                WriteAccess(devices);
            }
            catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                Log.RightsNotWritten(_logger, fault.Message);
                return fault.Message;
            }
            _devices = devices;
            // Read once more: the broker lets everything through when it meets a line it does not know.
            if (_process is { } process)
            {
                if (_files.AccessIsSound())
                    process.Reload();
                else
                    process.Kill();
            }
        }
        Log.Rights(_logger, devices.Count);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        Task? supervisor;
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
                return;
            supervisor = _supervisor;
            _stopping.Cancel();
            _process?.Terminate();
        }
        if (supervisor is not null)
        {
            try
            {
                await supervisor.WaitAsync(Patience, _time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                lock (_gate)
                    _process?.Kill();
                await supervisor.ConfigureAwait(false);
            }
        }
        lock (_gate)
            _running.TrySetCanceled();
        _status = new BrokerStatus(BrokerPhase.Stopped, null, null, _status.Restarts);
        _stopping.Dispose();
    }

    private async Task SuperviseAsync(CancellationToken stopping)
    {
        var backoff = new Backoff(new BackoffOptions { First = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromSeconds(10) });
        while (!stopping.IsCancellationRequested)
        {
            _status = new BrokerStatus(BrokerPhase.Starting, null, null, Restarts);
            var started = _time.GetTimestamp();
            var (phase, detail) = await Task.Factory.StartNew(() => RunOnce(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            lock (_gate)
            {
                if (_running.Task.IsCompleted)
                    _running = NewSignal();
            }
            if (stopping.IsCancellationRequested)
                return;
            if (_time.GetElapsedTime(started) > Soundness)
                backoff.Reset();
            _status = new BrokerStatus(phase, detail, null, Restarts);
            if (_logGate.Pass(detail, out var heldBack))
                Log.Down(_logger, detail, heldBack);
            try
            {
                await Task.Delay(backoff.Next(), _time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Runs the broker once, from its files to its end, on the calling thread, which the kernel ties the child's life to.</summary>
    private (BrokerPhase Phase, string Detail) RunOnce()
    {
        try
        {
            if (BrokerProcess.Program(_options) is not { } program)
                return (BrokerPhase.Missing, "Mosquitto is not installed; on Debian or Ubuntu: apt install mosquitto");
            if (BrokerProcess.EndLeftover(_files) is { } leftover)
                Log.Leftover(_logger, leftover);
            if (PortHolder.Find(_options.Port) is { } holder)
                return (BrokerPhase.Waiting, $"port {_options.Port} is in use by {holder}");
            BrokerProcess process;
            lock (_gate)
            {
                if (_stopping.IsCancellationRequested)
                    return (BrokerPhase.Stopped, "stopping");
                _files.WriteConfiguration();
                WriteAccess(_devices);
                process = BrokerProcess.Start(program, _files, OnLog);
                _process = process;
                _starts++;
            }
            using (process)
            {
                var code = process.WaitForEnd();
                lock (_gate)
                    _process = null;
                return (BrokerPhase.Waiting, $"Mosquitto ended with code {code}{(_lastError is { } error ? ": " + error : "")}");
            }
        }
        catch (Exception fault)
        {
            Log.StartFailed(_logger, fault);
            return (BrokerPhase.Waiting, fault.Message);
        }
    }

    private void WriteAccess(IReadOnlyCollection<DeviceAccess> devices)
    {
        foreach (var name in _files.WriteAccess(_gatewayPassword, devices))
            Log.LeftOut(_logger, name);
    }

    private void OnLog(string line)
    {
        if (line.StartsWith("mosquitto version ", StringComparison.Ordinal) && line.EndsWith(" running", StringComparison.Ordinal))
        {
            lock (_gate)
            {
                _status = new BrokerStatus(BrokerPhase.Running, null, _process?.Id, Restarts);
                _lastError = null;
                _running.TrySetResult();
            }
            Log.Running(_logger, _options.Port);
            return;
        }
        if (line.StartsWith("Error", StringComparison.Ordinal))
        {
            _lastError = line;
            Log.BrokerError(_logger, line);
            // It did not understand its rights, and goes on without any. Better no broker than that one: it is ended, and
            // started again with files that were checked.
            if (line.Contains("acl", StringComparison.OrdinalIgnoreCase) || line.Contains("password file", StringComparison.OrdinalIgnoreCase))
            {
                Log.RightsNotUnderstood(_logger);
                lock (_gate)
                    _process?.Kill();
            }
            return;
        }
        if (line.Contains("not authorised", StringComparison.Ordinal))
        {
            NoteTurnedAway(line);
            if (_logGate.Pass("unauthorised", out var heldBack))
                Log.NotAuthorised(_logger, line, heldBack);
            return;
        }
        Log.BrokerLine(_logger, line);
    }

    /// <summary>"Client las-1 [192.168.1.7:50412] disconnected, not authorised."; those up to 2.0.11 say "&lt;unknown&gt;" for every name.</summary>
    private void NoteTurnedAway(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, "Client");
        var name = at >= 0 && at + 1 < words.Length && Protocol.DeviceId.TryParse(words[at + 1].TrimEnd(','), out var device) ? device.Value : Unnamed;
        // Whoever knocks under many names may not fill the memory.
        if (_turnedAway.Count < MostTurnedAway || _turnedAway.ContainsKey(name))
            _turnedAway[name] = _time.GetTimestamp();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3100, Level = LogLevel.Information, Message = "The broker runs on port {Port}.")]
        public static partial void Running(ILogger logger, int port);

        [LoggerMessage(EventId = 3101, Level = LogLevel.Error, Message = "The broker is not running: {Detail}. Trying again. ({HeldBack} like it not shown)")]
        public static partial void Down(ILogger logger, string detail, int heldBack);

        [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "A broker that an earlier run left behind, process {ProcessId}, was ended.")]
        public static partial void Leftover(ILogger logger, int processId);

        [LoggerMessage(EventId = 3103, Level = LogLevel.Information, Message = "The broker knows {Count} devices.")]
        public static partial void Rights(ILogger logger, int count);

        [LoggerMessage(EventId = 3104, Level = LogLevel.Error, Message = "The broker's passwords and rights could not be written, the old ones stay in force: {Detail}")]
        public static partial void RightsNotWritten(ILogger logger, string detail);

        [LoggerMessage(EventId = 3105, Level = LogLevel.Critical, Message = "The broker did not understand its rights file. It is ended, because it would let everything through.")]
        public static partial void RightsNotUnderstood(ILogger logger);

        [LoggerMessage(EventId = 3106, Level = LogLevel.Error, Message = "Mosquitto: {Line}")]
        public static partial void BrokerError(ILogger logger, string line);

        [LoggerMessage(EventId = 3107, Level = LogLevel.Debug, Message = "Mosquitto: {Line}")]
        public static partial void BrokerLine(ILogger logger, string line);

        [LoggerMessage(EventId = 3108, Level = LogLevel.Warning, Message = "Somebody was refused by the broker: {Line} ({HeldBack} like it not shown)")]
        public static partial void NotAuthorised(ILogger logger, string line, int heldBack);

        [LoggerMessage(EventId = 3110, Level = LogLevel.Error, Message = "Device {Device} is left out of the broker's files: its name, password or topics cannot stand there.")]
        public static partial void LeftOut(ILogger logger, string device);

        [LoggerMessage(EventId = 3109, Level = LogLevel.Error, Message = "The broker could not be started.")]
        public static partial void StartFailed(ILogger logger, Exception fault);
    }
}
