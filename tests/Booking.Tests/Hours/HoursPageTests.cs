using System.Net;
using System.Text;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Tests.Pages;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.Hours;

/// <summary>The pages about hours, as a browser without script uses them.</summary>
public sealed class HoursPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_week_is_written_the_day_is_closed_in_one_tap_and_everything_can_be_taken_back()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        using PageClient nobody = host.NewClient();
        Assert.Contains("Aucun horaire n’est fixé", (await nobody.GetAsync("/hours", Cancel)).Text, StringComparison.Ordinal);

        PageAnswer week = await staff.GetAsync("/hours/week", Cancel);
        PageAnswer wrong = await staff.SubmitAsync(week, "form[action='/hours/week']", Row("25:00", "18:00"), Cancel);
        PageAnswer saved = await staff.SubmitAsync(week, "form[action='/hours/week']", Row("10:00", "19:00"), Cancel);
        PageAnswer manage = await staff.FollowAsync(saved, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal("Une heure s’écrit 14:00.", wrong.TextOf("#row0from-error"));
        Assert.Equal(HttpStatusCode.Redirect, saved.Status);
        Assert.Contains("10:00 – 19:00 Sur réservation", manage.Text, StringComparison.Ordinal);
        Assert.Contains("Zone A : connues jusqu’au", manage.Text, StringComparison.Ordinal);
        Assert.Contains("Lundi de Pâques", manage.Text, StringComparison.Ordinal);
        PageAnswer open = await nobody.GetAsync("/hours", Cancel);
        Assert.Contains("10:00 – 19:00", open.Text, StringComparison.Ordinal);

        // Two bookings of the sample lie today between 15:12 and 19:00.
        PageAnswer previewed = await staff.PostAsync("/hours/day", Day(manage, "preview"), Cancel);
        Assert.Contains("2 réservations touchées", previewed.Text, StringComparison.Ordinal);
        Assert.Contains("Marc Delmas", previewed.Text, StringComparison.Ordinal);
        Assert.Contains("2 réservations touchées", manage.TextOf("ul.days > li"), StringComparison.Ordinal);
        PageAnswer closed = await staff.FollowAsync(await staff.SubmitAsync(manage, "ul.days form[action='/hours/day']", new Dictionary<string, string> { ["act"] = "close" }, Cancel), Cancel);
        Assert.Contains("Fermé mardi 10 mars. 2 réservations touchées. Les personnes sont prévenues.", closed.Text, StringComparison.Ordinal);
        Assert.Contains("Fermé", (await nobody.GetAsync("/hours", Cancel)).TextOf(".days > li"), StringComparison.Ordinal);
        Assert.DoesNotContain("Marc", (await nobody.GetAsync("/hours", Cancel)).Html, StringComparison.Ordinal);

        PageAnswer undone = await staff.FollowAsync(await staff.SubmitAsync(closed, "form[action='/hours/undo']", null, Cancel), Cancel);
        Assert.Contains("Les horaires sont comme avant.", undone.Text, StringComparison.Ordinal);
        Assert.Contains("10:00 – 19:00", (await nobody.GetAsync("/hours", Cancel)).TextOf(".days > li"), StringComparison.Ordinal);
        Assert.Empty((await host.ReadAsync(db => db.SiteTimetables.SingleAsync(Cancel))).Timetable.Exceptions);

        // A page that lay open meanwhile loses nothing and changes nothing.
        PageAnswer stale = await staff.SubmitAsync(week, "form[action='/hours/week']", Row("08:00", "09:00"), Cancel);
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.Contains("Quelqu’un a changé les horaires entre-temps.", stale.Text, StringComparison.Ordinal);
        Assert.NotEqual(default, lab.Lou);
    }

    [Fact]
    public async Task Closures_and_single_dates_are_added_and_removed_and_the_calendar_follows_the_department()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);

        PageAnswer manage = await staff.GetAsync("/hours/manage", Cancel);
        PageAnswer bad = await staff.SubmitAsync(manage, "form[action='/hours/closures']", Closure("2026-08-17", "2026-08-03"), Cancel);
        PageAnswer added = await staff.FollowAsync(await staff.SubmitAsync(manage, "form[action='/hours/closures']", Closure("2026-08-03", "2026-08-17"), Cancel), Cancel);
        Assert.Equal("La fermeture finit avant de commencer.", bad.TextOf("#closure0reopens-error"));
        Assert.Contains("Du lundi 3 août au lundi 17 août (réouverture)", added.Text, StringComparison.Ordinal);
        PageAnswer removed = await staff.FollowAsync(await staff.SubmitAsync(added, "form[action='/hours/closures/remove']", null, Cancel), Cancel);
        Assert.Contains("Aucune fermeture à venir.", removed.Text, StringComparison.Ordinal);

        PageAnswer day = await staff.FollowAsync(await staff.SubmitAsync(removed, "form[aria-labelledby='day']", Date("2026-03-20", "09:00", "12:00"), Cancel), Cancel);
        PageAnswer more = await staff.FollowAsync(
            await staff.SubmitAsync(day, "form[aria-labelledby='day']", new Dictionary<string, string>(Date("2026-03-20", "14:00", "17:00")) { ["also"] = "on" }, Cancel), Cancel);
        DateException own = Assert.Single((await host.ReadAsync(db => db.SiteTimetables.SingleAsync(Cancel))).Timetable.Exceptions);
        Assert.Equal([9, 14], own.Windows.Select(w => w.Start.Hour));
        Assert.Contains("09:00 – 12:00", more.Text, StringComparison.Ordinal);

        PageAnswer week = await staff.GetAsync("/hours/week", Cancel);
        PageAnswer nowhere = await staff.SubmitAsync(week, "form[action='/hours/week']", new Dictionary<string, string> { ["department"] = "999" }, Cancel);
        Assert.Equal("Ce numéro n’est pas connu.", nowhere.TextOf("#department-error"));
        await staff.SubmitAsync(week, "form[action='/hours/week']", new Dictionary<string, string> { ["department"] = "988" }, Cancel);
        SiteTimetable there = (await host.ReadAsync(db => db.SiteTimetables.SingleAsync(Cancel))).Timetable;
        Assert.Equal(("Pacific/Noumea", HolidayRegion.NouvelleCaledonie, SchoolZone.NouvelleCaledonie), (there.Zone, there.Region, there.SchoolZone));
        Assert.Equal("Pacific/Noumea", (await host.ReadAsync(db => db.Sites.SingleAsync(Cancel))).Rule.Zone);

        static Dictionary<string, string> Closure(string first, string reopens) =>
            new() { ["closure0first"] = first, ["closure0reopens"] = reopens, ["closure0label"] = "Été", ["act"] = "save" };

        static Dictionary<string, string> Date(string date, string from, string until) =>
            new() { ["date"] = date, ["from"] = from, ["until"] = until, ["kind"] = nameof(OpeningKind.OpenLab), ["act"] = "save" };
    }

    [Fact]
    public async Task A_file_of_school_holidays_with_faults_is_told_by_place_and_not_used()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer manage = await staff.GetAsync("/hours/manage", Cancel);
        string token = manage.Document.QuerySelector("form[action='/hours/school'] input[name='X-FabLab-Forgery'], form[action='/hours/school'] input[type='hidden']")!.GetAttribute("value")!;
        string name = manage.Document.QuerySelector("form[action='/hours/school'] input[type='hidden']")!.GetAttribute("name")!;
        using var upload = new MultipartFormDataContent
        {
            { new StringContent(token), name },
            { new ByteArrayContent(Encoding.UTF8.GetBytes("""{"format": "fablab-school-holidays/1", "calendars": [{"zone": "Z"}]}""")), "file", "vacances.json" },
        };

        using HttpResponseMessage answer = await staff.Http.PostAsync("/hours/school", upload, Cancel);
        string page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Le fichier a des fautes. Il n’est pas utilisé.", page, StringComparison.Ordinal);
        Assert.Contains("calendars[0].zone", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_has_hours_and_terms_of_its_own_and_gives_them_up_again()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);

        PageAnswer page = await staff.GetAsync("/machines/LAS-1/hours", Cancel);
        PageAnswer hours = await staff.FollowAsync(await staff.SubmitAsync(
            page, "form[action='/machines/LAS-1/hours']",
            new Dictionary<string, string>(Row("19:00", "20:00")) { ["mode"] = nameof(MachineHours.Instead), ["closure0first"] = "2026-04-01", ["closure0reopens"] = "2026-04-03" }, Cancel), Cancel);
        MachineTimetable own = (await host.ReadAsync(db => db.MachineTimetables.SingleAsync(Cancel))).Timetable;
        Assert.Equal((MachineHours.Instead, 1, 1), (own.Hours, own.Weekly.Count, own.Closures.Count));
        Assert.Contains("1 réservation touchée", hours.Text, StringComparison.Ordinal);
        PageAnswer back = await staff.FollowAsync(await staff.SubmitAsync(hours, "form[action='/machines/LAS-1/hours/undo']", null, Cancel), Cancel);
        Assert.Equal(MachineTimetable.SameAsSite, (await host.ReadAsync(db => db.MachineTimetables.SingleAsync(Cancel))).Timetable);

        PageAnswer bad = await staff.SubmitAsync(back, "form[action='/machines/LAS-1/terms']", new Dictionary<string, string> { ["step"] = "une heure" }, Cancel);
        Assert.Equal("Un nombre entier, par exemple 30.", bad.TextOf("#step-error"));
        PageAnswer shorter = await staff.SubmitAsync(back, "form[action='/machines/LAS-1/terms']", new Dictionary<string, string> { ["minLength"] = "60", ["maxLength"] = "30" }, Cancel);
        Assert.Equal("La durée la plus longue est plus courte que la plus courte.", shorter.TextOf("#maxLength-error"));
        PageAnswer terms = await staff.FollowAsync(await staff.SubmitAsync(back, "form[action='/machines/LAS-1/terms']", new Dictionary<string, string> { ["step"] = "30", ["maxLength"] = "120" }, Cancel), Cancel);
        TermsRow row = await host.ReadAsync(db => db.BookingTerms.SingleAsync(Cancel));
        Assert.Equal((TermsRow.OfMachine(lab.Machines["LAS-1"]), Duration.FromMinutes(30), true), (row.Scope, row.Terms.Step!.Value, row.Terms.KeepsHours));
        await staff.FollowAsync(await staff.SubmitAsync(terms, "form.notice, .notice form", null, Cancel), Cancel);
        Assert.Empty(await host.ReadAsync(db => db.BookingTerms.ToListAsync(Cancel)));

        // Before it is saved the page says which bookings could not be made any more.
        PageAnswer looked = await staff.SubmitAsync(
            await staff.GetAsync("/machines/LAS-1/hours", Cancel), "form[action='/machines/LAS-1/terms']", new Dictionary<string, string> { ["maxLength"] = "10", ["act"] = "preview" }, Cancel);
        Assert.Contains("Elles restent", looked.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Equal("10", looked.Document.QuerySelector("#maxLength")!.GetAttribute("value"));
        Assert.Empty(await host.ReadAsync(db => db.BookingTerms.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task A_machine_has_single_dates_and_an_end_of_bookings_of_its_own()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/machines/LAS-1/hours", Cancel);

        PageAnswer wrong = await staff.PostAsync("/machines/LAS-1/hours/day", new Dictionary<string, string>(Day(page, "save")) { ["date"] = "demain" }, Cancel);
        Assert.Equal("Une date s’écrit 2026-12-24.", wrong.TextOf("#date-error"));
        PageAnswer previewed = await staff.PostAsync("/machines/LAS-1/hours/day", Day(page, "preview"), Cancel);
        Assert.Contains("1 réservation touchée", previewed.TextOf(".notice"), StringComparison.Ordinal);
        PageAnswer closed = await staff.FollowAsync(await staff.PostAsync("/machines/LAS-1/hours/day", Day(page, "save"), Cancel), Cancel);
        Assert.Contains("Fermé mardi 10 mars. 1 réservation touchée.", closed.Text, StringComparison.Ordinal);
        Assert.Contains("mardi 10 marsFermé", closed.TextOf("section[aria-labelledby='dates'] li"), StringComparison.Ordinal);
        PageAnswer back = await staff.FollowAsync(await staff.SubmitAsync(closed, "form[action='/machines/LAS-1/hours/undo']", null, Cancel), Cancel);
        Assert.Empty((await host.ReadAsync(db => db.MachineTimetables.SingleAsync(Cancel))).Timetable.Exceptions);
        Assert.DoesNotContain("mardi 10 mars", back.TextOf("section[aria-labelledby='dates']"), StringComparison.Ordinal);

        const string End = "form[action='/machines/LAS-1/booking-end']";
        PageAnswer bad = await staff.SubmitAsync(back, End, new Dictionary<string, string> { ["cap"] = "deux heures" }, Cancel);
        Assert.Equal("Un nombre entier de 0 à 1440.", bad.TextOf("#cap-error"));
        PageAnswer ended = await staff.FollowAsync(await staff.SubmitAsync(back, End, new Dictionary<string, string> { ["end"] = nameof(BookingEnd.ExtendIfFree), ["cap"] = "20" }, Cancel), Cancel);
        Assert.Equal((BookingEnd.ExtendIfFree, Duration.FromMinutes(20)), await RuleAsync());
        await staff.SubmitAsync(ended, ".notice form, form.notice", null, Cancel);
        Assert.Equal((BookingEnd.StopWhenIdle, Duration.FromMinutes(15)), await RuleAsync());
        // The page that lay open meanwhile.
        Assert.Equal(HttpStatusCode.Conflict, (await staff.SubmitAsync(back, End, null, Cancel)).Status);

        async Task<(BookingEnd, Duration)> RuleAsync() =>
            (await host.ReadAsync(db => db.Machines.SingleAsync(m => m.Code == "LAS-1", Cancel))).Rule is var rule ? (rule.BookingEnd, rule.BookingEndCap) : default;
    }

    [Fact]
    public async Task Rules_quotas_rooms_and_pools_are_kept_on_their_pages()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);

        PageAnswer rules = await staff.GetAsync("/booking-rules", Cancel);
        PageAnswer nothing = await staff.SubmitAsync(rules, "form[action='/booking-rules/quota']", null, Cancel);
        Assert.Equal("Donnez un temps ou un nombre de réservations.", nothing.TextOf("#minutes-error"));
        PageAnswer quota = await staff.FollowAsync(await staff.SubmitAsync(
            rules, "form[action='/booking-rules/quota']", new Dictionary<string, string> { ["minutes"] = "240", ["class"] = "laser", ["sameDay"] = "on" }, Cancel), Cancel);
        Assert.Contains("laser · le jour même ne compte pas", quota.TextOf(".days > li"), StringComparison.Ordinal);
        PageAnswer gone = await staff.FollowAsync(await staff.SubmitAsync(quota, ".days form[action='/booking-rules/quota/remove']", null, Cancel), Cancel);
        Assert.Contains("Aucun quota", gone.Text, StringComparison.Ordinal);
        await staff.SubmitAsync(gone, ".notice form, form.notice", null, Cancel);
        Assert.Equal(Duration.FromHours(4), Assert.Single(await host.ReadAsync(db => db.BookingQuotas.ToListAsync(Cancel))).Quota.Time);
        PageAnswer early = await staff.SubmitAsync(rules, "form[action='/booking-rules/claim']", new Dictionary<string, string> { ["claim"] = "500" }, Cancel);
        Assert.Equal("Un nombre entier de 0 à 120.", early.TextOf("#claim-error"));
        PageAnswer claim = await staff.FollowAsync(await staff.SubmitAsync(rules, "form[action='/booking-rules/claim']", new Dictionary<string, string> { ["claim"] = "20" }, Cancel), Cancel);
        Assert.Equal(Duration.FromMinutes(20), (await host.ReadAsync(db => db.Sites.SingleAsync(Cancel))).Rule.ClaimBefore);
        await staff.SubmitAsync(claim, ".notice form, form.notice", null, Cancel);
        Assert.Equal(Duration.FromMinutes(10), (await host.ReadAsync(db => db.Sites.SingleAsync(Cancel))).Rule.ClaimBefore);
        PageAnswer site = await staff.GetAsync("/booking-rules/terms?scope=site", Cancel);
        PageAnswer would = await staff.SubmitAsync(site, "form[action='/booking-rules/terms']", new Dictionary<string, string> { ["maxLength"] = "10", ["act"] = "preview" }, Cancel);
        Assert.Contains("Elles restent", would.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await staff.SubmitAsync(site, "form[action='/booking-rules/terms']", new Dictionary<string, string> { ["horizon"] = "14" }, Cancel)).Status);
        Assert.Equal(Duration.FromDays(14), (await host.ReadAsync(db => db.BookingTerms.SingleAsync(Cancel))).Terms.Horizon);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.GetAsync("/booking-rules/terms?scope=class:none", Cancel)).Status);

        PageAnswer resources = await staff.GetAsync("/resources", Cancel);
        Dictionary<string, string> room = new() { ["kind"] = "Room", ["code"] = "sal-a", ["nameFr"] = "Salle A", ["nameEn"] = "Room A", ["capacity"] = "12" };
        PageAnswer bad = await staff.SubmitAsync(resources, "form[action='/resources']", new Dictionary<string, string>(room) { ["capacity"] = "beaucoup" }, Cancel);
        Assert.Equal("Un nombre de 1 à 1000.", bad.TextOf("#new-capacity-error"));
        PageAnswer hall = await staff.FollowAsync(await staff.SubmitAsync(resources, "form[action='/resources']", room, Cancel), Cancel);
        Assert.Contains("SAL-A Salle A · Salle · 12 places", hall.Text, StringComparison.Ordinal);
        Machine added = await host.ReadAsync(db => db.Machines.SingleAsync(m => m.Code == "SAL-A", Cancel));
        await staff.SubmitAsync(hall, "form[action='/resources/room']", new Dictionary<string, string> { ["room"] = added.Id.ToString() }, Cancel);
        Assert.Equal(1, await host.ReadAsync(db => db.Machines.CountAsync(m => m.RoomId == added.Id, Cancel)));
        PageAnswer one = await staff.SubmitAsync(hall, "form[action='/resources/pool']", new Dictionary<string, string> { ["nameFr"] = "Lasers", ["nameEn"] = "Lasers", ["machine"] = lab.Machines["LAS-1"].ToString() }, Cancel);
        Assert.Contains("Choisissez au moins deux machines", one.Text, StringComparison.Ordinal);

        // On the floor there are machines alone.
        using PageClient nobody = host.NewClient();
        Assert.DoesNotContain("SAL-A", (await nobody.GetAsync("/live/floor", Cancel)).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync("/machines/SAL-A", Cancel)).Status);
        Assert.DoesNotContain("SAL-A", (await staff.GetAsync("/habilitations", Cancel)).Html, StringComparison.Ordinal);
    }

    /// <summary>The first window: every day.</summary>
    private static Dictionary<string, string> Row(string from, string until) => new()
    {
        ["row0from"] = from, ["row0until"] = until, ["row0kind"] = nameof(OpeningKind.Booked), ["row0day"] = "1", ["school"] = nameof(SchoolZone.A), ["act"] = "save",
    };

    private static Dictionary<string, string> Day(PageAnswer manage, string act)
    {
        var form = manage.Document.QuerySelector("form[aria-labelledby='day']")!;
        Dictionary<string, string> fields = form.QuerySelectorAll("input[type='hidden']").ToDictionary(i => i.GetAttribute("name")!, i => i.GetAttribute("value")!, StringComparer.Ordinal);
        return new Dictionary<string, string>(fields) { ["date"] = "2026-03-10", ["from"] = "", ["until"] = "", ["kind"] = "OpenLab", ["label"] = "", ["act"] = act };
    }
}
