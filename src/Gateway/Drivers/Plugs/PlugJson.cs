using System.Globalization;
using System.Text.Json;

namespace FabLab.Gateway.Drivers.Plugs;

/// <summary>What is read out of the JSON of bought devices. Everything here tolerates fields that are missing or of another type: they are not there.</summary>
internal static class PlugJson
{
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 12 };
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 48 };

    /// <summary>The document, or null when it is not one JSON object.</summary>
    public static JsonDocument? Parse(ReadOnlySpan<byte> payload) => Parse(payload, Shallow, JsonValueKind.Object);

    /// <summary>The document, or null when it is not one JSON array. Lists of whole networks go deeper than a message of one device.</summary>
    public static JsonDocument? ParseList(ReadOnlySpan<byte> payload) => Parse(payload, Deep, JsonValueKind.Array);

    /// <summary>A finite number, also one written as text; null when it is none.</summary>
    public static double? Number(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number when element.TryGetDouble(out var number) && double.IsFinite(number) => number,
        JsonValueKind.String => Number(element.GetString()),
        _ => null,
    };

    public static double? Number(JsonElement element, string name) => Get(element, name) is { } value ? Number(value) : null;

    /// <summary>A finite number as text.</summary>
    public static double? Number(string? text) =>
        text is { Length: > 0 and < 40 } && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    public static string? Text(JsonElement element, string name) =>
        Get(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static bool? Flag(JsonElement element, string name) => Get(element, name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    public static JsonElement? Object(JsonElement element, string name) =>
        Get(element, name) is { ValueKind: JsonValueKind.Object } value ? value : null;

    public static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Get(element, name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    /// <summary>A member of any type; null when there is none or the element is no object.</summary>
    public static JsonElement? Get(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>A power or energy that can be: not negative, and not more than any machine.</summary>
    public static double Bounded(double value) => Math.Clamp(value, 0, 1e12);

    private static JsonDocument? Parse(ReadOnlySpan<byte> payload, JsonDocumentOptions options, JsonValueKind kind)
    {
        try
        {
            var document = JsonDocument.Parse(payload.ToArray(), options);
            if (document.RootElement.ValueKind == kind)
                return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            // The caller counts and says it.
            return null;
        }
    }
}
