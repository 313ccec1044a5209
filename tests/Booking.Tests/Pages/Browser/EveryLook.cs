using FabLab.Booking.Features.Devices;
using FabLab.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>Every page of Booking, looked at in some looks.</summary>
internal static class EveryLook
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Fails when a page has a serious fault of accessibility or is wider than its window.</summary>
    public static async Task AtAsync(BrowserFixture browser, params Look[] looks)
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: true, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        Core.BookingId booking = await BookingSample.SeedAsync(host, lab, Cancel);
        (Core.PersonId minor, Guid receipt) = await Minors.MinorPageTests.SeedAsync(host, lab, Cancel);
        Guid noted = await Tests.Visits.DeskPageTests.SeedAsync(host, lab, Cancel);
        YouthSample youth = await YouthSample.SeedAsync(host, lab, Cancel);
        Guid webhook = await Messages.MessagePageTests.SeedAsync(host, lab, Cancel);
        host.Services.GetRequiredService<DeviceUpdateBoard>().Hear(
        [
            new DeviceNow(new("noeud-las-1"), "node", true, "1.4.0") { Update = new("1.4.0", "1.5.0", DeviceUpdateStage.WentBack, 100, null, PagesHost.Start, PagesHost.Start) },
        ]);
        // One of ours that also reads settings back: every part of the page at once.
        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.Devices.FindAsync([new Core.DeviceId("noeud-las-1")], cancel))!.Driver = "node", Cancel);
        host.Services.GetRequiredService<DeviceReadBackBoard>().Hear(
        [
            new DeviceNow(new("noeud-las-1"), "shelly", true, "1.4.0")
            {
                ReadBack = [new("switch:0 initial_state", "off", "on", false, true), new("switch:0 auto_off", "true", "true", true, true), new("switch:0 auto_off_delay", "30", null, false, true)],
            },
        ]);
        host.Services.GetRequiredService<DiscoveryBoard>().Ask("lab", new DeviceToAdopt(new("noeud-las-1"), "shelly/x", "shelly", 1) { Secret = "k7m2p9" }, Devices.DeviceTests.Around.Found![2].ToSet, PagesHost.Start);
        host.Services.GetRequiredService<DiscoveryBoard>().Hear("lab", Devices.DeviceTests.Around, PagesHost.Start);
        (string Name, string Path, PageClient? Who)[] pages =
        [
            ("floor", "/", null),
            ("floor-staff", "/", staff),
            ("machine", "/machines/LAS-1", null),
            ("machine-staff", "/machines/LAS-1", staff),
            ("machine-locked-staff", "/machines/BRO-1", staff),
            ("people", "/people", staff),
            ("person", $"/people/{lab.Ines}", staff),
            ("person-new", "/people/new", staff),
            ("groups", "/groups", staff),
            ("group", $"/groups/{lab.Group}", staff),
            ("person-lou", $"/people/{lab.Lou}", staff),
            ("matrix", "/habilitations", staff),
            ("matrix-none", "/habilitations?type=zzz", staff),
            ("expiring", "/habilitations/expiring?days=90", staff),
            ("passport", $"/people/{lab.Ines}/passport", staff),
            ("train", "/machines/LAS-1/train", staff),
            ("rules", "/machines/LAS-1/rules", staff),
            ("trainings", "/trainings", staff),
            ("training", $"/trainings/{lab.Laser}", staff),
            ("training-edit", $"/trainings/{lab.Laser}/edit", staff),
            ("session", $"/trainings/sessions/{lab.Session}", staff),
            ("seances", "/sessions", staff),
            ("seance-new", "/sessions/new", staff),
            ("seance", $"/sessions/{youth.Held}", staff),
            ("seance-open", $"/sessions/{youth.Open}", staff),
            ("seance-proposed", $"/sessions/{youth.Proposed}", staff),
            ("seance-sheet", $"/sessions/{youth.Held}/sheet", staff),
            ("programmes", "/programmes", staff),
            ("programme", $"/programmes/{youth.Programme}", staff),
            ("pathway", $"/people/{lab.Lou}/pathway", staff),
            ("attendance", $"/people/{lab.Lou}/attendance", staff),
            ("hours", "/hours", null),
            ("hours-manage", "/hours/manage", staff),
            ("hours-week", "/hours/week", staff),
            ("machine-hours", "/machines/LAS-1/hours", staff),
            ("booking-rules", "/booking-rules", staff),
            ("booking-terms", "/booking-rules/terms", staff),
            ("resources", "/resources", staff),
            ("book", "/book", staff),
            ("book-day", "/book/VIN-1", staff),
            ("book-closed", "/book/VIN-1?day=2026-03-15", staff),
            ("book-block", "/book/LAS-1?for=block", staff),
            ("book-pool", $"/book/{BookingSample.Pool}", staff),
            ("bookings-mine", "/bookings/mine", staff),
            ("booking", $"/bookings/{booking}", staff),
            ("planning", "/planning", staff),
            ("planning-week", "/planning?view=week", staff),
            ("planning-public", "/planning/public", null),
            ("ledger", "/ledger", staff),
            ("ledger-none", "/ledger?from=2031-01-01", staff),
            ("report", "/reports?from=2026-03-01&through=2026-03-31", staff),
            ("report-none", "/reports?from=2031-01-01", staff),
            ("report-rows", "/reports/rows?from=2026-03-01&through=2026-03-31", staff),
            ("report-people", "/reports/rows?from=2026-03-01&through=2026-03-31&people=1", staff),
            ("report-uses", "/reports/uses?from=2026-03-01&through=2026-03-31&kind=*none", staff),
            ("report-links", "/reports/links?from=2026-03-01&through=2026-03-31", staff),
            ("report-shared", $"/reports/shared/{youth.Secret}", null),
            ("seance-line", $"/sessions/{youth.Held}/line?line={youth.Line}", staff),
            ("report-shared-dead", "/reports/shared/abc", null),
            ("details", $"/people/{lab.Ines}/details", staff),
            ("volunteering", "/volunteering", staff),
            ("sites", "/sites", staff),
            ("badges-of", $"/people/{lab.Lou}/recognition", staff),
            ("badge-paper", $"/recognition/{youth.Badge}/paper", staff),
            ("badge-check", $"/recognition/{youth.Badge}", null),
            ("badge-verify", "/recognition/verify", null),
            ("badge-keys", "/recognition/keys", staff),
            ("volunteering-person", $"/people/{lab.Ines}/volunteering", staff),
            ("alarms", "/alarms", staff),
            ("front-desk", "/front-desk", staff),
            ("front-desk-evacuation", "/front-desk/evacuation", staff),
            ("front-desk-visit", $"/front-desk/visits/{noted}", staff),
            ("front-desk-pin", "/front-desk/pin", staff),
            ("front-desk-reasons", "/front-desk/reasons", staff),
            ("door-code", "/account/door-code", staff),
            ("badges", $"/people/{lab.Ines}/badges", staff),
            ("badge-wait", $"/people/{lab.Lou}/badges/wait/{lab.Wait}", staff),
            ("sheet", "/machines/LAS-1/sheet", null),
            ("fault", "/machines/LAS-1/fault", null),
            ("care", "/machines/LAS-1/care", staff),
            ("jobs", "/machines/IMP-1/jobs", staff),
            ("devices", "/devices", staff),
            ("device", "/devices/noeud-las-1", staff),
            ("device-enrolment", "/device-enrolment", staff),
            ("device-discovery", "/device-discovery", staff),
            ("sign-in", "/sign-in", null),
            ("sign-in-link", "/sign-in/link?code=abc", null),
            ("sign-in-code", "/sign-in/short-code", null),
            ("account", "/account", staff),
            ("messages", "/messages", staff),
            ("webhooks", "/webhooks", staff),
            ("webhook", $"/webhooks/{webhook}", staff),
            ("calendar", "/account/calendar", staff),
            ("message-settings", "/messages/settings", staff),
            ("roles", $"/people/{lab.Lou}/account", staff),
            ("minor", $"/people/{minor}/minor", staff),
            ("minor-adult", $"/people/{lab.Ines}/minor", staff),
            ("person-data", $"/people/{lab.Ines}/data", staff),
            ("traces", "/traces", staff),
            ("receipt", $"/erasures/{receipt}", staff),
            ("people-import", "/people/import", staff),
            ("not-found", "/nowhere", null),
        ];
        var faults = new List<string>();
        bool everything = BrowserFixture.PictureFolder is not null;
        foreach (Look look in looks)
        {
            await using Visit nobody = await Visit.OpenAsync(browser, host.Address, look);
            await using Visit signedIn = await Visit.OpenAsync(browser, host.Address, look, staff);
            foreach ((string name, string path, PageClient? who) in pages)
            {
                Visit visit = who is null ? nobody : signedIn;
                await visit.GoAsync(path);
                await visit.PictureAsync(name);
                if (await visit.SidewaysAsync() is > 0 and int wider)
                    faults.Add($"{name} at {look.Name}: {wider} px wider than the window");
                // axe takes most of the time: a look in each size, each scheme and each language says all it can say.
                if (look == Look.Phone || look == Look.DeskDark)
                    faults.AddRange((await visit.AccessibilityFaultsAsync()).Select(f => $"{name} at {look.Name}: {f}"));
                if (look == Look.Phone && !everything)
                {
                    // The narrowest phone that is served, without asking for the page once more.
                    await visit.Page.SetViewportSizeAsync(360, 780);
                    if (await visit.SidewaysAsync() is > 0 and int over)
                        faults.Add($"{name} at 360 px: {over} px wider than the window");
                    await visit.Page.SetViewportSizeAsync(390, 844);
                }
            }

            faults.AddRange(nobody.Complaints.Concat(signedIn.Complaints).Where(c => !c.Contains("404", StringComparison.Ordinal)).Select(c => $"{look.Name}: {c}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
