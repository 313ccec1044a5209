using FabLab.Booking.Data;
using FabLab.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Signs people in: link, short code, password with or without a one-time password, passkey. Pages and the API call the same methods.</summary>
internal sealed partial class SignInService(
    BookingDbContext db, BookingWriter writer, Sessions sessions, SignInAttempts attempts, UserManager<StaffAccount> users,
    IPasskeyHandler<StaffAccount> passkeys, TotpKeys totp, Sealed kept, TimeProvider time, IOptions<BookingOptions> options, ILogger<SignInService> log)
{
    public const string CodeNeeded = "code_needed";
    public const string PasskeyNeeded = "passkey_needed";
    private const string HalfWay = "half-way";
    private const string Challenge = "passkey";

    private static readonly Refusal WrongPassword = new("sign_in_wrong", StatusCodes.Status403Forbidden, "The name or the password is wrong.");
    private static readonly Refusal WrongCode = new("code_wrong", StatusCodes.Status403Forbidden, "This code is wrong, too old or was used already.");
    private static readonly Refusal LinkSpent = new("link_spent", StatusCodes.Status403Forbidden, "This link was used, has expired or never existed. Ask for a new one.");
    private static readonly Refusal PasskeyUnknown = new("passkey_unknown", StatusCodes.Status403Forbidden, "This passkey is not known here.");
    private static readonly StaffAccount Nobody = new() { Id = default, LoginName = "" };
    private static readonly string NobodysHash = new PasswordHasher<StaffAccount>().HashPassword(Nobody, Guid.NewGuid().ToString());

    /// <summary>Uses up a one-time link and signs its account in.</summary>
    public async Task<Outcome<StaffActor>> WithLinkAsync(HttpContext http, string? secret, CancellationToken cancellationToken)
    {
        if (secret is not { Length: > 0 and <= 128 })
            return LinkSpent;
        var hash = OneTimeLinks.Hash(secret);
        return await SpendAsync(db.OneTimeLinks.Where(link => link.SecretHash == hash && link.UsedAt == null).Select(link => link.Id), cancellationToken) is { } account
            ? await EnterByLinkAsync(http, account, secret.StartsWith(OneTimeLinks.AtDoor, StringComparison.Ordinal), cancellationToken)
            : LinkSpent;
    }

    /// <summary>Uses up the short code that stands beside a link. It can be guessed more easily: tries are counted, and it is good for minutes.</summary>
    public async Task<Outcome<StaffActor>> WithShortCodeAsync(HttpContext http, string? code, CancellationToken cancellationToken)
    {
        var typed = ShortCode.Normal(code);
        if (typed is null)
            return LinkSpent;
        var place = SignInAttempts.Place(http.Connection.RemoteIpAddress, null);
        if (MustWait(http, place) is { } wait)
            return wait;
        attempts.Charge(place);
        var oldest = Now() - OneTimeLinks.CodeFor;
        foreach (var kind in new[] { "", OneTimeLinks.AtDoor })
        {
            var hash = OneTimeLinks.Hash(kind + typed);
            if (await SpendAsync(
                    db.OneTimeLinks.Where(link => link.CodeHash == hash && link.CreatedAt > oldest && link.UsedAt == null).Select(link => link.Id), cancellationToken) is { } account)
            {
                attempts.Forget(place);
                return await EnterByLinkAsync(http, account, kind.Length > 0, cancellationToken);
            }
        }
        Log.WrongCode(log);
        return LinkSpent;
    }

    private async Task<Outcome<StaffActor>> EnterByLinkAsync(HttpContext http, StaffAccount account, bool atDoor, CancellationToken cancellationToken)
    {
        if (!atDoor)
            return await sessions.EnterAsync(http, account, SignInWay.Link);
        // They may have been given a role since, or a second factor.
        return await GiveAccessAtDoor.MayAsync(db, account, cancellationToken) ? await sessions.EnterAsync(http, account, SignInWay.Door) : LinkSpent;
    }

    /// <summary>
    /// Signs in by name and password. Who has one-time passwords brings one too: at once, or in the next step within minutes (then
    /// the refusal is <see cref="CodeNeeded"/>, and it is said only to who knew the password).
    /// </summary>
    public async Task<Outcome<StaffActor>> WithPasswordAsync(
        HttpContext http, string? loginName, string? password, string? code, CancellationToken cancellationToken)
    {
        if (loginName is not { Length: > 0 and <= 64 } || password is not { Length: > 0 and <= OwnAccount.MaxPassword })
            return WrongPassword;
        var account = await users.FindByNameAsync(loginName.Trim());
        var place = SignInAttempts.Place(http.Connection.RemoteIpAddress, account is null ? null : sessions.KnownBrowser(http, account.Id));
        if (MustWait(http, place) is { } wait)
            return wait;
        attempts.Charge(place);

        // An unknown name costs as much time as a known one.
        var hash = account?.PasswordHash;
        var matches = hash is null
            ? users.PasswordHasher.VerifyHashedPassword(Nobody, NobodysHash, password) != PasswordVerificationResult.Failed
            : await users.CheckPasswordAsync(account!, password);
        if (account is null || hash is null || !matches)
        {
            Log.WrongPassword(log);
            return WrongPassword;
        }
        attempts.Forget(place);
        if (account.TotpOn)
        {
            if (!string.IsNullOrWhiteSpace(code))
                return await FinishAsync(http, account, code, place, cancellationToken);
            kept.Leave(http, HalfWay, $"{account.Id} {account.Stamp}");
            return new Refusal(CodeNeeded, StatusCodes.Status403Forbidden, "Now the code of your app.", "code");
        }
        // Else a stolen password alone would do, and could even add a passkey of its own.
        if (options.Value.TeamNeedsSecondFactor && Rights.IsTeam(account.Role) && await db.Passkeys.AnyAsync(passkey => passkey.AccountId == account.Id, cancellationToken))
            return new Refusal(PasskeyNeeded, StatusCodes.Status403Forbidden, "This account signs in with its passkey.");
        return await sessions.EnterAsync(http, account, SignInWay.Password);
    }

    /// <summary>The second step after <see cref="CodeNeeded"/>.</summary>
    public async Task<Outcome<StaffActor>> WithCodeAsync(HttpContext http, string? code, CancellationToken cancellationToken)
    {
        var parts = kept.Peek(http, HalfWay)?.Split(' ');
        if (parts is not { Length: 2 } || await users.FindByIdAsync(parts[0]) is not { } account || account.Stamp.ToString() != parts[1])
            return WrongPassword;
        var place = SignInAttempts.Place(http.Connection.RemoteIpAddress, sessions.KnownBrowser(http, account.Id));
        if (MustWait(http, place) is { } wait)
            return wait;
        return await FinishAsync(http, account, code, place, cancellationToken);
    }

    /// <summary>Whether this browser has given a right password and owes the code.</summary>
    public bool OwesCode(HttpContext http) => kept.Peek(http, HalfWay) is not null;

    /// <summary>What the browser is to sign. Nobody is named: the passkey says whose it is.</summary>
    public async Task<string> PasskeyQuestionAsync(HttpContext http)
    {
        var made = await passkeys.MakeRequestOptionsAsync(null, http);
        kept.Leave(http, Challenge, made.AssertionState ?? "");
        return made.RequestOptionsJson;
    }

    public async Task<Outcome<StaffActor>> WithPasskeyAsync(HttpContext http, string? credential, CancellationToken cancellationToken)
    {
        var place = SignInAttempts.Place(http.Connection.RemoteIpAddress, null);
        if (MustWait(http, place) is { } wait)
            return wait;
        attempts.Charge(place);
        if (credential is not { Length: > 0 and < 32_768 } || kept.Take(http, Challenge) is not { Length: > 0 } state)
            return PasskeyUnknown;
        var answer = await passkeys.PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = http, CredentialJson = credential, AssertionState = state });
        if (!answer.Succeeded)
        {
            Log.WrongPasskey(log);
            return PasskeyUnknown;
        }
        await users.AddOrUpdatePasskeyAsync(answer.User, answer.Passkey);
        if (await users.FindByIdAsync(answer.User.Id.ToString()) is not { } account)
            return PasskeyUnknown;
        attempts.Forget(place);
        return await sessions.EnterAsync(http, account, SignInWay.Passkey);
    }

    /// <summary>In a demonstration only: signs in as the first manager without a word.</summary>
    public async Task<Outcome<StaffActor>> ForDemoAsync(HttpContext http, IOneTimeLinks links, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(links);
        if (!options.Value.Demo)
            return new Refusal(ProblemCodes.NotFound, StatusCodes.Status404NotFound, "This is no demonstration.");
        var link = await links.CreateAsync(null, cancellationToken);
        return await WithLinkAsync(http, link?.Secret, cancellationToken);
    }

    private async Task<Outcome<StaffActor>> FinishAsync(HttpContext http, StaffAccount account, string? code, string place, CancellationToken cancellationToken)
    {
        attempts.Charge(place);
        if (!await totp.UseAsync(account.Id, code, cancellationToken))
        {
            Log.WrongCode(log);
            return WrongCode;
        }
        attempts.Forget(place);
        _ = kept.Take(http, HalfWay);
        return await sessions.EnterAsync(http, account, SignInWay.PasswordAndCode);
    }

    private Refusal? MustWait(HttpContext http, string place)
    {
        if (attempts.MustWait(place) is not { } wait)
            return null;
        http.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new Refusal(ProblemCodes.TooManyAttempts, StatusCodes.Status429TooManyRequests, "Too many wrong tries from here. Wait a few minutes, or use a one-time link.");
    }

    /// <summary>The condition and the mark are one statement: of two that come at once, one wins.</summary>
    private async Task<StaffAccount?> SpendAsync(IQueryable<Guid> wanted, CancellationToken cancellationToken)
    {
        if (await wanted.SingleOrDefaultAsync(cancellationToken) is var id && id == Guid.Empty)
            return null;
        return await writer.WriteAsync(
            async (write, cancel) =>
            {
                var used = await write.Db.OneTimeLinks
                    .Where(link => link.Id == id && link.UsedAt == null && link.ExpiresAt > write.Now)
                    .ExecuteUpdateAsync(set => set.SetProperty(link => link.UsedAt, write.Now), cancel);
                if (used != 1)
                    return null;
                var owner = await write.Db.OneTimeLinks.Where(link => link.Id == id).Select(link => link.AccountId).SingleAsync(cancel);
                return await write.Db.StaffAccounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == owner && account.Active, cancel);
            },
            cancellationToken);
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    private static partial class Log
    {
        [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "A sign-in failed: wrong name or password.")]
        public static partial void WrongPassword(ILogger logger);

        [LoggerMessage(EventId = 5103, Level = LogLevel.Warning, Message = "A sign-in failed: wrong code.")]
        public static partial void WrongCode(ILogger logger);

        [LoggerMessage(EventId = 5104, Level = LogLevel.Warning, Message = "A sign-in failed: a passkey that is not known or did not sign.")]
        public static partial void WrongPasskey(ILogger logger);
    }
}
