using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace FabLab.Booking.Features.Calendar;

/// <summary>The secret in the address of a personal calendar.</summary>
internal static class CalendarSecret
{
    private const int Length = 43;

    public static string New() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    /// <returns>Null for what cannot be a secret.</returns>
    public static byte[]? Hash(string? secret) => secret is { Length: Length } ? SHA256.HashData(Encoding.UTF8.GetBytes(secret)) : null;
}
