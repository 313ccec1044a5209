using System.Security.Cryptography;

namespace FabLab.Booking.Features.SignIn;

/// <summary>The short code beside a one-time link: eight signs that nobody confuses when they are read out or typed.</summary>
internal static class ShortCode
{
    private const int Length = 8;
    private const string Signs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    public static string New() => RandomNumberGenerator.GetString(Signs, Length);

    /// <summary>As it is shown: in two halves.</summary>
    public static string Shown(string code) => $"{code[..4]} {code[4..]}";

    /// <summary>What was typed, in capitals without blanks and dashes; null when it cannot be a code.</summary>
    public static string? Normal(string? typed)
    {
        if (typed is null or { Length: > 32 })
            return null;
        var code = string.Concat(typed.Where(char.IsLetterOrDigit)).ToUpperInvariant();
        return code.Length == Length && code.All(sign => Signs.Contains(sign, StringComparison.Ordinal)) ? code : null;
    }
}
