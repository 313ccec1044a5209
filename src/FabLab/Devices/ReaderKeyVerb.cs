using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Osdp;
using FabLab.Host.Cli;
using FabLab.Host.Hosting;
using FabLab.Host.Running;
using FabLab.Host.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Host.Devices;

/// <summary>Arms the gateway of this computer, for a while, to give a reader that still has the factory's key its own.</summary>
internal static class ReaderKeyVerb
{
    private const int KeyBytes = 16;

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var name = invocation.Arguments[0];
        var minutes = invocation.Number("--minutes", 10, 1, 60);
        var configuration = ProgramConfiguration.Build(invocation.Settings, DataFolders.Lab);
        if (!Preparation.Passes(configuration, [], invocation.Error))
            return Task.FromResult(ExitCodes.Usage);
        var folder = configuration.Options.Data;
        var registry = new DeviceRegistry(folder, NullLogger<DeviceRegistry>.Instance);
        registry.Refresh();
        if (registry.Current.FirstOrDefault(device => device.Id == name) is not { Driver: "osdp" } reader)
        {
            invocation.Error.WriteLine(registry.Fault is { } fault
                ? $"{DeviceRegistry.FileName} cannot be read: {fault}"
                : $"There is no OSDP reader '{name}' in {Path.Combine(folder, DeviceRegistry.FileName)}. Put it there first: docs/hardware.md.");
            return Task.FromResult(ExitCodes.Failure);
        }
        var made = !OsdpDriver.IsKey(reader.Key);
        var until = TimeProvider.System.GetUtcNow().AddMinutes(minutes);
        try
        {
            registry.Put(reader with { Key = made ? Convert.ToHexString(RandomNumberGenerator.GetBytes(KeyBytes)) : reader.Key, InstallUntil = until });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            invocation.Error.WriteLine($"{DeviceRegistry.FileName} could not be written: {e.Message}");
            return Task.FromResult(ExitCodes.Failure);
        }
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(new JsonObject { ["device"] = name, ["until"] = until.ToString("O"), ["made"] = made }.ToJsonString());
        else
            invocation.Out.WriteLine($"{name}: {(made ? "a key of its own is made" : "it keeps the key it has")}. For {minutes} min the gateway gives it to a reader that still has the factory's. Keep the line in sight meanwhile.");
        return Task.FromResult(ExitCodes.Success);
    }
}
