using System.Security.Claims;
using System.Security.Cryptography;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Opens and ends the sign-ins of browsers.</summary>
internal sealed partial class Sessions
{
    /// <summary>However much it is used, a browser signs in anew after this.</summary>
    public static readonly Duration Longest = Duration.FromDays(30);

    private const string BrowserCookie = "fablab-browser";

    private readonly BookingWriter _writer;
    private readonly TimeProvider _time;
    private readonly SessionEnds _ends;
    private readonly ITimeLimitedDataProtector _browsers;
    private readonly BookingOptions _options;
    private readonly ILogger<Sessions> _log;

    public Sessions(
        BookingWriter writer, TimeProvider time, SessionEnds ends, IDataProtectionProvider protection, IOptions<BookingOptions> options, ILogger<Sessions> log)
    {
        _writer = writer;
        _time = time;
        _ends = ends;
        _browsers = protection.CreateProtector("known-browser").ToTimeLimitedDataProtector();
        _options = options.Value;
        _log = log;
    }

    /// <summary>Signs the browser in. The session it had ends: nobody goes on under an id that was known before.</summary>
    public async Task<StaffActor> EnterAsync(HttpContext http, StaffAccount account, SignInWay way)
    {
        var before = IdOf(http.User);
        var session = await _writer.WriteAsync(
            async (write, cancel) =>
            {
                if (before is { } old)
                    await write.Db.StaffSessions.Where(s => s.Id == old && s.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, write.Now), cancel);
                var row = new StaffSession { Id = Guid.NewGuid(), AccountId = account.Id, Way = way, CreatedAt = write.Now };
                write.Db.StaffSessions.Add(row);
                write.Audit(account.Id, $"sign_in.{Word(way)}", account.Id.Value);
                return row;
            },
            http.RequestAborted);
        var user = BookingAuth.Principal(account, session, NeedsSecond(account, way));
        await http.SignInAsync(BookingAuth.CookieScheme, user);
        http.User = user;
        var value = _browsers.Protect($"{account.Id} {KnownBrowser(http, account.Id) ?? Guid.NewGuid()}", TimeSpan.FromDays(365));
        http.Response.Cookies.Append(BrowserCookie, value, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = http.Request.IsHttps,
            Expires = _time.GetUtcNow().AddDays(365),
            IsEssential = true,
        });
        return StaffActor.From(user)!;
    }

    /// <summary>Ends the sign-in here and in the database: a copy of the cookie is worth nothing afterwards.</summary>
    public async Task LeaveAsync(HttpContext http)
    {
        if (IdOf(http.User) is { } id && StaffActor.From(http.User) is { } actor)
        {
            await _writer.WriteAsync(
                async (write, cancel) =>
                {
                    await write.Db.StaffSessions.Where(s => s.Id == id && s.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, write.Now), cancel);
                    write.AfterCommit(() => _ends.End(actor.Id));
                },
                http.RequestAborted);
        }
        await http.SignOutAsync(BookingAuth.CookieScheme);
    }

    /// <summary>Ends every other sign-in of the same account.</summary>
    public Task EndOthersAsync(HttpContext http, StaffActor by, CancellationToken cancellationToken)
    {
        var mine = IdOf(http.User);
        return _writer.WriteAsync(
            async (write, cancel) =>
            {
                await write.Db.StaffSessions.Where(s => s.AccountId == by.Id && s.Id != mine && s.EndedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, write.Now), cancel);
                write.Audit(by.Id, "sign_in.others_ended", by.Id.Value);
                write.AfterCommit(() => _ends.End(by.Id));
            },
            cancellationToken);
    }

    /// <summary>Whether the cookie's session is still good, by what the database says now.</summary>
    public static async Task<bool> HoldsAsync(BookingDbContext db, ClaimsPrincipal? user, Instant now, CancellationToken cancellationToken)
    {
        if (StaffActor.From(user) is not { } actor || IdOf(user) is not { } id || !Guid.TryParse(user?.FindFirstValue(BookingAuth.StampClaim), out var stamp))
            return false;
        var oldest = now - Longest;
        return await db.StaffAccounts.AnyAsync(
            account => account.Id == actor.Id && account.Active && account.Stamp == stamp
                && db.StaffSessions.Any(s => s.Id == id && s.AccountId == account.Id && s.EndedAt == null && s.CreatedAt > oldest),
            cancellationToken);
    }

    public static SignInWay? WayOf(ClaimsPrincipal? user) => Enum.TryParse<SignInWay>(user?.FindFirstValue(BookingAuth.WayClaim), out var way) ? way : null;

    /// <summary>This browser, when the account signed in here before.</summary>
    public Guid? KnownBrowser(HttpContext http, PersonId account)
    {
        if (http.Request.Cookies[BrowserCookie] is not { Length: > 0 and < 1024 } cookie)
            return null;
        try
        {
            var parts = _browsers.Unprotect(cookie).Split(' ');
            return parts.Length == 2 && Ids.TryParse<PersonId>(parts[0], out var owner) && owner == account && Guid.TryParse(parts[1], out var browser)
                ? browser
                : null;
        }
        catch (CryptographicException)
        {
            Log.ForeignBrowserCookie(_log);
            return null;
        }
    }

    /// <summary>
    /// Where the team must have a passkey or a one-time password, who came in without can do nothing but set one up.
    /// </summary>
    private bool NeedsSecond(StaffAccount account, SignInWay way) =>
        _options.TeamNeedsSecondFactor && Rights.IsTeam(account.Role) && way is (SignInWay.Password or SignInWay.Link or SignInWay.Door);

    private static Guid? IdOf(ClaimsPrincipal? user) => Guid.TryParse(user?.FindFirstValue(BookingAuth.SessionClaim), out var id) ? id : null;

    private static string Word(SignInWay way) => way switch
    {
        SignInWay.Password => "password",
        SignInWay.PasswordAndCode => "password_and_code",
        SignInWay.Passkey => "passkey",
        SignInWay.Door => "door",
        _ => "link",
    };

    private static partial class Log
    {
        [LoggerMessage(EventId = 5102, Level = LogLevel.Information, Message = "A browser cookie was not made by this lab, or is too old.")]
        public static partial void ForeignBrowserCookie(ILogger logger);
    }
}
