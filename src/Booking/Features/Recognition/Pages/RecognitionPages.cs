using System.Text;
using System.Text.Json.Nodes;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Recognition.Pages;

/// <summary>A validated skill of somebody, and its badge where there is one.</summary>
public sealed record BadgeLine(SkillId Skill, Words Name, GivenBadge? Badge);

/// <summary>What is known of a badge that somebody checks; nobody's name is in it.</summary>
/// <param name="Known">Whether this place gave it.</param>
/// <param name="Counts">Whether it was not taken back.</param>
/// <param name="Skill">For what.</param>
/// <param name="At">When it was given.</param>
public sealed record BadgeCheck(bool Known, bool Counts, Words? Skill, Instant? At);

/// <summary>Badges of a person, the sheet of paper, the page that checks one, and what verifiers elsewhere fetch.</summary>
internal static class RecognitionPages
{
    private const string Json = "application/json; charset=utf-8";
    private const string Jwt = "application/vc+jwt";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var seeing = routes.Pages(Right.SeePeople);
        seeing.MapGet("/people/{id:guid}/recognition", (Guid id, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) => PersonAsync(new PersonId(id), db, frame, cancellationToken));
        seeing.MapGet("/recognition/{id:guid}/badge.png", async (Guid id, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) =>
            await TheirsAsync(id, db, frame, cancellationToken) is { } badge ? Results.File(BadgePicture.Write(badge.Token), "image/png", $"badge-{id}.png") : Results.NotFound());
        seeing.MapGet("/recognition/{id:guid}/badge.jwt", async (Guid id, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) =>
            await TheirsAsync(id, db, frame, cancellationToken) is { } badge ? Results.File(Encoding.ASCII.GetBytes(badge.Token), Jwt, $"badge-{id}.jwt") : Results.NotFound());
        seeing.MapGet("/recognition/{id:guid}/paper", PaperAsync);

        var keeping = routes.Pages(Right.KeepProgrammes);
        keeping.MapPost("/people/{id:guid}/recognition", GiveAsync);
        keeping.MapPost("/recognition/revoke", ([FromForm] Guid? badge, HttpContext http, GiveBadge handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            SetAsync(badge, true, http, handler, notes, frame, cancellationToken));
        keeping.MapPost("/recognition/restore", ([FromForm] Guid? badge, HttpContext http, GiveBadge handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            SetAsync(badge, false, http, handler, notes, frame, cancellationToken));

        var lab = routes.Pages(Right.KeepLab);
        lab.MapGet("/recognition/keys", (RecognitionKeys keys) => Web.Pages.Show<KeysPage>((nameof(KeysPage.Keys), (IReadOnlyList<string>)[.. keys.All.Select(key => key.Id)])));
        lab.MapPost("/recognition/keys", async (HttpContext http, RecognitionKeys keys, BookingWriter writer, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
        {
            var made = keys.Rotate();
            await writer.WriteAsync(
                (write, _) =>
                {
                    write.Audit(frame.Viewer.Actor!.Id, "recognition.key_made", Guid.Empty, made.Id);
                    return Task.CompletedTask;
                },
                cancellationToken);
            notes.Leave(http, new DoneNote(RecognitionText.KeyMade.Words()));
            return Results.LocalRedirect("/recognition/keys");
        });

        var open = routes.Pages();
        open.MapGet("/recognition/verify", () => Web.Pages.Show<VerifyPage>());
        open.MapPost("/recognition/verify", async ([FromForm] string? token, BookingDbContext db, RecognitionKeys keys, CancellationToken cancellationToken) =>
            Web.Pages.Show<VerifyPage>((nameof(VerifyPage.Check), await CheckAsync(token, db, keys, cancellationToken))));
        open.MapGet("/recognition/{id:guid}", async (Guid id, BookingDbContext db, CancellationToken cancellationToken) =>
            await CheckAsync(id, db, cancellationToken) is var check && check.Known
                ? Web.Pages.Show<VerifyPage>((nameof(VerifyPage.Check), check))
                : Web.Pages.Show<VerifyPage>(404, (nameof(VerifyPage.Check), check)));

        // What verifiers elsewhere fetch: public, the same for everybody, and nobody's.
        routes.MapGet("/recognition/issuer", async (HttpContext http, BookingDbContext db, GiveBadge handler, CancellationToken cancellationToken) =>
        {
            var profile = OpenBadge.Issuer(handler.Site(http), await PlaceAsync(db, cancellationToken));
            profile["@context"] = OpenBadge.Contexts();
            return Results.Text(profile.ToJsonString(), Json);
        }).ExcludeFromDescription();
        routes.MapGet("/recognition/jwks.json", (HttpContext http, GiveBadge handler, RecognitionKeys keys) =>
            Results.Text(new JsonObject { ["keys"] = new JsonArray([.. keys.All.Select(key => (JsonNode)key.Public(handler.Site(http)))]) }.ToJsonString(), Json)).ExcludeFromDescription();
        routes.MapGet("/recognition/keys/{key}", (string key, HttpContext http, GiveBadge handler, RecognitionKeys keys) =>
            keys.Find(key) is { } known ? Results.Text(known.Public(handler.Site(http)).ToJsonString(), Json) : Results.NotFound()).ExcludeFromDescription();
        routes.MapGet("/recognition/skills/{id:guid}", async (Guid id, HttpContext http, BookingDbContext db, GiveBadge handler, CancellationToken cancellationToken) =>
            await db.Skills.SingleOrDefaultAsync(s => s.Id == new SkillId(id), cancellationToken) is { } skill
                ? Results.Text(OpenBadge.Achievement(handler.Site(http), id, skill.NameFr).ToJsonString(), Json)
                : Results.NotFound()).ExcludeFromDescription();
        routes.MapGet("/recognition/status", async (HttpContext http, BookingDbContext db, GiveBadge handler, RecognitionKeys keys, PageText text, CancellationToken cancellationToken) =>
        {
            // Fetched often and by anybody: nothing is made for it that is not there.
            if (keys.All.Count == 0)
                return Results.NotFound();
            http.Response.Headers.CacheControl = "public, max-age=60";
            var revoked = await db.GivenBadges.Where(b => b.RevokedAt != null).Select(b => b.StatusPlace).ToListAsync(cancellationToken);
            var site = handler.Site(http);
            return Results.Text(OpenBadge.Sign(StatusList.Credential(site, await PlaceAsync(db, cancellationToken), revoked, text.Now), keys.Current, site), Jwt);
        }).ExcludeFromDescription();
    }

    private static async Task<string> PlaceAsync(BookingDbContext db, CancellationToken cancellationToken) =>
        (await db.Sites.SingleOrDefaultAsync(cancellationToken))?.Rule.Name is { Length: > 0 } name ? name : "FabLab";

    private static async Task<IResult> PersonAsync(PersonId id, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken)
    {
        if (!frame.Viewer.MaySee(id) || await db.People.Where(p => p.Id == id).Select(p => p.DisplayName ?? p.ShortCode).SingleOrDefaultAsync(cancellationToken) is not { } name)
            return Results.NotFound();
        var badges = (await db.GivenBadges.Where(b => b.PersonId == id).OrderByDescending(b => b.GivenAt).ToListAsync(cancellationToken)).ToLookup(b => b.SkillId);
        var validated = await db.SessionSkills.Where(s => s.PersonId == id && s.Mark == SkillMark.Validated).Select(s => s.SkillId).Distinct().ToListAsync(cancellationToken);
        List<SkillId> wanted = [.. validated.Union(badges.Select(group => group.Key))];
        var skills = await db.Skills.Where(s => wanted.Contains(s.Id)).OrderBy(s => s.NameFr).ToListAsync(cancellationToken);
        var lines = new List<BadgeLine>();
        foreach (var skill in skills)
        {
            foreach (var badge in badges[skill.Id])
                lines.Add(new BadgeLine(skill.Id, WordsOf(skill), badge));
            if (validated.Contains(skill.Id) && badges[skill.Id].All(badge => badge.RevokedAt is not null))
                lines.Add(new BadgeLine(skill.Id, WordsOf(skill), null));
        }
        return Web.Pages.Show<BadgesOfPage>((nameof(BadgesOfPage.Person), id), (nameof(BadgesOfPage.Name), name), (nameof(BadgesOfPage.Lines), lines));
    }

    private static async Task<IResult> PaperAsync(Guid id, HttpContext http, BookingDbContext db, GiveBadge handler, PageFrame frame, CancellationToken cancellationToken)
    {
        if (await TheirsAsync(id, db, frame, cancellationToken) is not { PersonId: { } person } badge)
            return Results.NotFound();
        var skill = await db.Skills.SingleAsync(s => s.Id == badge.SkillId, cancellationToken);
        return Web.Pages.Show<PaperPage>(
            (nameof(PaperPage.Badge), badge), (nameof(PaperPage.Skill), WordsOf(skill)), (nameof(PaperPage.Address), $"{handler.Site(http)}{OpenBadge.Path}/{id}"),
            (nameof(PaperPage.Name), await db.People.Where(p => p.Id == person).Select(p => p.DisplayName ?? p.ShortCode).SingleAsync(cancellationToken)));
    }

    private static async Task<IResult> GiveAsync(Guid id, [FromForm] string? skill, HttpContext http, GiveBadge handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var outcome = await handler.GiveAsync(new PersonId(id), Ids.TryParse(skill, out SkillId known) ? known : default, handler.Site(http), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        notes.Leave(http, new DoneNote(RecognitionText.Given.Words(), "/recognition/revoke", new Dictionary<string, string> { ["badge"] = $"{outcome.Value.Id}" }));
        return Results.LocalRedirect($"/people/{id}/recognition");
    }

    private static async Task<IResult> SetAsync(Guid? badge, bool revoked, HttpContext http, GiveBadge handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var outcome = await handler.SetAsync(badge ?? Guid.Empty, revoked, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        notes.Leave(http, new DoneNote(
            (revoked ? RecognitionText.Revoked : RecognitionText.Restored).Words(), revoked ? "/recognition/restore" : "/recognition/revoke", new Dictionary<string, string> { ["badge"] = $"{outcome.Value.Id}" }));
        return Results.LocalRedirect(outcome.Value.Person is { } person ? $"/people/{person}/recognition" : "/people");
    }

    /// <summary>A badge of somebody the viewer may see.</summary>
    private static async Task<GivenBadge?> TheirsAsync(Guid id, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) =>
        await db.GivenBadges.SingleOrDefaultAsync(b => b.Id == id, cancellationToken) is { PersonId: { } person } badge && frame.Viewer.MaySee(person) ? badge : null;

    private static async Task<BadgeCheck> CheckAsync(string? token, BookingDbContext db, RecognitionKeys keys, CancellationToken cancellationToken) =>
        OpenBadge.Read(token, keys.Find) is { } credential && credential.TryGetProperty("jti", out var id) && Guid.TryParse(id.GetString()?.Split('/')[^1], out Guid badge)
            ? await CheckAsync(badge, db, cancellationToken)
            : new BadgeCheck(false, false, null, null);

    private static async Task<BadgeCheck> CheckAsync(Guid id, BookingDbContext db, CancellationToken cancellationToken) =>
        await db.GivenBadges.SingleOrDefaultAsync(b => b.Id == id, cancellationToken) is { } badge
            ? new BadgeCheck(true, badge.RevokedAt is null, WordsOf(await db.Skills.SingleAsync(s => s.Id == badge.SkillId, cancellationToken)), badge.GivenAt)
            : new BadgeCheck(false, false, null, null);

    private static Words WordsOf(Skill skill) => new(skill.NameFr, skill.NameEn.Length > 0 ? skill.NameEn : skill.NameFr);
}
