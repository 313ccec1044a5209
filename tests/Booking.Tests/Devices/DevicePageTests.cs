using System.Net;
using AngleSharp.Dom;
using FabLab.Booking.Features.Devices;
using FabLab.Booking.Features.Devices.Pages;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Tests.Pages;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Devices;

public sealed class DevicePageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Staff_bind_replace_and_withdraw_a_device_and_see_which_answer()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer all = await staff.GetAsync("/devices", Cancel);
        Assert.Equal("Répond", all.TextOf("#d-lecteur-accueil .state"));
        Assert.Equal("Retiré", all.TextOf("#d-noeud-vieux .state"));
        PageAnswer page = await staff.GetAsync("/devices/lecteur-accueil", Cancel);
        Assert.Null(page.Document.QuerySelector("#test"));

        PageAnswer bound = await staff.FollowAsync(
            await staff.SubmitAsync(
                page, "form[action='/devices/bind']",
                new Dictionary<string, string> { ["machine"] = lab.Machines["IMP-1"].ToString(), ["role"] = "Reader", ["channel"] = "0" }, Cancel),
            Cancel);
        Assert.Contains("Le boîtier lecteur-accueil est relié à IMP-1.", bound.Text, StringComparison.Ordinal);
        PageAnswer undone = await staff.FollowAsync(await staff.SubmitAsync(bound, ".notice form", null, Cancel), Cancel);
        Assert.Contains("n’est plus relié à IMP-1", undone.Text, StringComparison.Ordinal);

        PageAnswer first = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        PageAnswer taken = await staff.SubmitAsync(
            first, "form[action='/devices/bind']",
            new Dictionary<string, string> { ["machine"] = lab.Machines["IMP-1"].ToString(), ["role"] = "Relay", ["channel"] = "0" }, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, taken.Status);
        Assert.Contains("commande déjà une autre machine", taken.TextOf("[role=alert]"), StringComparison.Ordinal);

        PageAnswer replaced = await staff.FollowAsync(
            await staff.SubmitAsync(first, "form[action='/devices/replace']", new Dictionary<string, string> { ["by"] = "lecteur-accueil" }, Cancel), Cancel);
        Assert.Contains("Le boîtier noeud-las-1 est remplacé par lecteur-accueil.", replaced.Text, StringComparison.Ordinal);
        PageAnswer second = await staff.GetAsync("/devices/noeud-las-2", Cancel);
        PageAnswer withdrawn = await staff.FollowAsync(await staff.SubmitAsync(second, "form[action='/devices/withdraw']", null, Cancel), Cancel);
        Assert.Equal("Retiré", withdrawn.TextOf("#standing .state"));
        Assert.Equal(HttpStatusCode.Conflict, (await staff.SubmitAsync(second, "form[action='/devices/withdraw']", null, Cancel)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.GetAsync("/devices/nobody-knows", Cancel)).Status);
    }

    [Fact]
    public async Task The_page_says_why_a_dangerous_machine_does_not_start_and_has_the_relay_tried()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        await ChangeAsync(device => device.Firmware = "2.0");
        PageAnswer page = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        Assert.Contains("LAS-1 ne démarre pas avec ce boîtier", page.TextOf("#standing [role=alert]"), StringComparison.Ordinal);
        Assert.Contains("Jamais essayé", page.TextOf("#test"), StringComparison.Ordinal);

        PageAnswer asked = await staff.FollowAsync(await staff.SubmitAsync(page, "form[action='/devices/test']", null, Cancel), Cancel);
        Assert.Contains("Essai en cours", asked.TextOf("#test"), StringComparison.Ordinal);
        await ChangeAsync(device => (device.TestAskedAt, device.TestOutcome, device.TestedFirmware, device.TestedAt) = (null, TrialOutcome.Passed, "2.0", NodaTime.Instant.FromUtc(2026, 3, 1, 9, 0)));
        PageAnswer passed = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        Assert.Contains("Réussi : le relais s’ouvre de lui-même", passed.TextOf("#test"), StringComparison.Ordinal);
        Assert.DoesNotContain("ne démarre pas avec ce boîtier", passed.Text, StringComparison.Ordinal);

        PageAnswer hand = await staff.FollowAsync(await staff.SubmitAsync(passed, "form[action='/devices/test']:has(input[value='Power'])", null, Cancel), Cancel);
        Assert.Contains("Débranchez maintenant le boîtier", hand.TextOf("#test"), StringComparison.Ordinal);
        await ChangeAsync(device => device.TestAskedAt = null);
        await host.Writer.WriteAsync(
            (write, _) =>
            {
                write.Db.DeviceTrials.Add(new DeviceTrialRow { Id = Guid.NewGuid(), DeviceId = new DeviceId("noeud-las-1"), Kind = TrialKind.Power, At = write.Now, Firmware = "2.0", Outcome = TrialOutcome.ClosedAtReturn });
                return Task.CompletedTask;
            },
            Cancel);
        hand = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        Assert.Contains("au retour, le relais était fermé", hand.TextOf("form:has(input[value='Power'])"), StringComparison.Ordinal);
        Assert.Contains("Jamais essayé", hand.TextOf("form:has(input[value='Link'])"), StringComparison.Ordinal);

        await ChangeAsync(device => device.Firmware = "2.1");
        PageAnswer changed = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        Assert.Contains("Réussi, avec un autre logiciel (2.0)", changed.TextOf("#test"), StringComparison.Ordinal);
        Assert.Contains("Le logiciel du boîtier a changé", changed.TextOf("#standing [role=alert]"), StringComparison.Ordinal);
        await ChangeAsync(device => (device.TestOutcome, device.Online) = (TrialOutcome.NotOpened, false));
        PageAnswer failed = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        Assert.Contains("le relais ne s’est pas ouvert de lui-même", failed.TextOf("#test"), StringComparison.Ordinal);
        PageAnswer silent = await staff.SubmitAsync(failed, "form[action='/devices/test']", null, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, silent.Status);
        Assert.Contains("Ce boîtier ne répond pas", silent.TextOf("[role=alert]"), StringComparison.Ordinal);

        Task ChangeAsync(Action<Device> change) => host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                Device device = await write.Db.Devices.SingleAsync(d => d.Id == new DeviceId("noeud-las-1"), cancel);
                (device.Online, device.Gateway, device.Firmware) = (true, device.Gateway ?? "lab", device.Firmware ?? "2.0");
                change(device);
                MachineId laser = lab.Machines["LAS-1"];
                Machine machine = await write.Db.Machines.SingleAsync(m => m.Id == laser, cancel);
                machine.Describe(machine.Rule with { Dangerous = true });
            },
            Cancel);
    }

    [Fact]
    public async Task The_page_follows_an_update_of_the_firmware_to_its_end_and_says_what_to_do_then()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        DevicesSeenEndpoint endpoint = host.Services.GetRequiredService<DevicesSeenEndpoint>();
        NodaTime.Instant asked = PagesHost.Start;
        Assert.Null((await PageAsync(null)).Document.QuerySelector("#update"));
        IDeviceUpdates updates = host.Services.GetRequiredService<IDeviceUpdates>();
        Assert.NotNull(await updates.AskedAsync("nobody-knows", "1.5.0", Cancel));
        Assert.Equal("This device is withdrawn.", await updates.AskedAsync("noeud-vieux", "1.5.0", Cancel));
        Assert.Null(await updates.AskedAsync("noeud-las-1", "1.5.0", Cancel));

        PageAnswer pulls = await PageAsync(new("1.4.0", "1.5.0", DeviceUpdateStage.Pulling, 40, null, asked, null));
        Assert.Contains("40 % reçus par le boîtier", pulls.TextOf("#update"), StringComparison.Ordinal);
        Assert.Contains("de 1.4.0 à 1.5.0", pulls.TextOf("#update"), StringComparison.Ordinal);
        Assert.Equal("every 1s", pulls.Document.QuerySelector("#update")!.GetAttribute("hx-trigger"));

        PageAnswer back = await PageAsync(new("1.4.0", "1.5.0", DeviceUpdateStage.WentBack, 100, null, asked, asked));
        Assert.Contains("Le boîtier a repris l’ancien logiciel", back.TextOf("#update"), StringComparison.Ordinal);
        Assert.Contains("Prévenez son auteur.", back.TextOf("#update"), StringComparison.Ordinal);
        Assert.Null(back.Document.QuerySelector("#update")!.GetAttribute("hx-trigger"));
        PageAnswer refused = await PageAsync(new("1.4.0", "1.5.0", DeviceUpdateStage.Refused, 0, "sig", asked, asked));
        Assert.Contains("Demandez-lui le fichier et sa signature.", refused.TextOf("#update"), StringComparison.Ordinal);
        PageAnswer applied = await PageAsync(new("1.4.0", "1.5.0", DeviceUpdateStage.Applied, 100, null, asked, asked));
        Assert.Contains("Réussie", applied.TextOf("#update"), StringComparison.Ordinal);

        // Once for each end that was seen to come.
        List<string?> acts = await host.ReadAsync(db => db.Audit.Where(a => a.Action.StartsWith("device.update")).OrderBy(a => a.Seq).Join(db.AuditValues, a => a.Seq, v => v.Seq, (_, v) => v.Detail).ToListAsync(Cancel));
        Assert.Equal(["noeud-las-1 1.5.0", "noeud-las-1 1.5.0 WentBack"], acts);

        async Task<PageAnswer> PageAsync(DeviceUpdateNow? update)
        {
            await endpoint.HandleAsync("lab", new DevicesNow([new DeviceNow(new DeviceId("noeud-las-1"), "node", true, "1.4.0") { Update = update }]), Cancel);
            return await staff.GetAsync("/devices/noeud-las-1", Cancel);
        }
    }

    [Fact]
    public async Task What_is_around_a_gateway_is_adopted_in_two_clicks_and_a_name_that_is_taken_is_said_with_what_was_typed()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer none = await staff.GetAsync("/device-discovery", Cancel);
        Assert.Contains("Aucune passerelle n’a encore rien dit", none.Text, StringComparison.Ordinal);
        host.Services.GetRequiredService<DiscoveryBoard>().Hear("lab", DeviceTests.Around, PagesHost.Start);

        PageAnswer page = await staff.GetAsync("/device-discovery", Cancel);
        Assert.Contains("3 réglages seront posés", page.Text, StringComparison.Ordinal);
        Assert.Contains("PulseTime1 130", page.Text, StringComparison.Ordinal);
        const string plug = "form:has(input[value='tasmota/discovery/A020A6000001/config'])";
        PageAnswer taken = await staff.SubmitAsync(page, plug, new Dictionary<string, string> { ["device"] = "noeud-las-1" }, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, taken.Status);
        Assert.Contains("Un boîtier porte déjà ce nom", taken.TextOf("[role=alert]"), StringComparison.Ordinal);
        Assert.Equal("noeud-las-1", taken.Document.QuerySelector($"{plug} input[name=device]")?.GetAttribute("value"));

        PageAnswer adopted = await staff.FollowAsync(await staff.SubmitAsync(page, plug, null, Cancel), Cancel);
        Assert.Contains("La passerelle lab prend ce boîtier sur sa liste", adopted.TextOf("#standing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_on_the_network_is_adopted_with_what_it_needs_and_its_settings_are_shown_as_it_says_them()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        host.Services.GetRequiredService<DiscoveryBoard>().Hear("lab", DeviceTests.Around, PagesHost.Start);
        PageAnswer page = await staff.GetAsync("/device-discovery", Cancel);
        const string plug = "form:has(input[value='shelly/shellyplusplugs-a8032ab1fe78'])";
        const string printer = "form:has(input[value='bambu/01S00C123400001'])";
        const string deaf = "form:has(input[value='esphome/scie'])";

        Assert.Contains("à l’adresse 192.168.1.30", page.TextOf(plug), StringComparison.Ordinal);
        Assert.Contains("Client ID: (son nom)", page.TextOf(plug), StringComparison.Ordinal);
        Assert.Contains("Gateway:Broker:LanAddress", page.TextOf(deaf), StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector($"{deaf} button"));
        Assert.Contains("Code d’accès de l’imprimante", page.TextOf(printer), StringComparison.Ordinal);
        PageAnswer wrong = await staff.SubmitAsync(page, printer, new Dictionary<string, string> { ["secret"] = "12345678", ["certificate"] = "abc" }, Cancel);
        Assert.Contains("64 signes", wrong.TextOf("[role=alert]"), StringComparison.Ordinal);
        Assert.DoesNotContain("12345678", wrong.Html, StringComparison.Ordinal);

        PageAnswer adopted = await staff.FollowAsync(await staff.SubmitAsync(page, plug, new Dictionary<string, string> { ["device"] = "prise-3" }, Cancel), Cancel);
        Assert.Matches("Server: 192\\.168\\.1\\.2:1883\\s+Client ID: prise-3\\s+Password: [a-z2-9]{20}", adopted.TextOf("#to-set textarea"));
        Assert.Null(adopted.Document.QuerySelector("#settings"));

        DevicesSeenEndpoint endpoint = host.Services.GetRequiredService<DevicesSeenEndpoint>();
        PageAnswer missing = await SayAsync("on");
        // It has come: its password is shown no more.
        Assert.Null(missing.Document.QuerySelector("#to-set"));
        Assert.Contains("aucun relais ne se ferme", missing.TextOf("#settings"), StringComparison.Ordinal);
        Assert.Contains("on", missing.TextOf("#settings tbody tr:first-child td:nth-child(3)"), StringComparison.Ordinal);
        Assert.Contains("Autre", missing.TextOf("#settings tbody tr:first-child .state"), StringComparison.Ordinal);
        Assert.Contains("rien encore", missing.TextOf("#settings tbody tr:last-child"), StringComparison.Ordinal);
        PageAnswer fit = await SayAsync("off");
        Assert.Contains("Certains sont autres que demandé", fit.TextOf("#settings"), StringComparison.Ordinal);
        Assert.Contains("Comme demandé", fit.TextOf("#settings tbody tr:first-child .state"), StringComparison.Ordinal);

        async Task<PageAnswer> SayAsync(string initial)
        {
            await endpoint.HandleAsync(
                "lab",
                new DevicesNow([new DeviceNow(new DeviceId("prise-3"), "shelly", true, "1.1.0")
                {
                    ReadBack = [new("switch:0 initial_state", "off", initial, initial == "off", true), new("TelePeriod", "10", null, false, false)],
                }])
                {
                    Enrolled = [new DeviceEnrolled(new DeviceId("prise-3"), EnrolmentResult.Taken)],
                },
                Cancel);
            return await staff.GetAsync("/devices/prise-3", Cancel);
        }
    }

    [Fact]
    public async Task A_firmware_is_uploaded_on_the_page_and_a_file_that_was_not_signed_is_refused_in_words()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        await SetAsync(host, new DeviceId("noeud-las-1"), device => (device.Driver, device.Gateway, device.Online, device.Firmware) = ("node", "lab", true, "1.4.0"));
        PageAnswer page = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        Assert.Contains("noeud-las-1 · 1.4.0", page.TextOf("#update"), StringComparison.Ordinal);
        Assert.Null((await staff.GetAsync("/devices/lecteur-accueil", Cancel)).Document.QuerySelector("form[action='/devices/firmware']"));
        byte[] file = [.. Enumerable.Range(0, 900).Select(i => (byte)i)];

        Assert.Contains("Cette signature n’est pas celle de ce fichier", await UploadAsync(HttpStatusCode.BadRequest, [.. file, 1], DeviceTests.Signed(file)), StringComparison.Ordinal);
        Assert.Contains("n’est pas une signature", await UploadAsync(HttpStatusCode.BadRequest, file, "zut"), StringComparison.Ordinal);
        Assert.Contains("Il manque le fichier du logiciel", await UploadAsync(HttpStatusCode.BadRequest, [], DeviceTests.Signed(file)), StringComparison.Ordinal);
        await UploadAsync(HttpStatusCode.RequestEntityTooLarge, new byte[FirmwareSignature.MostFirmware + (256 * 1024)], DeviceTests.Signed(file));
        await UploadAsync(HttpStatusCode.Redirect, file, DeviceTests.Signed(file));

        PageAnswer fetched = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        Assert.Contains("La passerelle lab vient chercher le logiciel 2.0.0", fetched.TextOf("#update"), StringComparison.Ordinal);
        Assert.Equal("every 1s", fetched.Document.QuerySelector("#update")!.GetAttribute("hx-trigger"));
        Assert.Null(fetched.Document.QuerySelector("form[action='/devices/firmware']"));
        Assert.Contains("Une mise à jour est déjà en cours", await UploadAsync(HttpStatusCode.Conflict, file, DeviceTests.Signed(file)), StringComparison.Ordinal);
        Assert.True(host.Services.GetRequiredService<DeviceUpdateBoard>().Ask("lab", new DeviceToUpdate(new DeviceId("noeud-las-1"), PagesHost.Start - EnrolDevice.Window, "{}"), "2.0.0", file));
        PageAnswer missed = await staff.GetAsync("/devices/noeud-las-1", Cancel);
        Assert.Contains("n’est pas venue chercher le logiciel", missed.TextOf("#update"), StringComparison.Ordinal);
        Assert.NotNull(missed.Document.QuerySelector("form[action='/devices/firmware']"));

        async Task<string> UploadAsync(HttpStatusCode expected, byte[] bytes, string signature)
        {
            IElement token = page.Document.QuerySelector("form[action='/devices/firmware'] input[type='hidden']")!;
            using var upload = new MultipartFormDataContent
            {
                { new StringContent(token.GetAttribute("value")!), token.GetAttribute("name")! },
                { new StringContent("noeud-las-1"), "device" },
                { new StringContent("-1"), "version" },
                { new ByteArrayContent(bytes), "file", "firmware.bin" },
                { new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(signature)), "signature", "firmware.sig" },
            };
            using HttpResponseMessage answer = await staff.Http.PostAsync("/devices/firmware", upload, Cancel);
            Assert.Equal(expected, answer.StatusCode);
            return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
        }
    }

    [Fact]
    public async Task A_device_is_enrolled_by_its_code_and_each_way_it_can_fail_has_a_sentence()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer form = await staff.GetAsync("/device-enrolment", Cancel);
        byte[] key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        var id = new DeviceId("las-9");
        string code = ClaimCode.Write(id, 1, key);

        Task<PageAnswer> TypeAsync(string device, string typed) =>
            staff.SubmitAsync(form, "form[action='/device-enrolment']", new Dictionary<string, string> { ["device"] = device, ["code"] = typed }, Cancel);
        PageAnswer unreadable = await TypeAsync("las-9", code[..^1]);
        PageAnswer other = await TypeAsync("las-8", code);
        Assert.Contains("incomplet", unreadable.TextOf("#code-error"), StringComparison.Ordinal);
        Assert.Contains("Ce code n’est pas celui d’un boîtier de ce nom", other.TextOf("#code-error"), StringComparison.Ordinal);
        Assert.DoesNotContain(code, other.Html, StringComparison.Ordinal);
        Assert.Contains("déjà enrôlé, et il répond", (await TypeAsync("lecteur-accueil", ClaimCode.Write(new DeviceId("lecteur-accueil"), 1, key))).TextOf("#device-error"), StringComparison.Ordinal);
        Assert.Contains("est retiré", (await TypeAsync("noeud-vieux", ClaimCode.Write(new DeviceId("noeud-vieux"), 1, key))).TextOf("#device-error"), StringComparison.Ordinal);

        PageAnswer asked = await staff.FollowAsync(await TypeAsync(" LAS-9 ", code.ToLowerInvariant().Replace('-', ' ')), Cancel);
        Assert.Contains("vient chercher la clé", asked.TextOf("#standing .notice"), StringComparison.Ordinal);
        Assert.NotNull(asked.Document.QuerySelector("#standing[hx-trigger]"));
        foreach ((EnrolmentState state, string says) in new[]
        {
            (EnrolmentState.Already, "connaît déjà un boîtier de ce nom"), (EnrolmentState.NotStored, "n’a pas pu écrire"), (EnrolmentState.WrongKey, "sa clé n’est pas celle de ce code"),
            (EnrolmentState.Taken, "La passerelle a la clé"),
        })
        {
            await SetAsync(host, id, device => EnrolDevice.End(device, state));
            Assert.Contains(says, (await staff.GetAsync("/devices/las-9", Cancel)).TextOf("#standing .notice"), StringComparison.Ordinal);
        }
        await SetAsync(host, id, device => device.EnrolAt -= NodaTime.Duration.FromMinutes(5));
        PageAnswer silent = await staff.GetAsync("/devices/las-9", Cancel);
        Assert.Contains("ne s’est pas encore montré", silent.TextOf("#standing .notice"), StringComparison.Ordinal);
        Assert.Null(silent.Document.QuerySelector("#standing[hx-trigger]"));
        await SetAsync(host, id, device => (device.Gateway, device.Online, device.LastSeenAt) = ("lab", true, device.EnrolAt + NodaTime.Duration.FromMinutes(5)));
        PageAnswer alive = await staff.GetAsync("/devices/las-9", Cancel);
        Assert.Equal("Répond", alive.TextOf("#standing .state"));
        Assert.Contains("est enrôlé, et il répond", alive.TextOf("#standing .notice"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_silent_comes_first_only_where_a_machine_needs_it()
    {
        Assert.Equal(0, Line(DeviceRole.Relay).Order);
        Assert.Equal(0, Line(DeviceRole.Reader).Order);
        Assert.Equal(0, Line(DeviceRole.Witness, DeviceRole.Meter).Order);
        // A printer that is off tells of no jobs, and nothing is wrong with that.
        Assert.Equal(3, Line(DeviceRole.Witness).Order);
        Assert.Equal(3, Line(DeviceRole.Display).Order);
        Assert.Equal(3, Line().Order);
    }

    [Fact]
    public void The_switch_off_test_is_offered_where_there_can_be_a_relay()
    {
        Assert.True(Line(DeviceRole.Relay).MaySwitch);
        Assert.True(Line(DeviceRole.Reader, DeviceRole.Exhaust).MaySwitch);
        Assert.True(Line().MaySwitch);
        Assert.False(Line(DeviceRole.Reader).MaySwitch);
        Assert.False(Line(DeviceRole.Witness, DeviceRole.Meter).MaySwitch);
        DeviceLine reader = Line();
        reader.Device.Driver = "rdm6300";
        Assert.False(reader.MaySwitch);
        // What was tried once stays in view.
        reader.Device.TestOutcome = TrialOutcome.CannotTell;
        Assert.True(reader.MaySwitch);
    }

    private static DeviceLine Line(params DeviceRole[] roles) => new(
        new Device { Id = new DeviceId("las-9"), Driver = "node", Gateway = "lab" }, [.. roles.Select(role => new DeviceWork(default, "LAS-1", role, 0))]);

    private static Task SetAsync(PagesHost host, DeviceId id, Action<Device> change) =>
        host.Writer.WriteAsync(async (write, cancel) => change(await write.Db.Devices.SingleAsync(d => d.Id == id, cancel)), Cancel);
}
