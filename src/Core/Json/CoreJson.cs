using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Core.Scheduling;

namespace FabLab.Core.Json;

/// <summary>How the records of Core are written as JSON: camelCase names, enums as snake_case words, instants and durations as whole milliseconds, dates as ISO text, ids as text, the kind of a closed hierarchy in the property "t".</summary>
public static class CoreJson
{
    /// <summary>Options that read and write every record of Core. Read-only: copy it to change it.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Teaches other options to read and write the records of Core.</summary>
    /// <param name="options">Options not yet in use.</param>
    public static void AddTo(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.AllowOutOfOrderMetadataProperties = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new InstantConverter());
        options.Converters.Add(new DurationConverter());
        options.Converters.Add(new LocalDateConverter());
        options.Converters.Add(new LocalTimeConverter());
        options.Converters.Add(new LocalDateTimeConverter());
        options.Converters.Add(new IntervalConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    private static JsonSerializerOptions Make()
    {
        // The relaxed encoder keeps accents readable; these documents are never pasted into HTML unescaped.
        JsonSerializerOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        AddTo(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
