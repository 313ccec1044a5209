using FabLab.Contracts;
using FabLab.Core.Policy;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Flow;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;

namespace FabLab.Gateway.Tests.Supervision;

/// <summary>Who gets a firmware, when, and what is known of it afterwards.</summary>
public sealed class FirmwareDeskTests
{
    private static readonly UpdateNews Applied = new(UpdateStage.Applied, 0, null);

    [Fact]
    public async Task A_firmware_is_offered_followed_and_told_of_and_a_dangerous_machine_then_asks_for_a_new_test()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var desk = gateway.Get<FirmwareDesk>();

        Assert.Null(desk.Ask(gateway.Laser.Id, File("1.1.0")));
        await GatewayUnderTest.UntilAsync(() => gateway.Laser.Offered.Count == 1);
        Assert.Equal("1.1.0", gateway.Laser.Offered[0].File.Offer.Version);
        Assert.Equal("This device is being updated already.", desk.Ask(gateway.Laser.Id, File("1.2.0")));
        gateway.Laser.Offered[0].Told(new UpdateNews(UpdateStage.Pulling, 512, null));
        await GatewayUnderTest.UntilAsync(() => desk.Find(gateway.Laser.Id) is { Stage: UpdateStage.Pulling, Held: 512, Size: 700, From: VirtualDevice.Firmware, To: "1.1.0", IsEnded: false });
        gateway.Laser.Leave();
        gateway.Laser.Runs = "1.1.0";
        gateway.Laser.Return(rebooted: true);
        gateway.Laser.Offered[0].Told(Applied);
        await GatewayUnderTest.UntilAsync(() => desk.Find(gateway.Laser.Id) is { Stage: UpdateStage.Applied, IsEnded: true });
        await gateway.SettleAsync();

        Assert.Equal(1, gateway.Metrics.FirmwareUpdates.Read("applied"));
        Assert.Contains(gateway.Log.Lines, line => line.Contains("update of the firmware from 1.0.0 to 1.1.0: applied", StringComparison.Ordinal));
        var refused = await gateway.TapAsync(gateway.Laser, SampleLab.M01);
        Assert.Contains("new firmware", refused.Text + refused.Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_who_uses_a_machine_is_bothered_and_what_cannot_be_updated_is_told()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var desk = gateway.Get<FirmwareDesk>();
        await gateway.StartLaserAsync();
        gateway.Printer.Leave();
        await gateway.SettleAsync();

        Assert.Null(desk.Ask(gateway.Laser.Id, File("1.1.0")));
        Assert.Null(desk.Ask(gateway.Printer.Id, File("1.1.0")));
        await GatewayUnderTest.UntilAsync(() => desk.All.Count == 2 && desk.All.All(update => update.IsEnded));

        Assert.Equal((UpdateStage.Refused, ReplyCode.Busy), (desk.Find(gateway.Laser.Id)!.Stage!.Value, desk.Find(gateway.Laser.Id)!.Code!));
        Assert.Equal(UpdateCode.Away, desk.Find(gateway.Printer.Id)!.Code);
        Assert.Empty(gateway.Laser.Offered);
        Assert.True(gateway.Laser.Closed());
        Assert.Equal("This gateway has no device of that name.", desk.Ask(new Core.DeviceId("nobody"), File("1.1.0")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task As_many_devices_pull_at_once_as_the_setting_says(int atOnce)
    {
        await using var gateway = await GatewayUnderTest.StartedAsync(("Gateway:FirmwareUpdatesAtOnce", $"{atOnce}"));
        var desk = gateway.Get<FirmwareDesk>();

        Assert.Null(desk.Ask(gateway.Laser.Id, File("1.1.0")));
        await GatewayUnderTest.UntilAsync(() => gateway.Laser.Offered.Count == 1);
        Assert.Null(desk.Ask(gateway.Printer.Id, File("1.1.0")));
        if (atOnce == 2)
            await GatewayUnderTest.UntilAsync(() => gateway.Printer.Offered.Count == 1);
        else
            Assert.Equal((0, null), (gateway.Printer.Offered.Count, desk.Find(gateway.Printer.Id)!.Stage));
        gateway.Laser.Offered[0].Told(new UpdateNews(UpdateStage.WentBack, 0, null));
        await GatewayUnderTest.UntilAsync(() => gateway.Printer.Offered.Count == 1);

        gateway.Printer.Offered[0].Told(Applied);
        await GatewayUnderTest.UntilAsync(() => desk.All.All(update => update.IsEnded));
        Assert.Equal((1, 1), (gateway.Metrics.FirmwareUpdates.Read("went-back"), gateway.Metrics.FirmwareUpdates.Read("applied")));
    }

    [Fact]
    public async Task A_firmware_that_staff_uploaded_is_fetched_offered_and_told_of_under_the_moment_it_was_asked_for()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var file = File("1.1.0");
        var text = System.Text.Encoding.UTF8.GetString(file.Offer.ToJson());
        var asked = NodaTime.Instant.FromUtc(2026, 3, 2, 8, 0);
        gateway.Booking.Firmware = file.Bytes.ToArray();

        Order(gateway.Laser.Id);
        await GatewayUnderTest.UntilAsync(() => gateway.Laser.Offered.Count == 1);
        await ComesAsync(gateway, () => gateway.Booking.Update.Count == 0);
        Assert.Equal((asked, "1.1.0", false), (Told(gateway.Laser.Id).AskedAt, Told(gateway.Laser.Id).To, Told(gateway.Laser.Id).EndedAt is not null));
        // The same order again, because the answer got lost, is the same update.
        Order(gateway.Laser.Id);
        await ComesAsync(gateway, () => gateway.Booking.Update.Count == 0);
        Assert.Single(gateway.Laser.Offered);

        gateway.Booking.Firmware = [.. file.Bytes.ToArray().Skip(1), 7];
        Order(gateway.Printer.Id);
        await ComesAsync(gateway, () => gateway.Booking.Update.Count == 0);
        Assert.Equal((DeviceUpdateStage.Refused, "hash"), (Told(gateway.Printer.Id).Stage, Told(gateway.Printer.Id).Code));
        Assert.Empty(gateway.Printer.Offered);

        void Order(Core.DeviceId device)
        {
            gateway.Booking.Update = [new DeviceToUpdate(device, asked, text)];
            gateway.Booking.Put(new SiteRule());
        }

        DeviceUpdateNow Told(Core.DeviceId device) => gateway.Booking.Devices!.Devices.Single(d => d.Device == device).Update!;
    }

    [Fact]
    public async Task A_gateway_that_is_started_again_in_mid_download_offers_the_file_anew_and_one_that_ended_is_forgotten()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var kept = gateway.Folder.File("firmware/laser-box.firmware".Replace("laser-box", gateway.Laser.Id.Value, StringComparison.Ordinal));
        Assert.Null(gateway.Get<FirmwareDesk>().Ask(gateway.Laser.Id, File("1.1.0")));
        await GatewayUnderTest.UntilAsync(() => gateway.Laser.Offered.Count == 1);
        gateway.Laser.Offered[0].Told(new UpdateNews(UpdateStage.Pulling, 512, null));
        var asked = gateway.Get<FirmwareDesk>().Find(gateway.Laser.Id)!.AskedAt;
        await gateway.StopAsync();
        // The device says that it is gone, as its driver does when it is closed: that is the gateway's end and not the update's.
        Assert.True(System.IO.File.Exists(kept));
        // One that nobody can read goes, and holds up nothing.
        await System.IO.File.WriteAllTextAsync(gateway.Folder.File("firmware/broken.firmware"), "{}\n{}\nx", GatewayUnderTest.Cancelled);

        await gateway.RestartAsync();
        await ComesAsync(gateway, () => gateway.Laser.Offered.Count == 1);

        var desk = gateway.Get<FirmwareDesk>();
        Assert.True(gateway.Laser.OfferedAgain);
        Assert.Equal(("1.1.0", 700), (gateway.Laser.Offered[0].File.Offer.Version, gateway.Laser.Offered[0].File.Bytes.Length));
        Assert.Equal((asked, VirtualDevice.Firmware, false), (desk.Find(gateway.Laser.Id)!.AskedAt, desk.Find(gateway.Laser.Id)!.From, desk.Find(gateway.Laser.Id)!.IsEnded));
        Assert.Equal("This device is being updated already.", desk.Ask(gateway.Laser.Id, File("1.2.0")));
        Assert.False(System.IO.File.Exists(gateway.Folder.File("firmware/broken.firmware")));
        Assert.Contains(gateway.Log.Lines, line => line.Contains("broken.firmware", StringComparison.Ordinal));

        // A machine that came into use meanwhile is waited for, not refused.
        gateway.Laser.Offered[0].Told(new UpdateNews(UpdateStage.Refused, 0, ReplyCode.Busy));
        await ComesAsync(gateway, () => gateway.Laser.Offered.Count == 2);
        gateway.Laser.Offered[1].Told(Applied);
        await GatewayUnderTest.UntilAsync(() => desk.Find(gateway.Laser.Id)!.IsEnded && !System.IO.File.Exists(kept));
        await gateway.RestartAsync();
        Assert.Empty(gateway.Get<FirmwareDesk>().All);
    }

    /// <summary>The desk looks each second whether the device is there.</summary>
    private static async Task ComesAsync(GatewayUnderTest gateway, Func<bool> condition)
    {
        while (!condition())
        {
            gateway.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, GatewayUnderTest.Cancelled);
        }
    }

    private static FirmwareFile File(string version)
    {
        var bytes = new byte[700];
        return new FirmwareFile(FirmwareOffer.Of(version, "virtual", "0", bytes) with { Signature = new string('A', 86) }, bytes);
    }
}
