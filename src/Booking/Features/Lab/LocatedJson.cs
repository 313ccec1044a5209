using System.Text.Json;

namespace FabLab.Booking.Features.Lab;

/// <summary>A JSON value that knows on which line of the file it begins, so that a fault can be shown where it is.</summary>
internal sealed class LocatedJson
{
    private static readonly IReadOnlyDictionary<string, LocatedJson> NoMembers = new Dictionary<string, LocatedJson>();

    public required int Line { get; init; }

    public required string Path { get; init; }

    public required JsonTokenType Kind { get; init; }

    public string? Text { get; init; }

    public decimal? Number { get; init; }

    public IReadOnlyDictionary<string, LocatedJson> Members { get; private init; } = NoMembers;

    public IReadOnlyList<LocatedJson> Items { get; private init; } = [];

    /// <exception cref="JsonException">The file is no JSON; it says on which line, counted from 0.</exception>
    public static LocatedJson Parse(ReadOnlySpan<byte> file)
    {
        // A byte order mark, as some editors write it.
        if (file.StartsWith("\uFEFF"u8))
            file = file[3..];
        var reader = new Utf8JsonReader(file, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 32 });
        var lines = new LineCounter();
        if (!reader.Read())
            throw new JsonException("The file is empty.");
        var root = Read(ref reader, file, lines, "");
        if (reader.Read())
            throw new JsonException("There is something after the end.");
        return root;
    }

    private static LocatedJson Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> file, LineCounter lines, string path)
    {
        var line = lines.At(file, reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new Dictionary<string, LocatedJson>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var at = lines.At(file, reader.TokenStartIndex);
                    var name = TextOf(ref reader, path, at);
                    reader.Read();
                    var value = Read(ref reader, file, lines, path.Length == 0 ? name : $"{path}.{name}");
                    if (!members.TryAdd(name, value))
                        throw new JsonException($"'{name}' is there twice.", path, at - 1, null);
                }
                return new LocatedJson { Line = line, Path = path, Kind = JsonTokenType.StartObject, Members = members };
            case JsonTokenType.StartArray:
                var items = new List<LocatedJson>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Read(ref reader, file, lines, $"{path}[{items.Count}]"));
                return new LocatedJson { Line = line, Path = path, Kind = JsonTokenType.StartArray, Items = items };
            case JsonTokenType.String:
                return new LocatedJson { Line = line, Path = path, Kind = JsonTokenType.String, Text = TextOf(ref reader, path, line) };
            case JsonTokenType.Number:
                return new LocatedJson { Line = line, Path = path, Kind = JsonTokenType.Number, Number = reader.TryGetDecimal(out var number) ? number : null };
            default:
                return new LocatedJson { Line = line, Path = path, Kind = reader.TokenType };
        }
    }

    private static string TextOf(ref Utf8JsonReader reader, string path, int line)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException fault)
        {
            // Half of a two-part character, or bytes that are no UTF-8.
            throw new JsonException("This text cannot be read.", path, line - 1, null, fault);
        }
    }

    /// <summary>Counts lines up to a place that only moves forward.</summary>
    private sealed class LineCounter
    {
        private int _line = 1;
        private long _upTo;

        public int At(ReadOnlySpan<byte> file, long place)
        {
            _line += file[(int)_upTo..(int)place].Count((byte)'\n');
            _upTo = place;
            return _line;
        }
    }
}

/// <summary>One fault of a lab description.</summary>
/// <param name="Line">From 1; 0 when it is about the whole file.</param>
/// <param name="Path">Where in the file, such as "people[3].badges[0]".</param>
/// <param name="Message">One English sentence.</param>
public sealed record LabFault(int Line, string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? $"line {Line}: {Message}" : $"line {Line}, {Path}: {Message}";
}

/// <summary>Reads the members of one object and collects every fault, instead of stopping at the first.</summary>
internal sealed class LabFields(LocatedJson node, List<LabFault> faults)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public LocatedJson Node => node;

    public void Fault(LocatedJson at, string message) => faults.Add(new LabFault(at.Line, at.Path, message));

    public LocatedJson? Take(string name)
    {
        _read.Add(name);
        return node.Members.GetValueOrDefault(name) is { Kind: not JsonTokenType.Null } value ? value : null;
    }

    public string Text(string name, int longest, string? otherwise = null)
    {
        var value = Take(name);
        if (value is null)
        {
            if (otherwise is null)
                Fault(node, $"'{name}' is missing.");
            return otherwise ?? "";
        }
        if (value.Text is { } text && Features.Text.Required(text, longest) is { } clean)
            return clean;
        Fault(value, $"'{name}' must be text of 1 to {longest} characters.");
        return "";
    }

    public string? TextOrNull(string name, int longest) => node.Members.ContainsKey(name) && Take(name) is not null ? Text(name, longest) : Nothing(name);

    public decimal? Number(string name, decimal least, decimal most)
    {
        if (Take(name) is not { } value)
            return null;
        if (value.Number is { } number && number >= least && number <= most)
            return number;
        Fault(value, $"'{name}' must be a number from {least} to {most}.");
        return null;
    }

    public int? Whole(string name, int least, int most)
    {
        if (Number(name, least, most) is not { } number)
            return null;
        if (number == decimal.Truncate(number))
            return (int)number;
        Fault(node.Members[name], $"'{name}' must be a whole number.");
        return null;
    }

    public bool Flag(string name, bool otherwise)
    {
        if (Take(name) is not { } value)
            return otherwise;
        if (value.Kind is JsonTokenType.True or JsonTokenType.False)
            return value.Kind == JsonTokenType.True;
        Fault(value, $"'{name}' must be true or false.");
        return otherwise;
    }

    public TChoice Choice<TChoice>(string name, TChoice otherwise)
        where TChoice : struct, Enum
    {
        if (Take(name) is not { } value)
            return otherwise;
        foreach (var choice in Enum.GetValues<TChoice>())
        {
            if (JsonNamingPolicy.SnakeCaseLower.ConvertName(choice.ToString()) == value.Text)
                return choice;
        }
        Fault(value, $"'{name}' must be one of {string.Join(", ", Enum.GetNames<TChoice>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))}.");
        return otherwise;
    }

    public IReadOnlyList<LocatedJson> List(string name)
    {
        if (Take(name) is not { } value)
            return [];
        if (value.Kind == JsonTokenType.StartArray)
            return value.Items;
        Fault(value, $"'{name}' must be a list.");
        return [];
    }

    public LabFields? Object(string name) => Take(name) is { } value ? Of(value) : null;

    /// <summary>The fields of an object, or null and a fault when it is none.</summary>
    public LabFields? Of(LocatedJson value)
    {
        if (value.Kind == JsonTokenType.StartObject)
            return new LabFields(value, faults);
        Fault(value, "Here stands an object, between { and }.");
        return null;
    }

    /// <summary>What nobody asked for is a typing mistake more often than a wish.</summary>
    public void Finish()
    {
        foreach (var (name, value) in node.Members)
        {
            if (!_read.Contains(name))
                Fault(value, $"'{name}' is not known here.");
        }
    }

    private string? Nothing(string name)
    {
        _read.Add(name);
        return null;
    }
}
