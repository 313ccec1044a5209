using FabLab.Core;
using FabLab.Kiosk.Door;
using FabLab.Kiosk.Pages;
using FabLab.Kiosk.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Kiosk;

/// <summary>The team's part: after a badge and a PIN, the evacuation list, who left, the counts of the day.</summary>
internal static class StaffPages
{
    private const int PinDigits = 6;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/staff/{token}", (string token, HttpContext http, Moments moments) =>
            moments.Find(token) is { Sure: true, Person.Pin: not null } ? http.Show<PinScreen>((nameof(PinScreen.Token), token)) : DoorPages.Over(http));
        routes.MapPost("/staff/{token}", async (string token, HttpContext http, Moments moments) =>
        {
            if (moments.Find(token) is not { Sure: true, Person.Pin: not null } moment)
                return DoorPages.Over(http);
            var (typed, done) = await DoorPages.KeysAsync(http);
            if (typed.Length < PinDigits && !done)
                return http.Show<PinScreen>((nameof(PinScreen.Token), token), (nameof(PinScreen.Typed), typed));
            return moments.Proves(moment, typed)
                ? DoorPages.SeeOther($"/staff/{token}/list")
                : http.Show<PinScreen>((nameof(PinScreen.Token), token), (nameof(PinScreen.Wrong), true));
        });
        routes.MapGet("/staff/{token}/list", (string token, HttpContext http, Moments moments, DoorMemory memory, KioskStore store) =>
        {
            if (moments.Find(token) is not { Staff: true })
                return DoorPages.Over(http);
            var (people, withoutName) = memory.Present();
            var corrected = Ids.TryParse<PersonId>(http.Request.Query["left"], out var left) ? ((PersonId, string?)?)(left, memory.Person(left)?.FirstName) : null;
            return http.Show<StaffScreen>(
                (nameof(StaffScreen.Token), token), (nameof(StaffScreen.People), Named(people, memory)), (nameof(StaffScreen.WithoutName), withoutName),
                (nameof(StaffScreen.Today), memory.Last?.Today), (nameof(StaffScreen.Waiting), store.Count), (nameof(StaffScreen.Cut), !memory.Reached),
                (nameof(StaffScreen.Corrected), corrected));
        });
        routes.MapPost("/staff/{token}/left", (string token, HttpContext http, Moments moments, DoorDesk desk) => CorrectAsync(token, here: false, http, moments, desk));
        routes.MapPost("/staff/{token}/back", (string token, HttpContext http, Moments moments, DoorDesk desk) => CorrectAsync(token, here: true, http, moments, desk));
    }

    private static async Task<IResult> CorrectAsync(string token, bool here, HttpContext http, Moments moments, DoorDesk desk)
    {
        if (moments.Find(token) is not { Staff: true } moment)
            return DoorPages.Over(http);
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (!Ids.TryParse<PersonId>(form["person"], out var person) || person == default)
            return DoorPages.SeeOther($"/staff/{token}/list");
        desk.Correct(moment, person, here);
        return DoorPages.SeeOther(here ? $"/staff/{token}/list" : $"/staff/{token}/list?left={person}");
    }

    private static IReadOnlyList<(PersonId Person, string? Name)> Named(IReadOnlyList<PersonId> people, DoorMemory memory) =>
        [.. people.Select(person => (person, memory.Person(person)?.FirstName)).OrderBy(one => one.FirstName is null).ThenBy(one => one.FirstName, StringComparer.CurrentCulture)];
}
