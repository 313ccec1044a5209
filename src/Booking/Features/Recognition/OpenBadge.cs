using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Recognition;

/// <summary>What a badge says.</summary>
/// <param name="Site">Address of these pages, without a slash at its end: ids of the issuer, the skill and the keys begin with it.</param>
/// <param name="Place">Name of the lab.</param>
/// <param name="Id">The badge.</param>
/// <param name="Skill">The skill.</param>
/// <param name="NameFr">What the skill is called.</param>
/// <param name="Email">The address of who holds it, of which only a salted digest goes into the badge; null for none.</param>
/// <param name="At">When it was given, to the second.</param>
/// <param name="StatusPlace">Its place in the status list.</param>
internal sealed record BadgeFacts(string Site, string Place, Guid Id, Guid Skill, string NameFr, string? Email, Instant At, int StatusPlace);

/// <summary>
/// Open Badges 3.0: an OpenBadgeCredential of Verifiable Credentials 2.0, secured as a JSON Web Token with RS256, the algorithm that the
/// certification asks for. It carries no name; of a mail address it carries a salted digest, so that who knows the address can check it.
/// </summary>
internal static class OpenBadge
{
    /// <summary>The addresses under which everything of it stands.</summary>
    public const string Path = "/recognition";

    private static readonly InstantPattern Stamp = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss'Z'");

    /// <summary>The credential without its signature.</summary>
    /// <param name="facts">What it says.</param>
    /// <param name="holder">A random id of who holds it: another one in each badge, so that two badges of somebody cannot be put together.</param>
    /// <param name="salt">A random salt of the digest; used only where there is an address.</param>
    public static JsonObject Credential(BadgeFacts facts, Guid holder, string salt)
    {
        var root = facts.Site + Path;
        var subject = new JsonObject { ["id"] = $"urn:uuid:{holder}", ["type"] = new JsonArray("AchievementSubject"), ["achievement"] = Achievement(facts.Site, facts.Skill, facts.NameFr) };
        if (facts.Email is { Length: > 0 } email)
        {
            subject["identifier"] = new JsonArray(new JsonObject
            {
                ["type"] = "IdentityObject", ["hashed"] = true, ["identityHash"] = IdentityHash(email, salt), ["identityType"] = "emailAddress", ["salt"] = salt,
            });
        }
        return new JsonObject
        {
            ["@context"] = Contexts(), ["id"] = $"{root}/{facts.Id}", ["type"] = new JsonArray("VerifiableCredential", "OpenBadgeCredential"), ["name"] = facts.NameFr,
            ["issuer"] = Issuer(facts.Site, facts.Place), ["validFrom"] = Stamp.Format(facts.At), ["credentialSubject"] = subject, ["credentialStatus"] = StatusList.EntryOf(facts.Site, facts.StatusPlace),
        };
    }

    /// <summary>The profile of the lab.</summary>
    public static JsonObject Issuer(string site, string place) => new() { ["id"] = $"{site}{Path}/issuer", ["type"] = new JsonArray("Profile"), ["name"] = place, ["url"] = site };

    /// <summary>What is recognised.</summary>
    public static JsonObject Achievement(string site, Guid skill, string name) => new()
    {
        ["id"] = $"{site}{Path}/skills/{skill}", ["type"] = new JsonArray("Achievement"), ["achievementType"] = "Competency", ["inLanguage"] = "fr", ["name"] = name,
        ["description"] = $"Compétence : {name}.", ["criteria"] = new JsonObject { ["narrative"] = "Compétence montrée pendant une séance et validée par la personne qui l’encadre." },
    };

    public static JsonArray Contexts() => new("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json");

    /// <summary>As the specification says: SHA-256 of the address and the salt.</summary>
    public static string IdentityHash(string email, string salt) => "sha256$" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(email.Trim() + salt)));

    /// <summary>Signs a credential. Its id, issuer, subject and beginning stand in it once more under the names that tokens have for them.</summary>
    /// <param name="credential">The credential.</param>
    /// <param name="key">The key.</param>
    /// <param name="site">Where the key's public half is found.</param>
    public static string Sign(JsonObject credential, RecognitionKey key, string site)
    {
        var payload = credential.DeepClone().AsObject();
        payload["iss"] = credential["issuer"]!["id"]!.GetValue<string>();
        payload["jti"] = credential["id"]!.GetValue<string>();
        payload["sub"] = credential["credentialSubject"]!["id"]!.GetValue<string>();
        payload["nbf"] = Stamp.Parse(credential["validFrom"]!.GetValue<string>()).Value.ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyAddress(site, key.Id) };
        var signed = $"{Encode(header)}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string KeyAddress(string site, string key) => $"{site}{Path}/keys/{key}";

    /// <summary>Reads a token that was signed by one of these keys; null for every other text.</summary>
    /// <param name="token">Anything that was pasted.</param>
    /// <param name="keys">Finds a key by its id.</param>
    public static JsonElement? Read(string? token, Func<string, RecognitionKey?> keys)
    {
        string[] parts = (token ?? "").Trim().Split('.');
        if (parts.Length != 3 || token!.Length > 20_000)
            return null;
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
            // The algorithm is ours to choose and not the token's.
            if (header.RootElement.ValueKind != JsonValueKind.Object || !header.RootElement.TryGetProperty("alg", out var algorithm) || !algorithm.ValueEquals("RS256")
                || !header.RootElement.TryGetProperty("kid", out var kid) || kid.ValueKind != JsonValueKind.String || keys(kid.GetString()!.Split('/')[^1]) is not { } key
                || !key.Verifies(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2])))
            {
                return null;
            }
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            return payload.RootElement.ValueKind == JsonValueKind.Object ? payload.RootElement.Clone() : null;
        }
        catch (Exception fault) when (fault is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
