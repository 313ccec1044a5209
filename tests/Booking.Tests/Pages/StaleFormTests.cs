using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using FabLab.Booking.Tests.Pages.Browser;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Tests.Pages;

/// <summary>Two people with the same form open: the later one is told what changed, who changed it and when, loses nothing and sends again in one press.</summary>
public sealed partial class StaleFormTests(SharedLab shared) : IClassFixture<SharedLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string, string, string, string, string, string> Forms => new()
    {
        { "/people/{ines}", "/people/{ines}/contact", "email", "ines@exemple.fr", "autre@exemple.fr", "Adresse mail", "ines@exemple.fr", "autre@exemple.fr", "Adresse de courriel changée" },
        { "/people/{ines}/details", "/people/{ines}/details", "gender", "Female", "Male", "Genre", "Féminin", "Masculin", "Renseignements sur une personne changés" },
        { "/machines/LAS-1/rules", "/machines/LAS-1/rules", "ageAlone", "17", "18", "Âges · Âge minimum, seul", "17", "18", "Règles d’une machine changées" },
        { "/machines/LAS-1/care", "/machines/LAS-1/care", "advice", "Deux lignes,\r\nl’une après l’autre.", "Une autre.", "À savoir avant de commencer", "Deux lignes, l’une après l’autre.", "Une autre.", "Fiche d’une machine changée" },
        { "/trainings/{laser}/edit", "/trainings/{laser}/edit", "places", "5", "7", "Places", "5", "7", "Formation changée" },
        { "/booking-rules/terms", "/booking-rules/terms", "horizon", "30", "60", "Jusqu’à combien de jours à l’avance", "30", "60", "Règles de réservation changées" },
        { "/booking-rules", "/booking-rules/claim", "claim", "20", "25", "Le badge compte pour la réservation combien de minutes avant le début", "20", "25", "" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_later_of_two_is_told_what_stands_who_wrote_it_and_sends_again_in_one_press(
        string path, string action, string field, string first, string second, string label, string stands, string wrote, string act)
    {
        (path, action) = (Fill(path), Fill(action));
        string selector = $"form[action='{action}']";
        using PageClient other = await shared.Host.NewStaffAsync(Cancel);
        PageAnswer mine = await other.GetAsync(path, Cancel);
        PageAnswer done = await shared.Staff.SubmitAsync(await shared.Staff.GetAsync(path, Cancel), selector, new Dictionary<string, string> { [field] = first }, Cancel);
        Assert.Equal(HttpStatusCode.Redirect, done.Status);

        PageAnswer told = await other.SubmitAsync(mine, selector, new Dictionary<string, string> { [field] = second }, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, told.Status);
        IElement row = Assert.Single(told.Document.QuerySelectorAll(".stale-table tbody tr"));
        Assert.Equal((label, stands, wrote), (Folded(row.Children[0].TextContent), Folded(row.Children[1].TextContent), Folded(row.Children[2].TextContent)));
        Assert.Contains(act, told.TextOf(".notice li"), StringComparison.Ordinal);
        Assert.Contains("aujourd’hui à 15 h 12", told.TextOf(".notice li"), StringComparison.Ordinal);
        Assert.Contains("Rien n’est perdu", told.TextOf(".notice"), StringComparison.Ordinal);
        // What they wrote is in the form, at the version that stands: one press, of the notice or of the form.
        string form = told.Document.QuerySelector(selector)!.Id!;
        Assert.Equal(form, told.Document.QuerySelector(".notice button")!.GetAttribute("form"));
        Assert.Equal(HttpStatusCode.Redirect, (await other.SubmitAsync(told, selector, null, Cancel)).Status);
        IElement now = (await other.GetAsync(path, Cancel)).Document.QuerySelector($"{selector} [name='{field}']:not([type='hidden'])")!;
        Assert.Equal(second, now switch { IHtmlTextAreaElement area => area.TextContent, IHtmlSelectElement select => select.Value, _ => now.GetAttribute("value") });
    }

    [Fact]
    public async Task A_program_is_told_who_changed_it_meanwhile_as_far_as_it_may_know()
    {
        string path = $"/api/v1/people/{shared.Lab.Marc}/details";
        using PageClient other = await shared.Host.NewStaffAsync(Cancel);
        var version = await shared.Host.ReadAsync(db => db.PersonDetails.Where(d => d.PersonId == shared.Lab.Marc).Select(d => d.Version).SingleOrDefaultAsync(Cancel));
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(shared.Staff, path, version)).Status);

        var stale = await PutAsync(other, path, version);

        Assert.Equal((HttpStatusCode.Conflict, "stale"), (stale.Status, stale.Body.GetProperty("code").GetString()));
        var change = stale.Body.GetProperty("changes")[0];
        Assert.Equal(("person.details_set", "Renseignements sur une personne changés"), (change.GetProperty("action").GetString(), change.GetProperty("words").GetProperty("fr").GetString()));
        Assert.NotNull(change.GetProperty("by").GetString());
        Assert.InRange(change.GetProperty("at").GetInt64(), PagesHost.Start.ToUnixTimeMilliseconds(), PagesHost.Start.ToUnixTimeMilliseconds() + 3_600_000);
    }

    private static async Task<(HttpStatusCode Status, System.Text.Json.JsonElement Body)> PutAsync(PageClient who, string path, long version)
    {
        var session = await System.Net.Http.Json.HttpClientJsonExtensions.GetFromJsonAsync<System.Text.Json.JsonElement>(who.Http, "/api/v1/session", Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = System.Net.Http.Json.JsonContent.Create(new { version, gender = "female" }) };
        request.Headers.Add(BookingAuth.ForgeryHeader, session.GetProperty("forgeryToken").GetString());
        using var answer = await who.Http.SendAsync(request, Cancel);
        return (answer.StatusCode, System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement);
    }

    [Fact]
    public async Task Every_form_with_a_version_tells_what_differs()
    {
        var youth = await YouthSample.SeedAsync(shared.Host, shared.Lab, Cancel);
        var booking = await BookingSample.SeedAsync(shared.Host, shared.Lab, Cancel);
        var (minor, _) = await Minors.MinorPageTests.SeedAsync(shared.Host, shared.Lab, Cancel);
        Guid noted = await Tests.Visits.DeskPageTests.SeedAsync(shared.Host, shared.Lab, Cancel);
        Guid webhook = await Messages.MessagePageTests.SeedAsync(shared.Host, shared.Lab, Cancel);
        string[] pages =
        [
            $"/people/{shared.Lab.Ines}", $"/people/{shared.Lab.Ines}/details", $"/people/{shared.Lab.Ines}/badges", $"/people/{shared.Lab.Lou}/account", $"/people/{minor}/minor", $"/groups/{shared.Lab.Group}",
            "/machines/LAS-2/rules", "/machines/LAS-2/care", "/machines/LAS-2/hours", "/machines/IMP-1/jobs", $"/trainings/{shared.Lab.Printing}/edit", $"/trainings/sessions/{shared.Lab.Session}",
            "/hours/manage", "/hours/week", "/booking-rules", "/booking-rules/terms", "/resources", "/devices/noeud-las-1", $"/webhooks/{webhook}", "/messages/settings", "/bookings/mine",
            $"/programmes/{youth.Programme}", $"/sessions/{youth.Proposed}/edit", $"/sessions/{youth.Open}", $"/sessions/{youth.Held}", $"/front-desk/visits/{noted}", $"/bookings/{booking}",
        ];
        var met = new SortedSet<string>(StringComparer.Ordinal);
        var faults = new List<string>();
        foreach (string path in pages)
        {
            PageAnswer page = await shared.Staff.GetAsync(path, Cancel);
            foreach (IHtmlFormElement form in page.Document.QuerySelectorAll("form").OfType<IHtmlFormElement>().Where(form => form.QuerySelector("input[name='version']") is not null))
            {
                string shape = Ids().Replace(form.GetAttribute("action")!, "{id}");
                if (!met.Add(shape) || Written(form) is not var (name, mine))
                    continue;
                form.Id = "asked";
                string version = form.QuerySelector("input[name='version']")!.GetAttribute("value")!;
                var values = new Dictionary<string, string> { ["version"] = (long.Parse(version, CultureInfo.InvariantCulture) + 5000).ToString(CultureInfo.InvariantCulture), [name] = mine };
                foreach ((string field, string value) in Whole.GetValueOrDefault(shape, []))
                    values[field] = value;
                PageAnswer told = await shared.Staff.SubmitAsync(page, "#asked", values, Cancel);
                form.RemoveAttribute("id");
                if (told.Status != HttpStatusCode.Conflict || told.Document.QuerySelector(".stale-table") is null)
                    faults.Add($"{shape} ({name}): {(int)told.Status} {told.Text[..Math.Min(200, told.Text.Length)]}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Equal(Met, met);
    }

    /// <summary>The forms that were asked, so that a page that stops showing its form does not go unnoticed.</summary>
    private static string[] Met { get; } =
    [
        "/booking-rules/claim", "/booking-rules/terms", "/bookings/{id}/cancel", "/bookings/{id}/change", "/bookings/{id}/end", "/devices/replace", "/devices/test", "/devices/withdraw",
        "/front-desk/visits/{id}", "/groups/{id}/set", "/hours/closures", "/hours/day", "/hours/week", "/machines/{id}/booking-end", "/machines/{id}/care", "/machines/{id}/hours",
        "/machines/{id}/hours/day", "/machines/{id}/jobs/{id}", "/machines/{id}/jobs/{id}/give-back", "/machines/{id}/rules", "/machines/{id}/rules/ratio", "/machines/{id}/service",
        "/machines/{id}/terms", "/messages/settings", "/people/{id}/account", "/people/{id}/badges/change", "/people/{id}/contact", "/people/{id}/details", "/people/{id}/minor",
        "/programmes/{id}", "/resources/pool", "/sessions/{id}/edit", "/sessions/{id}/notes", "/trainings/sessions/{id}/cancel", "/trainings/sessions/{id}/change", "/trainings/{id}/edit",
        "/webhooks/{id}",
    ];

    /// <summary>Forms of which one field alone would be refused before anybody looks at its version.</summary>
    private static Dictionary<string, (string Field, string Value)[]> Whole { get; } = new(StringComparer.Ordinal)
    {
        ["/machines/{id}/hours"] = [("row0day", "1"), ("row0from", "09:00"), ("row0until", "12:00")],
        ["/machines/{id}/jobs/{id}"] = [("person", "M01")],
        ["/hours/closures"] = [("closure0first", "2026-08-03"), ("closure0reopens", "2026-08-17")],
    };

    /// <summary>A field somebody writes into, and something else than what stands there; null for a form of buttons alone.</summary>
    private static (string Name, string Value)? Written(IHtmlFormElement form) =>
        form.QuerySelectorAll("input:not(:disabled), select:not(:disabled), textarea:not(:disabled)").Select(field => field switch
        {
            IHtmlInputElement { Type: "hidden" or "checkbox" or "radio" or "file" or "password" } => ((string, string)?)null,
            IHtmlInputElement { Type: "date" } date => (date.Name!, date.Value == "2026-04-02" ? "2026-04-03" : "2026-04-02"),
            IHtmlInputElement { Type: "time" } time => (time.Name!, time.Value == "09:15" ? "09:30" : "09:15"),
            IHtmlInputElement { Type: "email" } => null,
            IHtmlInputElement number when number.GetAttribute("inputmode") == "numeric" => (number.Name!, number.Value == "3" ? "4" : "3"),
            IHtmlInputElement { Type: "url" } => null,
            IHtmlInputElement text => (text.Name!, text.Value + "x"),
            IHtmlTextAreaElement area => (area.Name!, area.Value + "x"),
            IHtmlSelectElement { Options.Length: > 1 } select => (select.Name!, select.Options.First(option => option.Value != select.Value).Value),
            _ => null,
        }).FirstOrDefault(written => written is not null);

    private string Fill(string path) => path.Replace("{ines}", shared.Lab.Ines.ToString(), StringComparison.Ordinal).Replace("{laser}", shared.Lab.Laser.ToString(), StringComparison.Ordinal);

    private static string Folded(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)(LAS|IMP)-[0-9]|noeud-las-1")]
    private static partial Regex Ids();
}
