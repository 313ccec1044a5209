using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Contracts;
using FabLab.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Signs people in and out. Pages and the API call the same methods.</summary>
internal sealed partial class SignInService
{
    private const string BrowserCookie = "fablab-browser";
    private const int MinPassword = 10;
    private const int MaxPassword = 256;

    private static readonly Refusal WrongPassword = new(
        "sign_in_wrong", StatusCodes.Status403Forbidden, "The name or the password is wrong.");
    private static readonly Refusal LinkSpent = new(
        "link_spent", StatusCodes.Status403Forbidden, "This link was used, has expired or never existed. Ask for a new one.");

    private readonly BookingDbContext _db;
    private readonly BookingWriter _writer;
    private readonly TimeProvider _time;
    private readonly SignInAttempts _attempts;
    private readonly ITimeLimitedDataProtector _browsers;
    private readonly BookingOptions _options;
    private readonly ILogger<SignInService> _log;
    private readonly PasswordHasher<StaffAccount> _passwords = new();

    public SignInService(
        BookingDbContext db, BookingWriter writer, TimeProvider time, SignInAttempts attempts,
        IDataProtectionProvider protection, IOptions<BookingOptions> options, ILogger<SignInService> log)
    {
        _db = db;
        _writer = writer;
        _time = time;
        _attempts = attempts;
        _browsers = protection.CreateProtector("known-browser").ToTimeLimitedDataProtector();
        _options = options.Value;
        _log = log;
    }

    /// <summary>Uses up a one-time link and signs its account in.</summary>
    public async Task<Outcome<StaffActor>> WithLinkAsync(HttpContext http, string? secret, CancellationToken cancellationToken)
    {
        if (secret is not { Length: > 0 and <= 128 })
            return LinkSpent;
        var hash = OneTimeLinks.Hash(secret);
        var account = await _writer.WriteAsync(
            async (write, cancel) =>
            {
                // The condition and the mark are one statement: of two that come at once, one wins.
                var used = await write.Db.OneTimeLinks
                    .Where(link => link.SecretHash == hash && link.UsedAt == null && link.ExpiresAt > write.Now)
                    .ExecuteUpdateAsync(set => set.SetProperty(link => link.UsedAt, write.Now), cancel);
                if (used != 1)
                    return null;
                var owner = await write.Db.OneTimeLinks.Where(link => link.SecretHash == hash).Select(link => link.AccountId).SingleAsync(cancel);
                var found = await write.Db.StaffAccounts.SingleOrDefaultAsync(a => a.Id == owner && a.Active, cancel);
                if (found is not null)
                    write.Audit(found.Id, "sign_in.link", found.Id.Value);
                return found;
            },
            cancellationToken);
        return account is null ? LinkSpent : await EnterAsync(http, account);
    }

    /// <summary>Signs in by name and password.</summary>
    public async Task<Outcome<StaffActor>> WithPasswordAsync(
        HttpContext http, string? loginName, string? password, CancellationToken cancellationToken)
    {
        if (loginName is not { Length: > 0 and <= 64 } || password is not { Length: > 0 and <= MaxPassword })
            return WrongPassword;
        var login = loginName.Trim().ToLowerInvariant();
        var account = await _db.StaffAccounts.SingleOrDefaultAsync(a => a.LoginName == login && a.Active, cancellationToken);
        var place = SignInAttempts.Place(http.Connection.RemoteIpAddress, account is null ? null : KnownBrowser(http, account.Id));
        if (_attempts.MustWait(place) is { } wait)
        {
            http.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return new Refusal(ProblemCodes.TooManyAttempts, StatusCodes.Status429TooManyRequests, "Too many wrong passwords from here. Wait a few minutes, or use a one-time link.");
        }
        _attempts.Charge(place);

        // An unknown name costs as much time as a known one.
        var stored = account?.PasswordHash ?? NobodysHash;
        var matches = _passwords.VerifyHashedPassword(account ?? Nobody, stored, password) != PasswordVerificationResult.Failed;
        if (account?.PasswordHash is null || !matches)
        {
            Log.WrongPassword(_log);
            return WrongPassword;
        }
        _attempts.Forget(place);
        await _writer.WriteAsync(
            (write, _) =>
            {
                write.Audit(account.Id, "sign_in.password", account.Id.Value);
                return Task.CompletedTask;
            },
            cancellationToken);
        return await EnterAsync(http, account);
    }

    /// <summary>In a demonstration only: signs in as the first manager without a word.</summary>
    public async Task<Outcome<StaffActor>> ForDemoAsync(HttpContext http, IOneTimeLinks links, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(links);
        if (!_options.Demo)
            return new Refusal(ProblemCodes.NotFound, StatusCodes.Status404NotFound, "This is no demonstration.");
        var link = await links.CreateAsync(null, cancellationToken);
        return await WithLinkAsync(http, link?.Secret, cancellationToken);
    }

    public static Task LeaveAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.SignOutAsync(BookingAuth.CookieScheme);
    }

    /// <summary>Sets the password of the one who is signed in. Every other browser of the account is signed out.</summary>
    public async Task<Outcome<StaffActor>> SetPasswordAsync(HttpContext http, StaffActor by, string? password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(by);
        if (password is not { Length: >= MinPassword and <= MaxPassword })
            return Refusal.BadValue("password", $"A password has {MinPassword} to {MaxPassword} characters.");
        var account = await _writer.WriteAsync(
            async (write, cancel) =>
            {
                var mine = await write.Db.StaffAccounts.AsTracking().SingleAsync(a => a.Id == by.Id, cancel);
                mine.PasswordHash = _passwords.HashPassword(mine, password);
                mine.Stamp = Guid.NewGuid();
                mine.Version++;
                write.Audit(by.Id, "sign_in.password_set", mine.Id.Value);
                return mine;
            },
            cancellationToken);
        return await EnterAsync(http, account);
    }

    private static readonly StaffAccount Nobody = new() { Id = default, LoginName = "" };

    private static readonly string NobodysHash = new PasswordHasher<StaffAccount>().HashPassword(Nobody, Guid.NewGuid().ToString());

    private async Task<StaffActor> EnterAsync(HttpContext http, StaffAccount account)
    {
        var user = BookingAuth.Principal(account);
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
        return new StaffActor(account.Id, account.Role);
    }

    private Guid? KnownBrowser(HttpContext http, PersonId account)
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
        catch (System.Security.Cryptography.CryptographicException)
        {
            Log.ForeignBrowserCookie(_log);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "A sign-in failed: wrong name or password.")]
        public static partial void WrongPassword(ILogger logger);

        [LoggerMessage(EventId = 5102, Level = LogLevel.Information, Message = "A browser cookie was not made by this lab, or is too old.")]
        public static partial void ForeignBrowserCookie(ILogger logger);
    }
}
