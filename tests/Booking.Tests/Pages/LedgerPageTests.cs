using System.Net;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Ledger.Pages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Pages;

public sealed class LedgerPageTests(SharedLab shared) : IClassFixture<SharedLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_total_shown_is_the_sum_of_the_rows_shown()
    {
        SampleLab lab = shared.Lab;
        string[] filters =
        [
            "", "?from=2026-03-10", "?through=2026-03-09", "?from=2026-03-09&through=2026-03-09", $"?machine={lab.Machines["LAS-1"]}",
            $"?person={lab.Ines}", $"?machine={lab.Machines["LAS-1"]}&person={lab.Lou}", "?from=nonsense&machine=nonsense&page=-4",
        ];

        foreach (string filter in filters)
        {
            PageAnswer page = await shared.Staff.GetAsync("/ledger" + filter, Cancel);
            var rows = page.Document.QuerySelectorAll("tbody tr");
            long powered = rows.Sum(row => Seconds(row.QuerySelector("td[data-label=Allumée]")!.TextContent));
            long working = rows.Sum(row => Seconds(row.QuerySelector("td[data-label='En travail']")!.TextContent));
            string[] figures = [.. page.Document.QuerySelectorAll(".figure b").Select(b => b.TextContent)];
            Assert.NotEmpty(rows);
            Assert.Equal((powered, working), (Seconds(figures[0]), Seconds(figures[1])));
        }
    }

    [Theory]
    [InlineData("person")]
    [InlineData("machine")]
    [InlineData("project")]
    public async Task What_is_set_side_by_side_adds_up_to_the_total_on_the_page_and_in_the_file(string by)
    {
        PageAnswer page = await shared.Staff.GetAsync($"/ledger?by={by}", Cancel);
        string[] columns = ["Réservé", "Non venu·e", "Allumée", "En travail"];
        var table = page.Document.QuerySelector("section[aria-labelledby=beside] table")!;
        var figures = page.Document.QuerySelectorAll(".figure").ToDictionary(f => f.TextContent.Replace(f.QuerySelector("b")!.TextContent, "", StringComparison.Ordinal).Trim(), f => Seconds(f.QuerySelector("b")!.TextContent));

        long[] sums = [.. columns.Select(column => table.QuerySelectorAll($"tbody td[data-label='{column}']").Sum(cell => Seconds(cell.TextContent)))];
        Assert.Equal(sums, columns.Select(column => Seconds(table.QuerySelector($"tfoot td[data-label='{column}']")!.TextContent)));
        Assert.Equal(sums, columns.Select(column => figures.GetValueOrDefault(column)));

        string file = await shared.Staff.Http.GetStringAsync($"/ledger.csv?by={by}", Cancel);
        string[][] lines = [.. file.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(';'))];
        Assert.Equal(sums, new[] { 1, 3, 5, 6 }.Select(cell => lines.Skip(1).Sum(line => long.Parse(line[cell], System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Fact]
    public async Task A_selection_without_rows_says_so()
    {
        PageAnswer page = await shared.Staff.GetAsync("/ledger?from=2031-01-01", Cancel);

        Assert.Equal("Aucune ligne pour cette sélection", page.TextOf(".empty strong"));
        Assert.Equal(0, Seconds(page.TextOf(".figure b")));
    }

    [Fact]
    public async Task A_correction_adds_two_rows_keeps_the_old_one_and_can_be_taken_back()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer form = await staff.GetAsync($"/ledger/{lab.FirstUse}/correct", Cancel);
        string before = (await staff.GetAsync("/ledger", Cancel)).TextOf(".figure b");

        PageAnswer done = await staff.SubmitAsync(
            form, "form[action$='/correct']", new Dictionary<string, string> { ["person"] = "m02", ["powered"] = "20,5", ["why"] = "Mauvais badge" }, Cancel);
        PageAnswer ledger = await staff.FollowAsync(done, Cancel);

        Assert.Contains("La correction est enregistrée.", ledger.TextOf(".wrap > .notice"), StringComparison.Ordinal);
        MachineTimeEntry[] rows = await RowsAsync(host);
        Assert.Equal(6, rows.Length);
        MachineTimeEntry replacement = Assert.Single(rows, r => r.Kind == LedgerKind.Replacement);
        Assert.Equal((lab.Marc, 1_230_000L, "Mauvais badge"), (replacement.PersonId, replacement.PoweredMs, replacement.Reason));
        Assert.Contains("Mauvais badge", ledger.Text, StringComparison.Ordinal);

        await staff.SubmitAsync(ledger, ".wrap > .notice form", null, Cancel);
        rows = await RowsAsync(host);
        MachineTimeEntry original = rows.Single(r => r.Id == lab.FirstUse);
        MachineTimeEntry last = rows.Single(r => r.Kind == LedgerKind.Replacement && r.Corrects == replacement.Id);
        // Typed minutes have two decimals: what comes back is the same to the hundredth of a minute.
        Assert.Equal((original.PersonId, original.ProjectId), (last.PersonId, last.ProjectId));
        Assert.InRange(last.PoweredMs, original.PoweredMs - 300, original.PoweredMs + 300);
        Assert.Equal(Seconds(before), Seconds((await staff.GetAsync("/ledger", Cancel)).TextOf(".figure b")));
    }

    [Theory]
    [InlineData("person", "Z99", "person", "Personne n’a le code court « Z99 ».")]
    [InlineData("powered", "beaucoup", "powered", "Écrivez un nombre entre 0 et")]
    [InlineData("powered", "-3", "powered", "Écrivez un nombre entre 0 et")]
    [InlineData("powered", "99999999999999999999999", "powered", "Écrivez un nombre entre 0 et")]
    [InlineData("why", " ", "why", "Écrivez pourquoi en une phrase.")]
    public async Task A_correction_with_a_fault_says_it_beside_the_field(string field, string value, string at, string expected)
    {
        PageAnswer form = await shared.Staff.GetAsync($"/ledger/{shared.Lab.FirstUse}/correct", Cancel);

        PageAnswer answer = await shared.Staff.SubmitAsync(
            form, "form[action$='/correct']", new Dictionary<string, string> { ["person"] = "M02", ["why"] = "Essai", [field] = value }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(expected, answer.TextOf($"#{at}-error"), StringComparison.Ordinal);
        Assert.Equal(4, (await RowsAsync(shared.Host)).Length);
    }

    [Fact]
    public async Task A_correction_that_changes_nothing_is_not_written()
    {
        PageAnswer form = await shared.Staff.GetAsync($"/ledger/{shared.Lab.FirstUse}/correct", Cancel);

        PageAnswer answer = await shared.Staff.SubmitAsync(form, "form[action$='/correct']", new Dictionary<string, string> { ["why"] = "Pour voir" }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("Rien n’a changé", answer.Text, StringComparison.Ordinal);
        Assert.Equal(4, (await RowsAsync(shared.Host)).Length);
    }

    [Fact]
    public async Task A_row_is_corrected_once()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer form = await staff.GetAsync($"/ledger/{lab.FirstUse}/correct", Cancel);
        var change = new Dictionary<string, string> { ["person"] = "M02", ["why"] = "Une fois" };
        await staff.SubmitAsync(form, "form[action$='/correct']", change, Cancel);

        PageAnswer second = await staff.SubmitAsync(form, "form[action$='/correct']", change, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, second.Status);
        Assert.Contains("Cette ligne a déjà été corrigée.", second.Text, StringComparison.Ordinal);
        Assert.Equal(6, (await RowsAsync(host)).Length);
    }

    [Theory]
    [InlineData("30,62", 1_837_200)]
    [InlineData("30.62", 1_837_200)]
    [InlineData("0", 0)]
    public void Minutes_are_read_with_a_comma_or_a_point(string text, long milliseconds) =>
        Assert.Equal(milliseconds, CorrectionForm.Milliseconds(text));

    private static async Task<MachineTimeEntry[]> RowsAsync(PagesHost host)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<BookingDbContext>().Ledger.ToArrayAsync(Cancel);
    }

    /// <summary>What "1 h 06 min 01 s" says, in seconds.</summary>
    private static long Seconds(string text)
    {
        long sum = 0;
        long number = 0;
        int sign = text.Contains('−', StringComparison.Ordinal) ? -1 : 1;
        foreach (char c in text)
        {
            if (char.IsAsciiDigit(c))
                number = (number * 10) + (c - '0');
            else if (c is 'h' or 's' || (c == 'm' && number >= 0))
            {
                sum += number * (c == 'h' ? 3600 : c == 'm' ? 60 : 1);
                number = 0;
            }
        }

        return sign * sum;
    }
}
