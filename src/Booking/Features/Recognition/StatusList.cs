using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Recognition;

/// <summary>
/// The Bitstring Status List of the W3C: one bit a badge, set when it was taken back. All badges share one list that is fetched as a
/// whole, so nobody learns from it which badge was looked at.
/// </summary>
internal static class StatusList
{
    /// <summary>The least the specification allows: 16 KB of bits.</summary>
    public const int Places = 131_072;

    public static string AddressOf(string site) => $"{site}{OpenBadge.Path}/status";

    /// <summary>What a badge says of its place in the list.</summary>
    public static JsonObject EntryOf(string site, int place) => new()
    {
        ["id"] = FormattableString.Invariant($"{AddressOf(site)}#{place}"), ["type"] = "BitstringStatusListEntry", ["statusPurpose"] = "revocation",
        ["statusListIndex"] = place.ToString(System.Globalization.CultureInfo.InvariantCulture), ["statusListCredential"] = AddressOf(site),
    };

    /// <summary>The list as a credential of its own, to be signed.</summary>
    public static JsonObject Credential(string site, string place, IEnumerable<int> revoked, Instant now) => new()
    {
        ["@context"] = new JsonArray("https://www.w3.org/ns/credentials/v2"), ["id"] = AddressOf(site), ["type"] = new JsonArray("VerifiableCredential", "BitstringStatusListCredential"),
        ["issuer"] = OpenBadge.Issuer(site, place), ["validFrom"] = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss'Z'").Format(now),
        ["credentialSubject"] = new JsonObject { ["id"] = $"{AddressOf(site)}#list", ["type"] = "BitstringStatusList", ["statusPurpose"] = "revocation", ["encodedList"] = Encode(revoked) },
    };

    /// <summary>The bits, the first place in the highest bit of the first byte, compressed, in base64url with its mark before it.</summary>
    public static string Encode(IEnumerable<int> revoked)
    {
        var bits = new byte[Places / 8];
        foreach (var place in revoked)
            bits[place / 8] |= (byte)(0x80 >> (place % 8));
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zip.Write(bits);
        return "u" + Base64Url.EncodeToString(packed.ToArray());
    }
}
