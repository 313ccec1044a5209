using System.Text;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Node;
using FabLab.Gateway.Links;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Testing;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Tests.Drivers.Node;

/// <summary>What anybody may send: never a throw, one line a minute, and the rest goes on.</summary>
public sealed class NodeBadInputTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Claim _claim = new(Protocol.DeviceId.Parse("las-1"), 1, DeviceKey.Create());
    private readonly SqliteNodeStore _store;
    private readonly FakeMqttLink _link = new();
    private readonly NodeDriver _driver;
    private readonly LineCounter _log = new();

    public NodeBadInputTests()
    {
        _store = SqliteNodeStore.Open(_folder.File("nodes.db"), Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteNodeStore>.Instance);
        _driver = new NodeDriver(_link, _store, TimeProvider.System, _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _driver.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    public static TheoryData<string, string> Nonsense => new()
    {
        { "nothing at all", "" },
        { "a newline", "\n" },
        { "JSON without a trailer", """{"m":"birth"}""" },
        { "a trailer without JSON", "\n01.0000000500000001.AAAAAAAAAAAAAAAAAAAAAA" },
        { "a trailer of another key", "{}\n02.0000000500000001.AAAAAAAAAAAAAAAAAAAAAA" },
        { "a wrong code", "{}\n01.0000000500000001.AAAAAAAAAAAAAAAAAAAAAA" },
        { "a counter that is none", "{}\n01.zzzzzzzzzzzzzzzz.AAAAAAAAAAAAAAAAAAAAAA" },
        { "something else's JSON", """{"Time":"2019-01-10T18:23:24","PN532":{"UID":"94D8FC5F"}}""" },
        { "text", "ON" },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Nonsense_from_anybody_changes_nothing(string what, string payload)
    {
        Assert.NotEmpty(what);
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        foreach (var kind in new[] { TopicKind.State, TopicKind.Event, TopicKind.Meter, TopicKind.Reply })
        {
            _link.Deliver(Topics.Of(_claim.Device, kind), Encoding.UTF8.GetBytes(payload));
            _link.Deliver(Topics.Of(_claim.Device, kind), Encoding.UTF8.GetBytes(payload), retained: true);
        }

        Assert.All(device.Take(), report => Assert.IsType<DeviceReport.DeviceFaultReport>(report));
        Assert.DoesNotContain(_link.Published, p => p.Topic.Contains("/dn/", StringComparison.Ordinal));
        await StillWorksAsync(device);
    }

    public static TheoryData<string> WrongRecords => new()
    {
        """{"m":"ev"}""",
        """{"m":"ev","seq":"one","boot":5,"up":1,"k":"badge","rd":0,"tag":"em:62E3086CED","pf":"x"}""",
        """{"m":"ev","seq":-1,"boot":5,"up":1,"k":"badge","rd":0,"tag":"em:62E3086CED","pf":"x"}""",
        """{"m":"ev","seq":1,"boot":6,"up":1,"k":"badge","rd":0,"tag":"em:62E3086CED","pf":"x"}""",
        """{"m":"ev","seq":4000000000,"boot":5,"up":1,"k":"badge","rd":0,"tag":"em:62E3086CED","pf":"x"}""",
        """{"m":"ev","seq":1,"boot":5,"up":99999999999999999999,"k":"badge"}""",
        """[1,2,3]""",
        """null""",
        """{"m":"ev","m":"ev"}""",
        """{"m":"res","re":"lease","code":"ok","up":1}""",
        "{\"m\":\"\uD83D\"}",
        """{"m":"me","mt":3,"up":1,"mw":-5}""",
    };

    [Theory]
    [MemberData(nameof(WrongRecords))]
    public async Task Authentic_nonsense_from_a_device_of_ours_changes_nothing_either(string json)
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        var forge = new Forge(_claim);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 0));

        foreach (var kind in new[] { TopicKind.Event, TopicKind.Reply, TopicKind.Meter })
            _link.Deliver(forge.Topic(kind), forge.Seal(kind, json));

        Assert.All(device.Take(), report => Assert.IsType<DeviceReport.DeviceFaultReport>(report));
        _link.Deliver(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, Good(2)));
        await device.NextAsync<DeviceReport.BadgeRead>();
    }

    [Fact]
    public async Task An_opening_whose_closing_was_lost_on_the_way_waits_for_it()
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        var forge = new Forge(_claim);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 2));

        _link.Deliver(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, Off(2)));
        Assert.DoesNotContain(device.Take(), report => report is DeviceReport.RelayReport);
        await Links.Until.TrueAsync(() => _link.Published.Any(p => p.Text.StartsWith("""{"m":"rebirth"}""", StringComparison.Ordinal)));

        _link.Deliver(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, """{"m":"ev","seq":1,"boot":5,"up":200,"k":"on","ch":0,"sid":"s1"}"""));
        _link.Deliver(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, Off(2)));
        Assert.Equal([true, false], device.Take().OfType<DeviceReport.RelayReport>().Select(relay => relay.Closed));

        static string Off(uint seq) => $$"""{"m":"ev","seq":{{seq}},"boot":5,"up":2200,"k":"off","ch":0,"sid":"s1","why":"lease","ms":2000}""";
    }

    [Fact]
    public async Task A_birth_that_came_before_the_device_was_opened_is_asked_for_again_at_once()
    {
        var forge = new Forge(_claim);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 0));

        await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);

        await Links.Until.TrueAsync(() => _link.Published.Any(p => p.Text.StartsWith("""{"m":"rebirth"}""", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_device_that_is_back_with_its_new_key_before_the_old_one_is_closed_is_asked_as_soon_as_it_is_opened_anew()
    {
        var before = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        var claim = _claim with { Key = DeviceKey.Create() };
        var forge = new Forge(claim);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 0));
        await before.DisposeAsync();

        await _driver.OpenAsync(Settings() with { Key = claim.Key.ToBase64Url() }, TestContext.Current.CancellationToken);

        await Links.Until.TrueAsync(() => _link.Published.Any(p => p.Text.StartsWith("""{"m":"rebirth"}""", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_kept_aside_acknowledged_like_the_others_and_the_next_one_comes()
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        var forge = new Forge(_claim);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 2));

        _link.Deliver(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, """{"m":"ev","seq":1,"boot":5,"up":1,"k":"badge","rd":77,"tag":"em:62E3086CED","pf":"x"}"""));
        _link.Deliver(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, Good(2)));

        var poison = await device.NextAsync<DeviceReport.DeviceFaultReport>(f => f.Code == DeviceFaults.PoisonRecord);
        Assert.Equal(1u, poison.Key!.Value.Sequence);
        Assert.DoesNotContain("62E3086CED", poison.ToString(), StringComparison.Ordinal);
        var tap = await device.NextAsync<DeviceReport.BadgeRead>();
        await device.AcknowledgeAsync(tap.Key!.Value, TestContext.Current.CancellationToken);
        await device.AcknowledgeAsync(poison.Key.Value, TestContext.Current.CancellationToken);
        await Links.Until.TrueAsync(() => _link.Published.Any(p => p.Text.StartsWith("""{"m":"ack","seq":2,"bad":[1]}""", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_message_that_was_recorded_and_is_played_again_is_refused()
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        var forge = new Forge(_claim);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 0));
        var tap = forge.Seal(TopicKind.Event, Good(1));
        _link.Deliver(forge.Topic(TopicKind.Event), tap);
        await device.NextAsync<DeviceReport.BadgeRead>();

        _link.Deliver(forge.Topic(TopicKind.Event), tap);

        Assert.Equal(DeviceFaults.Replayed, Assert.IsType<DeviceReport.DeviceFaultReport>(Assert.Single(device.Take())).Code);
    }

    [Fact]
    public async Task A_message_moved_to_another_topic_or_another_device_is_refused()
    {
        var (first, second) = (await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken), await _driver.OpenAsync(Settings("las-2"), TestContext.Current.CancellationToken));
        var forge = new Forge(_claim);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 0));
        var tap = forge.Seal(TopicKind.Event, Good(1));

        _link.Deliver("fl/1/las-2/up/ev", tap);
        _link.Deliver(forge.Topic(TopicKind.Reply), tap);

        Assert.All(first.Take().Concat(second.Take()), r => Assert.Equal(DeviceFaults.WrongMac, Assert.IsType<DeviceReport.DeviceFaultReport>(r).Code));
    }

    [Fact]
    public async Task Retained_records_and_readings_are_refused_and_a_retained_birth_is_not_believed()
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        var forge = new Forge(_claim);

        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 0), retained: true);
        _link.Deliver(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, Good(1)), retained: true);

        Assert.Equal(DeviceFaults.Retained, (await device.NextAsync<DeviceReport>() as DeviceReport.DeviceFaultReport)?.Code);
        Assert.Empty(device.Take());
    }

    [Fact]
    public async Task A_megabyte_is_refused_unread()
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);

        _link.Deliver("fl/1/las-1/up/ev", new byte[1_048_576]);

        Assert.Equal(DeviceFaults.Oversized, Assert.IsType<DeviceReport.DeviceFaultReport>(Assert.Single(device.Take())).Code);
        await StillWorksAsync(device);
    }

    [Fact]
    public async Task A_flood_of_nonsense_is_one_line_and_one_report()
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        for (var i = 0; i < 10_000; i++)
            _link.Deliver("fl/1/las-1/up/ev", "nonsense that is long enough to hold a trailer of forty-three bytes"u8.ToArray());

        Assert.Single(device.Take());
        Assert.Equal(1, _log.Lines);
    }

    [Theory]
    [InlineData("fl/1/nobody/up/ev")]
    [InlineData("fl/1/las-1/up")]
    [InlineData("fl/1/las-1/up/other")]
    [InlineData("fl/1/LAS-1/up/ev")]
    [InlineData("fl/1//up/ev")]
    [InlineData("fl/1/gw/state")]
    [InlineData("fl/1/las-1/dn/cmd")]
    public async Task Topics_of_nobody_are_ignored(string topic)
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);

        _link.Deliver(topic, "x"u8.ToArray());

        Assert.All(device.Take(), r => Assert.IsType<DeviceReport.DeviceFaultReport>(r));
        await StillWorksAsync(device);
    }

    [Fact]
    public async Task Random_bytes_and_bits_flipped_in_good_messages_never_throw()
    {
        var device = await _driver.OpenAsync(Settings(), TestContext.Current.CancellationToken);
        var forge = new Forge(_claim);
        var random = new Random(20260310);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 0));
        for (var i = 0; i < 3000; i++)
        {
            var good = forge.Seal(TopicKind.Event, Good(1));
            good[random.Next(good.Length)] ^= (byte)(1 << random.Next(8));
            _link.Deliver(forge.Topic(TopicKind.Event), good[..random.Next(good.Length + 1)]);
            var noise = new byte[random.Next(900)];
            random.NextBytes(noise);
            _link.Deliver(forge.Topic((TopicKind)random.Next(4)), noise);
        }

        Assert.All(device.Take(), r => Assert.IsType<DeviceReport.DeviceFaultReport>(r));
        Assert.Equal(0, _link.SinkFaults);
        await StillWorksAsync(device);
    }

    private async Task StillWorksAsync(IDevice device)
    {
        var forge = new Forge(_claim, boot: 900);
        _link.Deliver(forge.Topic(TopicKind.State), forge.Birth(last: 0, hardware: "forged"));
        _link.Deliver(forge.Topic(TopicKind.Event), forge.Seal(TopicKind.Event, Good(1, 900)));
        Assert.Equal("em:62E3086CED", (await device.NextAsync<DeviceReport.BadgeRead>()).Number.Canonical);
    }

    private static string Good(uint seq, uint boot = 5) => $$"""{"m":"ev","seq":{{seq}},"boot":{{boot}},"up":200,"k":"badge","rd":0,"tag":"em:62E3086CED","pf":"x"}""";

    private DeviceSettings Settings(string id = "las-1") => new() { Id = id, Driver = "node", Key = _claim.Key.ToBase64Url() };

    private sealed class LineCounter : ILogger<NodeDriver>
    {
        private int _lines;

        public int Lines => _lines;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Interlocked.Increment(ref _lines);
    }
}
