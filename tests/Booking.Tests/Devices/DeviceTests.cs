using FabLab.Booking.Features;
using FabLab.Booking.Features.Devices;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Devices;

public sealed class DeviceTests
{
    private static readonly DeviceId Old = new("box-old");
    private static readonly DeviceId Fresh = new("box-new");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_gateway_tells_which_devices_answer_and_a_new_one_can_be_bound(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        await SmallLab.InAsync(host);
        var gateway = host.GatewayClient();

        await gateway.DevicesAsync(new DevicesNow([new DeviceNow(Old, "node", true, "1.4.2")]), Cancel);
        var seen = host.Time.Now;
        host.Time.Advance(Duration.FromSeconds(90));
        await gateway.DevicesAsync(new DevicesNow([new DeviceNow(Old, "node", true, "1.4.2"), new DeviceNow(Fresh, "tasmota", false, null)]), Cancel);
        var later = host.Time.Now;
        await gateway.DevicesAsync(new DevicesNow([new DeviceNow(Fresh, "tasmota", false, null)]), Cancel);

        var devices = await host.ReadAsync(db => db.Devices.ToDictionaryAsync(d => d.Id, Cancel));
        Assert.Equal(("lab", false, "1.4.2", (Instant?)later), (devices[Old].Gateway, devices[Old].Online, devices[Old].Firmware, devices[Old].LastSeenAt));
        Assert.NotEqual(seen, later);
        Assert.Equal(("lab", false, null, (Instant?)null), (devices[Fresh].Gateway, devices[Fresh].Online, devices[Fresh].Firmware, devices[Fresh].LastSeenAt));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_trial_that_staff_ask_for_is_ordered_once_and_its_result_is_kept_with_date_and_firmware(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var gateway = host.GatewayClient();
        var now = new DevicesNow([new DeviceNow(Old, "node", true, "1.4.2"), new DeviceNow(Fresh, "tasmota", false, null)]);
        await gateway.DevicesAsync(now, Cancel);
        var handler = host.Services.GetRequiredService<TestDevice>();

        Assert.Equal("device_silent", (await handler.HandleAsync(new DeviceToTry("box-new", 0), lab.Manager, Cancel)).Refusal?.Code);
        Assert.Equal("stale", (await handler.HandleAsync(new DeviceToTry("box-old", 7), lab.Manager, Cancel)).Refusal?.Code);
        var asked = await handler.HandleAsync(new DeviceToTry("box-old", 0), lab.Manager, Cancel);
        Assert.True(asked.Done);
        Assert.Equal("test_running", (await handler.HandleAsync(new DeviceToTry("box-old", asked.Value.Version), lab.Manager, Cancel)).Refusal?.Code);
        var order = Assert.Single((await gateway.DevicesAsync(now, Cancel)).Test!);
        Assert.Equal((Old, 0), (order.Device, order.Channel));

        // The result of another moment is not the one that is awaited.
        await gateway.DevicesAsync(now with { Tested = [new DeviceTested(Old, order.Asked - Duration.FromSeconds(1), TrialOutcome.NotOpened, "1.4.2", false)] }, Cancel);
        Assert.Null((await DeviceAsync()).TestOutcome);
        Assert.Null((await gateway.DevicesAsync(now with { Tested = [new DeviceTested(Old, order.Asked, TrialOutcome.Passed, "1.4.2", true)] }, Cancel)).Test);
        var passed = await DeviceAsync();
        Assert.Equal((TrialOutcome.Passed, "1.4.2", true, true), (passed.TestOutcome, passed.TestedFirmware, passed.TestedByPower, passed.IsProven));
        Assert.Equal(host.Time.Now, passed.TestedAt);

        // What could not be made takes nothing away, and new firmware does.
        host.Time.Advance(Duration.FromMinutes(2));
        await handler.HandleAsync(new DeviceToTry("box-old", -1), lab.Manager, Cancel);
        order = Assert.Single((await gateway.DevicesAsync(now, Cancel)).Test!);
        await gateway.DevicesAsync(now with { Tested = [new DeviceTested(Old, order.Asked, TrialOutcome.Busy, "1.4.2", false)] }, Cancel);
        Assert.True((await DeviceAsync()).IsProven);
        await gateway.DevicesAsync(new DevicesNow([new DeviceNow(Old, "node", true, "1.5.0")]), Cancel);
        Assert.False((await DeviceAsync()).IsProven);

        // What somebody's hand cuts is awaited longer, and says nothing of whether it opens by itself.
        await handler.HandleAsync(new DeviceToTry("box-old", -1, TrialKind.Power), lab.Manager, Cancel);
        host.Time.Advance(TestDevice.Window + Duration.FromMinutes(2));
        order = Assert.Single((await gateway.DevicesAsync(now, Cancel)).Test!);
        Assert.Equal(TrialKind.Power, order.Kind);
        await gateway.DevicesAsync(now with { Tested = [new DeviceTested(Old, order.Asked, TrialOutcome.Passed, "1.4.2", false)] }, Cancel);
        Assert.NotNull((await DeviceAsync()).TestAskedAt);
        await gateway.DevicesAsync(now with { Tested = [new DeviceTested(Old, order.Asked, TrialOutcome.ClosedAtReturn, "1.4.2", false, TrialKind.Power)] }, Cancel);
        Assert.Equal((null, TrialOutcome.Passed), await DeviceAsync() is var tried ? (tried.TestAskedAt, tried.TestOutcome) : default);
        Assert.Equal(
            [(TrialKind.Lease, TrialOutcome.Passed, "1.4.2"), (TrialKind.Lease, TrialOutcome.Busy, "1.4.2"), (TrialKind.Power, TrialOutcome.ClosedAtReturn, "1.4.2")],
            (await host.ReadAsync(db => db.DeviceTrials.OrderBy(t => t.At).ToListAsync(Cancel))).Select(t => (t.Kind, t.Outcome, t.Firmware!)));

        // A gateway that does not come for it in time finds nothing to do.
        await handler.HandleAsync(new DeviceToTry("box-old", -1), lab.Manager, Cancel);
        host.Time.Advance(TestDevice.Window + Duration.FromSeconds(1));
        Assert.Null((await gateway.DevicesAsync(new DevicesNow([new DeviceNow(Old, "node", true, "1.5.0")]), Cancel)).Test);

        Task<Device> DeviceAsync() => host.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == Old, Cancel));
    }

    /// <summary>What a gateway has found: a reader on a port, and a plug that says what it is.</summary>
    internal static DevicesNow Around { get; } = new([])
    {
        Found =
        [
            new DeviceFound("/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0", ["rdm6300", "pn532"], "FTDI FT232R USB UART A50285BI", "reader-ftdi-ft232r-usb-u", 0, []),
            new DeviceFound("tasmota/discovery/A020A6000001/config", ["tasmota"], "Prise scie, Nous A1T, 14.2.0", "plug-scie", 1, ["PowerOnState 0", "SetOption0 0", "PulseTime1 130"]) { Address = "192.168.1.9" },
            new DeviceFound("shelly/shellyplusplugs-a8032ab1fe78", ["shelly"], "shellyplusplugs-a8032ab1fe78, PlusPlugS, 1.1.0", "plug-shellyplusplugs-a80", 1, [])
            {
                Address = "192.168.1.30", ToSet = "Server: 192.168.1.2:1883\nClient ID: {name}\nPassword: {password}",
            },
            new DeviceFound("esphome/scie", ["esphome"], "Scie à ruban, esp32dev", "plug-scie-2", 1, []) { Address = "192.168.1.32", ToSet = "" },
            new DeviceFound("bambu/01S00C123400001", ["bambu"], "Bambu Lab, Atelier P1S, C12", "printer-atelier-p1s", 0, []) { Address = "192.168.1.50", Needs = [DeviceNeed.Secret, DeviceNeed.Certificate] },
        ],
    };

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task What_a_gateway_has_found_is_adopted_under_a_name_that_is_free_and_ordered_until_the_gateway_has_it(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var gateway = host.GatewayClient();
        await gateway.DevicesAsync(new DevicesNow([new DeviceNow(Old, "node", true, "1.4.2")]), Cancel);
        await gateway.DevicesAsync(Around, Cancel);
        var handler = host.Services.GetRequiredService<AdoptDevice>();
        var plug = Around.Found![1];

        Assert.Equal("bad_value", (await AskAsync("Scie 1", plug.Place, "tasmota")).Refusal?.Code);
        Assert.Equal("device_gone", (await AskAsync("scie-1", "tasmota/discovery/other/config", "tasmota")).Refusal?.Code);
        Assert.Equal("bad_value", (await AskAsync("scie-1", plug.Place, "node")).Refusal?.Code);
        Assert.Equal("device_enrolled", (await AskAsync("box-old", plug.Place, "tasmota")).Refusal?.Code);
        Assert.True((await AskAsync("scie-1", plug.Place, "tasmota")).Done);

        Assert.Equal([new DeviceToAdopt(new("scie-1"), plug.Place, "tasmota", 1)], (await gateway.DevicesAsync(Around, Cancel)).Adopt!);
        Assert.Null((await gateway.DevicesAsync(Around with { Enrolled = [new DeviceEnrolled(new("scie-1"), EnrolmentResult.Taken)] }, Cancel)).Adopt);
        await gateway.DevicesAsync(new DevicesNow([new DeviceNow(new("scie-1"), "tasmota", true, "14.2.0")]) { Found = [Around.Found[0]] }, Cancel);
        var adopted = await host.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == new DeviceId("scie-1"), Cancel));
        Assert.Equal(("tasmota", EnrolmentState.Taken, true, "Prise scie, Nous A1T, 14.2.0"), (adopted.Driver, adopted.Enrolment, adopted.Online, adopted.Label));
        // What has gone meanwhile says so, and may be tried again.
        Assert.Equal("device_gone", (await AskAsync("scie-2", plug.Place, "tasmota")).Refusal?.Code);
        Assert.True((await AskAsync("reader-1", Around.Found[0].Place, "pn532")).Done);
        await gateway.DevicesAsync(Around with { Enrolled = [new DeviceEnrolled(new("reader-1"), EnrolmentResult.NotThere)] }, Cancel);
        Assert.True((await AskAsync("reader-1", Around.Found[0].Place, "rdm6300")).Done);

        Task<Outcome<DeviceManaged>> AskAsync(string name, string place, string driver) =>
            handler.HandleAsync(new DeviceAdoption(name, "lab", place, driver), lab.Manager, Cancel);
    }

    [Fact]
    public async Task What_needs_a_code_or_has_to_be_told_of_the_broker_is_ordered_with_it_and_nothing_of_it_is_kept()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var gateway = host.GatewayClient();
        await gateway.DevicesAsync(Around, Cancel);
        var handler = host.Services.GetRequiredService<AdoptDevice>();
        var board = host.Services.GetRequiredService<DiscoveryBoard>();
        var (plug, deaf, printer) = (Around.Found![2], Around.Found[3], Around.Found[4]);
        var pin = string.Concat(Enumerable.Repeat("AB", 32));

        Assert.Equal("broker_unreachable", (await AskAsync("scie-3", deaf, null, null)).Refusal?.Code);
        Assert.Equal("secret", (await AskAsync("p1s", printer, null, pin)).Refusal?.Field);
        Assert.Equal("secret", (await AskAsync("p1s", printer, new string('x', 129), pin)).Refusal?.Field);
        Assert.Equal("certificate", (await AskAsync("p1s", printer, "12345678", pin[2..])).Refusal?.Field);
        Assert.True((await AskAsync("p1s", printer, " 12345678 ", string.Join(':', pin.Chunk(2).Select(two => new string(two))))).Done);
        Assert.True((await AskAsync("prise-3", plug, null, pin)).Done);

        var orders = (await gateway.DevicesAsync(Around, Cancel)).Adopt!.ToDictionary(order => order.Device.Value);
        Assert.Equal(("12345678", pin.ToLowerInvariant()), (orders["p1s"].Secret, orders["p1s"].Certificate));
        var password = orders["prise-3"].Secret!;
        Assert.Matches("^[a-z2-9]{20}$", password);
        Assert.Null(orders["prise-3"].Certificate);
        Assert.DoesNotContain(password, orders["prise-3"].ToString(), StringComparison.Ordinal);
        Assert.Equal($"Server: 192.168.1.2:1883\nClient ID: prise-3\nPassword: {password}", board.ToSet(new("prise-3"), host.Time.Now));
        Assert.Null(board.ToSet(new("prise-3"), host.Time.Now + DiscoveryBoard.ToSetFor));
        Assert.Null(board.ToSet(new("p1s"), host.Time.Now));
        // It passes through; neither the ledger of acts nor the list of devices has it.
        Assert.DoesNotContain(await host.ReadAsync(db => db.AuditValues.Select(v => v.Detail).ToListAsync(Cancel)), detail => detail is not null && (detail.Contains(password, StringComparison.Ordinal) || detail.Contains("12345678", StringComparison.Ordinal)));

        Task<Outcome<DeviceManaged>> AskAsync(string name, DeviceFound found, string? secret, string? certificate) =>
            handler.HandleAsync(new DeviceAdoption(name, "lab", found.Place, found.Drivers[0], null, secret, certificate), lab.Manager, Cancel);
    }

    [Fact]
    public async Task An_uploaded_firmware_is_ordered_and_fetched_by_its_own_gateway_alone_until_that_speaks_of_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var gateway = host.GatewayClient();
        var node = new DeviceNow(Old, "node", true, "1.4.2");
        await gateway.DevicesAsync(new DevicesNow([node, new DeviceNow(new("prise-1"), "tasmota", true, "14.2.0"), new DeviceNow(new("box-far"), "node", false, "1.0")]), Cancel);
        var handler = host.Services.GetRequiredService<UpdateDevice>();
        var file = Enumerable.Range(0, 1500).Select(i => (byte)i).ToArray();
        var signature = Signed(file);

        Assert.Equal("file", (await AskAsync(Old.Value, [], signature)).Refusal?.Field);
        Assert.Equal("signature", (await AskAsync(Old.Value, file, "not a signature")).Refusal?.Field);
        Assert.Equal("firmware_not_signed", (await AskAsync(Old.Value, [.. file, 0], signature)).Refusal?.Code);
        Assert.Equal("device_unknown", (await AskAsync("nobody", file, signature)).Refusal?.Code);
        Assert.Equal("device_foreign", (await AskAsync("prise-1", file, signature)).Refusal?.Code);
        Assert.Equal("device_silent", (await AskAsync("box-far", file, signature)).Refusal?.Code);
        await Assert.ThrowsAsync<BookingException>(() => gateway.FirmwareAsync(Old, Cancel));
        Assert.True((await AskAsync(Old.Value, file, signature)).Done);
        Assert.Equal("update_running", (await AskAsync(Old.Value, file, signature)).Refusal?.Code);

        var order = Assert.Single((await gateway.DevicesAsync(new DevicesNow([node]), Cancel)).Update!);
        Assert.Equal((Old, signature), (order.Device, order.Signature));
        Assert.Equal(file, await gateway.FirmwareAsync(Old, Cancel));
        var board = host.Services.GetRequiredService<DeviceUpdateBoard>();
        Assert.Null(board.Firmware("other", Old, host.Time.Now));
        Assert.Null(board.Orders("other", [], host.Time.Now));
        Assert.Null(board.Firmware("lab", Old, host.Time.Now + EnrolDevice.Window));

        var pulls = node with { Update = new("1.4.2", "2.0.0", DeviceUpdateStage.Pulling, 10, null, order.Asked, null) };
        Assert.Null((await gateway.DevicesAsync(new DevicesNow([pulls]), Cancel)).Update);
        await Assert.ThrowsAsync<BookingException>(() => gateway.FirmwareAsync(Old, Cancel));
        Assert.Equal("update_running", (await AskAsync(Old.Value, file, signature)).Refusal?.Code);
        await gateway.DevicesAsync(new DevicesNow([pulls with { Update = pulls.Update! with { Stage = DeviceUpdateStage.Applied, EndedAt = order.Asked } }]), Cancel);
        Assert.True((await AskAsync(Old.Value, file, signature)).Done);

        Task<Outcome<DeviceManaged>> AskAsync(string name, byte[] bytes, string text) => handler.HandleAsync(new DeviceFirmware(name, -1, bytes, text), lab.Manager, Cancel);
    }

    /// <summary>A signature file as <c>fablab device sign</c> writes it; whose signature it is only a device can say.</summary>
    internal static string Signed(byte[] file, string version = "2.0.0") =>
        $$"""{"m":"ota","fw":"{{version}}","md":"host","min":"0","size":{{file.Length}},"sha":"{{System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(file))}}","sig":"{{new string('A', 86)}}"}""";

    [Fact]
    public void A_signature_file_that_is_cut_bent_or_deep_is_none()
    {
        var text = Signed(new byte[7]);
        Assert.NotNull(FirmwareSignature.Read(text + "\n"));
        for (var length = 0; length < text.Length; length++)
            Assert.Null(FirmwareSignature.Read(text[..length]));
        foreach (var wrong in new[]
        {
            null, "null", "[]", "7", new string('[', 4000), text + new string(' ', FirmwareSignature.MostText), text.Replace("\"ota\"", "\"part\"", StringComparison.Ordinal), text.Replace(":7,", ":-7,", StringComparison.Ordinal),
            text.Replace(":7,", ":\"7\",", StringComparison.Ordinal), text.Replace(":7,", ":1e99,", StringComparison.Ordinal), text.Replace("2.0.0", "\\ud800", StringComparison.Ordinal), text.Replace("2.0.0", "1234567890123", StringComparison.Ordinal),
        })
        {
            Assert.Null(FirmwareSignature.Read(wrong));
        }
    }

    [Fact]
    public async Task What_a_gateway_reads_back_from_its_devices_is_cleaned_and_kept_as_long_as_it_says_so()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        var gateway = host.GatewayClient();
        var board = host.Services.GetRequiredService<DeviceReadBackBoard>();
        var plug = new DeviceNow(new("prise-3"), "shelly", true, "1.1.0")
        {
            ReadBack = [new("switch:0 initial_state", "off", "on\u0007", false, true), .. Enumerable.Range(0, 100).Select(i => new DeviceSettingNow($"x{i}" + new string('y', 100), "1", null, false, false))],
        };

        await gateway.DevicesAsync(new DevicesNow([plug]), Cancel);
        var kept = board.Find(new("prise-3"));
        Assert.Equal(DeviceNow.MostReadBack, kept.Count);
        Assert.Equal(new DeviceSettingNow("switch:0 initial_state", "off", "on", false, true), kept[0]);
        Assert.All(kept, setting => Assert.InRange(setting.Name.Length, 1, 64));
        await gateway.DevicesAsync(new DevicesNow([plug with { ReadBack = null }]), Cancel);
        Assert.Empty(board.Find(new("prise-3")));

        Assert.True(plug.SaysTheSameAs(plug with { ReadBack = [.. plug.ReadBack] }));
        Assert.False(plug.SaysTheSameAs(plug with { ReadBack = [.. plug.ReadBack.Skip(1)] }));
        Assert.False(plug.SaysTheSameAs(plug with { Online = false }));
        Assert.False(plug.SaysTheSameAs(null));
    }

    [Fact]
    public async Task A_withdrawal_wakes_the_gateway_and_is_in_its_orders_until_the_device_is_allowed_again()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var gateway = host.GatewayClient();
        var now = new DevicesNow([new DeviceNow(Old, "node", true, null)]);
        Assert.Empty((await gateway.DevicesAsync(now, Cancel)).Withdrawn);
        var since = (await gateway.PolicyAsync(0, TimeSpan.Zero, Cancel)).Revision;
        var waiting = gateway.PolicyAsync(since, TimeSpan.FromSeconds(30), Cancel);
        var handler = host.Services.GetRequiredService<ManageDevice>();

        var gone = await handler.WithdrawAsync(new DeviceToManage("box-old", 0), lab.Manager, Cancel);

        // No clock was moved: the question that waits is answered by the commit.
        Assert.True((await waiting).Revision > since);
        Assert.Equal([Old], (await gateway.DevicesAsync(now, Cancel)).Withdrawn);
        Assert.Equal("stale", (await handler.WithdrawAsync(new DeviceToManage("box-old", 0), lab.Manager, Cancel)).Refusal?.Code);
        Assert.True((await handler.AllowAsync(new DeviceToManage("box-old", gone.Value.Version), lab.Manager, Cancel)).Done);
        Assert.Empty((await gateway.DevicesAsync(now, Cancel)).Withdrawn);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_code_typed_wakes_the_gateway_waits_sealed_and_is_gone_when_the_gateway_has_it(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var gateway = host.GatewayClient();
        var handler = host.Services.GetRequiredService<EnrolDevice>();
        byte[] key = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];
        var since = (await gateway.PolicyAsync(0, TimeSpan.Zero, Cancel)).Revision;
        var waiting = gateway.PolicyAsync(since, TimeSpan.FromSeconds(30), Cancel);

        var asked = await handler.HandleAsync(new DeviceToEnrolByCode("box-new", ClaimCode.Write(Fresh, 7, key), Relays: 2), lab.Manager, Cancel);

        Assert.True(asked.Done, asked.Refusal?.Detail);
        Assert.True((await waiting).Revision > since);
        var stored = (await host.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == Fresh, Cancel))).EnrolSealed!;
        Assert.DoesNotContain(Convert.ToBase64String(key), stored, StringComparison.Ordinal);
        // The answer may get lost: it is there until the gateway has said so.
        for (var round = 0; round < 2; round++)
        {
            var order = Assert.Single((await gateway.DevicesAsync(new DevicesNow([]), Cancel)).Enrol!);
            Assert.Equal((Fresh, 7, 2), (order.Device, order.KeyId, order.Relays));
            Assert.Equal(key, order.Key);
        }
        var told = await gateway.DevicesAsync(new DevicesNow([new DeviceNow(Fresh, "node", false, null)]) { Enrolled = [new DeviceEnrolled(Fresh, EnrolmentResult.Taken)] }, Cancel);
        Assert.Null(told.Enrol);
        await gateway.DevicesAsync(new DevicesNow([new DeviceNow(Fresh, "node", false, null)]) { Enrolled = [new DeviceEnrolled(Fresh, EnrolmentResult.WrongKey)] }, Cancel);
        var device = await host.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == Fresh, Cancel));
        Assert.Equal((EnrolmentState.WrongKey, null), (device.Enrolment, device.EnrolSealed));
    }

    [Fact]
    public async Task A_key_that_no_gateway_fetches_is_forgotten_after_two_minutes()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Services.GetRequiredService<EnrolDevice>().HandleAsync(new DeviceToEnrolByCode("box-new", ClaimCode.Write(Fresh, 1, new byte[32])), lab.Manager, Cancel);

        host.Time.Advance(EnrolDevice.Window + Duration.FromSeconds(1));

        Assert.Null((await host.GatewayClient().DevicesAsync(new DevicesNow([]), Cancel)).Enrol);
        await host.Services.GetRequiredService<FabLab.Booking.Data.BookingWriter>().WriteAsync((write, cancel) => EnrolDevice.ForgetAsync(write, cancel), Cancel);
        Assert.Null((await host.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == Fresh, Cancel))).EnrolSealed);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_broken_device_is_replaced_in_all_its_places_and_the_past_stays(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await LabAsync(host);
        await host.GatewayClient().JournalAsync(new JournalBatch(7, new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 600).Records()), Cancel);
        var before = await host.ReadAsync(db => db.Ledger.Select(row => row.Id).ToListAsync(Cancel));

        var outcome = await host.Services.GetRequiredService<ManageDevice>().ReplaceAsync(new DeviceToReplace("box-old", 0, "box-new"), lab.Manager, Cancel);

        Assert.True(outcome.Done, outcome.Refusal?.Detail);
        var bindings = await host.ReadAsync(db => db.MachineDevices.Where(d => d.MachineId == lab.Machine).OrderBy(d => d.Role).ToListAsync(Cancel));
        Assert.Equal(
            [(DeviceRole.Relay, Fresh, 0, null), (DeviceRole.Meter, Fresh, 0, null), (DeviceRole.Reader, Fresh, 1, "em-hex10")],
            bindings.Select(b => (b.Role, b.DeviceId, b.Channel, b.Reader)));
        var old = await host.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == Old, Cancel));
        Assert.Equal((true, (DeviceId?)Fresh), (old.WithdrawnAt is not null, old.ReplacedBy));
        Assert.Equal(before, await host.ReadAsync(db => db.Ledger.Select(row => row.Id).ToListAsync(Cancel)));
        Assert.Single(before);
    }

    [Theory]
    [InlineData("box-old", "bad_value")]
    [InlineData("", "bad_value")]
    [InlineData("no-such-box", "device_unknown")]
    [InlineData("box-busy", "device_busy")]
    [InlineData("box-gone", "device_withdrawn")]
    public async Task What_cannot_take_the_place_is_refused_and_nothing_moves(string by, string code)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);

        var outcome = await host.Services.GetRequiredService<ManageDevice>().ReplaceAsync(new DeviceToReplace("box-old", 0, by), lab.Manager, Cancel);

        Assert.Equal(code, outcome.Refusal?.Code);
        Assert.Equal(3, await host.ReadAsync(db => db.MachineDevices.CountAsync(d => d.DeviceId == Old, Cancel)));
        Assert.Null((await host.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == Old, Cancel))).WithdrawnAt);
    }

    [Fact]
    public async Task A_withdrawn_device_cannot_be_bound_anew()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await LabAsync(host);

        var outcome = await host.Services.GetRequiredService<BindDevices>().HandleAsync(
            lab.Machine, new DevicesOfMachine(0, [new DeviceAtWork(DeviceRole.Display, "box-gone")]), lab.Manager, Cancel);

        Assert.Equal("device_withdrawn", outcome.Refusal?.Code);
    }

    private static async Task<SmallLab> LabAsync(BookingHost host)
    {
        var lab = await SmallLab.InAsync(host);
        var other = MachineId.New(host.Time.Now);
        await host.WriteAsync(write =>
        {
            write.Db.Machines.Add(Machine.From(new MachineRule { Id = other, Code = "SCI-1", NameFr = "Scie", NameEn = "Saw" }));
            foreach (var name in new[] { "box-old", "box-new", "box-busy" })
                write.Db.Devices.Add(new Device { Id = new DeviceId(name), Driver = "node" });
            write.Db.Devices.Add(new Device { Id = new DeviceId("box-gone"), Driver = "node", WithdrawnAt = write.Now });
        });
        await host.WriteAsync(write =>
        {
            write.Db.MachineDevices.Add(new MachineDevice { MachineId = lab.Machine, Role = DeviceRole.Relay, DeviceId = Old });
            write.Db.MachineDevices.Add(new MachineDevice { MachineId = lab.Machine, Role = DeviceRole.Meter, DeviceId = Old });
            write.Db.MachineDevices.Add(new MachineDevice { MachineId = lab.Machine, Role = DeviceRole.Reader, DeviceId = Old, Channel = 1, Reader = "em-hex10" });
            write.Db.MachineDevices.Add(new MachineDevice { MachineId = other, Role = DeviceRole.Relay, DeviceId = new DeviceId("box-busy") });
        });
        return lab;
    }
}
