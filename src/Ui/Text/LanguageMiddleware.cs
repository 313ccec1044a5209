using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Ui.Text;

/// <summary>
/// Chooses the language of a request: <c>?lang=</c> (remembered in a cookie), else that cookie, else Accept-Language, else French.
/// </summary>
public sealed class LanguageMiddleware(RequestDelegate next)
{
    public const string CookieName = "fablab-lang";

    public Task InvokeAsync(HttpContext context)
    {
        PageText text = context.RequestServices.GetRequiredService<PageText>();
        string? asked = context.Request.Query["lang"];
        if (Parse(asked) is { } chosen)
        {
            text.Use(chosen);
            context.Response.Cookies.Append(CookieName, PageText.TagOf(chosen), new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,
                Secure = context.Request.IsHttps,
                IsEssential = true,
                MaxAge = TimeSpan.FromDays(365),
            });
        }
        else
        {
            text.Use(Parse(context.Request.Cookies[CookieName]) ?? FromBrowser(context.Request) ?? Language.French);
        }

        context.Response.Headers.ContentLanguage = text.Tag;
        return next(context);
    }

    private static Language? Parse(string? tag) => tag switch
    {
        "fr" => Language.French,
        "en" => Language.English,
        _ => null,
    };

    private static Language? FromBrowser(HttpRequest request)
    {
        Language? best = null;
        double quality = 0;
        foreach (Microsoft.Net.Http.Headers.StringWithQualityHeaderValue wanted in request.GetTypedHeaders().AcceptLanguage)
        {
            string tag = wanted.Value.Value is { Length: >= 2 } value ? value[..2].ToLowerInvariant() : "";
            double weight = wanted.Quality ?? 1;
            if (Parse(tag) is { } language && weight > quality)
            {
                best = language;
                quality = weight;
            }
        }

        return best;
    }
}
