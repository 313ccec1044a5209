using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FabLab.Booking.Features;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Recognition;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Tests.Recognition;

/// <summary>A badge that the lab gives: what stands in it, who can check it, and that it says nobody's name.</summary>
public sealed class RecognitionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_badge_has_every_field_that_the_schema_of_open_badges_requires()
    {
        var facts = new BadgeFacts("https://lab.example", "Le Lab", Guid.NewGuid(), Guid.NewGuid(), "Dessiner pour le laser", "ines@example.org", Instant.FromUtc(2026, 3, 11, 14, 0), 77);
        using var document = JsonDocument.Parse(OpenBadge.Credential(facts, Guid.NewGuid(), "5a17").ToJsonString());
        var credential = document.RootElement;

        Assert.Equal(["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"], Texts(credential.GetProperty("@context")));
        Assert.Equal(["VerifiableCredential", "OpenBadgeCredential"], Texts(credential.GetProperty("type")));
        Assert.Equal(($"https://lab.example/recognition/{facts.Id}", "2026-03-11T14:00:00Z"), (Text(credential, "id"), Text(credential, "validFrom")));
        var issuer = credential.GetProperty("issuer");
        Assert.Equal(("https://lab.example/recognition/issuer", "Le Lab"), (Text(issuer, "id"), Text(issuer, "name")));
        Assert.Equal(["Profile"], Texts(issuer.GetProperty("type")));
        var subject = credential.GetProperty("credentialSubject");
        Assert.Equal(["AchievementSubject"], Texts(subject.GetProperty("type")));
        Assert.StartsWith("urn:uuid:", Text(subject, "id"), StringComparison.Ordinal);
        var achievement = subject.GetProperty("achievement");
        Assert.Equal(["Achievement"], Texts(achievement.GetProperty("type")));
        Assert.All(new[] { Text(achievement, "id"), Text(achievement, "name"), Text(achievement, "description"), Text(achievement.GetProperty("criteria"), "narrative") }, text => Assert.NotEmpty(text));
        var identity = Assert.Single(subject.GetProperty("identifier").EnumerateArray());
        Assert.True(identity.GetProperty("hashed").GetBoolean());
        Assert.Equal(("IdentityObject", "emailAddress", "5a17"), (Text(identity, "type"), Text(identity, "identityType"), Text(identity, "salt")));
        Assert.Equal("sha256$" + Convert.ToHexStringLower(SHA256.HashData("ines@example.org5a17"u8)), Text(identity, "identityHash"));
        var status = credential.GetProperty("credentialStatus");
        Assert.Equal(("BitstringStatusListEntry", "revocation", "77", "https://lab.example/recognition/status"), (Text(status, "type"), Text(status, "statusPurpose"), Text(status, "statusListIndex"), Text(status, "statusListCredential")));
        Assert.DoesNotContain("ines@example.org", credential.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_of_what_was_taken_back_has_one_bit_a_badge_from_the_left()
    {
        var list = StatusList.Encode([0, 9, StatusList.Places - 1]);

        using var unpacked = new MemoryStream();
        using (var zip = new GZipStream(new MemoryStream(Base64Url.DecodeFromChars(list.AsSpan(1))), CompressionMode.Decompress))
            zip.CopyTo(unpacked);
        var bits = unpacked.ToArray();

        Assert.Equal(('u', 16 * 1024), (list[0], bits.Length));
        Assert.Equal((0x80, 0x40, 0x01), ((int)bits[0], (int)bits[1], (int)bits[^1]));
        Assert.Equal(3, bits.Sum(one => int.PopCount(one)));
    }

    [Fact]
    public async Task Somebody_takes_a_badge_away_whoever_gets_it_checks_it_and_the_lab_takes_it_back()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        await host.Writer.WriteAsync(async (write, cancel) => await write.Db.GivenBadges.ExecuteDeleteAsync(cancel), Cancel);
        var member = lab.People[Role.Member];
        var (skill, other) = (SkillId.New(host.Time.Now), SkillId.New(host.Time.Now));
        await host.WriteAsync(write =>
        {
            write.Db.Skills.Add(new Skill { Id = skill, NameFr = "Dessiner pour le laser", NameEn = "Draw for the laser", Version = 1 });
            write.Db.Skills.Add(new Skill { Id = other, NameFr = "Souder", NameEn = "Solder", Version = 1 });
            write.Db.SessionSkills.Add(new SessionSkill { SessionId = new GroupSessionId(lab.People[Role.Mentor].Value), PersonId = member, SkillId = skill, Mark = SkillMark.Validated, By = lab.People[Role.Mentor], At = write.Now });
            write.Db.SessionSkills.Add(new SessionSkill { SessionId = new GroupSessionId(lab.People[Role.Mentor].Value), PersonId = member, SkillId = other, Mark = SkillMark.Worked, By = lab.People[Role.Mentor], At = write.Now });
        });
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));
        using var own = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Member));
        using var nobody = host.Browser();
        await BookingHost.TakeTokenAsync(nobody);

        // Only what was validated, and once.
        using var notYet = await PostAsync(desk, $"/people/{member}/recognition", new() { ["skill"] = $"{other}" });
        using var given = await PostAsync(desk, $"/people/{member}/recognition", new() { ["skill"] = $"{skill}" });
        using var twice = await PostAsync(desk, $"/people/{member}/recognition", new() { ["skill"] = $"{skill}" });
        var badge = Assert.Single(await host.ReadAsync(db => db.GivenBadges.ToListAsync(Cancel)));
        Assert.Equal([HttpStatusCode.Conflict, HttpStatusCode.Redirect, HttpStatusCode.Redirect], [notYet.StatusCode, given.StatusCode, twice.StatusCode]);

        // Theirs to take away: the text, and a picture with the text in it. Nobody else's.
        var token = await own.GetStringAsync($"/recognition/{badge.Id}/badge.jwt", Cancel);
        Assert.Equal(token, TextChunk(await own.GetByteArrayAsync($"/recognition/{badge.Id}/badge.png", Cancel)));
        using var refused = await nobody.GetAsync($"/recognition/{badge.Id}/badge.jwt", Cancel);
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
        Assert.Contains($"/recognition/{badge.Id}", (await PageAsync(own, $"/recognition/{badge.Id}/paper")).QuerySelector("main .hash")!.TextContent, StringComparison.Ordinal);

        // Checked by somebody who has nothing but the public key, as the header names it.
        string[] parts = token.Split('.');
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        var key = await nobody.GetStringAsync(new Uri(Text(header.RootElement, "kid")).AbsolutePath, Cancel);
        Assert.True(Verifies(key, $"{parts[0]}.{parts[1]}", parts[2]));
        Assert.Equal(("RS256", Text(payload.RootElement, "id"), Text(payload.RootElement.GetProperty("issuer"), "id")), (Text(header.RootElement, "alg"), Text(payload.RootElement, "jti"), Text(payload.RootElement, "iss")));
        Assert.Equal((Text(payload.RootElement.GetProperty("credentialSubject"), "id"), host.Time.Now.ToUnixTimeSeconds()), (Text(payload.RootElement, "sub"), payload.RootElement.GetProperty("nbf").GetInt64()));
        var keys = await nobody.GetStringAsync("/recognition/jwks.json", Cancel);
        Assert.All(new[] { "\"d\"", "\"p\"", "\"q\"", "\"dp\"" }, part => Assert.DoesNotContain(part, keys, StringComparison.Ordinal));
        // And by an implementation that is not ours.
        using var elsewhere = await CheckElsewhereAsync(token, keys, key, host.Time.Now);
        Assert.Equal(Text(header.RootElement, "kid"), Text(elsewhere.RootElement.GetProperty("header"), "kid"));
        RequiresTheFieldsOfOpenBadges(elsewhere.RootElement.GetProperty("payload"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(host.Folder, "recognition.key")));
        // Nobody is in it.
        var person = await host.ReadAsync(db => db.People.SingleAsync(p => p.Id == member, Cancel));
        var said = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        Assert.All(new[] { person.DisplayName!, member.ToString() }, name => Assert.DoesNotContain(name, said, StringComparison.OrdinalIgnoreCase));

        // The page says so too, to anybody, and of another text that it is not known.
        Assert.Equal("Ce badge compte", await VerdictAsync(nobody, token));
        var link = await PageAsync(nobody, $"/recognition/{badge.Id}");
        Assert.Equal("Ce badge compte", Verdict(link));
        Assert.DoesNotContain(person.DisplayName!, link.DocumentElement.TextContent, StringComparison.Ordinal);
        using var mine = RSA.Create(2048);
        var none = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{{\"alg\":\"none\",\"kid\":\"{Text(header.RootElement, "kid")}\"}}"))}.{parts[1]}.";
        var altered = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(said.Replace("laser", "tour", StringComparison.Ordinal)))}.{parts[2]}";
        var forged = $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(mine.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
        foreach (var wrong in new[] { altered, none, forged, "abc", "a.b.c", token + ".x", "" })
            Assert.Equal("Ce badge n’est pas connu ici", await VerdictAsync(nobody, wrong));

        // Another key signs from now on; what the old one signed is still known.
        using var rotated = await PostAsync(manager, "/recognition/keys", []);
        Assert.Equal(2, (await PageAsync(manager, "/recognition/keys")).QuerySelectorAll("#keys li").Length);
        Assert.Equal("Ce badge compte", await VerdictAsync(nobody, token));
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path.Combine(host.Folder, "recognition.key"), Cancel)).Length);

        // Taken back: on the page, and in the list that verifiers elsewhere fetch, signed with the new key.
        Assert.False(await RevokedAsync(nobody, badge.StatusPlace));
        using var revoked = await PostAsync(desk, "/recognition/revoke", new() { ["badge"] = $"{badge.Id}" });
        Assert.Equal("Ce badge a été retiré", await VerdictAsync(nobody, token));
        Assert.True(await RevokedAsync(nobody, badge.StatusPlace));
        using var restored = await PostAsync(desk, "/recognition/restore", new() { ["badge"] = $"{badge.Id}" });
        Assert.Equal("Ce badge compte", await VerdictAsync(nobody, token));

        // Who goes leaves nothing but that it was given; the badge in their hands stays what it is.
        Assert.True((await host.Services.GetRequiredService<ErasePerson>().HandleAsync(member, new ErasureRequest(person.ShortCode), new StaffActor(lab.People[Role.Manager], Role.Manager), Cancel)).Done);
        var left = await host.ReadAsync(db => db.GivenBadges.SingleAsync(Cancel));
        Assert.Null(left.PersonId);
        Assert.Empty(left.Token);
        Assert.Equal("Ce badge compte", await VerdictAsync(nobody, token));
    }

    /// <summary>What `jose` reads in a badge with the published keys; it throws where that does not verify.</summary>
    private static async Task<JsonDocument> CheckElsewhereAsync(string token, string keys, string key, Instant at)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Script()]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await node.StandardInput.WriteAsync($$"""{"token":"{{token}}","list":{{keys}},"key":{{key}},"at":"{{InstantPattern.General.Format(at)}}"}""");
        node.StandardInput.Close();
        var (said, fault) = (node.StandardOutput.ReadToEndAsync(Cancel), node.StandardError.ReadToEndAsync(Cancel));
        await node.WaitForExitAsync(Cancel);
        Assert.True(node.ExitCode == 0, await fault);
        return JsonDocument.Parse(await said);

        // Where it lies in the sources, since node looks for `jose` from there.
        static string Script()
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "FabLab.sln")))
                folder = folder.Parent ?? throw new InvalidOperationException("The tests are not inside the repository.");
            return Path.Combine(folder.FullName, "tests", "Booking.Tests", "Recognition", "check-badge.mjs");
        }
    }

    /// <summary>The members that Open Badges 3.0 requires, in the types it requires, besides those asserted above.</summary>
    private static void RequiresTheFieldsOfOpenBadges(JsonElement credential)
    {
        Assert.Equal("https://www.w3.org/ns/credentials/v2", Texts(credential.GetProperty("@context"))[0]);
        Assert.Superset(new HashSet<string> { "VerifiableCredential", "OpenBadgeCredential" }, Texts(credential.GetProperty("type")).ToHashSet());
        Assert.True(OffsetDateTimePattern.ExtendedIso.Parse(Text(credential, "validFrom")).Success);
        Assert.Contains("Profile", Texts(credential.GetProperty("issuer").GetProperty("type")));
        var subject = credential.GetProperty("credentialSubject");
        Assert.Contains("AchievementSubject", Texts(subject.GetProperty("type")));
        var achievement = subject.GetProperty("achievement");
        Assert.Contains("Achievement", Texts(achievement.GetProperty("type")));
        Assert.NotEmpty(Text(achievement.GetProperty("criteria"), "narrative"));
        foreach (var id in new[] { Text(credential, "id"), Text(credential.GetProperty("issuer"), "id"), Text(subject, "id"), Text(achievement, "id"), Text(credential.GetProperty("credentialStatus"), "statusListCredential") })
            Assert.True(Uri.IsWellFormedUriString(id, UriKind.Absolute), id);
        Assert.All(new[] { Text(credential, "name"), Text(achievement, "name"), Text(achievement, "description") }, text => Assert.NotEmpty(text));
    }

    private static async Task<bool> RevokedAsync(HttpClient browser, int place)
    {
        string[] parts = (await browser.GetStringAsync("/recognition/status", Cancel)).Split('.');
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
        Assert.True(Verifies(await browser.GetStringAsync(new Uri(Text(header.RootElement, "kid")).AbsolutePath, Cancel), $"{parts[0]}.{parts[1]}", parts[2]));
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        using var unpacked = new MemoryStream();
        await using (var zip = new GZipStream(new MemoryStream(Base64Url.DecodeFromChars(Text(payload.RootElement.GetProperty("credentialSubject"), "encodedList").AsSpan(1))), CompressionMode.Decompress))
            await zip.CopyToAsync(unpacked, Cancel);
        return (unpacked.ToArray()[place / 8] & (0x80 >> (place % 8))) != 0;
    }

    /// <summary>RS256 with a JSON Web Key, without the product's code.</summary>
    private static bool Verifies(string key, string signed, string signature)
    {
        using var document = JsonDocument.Parse(key);
        using var rsa = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars(Text(document.RootElement, "n")), Exponent = Base64Url.DecodeFromChars(Text(document.RootElement, "e")) });
        return rsa.VerifyData(Encoding.ASCII.GetBytes(signed), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    /// <summary>What the text chunk of a PNG says; every chunk's length is walked, so a broken one fails.</summary>
    private static string? TextChunk(byte[] png)
    {
        string? text = null;
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var type = Encoding.ASCII.GetString(png, at + 4, 4);
            if (type == "iTXt" && Encoding.Latin1.GetString(png, at + 8, 19) == "openbadgecredential")
                text = Encoding.UTF8.GetString(png, at + 8 + 24, length - 24);
            at += 12 + length;
            Assert.Equal(type == "IEND", at == png.Length);
        }
        return text;
    }

    private static async Task<string> VerdictAsync(HttpClient browser, string token)
    {
        using var answer = await PostAsync(browser, "/recognition/verify", new() { ["token"] = token });
        return Verdict(await new HtmlParser().ParseDocumentAsync(await answer.Content.ReadAsStringAsync(Cancel), Cancel));
    }

    private static string Verdict(IHtmlDocument page) => new[] { "Ce badge compte", "Ce badge a été retiré", "Ce badge n’est pas connu ici" }.Single(words => page.QuerySelector(".notice")!.TextContent.Contains(words, StringComparison.Ordinal));

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(one => one.GetString()!)];

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, Dictionary<string, string> form) => browser.PostAsync(path, new FormUrlEncodedContent(form), Cancel);

    private static async Task<IHtmlDocument> PageAsync(HttpClient browser, string path) => await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync(path, Cancel), Cancel);
}
