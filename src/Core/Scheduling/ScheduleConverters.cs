using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Core.Scheduling;

/// <summary>A <see cref="LocalTime"/> as ISO text, "18:00:00".</summary>
public sealed class LocalTimeConverter : JsonConverter<LocalTime>
{
    /// <inheritdoc/>
    public override LocalTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && LocalTimePattern.ExtendedIso.Parse(reader.GetString()!).TryGetValue(default, out LocalTime time)
            ? time
            : throw new JsonException("A time of day is written hours:minutes:seconds.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LocalTime value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(LocalTimePattern.ExtendedIso.Format(value));
    }
}

/// <summary>A <see cref="LocalDateTime"/> as ISO text, "2026-08-03T00:00:00".</summary>
public sealed class LocalDateTimeConverter : JsonConverter<LocalDateTime>
{
    /// <inheritdoc/>
    public override LocalDateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && LocalDateTimePattern.ExtendedIso.Parse(reader.GetString()!).TryGetValue(default, out LocalDateTime time)
            ? time
            : throw new JsonException("A date with a time is written year-month-dayThours:minutes:seconds.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LocalDateTime value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(LocalDateTimePattern.ExtendedIso.Format(value));
    }
}

/// <summary>An <see cref="Interval"/> with both ends as a list of two whole numbers of Unix milliseconds.</summary>
public sealed class IntervalConverter : JsonConverter<Interval>
{
    /// <inheritdoc/>
    public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Instant[]? ends = JsonSerializer.Deserialize<Instant[]>(ref reader, options);
        return ends is [var start, var end] && start <= end
            ? new Interval(start, end)
            : throw new JsonException("An interval is a list of its start and its end.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, (Instant[])[value.Start, value.End], options);
}
