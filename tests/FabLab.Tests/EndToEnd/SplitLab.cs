using System.Diagnostics;
using FabLab.Host.Demo;
using FabLab.Host.Running;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>The same lab as three processes: Booking, gateway and the virtual lab, so that one can be killed alone.</summary>
internal sealed class SplitLab : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fablab-split-");
    private readonly string[] _ports = DemoLab.FreePorts(4);
    private VirtualLabProcess? _virtual;

    private SplitLab() => Lab = new LabHandle(_folder.FullName);

    public LabHandle Lab { get; }

    public LabProcess? Booking { get; private set; }

    public LabProcess? Gateway { get; private set; }

    public static async Task<SplitLab> StartAsync(CancellationToken cancellationToken)
    {
        var lab = new SplitLab();
        var description = Repository.File("samples", "lab", "lab.json");
        var (devices, _) = DemoDevices.Enrol(description, lab._folder.FullName);
        lab._virtual = VirtualLabProcess.Start(
            VirtualLabProcess.Find()!, description, devices, lab._folder.FullName, int.Parse(lab._ports[2], System.Globalization.CultureInfo.InvariantCulture),
            quietDay: true, TimeProvider.System, TextWriter.Null);
        await lab.StartBookingAsync(cancellationToken);
        var imported = await LineSocket.AskAsync(
            Path.Combine(lab._folder.FullName, HostSocket.FileName), $$"""{"do":"import","file":"{{description}}"}""", cancellationToken);
        Assert.Contains("\"faults\":[]", imported, StringComparison.Ordinal);
        await lab.StartGatewayAsync(cancellationToken);
        return lab;
    }

    public async Task StartBookingAsync(CancellationToken cancellationToken)
    {
        Booking = LabProcess.Start("booking", "--data", _folder.FullName, "--web-port", _ports[0], "--kiosk-port", _ports[1], "--mqtt-port", _ports[2]);
        await Booking.WaitForAsync("FabLab's pages are at", cancellationToken);
    }

    /// <summary>Starts the gateway and waits until it has its rules and hears the machine's device.</summary>
    public async Task StartGatewayAsync(CancellationToken cancellationToken)
    {
        Gateway = LabProcess.Start(
            "gateway", "--data", _folder.FullName, "--web-port", _ports[0], "--kiosk-port", _ports[1], "--mqtt-port", _ports[2], "--gateway-port", _ports[3]);
        await Gateway.WaitForAsync("The gateway is running.", cancellationToken);
        using var http = new HttpClient();
        var ready = new Uri($"http://localhost:{_ports[3]}/health/ready");
        await Eventually.IsAsync(
            async () => (await http.GetAsync(ready, cancellationToken)).IsSuccessStatusCode, good => good, "the gateway is ready", cancellationToken);
        await Eventually.IsAsync(
            async () => await http.GetStringAsync(new Uri($"http://localhost:{_ports[3]}/gateway/status"), cancellationToken),
            status => !status.Contains("\"online\":false", StringComparison.Ordinal), "every device answers", cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Gateway is not null)
            await Gateway.DisposeAsync();
        if (Booking is not null)
            await Booking.DisposeAsync();
        if (_virtual is not null)
            await _virtual.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
