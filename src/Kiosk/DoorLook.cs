using Microsoft.AspNetCore.Http;

namespace FabLab.Kiosk;

/// <summary>How the screen looks for who stands there: with more contrast, when they asked for it. Goes back by itself with the screen.</summary>
public sealed class DoorLook(IHttpContextAccessor http)
{
    internal const string Cookie = "fablab-contrast";
    internal const string Query = "contrast";

    public bool Strong => (http.HttpContext?.Request.Query[Query].ToString(), http.HttpContext?.Request.Cookies[Cookie]) switch
    {
        ("more", _) => true,
        ("less", _) => false,
        (_, "more") => true,
        _ => false,
    };

    /// <summary>Remembers what the address asks for, until the browser or the screen starts anew.</summary>
    internal static Task RememberAsync(HttpContext context, RequestDelegate next)
    {
        var asked = context.Request.Query[Query].ToString();
        if (asked is "more" or "less")
            context.Response.Cookies.Append(Cookie, asked, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, IsEssential = true });
        return next(context);
    }
}
