using System.Security.Cryptography;
using System.Text.Json;
using FabLab.Core;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking.Web;

/// <summary>What was just done, told on the next page, with the form that takes it back.</summary>
/// <param name="Text">What was done.</param>
/// <param name="UndoAddress">Where the undo is posted; null when there is nothing to take back.</param>
/// <param name="Fields">What the undo posts.</param>
public sealed record DoneNote(Words Text, string? UndoAddress = null, IReadOnlyDictionary<string, string>? Fields = null);

/// <summary>Carries one <see cref="DoneNote"/> over a redirect in a short-lived cookie that only this lab can write.</summary>
public sealed partial class DoneNotes(IDataProtectionProvider protection, ILogger<DoneNotes> log)
{
    public const string CookieName = "fablab-done";
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(2);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("done-note").ToTimeLimitedDataProtector();

    public void Leave(HttpContext http, DoneNote note) => http.Response.Cookies.Append(
        CookieName,
        _protector.Protect(JsonSerializer.Serialize(note), KeptFor),
        new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, MaxAge = KeptFor, IsEssential = true });

    /// <summary>Takes the note and removes it: a reload does not tell it again.</summary>
    public DoneNote? Take(HttpContext http)
    {
        if (http.Request.Cookies[CookieName] is not { Length: > 0 and < 4096 } cookie)
            return null;
        http.Response.Cookies.Delete(CookieName);
        try
        {
            return JsonSerializer.Deserialize<DoneNote>(_protector.Unprotect(cookie));
        }
        catch (Exception failure) when (failure is CryptographicException or JsonException)
        {
            Log.ForeignNote(log);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5401, Level = LogLevel.Information, Message = "A note in a cookie was not written by this lab, or is too old.")]
        public static partial void ForeignNote(ILogger logger);
    }
}
