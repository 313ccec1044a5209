using System.Text.Json.Serialization;
using FabLab.Core;

namespace FabLab.Gateway.Drivers;

/// <summary>What a device is connected with.</summary>
public enum DeviceLinkKind
{
    Mqtt = 0,
    Serial,

    /// <summary>By the device's own address: HTTP, a broker of its own, or plain TCP.</summary>
    Network,
}

/// <summary>
/// One device as the gateway's <c>devices.json</c> holds it. Secrets are in it: the file is readable by its owner only,
/// and <see cref="ToString"/> leaves them out.
/// </summary>
public sealed record DeviceSettings
{
    /// <summary>3 to 24 of a-z, 0-9 and dash, no dash at either end. It is a topic level, an MQTT user and a client id at once.</summary>
    public required string Id { get; init; }

    /// <summary>The driver: <c>node</c>, <c>tasmota</c>, <c>shelly</c>, <c>shelly1</c>, <c>esphome</c>, <c>zigbee2mqtt</c>, <c>homeassistant</c>, <c>rdm6300</c>, <c>pn532</c>, <c>osdp</c>, <c>pcsc</c>, <c>moonraker</c>, <c>octoprint</c>, <c>octoprint-mqtt</c>, <c>prusalink</c>, <c>bambu</c>, <c>grbl</c>, <c>hpgl</c>, <c>wedge</c>, <c>esp-rfid</c>, <c>fab-o-matic</c>.</summary>
    public required string Driver { get; init; }

    public DeviceLinkKind Link { get; init; }

    /// <summary>Serial only: the port, best by <c>/dev/serial/by-id/</c>; PC/SC: the name of the reader, or how it begins.</summary>
    public string? Path { get; init; }

    /// <summary>Serial only.</summary>
    public int? Baud { get; init; }

    /// <summary>
    /// Tasmota: its FullTopic with <c>%prefix%</c> and <c>%topic%</c>, default <c>%prefix%/%topic%/</c>. Zigbee2MQTT: its base
    /// topic, default <c>zigbee2mqtt</c>. Home Assistant discovery: its prefix, default <c>homeassistant</c>.
    /// </summary>
    public string? FullTopic { get; init; }

    /// <summary>Bought devices on the broker: the topic, or the name in it, when that is not the device id.</summary>
    public string? Topic { get; init; }

    /// <summary>OSDP only: the reader's address on its line, 0 to 126; default 0.</summary>
    public int? BusAddress { get; init; }

    /// <summary>OSDP only: until when, at most an hour from now, a reader that still has the factory's key is given its own; null for never.</summary>
    public DateTimeOffset? InstallUntil { get; init; }

    /// <summary>Number of relays, 0 to 4.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>ESPHome, Zigbee2MQTT, Home Assistant discovery: the names of the relays by channel, separated by commas, where a device has more than is used or names them otherwise.</summary>
    public string? Relays { get; init; }

    /// <summary>
    /// The firmware with which this device passed the test that its relay falls open by itself; null when it did not. What a device
    /// cannot be asked, only this says: a dangerous machine refuses it without, and with another firmware.
    /// </summary>
    public string? ProvenFirmware { get; init; }

    /// <summary>Node: the 32-byte key set at enrolment, 43 characters of base64url. OSDP: the reader's own key, 32 hex digits.</summary>
    public string? Key { get; init; }

    /// <summary>Node only: the number of the key, 1 to 255, raised at each enrolment.</summary>
    public int KeyId { get; init; } = 1;

    /// <summary>Keyboard readers, esp-rfid, OSDP, PC/SC: how the reader writes numbers, the code of a reader profile; default <c>em-dec10</c> for keyboards, else <c>iso-hex</c>.</summary>
    public string? Profile { get; init; }

    /// <summary>Network only: where the device answers, <c>host</c> or <c>host:port</c>. For HTTP an address with <c>http://</c> or <c>https://</c> too. HPGL, and GRBL on a serial port: where programs connect to the gateway.</summary>
    public string? Address { get; init; }

    /// <summary>Network only: what the gateway shows the device, a key, a password or a code; which of them, and whether it must be there, the driver knows.</summary>
    public string? Secret { get; init; }

    /// <summary>Network only: the user that goes with <see cref="Secret"/>, where the device knows users.</summary>
    public string? User { get; init; }

    /// <summary>Network only: the SHA-256 of the certificate that the device must show, 64 hex digits, where it shows one that nobody vouches for.</summary>
    public string? Certificate { get; init; }

    /// <summary>MQTT only: the password the device signs in to the broker with. A node's follows from its key.</summary>
    public string? MqttPassword { get; init; }

    /// <summary>Where it was found when it was adopted, so that it is not offered again; null when it was written by hand.</summary>
    public string? Place { get; init; }

    [JsonIgnore]
    public DeviceId DeviceId => new(Id);

    public override string ToString() => $"{Id} ({Driver}, {Link})";
}
