using System.Text;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking.Web;

/// <summary>
/// What the later of two writers is answered, whatever the form. The handler says 409 and shows the page as it stands; here that
/// page gets what was written put back into its form, and a list of what differs, who changed it and when. See ADR 0098.
/// </summary>
/// <param name="page">The page as it stands.</param>
internal sealed class StaleForm(IResult page) : IResult
{
    /// <summary>Takes the answer to a form that names a version, where the answer is a conflict.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        object? result = await next(call);
        HttpRequest request = call.HttpContext.Request;
        return result is IResult page and IStatusCodeHttpResult { StatusCode: StatusCodes.Status409Conflict }
            && request.HasFormContentType && !PageFrame.IsFragment(call.HttpContext) && request.Form.ContainsKey(FormOnPage.Version)
            ? new StaleForm(page)
            : result;
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        Stream answer = httpContext.Response.Body;
        using var written = new MemoryStream();
        httpContext.Response.Body = written;
        try
        {
            await page.ExecuteAsync(httpContext);
        }
        finally
        {
            httpContext.Response.Body = answer;
        }

        string html = Encoding.UTF8.GetString(written.GetBuffer(), 0, (int)written.Length);
        await answer.WriteAsync(Encoding.UTF8.GetBytes(await ToldAsync(httpContext, html)), httpContext.RequestAborted);
    }

    /// <summary>The page with what the writer needs to know; as it is when another conflict than an old version stopped them.</summary>
    private static async Task<string> ToldAsync(HttpContext http, string html)
    {
        IHtmlDocument document = new HtmlParser().ParseDocument(html);
        if (FormOnPage.Find(document, http.Request.PathBase + http.Request.Path, http.Request.Form) is not { } form)
            return html;
        IReadOnlyList<FieldDifference> differences = form.Differences();
        IReadOnlyList<LatestAct> acts = await http.RequestServices.GetRequiredService<LatestActs>().OfAsync(
            http, form.Hidden, http.RequestServices.GetRequiredService<PageText>().Now, http.RequestAborted);
        string id = form.PutBack();

        // The page says already what changed, in its first sentence; what to do about it is said here.
        IElement? notice = document.QuerySelector("main .notice[role='alert']");
        string shown = await RenderAsync(http.RequestServices, new Dictionary<string, object?>
        {
            [nameof(StaleNotice.Title)] = FirstSentence(notice?.QuerySelector(".strong")?.TextContent),
            [nameof(StaleNotice.Differences)] = differences,
            [nameof(StaleNotice.Acts)] = acts,
            [nameof(StaleNotice.Writable)] = form.Writable,
            [nameof(StaleNotice.FormId)] = id,
            [nameof(StaleNotice.Press)] = form.Pressed,
            [nameof(StaleNotice.Away)] = document.QuerySelector("main a.crumb")?.GetAttribute("href"),
        });
        if (notice is not null)
            notice.OuterHtml = shown;
        else
            document.GetElementById(id)!.Insert(AdjacentPosition.BeforeBegin, shown);
        return document.ToHtml();
    }

    private static string? FirstSentence(string? text) => text?.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var end ? text[..(end + 1)] : text;

    private static async Task<string> RenderAsync(IServiceProvider services, Dictionary<string, object?> parameters)
    {
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<StaleNotice>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
