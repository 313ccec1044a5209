using System.Net;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Pages;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Tests.SignIn;

public sealed class GroupPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_group_is_made_filled_renamed_and_closed_and_each_step_has_its_undo()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);

        PageAnswer list = await staff.GetAsync("/groups", Cancel);
        Assert.Contains("Classe de 4e B", list.TextOf("tbody tr"), StringComparison.Ordinal);
        Assert.Contains("Marc Delmas", list.TextOf("tbody tr"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await staff.SubmitAsync(list, "form[action='/groups']", new Dictionary<string, string> { ["name"] = " " }, Cancel)).Status);
        PageAnswer group = await staff.FollowAsync(await staff.SubmitAsync(list, "form[action='/groups']", new Dictionary<string, string> { ["name"] = "Chantier jeunes" }, Cancel), Cancel);
        Assert.Equal("Chantier jeunes", group.TextOf("h1"));
        Guid id = await host.ReadAsync(db => db.PersonGroups.Where(g => g.Name == "Chantier jeunes").Select(g => g.Id).SingleAsync(Cancel));

        // A short code is one person; a part of a name may be several.
        group = await staff.FollowAsync(await FindAsync(group, "j03", "1"), Cancel);
        Assert.Contains("Lou est maintenant dans « Chantier jeunes »", group.Text, StringComparison.Ordinal);
        PageAnswer several = await FindAsync(group, "a", "2");
        Assert.Contains("Plusieurs personnes correspondent", several.Text, StringComparison.Ordinal);
        group = await staff.FollowAsync(await staff.SubmitAsync(several, $"form[action='/groups/{id}/place']:has(input[value='{lab.Marc}'])", null, Cancel), Cancel);
        Assert.Equal([(lab.Lou, GroupPart.Member), (lab.Marc, GroupPart.LooksAfter)], await PlacesAsync());
        Assert.Contains("Personne ne correspond", (await FindAsync(group, "nobody-such", "1")).TextOf("#q-error"), StringComparison.Ordinal);

        // Somebody who looks after it becomes a member, and back by the undo.
        group = await staff.FollowAsync(await FindAsync(group, "M02", "1"), Cancel);
        Assert.Equal([(lab.Lou, GroupPart.Member), (lab.Marc, GroupPart.Member)], await PlacesAsync());
        group = await staff.FollowAsync(await staff.SubmitAsync(group, ".notice form", null, Cancel), Cancel);
        Assert.Equal([(lab.Lou, GroupPart.Member), (lab.Marc, GroupPart.LooksAfter)], await PlacesAsync());

        group = await staff.FollowAsync(await staff.SubmitAsync(group, $"form[action='/groups/{id}/remove']:has(input[value='{lab.Lou}'])", null, Cancel), Cancel);
        Assert.Contains("Lou n’est plus dans", group.Text, StringComparison.Ordinal);
        group = await staff.FollowAsync(await staff.SubmitAsync(group, ".notice form", null, Cancel), Cancel);
        Assert.Equal(2, (await PlacesAsync()).Count);

        PageAnswer old = group;
        group = await staff.FollowAsync(await staff.SubmitAsync(group, $"details form[action='/groups/{id}/set']:has(#name)", new Dictionary<string, string> { ["name"] = "Chantier d’été" }, Cancel), Cancel);
        Assert.Equal("Chantier d’été", group.TextOf("h1"));
        Assert.Equal(HttpStatusCode.Conflict, (await staff.SubmitAsync(old, $"details form[action='/groups/{id}/set']:has(#name)", new Dictionary<string, string> { ["name"] = "Trop tard" }, Cancel)).Status);
        group = await staff.FollowAsync(await staff.SubmitAsync(group, $"details form[action='/groups/{id}/set']:has(input[name=closed])", null, Cancel), Cancel);
        Assert.Contains("Ce groupe est fermé", group.Text, StringComparison.Ordinal);
        group = await staff.FollowAsync(await staff.SubmitAsync(group, ".notice form", null, Cancel), Cancel);
        Assert.DoesNotContain("Ce groupe est fermé", group.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.GetAsync($"/groups/{Guid.NewGuid()}", Cancel)).Status);

        Task<PageAnswer> FindAsync(PageAnswer page, string words, string part) =>
            staff.SubmitAsync(page, $"form[action='/groups/{id}/find']", new Dictionary<string, string> { ["q"] = words, ["part"] = part }, Cancel);

        async Task<List<(PersonId, GroupPart)>> PlacesAsync() =>
            [.. (await host.ReadAsync(db => db.GroupPlaces.Where(p => p.GroupId == id).ToListAsync(Cancel))).Select(p => (p.PersonId, p.Part)).OrderBy(p => p.PersonId == lab.Lou ? 0 : 1)];
    }
}
