using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Gateway.Broker;
using FabLab.Gateway.Drivers;
using FabLab.Host.Cli;
using FabLab.Host.Running;
using FabLab.Host.Settings;

namespace FabLab.Host.Doctor;

/// <summary>Looks at everything and says what is wrong and what to do about it. Changes nothing.</summary>
internal static class DoctorVerb
{
    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var findings = await LookAsync(invocation, cancellationToken);
        var faults = findings.Count(finding => finding.Verdict == Verdict.Fault);
        if (invocation.Has("--json"))
        {
            invocation.Out.WriteLine(JsonSerializer.Serialize(new DoctorReport(faults == 0, findings), DoctorJson.Default.DoctorReport));
            return faults == 0 ? ExitCodes.Success : ExitCodes.Failure;
        }
        foreach (var finding in findings)
        {
            invocation.Out.WriteLine($"{Mark(finding.Verdict)} {finding.Check,-14} {finding.What}");
            if (finding.Remedy is { } remedy)
                invocation.Out.WriteLine($"{"",-22}-> {remedy}");
        }
        invocation.Out.WriteLine();
        var warnings = findings.Count(finding => finding.Verdict == Verdict.Warning);
        invocation.Out.WriteLine($"{faults} fault(s), {warnings} warning(s).");
        return faults == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var configuration = ProgramConfiguration.Build(invocation.Settings, invocation.Has("--demo") ? DataFolders.Demo : DataFolders.Lab);
        var ours = string.IsNullOrEmpty(configuration.Root[$"{DeviceHosting.BrokerSection}:{nameof(BrokerOptions.ExternalHost)}"]);
        var findings = new List<Finding>(await InstalledChecks.RunAsync(ours, cancellationToken));
        foreach (var fault in configuration.Faults)
            findings.Add(Finding.Fault("settings", fault, "Correct it; docs/operations.md lists every setting."));
        if (configuration.Faults.Count > 0)
            return findings;

        findings.Add(Finding.Good("settings", "no fault found"));
        var options = configuration.Options;
        var running = RunFile.Read(options.Data);
        // A running program knows its ports better than the defaults do.
        options = options with
        {
            WebPort = Known("--web-port", program => program.WebPort) ?? options.WebPort,
            KioskPort = Known("--kiosk-port", program => program.KioskPort) ?? options.KioskPort,
            MqttPort = Known("--mqtt-port", program => program.MqttPort) ?? options.MqttPort,
        };
        findings.AddRange(ComputerChecks.Run(options, running, ours));
        if (!ours)
        {
            var host = configuration.Root[$"{DeviceHosting.BrokerSection}:{nameof(BrokerOptions.ExternalHost)}"]!;
            var port = configuration.Root.GetValue($"{DeviceHosting.BrokerSection}:{nameof(BrokerOptions.Port)}", options.MqttPort);
            findings.Add(await RunningChecks.ExternalBrokerAsync(host, port, cancellationToken));
        }
        findings.AddRange(await RunningChecks.RunAsync(options, running, cancellationToken));
        return findings;

        int? Known(string option, Func<RunningProgram, int?> port) => invocation.Has(option) ? null : running.Select(port).FirstOrDefault(known => known is not null);
    }

    private static string Mark(Verdict verdict) => verdict switch
    {
        Verdict.Good => "ok     ",
        Verdict.Note => "note   ",
        Verdict.Warning => "warning",
        _ => "FAULT  ",
    };
}

/// <summary>What <c>doctor --json</c> prints.</summary>
internal sealed record DoctorReport(bool Healthy, IReadOnlyList<Finding> Findings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
