using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers;

/// <summary>
/// The gateway's devices: <c>devices.json</c> in its data folder, readable by its owner only, changed by the command line and
/// by hand, read again when it changed. A file that is broken changes nothing: the last good one stays in force and
/// <see cref="Fault"/> says what is wrong. Thread-safe; several processes may change it, one at a time.
/// </summary>
public sealed partial class DeviceRegistry
{
    public const string FileName = "devices.json";

    private const long MostBytes = 4 * 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        MaxDepth = 8,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private volatile IReadOnlyList<DeviceSettings> _current = [];
    private (DateTime Written, long Length)? _stamp;
    private volatile string? _fault;

    /// <param name="folder">The gateway's data folder.</param>
    /// <param name="logger">Says when the file is broken and when it is good again.</param>
    public DeviceRegistry(string folder, ILogger<DeviceRegistry> logger)
    {
        _path = Path.Combine(Path.GetFullPath(folder), FileName);
        _logger = logger;
    }

    /// <summary>The devices that are in force.</summary>
    public IReadOnlyList<DeviceSettings> Current => _current;

    /// <summary>Why the file on the disk is not in force; null when it is.</summary>
    public string? Fault => _fault;

    /// <summary>Raised after this process changed the list itself.</summary>
    public event Action? Changed;

    /// <summary>Reads the file when it changed since it was last read.</summary>
    /// <returns>Whether <see cref="Current"/> has changed.</returns>
    public bool Refresh()
    {
        lock (_gate)
        {
            try
            {
                var file = new FileInfo(_path);
                if (!file.Exists)
                {
                    // Gone is not empty: somebody may be in the middle of something. A new gateway has none anyway.
                    if (_stamp is not null)
                        Broken("the file is gone");
                    return false;
                }
                var stamp = (file.LastWriteTimeUtc, file.Length);
                if (_stamp == stamp)
                    return false;
                _stamp = stamp;
                if (file.Length > MostBytes)
                    throw new InvalidDataException($"it has more than {MostBytes} bytes");
                var read = Parse(File.ReadAllText(_path));
                if (_fault is not null)
                    Log.Good(_logger, _path);
                _fault = null;
                if (read.SequenceEqual(_current))
                    return false;
                _current = read;
                return true;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or InvalidDataException or NotSupportedException)
            {
                Broken(fault.Message);
                return false;
            }
        }
    }

    /// <summary>Adds a device, or changes the one of that name.</summary>
    /// <exception cref="ArgumentException">The settings cannot work; the message says why.</exception>
    /// <exception cref="InvalidDataException">The file on the disk is broken and is not overwritten.</exception>
    /// <exception cref="IOException">It could not be written; nothing changed.</exception>
    public void Put(DeviceSettings device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (Check(device) is { } fault)
            throw new ArgumentException(fault, nameof(device));
        Change(devices =>
        {
            var at = devices.FindIndex(d => d.Id == device.Id);
            if (at < 0)
                devices.Add(device);
            else
                devices[at] = device;
            return true;
        });
    }

    /// <summary>Removes a device.</summary>
    /// <returns>False when there is none of that name.</returns>
    public bool Remove(string id) => Change(devices => devices.RemoveAll(d => d.Id == id) > 0);

    /// <summary>What is wrong with settings on their own, whatever the driver; null when nothing is.</summary>
    internal static string? Check(DeviceSettings device)
    {
        if (!Protocol.DeviceId.TryParse(device.Id, out _))
            return $"'{device.Id}' is no device name: 3 to 24 of a-z, 0-9 and dash, no dash at either end.";
        if (string.IsNullOrEmpty(device.Driver))
            return $"{device.Id}: driver is missing.";
        if (device.Channels is < 0 or > Protocol.Limits.Relays)
            return $"{device.Id}: channels is 0 to {Protocol.Limits.Relays}.";
        if (device.KeyId is < 1 or > 255)
            return $"{device.Id}: keyId is 1 to 255.";
        if (device.Link == DeviceLinkKind.Serial && string.IsNullOrEmpty(device.Path))
            return $"{device.Id}: path is missing, best by /dev/serial/by-id/.";
        if (device.Link == DeviceLinkKind.Network && string.IsNullOrEmpty(device.Address))
            return $"{device.Id}: address is missing, such as 192.168.1.40.";
        return null;
    }

    private bool Change(Func<List<DeviceSettings>, bool> change)
    {
        lock (_gate)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            // Between processes: the command line adds a device while the gateway runs.
            using var only = new FileStream(_path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var devices = File.Exists(_path) ? Parse(File.ReadAllText(_path)) : [];
            if (!change(devices))
                return false;
            PrivateFile.Write(_path, JsonSerializer.Serialize(new Document { Devices = devices }, Json) + "\n");
            _stamp = null;
        }
        Refresh();
        Changed?.Invoke();
        return true;
    }

    private static List<DeviceSettings> Parse(string text)
    {
        List<DeviceSettings> devices;
        try
        {
            devices = JsonSerializer.Deserialize<Document>(text, Json)?.Devices ?? throw new InvalidDataException("it holds no devices");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"it is not the JSON it should be: {fault.Message}", fault);
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var device in devices)
        {
            if (device is null)
                throw new InvalidDataException("a device is null");
            if (Check(device) is { } fault)
                throw new InvalidDataException(fault);
            if (!names.Add(device.Id))
                throw new InvalidDataException($"{device.Id} is in it twice");
        }
        return devices;
    }

    private void Broken(string why)
    {
        if (_fault == why)
            return;
        _fault = why;
        Log.Broken(_logger, _path, why);
    }

    private sealed record Document
    {
        public required List<DeviceSettings> Devices { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3200, Level = LogLevel.Error, Message = "{Path} is not in force, the devices stay as they were: {Why}")]
        public static partial void Broken(ILogger logger, string path, string why);

        [LoggerMessage(EventId = 3201, Level = LogLevel.Information, Message = "{Path} is good again and in force.")]
        public static partial void Good(ILogger logger, string path);
    }
}
