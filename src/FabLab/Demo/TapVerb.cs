using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Host.Cli;
using FabLab.Host.Running;
using FabLab.Host.Settings;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Host.Demo;

/// <summary>Taps a sample person's badge at a machine's reader in the running demonstration, and says what came of it.</summary>
internal static class TapVerb
{
    public const string SocketName = "virtual.sock";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);

    /// <summary>Longer than the virtual lab looks at a reader, with one tap before this one at the same reader.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var configuration = ProgramConfiguration.Build(invocation.Settings, DataFolders.Demo);
        if (configuration.Faults.Count > 0)
        {
            Preparation(invocation, configuration.Faults);
            return ExitCodes.Usage;
        }
        var (machine, person) = (invocation.Arguments[0].ToUpperInvariant(), invocation.Arguments[1].ToUpperInvariant());
        var question = new JsonObject { ["do"] = "tap", ["machine"] = machine, ["person"] = person };
        var data = configuration.Options.Data;
        await DemoAnswersAsync(data, cancellationToken);
        var began = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        string? line;
        try
        {
            line = await LineSocket.AskAsync(Path.Combine(data, SocketName), question.ToJsonString(), cancellationToken)
                .WaitAsync(AnswerPatience, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Tell(invocation, machine, person, "no-answer", $"the demonstration on {data} has not answered within {AnswerPatience.TotalSeconds:0} s. The tap may still be taken; look at the machine's page.");
        }
        if (line is null)
            return Tell(invocation, machine, person, "no-demo", $"no demonstration runs on {data}. Start one with: ./fablab demo{(invocation.Has("--data") ? " --data DIR" : "")}");
        var answer = JsonNode.Parse(line)!;
        if (answer["ok"]?.GetValue<bool>() is not true)
            return Tell(invocation, machine, person, answer["error"]?.GetValue<string>() ?? "unknown", answer["detail"]?.GetValue<string>() ?? "");
        return Report(invocation, machine, person, await WithWrittenRefusalAsync(data, answer["tap"]!, machine, person, began, cancellationToken));
    }

    /// <summary>A reader without a display is silent about a refusal or a wait. What the gateway wrote down says it.</summary>
    private static async Task<JsonNode> WithWrittenRefusalAsync(string data, JsonNode tap, string machine, string person, Instant began, CancellationToken cancellationToken)
    {
        if (tap["outcome"]!.GetValue<string>() != "silent")
            return tap;
        var question = new JsonObject { ["do"] = HostAnswers.RefusedTap, ["machine"] = machine, ["person"] = person, ["since"] = InstantPattern.ExtendedIso.Format(began) };
        try
        {
            var line = await LineSocket.AskAsync(Path.Combine(data, HostSocket.FileName), question.ToJsonString(), cancellationToken)
                .WaitAsync(AnswerPatience, TimeProvider.System, cancellationToken);
            if (line is null || JsonNode.Parse(line) is not { } written || written["outcome"] is null)
                return tap;
            foreach (var part in new[] { "outcome", "code", "text" })
                tap[part] = written[part]?.DeepClone();
        }
        catch (TimeoutException)
        {
            // Nobody can say what was decided: it stays silent.
        }
        return tap;
    }

    /// <summary>A demonstration that has just been started is waited for.</summary>
    private static async Task DemoAnswersAsync(string data, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        while (!File.Exists(Path.Combine(data, HostSocket.FileName)) && time.GetElapsedTime(began) < StartPatience
            && RunFile.Read(data).Any(program => program.Verb == "demo"))
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
    }

    private static int Report(Invocation invocation, string machine, string person, JsonNode tap)
    {
        var outcome = tap["outcome"]!.GetValue<string>();
        var code = tap["code"]?.GetValue<string>();
        var text = tap["text"]?.GetValue<string>();
        var closed = tap["relayClosed"]!.GetValue<bool>();
        var milliseconds = tap["milliseconds"]!.GetValue<long>();
        var exit = outcome switch
        {
            "granted" or "handed-over" or "ended" or "done" => ExitCodes.Success,
            // A machine that waits for a second badge has not been granted to anybody.
            "refused" or "waiting" => ExitCodes.Refused,
            _ => ExitCodes.Failure,
        };
        if (invocation.Has("--json"))
        {
            var report = new TapReport(machine, person, outcome, code, text, closed, milliseconds, exit);
            invocation.Out.WriteLine(JsonSerializer.Serialize(report, TapJson.Default.TapReport));
            return exit;
        }
        var what = outcome switch
        {
            "granted" => "granted, the machine is on",
            "handed-over" => "handed over, the machine stays on",
            "ended" => "ended, the machine is off",
            "done" => closed ? "taken, the machine stays on" : "taken",
            "waiting" => "waiting for a second badge",
            "refused" => closed ? "refused; the running use goes on" : "refused",
            _ => "no answer at the reader",
        };
        invocation.Out.WriteLine($"{machine} {person}: {what} ({milliseconds} ms){(code is null ? "" : $" [{code}]")}");
        if (!string.IsNullOrWhiteSpace(text))
            invocation.Out.WriteLine($"  « {text} »");
        return exit;
    }

    private static int Tell(Invocation invocation, string machine, string person, string error, string detail)
    {
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(new JsonObject { ["machine"] = machine, ["person"] = person, ["outcome"] = "error", ["error"] = error, ["detail"] = detail, ["exit"] = ExitCodes.Failure }.ToJsonString());
        else
            invocation.Error.WriteLine($"fablab tap: {detail}");
        return ExitCodes.Failure;
    }

    private static void Preparation(Invocation invocation, IReadOnlyList<string> faults)
    {
        foreach (var fault in faults)
            invocation.Error.WriteLine($"fablab tap: {fault}");
    }
}

/// <summary>What <c>tap --json</c> prints.</summary>
/// <param name="Machine">Code of the machine.</param>
/// <param name="Person">Short code of the person.</param>
/// <param name="Outcome">granted, handed-over, ended, done, refused, waiting, silent.</param>
/// <param name="Code">The reason code that the reader showed, or, without a display, that was written down.</param>
/// <param name="Text">The sentence to it.</param>
/// <param name="RelayClosed">Whether the machine has power now.</param>
/// <param name="Milliseconds">From the tap to the answer.</param>
/// <param name="Exit">The exit code.</param>
internal sealed record TapReport(string Machine, string Person, string Outcome, string? Code, string? Text, bool RelayClosed, long Milliseconds, int Exit);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(TapReport))]
internal sealed partial class TapJson : System.Text.Json.Serialization.JsonSerializerContext;
