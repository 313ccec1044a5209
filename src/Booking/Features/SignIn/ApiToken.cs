using System.Security.Cryptography;
using System.Text;
using FabLab.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>A key for a program that speaks to the API. It acts under its own id, so the audit tells it from every person.</summary>
public sealed class ApiToken
{
    public const int MaxName = 80;

    /// <summary>How every token begins, so that one that leaked into a file is recognised.</summary>
    public const string Prefix = "fablab_";

    private const string Bearer = "Bearer ";

    public required PersonId Id { get; init; }

    /// <summary>What it is for, in the words of who made it.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the secret. The secret has 256 random bits, so a fast hash is enough.</summary>
    public required byte[] SecretHash { get; init; }

    public required Role Role { get; init; }

    /// <summary>Names of the only rights it has of its roles, between blanks; null for all of them.</summary>
    public string? Only { get; init; }

    public required Instant CreatedAt { get; init; }

    public required Instant ExpiresAt { get; init; }

    public Instant? RevokedAt { get; set; }

    /// <summary>To the hour; null when it never was.</summary>
    public Instant? LastUsedAt { get; set; }

    public static string NewSecret() => Prefix + WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Whether the request brings a token. Only the API takes tokens; pages are for browsers.</summary>
    public static bool IsOffered(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            && request.Headers.Authorization.ToString().StartsWith(Bearer + Prefix, StringComparison.Ordinal);
    }

    internal static string? Offered(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: <= 256 } header && header.StartsWith(Bearer + Prefix, StringComparison.Ordinal)
            ? header[Bearer.Length..].Trim()
            : null;
}
