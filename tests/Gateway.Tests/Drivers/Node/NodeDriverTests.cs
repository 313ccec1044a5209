using System.Text;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Node;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Links;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using DeviceId = FabLab.Core.DeviceId;
using OfflineList = FabLab.Gateway.Drivers.OfflineList;

namespace FabLab.Gateway.Tests.Drivers.Node;

/// <summary>Our own device over a real broker, device end and gateway end both the real thing.</summary>
public sealed class NodeDriverTests : IAsyncLifetime
{
    private const string Badge = "em:62E3086CED";
    private static readonly Duration Ttl = Duration.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly TestLinks _links = new();
    private readonly Claim _claim = new(Protocol.DeviceId.Parse("las-1"), 1, DeviceKey.Create());
    private readonly List<IAsyncDisposable> _open = [];
    private MosquittoFixture _broker = null!;
    private SqliteNodeStore _store = null!;
    private NodeDriver _driver = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private MqttLinkOptions Options => new() { Port = _broker.Port, ClientId = "gateway" };

    private DeviceSettings Settings => new() { Id = "las-1", Driver = "node", Key = _claim.Key.ToBase64Url(), Channels = 2 };

    public async ValueTask InitializeAsync()
    {
        _broker = await MosquittoFixture.StartAsync(Cancellation);
        await StartGatewayAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open)
            await open.DisposeAsync();
        await _driver.DisposeAsync();
        await _store.DisposeAsync();
        await _links.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_tap_arrives_live_and_the_relay_closes_under_a_lease_and_opens_when_told()
    {
        var device = await OpenAsync();
        var node = Node();
        node.Connect();
        var link = await device.NextAsync<DeviceReport.LinkReport>();
        Assert.True(link.Online);
        Assert.True(link.NewBoot);
        Assert.Equal((1u, "1.0.0"), (link.Boot!.Value, link.Firmware));

        node.Badge(0, Badge);
        var tap = await device.NextAsync<DeviceReport.BadgeRead>();
        Assert.True(tap.Live);
        Assert.Equal(("em:62E3086CED", "em-hex10", 0), (tap.Number.Canonical, tap.Profile.Code, tap.Reader));
        Assert.Equal(new JournalKey(new DeviceId("las-1"), 1, 2), tap.Key);
        Assert.DoesNotContain("62E3086CED", tap.ToString(), StringComparison.Ordinal);

        var session = SessionId.New(Now());
        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, session, Ttl, Cancellation));
        await node.UntilAsync(0, closed: true);
        var on = await device.NextAsync<DeviceReport.RelayReport>();
        Assert.Equal((0, true, RelayCauses.Lease, session), (on.Channel, on.Closed, on.Cause, on.Session!.Value));

        Assert.Equal(SendOutcome.Sent, await device.OpenAsync(0, Cancellation));
        await node.UntilAsync(0, closed: false);
        var off = await device.NextAsync<DeviceReport.RelayReport>();
        Assert.Equal((false, RelayCauses.Told, session), (off.Closed, off.Cause, off.Session!.Value));
        Assert.InRange(off.ClosedForMs!.Value, 0, 20_000);
    }

    [Fact]
    public async Task A_firmware_is_offered_to_a_device_whose_relays_are_open_and_told_of_to_its_end()
    {
        var (device, node) = await OnlineAsync();
        var news = System.Threading.Channels.Channel.CreateUnbounded<UpdateNews>();
        var bytes = new byte[600];
        var file = new FirmwareFile(FirmwareOffer.Of("2.0.0", "generic", "0", bytes) with { Signature = new string('A', 86) }, bytes);
        await device.HoldAsync(0, SessionId.New(Now()), Ttl, Cancellation);
        await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed);

        ((ITakesFirmware)device).Offer(file, again: false, one => news.Writer.TryWrite(one));
        Assert.Equal(new UpdateNews(UpdateStage.Refused, 0, ReplyCode.Busy), await news.Reader.ReadAsync(Cancellation));
        await device.OpenAsync(0, Cancellation);
        await node.UntilAsync(0, closed: false);
        await device.NextAsync<DeviceReport.RelayReport>(r => !r.Closed);

        // This one takes no updates, and says so as a 1.0 device would.
        ((ITakesFirmware)device).Offer(file, again: false, one => news.Writer.TryWrite(one));
        Assert.Equal(UpdateStage.Offered, (await news.Reader.ReadAsync(Cancellation)).Stage);
        Assert.Equal(new UpdateNews(UpdateStage.Refused, 0, ReplyCode.Unknown), await news.Reader.ReadAsync(Cancellation));

        ((ITakesFirmware)device).Offer(file, again: false, one => news.Writer.TryWrite(one));
        await device.DisposeAsync();
        Assert.True((await news.Reader.ReadAllAsync(Cancellation).FirstAsync(one => one.IsEnd, Cancellation)).IsEnd);
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends_on_the_devices_own_clock()
    {
        var (device, node) = await OnlineAsync();

        await device.HoldAsync(1, SessionId.New(Now()), Duration.FromMilliseconds(500), Cancellation);
        await node.UntilAsync(1, closed: true);

        var off = await device.NextAsync<DeviceReport.RelayReport>(r => !r.Closed);
        Assert.Equal((1, RelayCauses.Lease), (off.Channel, off.Cause));
        Assert.False(node.IsClosed(1));
    }

    [Fact]
    public async Task After_the_device_lost_power_a_renewal_does_not_close_its_relay_again()
    {
        var (device, node) = await OnlineAsync();
        var session = SessionId.New(Now());
        await device.HoldAsync(0, session, Ttl, Cancellation);
        await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed);
        node.Closings(0);

        node.PowerCycle();
        var back = await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        Assert.True(back.NewBoot);
        Assert.Empty(back.Closed!);
        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, session, Ttl, Cancellation));
        var refused = await device.NextAsync<DeviceReport.DeviceFaultReport>(f => f.Code == DeviceFaults.CommandRefused);

        Assert.Equal("lease: open", refused.Detail);
        Assert.Equal(0, node.Closings(0));
        // The next tap is another session, and that one may.
        await device.HoldAsync(0, SessionId.New(Now()), Ttl, Cancellation);
        await node.UntilAsync(0, closed: true);
    }

    [Fact]
    public async Task The_time_between_a_power_cut_and_the_new_start_is_reported_as_unknown()
    {
        var (device, node) = await OnlineAsync();
        await device.HoldAsync(0, SessionId.New(Now()), Ttl, Cancellation);
        await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed);

        node.PowerCycle();

        var unknown = await device.NextAsync<DeviceReport.UnknownTimeReport>(u => u.Key!.Value.Boot == 2);
        Assert.Equal((1, "power"), (unknown.Channels, unknown.Why));
        Assert.NotNull(unknown.From);
        Assert.True(unknown.From <= unknown.To);
    }

    [Fact]
    public async Task A_gateway_that_starts_again_finds_the_running_use_and_goes_on_renewing_it()
    {
        var (device, node) = await OnlineAsync();
        var session = SessionId.New(Now());
        await device.HoldAsync(0, session, Ttl, Cancellation);
        await device.NextAsync<DeviceReport.RelayReport>(r => r.Closed);
        node.Closings(0);

        var (again, link) = await RestartGatewayAsync();

        Assert.False(link.NewBoot);
        Assert.Equal(session, Assert.Single(link.Closed!).Value);
        Assert.Equal(SendOutcome.Sent, await again.HoldAsync(0, session, Ttl, Cancellation));
        await again.OpenAsync(0, Cancellation);
        await node.UntilAsync(0, closed: false);
        Assert.Equal(0, node.Closings(0));
    }

    [Fact]
    public async Task Records_come_again_until_they_are_acknowledged_and_not_after()
    {
        var (device, node) = await OnlineAsync();
        await device.AcknowledgeAsync((await device.NextAsync<DeviceReport.UnknownTimeReport>()).Key!.Value, Cancellation);
        node.Badge(0, Badge);
        var first = await device.NextAsync<DeviceReport.BadgeRead>();
        Assert.Equal(SendOutcome.Sent, await device.AcknowledgeAsync(first.Key!.Value, Cancellation));
        await Until.TrueAsync(() => node.Memory.Journal.First == first.Key.Value.Sequence + 1, "the device forgot");
        node.Badge(0, "em:14008EC793");
        var second = await device.NextAsync<DeviceReport.BadgeRead>();

        await CloseGatewayAsync();
        await StartGatewayAsync();
        var again = await OpenAsync();

        var repeated = await again.NextAsync<DeviceReport.BadgeRead>();
        Assert.Equal(second.Key, repeated.Key);
        Assert.DoesNotContain(again.Take(), r => r is DeviceReport.DeviceFaultReport { Code: DeviceFaults.JournalGap } || r.Key == first.Key);
    }

    [Fact]
    public async Task What_is_not_the_oldest_is_not_acknowledged_before_the_older_ones()
    {
        var (device, node) = await OnlineAsync();
        var boot = await device.NextAsync<DeviceReport.UnknownTimeReport>();
        node.Badge(0, Badge);
        var tap = await device.NextAsync<DeviceReport.BadgeRead>();

        // A tap overtakes: what is older was handed over too and may still be on its way to the disk when the tap is on it.
        await device.AcknowledgeAsync(tap.Key!.Value, Cancellation);
        node.Badge(0, "em:14008EC793");
        await device.NextAsync<DeviceReport.BadgeRead>();
        Assert.Equal(boot.Key!.Value.Sequence, node.Memory.Journal.First);

        await device.AcknowledgeAsync(boot.Key.Value, Cancellation);

        await Until.TrueAsync(() => node.Memory.Journal.First == tap.Key.Value.Sequence + 1);
    }

    [Fact]
    public async Task Taps_while_the_line_was_cut_come_later_and_are_not_live()
    {
        var (device, node) = await OnlineAsync();
        await node.DisconnectAsync();
        Assert.False((await device.NextAsync<DeviceReport.LinkReport>(l => !l.Online)).Online);
        node.Badge(0, Badge);

        node.Connect();

        var tap = await device.NextAsync<DeviceReport.OfflineUseReport>();
        Assert.False(tap.Granted);
        Assert.Equal(DenyWhy.Offline, tap.Why);
        Assert.Equal("em:62E3086CED", tap.Number.Canonical);
    }

    [Fact]
    public async Task A_hundred_records_from_a_day_without_a_gateway_all_come_once_in_order()
    {
        var node = Node();
        for (var i = 0; i < 100; i++)
            node.Badge(0, $"em:00000000{i + 1:X2}");
        var device = await OpenAsync();
        node.Connect();

        var seen = new List<uint>();
        while (seen.Count < 101)
        {
            var report = await device.NextAsync<DeviceReport>(r => r.Key is not null);
            seen.Add(report.Key!.Value.Sequence);
            await device.AcknowledgeAsync(report.Key.Value, Cancellation);
        }

        Assert.Equal(Enumerable.Range(1, 101).Select(i => (uint)i), seen);
        await Until.TrueAsync(() => node.Memory.Journal.First == 102, "the device forgot them all");
    }

    [Fact]
    public async Task The_broker_going_away_is_seen_and_the_device_is_back_with_it()
    {
        var (device, node) = await OnlineAsync();
        await device.HoldAsync(0, SessionId.New(Now()), Ttl, Cancellation);
        await node.UntilAsync(0, closed: true);

        await _broker.KillAsync();
        await device.NextAsync<DeviceReport.LinkReport>(l => !l.Online);
        Assert.Equal(SendOutcome.LinkDown, await device.HoldAsync(0, SessionId.New(Now()), Ttl, Cancellation));
        await _broker.StartAsync(Cancellation);

        var back = await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        Assert.False(back.NewBoot);
        Assert.Single(back.Closed!);
        Assert.True(node.IsClosed(0));
    }

    [Fact]
    public async Task A_sentence_the_policy_and_the_list_reach_the_device()
    {
        var (device, node) = await OnlineAsync();

        await device.ShowAsync(new DisplayMessage("training_missing", DisplayTone.Refused, "La formation découpe laser manque.\u0007", new string('é', 400), Duration.FromSeconds(5)), Cancellation);
        var shown = await node.NextDisplayAsync();
        Assert.Equal((ShowKind.No, 5, "training_missing"), (shown.Kind, shown.Seconds, shown.Code));
        Assert.StartsWith("La formation découpe laser manque.  éé", shown.Text, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(shown.Text), 300, Limits.ShowBytes);

        await device.ConfigureAsync(new DevicePolicy(7, "fr", [new ChannelPolicy { FinishWhenLost = true, FinishCap = Duration.FromHours(12), IdleWatts = 5, IdleFor = Duration.FromMinutes(2) }]), Cancellation);
        await Until.TrueAsync(() => node.Memory.Config.Version == 7);
        Assert.Equal(LostLink.Finish, node.Memory.Config.Channels[0].LostLink);

        var entries = Enumerable.Range(0, 50).Select(i => new OfflineListEntry(new byte[] { (byte)i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, null, 1)).ToList();
        await device.PushOfflineListAsync(new OfflineList(3, Now(), 9, entries), Cancellation);
        await device.NextAsync<DeviceReport.DeviceFaultReport>(f => f.Detail!.Contains("tagkey", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_offline_list_comes_whole_and_its_successor_as_a_difference()
    {
        var key = TagKey.FromBytes(3, new byte[32]);
        var device = await OpenAsync();
        var node = Node(_claim with { TagKey = key });
        node.Connect();
        await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        OfflineListEntry Entry(int i) => new(key.Hash($"em:00000000{i:X2}"), null, 1);

        await device.PushOfflineListAsync(new OfflineList(1, Now(), 3, [.. Enumerable.Range(1, 50).Select(Entry)]), Cancellation);
        await Until.TrueAsync(() => node.Memory.List.Version == 1);
        await Until.TrueAsync(() => node.Memory.List.Entries.Count == 50);
        await device.PushOfflineListAsync(new OfflineList(2, Now(), 3, [.. Enumerable.Range(2, 50).Select(Entry)]), Cancellation);

        await Until.TrueAsync(() => node.Memory.List.Version == 2);
        Assert.Equal(50, node.Memory.List.Entries.Count);
    }

    [Fact]
    public async Task A_meter_reading_is_in_watts_and_watt_hours()
    {
        var (device, node) = await OnlineAsync();

        node.Meter(1_234_567);

        var power = await device.NextAsync<DeviceReport.PowerReport>();
        Assert.Equal((0, 1234.567, 1.5), (power.Channel, power.Watts, power.EnergyWh!.Value));
    }

    [Fact]
    public async Task Two_devices_under_one_name_are_found_out_and_neither_gets_a_lease()
    {
        var (device, node) = await OnlineAsync();
        var copy = Node(hardware: "chip-2");
        copy.Badge(0, Badge);
        copy.PowerCycle();
        copy.Connect();

        await device.NextAsync<DeviceReport.DeviceFaultReport>(f => f.Code == DeviceFaults.DuplicateId);

        Assert.Equal(SendOutcome.LinkDown, await device.HoldAsync(0, SessionId.New(Now()), Ttl, Cancellation));
        Assert.False(node.IsClosed(0) || copy.IsClosed(0));
    }

    [Fact]
    public async Task A_record_under_a_clock_of_1970_is_not_put_into_1970()
    {
        var forge = new Forge(_claim);
        var device = await OpenAsync();
        var link = await _links.UpAsync(Options with { ClientId = "forge" });
        link.Publish(forge.Topic(TopicKind.State), forge.Birth(last: 1), MqttQos.AtLeastOnce, retain: true);
        var before = Now();

        link.Publish(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, """{"m":"ev","seq":1,"boot":4,"up":5,"ts":1000,"k":"badge","rd":0,"tag":"em:62E3086CED","pf":"x"}"""), MqttQos.AtLeastOnce);

        var fault = await device.NextAsync<DeviceReport.DeviceFaultReport>();
        Assert.Equal(DeviceFaults.DeviceClock, fault.Code);
        var tap = await device.NextAsync<DeviceReport.BadgeRead>();
        Assert.Equal((ReportTime.Unknown, false), (tap.Time, tap.Live));
        Assert.True(tap.At >= before);
    }

    [Fact]
    public async Task Nothing_leaves_under_a_number_that_could_not_be_stored()
    {
        var store = new FailingStore();
        await using var driver = new NodeDriver(await _links.UpAsync(Options with { ClientId = "other" }), store, TimeProvider.System, NullLogger<NodeDriver>.Instance);
        var device = await driver.OpenAsync(Settings with { Id = "las-2" }, Cancellation);
        var claim = _claim with { Device = Protocol.DeviceId.Parse("las-2") };
        var spy = new RecordingSink();
        await _links.UpAsync(Options with { ClientId = "spy" }, ("fl/1/las-2/dn/#", spy));
        var forge = new Forge(claim);
        var link = await _links.UpAsync(Options with { ClientId = "forge" });

        link.Publish(forge.Topic(TopicKind.State), forge.Birth(last: 0), MqttQos.AtLeastOnce);
        await Until.TrueAsync(() => store.Saves > 0);
        Assert.Equal(SendOutcome.LinkDown, await device.OpenAsync(0, Cancellation));
        Assert.False(spy.Any);

        store.Works = true;
        Assert.Equal(SendOutcome.Sent, await device.OpenAsync(0, Cancellation));
        Assert.StartsWith("""{"m":"lease","ch":0""", (await spy.NextAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_number_is_used_twice_over_restarts_of_the_gateway()
    {
        var spy = new RecordingSink();
        await _links.UpAsync(Options with { ClientId = "spy" }, ("fl/1/las-1/dn/#", spy));
        var (device, _) = await OnlineAsync();
        await device.OpenAsync(0, Cancellation);
        (device, _) = await RestartGatewayAsync();
        await device.OpenAsync(0, Cancellation);
        (device, _) = await RestartGatewayAsync();
        await device.OpenAsync(1, Cancellation);

        var numbers = new List<string>();
        Received message;
        do
        {
            message = await spy.NextAsync();
            numbers.Add(message.Text.Split('\n')[^1].Split('.')[1]);
        }
        while (!message.Text.StartsWith("""{"m":"lease","ch":1""", StringComparison.Ordinal));

        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.Equal(numbers.Order(StringComparer.Ordinal), numbers);
    }

    private async Task StartGatewayAsync()
    {
        _store = SqliteNodeStore.Open(_folder.File("nodes.db"), NullLogger<SqliteNodeStore>.Instance);
        var link = await _links.UpAsync(Options with { ClientId = $"gateway-{Guid.NewGuid():N}", Will = NodeDriver.Will(TimeProvider.System) });
        _driver = new NodeDriver(link, _store, TimeProvider.System, NullLogger<NodeDriver>.Instance);
        await link.WaitUntilReadyAsync(Cancellation);
    }

    private async Task CloseGatewayAsync()
    {
        await _driver.DisposeAsync();
        await _store.DisposeAsync();
    }

    private async Task<(IDevice Device, DeviceReport.LinkReport Link)> RestartGatewayAsync()
    {
        await CloseGatewayAsync();
        await StartGatewayAsync();
        var device = await OpenAsync();
        return (device, await device.NextAsync<DeviceReport.LinkReport>(l => l.Online));
    }

    private async Task<IDevice> OpenAsync() => await _driver.OpenAsync(Settings, Cancellation);

    private async Task<(IDevice Device, MqttTestNode Node)> OnlineAsync()
    {
        var device = await OpenAsync();
        var node = Node();
        node.Connect();
        await device.NextAsync<DeviceReport.LinkReport>(l => l.Online);
        return (device, node);
    }

    private MqttTestNode Node(Claim? claim = null, string hardware = "chip-1")
    {
        var node = new MqttTestNode(claim ?? _claim, Options, hardware);
        _open.Add(node);
        return node;
    }

    private static Instant Now() => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());

    private sealed class FailingStore : INodeStore
    {
        private int _saves;

        public bool Works { get; set; }

        public int Saves => _saves;

        public PeerMemory? Load(DeviceId device) => null;

        public Task<bool> SaveAsync(DeviceId device, PeerMemory memory, bool urgent)
        {
            Interlocked.Increment(ref _saves);
            return Task.FromResult(Works);
        }

        public Task<bool> ForgetAsync(DeviceId device) => Task.FromResult(Works);

        public Task<bool> SetAsideAsync(DeviceId device, uint boot, uint sequence, string fault, ReadOnlyMemory<byte> raw) => Task.FromResult(Works);
    }
}
