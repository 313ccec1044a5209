using System.Text;
using System.Text.Json;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.HomeAssistant;

/// <summary>
/// The small part of Home Assistant's templates that devices need: <c>{{ value }}</c> and a path such as
/// <c>{{ value_json.a.b[0]['c'] }}</c>, with the filters that do not change which number it is (<c>float</c>, <c>int</c>, <c>round</c>,
/// <c>string</c>, <c>default</c>) passed over. Anything else is not understood, and then nothing is read with it.
/// </summary>
internal sealed class ValueTemplate
{
    private const int MostSteps = 8;

    private static readonly string[] Filters = ["float", "int", "round", "string", "default"];

    /// <summary>Names and indexes on the way; null for the payload itself.</summary>
    private readonly IReadOnlyList<object>? _path;

    private ValueTemplate(IReadOnlyList<object>? path) => _path = path;

    /// <summary>The payload as it is: what holds where there is no template.</summary>
    public static ValueTemplate Plain { get; } = new(null);

    /// <summary>Understands a template, or gives null.</summary>
    public static ValueTemplate? Parse(string? text)
    {
        if (text is null)
            return Plain;
        var inner = text.Trim();
        if (inner.Length > 256 || !inner.StartsWith("{{", StringComparison.Ordinal) || !inner.EndsWith("}}", StringComparison.Ordinal) || inner.Length < 5)
            return null;
        var parts = inner[2..^2].Split('|', StringSplitOptions.TrimEntries);
        if (parts.Skip(1).Any(filter => !Array.Exists(Filters, known => filter == known || (filter.StartsWith(known + "(", StringComparison.Ordinal) && filter.EndsWith(')')))))
            return null;
        var expression = parts[0];
        if (expression == "value")
            return Plain;
        return expression.StartsWith("value_json", StringComparison.Ordinal) && Path(expression["value_json".Length..]) is { } path ? new ValueTemplate(path) : null;
    }

    /// <summary>The value in a payload as text; null when it is not there.</summary>
    public string? Read(ReadOnlySpan<byte> payload)
    {
        if (_path is null)
            return Encoding.UTF8.GetString(payload);
        using var document = PlugJson.Parse(payload);
        if (document is null)
            return null;
        JsonElement? at = document.RootElement;
        foreach (var step in _path)
        {
            at = step switch
            {
                string name => PlugJson.Get(at.Value, name),
                int index when at.Value.ValueKind == JsonValueKind.Array && index < at.Value.GetArrayLength() => at.Value[index],
                _ => null,
            };
            if (at is null)
                return null;
        }
        return at.Value.ValueKind switch
        {
            JsonValueKind.String => at.Value.GetString(),
            JsonValueKind.Number => at.Value.GetRawText(),
            JsonValueKind.True => "True",
            JsonValueKind.False => "False",
            _ => null,
        };
    }

    private static List<object>? Path(string text)
    {
        var path = new List<object>();
        var i = 0;
        while (i < text.Length)
        {
            if (path.Count == MostSteps)
                return null;
            if (text[i] == '.')
            {
                var end = i + 1;
                while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
                    end++;
                if (end == i + 1)
                    return null;
                path.Add(text[(i + 1)..end]);
                i = end;
                continue;
            }
            var close = text[i] == '[' ? text.IndexOf(']', i) : -1;
            if (close < 0)
                return null;
            var key = text[(i + 1)..close].Trim();
            if (key.Length > 2 && key[0] is '\'' or '"' && key[^1] == key[0])
                path.Add(key[1..^1]);
            else if (key.Length is > 0 and < 4 && key.All(char.IsAsciiDigit))
                path.Add(int.Parse(key, System.Globalization.CultureInfo.InvariantCulture));
            else
                return null;
            i = close + 1;
        }
        return path.Count == 0 ? null : path;
    }
}
