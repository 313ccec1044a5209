using FabLab.Booking.Web;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Import.Pages;

/// <summary>The import in the browser.</summary>
internal static class ImportPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/people/import", () => Web.Pages.Show<ImportPage>());
        pages.MapPost("/people/import", async (HttpRequest request, PageFrame frame, IPeopleImport import, CancellationToken cancellationToken) =>
        {
            // Not bound as a parameter: then the framework would look at the kind of form before anybody asks who sends it.
            IFormCollection form = await request.ReadFormAsync(cancellationToken);
            IFormFile? file = form.Files.GetFile("file");
            if (file is null || file.Length is 0 or > IPeopleImport.MaxBytes)
                return Web.Pages.Show<ImportPage>(400, (nameof(ImportPage.Fault), ImportText.FileMissing));
            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes, cancellationToken);
            var tries = form["act"] != "do";
            var report = await import.RunAsync(bytes.ToArray(), frame.Viewer.Actor, tries, cancellationToken);
            return Web.Pages.Show<ImportPage>(report.Faults > 0 ? 400 : 200, (nameof(ImportPage.Report), report), (nameof(ImportPage.Tried), tries));
        }).WithMetadata(new BodyLimit(IPeopleImport.MaxBytes + 64 * 1024));
    }
}
