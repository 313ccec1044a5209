using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>How a delivery proves where it comes from: an HMAC over the moment it was sent and its body (docs/webhooks.md).</summary>
public static class WebhookSigning
{
    public const string SignatureHeader = "FabLab-Signature";
    public const string DeliveryHeader = "FabLab-Delivery";
    public const string EventHeader = "FabLab-Event";

    /// <summary>How every secret begins, so that one that leaked into a file is recognised.</summary>
    public const string Prefix = "fablab_whsec_";

    /// <summary>A delivery that is older may be a copy that somebody sends again.</summary>
    public static readonly Duration Window = Duration.FromMinutes(5);

    public static string NewSecret() => Prefix + WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    /// <summary>The value of the header.</summary>
    /// <param name="secret">The whole secret, prefix and all, as UTF-8.</param>
    /// <param name="sentAt">When it is sent; whole seconds count.</param>
    /// <param name="body">The body, as it is sent.</param>
    public static string Header(string secret, Instant sentAt, string body)
    {
        var seconds = sentAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={seconds},v1={Mac(secret, seconds, body)}";
    }

    /// <summary>What a receiver does: the signature is right, and young enough.</summary>
    public static bool Verify(string secret, string? header, string body, Instant now)
    {
        var parts = (header ?? "").Split(',').Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToLookup(part => part[0], part => part[1]);
        return parts["t"].FirstOrDefault() is { } seconds && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var sent)
            && Math.Abs(now.ToUnixTimeSeconds() - sent) <= (long)Window.TotalSeconds
            && parts["v1"].Any(mac => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(mac), Encoding.ASCII.GetBytes(Mac(secret, seconds, body))));
    }

    private static string Mac(string secret, string seconds, string body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")));
}

/// <summary>Secrets as they lie in the database: sealed with the key ring, which is a folder beside it.</summary>
internal sealed class WebhookSecrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("webhook-secret");

    public string Seal(string secret) => _protector.Protect(secret);

    /// <returns>Null when this key ring cannot read it.</returns>
    public string? Open(string text)
    {
        try
        {
            return _protector.Unprotect(text);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
