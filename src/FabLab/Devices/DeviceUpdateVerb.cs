using System.Text.Json.Nodes;
using FabLab.Booking.Features.Devices;
using FabLab.Gateway.Supervision;
using FabLab.Host.Cli;
using FabLab.Host.Hosting;
using FabLab.Host.Running;
using FabLab.Host.Settings;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using DeviceId = FabLab.Core.DeviceId;

namespace FabLab.Host.Devices;

/// <summary>Has the running gateway update a device's firmware over its own link, and waits for what comes of it.</summary>
internal static class DeviceUpdateVerb
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>A large file on a slow line takes hours; whoever waits may leave.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(6);

    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var name = invocation.Arguments[0];
        if (!Protocol.DeviceId.TryParse(name, out _))
            throw new UsageException($"'{name}' is no device name: 3 to 24 of a-z, 0-9 and dash, no dash at either end.");
        if (invocation.Has("--key") == invocation.Has("--signature"))
            throw new UsageException("Give either --signature, from the author, or --key, when you are the author.");
        var bytes = await FirmwareSigning.ReadFileAsync(invocation, cancellationToken);
        var offer = invocation.Value("--signature") is { } signature
            ? await FirmwareSigning.ReadOfferAsync("--signature", signature, cancellationToken)
            : await FirmwareSigning.SignAsync(invocation, bytes, cancellationToken);
        if (!offer.Fits(bytes))
            throw new UsageException($"--signature: it is of another file than {invocation.Value("--file")}.");
        var configuration = ProgramConfiguration.Build(invocation.Settings, invocation.Has("--demo") ? DataFolders.Demo : DataFolders.Lab);
        if (!Preparation.Passes(configuration, [], invocation.Error))
            return ExitCodes.Usage;
        var question = new JsonObject
        {
            ["do"] = "device-update", ["device"] = name, ["file"] = Path.GetFullPath(invocation.Value("--file")!), ["offer"] = System.Text.Encoding.UTF8.GetString(offer.ToJson()),
        };
        // A gateway that runs alone is asked before a Booking that runs without one.
        var sockets = new[] { HostSocket.GatewayFileName, HostSocket.FileName }.Select(file => Path.Combine(configuration.Options.Data, file));
        foreach (var socket in sockets)
        {
            if (await AskAsync(socket, question, cancellationToken) is not { } answer)
                continue;
            return answer["asked"] is null ? BookingVerbs.Refuse(invocation, answer) : await FollowAsync(invocation, socket, name, cancellationToken);
        }
        invocation.Error.WriteLine("FabLab does not run on this folder. Start it first: the gateway gives the device its firmware.");
        return ExitCodes.Failure;
    }

    /// <summary>Takes an order at the gateway of this process.</summary>
    public static async Task<JsonObject> AskAsync(JsonObject question, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetService<FirmwareDesk>() is not { } desk)
            return Error("No gateway runs in this program. Ask on the computer of the device's gateway.");
        if (question["device"]?.GetValue<string>() is not { } name || question["file"]?.GetValue<string>() is not { } file || FirmwareSigning.TryOffer(question["offer"]?.GetValue<string>() ?? "") is not { } offer)
            return Error("This program does not know how to do that.");
        FirmwareFile firmware;
        try
        {
            if (new FileInfo(file).Length != offer.Size)
                return Error("The file was changed meanwhile.");
            firmware = new FirmwareFile(offer, await File.ReadAllBytesAsync(file, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Error($"FabLab cannot read {file}: {e.Message}");
        }
        if (services.GetService<IDeviceUpdates>() is { } booking && await booking.AskedAsync(name, offer.Version, cancellationToken) is { } no)
            return Error(no);
        return desk.Ask(new DeviceId(name), firmware) is { } why ? Error(why) : new JsonObject { ["asked"] = true };
    }

    /// <summary>How the update of a device stands.</summary>
    public static JsonObject Result(string name, IServiceProvider services) =>
        services.GetService<FirmwareDesk>()?.Find(new DeviceId(name)) is not { } update
            ? Error("There is no update of this device.")
            : new JsonObject
            {
                ["stage"] = update.Stage?.ToString(), ["from"] = update.From, ["to"] = update.To, ["held"] = update.Held, ["size"] = update.Size, ["code"] = update.Code,
                ["ended"] = update.EndedAt?.ToString(),
            };

    private static async Task<int> FollowAsync(Invocation invocation, string socket, string name, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var said = "";
        while (TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            if (await AskAsync(socket, new JsonObject { ["do"] = "device-update-result", ["device"] = name }, cancellationToken) is not { } answer || answer["error"] is not null)
                break;
            if (answer["ended"] is not null)
                return Say(invocation, name, answer);
            var now = Progress(answer);
            if (now != said && !invocation.Has("--json"))
                invocation.Error.WriteLine(said = now);
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }
        invocation.Error.WriteLine("The gateway did not say what came of it. See its log.");
        return ExitCodes.Failure;
    }

    private static string Progress(JsonNode answer) => answer["stage"]?.GetValue<string>() switch
    {
        nameof(UpdateStage.Offered) => "Offered.",
        // Tenths are enough for who waits.
        nameof(UpdateStage.Pulling) => $"{answer["held"]!.GetValue<long>() * 10 / answer["size"]!.GetValue<long>() * 10} %",
        nameof(UpdateStage.Restarting) => "It has the file and restarts.",
        _ => "Another device is before it.",
    };

    private static int Say(Invocation invocation, string name, JsonNode answer)
    {
        var stage = answer["stage"]!.GetValue<string>();
        var applied = stage == nameof(UpdateStage.Applied);
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(new JsonObject { ["device"] = name, ["outcome"] = stage, ["applied"] = applied, ["code"] = answer["code"]?.DeepClone(), ["from"] = answer["from"]?.DeepClone(), ["to"] = answer["to"]?.DeepClone() }.ToJsonString());
        else
            (applied ? invocation.Out : invocation.Error).WriteLine($"{name}: {Words(stage, answer["code"]?.GetValue<string>(), answer["to"]!.GetValue<string>())}");
        return applied ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static string Words(string stage, string? code, string version) => stage switch
    {
        nameof(UpdateStage.Applied) => $"{version} runs and is confirmed. A dangerous machine on it asks for a new test: fablab device test",
        nameof(UpdateStage.WentBack) => $"{version} did not come up or was not confirmed in time. The device runs what it ran before.",
        nameof(UpdateStage.Silent) => "nothing more was heard of it. The device runs what it ran before, or goes back to it by itself.",
        _ => code switch
        {
            UpdateCode.Away => "not updated: the device does not answer.",
            ReplyCode.Busy => "not updated: a machine on it is in use, or a relay of it is closed.",
            ReplyCode.Unknown => "not updated: this device takes no firmware over the air.",
            ReplyCode.Trial => "not updated: the firmware that it runs is on trial itself.",
            ReplyCode.Model => "not updated: the firmware is for another board.",
            ReplyCode.Down => $"not updated: {version} is not above what the device runs.",
            ReplyCode.Lowest => "not updated: this firmware asks for a newer one than the device runs, to begin with.",
            ReplyCode.Size => "not updated: the file is larger than the device has room for.",
            ReplyCode.Signature => "not updated: the signature is not that of the author whom the device knows.",
            ReplyCode.Hash => "not updated: what arrived is another file than the one that was signed.",
            ReplyCode.Gone => "not updated: no pieces came for 10 minutes.",
            _ => $"not updated: the device says '{code}'.",
        },
    };

    private static JsonObject Error(string why) => new() { ["error"] = why };

    private static async Task<JsonNode?> AskAsync(string socket, JsonObject question, CancellationToken cancellationToken) =>
        await LineSocket.AskAsync(socket, question.ToJsonString(), cancellationToken) is { } line ? JsonNode.Parse(line) : null;
}
