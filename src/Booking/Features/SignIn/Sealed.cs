using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace FabLab.Booking.Features.SignIn;

/// <summary>A value that a browser keeps for a few minutes between two steps and cannot read or change.</summary>
internal sealed class Sealed(IDataProtectionProvider protection, TimeProvider time)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    public void Leave(HttpContext http, string name, string value)
    {
        var sealedValue = Protector(name).Protect($"{time.GetUtcNow().ToUnixTimeSeconds()} {value}");
        http.Response.Cookies.Append($"fablab-{name}", sealedValue, Options(http));
    }

    /// <summary>What was left, once; null when there is nothing, it is too old or was not made here.</summary>
    public string? Take(HttpContext http, string name) => Read(http, name, forget: true);

    public string? Peek(HttpContext http, string name) => Read(http, name, forget: false);

    private string? Read(HttpContext http, string name, bool forget)
    {
        if (http.Request.Cookies[$"fablab-{name}"] is not { Length: > 0 and < 4096 } cookie)
            return null;
        if (forget)
            http.Response.Cookies.Delete($"fablab-{name}", Options(http));
        try
        {
            var text = Protector(name).Unprotect(cookie);
            var blank = text.IndexOf(' ', StringComparison.Ordinal);
            var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(text[..blank], System.Globalization.CultureInfo.InvariantCulture));
            return time.GetUtcNow() - at <= KeptFor ? text[(blank + 1)..] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector Protector(string name) => protection.CreateProtector("sealed", name);

    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps,
        MaxAge = KeptFor,
        IsEssential = true,
    };
}
