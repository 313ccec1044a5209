using System.Text.Json;
using FabLab.Gateway.Drivers;
using FabLab.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Host.Demo;

/// <summary>Enrols the devices that a lab's description names and the registry does not have yet. In a real lab somebody holds each device in hand.</summary>
internal static class DemoDevices
{
    /// <param name="lab">The lab's description.</param>
    /// <param name="data">The gateway's data folder.</param>
    /// <returns>The file with the devices, and how many the description names.</returns>
    public static (string File, int Count) Enrol(string lab, string data)
    {
        var registry = new DeviceRegistry(data, NullLogger<DeviceRegistry>.Instance);
        registry.Refresh();
        var known = registry.Current.Select(device => device.Id).ToHashSet(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllBytes(lab));
        var described = document.RootElement.GetProperty("devices");
        foreach (var device in described.EnumerateArray())
        {
            var id = device.GetProperty("id").GetString()!;
            if (known.Contains(id))
                continue;
            var driver = device.GetProperty("driver").GetString()!;
            var serial = device.TryGetProperty("link", out var link) && link.GetString() == "serial";
            registry.Put(new DeviceSettings
            {
                Id = id,
                Driver = driver,
                Link = serial ? DeviceLinkKind.Serial : DeviceLinkKind.Mqtt,
                Path = serial ? TtyOf(data, id) : null,
                Baud = !serial ? null : driver == "rdm6300" ? 9600 : 115200,
                Channels = device.TryGetProperty("channels", out var channels) ? channels.GetInt32() : 1,
                ProvenFirmware = device.TryGetProperty("testedFirmware", out var tested) ? tested.GetString() : null,
                Key = driver == "node" ? DeviceKey.Create().ToBase64Url() : null,
                MqttPassword = !serial && driver != "node" ? DeviceKey.Create().ToBase64Url() : null,
            });
        }
        return (Path.Combine(data, DeviceRegistry.FileName), described.GetArrayLength());
    }

    /// <summary>The name under which a virtual serial device is plugged in.</summary>
    private static string TtyOf(string data, string device) => Path.Combine(data, "virtual", "tty", device);
}
