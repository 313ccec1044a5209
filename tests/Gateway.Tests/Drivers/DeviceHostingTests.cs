using FabLab.Gateway.Broker;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Links;
using FabLab.Protocol;
using FabLab.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FabLab.Gateway.Tests.Drivers;

/// <summary>Broker, link, registry and drivers put together as a host does it.</summary>
public sealed class DeviceHostingTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestLinks _links = new();
    private readonly int _port = MosquittoFixture.FreePort();
    private IHost? _host;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
        }
        _folder.Dispose();
    }

    [Fact]
    public async Task A_device_that_is_enrolled_while_it_runs_may_come_in_and_one_that_is_removed_is_thrown_out_and_wiped_away()
    {
        var key = DeviceKey.Create();
        var settings = new DeviceSettings { Id = "las-1", Driver = "node", Key = key.ToBase64Url() };
        var host = await StartAsync();
        var registry = host.Services.GetRequiredService<DeviceRegistry>();
        var connections = host.Services.GetRequiredService<DeviceConnections>();
        await connections.Link.WaitUntilReadyAsync(Cancellation);
        Assert.Null(connections.Trouble);

        registry.Put(settings);
        var device = await _links.UpAsync(new MqttLinkOptions { Port = _port, ClientId = "las-1", UserName = "las-1", Password = key.Derive(Protocol.DeviceId.Parse("las-1"), 1).MqttPassword });
        var spy = new RecordingSink();
        connections.Link.Subscribe(Topics.AllDevices, MqttQos.AtLeastOnce, spy);
        device.Publish("fl/1/las-1/up/state", "here"u8, MqttQos.AtLeastOnce, retain: true);
        Assert.Equal("here", (await spy.NextAsync()).Text);
        registry.Remove("las-1");

        await Until.TrueAsync(() => device.Status.Fault == LinkFault.NotAuthorised);
        // The broker may have said it twice to the spy: as it came, and from its memory when the spy had subscribed.
        var last = await spy.NextAsync();
        while (last.Text == "here")
            last = await spy.NextAsync();
        Assert.Empty(last.Payload);
    }

    [Fact]
    public async Task A_device_that_is_withdrawn_hears_its_last_command_before_it_is_shut_out()
    {
        var key = DeviceKey.Create();
        var host = await StartAsync();
        var registry = host.Services.GetRequiredService<DeviceRegistry>();
        var connections = host.Services.GetRequiredService<DeviceConnections>();
        await connections.Link.WaitUntilReadyAsync(Cancellation);
        registry.Put(new DeviceSettings { Id = "las-1", Driver = "node", Key = key.ToBase64Url() });
        var heard = new RecordingSink();
        var device = await _links.UpAsync(
            new MqttLinkOptions { Port = _port, ClientId = "las-1", UserName = "las-1", Password = key.Derive(Protocol.DeviceId.Parse("las-1"), 1).MqttPassword },
            ("fl/1/las-1/dn/#", heard));
        host.Services.GetRequiredService<FabLab.Gateway.Supervision.DeviceFarewell>().Close = (devices, _) =>
        {
            Assert.Equal(["las-1"], devices);
            connections.Link.Publish("fl/1/las-1/dn/cmd", "open"u8, MqttQos.AtLeastOnce, retain: false);
            return Task.CompletedTask;
        };

        registry.Remove("las-1");

        Assert.Equal("open", (await heard.NextAsync()).Text);
        await Until.TrueAsync(() => device.Status.Fault == LinkFault.NotAuthorised);
    }

    [Fact]
    public async Task The_state_of_the_gateway_is_said_while_it_runs_and_taken_back_when_it_stops()
    {
        await using var broker = await MosquittoFixture.StartAsync(Cancellation);
        var spy = new RecordingSink();
        await _links.UpAsync(new MqttLinkOptions { Port = broker.Port, ClientId = "spy" }, (Topics.GatewayState, spy));
        var host = await StartAsync(("Gateway:Broker:ExternalHost", "127.0.0.1"), ("Gateway:Broker:Port", $"{broker.Port}"));
        Assert.StartsWith("""{"on":true""", (await spy.NextAsync()).Text, StringComparison.Ordinal);
        Assert.Null(host.Services.GetRequiredService<DeviceConnections>().Broker);

        await host.StopAsync(Cancellation);

        Assert.StartsWith("""{"on":false""", (await spy.NextAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_kind_of_driver_is_there_and_knows_its_settings()
    {
        var host = await StartAsync();
        var drivers = host.Services.GetServices<IDeviceDriver>().ToDictionary(d => d.Kind);

        Assert.Equal(
            ["bambu", "esp-rfid", "esphome", "fab-o-matic", "grbl", "homeassistant", "hpgl", "moonraker", "node", "octoprint", "octoprint-mqtt", "osdp", "pcsc", "pn532", "prusalink", "rdm6300", "shelly", "shelly1", "tasmota", "wedge", "zigbee2mqtt"],
            drivers.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(drivers["node"].Validate(new DeviceSettings { Id = "las-1", Driver = "node", Key = DeviceKey.Create().ToBase64Url() }));
        Assert.NotEmpty(drivers["node"].Validate(new DeviceSettings { Id = "las-1", Driver = "node", Key = "short" }));
        Assert.Null(drivers["node"].Access(new DeviceSettings { Id = "las-1", Driver = "node", Key = "short" }));
    }

    [Fact]
    public void Settings_of_the_broker_that_cannot_work_stop_the_start_with_their_keys()
    {
        var fault = Assert.Throws<OptionsValidationException>(() => Build(("Gateway:Broker:Port", "99999"), ("Gateway:Broker:LanAddress", "everywhere")).Start());

        Assert.Contains(fault.Failures, f => f.StartsWith("Gateway:Broker:Port:", StringComparison.Ordinal));
        Assert.Contains(fault.Failures, f => f.StartsWith("Gateway:Broker:LanAddress:", StringComparison.Ordinal));
    }

    private async Task<IHost> StartAsync(params (string Key, string Value)[] settings)
    {
        _host = Build(settings);
        await _host.StartAsync(Cancellation);
        return _host;
    }

    private IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([new("Gateway:Broker:Port", $"{_port}")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        builder.Services.Configure<GatewayOptions>(o => o.DataFolder = _folder.Path);
        builder.Services.AddGatewayDevices(builder.Configuration);
        return builder.Build();
    }
}
