using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Core.Badges;

namespace FabLab.Core.Json;

/// <summary>An id as its 36-character text, as a value and as a property name.</summary>
/// <typeparam name="T">The kind of id.</typeparam>
public sealed class GuidIdConverter<T> : JsonConverter<T>
    where T : struct, IGuidId<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out Guid value)
            ? T.From(value)
            : throw new JsonException("An id is written as a GUID.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Value);
    }

    /// <inheritdoc/>
    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Guid.TryParse(reader.GetString(), out Guid value)
            ? T.From(value)
            : throw new JsonException("An id is written as a GUID.");

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString()!);
    }
}

/// <summary>A device id as its name.</summary>
public sealed class DeviceIdConverter : JsonConverter<DeviceId>
{
    /// <inheritdoc/>
    public override DeviceId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? new DeviceId(reader.GetString()!)
            : throw new JsonException("A device id is text.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DeviceId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }

    /// <inheritdoc/>
    public override DeviceId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString()!);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, DeviceId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString());
    }
}

/// <summary>A badge hash as "key id.32 hex digits".</summary>
public sealed class BadgeHashConverter : JsonConverter<BadgeHash>
{
    /// <inheritdoc/>
    public override BadgeHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && BadgeHash.TryParse(reader.GetString(), out BadgeHash hash)
            ? hash
            : throw new JsonException("A badge hash is written as the key id, a point and 32 hex digits.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BadgeHash value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }
}
