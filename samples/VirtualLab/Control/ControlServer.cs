using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FabLab.VirtualLab.Day;
using FabLab.VirtualLab.Devices;
using FabLab.VirtualLab.World;
using Microsoft.Extensions.Logging;

namespace FabLab.VirtualLab.Control;

/// <summary>
/// The hand that reaches into the virtual lab: a Unix socket in the data folder, a line of JSON each way. Only who may open
/// the file may speak; nothing here exists in a real lab.
/// </summary>
internal sealed partial class ControlServer : IAsyncDisposable
{
    private const int LongestLine = 4096;

    private readonly VirtualPlace _place;
    private readonly Taps _taps;
    private readonly LabDescription _lab;
    private readonly Director? _day;
    private readonly ILogger _logger;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _path;
    private readonly Task _serving;

    public ControlServer(string path, VirtualPlace place, Taps taps, LabDescription lab, Director? day, ILogger logger)
    {
        _path = path;
        _place = place;
        _taps = taps;
        _lab = lab;
        _day = day;
        _logger = logger;
        File.Delete(path);
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _socket.Listen(8);
        _serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        File.Delete(_path);
        _stop.Dispose();
    }

    internal async Task<ControlAnswer> AnswerAsync(string line, CancellationToken cancellationToken)
    {
        ControlRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest);
        }
        catch (JsonException fault)
        {
            return Refuse("unknown-request", fault.Message);
        }
        if (request?.Do is not { } act)
            return Refuse("unknown-request", "It says nothing to do.");
        if (act == "status")
            return StatusNow();
        if (request.Machine is { } code && _place.Machine(code) is null)
            return Refuse("unknown-machine", $"There is no machine {code} with a device here. There are: {string.Join(", ", _place.Machines.Select(machine => machine.Code))}.");
        return act switch
        {
            "tap" => await TapAsync(request, cancellationToken),
            "weld" or "unweld" or "work" when request.Machine is null => Refuse("unknown-machine", "Which machine?"),
            "weld" or "unweld" => Done(() => _place.Machine(request.Machine!)!.Weld(act == "weld", _place.NowMs)),
            "work" => Done(() => _place.Machine(request.Machine!)!.Work(TimeSpan.FromSeconds(request.Seconds ?? 60), _place.NowMs)),
            "cut" or "unplug" => ToDevices(request, device => device.Cable(plugged: false, request.Silent)),
            "mend" or "plug" => ToDevices(request, device => device.Cable(plugged: true, silent: false)),
            "power-off" => ToDevices(request, device => device.Power(on: false)),
            "power-on" => ToDevices(request, device => device.Power(on: true)),
            "misbehave" => Misbehave(request),
            "close" => await CloseAsync(cancellationToken),
            _ => Refuse("unknown-request", $"'{act}' is nothing the virtual lab can do."),
        };
    }

    /// <summary>What <c>status</c> answers, as a line.</summary>
    public string Status() => JsonSerializer.Serialize(StatusNow(), ControlJson.Default.ControlAnswer);

    private static ControlAnswer Refuse(string error, string detail) => new(false, error, detail);

    private static ControlAnswer Done(Action act)
    {
        act();
        return new ControlAnswer(true);
    }

    private async Task<ControlAnswer> TapAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        if (request.Machine is not { } machine)
            return Refuse("unknown-machine", "Which machine?");
        var code = request.Person ?? "";
        var number = code.Length == 10 && code.All(char.IsAsciiHexDigit) ? code.ToUpperInvariant() : _lab.FindPerson(code)?.Badge;
        if (number is null)
            return Refuse("unknown-person", $"There is no sample person {code} with a badge. There are {_lab.People[0].Code} to {_lab.People[^1].Code}; ten hex digits are any tag.");
        return await _taps.TapAsync(machine, number, cancellationToken) is { } result
            ? new ControlAnswer(true, Tap: result)
            : Refuse("no-reader", $"{machine} has no reader.");
    }

    private async Task<ControlAnswer> CloseAsync(CancellationToken cancellationToken)
    {
        if (_day is null)
            return Refuse("not-possible", "The day is quiet: nobody taps by themselves.");
        var left = await _day.CloseAsync(cancellationToken);
        return left.Count == 0 ? new ControlAnswer(true) : Refuse("not-possible", $"Still on: {string.Join(", ", left)}.");
    }

    private ControlAnswer StatusNow()
    {
        var now = _place.NowMs;
        return new ControlAnswer(
            true,
            Machines: [.. _place.Machines.Select(machine =>
            {
                var (watts, energy) = machine.Read(now);
                return new MachineStatus(
                    machine.Code, machine.Relay.IsClosed, machine.Relay.OnTimeMs(now), machine.Relay.Closings, machine.Exhaust.IsClosed,
                    Math.Round(watts, 1), energy, machine.Welded);
            })],
            Devices: [.. _place.Devices.Select(device => new DeviceStatus(device.Id, device.IsConnected))]);
    }

    private ControlAnswer ToDevices(ControlRequest request, Action<IVirtualDevice> act)
    {
        var devices = Asked(request);
        if (devices.Count == 0)
            return Refuse("unknown-device", $"There is no device {request.Device}. There are: {string.Join(", ", _place.Devices.Select(device => device.Id))}.");
        foreach (var device in devices)
            act(device);
        return new ControlAnswer(true);
    }

    private ControlAnswer Misbehave(ControlRequest request)
    {
        var devices = Asked(request);
        return devices.Any(device => device.Misbehave(request.How ?? ""))
            ? new ControlAnswer(true)
            : Refuse("not-possible", $"No such device, or it cannot do '{request.How}'.");
    }

    private List<IVirtualDevice> Asked(ControlRequest request)
    {
        if (request.Device is { } id)
            return _place.Device(id) is { } device ? [device] : [];
        if (request.Machine is { } machine)
            return _place.ReaderOf(machine) is var (reader, _) ? [reader] : [];
        return [.. _place.Devices];
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _socket.AcceptAsync(_stop.Token);
            _ = ServeOneAsync(client);
        }
    }

    private async Task ServeOneAsync(Socket client)
    {
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                var answer = line.Length > LongestLine ? Refuse("unknown-request", "The line is too long.") : await AnswerAsync(line, _stop.Token);
                await stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(answer, ControlJson.Default.ControlAnswer), (byte)'\n'], _stop.Token);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            Log.Gone(_logger, fault.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9001, LogLevel.Debug, "A control connection ended: {Why}")]
        public static partial void Gone(ILogger logger, string why);
    }
}
