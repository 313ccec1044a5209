using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// ASP.NET Core Identity over our own tables. It reads through a reading context; every change goes through
/// <see cref="BookingWriter"/>, like all others, and is refused when somebody else was first.
/// </summary>
internal sealed class AccountStore(BookingDbContext db, BookingWriter writer, SessionEnds ends)
    : IUserPasswordStore<StaffAccount>, IUserSecurityStampStore<StaffAccount>, IUserPasskeyStore<StaffAccount>
{
    public Task<string> GetUserIdAsync(StaffAccount user, CancellationToken cancellationToken) => Task.FromResult(user.Id.ToString());

    public Task<string?> GetUserNameAsync(StaffAccount user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.LoginName);

    public Task SetUserNameAsync(StaffAccount user, string? userName, CancellationToken cancellationToken)
    {
        user.LoginName = userName?.Trim().ToLowerInvariant() ?? throw new ArgumentNullException(nameof(userName));
        return Task.CompletedTask;
    }

    public Task<string?> GetNormalizedUserNameAsync(StaffAccount user, CancellationToken cancellationToken) => GetUserNameAsync(user, cancellationToken);

    /// <summary>Names are kept in one spelling only: lower case.</summary>
    public Task SetNormalizedUserNameAsync(StaffAccount user, string? normalizedName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string?> GetPasswordHashAsync(StaffAccount user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    public Task<bool> HasPasswordAsync(StaffAccount user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash is not null);

    public Task SetPasswordHashAsync(StaffAccount user, string? passwordHash, CancellationToken cancellationToken)
    {
        user.PasswordHash = passwordHash;
        return Task.CompletedTask;
    }

    public Task<string?> GetSecurityStampAsync(StaffAccount user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Stamp.ToString());

    /// <summary>Identity brings a stamp of its own shape; ours is an id, so a new one is made for it.</summary>
    public Task SetSecurityStampAsync(StaffAccount user, string stamp, CancellationToken cancellationToken)
    {
        user.Stamp = Guid.NewGuid();
        return Task.CompletedTask;
    }

    public async Task<IdentityResult> CreateAsync(StaffAccount user, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            (write, _) =>
            {
                write.Db.StaffAccounts.Add(user);
                return Task.CompletedTask;
            },
            cancellationToken);
        return IdentityResult.Success;
    }

    public async Task<IdentityResult> UpdateAsync(StaffAccount user, CancellationToken cancellationToken)
    {
        var done = await writer.WriteAsync(
            async (write, cancel) =>
            {
                var row = await write.Db.StaffAccounts.SingleOrDefaultAsync(account => account.Id == user.Id, cancel);
                if (row is null || row.Version != user.Version)
                    return false;
                if (row.Stamp != user.Stamp)
                    write.AfterCommit(() => ends.End(user.Id));
                write.Db.Entry(row).CurrentValues.SetValues(user);
                row.Version++;
                user.Version = row.Version;
                return true;
            },
            cancellationToken);
        return done ? IdentityResult.Success : IdentityResult.Failed(new IdentityErrorDescriber().ConcurrencyFailure());
    }

    /// <summary>An account is closed, never removed: what it did stays its own.</summary>
    public Task<IdentityResult> DeleteAsync(StaffAccount user, CancellationToken cancellationToken)
    {
        user.Active = false;
        user.Stamp = Guid.NewGuid();
        return UpdateAsync(user, cancellationToken);
    }

    public Task<StaffAccount?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Ids.TryParse<PersonId>(userId, out var id)
        ? db.StaffAccounts.SingleOrDefaultAsync(account => account.Id == id && account.Active, cancellationToken)
        : Task.FromResult<StaffAccount?>(null);

    public Task<StaffAccount?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken)
    {
        var name = normalizedUserName.ToLowerInvariant();
        return db.StaffAccounts.SingleOrDefaultAsync(account => account.LoginName == name && account.Active, cancellationToken);
    }

    public Task AddOrUpdatePasskeyAsync(StaffAccount user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => writer.WriteAsync(
        async (write, cancel) =>
        {
            var row = await write.Db.Passkeys.SingleOrDefaultAsync(known => known.CredentialId == passkey.CredentialId, cancel);
            if (row is null)
            {
                write.Db.Passkeys.Add(new Passkey
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
                    CredentialId = passkey.CredentialId,
                    AccountId = user.Id,
                    Name = passkey.Name,
                    PublicKey = passkey.PublicKey,
                    SignCount = passkey.SignCount,
                    Transports = string.Join(' ', passkey.Transports ?? []),
                    IsUserVerified = passkey.IsUserVerified,
                    IsBackupEligible = passkey.IsBackupEligible,
                    IsBackedUp = passkey.IsBackedUp,
                    AttestationObject = passkey.AttestationObject,
                    ClientDataJson = passkey.ClientDataJson,
                    CreatedAt = write.Now,
                });
                return;
            }
            if (row.AccountId != user.Id)
                throw new InvalidOperationException("A passkey belongs to one account.");
            row.Name = passkey.Name;
            row.SignCount = passkey.SignCount;
            row.IsUserVerified = passkey.IsUserVerified;
            row.IsBackedUp = passkey.IsBackedUp;
        },
        cancellationToken);

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(StaffAccount user, CancellationToken cancellationToken) =>
        [.. (await db.Passkeys.Where(passkey => passkey.AccountId == user.Id).OrderBy(passkey => passkey.CreatedAt).ToListAsync(cancellationToken)).Select(Info)];

    public async Task<StaffAccount?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        await (from passkey in db.Passkeys
               where passkey.CredentialId == credentialId
               join account in db.StaffAccounts on passkey.AccountId equals account.Id
               where account.Active
               select account).SingleOrDefaultAsync(cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(StaffAccount user, byte[] credentialId, CancellationToken cancellationToken) =>
        await db.Passkeys.SingleOrDefaultAsync(passkey => passkey.AccountId == user.Id && passkey.CredentialId == credentialId, cancellationToken) is { } row
            ? Info(row)
            : null;

    public Task RemovePasskeyAsync(StaffAccount user, byte[] credentialId, CancellationToken cancellationToken) => writer.WriteAsync(
        async (write, cancel) => await write.Db.Passkeys
            .Where(passkey => passkey.AccountId == user.Id && passkey.CredentialId == credentialId).ExecuteDeleteAsync(cancel),
        cancellationToken);

    public void Dispose()
    {
        // The context belongs to the request.
    }

    private static UserPasskeyInfo Info(Passkey row) => new(
        row.CredentialId, row.PublicKey, row.CreatedAt.ToDateTimeOffset(), (uint)row.SignCount,
        row.Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries), row.IsUserVerified, row.IsBackupEligible, row.IsBackedUp,
        row.AttestationObject, row.ClientDataJson)
    {
        Name = row.Name,
    };
}
