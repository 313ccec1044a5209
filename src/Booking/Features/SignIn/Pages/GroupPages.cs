using System.Globalization;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.SignIn.Pages;

/// <summary>Who belongs together and who looks after whom. Each change has its undo; nothing is asked twice.</summary>
internal static class GroupPages
{
    public static void Map(RouteGroupBuilder keepers)
    {
        keepers.MapGet("/groups", (GroupQueries groups, CancellationToken cancellationToken) => ListAsync(200, null, null, groups, cancellationToken));
        keepers.MapPost("/groups", MakeAsync);
        keepers.MapGet("/groups/{id:guid}", (Guid id, GroupQueries groups, CancellationToken cancellationToken) => ShowAsync(200, id, null, null, groups, cancellationToken));
        keepers.MapPost("/groups/{id:guid}/find", FindAsync);
        keepers.MapPost("/groups/{id:guid}/place", PlaceAsync);
        keepers.MapPost("/groups/{id:guid}/remove", RemoveAsync);
        keepers.MapPost("/groups/{id:guid}/set", SetAsync);
    }

    private static async Task<IResult> MakeAsync(
        [FromForm] string? name, HttpContext http, SetGroup handler, DoneNotes notes, GroupQueries groups, PageFrame frame, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        var outcome = await handler.HandleAsync(id, new GroupToBe(0, name, [], []), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ListAsync(refusal.Status, name, GroupText.NameWrong, groups, cancellationToken);
        notes.Leave(http, new DoneNote(GroupText.Made.Words(name!.Trim())));
        return Results.LocalRedirect($"/groups/{id}");
    }

    private static async Task<IResult> FindAsync(
        Guid id, [FromForm] string? q, [FromForm] string? part, HttpContext http, SetGroup handler, DoneNotes notes, GroupQueries groups, PeopleQueries people, PageFrame frame,
        CancellationToken cancellationToken)
    {
        if (await groups.OneAsync(id, cancellationToken) is not { } sheet)
            return Results.NotFound();
        string words = q?.Trim() ?? "";
        var found = words.Length == 0 ? [] : (await people.FindAsync(frame.Viewer, words, cancellationToken)).Where(p => p.Active).ToList();
        var exact = found.Where(p => string.Equals(p.Code, words, StringComparison.OrdinalIgnoreCase)).ToList();
        // One that can be meant is added at once; several are shown.
        return (exact.Count == 1 ? exact : found) is [var only]
            ? await ChangeAsync(sheet, only.Id, PartOf(part), http, handler, notes, groups, frame, cancellationToken)
            : await ShowAsync(200, id, null, new GroupSearch(words, PartOf(part), [.. found.Take(20)]), groups, cancellationToken);
    }

    private static async Task<IResult> PlaceAsync(
        Guid id, [FromForm] string? person, [FromForm] string? part, HttpContext http, SetGroup handler, DoneNotes notes, GroupQueries groups, PageFrame frame, CancellationToken cancellationToken) =>
        await groups.OneAsync(id, cancellationToken) is { } sheet && Ids.TryParse(person, out PersonId who)
            ? await ChangeAsync(sheet, who, PartOf(part), http, handler, notes, groups, frame, cancellationToken)
            : Results.NotFound();

    private static async Task<IResult> RemoveAsync(
        Guid id, [FromForm] string? person, HttpContext http, SetGroup handler, DoneNotes notes, GroupQueries groups, PageFrame frame, CancellationToken cancellationToken) =>
        await groups.OneAsync(id, cancellationToken) is { } sheet && Ids.TryParse(person, out PersonId who)
            ? await ChangeAsync(sheet, who, null, http, handler, notes, groups, frame, cancellationToken)
            : Results.NotFound();

    /// <summary>Gives somebody a place, another one, or none. A second click finds it done.</summary>
    private static async Task<IResult> ChangeAsync(
        GroupSheet sheet, PersonId person, GroupPart? part, HttpContext http, SetGroup handler, DoneNotes notes, GroupQueries groups, PageFrame frame, CancellationToken cancellationToken)
    {
        Guid id = sheet.Group.Id;
        GroupPerson? before = sheet.People.SingleOrDefault(p => p.Id == person);
        if (before?.Part != part)
        {
            var others = sheet.People.Where(p => p.Id != person).Select(p => (p.Id, p.Part));
            var all = part is { } asked ? others.Append((person, asked)) : others;
            var places = all.ToLookup(p => p.Item2, p => p.Item1);
            var outcome = await handler.HandleAsync(
                id, new GroupToBe(sheet.Group.Version, sheet.Group.Name, [.. places[GroupPart.Member]], [.. places[GroupPart.LooksAfter]], sheet.Group.Closed), frame.Viewer.Actor!, cancellationToken);
            if (outcome.Refusal is { } refusal)
                return await ShowAsync(refusal.Status, id, ProblemOf(refusal), null, groups, cancellationToken);
        }
        GroupPerson? after = before ?? (await groups.OneAsync(id, cancellationToken))?.People.SingleOrDefault(p => p.Id == person);
        string name = after?.Name ?? after?.Code ?? "";
        var fields = new Dictionary<string, string> { ["person"] = person.ToString() };
        if (before is not null)
            fields["part"] = ((int)before.Part).ToString(CultureInfo.InvariantCulture);
        notes.Leave(http, new DoneNote(
            (part is null ? GroupText.Removed : GroupText.Added).Words(name, sheet.Group.Name), $"/groups/{id}/{(before is null ? "remove" : "place")}", fields));
        return Results.LocalRedirect($"/groups/{id}");
    }

    private static async Task<IResult> SetAsync(
        Guid id, [FromForm] string? name, [FromForm] bool? closed, [FromForm] long? version, HttpContext http, SetGroup handler, DoneNotes notes, GroupQueries groups, PageFrame frame,
        CancellationToken cancellationToken)
    {
        if (await groups.OneAsync(id, cancellationToken) is not { } sheet)
            return Results.NotFound();
        (string before, bool wasClosed) = (sheet.Group.Name, sheet.Group.Closed);
        // The undo carries no version: it takes back what the page has just told of.
        var outcome = await handler.HandleAsync(
            id, new GroupToBe(
                version ?? sheet.Group.Version, name ?? before, [.. sheet.Of(GroupPart.Member).Select(p => p.Id)], [.. sheet.Of(GroupPart.LooksAfter).Select(p => p.Id)], closed ?? wasClosed),
            frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, id, ProblemOf(refusal), null, groups, cancellationToken);
        string now = (name ?? before).Trim();
        Words done = closed is { } shut && shut != wasClosed ? (shut ? GroupText.ClosedNow : GroupText.OpenNow).Words(now) : GroupText.Renamed.Words(now);
        notes.Leave(http, new DoneNote(done, $"/groups/{id}/set", new Dictionary<string, string> { ["name"] = before, ["closed"] = wasClosed ? "true" : "false" }));
        return Results.LocalRedirect($"/groups/{id}");
    }

    private static GroupPart PartOf(string? text) => text is "2" ? GroupPart.LooksAfter : GroupPart.Member;

    private static Phrase ProblemOf(Refusal refusal) => refusal.Code == ProblemCodes.Stale ? GroupText.Changed : refusal.Field == "members" ? GroupText.TooMany : GroupText.NameWrong;

    private static async Task<IResult> ListAsync(int status, string? name, Phrase? error, GroupQueries groups, CancellationToken cancellationToken) =>
        Web.Pages.Show<GroupsPage>(
            status, (nameof(GroupsPage.Groups), await groups.AllAsync(cancellationToken)), (nameof(GroupsPage.Name), name), (nameof(GroupsPage.Error), error));

    private static async Task<IResult> ShowAsync(int status, Guid id, Phrase? problem, GroupSearch? search, GroupQueries groups, CancellationToken cancellationToken) =>
        await groups.OneAsync(id, cancellationToken) is { } sheet
            ? Web.Pages.Show<GroupPage>(status, (nameof(GroupPage.Sheet), sheet), (nameof(GroupPage.Problem), problem), (nameof(GroupPage.Search), search))
            : Results.NotFound();
}
