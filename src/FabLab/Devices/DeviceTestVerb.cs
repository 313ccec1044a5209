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

    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var name = invocation.Arguments[0];
        if (!Protocol.DeviceId.TryParse(name, out _))
            throw new UsageException($"'{name}' is no device name: 3 to 24 of a-z, 0-9 and dash, no dash at either end.");
        var configuration = ProgramConfiguration.Build(invocation.Settings, invocation.Has("--demo") ? DataFolders.Demo : DataFolders.Lab);
        if (!Preparation.Passes(configuration, [], invocation.Error))
            return ExitCodes.Usage;
        var socket = Path.Combine(configuration.Options.Data, HostSocket.FileName);
        if (await AskAsync(socket, "device-test", name, cancellationToken) is not { } asked)
        {
            invocation.Error.WriteLine("FabLab does not run on this folder. Start it first: the gateway tries the device.");
            return ExitCodes.Failure;
        }
        if (asked["asked"] is null)
            return BookingVerbs.Refuse(invocation, asked);
        if (!invocation.Has("--json"))
            invocation.Error.WriteLine("The relay closes for about 8 s and must then open by itself.");
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            if (await AskAsync(socket, "device-test-result", name, cancellationToken) is not { } answer)
                break;
            if (answer["outcome"]?.GetValue<string>() is { } outcome)
                return Say(invocation, name, answer, outcome);
        }
        invocation.Error.WriteLine("The gateway did not say what came of it. See: fablab doctor");
        return ExitCodes.Failure;
    }

    /// <summary>How the trial of a device stands: nothing while it is awaited, else what came of it.</summary>
    internal static async Task<JsonObject> ResultAsync(string name, IServiceProvider booking, CancellationToken cancellationToken)
    {
        var device = await booking.GetRequiredService<IDeviceTests>().FindAsync(name, cancellationToken);
        return device is null ? new JsonObject { ["error"] = "There is no such device." }
            : device is { TestAskedAt: null, TestOutcome: { } outcome }
                ? new JsonObject
                {
                    ["outcome"] = outcome.ToString(), ["passed"] = device.IsProven, ["firmware"] = device.TestedFirmware,
                    ["at"] = device.TestedAt?.ToString(), ["byPower"] = device.TestedByPower,
                }
                : [];
    }

    private static int Say(Invocation invocation, string name, JsonNode answer, string outcome)
    {
        var passed = answer["passed"]!.GetValue<bool>();
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(new JsonObject { ["device"] = name, ["outcome"] = outcome, ["passed"] = passed, ["firmware"] = answer["firmware"]?.DeepClone(), ["at"] = answer["at"]?.DeepClone(), ["byPower"] = answer["byPower"]?.DeepClone() }.ToJsonString());
        else
            (passed ? invocation.Out : invocation.Error).WriteLine($"{name}: {Words(outcome)}{(answer["byPower"]?.GetValue<bool>() == true ? " The meter has seen it too." : "")}");
        return passed ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static string Words(string outcome) => Enum.TryParse(outcome, out TrialOutcome known) ? known switch
    {
        TrialOutcome.Passed => "passed: the relay opens by itself.",
        TrialOutcome.Away => "not tested: the device does not answer, or went away meanwhile.",
        TrialOutcome.Busy => "not tested: a machine on it is in use.",
        TrialOutcome.CannotTell => "cannot be tested: it does not say what its relay does.",
        TrialOutcome.NotClosed => "failed: the relay did not close within 2 s.",
        TrialOutcome.OpenedEarly => "failed: the relay was open at 6 s although it was renewed at 3 s.",
        TrialOutcome.NotOpened => "failed: the relay was still closed at 10 s. It does not open by itself; it was told to.",
        TrialOutcome.StillDraws => "failed: the relay says that it is open, and current still flows.",
        TrialOutcome.NotStored => "passed, but the gateway could not write it down.",
        _ => "not tested: the gateway had a fault; its log says which.",
    } : outcome;

    private static async Task<JsonNode?> AskAsync(string socket, string what, string device, CancellationToken cancellationToken) =>
        await LineSocket.AskAsync(socket, new JsonObject { ["do"] = what, ["device"] = device }.ToJsonString(), cancellationToken) is { } line ? JsonNode.Parse(line) : null;
}
