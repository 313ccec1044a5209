using System.Net;
using System.Net.Sockets;
using System.Text;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Grbl;
using FabLab.Gateway.Tests.Flow;
using FabLab.Gateway.Tests.Links;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Grbl;

/// <summary>The gateway between a controller on a terminal and the program that drives it.</summary>
public sealed class GrblProxyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_byte_goes_both_ways_as_it_came_and_nothing_is_said_beside_a_program()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var mill = new VirtualGrblPort(folder.File("tty"));
        mill.Plug();
        await using var device = await OpenAsync(folder, time);
        await GatewayUnderTest.UntilAsync(() => device.Reported >= 1);
        // While nobody is there it asks, once a second.
        var asked = mill.Received.Length;
        time.Advance(TimeSpan.FromSeconds(1));
        await GatewayUnderTest.UntilAsync(() => mill.Received.Length == asked + 1 && device.Reported >= 2);

        using (var program = await ConnectAsync(device))
        {
            var stream = program.GetStream();
            var before = mill.Received.Length;
            byte[] all = [.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(b => b is not ((byte)'?' or (byte)'\n'))];
            byte[] sent = [.. all, .. "G1 X10\n"u8, 0x18, .. all];
            await stream.WriteAsync(sent, Cancel);
            Assert.Equal("ok\r\n", await ReadAsync(stream, 4));
            await GatewayUnderTest.UntilAsync(() => mill.Received.Length == before + sent.Length);
            for (var second = 0; second < 30; second++)
                time.Advance(TimeSpan.FromSeconds(1));
            mill.Push(all);
            Assert.Equal(Encoding.Latin1.GetString(all), await ReadAsync(stream, all.Length));

            Assert.Equal(sent, mill.Received[before..]);
            // Nobody asked for half a minute: that is the program's affair, and the machine is not away.
            Assert.DoesNotContain(device.Take(), report => report is DeviceReport.LinkReport { Online: false });
        }
        await GatewayUnderTest.UntilAsync(() => !device.HasProgram);
        // It has gone, and the gateway asks again.
        var then = mill.Received.Length;
        await UntilAsync(time, () => mill.Received.Length > then);
    }

    [Fact]
    public async Task A_second_program_waits_and_a_port_that_goes_away_shows_the_first_the_door()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var mill = new VirtualGrblPort(folder.File("tty"));
        mill.Plug();
        await using var device = await OpenAsync(folder, time);
        await GatewayUnderTest.UntilAsync(() => device.Reported >= 1);
        using var first = await ConnectAsync(device);
        Assert.StartsWith("<Idle", await AskAsync(first.GetStream()), StringComparison.Ordinal);
        using var second = await ConnectAsync(device);
        await second.GetStream().WriteAsync("?"u8.ToArray(), Cancel);

        mill.Unplug();
        await GoneAsync(first);
        // What the second one said to a port that was not there is not kept for later.
        await GoneAsync(second);
        await GatewayUnderTest.UntilAsync(() => device.Take().Any(report => report is DeviceReport.LinkReport { Online: false }));
        mill.Plug();
        await UntilAsync(time, () => device.Take().Any(report => report is DeviceReport.LinkReport { Online: true }));
        using var third = await ConnectAsync(device);

        Assert.StartsWith("<Idle", await AskAsync(third.GetStream()), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_cannot_work_are_named()
    {
        var driver = new GrblDriver(TimeProvider.System, NullLogger<GrblDriver>.Instance);
        var good = new DeviceSettings { Id = "mill-1", Driver = "grbl", Link = DeviceLinkKind.Serial, Path = "/dev/ttyUSB0", Channels = 0 };

        Assert.Empty(driver.Validate(good));
        Assert.Contains("path", Assert.Single(driver.Validate(good with { Path = null })), StringComparison.Ordinal);
        Assert.Contains("baud", Assert.Single(driver.Validate(good with { Baud = 31 })), StringComparison.Ordinal);
        Assert.Contains("address", Assert.Single(driver.Validate(good with { Address = "mill.local" })), StringComparison.Ordinal);
        Assert.Contains("link", Assert.Single(driver.Validate(good with { Link = DeviceLinkKind.Mqtt })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tap_a_program_and_rest_give_one_row_with_the_time_of_the_work()
    {
        var gateway = new GatewayUnderTest();
        await using var stops = gateway;
        await using var mill = new VirtualGrblPort(gateway.Folder.File("tty"));
        mill.Plug();
        var driver = new Kept(new GrblDriver(gateway.Time, NullLogger<GrblDriver>.Instance, gateway.Folder.Path));
        gateway.More = services => services.AddSingleton<IDeviceDriver>(driver);
        gateway.Listed = [.. gateway.Listed, Settings(gateway.Folder)];
        gateway.Booking.Put(SampleLab.Printer with
        {
            IdleStop = Duration.FromMinutes(1),
            Devices = [.. SampleLab.Printer.Devices.Where(d => d.Role != DeviceRole.Meter), new(DeviceRole.Witness, new("mill-1"))],
        });
        await gateway.StartAsync();
        await StepUntilAsync(() => Events<MachineEvent.WitnessCame>().Count == 1);

        gateway.Printer.Tap(SampleLab.M01.Badge);
        await StepUntilAsync(() => gateway.Printer.Closed());
        using (var program = await ConnectAsync((GrblProxy)driver.Opened!))
        {
            var stream = program.GetStream();
            await stream.WriteAsync("G1 X10\n"u8.ToArray(), Cancel);
            Assert.Equal("ok\r\n", await ReadAsync(stream, 4));
            mill.State = "Run";
            for (var second = 0; second < 90; second++)
                await AskedAsync(stream);
            Assert.Equal("running", gateway.Machine("IMP-1").State);
            mill.State = "Idle";
            for (var second = 0; second < 5; second++)
                await AskedAsync(stream);
        }
        await GatewayUnderTest.UntilAsync(() => !((GrblProxy)driver.Opened!).HasProgram);
        await StepUntilAsync(() => !gateway.Printer.Closed());
        await StepUntilAsync(() => Events<MachineEvent.StretchClosed>().Count > 0 && Events<MachineEvent.JobRecorded>().Any(e => e.Job.IsOver));

        Assert.Equal(EndReason.Idle, Assert.Single(Events<MachineEvent.SessionEnded>()).Why);
        var entry = Assert.Single(LedgerProjection.Of(gateway.Booking.Events).Entries(), e => e.Session is not null);
        Assert.Equal((SampleLab.M01.Id, true), (entry.Person, entry.Settled));
        Assert.InRange(entry.WorkingMs, 85_000, 95_000);
        Assert.All(Events<MachineEvent.JobRecorded>(), e => Assert.Equal(entry.Session, e.Session));
        // Beside the program nothing was said; before and after it nothing but the question.
        Assert.Equal("G1 X10\n", Encoding.ASCII.GetString(mill.Received).Replace("?", "", StringComparison.Ordinal));

        List<T> Events<T>()
            where T : MachineEvent => [.. gateway.Booking.Events.OfType<T>()];

        async Task AskedAsync(NetworkStream stream)
        {
            gateway.Time.Advance(Duration.FromSeconds(1));
            await AskAsync(stream);
            await gateway.SettleAsync();
        }

        async Task StepUntilAsync(Func<bool> condition)
        {
            for (var step = 0; !condition(); step++)
            {
                Assert.True(step < 600, $"It is not so. State {gateway.Machine("IMP-1").State}.");
                var reported = ((GrblProxy)driver.Opened!).Reported;
                gateway.Time.Advance(Duration.FromSeconds(1));
                await GatewayUnderTest.UntilAsync(() => ((GrblProxy)driver.Opened!).Reported > reported);
                await gateway.SettleAsync();
            }
        }
    }

    private static DeviceSettings Settings(TemporaryFolder folder) => new()
    {
        Id = "mill-1", Driver = "grbl", Link = DeviceLinkKind.Serial, Path = folder.File("tty"), Channels = 0, Address = $"127.0.0.1:{MosquittoFixture.FreePort()}",
    };

    private static async Task<GrblProxy> OpenAsync(TemporaryFolder folder, ManualTime time) =>
        (GrblProxy)await new GrblDriver(time, NullLogger<GrblDriver>.Instance, folder.Path).OpenAsync(Settings(folder), Cancel);

    private static async Task<TcpClient> ConnectAsync(GrblProxy device)
    {
        var program = new TcpClient();
        var taken = device.HasProgram;
        await program.ConnectAsync(device.Door, Cancel);
        // The first one; another one waits.
        await GatewayUnderTest.UntilAsync(() => taken || device.HasProgram);
        return program;
    }

    /// <summary>The other side has closed, with or without a word.</summary>
    private static async Task GoneAsync(TcpClient program)
    {
        try
        {
            Assert.Equal(0, await program.GetStream().ReadAsync(new byte[1], Cancel));
        }
        catch (IOException reset)
        {
            Assert.IsType<SocketException>(reset.InnerException);
        }
    }

    private static async Task<string> AskAsync(NetworkStream stream)
    {
        await stream.WriteAsync("?"u8.ToArray(), Cancel);
        var line = new StringBuilder();
        while (line.Length == 0 || line[^1] != '\n')
            line.Append(await ReadAsync(stream, 1));
        return line.ToString();
    }

    private static async Task<string> ReadAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, Cancel);
        return Encoding.Latin1.GetString(bytes);
    }

    private static async Task UntilAsync(ManualTime time, Func<bool> condition)
    {
        while (!condition())
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancel);
        }
    }

    /// <summary>The driver, and what it has opened.</summary>
    private sealed class Kept(IDeviceDriver driver) : IDeviceDriver
    {
        public IDevice? Opened { get; private set; }

        public string Kind => driver.Kind;

        public DriverAbilities Abilities => driver.Abilities;

        public IReadOnlyList<string> Validate(DeviceSettings settings) => driver.Validate(settings);

        public async ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken) =>
            Opened = await driver.OpenAsync(settings, cancellationToken);
    }
}
