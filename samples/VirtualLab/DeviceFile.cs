using System.Text.Json;
using FabLab.Gateway.Drivers;

namespace FabLab.VirtualLab;

/// <summary>Reads the gateway's devices with their secrets: in a real lab a device got its own at enrolment.</summary>
internal static class DeviceFile
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    public static IReadOnlyList<DeviceSettings> Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var list = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement : document.RootElement.GetProperty("devices");
        return list.Deserialize<List<DeviceSettings>>(Form) ?? [];
    }
}
