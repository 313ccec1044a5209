using System.Globalization;
using System.Net;
using FabLab.Host.Ports;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>A demonstration as a visitor starts it, on free ports and a folder of its own. Nobody taps but the test, unless it asks for the scripted day.</summary>
internal sealed class DemoLab : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private DemoLab(DirectoryInfo folder, LabProcess process, int webPort)
    {
        _folder = folder;
        Process = process;
        Lab = new LabHandle(folder.FullName);
        Web = new Uri($"http://localhost:{webPort}/");
    }

    public LabProcess Process { get; }

    public LabHandle Lab { get; }

    public Uri Web { get; }

    public static async Task<DemoLab> StartAsync(CancellationToken cancellationToken, bool scriptedDay = false)
    {
        var folder = Directory.CreateTempSubdirectory("fablab-demo-");
        var ports = FreePorts(3);
        string[] arguments = ["demo", "--data", folder.FullName, "--web-port", ports[0], "--kiosk-port", ports[1], "--mqtt-port", ports[2], "--Logging:LogLevel:FabLab.Gateway.Drivers.Node", "Warning"];
        var process = LabProcess.Start(scriptedDay ? arguments : [.. arguments, "--quiet-day"]);
        var demo = new DemoLab(folder, process, int.Parse(ports[0], CultureInfo.InvariantCulture));
        await process.WaitForAsync("Ctrl-C ends all of it.", cancellationToken);
        return demo;
    }

    /// <summary>Ports that are free now, each another one.</summary>
    public static string[] FreePorts(int count) =>
        [.. PortHolder.FindFree(IPAddress.Loopback, count).Select(port => port.ToString(CultureInfo.InvariantCulture))];

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
