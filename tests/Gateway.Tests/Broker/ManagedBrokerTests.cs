using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FabLab.Gateway.Broker;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Links;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Broker;

public sealed class ManagedBrokerTests : IAsyncDisposable
{
    private static readonly DeviceAccess Saw = Node("saw-1");
    private static readonly DeviceAccess Laser = Node("laser-1");
    private static readonly DeviceAccess Plug = new("plug-1", "plug-password", ["stat/plug-1/#", "tele/plug-1/#"], ["cmnd/plug-1/#"], []);

    private readonly TemporaryFolder _folder = new();
    private readonly TestLinks _links = new();
    private readonly List<ManagedBroker> _brokers = [];
    private readonly int _port = MosquittoFixture.FreePort();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        foreach (var broker in _brokers)
            await broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_device_speaks_under_its_own_name_and_hears_what_is_meant_for_it()
    {
        var broker = await StartAsync(Saw, Plug);
        var (gateway, saw, plug) = (new RecordingSink(), new RecordingSink(), new RecordingSink());
        var link = await _links.UpAsync(broker.GatewayLink, ("fl/1/+/up/#", gateway), ("stat/#", gateway));
        var sawLink = await _links.UpAsync(As(Saw), ("fl/1/saw-1/dn/#", saw), ("fl/1/gw/state", saw));
        var plugLink = await _links.UpAsync(As(Plug), ("cmnd/plug-1/#", plug));

        sawLink.Publish("fl/1/saw-1/up/ev", "1"u8, MqttQos.AtLeastOnce);
        Assert.Equal("fl/1/saw-1/up/ev", (await gateway.NextAsync()).Topic);
        plugLink.Publish("stat/plug-1/RESULT", "2"u8, MqttQos.AtLeastOnce);
        Assert.Equal("stat/plug-1/RESULT", (await gateway.NextAsync()).Topic);
        link.Publish("fl/1/saw-1/dn/cmd", "3"u8, MqttQos.AtLeastOnce);
        Assert.Equal("3", (await saw.NextAsync()).Text);
        link.Publish("fl/1/gw/state", "4"u8, MqttQos.AtLeastOnce, retain: true);
        Assert.Equal("4", (await saw.NextAsync()).Text);
        link.Publish("cmnd/plug-1/POWER", "5"u8, MqttQos.AtLeastOnce);
        Assert.Equal("5", (await plug.NextAsync()).Text);
    }

    [Fact]
    public async Task A_device_that_subscribes_to_everything_hears_only_its_own()
    {
        var broker = await StartAsync(Saw, Laser, Plug);
        var spy = new RecordingSink();
        var gateway = await _links.UpAsync(broker.GatewayLink);
        gateway.Publish("fl/1/laser-1/up/state", "retained"u8, MqttQos.AtLeastOnce, retain: true);
        await _links.UpAsync(As(Saw), ("#", spy));

        gateway.Publish("fl/1/laser-1/up/ev", "tap"u8, MqttQos.AtLeastOnce);
        gateway.Publish("fl/1/laser-1/dn/cmd", "lease"u8, MqttQos.AtLeastOnce);
        gateway.Publish("tele/plug-1/SENSOR", "badge"u8, MqttQos.AtLeastOnce);
        gateway.Publish("fl/1/saw-1/up/ev", "own tap"u8, MqttQos.AtLeastOnce);
        gateway.Publish("fl/1/saw-1/dn/cmd", "own"u8, MqttQos.AtLeastOnce);

        Assert.Equal("own", (await spy.NextAsync()).Text);
        Assert.False(spy.Any);
    }

    [Theory]
    [InlineData("fl/1/laser-1/up/ev")]
    [InlineData("fl/1/laser-1/dn/cmd")]
    [InlineData("fl/1/saw-1/dn/cmd")]
    [InlineData("fl/1/gw/state")]
    [InlineData("cmnd/plug-1/POWER")]
    [InlineData("stat/plug-1/RESULT")]
    [InlineData("anything")]
    public async Task A_device_cannot_speak_for_another_or_for_the_gateway(string topic)
    {
        var broker = await StartAsync(Saw, Laser, Plug);
        var everything = new RecordingSink();
        await _links.UpAsync(broker.GatewayLink, ("#", everything));
        var saw = await _links.UpAsync(As(Saw));

        saw.Publish(topic, "forged"u8, MqttQos.AtLeastOnce);
        saw.Publish("fl/1/saw-1/up/ev", "honest"u8, MqttQos.AtLeastOnce);

        Assert.Equal("honest", (await everything.NextAsync()).Text);
        Assert.False(everything.Any);
    }

    [Fact]
    public async Task Without_a_name_with_a_wrong_password_or_with_a_strange_name_nobody_comes_in()
    {
        await StartAsync(Saw);
        foreach (var options in new[]
        {
            As(Saw) with { UserName = null, Password = null },
            As(Saw) with { Password = "wrong" },
            As(Saw) with { UserName = "laser-1" },
            As(Saw) with { UserName = "#", ClientId = "#" },
            As(Saw) with { UserName = "gw", Password = "gw" },
        })
        {
            var link = _links.Make(options);
            await Until.TrueAsync(() => link.Status.Fault == LinkFault.NotAuthorised);
        }
    }

    [Fact]
    public async Task A_device_that_takes_the_client_id_of_another_does_not_throw_it_out()
    {
        var broker = await StartAsync(Saw, Laser);
        var sink = new RecordingSink();
        await _links.UpAsync(As(Saw), ("fl/1/saw-1/dn/#", sink));
        var gateway = await _links.UpAsync(broker.GatewayLink);
        Assert.True(await sink.NextChangeAsync());

        await _links.UpAsync(As(Laser) with { ClientId = "saw-1" });
        gateway.Publish("fl/1/saw-1/dn/cmd", "still there"u8, MqttQos.AtLeastOnce);

        Assert.Equal("still there", (await sink.NextAsync()).Text);
    }

    [Fact]
    public async Task A_device_that_is_removed_is_cut_off_at_once_and_the_others_are_not()
    {
        var broker = await StartAsync(Saw, Laser);
        var (saw, laser) = (new RecordingSink(), new RecordingSink());
        var sawLink = await _links.UpAsync(As(Saw), ("fl/1/saw-1/dn/#", saw));
        await _links.UpAsync(As(Laser), ("fl/1/laser-1/dn/#", laser));
        var gateway = await _links.UpAsync(broker.GatewayLink);
        Assert.True(await saw.NextChangeAsync());
        Assert.True(await laser.NextChangeAsync());

        Assert.Null(broker.SetDevices([Laser]));
        Assert.False(await saw.NextChangeAsync());
        await Until.TrueAsync(() => sawLink.Status.Fault == LinkFault.NotAuthorised);
        gateway.Publish("fl/1/saw-1/dn/cmd", "secret"u8, MqttQos.AtLeastOnce);
        gateway.Publish("fl/1/laser-1/dn/cmd", "on"u8, MqttQos.AtLeastOnce);

        Assert.Equal("on", (await laser.NextAsync()).Text);
        Assert.False(saw.Any);
        Assert.Equal(LinkPhase.Up, gateway.Status.Phase);
    }

    [Fact]
    public async Task Rights_that_were_narrowed_hold_for_a_subscription_that_is_alive()
    {
        var broker = await StartAsync(Plug);
        var sink = new RecordingSink();
        await _links.UpAsync(As(Plug), ("cmnd/#", sink));
        var gateway = await _links.UpAsync(broker.GatewayLink);
        gateway.Publish("cmnd/plug-1/POWER", "ON"u8, MqttQos.AtLeastOnce);
        await sink.NextAsync();

        Assert.Null(broker.SetDevices([Plug with { Subscribe = ["cmnd/plug-1/STATUS"] }]));
        gateway.Publish("cmnd/plug-1/POWER", "again"u8, MqttQos.AtLeastOnce);
        gateway.Publish("cmnd/plug-1/STATUS", "8"u8, MqttQos.AtLeastOnce);

        // The broker reads its files when it comes round to it: what slipped through before that is allowed to arrive first.
        await Until.TrueAsync(() =>
        {
            gateway.Publish("cmnd/plug-1/POWER", "probe"u8, MqttQos.AtLeastOnce);
            gateway.Publish("cmnd/plug-1/STATUS", "mark"u8, MqttQos.AtLeastOnce);
            return sink.AnyInARow("cmnd/plug-1/STATUS", 3);
        });
    }

    [Fact]
    public async Task A_device_that_is_added_may_come_in_at_once()
    {
        var broker = await StartAsync(Saw);
        var link = _links.Make(As(Laser));
        await Until.TrueAsync(() => link.Status.Fault == LinkFault.NotAuthorised);

        Assert.Null(broker.SetDevices([Saw, Laser]));

        await link.WaitUntilReadyAsync(Cancellation);
    }

    [Fact]
    public async Task A_device_whose_topics_cannot_stand_in_the_file_is_left_out_and_the_others_come_in()
    {
        var evil = new DeviceAccess("evil-1", "x", ["stat/a\nuser gw\ntopic readwrite #"], [], []);
        var wide = new DeviceAccess("wide-1", "x", ["#"], [], []);
        await StartAsync(evil, wide, Saw);

        await _links.UpAsync(As(Saw));
        var link = _links.Make(As(evil));

        await Until.TrueAsync(() => link.Status.Fault == LinkFault.NotAuthorised);
    }

    [Fact]
    public async Task A_rights_file_that_somebody_broke_ends_the_broker_before_it_lets_everything_through()
    {
        var broker = await StartAsync(Saw, Laser);
        var spy = new RecordingSink();
        await _links.UpAsync(As(Saw), ("#", spy));
        var first = broker.Status.ProcessId;
        File.WriteAllText(_folder.File("rights"), "garbage\n");

        // Somebody outside, a log rotation for instance, has it read its files again.
        Process.GetProcessById(first!.Value).Hup();
        await Until.TrueAsync(() => broker.Status is { Phase: BrokerPhase.Running } s && s.ProcessId != first);

        var gateway = await _links.UpAsync(broker.GatewayLink);
        Assert.True(await spy.NextChangeAsync());
        Assert.False(await spy.NextChangeAsync());
        Assert.True(await spy.NextChangeAsync());
        await Until.TrueAsync(() =>
        {
            gateway.Publish("fl/1/laser-1/dn/cmd", "foreign"u8, MqttQos.AtLeastOnce);
            gateway.Publish("fl/1/saw-1/dn/cmd", "own"u8, MqttQos.AtLeastOnce);
            return spy.Any;
        });
        Assert.Equal("own", (await spy.NextAsync()).Text);
    }

    [Fact]
    public async Task When_the_rights_cannot_be_written_the_old_ones_stay_in_force_and_the_caller_is_told()
    {
        var broker = await StartAsync(Saw);
        // A folder where the new file would go: not even root can write there.
        Directory.CreateDirectory(_folder.File("rights.new"));

        Assert.NotNull(broker.SetDevices([Saw, Laser]));

        await _links.UpAsync(As(Saw));
        var laser = _links.Make(As(Laser));
        await Until.TrueAsync(() => laser.Status.Fault == LinkFault.NotAuthorised);
    }

    [Fact]
    public async Task A_broker_that_is_killed_is_started_again_and_everybody_is_back_subscriptions_and_all()
    {
        var broker = await StartAsync(Saw);
        var (gateway, saw) = (new RecordingSink(), new RecordingSink());
        var link = await _links.UpAsync(broker.GatewayLink, ("fl/1/+/up/#", gateway));
        var sawLink = await _links.UpAsync(As(Saw), ("fl/1/saw-1/dn/#", saw));
        Assert.True(await gateway.NextChangeAsync());
        Assert.True(await saw.NextChangeAsync());

        for (var round = 1; round <= 2; round++)
        {
            Process.GetProcessById(broker.Status.ProcessId!.Value).Kill();
            Assert.False(await gateway.NextChangeAsync());
            Assert.True(await gateway.NextChangeAsync());
            Assert.False(await saw.NextChangeAsync());
            Assert.True(await saw.NextChangeAsync());
            await Task.WhenAll(link.WaitUntilReadyAsync(Cancellation), sawLink.WaitUntilReadyAsync(Cancellation));
            sawLink.Publish("fl/1/saw-1/up/ev", "up"u8, MqttQos.AtLeastOnce);
            Assert.Equal("up", (await gateway.NextAsync()).Text);
            link.Publish("fl/1/saw-1/dn/cmd", "down"u8, MqttQos.AtLeastOnce);
            Assert.Equal("down", (await saw.NextAsync()).Text);
            Assert.Equal(round, broker.Status.Restarts);
        }
    }

    [Fact]
    public async Task A_busy_port_is_named_with_its_holder_and_taken_when_it_is_free()
    {
        var other = new TcpListener(IPAddress.Loopback, _port);
        other.Start();
        var broker = Make([Saw]);
        broker.Start();

        await Until.TrueAsync(() => broker.Status.Phase == BrokerPhase.Waiting);
        Assert.Contains($"port {_port}", broker.Status.Detail, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", broker.Status.Detail, StringComparison.Ordinal);
        other.Dispose();

        await broker.WaitUntilRunningAsync(Cancellation);
        await _links.UpAsync(As(Saw));
    }

    [Fact]
    public async Task A_broker_that_an_earlier_gateway_left_behind_is_ended_and_replaced()
    {
        var left = await StartAsync(Saw);
        var leftover = Process.GetProcessById(left.Status.ProcessId!.Value);
        // A second gateway on the same folder, as after a kill -9 where setpriv is missing. The first one is not told to stop.
        var files = new BrokerFiles(_folder.Path, new BrokerOptions { Port = _port });

        var ended = BrokerProcess.EndLeftover(files);

        Assert.Equal(leftover.Id, ended);
        await leftover.WaitForExitAsync(Cancellation);
    }

    [Fact]
    public void A_process_file_whose_number_now_belongs_to_somebody_else_ends_nobody()
    {
        var files = new BrokerFiles(_folder.Path, new BrokerOptions());
        File.WriteAllText(files.ProcessFile, $"{Environment.ProcessId} {BrokerProcess.StartTicks(Environment.ProcessId)}\n");
        Assert.Null(BrokerProcess.EndLeftover(files));
        File.WriteAllText(files.ProcessFile, $"{Environment.ProcessId} 1\n");
        Assert.Null(BrokerProcess.EndLeftover(files));
        File.WriteAllText(files.ProcessFile, "rubbish");
        Assert.Null(BrokerProcess.EndLeftover(files));
        Assert.False(File.Exists(files.ProcessFile));
    }

    [Fact]
    public async Task When_the_parent_is_killed_with_9_the_broker_goes_with_it()
    {
        var files = new BrokerFiles(_folder.Path, new BrokerOptions { Port = _port });
        files.WriteConfiguration();
        files.WriteAccess("x", []);
        var (program, arguments) = BrokerProcess.Command(BrokerProcess.Program(new BrokerOptions())!, files);
        // A shell stands in for the gateway: it starts exactly what the gateway starts.
        using var parent = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", $"{program} {string.Join(' ', arguments)} & echo $!; wait" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var child = Process.GetProcessById(int.Parse((await parent.StandardOutput.ReadLineAsync(Cancellation))!, System.Globalization.CultureInfo.InvariantCulture));
        await Until.TrueAsync(() => PortHolder.Find(_port)?.ProcessId == child.Id, "the broker listens");

        parent.Kill();

        await Until.TrueAsync(() => PortHolder.Find(_port) is null, "the port is free");
        await Until.TrueAsync(() => BrokerProcess.StartTicks(child.Id) == 0 || State(child.Id) == 'Z', "the broker is gone");
    }

    [Fact]
    public async Task A_first_packet_that_is_no_CONNECT_and_claims_to_be_huge_is_thrown_out_before_it_takes_memory()
    {
        var broker = await StartAsync(Saw);
        var process = Process.GetProcessById(broker.Status.ProcessId!.Value);
        var before = process.WorkingSet64;
        for (var i = 0; i < 20; i++)
        {
            using var stranger = new TcpClient();
            await stranger.ConnectAsync(IPAddress.Loopback, _port, Cancellation);
            // PUBLISH with a remaining length of 268 435 455 bytes, of which some come.
            await stranger.GetStream().WriteAsync(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0x00, 0x01, (byte)'x' }, Cancellation);
            await ThrownOutAsync(stranger);
        }

        process.Refresh();
        Assert.InRange(process.WorkingSet64 - before, long.MinValue, 50_000_000);
        await _links.UpAsync(As(Saw));
    }

    [Fact]
    public async Task A_megabyte_is_refused_by_the_broker_and_the_others_do_not_notice()
    {
        var broker = await StartAsync(Saw, Laser);
        var gateway = new RecordingSink();
        await _links.UpAsync(broker.GatewayLink, ("fl/1/+/up/#", gateway));
        var cutOff = new RecordingSink();
        var saw = await _links.UpAsync(As(Saw) with { Version = MqttVersion.V311 }, ("fl/1/saw-1/dn/#", cutOff));
        var laser = await _links.UpAsync(As(Laser));

        saw.Publish("fl/1/saw-1/up/ev", new byte[1_000_000], MqttQos.AtLeastOnce);
        // It is back soon after: its state alone would not show that it had been thrown out.
        while (await cutOff.NextChangeAsync())
            continue;
        laser.Publish("fl/1/laser-1/up/ev", "fine"u8, MqttQos.AtLeastOnce);

        Assert.Equal("fine", (await gateway.NextAsync()).Text);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Every_file_is_readable_by_its_owner_only()
    {
        await StartAsync(Saw);

        foreach (var name in new[] { "mosquitto.conf", "passwords", "rights" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File(name)));
        Assert.DoesNotContain(Saw.Password, File.ReadAllText(_folder.File("passwords")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_Mosquitto_is_missing_it_says_what_to_install()
    {
        var broker = Make([], new BrokerOptions { Port = _port, Program = _folder.File("not-there") });

        broker.Start();

        await Until.TrueAsync(() => broker.Status.Phase == BrokerPhase.Missing);
        Assert.Contains("apt install mosquitto", broker.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_certificate_devices_connect_over_TLS_and_check_who_answers()
    {
        var (certificate, key) = WriteCertificate();
        var tlsPort = MosquittoFixture.FreePort();
        var broker = Make([Saw], new BrokerOptions { Port = _port, TlsPort = tlsPort, CertificateFile = certificate, KeyFile = key });
        broker.Start();
        await broker.WaitUntilRunningAsync(Cancellation);
        var sink = new RecordingSink();

        var link = await _links.UpAsync(As(Saw) with { Host = "localhost", Port = tlsPort, CaFile = certificate }, ("fl/1/saw-1/dn/#", sink));
        var gateway = await _links.UpAsync(broker.GatewayLink);
        gateway.Publish("fl/1/saw-1/dn/cmd", "over TLS"u8, MqttQos.AtLeastOnce);
        Assert.Equal("over TLS", (await sink.NextAsync()).Text);
        Assert.Equal(LinkSend.Sent, link.Publish("fl/1/saw-1/up/ev", new byte[8000], MqttQos.AtLeastOnce));

        var (other, _) = WriteCertificate("other");
        var wary = _links.Make(As(Saw) with { Host = "localhost", Port = tlsPort, CaFile = other });
        await Until.TrueAsync(() => wary.Status.Fault is LinkFault.Tls or LinkFault.Lost);
    }

    private static async Task ThrownOutAsync(TcpClient stranger)
    {
        try
        {
            Assert.Equal(0, await stranger.GetStream().ReadAsync(new byte[16], Cancellation));
        }
        catch (IOException fault) when (fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // Thrown out with bytes still unread is a reset.
            return;
        }
    }

    private (string Certificate, string Key) WriteCertificate(string name = "broker")
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var (certificateFile, keyFile) = (_folder.File(name + ".crt"), _folder.File(name + ".key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }

    private async Task<ManagedBroker> StartAsync(params DeviceAccess[] devices)
    {
        var broker = Make(devices);
        broker.Start();
        await broker.WaitUntilRunningAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        return broker;
    }

    private ManagedBroker Make(DeviceAccess[] devices, BrokerOptions? options = null)
    {
        var broker = new ManagedBroker(options ?? new BrokerOptions { Port = _port }, _folder.Path, devices, TimeProvider.System, NullLogger<ManagedBroker>.Instance);
        _brokers.Add(broker);
        return broker;
    }

    private MqttLinkOptions As(DeviceAccess device) => new()
    {
        Port = _port,
        ClientId = device.UserName,
        UserName = device.UserName,
        Password = device.Password,
    };

    private static DeviceAccess Node(string name) => new(name, $"password of {name}", [], [], [$"fl/1/{name}/up/state"]);

    private static char State(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        return text[text.LastIndexOf(')') + 2];
    }
}
