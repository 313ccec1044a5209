using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace FabLab.Booking.Tests.Pages;

/// <summary>An answer and its document.</summary>
public sealed record PageAnswer(HttpStatusCode Status, Uri? Location, string Html, IHtmlDocument Document, HttpResponseMessage Message)
{
    /// <summary>The text a reader sees, white space folded.</summary>
    public string Text => Fold(Document.Body?.TextContent ?? "");

    public string TextOf(string selector) => Fold(Document.QuerySelector(selector)?.TextContent ?? throw new InvalidOperationException($"Nothing matches {selector}."));

    private static string Fold(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>Fetches pages and submits their forms as a browser without script does.</summary>
public sealed class PageClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly HtmlParser _parser = new();

    public PageClient(Uri address)
    {
        Cookies = new CookieContainer();
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = address };
    }

    public CookieContainer Cookies { get; }

    public HttpClient Http => _http;

    public async Task<PageAnswer> GetAsync(string path, CancellationToken cancellationToken, string? acceptLanguage = null, bool fragment = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (acceptLanguage is not null)
            request.Headers.TryAddWithoutValidation("Accept-Language", acceptLanguage);
        if (fragment)
            request.Headers.Add("HX-Request", "true");
        return await AnswerAsync(await _http.SendAsync(request, cancellationToken), cancellationToken);
    }

    /// <summary>Fills in a form of a page and sends it.</summary>
    public async Task<PageAnswer> SubmitAsync(
        PageAnswer page, string selector, IReadOnlyDictionary<string, string>? values, CancellationToken cancellationToken)
    {
        var form = (IHtmlFormElement)(page.Document.QuerySelector(selector) ?? throw new InvalidOperationException($"No form matches {selector} in: {page.Text}"));
        // As a browser does: a name that stands on several fields is sent as often.
        var fields = new List<KeyValuePair<string, string>>();
        foreach (IElement element in form.QuerySelectorAll("input, select, textarea"))
        {
            switch (element)
            {
                case IHtmlInputElement { Type: "radio" or "checkbox", IsChecked: false }:
                    continue;
                case IHtmlInputElement { Name: { Length: > 0 } name } input:
                    fields.Add(new(name, input.Value));
                    break;
                case IHtmlSelectElement { Name: { Length: > 0 } name } select:
                    fields.Add(new(name, select.Value ?? ""));
                    break;
                case IHtmlTextAreaElement { Name: { Length: > 0 } name } area:
                    fields.Add(new(name, area.Value));
                    break;
            }
        }

        fields.RemoveAll(field => values?.ContainsKey(field.Key) == true);
        fields.AddRange(values ?? new Dictionary<string, string>());
        return await PostAsync(form.GetAttribute("action")!, fields, cancellationToken);
    }

    public async Task<PageAnswer> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent(fields);
        return await AnswerAsync(await _http.PostAsync(path, content, cancellationToken), cancellationToken);
    }

    /// <summary>Goes where a redirect leads.</summary>
    public Task<PageAnswer> FollowAsync(PageAnswer answer, CancellationToken cancellationToken) =>
        GetAsync(answer.Location?.ToString() ?? throw new InvalidOperationException($"No redirect but {answer.Status}: {answer.Text}"), cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<PageAnswer> AnswerAsync(HttpResponseMessage message, CancellationToken cancellationToken)
    {
        string html = await message.Content.ReadAsStringAsync(cancellationToken);
        return new PageAnswer(message.StatusCode, message.Headers.Location, html, _parser.ParseDocument(html), message);
    }
}
