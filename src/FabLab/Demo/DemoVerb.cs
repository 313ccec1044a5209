using FabLab.Booking.Features.Lab;
using FabLab.Booking.Features.SignIn;
using FabLab.Gateway;
using FabLab.Gateway.Uploading;
using FabLab.Host.Cli;
using FabLab.Host.Hosting;
using FabLab.Host.Ports;
using FabLab.Host.Running;
using FabLab.Host.Settings;

namespace FabLab.Host.Demo;

/// <summary>A whole lab that runs by itself: broker, gateway, Booking and door in this process, the virtual lab as a child.</summary>
internal static class DemoVerb
{
    private static readonly TimeSpan DevicePatience = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string?>(invocation.Settings, StringComparer.OrdinalIgnoreCase);
        var configuration = ProgramConfiguration.Build(settings, DataFolders.Demo);
        if (configuration.Faults.Count == 0 && MoveBusyPorts(configuration, settings, invocation.Error))
            configuration = ProgramConfiguration.Build(settings, DataFolders.Demo);
        if (!Preparation.Passes(configuration, configuration.Faults.Count > 0 ? [] : ServiceVerbs.PortsOf(configuration.Options), invocation.Error))
            return ExitCodes.Usage;
        if (DemoFiles.Find(invocation.Error) is not { } files)
            return ExitCodes.Failure;

        var options = configuration.Options;
        using var held = RunFile.TryHold(options.Data, new RunningProgram(Environment.ProcessId, "demo", options.WebPort, options.KioskPort, options.MqttPort));
        if (held is null)
        {
            invocation.Error.WriteLine($"fablab: a lab runs on {options.Data} already.");
            return ExitCodes.Failure;
        }
        var (devices, count) = DemoDevices.Enrol(files.Lab, options.Data);
        invocation.Error.WriteLine($"fablab: starting the broker, the services and {count} virtual devices…");
        await invocation.Error.FlushAsync(cancellationToken);
        // What ends first stands last: the services say goodbye to their devices, then the devices go.
        VirtualLabProcess? virtualLab = null;
        try
        {
            await using var runner = new LabRunner([LabApps.Lab(configuration, demo: true), LabApps.Kiosk(configuration, demo: true)], invocation.Error);
            // It starts beside the services: its devices try until the broker is there.
            virtualLab = VirtualLabProcess.Start(
                files.Program, files.Lab, devices, options.Data, options.MqttPort, invocation.Has("--quiet-day"), TimeProvider.System, invocation.Error);
            return await RunAsync(invocation, options, runner, virtualLab, files, cancellationToken);
        }
        finally
        {
            if (virtualLab is not null)
                await virtualLab.DisposeAsync();
        }
    }

    private static async Task<int> RunAsync(
        Invocation invocation, ProgramOptions options, LabRunner runner, VirtualLabProcess virtualLab, DemoFiles files, CancellationToken cancellationToken)
    {
        if (!await runner.StartAsync(cancellationToken))
            return ExitCodes.Failure;
        var web = runner.Services("lab");
        var import = await web.GetRequiredService<LabImport>().RunAsync(await File.ReadAllBytesAsync(files.Lab, cancellationToken), cancellationToken);
        if (!import.Done)
        {
            invocation.Error.WriteLine($"fablab: {files.Lab} does not describe a lab: {string.Join(" ", import.Faults)}");
            return ExitCodes.Failure;
        }
        await virtualLab.Ready.WaitAsync(cancellationToken);
        await DevicesAnswerAsync(web.GetRequiredService<GatewayStatus>(), cancellationToken);
        MemoryBack.Give();
        // Its being there also says to `fablab tap` that taps are answered from now on.
        await using var socket = new HostSocket(options.Data, (question, cancel) => HostAnswers.AnswerAsync(question, web, options, cancel));
        await TellAsync(invocation, options, web, cancellationToken);
        // Last, so that the first tap does not wait for it; and after the machines have told how they stand, or the floor would not know it meanwhile.
        await JournalIsInAsync(web.GetRequiredService<JournalUploader>(), cancellationToken);
        await web.GetRequiredService<LabLife>().RunAsync(await File.ReadAllBytesAsync(files.Life, cancellationToken), cancellationToken);
        MemoryBack.Give();
        return await WaitAsync(runner, virtualLab, invocation.Error, cancellationToken);
    }

    /// <summary>Waits until the gateway has its rules and every device has said who it is, or long enough: one that cannot come must not keep the others from the visitor.</summary>
    internal static async Task DevicesAnswerAsync(GatewayStatus gateway, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        while ((gateway.Machines.Count == 0 || gateway.Devices.Count == 0 || gateway.Devices.Any(device => device is { Running: true, Online: false })) && time.GetElapsedTime(began) < DevicePatience)
            await Task.Delay(TimeSpan.FromMilliseconds(25), time, cancellationToken);
    }

    /// <summary>Waits until Booking has every line of the gateway, or long enough.</summary>
    private static async Task JournalIsInAsync(JournalUploader uploader, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        while ((uploader.Acknowledged == 0 || uploader.Waiting > 0) && time.GetElapsedTime(began) < DevicePatience)
            await Task.Delay(TimeSpan.FromMilliseconds(25), time, cancellationToken);
    }

    private static async Task<int> WaitAsync(LabRunner runner, VirtualLabProcess virtualLab, TextWriter error, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var services = runner.WaitAsync(ending.Token);
        var lab = virtualLab.EndedAsync(ending.Token);
        await Task.WhenAny(services, lab);
        if (lab.IsCompletedSuccessfully && !cancellationToken.IsCancellationRequested)
        {
            error.WriteLine("fablab: the virtual lab has ended by itself; ending the demonstration.");
            await ending.CancelAsync();
            await services;
            return ExitCodes.Failure;
        }
        return await services;
    }

    private static async Task TellAsync(Invocation invocation, ProgramOptions options, IServiceProvider web, CancellationToken cancellationToken)
    {
        var link = await web.GetRequiredService<IOneTimeLinks>().CreateAsync(null, cancellationToken);
        var at = options.Data == ProgramConfiguration.DefaultData(DataFolders.Demo) ? "" : $" --data '{options.Data}'";
        var to = invocation.Out;
        to.WriteLine();
        to.WriteLine($"The lab is running. Its people and machines are invented, its broker, serial lines and ledger are real.");
        to.WriteLine($"  pages       {options.Web}");
        to.WriteLine($"  door        {options.Kiosk}");
        if (link is not null)
            to.WriteLine($"  as manager  {options.Web.ToString().TrimEnd('/')}{link.Path}   (once, within the hour)");
        to.WriteLine($"  tap a badge ./fablab tap LAS-1 M01{at}     granted: the machine is on; once more ends it");
        to.WriteLine($"              ./fablab tap LAS-1 M04{at}     refused, and says why");
        to.WriteLine(invocation.Has("--quiet-day") ? "Nobody taps but you." : "People come and go by themselves; --quiet-day leaves the taps to you.");
        to.WriteLine("Ctrl-C ends all of it.");
        await to.FlushAsync(cancellationToken);
    }

    /// <summary>A visitor has not chosen 8080: when somebody has it already, the demonstration takes another one and says so. A port that was asked for stays an error.</summary>
    private static bool MoveBusyPorts(ProgramConfiguration configuration, Dictionary<string, string?> settings, TextWriter error)
    {
        var moved = false;
        var options = configuration.Options;
        foreach (var (key, port) in ServiceVerbs.PortsOf(options))
        {
            if (configuration.Root[key] is { Length: > 0 } || PortHolder.IsFree(options.Listen, port))
                continue;
            var other = PortHolder.FindFree(options.Listen);
            error.WriteLine($"fablab: port {port} is held by {PortHolder.Describe(port) ?? "a process that only root can name"}; the demonstration takes {other} instead ({Preparation.OptionOf(key)}).");
            settings[key] = other.ToString(System.Globalization.CultureInfo.InvariantCulture);
            moved = true;
        }
        return moved;
    }
}
