using System.Net;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Tests.Pages;
using Microsoft.EntityFrameworkCore;
using SkiaSharp;

namespace FabLab.Booking.Tests.Machines;

public sealed class CarePageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_at_the_machine_reports_a_fault_with_a_photo_and_staff_are_told()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient nobody = host.NewClient();
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer form = await nobody.GetAsync("/machines/IMP-1/fault", Cancel);

        HttpStatusCode sent = await ReportAsync(nobody, form, "IMP-1", "La buse est bouchée", Picture());

        Assert.Equal(HttpStatusCode.Redirect, sent);
        PageAnswer alarms = await staff.GetAsync("/alarms", Cancel);
        Assert.Contains("Panne signalée à la machine : « La buse est bouchée »", alarms.Text, StringComparison.Ordinal);
        PageAnswer care = await staff.GetAsync("/machines/IMP-1/care", Cancel);
        string photo = care.Document.QuerySelector("img.photo")!.GetAttribute("src")!;
        using HttpResponseMessage seen = await staff.Http.GetAsync(photo, Cancel);
        Assert.Equal("image/jpeg", seen.Content.Headers.ContentType!.MediaType);
        Assert.Equal("nosniff", Assert.Single(seen.Headers.GetValues("X-Content-Type-Options")));
        using HttpResponseMessage hidden = await nobody.Http.GetAsync(photo, Cancel);
        Assert.Equal(HttpStatusCode.Redirect, hidden.StatusCode);
        // A report tells; it does not switch.
        Assert.NotEqual("En panne", (await nobody.GetAsync("/machines/IMP-1", Cancel)).TextOf(".now .state"));

        PageAnswer closed = await staff.FollowAsync(await staff.SubmitAsync(care, "form[action$='/fault-close']", null, Cancel), Cancel);
        Assert.Contains("Rien de signalé", closed.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await staff.SubmitAsync(care, "form[action$='/fault-close']", null, Cancel)).Status);
    }

    [Fact]
    public async Task A_second_click_is_one_report_and_too_many_are_asked_to_wait()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient nobody = host.NewClient();
        PageAnswer form = await nobody.GetAsync("/machines/IMP-1/fault", Cancel);

        Assert.Equal(HttpStatusCode.Redirect, await ReportAsync(nobody, form, "IMP-1", "bruit"));
        Assert.Equal(HttpStatusCode.Redirect, await ReportAsync(nobody, form, "IMP-1", "bruit"));
        Assert.Equal(1, await CountAsync(host));
        for (int i = 2; i < FaultReportLimit.Most; i++)
            Assert.Equal(HttpStatusCode.Redirect, await ReportAsync(nobody, form, "IMP-1", $"bruit {i}"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await ReportAsync(nobody, form, "IMP-2", "encore"));
        Assert.Equal(FaultReportLimit.Most - 1, await CountAsync(host));
    }

    [Fact]
    public async Task A_report_that_says_nothing_or_holds_no_photo_says_so_and_keeps_the_words()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient nobody = host.NewClient();
        PageAnswer form = await nobody.GetAsync("/machines/IMP-1/fault", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, await ReportAsync(nobody, form, "IMP-1", "  "));
        Assert.Equal(HttpStatusCode.BadRequest, await ReportAsync(nobody, form, "IMP-1", "fumée", "<svg onload=alert(1)>"u8.ToArray()));
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync("/machines/XYZ-9/fault", Cancel)).Status);
        Assert.Equal(0, await CountAsync(host));
    }

    [Fact]
    public async Task The_sheet_spells_out_what_to_wear_and_what_never_to_cut_and_has_the_code_of_the_report()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient nobody = host.NewClient();

        PageAnswer sheet = await nobody.GetAsync("/machines/LAS-1/sheet", Cancel);
        PageAnswer bare = await nobody.GetAsync("/machines/IMP-1/sheet", Cancel);
        using HttpResponseMessage qr = await nobody.Http.GetAsync("/machines/LAS-1/fault-qr.svg", Cancel);

        Assert.Contains("Lunettes adaptées", sheet.TextOf("#protection + ul"), StringComparison.Ordinal);
        Assert.Contains("PVC", sheet.TextOf("#forbidden + ul"), StringComparison.Ordinal);
        Assert.Contains("PMMA", sheet.TextOf("#allowed + ul"), StringComparison.Ordinal);
        Assert.Contains("12 ans", sheet.TextOf(".facts"), StringComparison.Ordinal);
        Assert.Contains("/machines/LAS-1/fault", sheet.TextOf(".sheet-qr a"), StringComparison.Ordinal);
        Assert.DoesNotContain("Inès", sheet.Html, StringComparison.Ordinal);
        // What nobody wrote does not look like "nothing needed".
        Assert.Contains("Pas encore écrit", bare.TextOf("#protection + p"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync($"/machines/{new string('A', 4000)}/fault-qr.svg", Cancel)).Status);
        Assert.Equal("image/svg+xml", qr.Content.Headers.ContentType!.MediaType);
        Assert.Contains("<svg", await qr.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_write_the_sheet_take_a_machine_out_and_put_it_back_with_undo()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/machines/IMP-2/care", Cancel);

        PageAnswer wrong = await staff.SubmitAsync(page, "form[action$='/care']", new Dictionary<string, string> { ["protection"] = "Gants", ["everyHours"] = "souvent" }, Cancel);
        PageAnswer saved = await staff.SubmitAsync(wrong, "form[action$='/care']", new Dictionary<string, string> { ["everyHours"] = "200" }, Cancel);
        PageAnswer stale = await staff.SubmitAsync(wrong, "form[action$='/care']", new Dictionary<string, string> { ["everyHours"] = "300" }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("Un nombre d’heures", wrong.TextOf(".wrong"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, saved.Status);
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.Contains("Quelqu’un a changé cela entre-temps", stale.Text, StringComparison.Ordinal);
        Assert.Contains("Gants", (await staff.GetAsync("/machines/IMP-2/sheet", Cancel)).TextOf("#protection + ul"), StringComparison.Ordinal);

        page = await staff.GetAsync("/machines/IMP-2/care", Cancel);
        PageAnswer broken = await staff.FollowAsync(
            await staff.SubmitAsync(page, "form[action$='/service']", new Dictionary<string, string> { ["cause"] = "ventilateur" }, Cancel), Cancel);
        Assert.Contains("La machine IMP-2 est en panne.", broken.Text, StringComparison.Ordinal);
        Assert.Equal("En panne", (await staff.GetAsync("/machines/IMP-2", Cancel)).TextOf(".now .state"));
        PageAnswer undone = await staff.FollowAsync(await staff.SubmitAsync(broken, ".notice form", null, Cancel), Cancel);
        Assert.Contains("est remise en service", undone.Text, StringComparison.Ordinal);
        PageAnswer again = await staff.FollowAsync(await staff.SubmitAsync(undone, ".notice form", null, Cancel), Cancel);
        Assert.Contains("ventilateur", again.TextOf(".locked"), StringComparison.Ordinal);
    }

    private static byte[] Picture()
    {
        using var bitmap = new SKBitmap(40, 30);
        bitmap.Erase(SKColors.Blue);
        return bitmap.Encode(SKEncodedImageFormat.Png, 90).ToArray();
    }

    private static async Task<HttpStatusCode> ReportAsync(PageClient client, PageAnswer form, string code, string text, byte[]? photo = null)
    {
        using var content = new MultipartFormDataContent
        {
            { new StringContent(form.Document.QuerySelector("form[action$='/fault'] input[type=hidden]")!.GetAttribute("value")!), BookingAuth.ForgeryHeader },
            { new StringContent(text), "text" },
        };
        if (photo is not null)
            content.Add(new ByteArrayContent(photo), "photo", "photo.png");
        using HttpResponseMessage answer = await client.Http.PostAsync($"/machines/{code}/fault", content, Cancel);
        return answer.StatusCode;
    }

    private static async Task<int> CountAsync(PagesHost host)
    {
        int count = -1;
        await host.Writer.WriteAsync(async (write, cancel) => count = await write.Db.FaultReports.CountAsync(r => r.Text != "La lentille a une trace noire.", cancel), Cancel);
        return count;
    }
}
