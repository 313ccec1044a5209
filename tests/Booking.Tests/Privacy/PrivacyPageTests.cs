using System.Net;
using System.Text;
using System.Text.Json;
using FabLab.Booking.Tests.Minors;
using FabLab.Booking.Tests.Pages;

namespace FabLab.Booking.Tests.Privacy;

public sealed class PrivacyPageTests(SharedLab shared) : IClassFixture<SharedLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_manager_reads_who_did_what_and_checks_the_chain_with_a_head_kept_elsewhere()
    {
        await MinorPageTests.NewMinorAsync(shared.Host, "Tom", Cancel);
        PageAnswer page = await shared.Staff.GetAsync("/traces", Cancel);
        string head = page.TextOf("code");

        Assert.Contains("Personne ajoutée person.added", page.Text, StringComparison.Ordinal);
        PageAnswer sound = await shared.Staff.SubmitAsync(page, "form[action='/traces/check']", new Dictionary<string, string> { ["head"] = $" {head.ToUpperInvariant()} " }, Cancel);
        Assert.Contains("Rien n’a été changé, retiré, ajouté ni déplacé.", sound.Text, StringComparison.Ordinal);
        Assert.Contains("L’empreinte gardée est bien là", sound.Text, StringComparison.Ordinal);
        PageAnswer foreign = await shared.Staff.SubmitAsync(page, "form[action='/traces/check']", new Dictionary<string, string> { ["head"] = new string('b', 64) }, Cancel);
        Assert.Contains("L’empreinte gardée ailleurs n’est plus dans la chaîne. kept_head_missing", foreign.Text, StringComparison.Ordinal);
        PageAnswer nonsense = await shared.Staff.SubmitAsync(page, "form[action='/traces/check']", new Dictionary<string, string> { ["head"] = "<b>" }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.Status);
        Assert.Contains("Une empreinte a 64", nonsense.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_about_a_person_is_read_and_handed_over_without_what_only_protects_them()
    {
        PageAnswer page = await shared.Staff.GetAsync($"/people/{shared.Lab.Ines}/data", Cancel);
        using HttpResponseMessage file = await shared.Staff.Http.GetAsync($"/people/{shared.Lab.Ines}/data.json", Cancel);
        string text = await file.Content.ReadAsStringAsync(Cancel);
        JsonElement tables = JsonDocument.Parse(text).RootElement.GetProperty("tables");

        Assert.Contains("Temps machine", page.Text, StringComparison.Ordinal);
        Assert.Equal("attachment", file.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("Inès Aubry", tables.GetProperty("person")[0].GetProperty("display_name").GetString());
        Assert.Superset(
            new HashSet<string> { "person", "habilitation", "habilitation_act_about_them", "machine_time" }, tables.EnumerateObject().Select(t => t.Name).ToHashSet());
        Assert.Matches(@"^\d{4}-\d{2}-\d{2}$", tables.GetProperty("person")[0].GetProperty("member_through").GetString());
        Assert.DoesNotContain("salt", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hash", text, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("2026-03-", tables.GetProperty("machine_time")[0].GetProperty("starts_at").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erasure_asks_for_the_code_and_ends_with_a_receipt_that_names_nobody()
    {
        var gone = await MinorPageTests.NewMinorAsync(shared.Host, "Éphémère", Cancel);
        PageAnswer page = await shared.Staff.GetAsync($"/people/{gone}/data", Cancel);
        string code = page.TextOf(".head .code");

        PageAnswer wrong = await shared.Staff.SubmitAsync(page, $"form[action='/people/{gone}/erase']", new Dictionary<string, string> { ["code"] = "XX" }, Cancel);
        PageAnswer done = await shared.Staff.SubmitAsync(wrong, $"form[action='/people/{gone}/erase']", new Dictionary<string, string> { ["code"] = code }, Cancel);
        PageAnswer receipt = await shared.Staff.GetAsync(done.Location!.ToString(), Cancel);
        PageAnswer again = await shared.Staff.SubmitAsync(wrong, $"form[action='/people/{gone}/erase']", new Dictionary<string, string> { ["code"] = code }, Cancel);

        Assert.Contains("Ce n’est pas le code de cette personne. Rien n’a été effacé.", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("Reçu d’effacement", receipt.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Éphémère", receipt.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, again.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await shared.Staff.GetAsync($"/people/{gone}", Cancel)).Status);
        PageAnswer traces = await shared.Staff.GetAsync("/traces", Cancel);
        Assert.Contains("person.erased", traces.Text, StringComparison.Ordinal);
        Assert.NotEmpty(traces.Document.QuerySelectorAll("a[href^='/erasures/']"));
    }

    [Fact]
    public async Task A_file_is_tried_then_imported_in_the_browser()
    {
        const string File = "prénom;nom;code court\nLéonie;Vasseur;IMP1\n;;x y\n";
        PageAnswer page = await shared.Staff.GetAsync("/people/import", Cancel);

        string bad = await SendAsync(page, File, "do", HttpStatusCode.BadRequest);
        string tried = await SendAsync(page, File.Replace(";;x y\n", "", StringComparison.Ordinal), "try", HttpStatusCode.OK);
        string done = await SendAsync(page, File.Replace(";;x y\n", "", StringComparison.Ordinal), "do", HttpStatusCode.OK);
        string nothing = await SendAsync(page, "", "do", HttpStatusCode.BadRequest);

        await SendAsync(page, File, "do", HttpStatusCode.BadRequest, token: false);

        Assert.Contains("Rien n’a été importé", bad, StringComparison.Ordinal);
        Assert.Contains("Essai : rien n’a été changé", tried, StringComparison.Ordinal);
        Assert.Contains("Nouvelle personne, code IMP1.", tried, StringComparison.Ordinal);
        Assert.Contains("C’est importé", done, StringComparison.Ordinal);
        Assert.Contains("Choisissez un fichier", nothing, StringComparison.Ordinal);
        PageAnswer people = await shared.Staff.GetAsync("/people", Cancel);
        Assert.Equal("Léonie Vasseur", (await shared.Staff.SubmitAsync(people, "form.search", new Dictionary<string, string> { ["q"] = "IMP1" }, Cancel)).TextOf("tbody th a"));
    }

    private async Task<string> SendAsync(PageAnswer page, string file, string act, HttpStatusCode expected, bool token = true)
    {
        var hidden = page.Document.QuerySelector("form[action='/people/import'] input[type=hidden]")!;
        using var form = new MultipartFormDataContent
        {
            { new StringContent(token ? hidden.GetAttribute("value")! : "x"), hidden.GetAttribute("name")! },
            { new StringContent(act), "act" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "file", "personnes.csv" },
        };
        using HttpResponseMessage answer = await shared.Staff.Http.PostAsync("/people/import", form, Cancel);
        Assert.Equal(expected, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
    }
}
