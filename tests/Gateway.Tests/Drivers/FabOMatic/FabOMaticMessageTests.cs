using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.FabOMatic;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.FabOMatic;

/// <summary>Messages as the board's source makes them (fab-o-matic 33bc6de, MQTTtypes.cpp), and all that is none.</summary>
public sealed class FabOMaticMessageTests : IAsyncDisposable
{
    private const string Yes = """{"request_ok":true,"is_valid":1,"name":"","level":1}""";
    private const string No = """{"request_ok":true,"is_valid":2,"name":"","level":0}""";
    private const string Card = """{"action":"checkuser","uid":"c3b2a104"}""";

    private readonly ManualTime _time = new();
    private readonly FakeMqttLink _link;
    private readonly FabOMaticDriver _driver;
    private int _heard;

    public FabOMaticMessageTests()
    {
        _link = new FakeMqttLink(_time);
        _driver = new FabOMaticDriver(_link, _time, NullLogger<FabOMaticDriver>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _driver.DisposeAsync();

    [Fact]
    public async Task A_card_is_asked_for_and_answered_and_its_bytes_are_turned_round()
    {
        var device = await OpenAsync();

        Say(Card);
        var read = Assert.Single(device.Take().OfType<DeviceReport.BadgeRead>());
        Assert.Equal(("iso:04A1B2C3", "iso-hex-rev"), (read.Number.Canonical, read.Profile.Code));
        Assert.Empty(Answers());
        Assert.Equal(SendOutcome.Sent, await device.HoldAsync(0, Session, Duration.FromSeconds(30), Cancel));
        Assert.Equal([Yes], Answers());
        Say("""{"action":"startuse", "uid":"c3b2a104"}""");

        var relay = Assert.Single(device.Take().OfType<DeviceReport.RelayReport>());
        Assert.Equal((true, Session, RelayCauses.Lease), (relay.Closed, relay.Session!.Value, relay.Cause));
    }

    [Fact]
    public async Task No_decision_in_time_is_no_and_so_is_a_refusal_at_once()
    {
        var device = await OpenAsync();

        Say(Card);
        _time.Advance(TimeSpan.FromMilliseconds(1400));
        Assert.Empty(Answers());
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal([No], Answers());
        Assert.Equal(SendOutcome.NotSupported, await device.HoldAsync(0, Session, Duration.FromSeconds(30), Cancel));
        Say(Card);
        Assert.Equal(SendOutcome.Sent, await device.ShowAsync(new DisplayMessage("not_trained", DisplayTone.Refused, "Non.", null, Duration.FromSeconds(4)), Cancel));
        Assert.Equal([No], Answers());
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Empty(Answers());
    }

    [Fact]
    public async Task A_board_that_is_closed_while_a_card_waits_says_nothing_afterwards()
    {
        var device = await OpenAsync();
        Say(Card);

        await device.DisposeAsync();
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Empty(Answers());
    }

    [Theory]
    [InlineData(5, 0, 2)]
    [InlineData(30, 61, 3)]
    [InlineData(600, 3600, 71)]
    // A use of weeks is none: what a board says is bounded.
    [InlineData(43_200, 5_000_000, 10_801)]
    public async Task Its_limit_is_a_little_more_than_it_has_used_and_the_shortest_when_it_is_to_stop(int lease, long used, int minutes)
    {
        var device = await OpenAsync();
        Say(Card);
        await device.HoldAsync(0, Session, Duration.FromSeconds(lease), Cancel);
        Say("""{"action":"startuse", "uid":"c3b2a104"}""");
        Say($$"""{"action":"inuse", "uid":"c3b2a104","duration":{{used}}}""");
        Answers();

        Say("""{"action":"checkmachine"}""");
        Assert.Contains($"\"logoff\":{minutes},\"grace\":0", Assert.Single(Answers()), StringComparison.Ordinal);
        await device.OpenAsync(0, Cancel);
        Say("""{"action":"checkmachine"}""");

        Assert.Contains("\"logoff\":1,\"grace\":0", Assert.Single(Answers()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waited_is_taken_once_however_often_it_comes()
    {
        var device = await OpenAsync();
        for (var times = 0; times < 3; times++)
        {
            Say("""{"action":"startuse", "uid":"c3b2a104", "replay":true}""");
            Say("""{"action":"stopuse", "uid":"c3b2a104","duration":90000, "replay":true}""");
            Say("""{"action":"checkmachine"}""");
        }

        var reports = device.Take();
        var use = Assert.Single(reports.OfType<DeviceReport.OfflineUseReport>());
        var relay = reports.OfType<DeviceReport.RelayReport>().ToList();
        Assert.Equal((_time.Now - Duration.FromHours(25), ReportTime.DeviceClock), (use.At, use.Time));
        Assert.Equal([(true, use.At, use.Session), (false, _time.Now, use.Session)], relay.Select(r => (r.Closed, r.At, r.Session)));
        Assert.DoesNotContain(reports, report => report is DeviceReport.BadgeRead);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"action":7}""")]
    [InlineData("""{"action":"checkuser"}""")]
    [InlineData("""{"action":"checkuser","uid":42}""")]
    [InlineData("""{"action":"checkuser","uid":"c3b2a1"}""")]
    [InlineData("""{"action":"checkuser","uid":"c3b2a104c3b2a104"}""")]
    [InlineData("""{"action":"checkuser","uid":"00000000"}""")]
    [InlineData("""{"action":"checkuser","uid":"zzzzzzzz"}""")]
    [InlineData("""{"action":"checkuser","uid":"\ud800\ud800\ud800\ud800\ud800\ud800\ud800\ud800"}""")]
    [InlineData("""{"action":"inuse","uid":"c3b2a10","duration":5}""")]
    [InlineData("""{"action":"dance"}""")]
    [InlineData("""{"request_ok":true,"is_valid":1,"name":"","level":1}""")]
    public async Task What_is_no_message_of_its_own_lets_nobody_in(string message)
    {
        var device = await OpenAsync();

        Say(message);

        Assert.DoesNotContain(Answers(), answer => answer == Yes);
        Assert.DoesNotContain(device.Take(), report => report is DeviceReport.BadgeRead or DeviceReport.RelayReport { Closed: true });
        await StillWorksAsync(device);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("-1")]
    [InlineData("1e999")]
    [InlineData("\"long\"")]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task A_length_that_is_none_is_nothing(string duration)
    {
        var device = await OpenAsync();

        Say($$"""{"action":"stopuse", "uid":"c3b2a104","duration":{{duration}}, "replay":true}""");
        Say("""{"action":"checkmachine"}""");

        Assert.All(device.Take().OfType<DeviceReport.RelayReport>(), relay => Assert.Equal(_time.Now, relay.At));
        await StillWorksAsync(device);
    }

    [Fact]
    public async Task Every_cut_a_megabyte_and_json_without_a_bottom_let_nobody_in()
    {
        var device = await OpenAsync();
        for (var cut = 0; cut < Card.Length; cut++)
            Say(Card[..cut]);
        Say(new string('a', 1 << 20));
        Say($$"""{"action":"checkuser","uid":"{{new string('c', 1 << 20)}}"}""");
        Say(string.Concat(Enumerable.Repeat("""{"action":""", 800)));

        Assert.DoesNotContain(device.Take(), report => report is DeviceReport.BadgeRead);
        Assert.DoesNotContain(Answers(), answer => answer == Yes);
        await StillWorksAsync(device);
    }

    [Fact]
    public async Task What_lies_in_the_brokers_memory_is_no_card_and_a_retained_answer_is_wiped_away()
    {
        var device = await OpenAsync();

        _link.Deliver("machine/7", Card, retained: true);
        _link.Deliver("machine/7/reply", Yes, retained: true);

        Assert.DoesNotContain(device.Take(), report => report is DeviceReport.BadgeRead);
        Assert.Contains(_link.Published, sent => sent is { Topic: "machine/7/reply", Retain: true, Text: "" });
    }

    [Fact]
    public async Task Another_board_under_the_same_number_is_noticed_and_settings_that_cannot_work_are_named()
    {
        var device = await OpenAsync();
        Say("""{"action":"alive","version":"0.9.1,33bc6de","ip":"192.168.1.7","serial":"dcda0c4197aa","heap":"1"}""");
        Assert.Equal("0.9.1,33bc6de", device.Firmware);

        Say("""{"action":"alive","version":"0.9.1,33bc6de","ip":"192.168.1.8","serial":"dcda0c4197bb","heap":"1"}""");

        Assert.Contains(device.Take(), report => report is DeviceReport.DeviceFaultReport { Code: DeviceFaults.DuplicateId });
        Assert.Equal(2, _driver.Validate(new DeviceSettings { Id = "board-1", Driver = "fab-o-matic", Topic = "machine/#", Channels = 0 }).Count);
        Assert.Contains("topic", Assert.Single(_driver.Validate(new DeviceSettings { Id = "board-1", Driver = "fab-o-matic" })), StringComparison.Ordinal);
    }

    private static SessionId Session { get; } = new(SampleLab.Id(500));

    private async Task<IDevice> OpenAsync()
    {
        var device = await _driver.OpenAsync(new DeviceSettings { Id = "board-1", Driver = "fab-o-matic", Topic = "machine/7" }, Cancel);
        Say("""{"action":"checkmachine"}""");
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.True(Assert.Single(device.Take().OfType<DeviceReport.LinkReport>()).Online);
        Answers();
        return device;
    }

    private async Task StillWorksAsync(IDevice device)
    {
        Answers();
        Say(Card);
        Assert.Single(device.Take().OfType<DeviceReport.BadgeRead>());
        await device.HoldAsync(0, Session, Duration.FromSeconds(30), Cancel);
        Assert.Equal([Yes], Answers());
    }

    private void Say(string message) => _link.Deliver("machine/7", message);

    private List<string> Answers()
    {
        var published = _link.Published;
        var answers = published.Skip(_heard).Where(sent => sent.Topic == "machine/7/reply").Select(sent => sent.Text).ToList();
        _heard = published.Count;
        return answers;
    }
}
