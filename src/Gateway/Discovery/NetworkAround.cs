using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using FabLab.Contracts;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Links;

namespace FabLab.Gateway.Discovery;

/// <summary>
/// Devices and printers on the lab's network that do not speak with us yet, by what they say of themselves: answers of multicast DNS, and the
/// notices of Bambu printers. Anybody on the network can say anything here; nothing of it is acted on before staff adopt it. docs/adr/0046.
/// </summary>
/// <param name="broker">Where a device at that address finds our broker; null when it cannot.</param>
/// <param name="time">Says what is long gone.</param>
internal sealed class NetworkAround(Func<IPAddress, (string Host, int Port)?> broker, TimeProvider time)
{
    /// <summary>What is silent so long is gone; the question comes every two minutes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private const int Most = 200;
    private const int MostText = 64;
    private const string Suffix = "._tcp.local";

    private static readonly Dictionary<string, Func<Found, Around?>> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["_shelly"] = Shelly,
        ["_esphomelib"] = EspHome,
        ["_octoprint"] = OctoPrint,
        ["_moonraker"] = found => Witness(found, "moonraker", null, PortOf(found, 7125), []),
        ["_prusalink"] = PrusaLink,
        ["_http"] = Web,
        ["_telnet"] = found => found.Instance.Contains("fluidnc", StringComparison.OrdinalIgnoreCase) || found.Instance.Contains("grbl", StringComparison.OrdinalIgnoreCase)
            ? Witness(found, "grbl", null, PortOf(found, 23), [])
            : null,
    };

    private readonly ConcurrentDictionary<string, Found> _found = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The services that are asked for.</summary>
    public static IReadOnlyList<string> Services { get; } = [.. Kinds.Keys.Order(StringComparer.Ordinal).Select(kind => kind + Suffix)];

    /// <summary>Takes an answer of multicast DNS.</summary>
    /// <param name="message">The message.</param>
    /// <param name="from">Who sent it.</param>
    public void Heard(ReadOnlySpan<byte> message, IPAddress from)
    {
        if (MulticastDns.Read(message) is not { } records)
            return;
        var host = records.OfType<DnsRecord.Host>().FirstOrDefault(h => h.Ttl > 0 && IsPrivate(h.Address))?.Address ?? from;
        foreach (var pointer in records.OfType<DnsRecord.Pointer>())
        {
            var instance = pointer.Instance;
            if (!pointer.Name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) || !instance.EndsWith("." + pointer.Name, StringComparison.OrdinalIgnoreCase)
                || !Kinds.ContainsKey(pointer.Name[..^Suffix.Length]))
            {
                continue;
            }
            if (pointer.Ttl == 0)
            {
                _found.TryRemove(instance, out _);
                continue;
            }
            if (_found.Count >= Most && !_found.ContainsKey(instance))
                Forget();
            if (_found.Count < Most || _found.ContainsKey(instance))
            {
                var before = _found.GetValueOrDefault(instance);
                _found[instance] = new Found(
                    pointer.Name[..^Suffix.Length], instance[..^(pointer.Name.Length + 1)], host,
                    records.OfType<DnsRecord.Service>().FirstOrDefault(s => Is(s, instance))?.Port ?? before?.Port,
                    records.OfType<DnsRecord.Text>().FirstOrDefault(t => Is(t, instance))?.Pairs ?? before?.Says ?? new Dictionary<string, string>(),
                    time.GetTimestamp());
            }
        }
    }

    /// <summary>Takes a notice of a Bambu printer: lines as of HTTP, sent to everybody on port 2021.</summary>
    /// <param name="message">The message.</param>
    /// <param name="from">Who sent it.</param>
    public void Noticed(ReadOnlySpan<byte> message, IPAddress from)
    {
        if (message.Length > 2048 || !message.StartsWith("NOTIFY "u8))
            return;
        var says = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in Encoding.UTF8.GetString(message).Split('\n').Skip(1).Take(32))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                says.TryAdd(line[..colon].Trim(), line[(colon + 1)..].Trim());
        }
        if (says.GetValueOrDefault("NT") != "urn:bambulab-com:device:3dprinter:1" || says.GetValueOrDefault("USN") is not { Length: >= 8 and <= 32 } serial || !serial.All(char.IsAsciiLetterOrDigit))
            return;
        var key = "bambu " + serial;
        if (_found.Count >= Most && !_found.ContainsKey(key))
            Forget();
        if (_found.Count < Most || _found.ContainsKey(key))
            _found[key] = new Found("bambu", serial, IPAddress.TryParse(says.GetValueOrDefault("Location"), out var address) && IsPrivate(address) ? address : from, null, says, time.GetTimestamp());
    }

    /// <summary>What is there and could be adopted.</summary>
    public IEnumerable<Around> Look()
    {
        Forget();
        return _found.Values.Select(found => found.Kind == "bambu" ? Bambu(found) : Kinds[found.Kind](found))
            .OfType<Around>()
            // One thing announces itself as several services; the first of a driver at an address is it.
            .DistinctBy(around => (around.Settings.Driver, around.Address))
            .Select(around => around.ToSet is null ? around : around with { ToSet = Settable(around) })
            .OrderBy(around => around.Place, StringComparer.Ordinal);
    }

    private string Settable(Around around) => broker(IPAddress.Parse(around.Address!)) is var (host, port)
        ? around.ToSet!.Replace("{host}", host, StringComparison.Ordinal).Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        : "";

    private void Forget()
    {
        foreach (var (key, found) in _found)
        {
            if (time.GetElapsedTime(found.At) > Patience)
                _found.TryRemove(KeyValuePair.Create(key, found));
        }
    }

    private static bool Is(DnsRecord record, string instance) => record.Ttl > 0 && record.Name.Equals(instance, StringComparison.OrdinalIgnoreCase);

    /// <summary>An address that leads nowhere but into the lab's own network; for any other one the sender's counts, who is on it.</summary>
    private static bool IsPrivate(IPAddress address) => address.GetAddressBytes() switch
    {
        [10, _, _, _] or [192, 168, _, _] or [169, 254, _, _] or [127, _, _, _] => true,
        [172, >= 16 and < 32, _, _] => true,
        _ => false,
    };

    private static int PortOf(Found found, int port) => found.Port is > 0 and var said ? said : port;

    private static string Label(params IEnumerable<string?> parts) => string.Join(", ", parts.Where(part => part is { Length: > 0 and <= MostText }).Distinct());

    /// <summary>Shelly Plus, Pro and what came after; the first generation says <c>_http</c> alone.</summary>
    private static Around? Shelly(Found found) => TopicFilter.IsTopic(found.Instance)
        ? Plug(found, "shelly", Label(found.Instance, found.Says.GetValueOrDefault("app"), found.Says.GetValueOrDefault("ver")),
            """
            MQTT: enabled
            Server: {host}:{port}
            Client ID: {name}
            Username: {name}
            Password: {password}
            MQTT prefix: {name}
            RPC status notifications: enabled
            """)
        : null;

    private static Around? EspHome(Found found) => Plug(
        found, "esphome", Label(found.Says.GetValueOrDefault("friendly_name") ?? found.Instance, found.Says.GetValueOrDefault("board"), found.Says.GetValueOrDefault("version")),
        """
        mqtt:
          broker: {host}
          port: {port}
          client_id: {name}
          username: {name}
          password: {password}
          topic_prefix: {name}
          clean_session: true
          discovery: false
        """);

    private static Around? OctoPrint(Found found) =>
        // Behind a path there is another server in front of it; that address is written by hand.
        found.Says.GetValueOrDefault("path", "/") == "/" ? Witness(found, "octoprint", found.Says.GetValueOrDefault("version"), PortOf(found, 80), [DeviceNeed.Secret]) : null;

    private static Around? PrusaLink(Found found) => Witness(found, "prusalink", null, PortOf(found, 80), [DeviceNeed.Secret]);

    /// <summary>Everything with a page announces one; these three say what they are.</summary>
    private static Around? Web(Found found)
    {
        if (found.Instance.Contains("prusalink", StringComparison.OrdinalIgnoreCase))
            return PrusaLink(found);
        if (found.Says.GetValueOrDefault("devicetype") == "tasmota")
        {
            return Plug(
                found, "tasmota", Label(found.Instance, "Tasmota"),
                "Backlog MqttHost {host}; MqttPort {port}; MqttClient {name}; MqttUser {name}; MqttPassword {password}; Topic {name}; SetOption3 1");
        }
        if (found.Says.GetValueOrDefault("id") is { } id && id.StartsWith("shelly", StringComparison.OrdinalIgnoreCase) && !found.Says.ContainsKey("gen") && TopicFilter.IsTopic(id))
        {
            return Plug(
                found with { Instance = id }, "shelly1", Label(id, found.Says.GetValueOrDefault("fw_id")),
                """
                MQTT: enabled
                Server: {host}:{port}
                Username: {name}
                Password: {password}
                Clean session: on
                Retain: off
                Auto off: 5
                Power on default mode: off
                """, topic: id);
        }
        return null;
    }

    private static Around? Bambu(Found found) => new(
        new DeviceSettings
        {
            Id = Around.Name("printer", found.Says.GetValueOrDefault("DevName.bambu.com") ?? found.Instance), Driver = "bambu", Link = DeviceLinkKind.Network,
            Address = found.Host.ToString(), Topic = found.Instance, Channels = 0,
        },
        "bambu/" + found.Instance, Label("Bambu Lab", found.Says.GetValueOrDefault("DevName.bambu.com"), found.Says.GetValueOrDefault("DevModel.bambu.com"), found.Says.GetValueOrDefault("DevVersion.bambu.com")))
    {
        Address = found.Host.ToString(),
        Needs = [DeviceNeed.Secret, DeviceNeed.Certificate],
    };

    /// <summary>A plug or a board that has to be told of our broker; under the name it is given there it comes by itself.</summary>
    private static Around? Plug(Found found, string driver, string label, string toSet, string? topic = null) => found.Instance.Length is > 0 and <= MostText
        ? new(new DeviceSettings { Id = Around.Name("plug", found.Instance), Driver = driver, Topic = topic, Channels = 1 }, $"{driver}/{found.Instance}", label)
        {
            Address = found.Host.ToString(),
            ToSet = toSet,
        }
        : null;

    /// <summary>A machine that is asked at its own address.</summary>
    private static Around? Witness(Found found, string driver, string? version, int port, IReadOnlyList<DeviceNeed> needs) => found.Instance.Length is > 0 and <= MostText
        ? new(
            new DeviceSettings
            {
                Id = Around.Name("printer", found.Instance), Driver = driver, Link = DeviceLinkKind.Network,
                Address = string.Create(CultureInfo.InvariantCulture, $"{found.Host}:{port}"), Channels = 0,
            },
            $"{driver}/{found.Instance}", Label(found.Instance, version))
        {
            Address = found.Host.ToString(),
            Needs = needs,
        }
        : null;

    /// <summary>Something that has said that it is there.</summary>
    /// <param name="Kind">The service, without what all have behind it.</param>
    /// <param name="Instance">Its name there.</param>
    /// <param name="Host">Where it is.</param>
    /// <param name="Port">Where the service answers; null when it has not said.</param>
    /// <param name="Says">What else it says of itself.</param>
    /// <param name="At">When it was heard last.</param>
    private sealed record Found(string Kind, string Instance, IPAddress Host, int? Port, IReadOnlyDictionary<string, string> Says, long At);
}
