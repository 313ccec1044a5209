using System.Security.Cryptography;
using System.Text;
using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Links that sign somebody in once: the first way in, and the way back in after a forgotten password.</summary>
public interface IOneTimeLinks
{
    /// <summary>Makes a link for the account, or for the first active manager when no login name is given. Makes that manager when there is none.</summary>
    /// <returns>The link, shown once and stored nowhere; null when there is no such active account.</returns>
    Task<SignInLink?> CreateAsync(string? loginName, CancellationToken cancellationToken);
}

/// <param name="Secret">What the link carries. It is kept only as a hash.</param>
/// <param name="Path">Path and query, to be put behind the address of the pages.</param>
/// <param name="ExpiresAt">When it stops working.</param>
/// <param name="Code">Eight letters and digits that do the same for a quarter of an hour, for who cannot open a link.</param>
public sealed record SignInLink(string Secret, string Path, Instant ExpiresAt, string Code);

internal sealed class OneTimeLinks(BookingWriter writer, IOptions<BookingOptions> options) : IOneTimeLinks
{
    public const string PagePath = "/sign-in/link";

    /// <summary>What the secret of a link that the kiosk showed begins with; its short code is hashed with it. So what was given there stays what it is.</summary>
    public const string AtDoor = "door-";

    /// <summary>How long a link that the kiosk showed is good: who asked for it has the phone in the hand.</summary>
    public static readonly Duration DoorFor = Duration.FromMinutes(5);

    /// <summary>How long the short code is good: it is short enough to be guessed in days, not in minutes.</summary>
    public static readonly Duration CodeFor = Duration.FromMinutes(15);

    public Task<SignInLink?> CreateAsync(string? loginName, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            async (write, cancel) =>
            {
                var login = loginName?.Trim().ToLowerInvariant();
                var account = login is null
                    ? await StaffAccounts.FirstManagerAsync(write, cancel)
                    : await write.Db.StaffAccounts.SingleOrDefaultAsync(a => a.LoginName == login && a.Active, cancel);
                if (account is null)
                    return null;

                return await MakeAsync(write, account.Id, Duration.FromMinutes(options.Value.SignInLinkMinutes), "", cancel);
            },
            cancellationToken);

    /// <summary>Makes a link for an account, in the write that is under way.</summary>
    /// <param name="write">The write.</param>
    /// <param name="account">Whose.</param>
    /// <param name="lasts">How long it is good.</param>
    /// <param name="kind">Nothing, or <see cref="AtDoor"/>.</param>
    /// <param name="cancel">Gives up.</param>
    internal static async Task<SignInLink> MakeAsync(BookingWrite write, PersonId account, Duration lasts, string kind, CancellationToken cancel)
    {
        // Old links go: expired ones say nothing any more.
        await write.Db.OneTimeLinks.Where(link => link.ExpiresAt < write.Now).ExecuteDeleteAsync(cancel);
        var secret = kind + WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var code = ShortCode.New();
        var expires = write.Now + lasts;
        write.Db.OneTimeLinks.Add(new OneTimeLink
        {
            Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
            SecretHash = Hash(secret),
            CodeHash = Hash(kind + code),
            AccountId = account,
            CreatedAt = write.Now,
            ExpiresAt = expires,
        });
        return new SignInLink(secret, $"{PagePath}?code={secret}", expires, code);
    }

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
