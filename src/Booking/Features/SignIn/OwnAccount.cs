using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.SignIn;

/// <summary>What somebody changes about the own ways in: password, passkeys, one-time passwords.</summary>
internal sealed class OwnAccount(
    BookingDbContext db, BookingWriter writer, Sessions sessions, SessionEnds ends, SignInAttempts attempts, UserManager<StaffAccount> users,
    IPasskeyHandler<StaffAccount> passkeys, TotpKeys totp, Sealed kept)
{
    public const int MinPassword = 10;
    public const int MaxPassword = 256;
    private const string Challenge = "new-passkey";
    private const int MostPasskeys = 20;

    private static readonly Refusal NoPasskey = new("passkey_refused", StatusCodes.Status400BadRequest, "This passkey could not be added. Try again.");
    private static readonly Refusal WrongCode = new("code_wrong", StatusCodes.Status400BadRequest, "This code is wrong, too old or was used already.", "code");

    /// <summary>
    /// Sets the password. Who has one proves it with the present one, unless a one-time link brought them here because it was
    /// forgotten. Every other browser of the account is signed out.
    /// </summary>
    public async Task<Outcome<StaffActor>> SetPasswordAsync(HttpContext http, StaffActor by, string? password, string? present, CancellationToken cancellationToken)
    {
        if (password is not { Length: >= MinPassword and <= MaxPassword })
            return Refusal.BadValue("password", $"A password has {MinPassword} to {MaxPassword} characters.");
        var account = await db.StaffAccounts.SingleAsync(a => a.Id == by.Id, cancellationToken);
        if (password.Contains(account.LoginName, StringComparison.OrdinalIgnoreCase) && password.Length < account.LoginName.Length + MinPassword)
            return Refusal.BadValue("password", "A password must not be the sign-in name with a little added.");
        var name = await db.People.Where(person => person.Id == by.Id).Select(person => person.DisplayName).SingleOrDefaultAsync(cancellationToken);
        var place = await db.Sites.SingleOrDefaultAsync(cancellationToken);
        if (CommonPasswords.Has(password, [account.LoginName, name, place?.Rule.Name]))
            return new Refusal("password_common", StatusCodes.Status400BadRequest, "This password is among those that are guessed first. Four words that have nothing to do with each other are better.", "password");
        if (CameByDoor(http))
            return Refusal.NotAllowed;
        var way = Sessions.WayOf(http.User) ?? SignInWay.Password;
        if (account.PasswordHash is not null && way != SignInWay.Link)
        {
            var from = SignInAttempts.Place(http.Connection.RemoteIpAddress, sessions.KnownBrowser(http, account.Id));
            if (attempts.MustWait(from) is not null || present is not { Length: > 0 and <= MaxPassword })
                return Refusal.BadValue("present", "The present password is needed.");
            attempts.Charge(from);
            if (!await users.CheckPasswordAsync(account, present))
                return Refusal.BadValue("present", "The present password is wrong.");
            attempts.Forget(from);
        }
        var changed = await writer.WriteAsync(
            async (write, cancel) =>
            {
                var mine = await write.Db.StaffAccounts.SingleAsync(a => a.Id == by.Id, cancel);
                mine.PasswordHash = users.PasswordHasher.HashPassword(mine, password);
                mine.Stamp = Guid.NewGuid();
                mine.Version++;
                write.Audit(by.Id, "sign_in.password_set", mine.Id.Value);
                write.AfterCommit(() => ends.End(by.Id));
                return mine;
            },
            cancellationToken);
        return await sessions.EnterAsync(http, changed, way);
    }

    /// <summary>A badge can be copied: what it opened for a while must not become a way in of one's own, nor take one away.</summary>
    internal static bool CameByDoor(HttpContext http) => Sessions.WayOf(http.User) == SignInWay.Door;

    /// <summary>What the browser is to make a passkey for.</summary>
    public async Task<string> PasskeyQuestionAsync(HttpContext http, StaffActor by, CancellationToken cancellationToken)
    {
        var account = await db.StaffAccounts.SingleAsync(a => a.Id == by.Id, cancellationToken);
        var made = await passkeys.MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = account.Id.ToString(), Name = account.LoginName, DisplayName = account.LoginName }, http);
        kept.Leave(http, Challenge, made.AttestationState ?? "");
        return made.CreationOptionsJson;
    }

    /// <summary>Adds the passkey the browser made. It asked for finger, face or PIN: from now on this sign-in is one with a passkey.</summary>
    public async Task<Outcome<StaffActor>> AddPasskeyAsync(HttpContext http, StaffActor by, string? credential, string? name, CancellationToken cancellationToken)
    {
        if (CameByDoor(http))
            return Refusal.NotAllowed;
        if (credential is not { Length: > 0 and < 65_536 } || kept.Take(http, Challenge) is not { Length: > 0 } state)
            return NoPasskey;
        var answer = await passkeys.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = http, CredentialJson = credential, AttestationState = state });
        if (!answer.Succeeded || answer.UserEntity.Id != by.Id.ToString() || !answer.Passkey.IsUserVerified)
            return NoPasskey;
        if (await db.Passkeys.CountAsync(passkey => passkey.AccountId == by.Id, cancellationToken) >= MostPasskeys)
            return Refusal.Conflict("too_many_passkeys", $"An account has at most {MostPasskeys} passkeys.");
        var account = await db.StaffAccounts.SingleAsync(a => a.Id == by.Id, cancellationToken);
        answer.Passkey.Name = Text.Clean(name, Passkey.MaxName) is { Length: > 0 } called ? called : null;
        if (!(await users.AddOrUpdatePasskeyAsync(account, answer.Passkey)).Succeeded)
            return Refusal.Stale;
        await NoteAsync(by, "sign_in.passkey_added", cancellationToken);
        return await sessions.EnterAsync(http, await db.StaffAccounts.SingleAsync(a => a.Id == by.Id, cancellationToken), SignInWay.Passkey);
    }

    public async Task<Outcome<Guid>> RemovePasskeyAsync(HttpContext http, StaffActor by, Guid id, CancellationToken cancellationToken) =>
        CameByDoor(http) ? Refusal.NotAllowed : await writer.ChangeAsync<Guid>(
            async (write, cancel) =>
            {
                // Whose it is stands in the condition: another one's passkey is not there.
                if (await write.Db.Passkeys.SingleOrDefaultAsync(passkey => passkey.Id == id && passkey.AccountId == by.Id, cancel) is not { } row)
                    return Refusal.NotFound("passkey");
                write.Db.Passkeys.Remove(row);
                write.Audit(by.Id, "sign_in.passkey_removed", by.Id.Value);
                return id;
            },
            cancellationToken);

    /// <summary>A new key for one-time passwords. It counts only once a code of it was typed.</summary>
    public Task<byte[]> StartTotpAsync(StaffActor by, CancellationToken cancellationToken)
    {
        var key = Totp.NewKey();
        return writer.WriteAsync(
            async (write, cancel) =>
            {
                var mine = await write.Db.StaffAccounts.SingleAsync(a => a.Id == by.Id, cancel);
                if (mine.TotpOn)
                    throw new RefusedException(Refusal.Conflict("totp_on", "One-time passwords are in use already. Switch them off first."));
                mine.TotpKey = totp.Seal(key);
                mine.TotpStep = 0;
                mine.Version++;
                return key;
            },
            cancellationToken);
    }

    public async Task<Outcome<StaffActor>> ConfirmTotpAsync(HttpContext http, StaffActor by, string? code, CancellationToken cancellationToken)
    {
        if (CameByDoor(http))
            return Refusal.NotAllowed;
        if (!await totp.UseAsync(by.Id, code, cancellationToken))
            return WrongCode;
        var account = await writer.WriteAsync(
            async (write, cancel) =>
            {
                var mine = await write.Db.StaffAccounts.SingleAsync(a => a.Id == by.Id, cancel);
                mine.TotpOn = true;
                mine.Version++;
                write.Audit(by.Id, "sign_in.totp_on", by.Id.Value);
                return mine;
            },
            cancellationToken);
        return await sessions.EnterAsync(http, account, SignInWay.PasswordAndCode);
    }

    /// <summary>Switches one-time passwords off: with a code, so that a browser left open is not enough.</summary>
    public async Task<Outcome<bool>> StopTotpAsync(StaffActor by, string? code, CancellationToken cancellationToken)
    {
        if (!await totp.UseAsync(by.Id, code, cancellationToken))
            return WrongCode;
        return await writer.WriteAsync(
            async (write, cancel) =>
            {
                var mine = await write.Db.StaffAccounts.SingleAsync(a => a.Id == by.Id, cancel);
                (mine.TotpOn, mine.TotpKey) = (false, null);
                mine.Version++;
                write.Audit(by.Id, "sign_in.totp_off", by.Id.Value);
                return true;
            },
            cancellationToken);
    }

    private Task NoteAsync(StaffActor by, string action, CancellationToken cancellationToken) => writer.WriteAsync(
        (write, _) =>
        {
            write.Audit(by.Id, action, by.Id.Value);
            return Task.CompletedTask;
        },
        cancellationToken);
}
