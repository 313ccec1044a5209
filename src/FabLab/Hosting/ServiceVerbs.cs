using FabLab.Booking.Features.Lab;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Supervision;
using FabLab.Host.Cli;
using FabLab.Host.Running;
using FabLab.Host.Settings;

namespace FabLab.Host.Hosting;

/// <summary>The verbs that run services until they are told to end.</summary>
internal static class ServiceVerbs
{
    private const string WebPort = "FabLab:WebPort", KioskPort = "FabLab:KioskPort", MqttPort = "FabLab:MqttPort";

    /// <summary>The ports that a whole lab takes.</summary>
    public static IReadOnlyList<(string Key, int Port)> PortsOf(ProgramOptions options) =>
        [(WebPort, options.WebPort), (KioskPort, options.KioskPort), (MqttPort, options.MqttPort)];

    public static Task<int> UpAsync(Invocation invocation, CancellationToken cancellationToken) =>
        RunAsync(
            invocation,
            PortsOf,
            options => new RunningProgram(Environment.ProcessId, "up", options.WebPort, options.KioskPort, options.MqttPort),
            configuration => [LabApps.Lab(configuration, demo: false), LabApps.Kiosk(configuration, demo: false)],
            options => $"FabLab is running. Pages: {options.Web}  Door: {options.Kiosk}  Devices: port {options.MqttPort}",
            cancellationToken);

    public static Task<int> GatewayAsync(Invocation invocation, CancellationToken cancellationToken) =>
        RunAsync(
            invocation,
            options => [("FabLab:GatewayPort", options.GatewayPort), (MqttPort, options.MqttPort)],
            options => new RunningProgram(Environment.ProcessId, "gateway", null, null, options.MqttPort, options.GatewayPort),
            configuration => [LabApps.Gateway(configuration)],
            options => $"The gateway is running. Devices: port {options.MqttPort}  Health: http://localhost:{options.GatewayPort}/health/ready",
            cancellationToken);

    public static Task<int> BookingAsync(Invocation invocation, CancellationToken cancellationToken) =>
        RunAsync(
            invocation,
            options => [(WebPort, options.WebPort)],
            options => new RunningProgram(Environment.ProcessId, "booking", options.WebPort, null, null),
            configuration => [LabApps.Booking(configuration, demo: false)],
            options => $"FabLab's pages are at {options.Web}",
            cancellationToken);

    public static Task<int> KioskAsync(Invocation invocation, CancellationToken cancellationToken) =>
        RunAsync(
            invocation,
            options => [(KioskPort, options.KioskPort)],
            options => new RunningProgram(Environment.ProcessId, "kiosk", null, options.KioskPort, null),
            configuration => [LabApps.Kiosk(configuration, demo: false)],
            options => $"The door's pages are at {options.Kiosk}",
            cancellationToken);

    private static async Task<int> RunAsync(
        Invocation invocation,
        Func<ProgramOptions, IReadOnlyList<(string Key, int Port)>> ports,
        Func<ProgramOptions, RunningProgram> describe,
        Func<ProgramConfiguration, IReadOnlyList<LabApp>> build,
        Func<ProgramOptions, string> ready,
        CancellationToken cancellationToken)
    {
        var configuration = ProgramConfiguration.Build(invocation.Settings, DataFolders.Lab);
        var needed = configuration.Faults.Count > 0 ? [] : ports(configuration.Options);
        // Somebody else's broker holds its port by right.
        if (!string.IsNullOrEmpty(configuration.Root[$"{DeviceHosting.BrokerSection}:ExternalHost"]))
            needed = [.. needed.Where(port => port.Key != MqttPort)];
        if (!Preparation.Passes(configuration, needed, invocation.Error))
            return ExitCodes.Usage;
        var options = configuration.Options;
        var program = describe(options);
        using var held = RunFile.TryHold(options.Data, program);
        if (held is null)
        {
            invocation.Error.WriteLine($"fablab: another fablab {program.Verb} runs on {options.Data} already.");
            return ExitCodes.Failure;
        }
        await using var runner = new LabRunner(build(configuration), invocation.Error);
        if (!await runner.StartAsync(cancellationToken))
            return ExitCodes.Failure;
        await using var socket = runner.ServicesWith<LabImport>() is { } booking
            ? new HostSocket(options.Data, (question, cancel) => HostAnswers.AnswerAsync(question, booking, options, cancel))
            : runner.ServicesWith<FirmwareDesk>() is { } gateway
                ? new HostSocket(options.Data, (question, cancel) => HostAnswers.GatewayAnswerAsync(question, gateway, cancel), HostSocket.GatewayFileName)
                : null;
        invocation.Out.WriteLine(ready(options));
        return await runner.WaitAsync(cancellationToken);
    }
}
