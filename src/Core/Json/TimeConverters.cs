using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Core.Json;

/// <summary>An <see cref="Instant"/> as whole Unix milliseconds. What lies below a millisecond is cut off.</summary>
public sealed class InstantConverter : JsonConverter<Instant>
{
    // The calendar of NodaTime ends at these two; outside them the number is not an instant.
    private static readonly long Least = Instant.MinValue.ToUnixTimeMilliseconds();
    private static readonly long Most = Instant.MaxValue.ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        long ms = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long read)
            ? read
            : throw new JsonException("An instant is a whole number of Unix milliseconds.");
        return ms >= Least && ms <= Most
            ? Instant.FromUnixTimeMilliseconds(ms)
            : throw new JsonException("The instant is outside the calendar.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(value.ToUnixTimeMilliseconds());
    }
}

/// <summary>A <see cref="Duration"/> as whole milliseconds. What lies below a millisecond is cut off.</summary>
public sealed class DurationConverter : JsonConverter<Duration>
{
    /// <inheritdoc/>
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        long ms = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long read)
            ? read
            : throw new JsonException("A duration is a whole number of milliseconds.");
        return Math.Abs((double)ms) <= Duration.MaxValue.TotalMilliseconds
            ? Duration.FromMilliseconds(ms)
            : throw new JsonException("The duration is too long.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue((long)value.TotalMilliseconds);
    }
}

/// <summary>A <see cref="LocalDate"/> as ISO text, "2026-03-12".</summary>
public sealed class LocalDateConverter : JsonConverter<LocalDate>
{
    /// <inheritdoc/>
    public override LocalDate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String
            && LocalDatePattern.Iso.Parse(reader.GetString()!).TryGetValue(default, out LocalDate date))
        {
            return date;
        }

        throw new JsonException("A date is written year-month-day.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LocalDate value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(LocalDatePattern.Iso.Format(value));
    }
}
