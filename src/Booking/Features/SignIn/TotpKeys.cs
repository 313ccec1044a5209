using System.Security.Cryptography;
using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// The keys of one-time passwords. They lie in the database sealed with the key ring, which is a folder beside it: the database
/// alone does not give them away.
/// </summary>
internal sealed partial class TotpKeys(BookingWriter writer, IDataProtectionProvider protection, ILogger<TotpKeys> log)
{
    private readonly IDataProtector _protector = protection.CreateProtector("totp-key");

    public string Seal(byte[] key) => _protector.Protect(Convert.ToBase64String(key));

    public byte[]? Open(string? sealedKey)
    {
        if (sealedKey is null)
            return null;
        try
        {
            return Convert.FromBase64String(_protector.Unprotect(sealedKey));
        }
        catch (CryptographicException)
        {
            // The key ring was lost or the database comes from another lab: a one-time link is the way in.
            Log.Unreadable(log);
            return null;
        }
    }

    /// <summary>Uses a code up. Looked at and marked in one write: of two that bring the same code, one gets in.</summary>
    /// <param name="account">Whose code it is.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Whether it was right.</returns>
    public Task<bool> UseAsync(PersonId account, string? code, CancellationToken cancellationToken) => writer.WriteAsync(
        async (write, cancel) =>
        {
            await write.OneAtATimeAsync($"totp {account}", cancel);
            var row = await write.Db.StaffAccounts.SingleOrDefaultAsync(a => a.Id == account && a.Active, cancel);
            if (row is null || Open(row.TotpKey) is not { } key || Totp.Match(key, code, write.Now, row.TotpStep) is not { } step)
                return false;
            row.TotpStep = step;
            row.Version++;
            return true;
        },
        cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(EventId = 5105, Level = LogLevel.Error, Message = "A key of one-time passwords cannot be read with this key ring.")]
        public static partial void Unreadable(ILogger logger);
    }
}
