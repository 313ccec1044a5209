using System.Text;
using System.Text.Json.Nodes;
using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Tests;

/// <summary>Reads tests/Protocol.Vectors and compares what is with what should be.</summary>
internal static class Vectors
{
    public static readonly DeviceKeys Keys = Pair.Key.Derive(Pair.Device, 1);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Vectors");

    public static string Document => File.ReadAllText(Path.Combine(Folder, "firmware-protocol.md"));

    public static IEnumerable<string> Files => Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileName(file)!).Order();

    public static IReadOnlyList<JsonObject> Of(string file) =>
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!.AsArray().Select(vector => vector!.AsObject())];

    public static string Text(this JsonObject vector, string name) => (string?)vector[name] ?? throw new InvalidDataException($"{vector["id"]}: no {name}");

    public static byte[] Hex(this JsonObject vector, string name = "hex") => Convert.FromHexString(vector.Text(name));

    public static IEnumerable<string> Rows(this JsonObject vector) => vector["rows"]!.AsArray().Select(row => (string)row!);

    /// <summary>Runs every vector of a file and says all that fail, each with its id.</summary>
    public static void Each(string file, Action<JsonObject> check)
    {
        var failures = new StringBuilder();
        var count = 0;
        foreach (var vector in Of(file))
        {
            count++;
            try
            {
                check(vector);
            }
            catch (Exception failure) when (failure is Xunit.Sdk.IAssertionException or InvalidDataException)
            {
                failures.AppendLine(vector.Text("id")).AppendLine(failure.Message);
            }
        }

        Assert.True(count > 0, $"{file} is empty.");
        Assert.True(failures.Length == 0, failures.ToString());
    }

    public static TopicKind Kind(string tail) => tail switch
    {
        "up/state" => TopicKind.State,
        "up/ev" => TopicKind.Event,
        "up/me" => TopicKind.Meter,
        "up/res" => TopicKind.Reply,
        "dn/cmd" => TopicKind.Command,
        "dn/ack" => TopicKind.Ack,
        "dn/list" => TopicKind.List,
        "fl/1/gw/state" => TopicKind.Gateway,
        _ => throw new InvalidDataException($"No topic {tail}."),
    };

    public static TopicKind KindOfMessage(string name) => name switch
    {
        "birth" or "will" => TopicKind.State,
        "ev" => TopicKind.Event,
        "me" => TopicKind.Meter,
        "res" or "ask" => TopicKind.Reply,
        "ack" => TopicKind.Ack,
        "list" => TopicKind.List,
        _ => TopicKind.Command,
    };

    public static NodeMessage Read(TopicKind kind, byte[] json)
    {
        var read = MessageReader.Read(kind, json);
        Assert.True(read.IsOk, $"{Encoding.UTF8.GetString(json)}: {read.Fault}");
        return read.Value;
    }

    /// <summary>Whether everything the pattern says is so; what it does not say may be anything.</summary>
    public static bool Matches(JsonNode? pattern, JsonNode? actual)
    {
        switch (pattern)
        {
            case JsonObject wanted:
                return actual is JsonObject have && wanted.All(field => field.Value is null ? have[field.Key] is null : Matches(field.Value, have[field.Key]));
            case JsonArray wanted:
                return actual is JsonArray list && list.Count == wanted.Count && wanted.Zip(list).All(pair => Matches(pair.First, pair.Second));
            default:
                return JsonNode.DeepEquals(pattern, actual);
        }
    }
}
