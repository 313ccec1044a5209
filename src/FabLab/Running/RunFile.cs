using System.Text.Json;
using System.Text.Json.Serialization;

namespace FabLab.Host.Running;

/// <summary>What a running program tells others about itself.</summary>
/// <param name="Process">Its process id.</param>
/// <param name="Verb">What was started: up, demo, gateway, booking, kiosk.</param>
/// <param name="WebPort">Port of the pages, when it has them.</param>
/// <param name="KioskPort">Port of the door's pages, when it has them.</param>
/// <param name="MqttPort">Port of the broker, when it has one.</param>
/// <param name="GatewayPort">Port of health and metrics, of a gateway that runs alone.</param>
internal sealed record RunningProgram(int Process, string Verb, int? WebPort, int? KioskPort, int? MqttPort, int? GatewayPort = null);

/// <summary>
/// <c>run-VERB.json</c> in the data folder: held while a program runs on it. The lock goes with the process, also after kill -9,
/// so a file that is left behind fools nobody.
/// </summary>
internal sealed class RunFile : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _file;

    private RunFile(FileStream held, string file)
    {
        _lock = held;
        _file = file;
    }

    /// <summary>Null when another program of this kind runs on the folder already.</summary>
    public static RunFile? TryHold(string data, RunningProgram program)
    {
        Directory.CreateDirectory(data);
        // A demo is a whole lab, as up is: they must not share a folder at one time.
        var kind = Kind(program.Verb);
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(data, $"run-{kind}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
        var file = Path.Combine(data, $"run-{kind}.json");
        var draft = file + ".new";
        File.WriteAllText(draft, JsonSerializer.Serialize(program, RunFileJson.Default.RunningProgram));
        File.Move(draft, file, overwrite: true);
        return new RunFile(held, file);
    }

    /// <summary>The programs that run on this data folder now.</summary>
    public static IReadOnlyList<RunningProgram> Read(string data)
    {
        if (!Directory.Exists(data))
            return [];
        var running = new List<RunningProgram>();
        foreach (var file in Directory.EnumerateFiles(data, "run-*.json"))
        {
            if (!IsHeld(Path.ChangeExtension(file, ".lock")))
                continue;
            try
            {
                if (JsonSerializer.Deserialize(File.ReadAllText(file), RunFileJson.Default.RunningProgram) is { } program)
                    running.Add(program);
            }
            catch (Exception fault) when (fault is IOException or JsonException)
            {
                // It ended, or began, between the two looks.
                continue;
            }
        }
        return running;
    }

    public void Dispose()
    {
        File.Delete(_file);
        _lock.Dispose();
    }

    private static string Kind(string verb) => verb is "up" or "demo" ? "lab" : verb;

    private static bool IsHeld(string file)
    {
        if (!File.Exists(file))
            return false;
        try
        {
            using var probe = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunningProgram))]
internal sealed partial class RunFileJson : JsonSerializerContext;
