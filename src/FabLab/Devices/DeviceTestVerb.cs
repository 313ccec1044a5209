using System.Text.Json.Nodes;
using FabLab.Booking.Features.Devices;
using FabLab.Contracts;
using FabLab.Host.Cli;
using FabLab.Host.Hosting;
using FabLab.Host.Running;
using FabLab.Host.Settings;

namespace FabLab.Host.Devices;

/// <summary>Has a device's relay tried by the running gateway, and waits for what comes of it.</summary>
internal static class DeviceTestVerb
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PatienceByHand = TimeSpan.FromMinutes(6);

    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var name = invocation.Arguments[0];
        if (!Protocol.DeviceId.TryParse(name, out _))
            throw new UsageException($"'{name}' is no device name: 3 to 24 of a-z, 0-9 and dash, no dash at either end.");
        var kind = invocation.Value("--cut") switch
        {
            null => TrialKind.Lease,
            "network" => TrialKind.Link,
            "power" => TrialKind.Power,
            var other => throw new UsageException($"--cut {other}: network or power."),
        };
        var configuration = ProgramConfiguration.Build(invocation.Settings, invocation.Has("--demo") ? DataFolders.Demo : DataFolders.Lab);
        if (!Preparation.Passes(configuration, [], invocation.Error))
            return ExitCodes.Usage;
        var socket = Path.Combine(configuration.Options.Data, HostSocket.FileName);
        if (await AskAsync(socket, "device-test", name, kind, cancellationToken) is not { } asked)
        {
            invocation.Error.WriteLine("FabLab does not run on this folder. Start it first: the gateway tries the device.");
            return ExitCodes.Failure;
        }
        if (asked["asked"] is null)
            return BookingVerbs.Refuse(invocation, asked);
        if (!invocation.Has("--json"))
            invocation.Error.WriteLine(kind switch
            {
                TrialKind.Link => "The relay closes. Now cut the device's network within 90 s, wait until it is offline, and give it back within 3 minutes.",
                TrialKind.Power => "The relay closes. Now unplug the device within 90 s, wait until it is offline, and plug it in again within 3 minutes.",
                _ => "The relay closes for about 8 s and must then open by itself.",
            });
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < (kind is TrialKind.Lease ? Patience : PatienceByHand))
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            if (await AskAsync(socket, "device-test-result", name, kind, cancellationToken) is not { } answer)
                break;
            if (answer["outcome"]?.GetValue<string>() is { } outcome)
                return Say(invocation, name, kind, answer, outcome);
        }
        invocation.Error.WriteLine("The gateway did not say what came of it. See: fablab doctor");
        return ExitCodes.Failure;
    }

    /// <summary>What a question is about; a trial of the lease when it does not say.</summary>
    internal static TrialKind KindOf(JsonNode question) => Enum.TryParse(question["kind"]?.GetValue<string>(), out TrialKind kind) ? kind : TrialKind.Lease;

    /// <summary>How the trial of a device stands: nothing while it is awaited, else what came of it.</summary>
    internal static async Task<JsonObject> ResultAsync(string name, TrialKind kind, IServiceProvider booking, CancellationToken cancellationToken) =>
        await booking.GetRequiredService<IDeviceTests>().FindAsync(name, kind, cancellationToken) switch
        {
            null => new JsonObject { ["error"] = "There is no such device." },
            (_, { } last) => new JsonObject
            {
                ["outcome"] = last.Outcome.ToString(), ["passed"] = last.Outcome is TrialOutcome.Passed, ["firmware"] = last.Firmware,
                ["at"] = last.At.ToString(), ["byPower"] = last.ByPower,
            },
            _ => [],
        };

    private static int Say(Invocation invocation, string name, TrialKind kind, JsonNode answer, string outcome)
    {
        var passed = answer["passed"]!.GetValue<bool>();
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(new JsonObject { ["device"] = name, ["kind"] = kind.ToString(), ["outcome"] = outcome, ["passed"] = passed, ["firmware"] = answer["firmware"]?.DeepClone(), ["at"] = answer["at"]?.DeepClone(), ["byPower"] = answer["byPower"]?.DeepClone() }.ToJsonString());
        else
            (passed ? invocation.Out : invocation.Error).WriteLine($"{name}: {Words(kind, outcome)}{(answer["byPower"]?.GetValue<bool>() == true ? " The meter has seen it too." : "")}");
        return passed ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static string Words(TrialKind kind, string outcome) => Enum.TryParse(outcome, out TrialOutcome known) ? known switch
    {
        TrialOutcome.Passed when kind is TrialKind.Lease => "passed: the relay opens by itself.",
        TrialOutcome.Passed => "passed: the relay was open when the device came back, and stayed open.",
        TrialOutcome.Away => "not tested: the device does not answer, or went away meanwhile.",
        TrialOutcome.Busy => "not tested: a machine on it is in use.",
        TrialOutcome.CannotTell => "cannot be tested: it does not say what its relay does.",
        TrialOutcome.NotClosed => "failed: the relay did not close within 2 s.",
        TrialOutcome.OpenedEarly when kind is not TrialKind.Lease => "failed: the relay opened although it was renewed, before anything was cut.",
        TrialOutcome.OpenedEarly => "failed: the relay was open at 6 s although it was renewed at 3 s.",
        TrialOutcome.NotOpened => "failed: the relay was still closed at 10 s. It does not open by itself; it was told to.",
        TrialOutcome.StillDraws => "failed: the relay says that it is open, and current still flows.",
        TrialOutcome.NotCut => "not tested: nothing was cut within 90 s, or the device did not notice.",
        TrialOutcome.NotBack => "not tested: the device did not come back within 3 minutes.",
        TrialOutcome.NotRestarted => "not tested: the device came back and had never been without power.",
        TrialOutcome.ClosedAtReturn => "failed: the relay was closed when the device came back, or closed afterwards. It was told to open.",
        TrialOutcome.NotStored => "passed, but the gateway could not write it down.",
        _ => "not tested: the gateway had a fault; its log says which.",
    } : outcome;

    private static async Task<JsonNode?> AskAsync(string socket, string what, string device, TrialKind kind, CancellationToken cancellationToken) =>
        await LineSocket.AskAsync(socket, new JsonObject { ["do"] = what, ["device"] = device, ["kind"] = kind.ToString() }.ToJsonString(), cancellationToken) is { } line ? JsonNode.Parse(line) : null;
}
