using System.Net;
using System.Net.Sockets;
using System.Text;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Hpgl;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Hpgl;

/// <summary>Cutters behind the gateway's spooler.</summary>
public sealed class HpglTests
{
    /// <summary>A square of 10 mm, then a stroke of 5 mm, with what else is in such files.</summary>
    private const string Square = "IN;SP1;\u001b.I81;;17:PU0,0;PD400,0,400,400;PD 0 400 PD0,0;LBPD999,999\u0003PU1000,1000;PR;PD200,0;PU;PG;\u001b.B";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_cut_of_a_job_has_the_same_length()
    {
        var bytes = Encoding.ASCII.GetBytes(Square);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var length = new HpglLength();
            length.Take(bytes.AsSpan(0, cut));
            length.Take(bytes.AsSpan(cut));

            Assert.Equal(45, length.Millimetres, 6);
        }
    }

    [Theory]
    [InlineData("PD1e999,NaN;PD,,;;PD-;PD1.2.3,4;PD")]
    [InlineData("PDPDPDPD\u0000\u00ff\u001b\u001b.\u001b")]
    [InlineData("PD99999999999999999999999999999999999999,1;")]
    public void Rubbish_has_a_length_that_is_a_number(string rubbish)
    {
        var length = new HpglLength();
        length.Take(Encoding.Latin1.GetBytes(rubbish));
        length.Take(Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(rubbish, 20_000))));

        Assert.True(double.IsFinite(length.Millimetres) && length.Millimetres >= 0);
    }

    [Fact]
    public async Task A_job_goes_through_unchanged_is_held_back_when_the_cutter_says_so_and_is_told_with_its_length()
    {
        var time = new ManualTime();
        var cutter = new Cutter();
        await using var device = new HpglDevice(new("cutter-1"), cutter, 9600, new IPEndPoint(IPAddress.Loopback, 0), time, NullLogger.Instance);
        device.Start();
        using var program = new TcpClient();
        await program.ConnectAsync(device.Spooler, Cancel);
        var job = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Square, 10)));
        cutter.HoldsAt = 200;

        await program.GetStream().WriteAsync(job, Cancel);
        program.Client.Shutdown(SocketShutdown.Send);
        await PassUntilAsync(() => cutter.Taken.Length >= 200);
        time.Advance(Duration.FromMinutes(1));
        Assert.InRange(cutter.Taken.Length, 200, 264);
        cutter.GoOn();
        var over = await OverAsync();

        Assert.Equal(job, cutter.Taken);
        Assert.Equal((JobState.Done, 450), (over.State, Math.Round(over.Millimetres!.Value)));
        Assert.True(over.EndedAt - over.StartedAt > Duration.FromMinutes(1));

        async Task<MachineJob> OverAsync()
        {
            MachineJob? job = null;
            await PassUntilAsync(() => (job ??= device.Take().OfType<DeviceReport.JobReport>().FirstOrDefault(report => report.Job is { IsOver: true })?.Job) is not null);
            return job!;
        }

        async Task PassUntilAsync(Func<bool> condition)
        {
            for (var step = 0; !condition(); step++)
            {
                Assert.True(step < 5000, "It is not so.");
                time.Advance(Duration.FromMilliseconds(50));
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel);
            }
        }
    }

    [Fact]
    public async Task A_port_that_goes_away_in_the_middle_is_a_failed_job_and_the_rest_is_not_sent_later()
    {
        var time = new ManualTime();
        var cutter = new Cutter();
        await using var device = new HpglDevice(new("cutter-1"), cutter, 9600, new IPEndPoint(IPAddress.Loopback, 0), time, NullLogger.Instance);
        device.Start();
        using var program = new TcpClient();
        await program.ConnectAsync(device.Spooler, Cancel);
        await program.GetStream().WriteAsync(Encoding.ASCII.GetBytes("IN;PD400,0;"), Cancel);
        await GatewayUnderTest.UntilAsync(() => cutter.Taken.Length > 0);
        time.Advance(Duration.FromSeconds(1));

        cutter.Unplug();
        cutter.Plug();
        cutter.Refuses = true;
        await program.GetStream().WriteAsync(Encoding.ASCII.GetBytes("PD0,0;"), Cancel);
        var over = await device.NextAsync<DeviceReport.JobReport>(report => report.Job is { IsOver: true });

        Assert.Equal(JobState.Failed, over.Job!.State);
        Assert.Equal("IN;PD400,0;", Encoding.ASCII.GetString(cutter.Taken));
    }

    [Fact]
    public void Settings_that_cannot_work_say_which()
    {
        var driver = new HpglDriver(new ManualTime(), NullLogger<HpglDriver>.Instance);
        var good = new DeviceSettings { Id = "cutter-1", Driver = "hpgl", Link = DeviceLinkKind.Serial, Path = "/dev/ttyUSB0", Channels = 0 };

        Assert.Empty(driver.Validate(good));
        Assert.Empty(driver.Validate(good with { Address = "0.0.0.0:9101", Baud = 19200 }));
        Assert.Equal(3, driver.Validate(good with { Link = DeviceLinkKind.Mqtt, Baud = 31, Address = "cutter.lab" }).Count);
    }

    /// <summary>The cutter's end of the line.</summary>
    private sealed class Cutter : ISerialLink
    {
        private readonly Lock _gate = new();
        private readonly List<byte> _taken = [];
        private ISerialSink? _sink;

        public int HoldsAt { get; set; } = int.MaxValue;

        public bool Refuses { get; set; }

        public LinkStatus Status => new(LinkPhase.Up, LinkFault.None, null, 0);

        public byte[] Taken
        {
            get { lock (_gate) return [.. _taken]; }
        }

        public void Start(ISerialSink sink)
        {
            _sink = sink;
            Plug();
        }

        public LinkSend Write(ReadOnlySpan<byte> bytes)
        {
            if (Refuses)
                return LinkSend.Down;
            bool hold;
            lock (_gate)
            {
                _taken.AddRange(bytes);
                hold = _taken.Count >= HoldsAt;
            }
            if (hold)
                _sink!.OnBytes([0x13], 0);
            return LinkSend.Sent;
        }

        public void GoOn()
        {
            HoldsAt = int.MaxValue;
            _sink!.OnBytes([0x11], 0);
        }

        public void Unplug() => _sink!.OnLinkChanged(false);

        public void Plug() => _sink!.OnLinkChanged(true);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
