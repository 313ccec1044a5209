using System.Globalization;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>Rooms, desks, kits and pools.</summary>
internal static class ResourcesPages
{
    private const string Address = "/resources";

    public static void Map(RouteGroupBuilder keeping)
    {
        keeping.MapGet(Address, async (HoursQueries hours, CancellationToken cancellationToken) => Show(200, await hours.ResourcesAsync(cancellationToken)));
        keeping.MapPost(Address, SaveAsync);
        keeping.MapPost($"{Address}/room", PlaceAsync);
        keeping.MapPost($"{Address}/pool", PoolAsync);
    }

    private static async Task<IResult> SaveAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetResource handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        MachineId id = Ids.TryParse(form["id"], out MachineId known) ? known : new MachineId(Guid.CreateVersion7());
        string name = Ids.TryParse(form["id"], out MachineId _) ? id.ToString() : "new";
        ResourcesSheet sheet = (await hours.ResourcesAsync(cancellationToken)) with { Entered = Entered(form, "kind", "code", "nameFr", "nameEn", "capacity", "setUp", "room") };
        if (!Number(form["capacity"], out int? capacity))
            return Show(400, sheet with { Fault = (name, "capacity", ResourcesText.BadPlaces) });
        if (!Number(form["setUp"], out int? setUp))
            return Show(400, sheet with { Fault = (name, "setUp", ResourcesText.BadSetUp) });
        Outcome<Changed> outcome = await handler.HandleAsync(
            id,
            new ResourceToBe(
                HoursForm.Choice(form, "kind", ResourceKind.Room), form["code"], form["nameFr"], form["nameEn"], capacity, setUp,
                Ids.TryParse(form["room"], out MachineId room) ? room : null, name == "new" ? 0 : HoursForm.Version(form), form.ContainsKey("retired")),
            frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return Show(refusal.Status, (refusal.Code, refusal.Field) switch
            {
                ("code_taken", _) => sheet with { Fault = (name, "code", ResourcesText.CodeTaken) },
                ("still_booked", _) => sheet with { Fault = (name, "retired", ResourcesText.StillBooked) },
                ("room_in_use", _) => sheet with { Fault = (name, "retired", ResourcesText.RoomInUse) },
                (_, "code") => sheet with { Fault = (name, "code", ResourcesText.BadCode) },
                (_, "nameFr" or "nameEn") => sheet with { Fault = (name, refusal.Field!, ResourcesText.BadName) },
                (_, "capacity") => sheet with { Fault = (name, "capacity", ResourcesText.BadPlaces) },
                (_, "setUpMinutes") => sheet with { Fault = (name, "setUp", ResourcesText.BadSetUp) },
                (_, "room") => sheet with { Fault = (name, "room", ResourcesText.BadRoom) },
                (ProblemCodes.Stale, _) => sheet with { Problem = ResourcesText.Stale },
                _ => sheet with { Problem = WebText.NotDone },
            });
        }

        notes.Leave(http, new DoneNote(ResourcesText.Saved.Words(form["code"].ToString().Trim().ToUpperInvariant())));
        return Results.LocalRedirect(Address);
    }

    private static async Task<IResult> PlaceAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetResource handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        ResourcesSheet sheet = await hours.ResourcesAsync(cancellationToken);
        if (!Ids.TryParse(form["machine"], out MachineId id) || sheet.Machines.FirstOrDefault(line => line.Id == id) is not { } machine)
            return Results.NotFound();
        MachineId? room = Ids.TryParse(form["room"], out MachineId into) ? into : null;
        Outcome<Changed> outcome = await handler.PlaceAsync(id, new MachinePlace(room, HoursForm.Version(form)), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Show(refusal.Status, sheet with { Problem = refusal.Code == ProblemCodes.Stale ? ResourcesText.Stale : WebText.NotDone });
        Words where = sheet.Things.FirstOrDefault(line => line.Id == room) is { } found ? new Words(found.NameFr, found.NameEn) : HoursForm.Both(ResourcesText.NoRoom);
        notes.Leave(http, new DoneNote(
            HoursPages.Filled(ResourcesText.PlacedIn, new Words(machine.Code, machine.Code), where), $"{Address}/room",
            new Dictionary<string, string>
            {
                ["machine"] = id.ToString(), ["room"] = machine.Room?.ToString() ?? "", ["version"] = outcome.Value.Version.ToString(CultureInfo.InvariantCulture),
            }));
        return Results.LocalRedirect(Address);
    }

    private static async Task<IResult> PoolAsync(
        IFormCollection form, HttpContext http, HoursQueries hours, SetPool handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        ResourcesSheet sheet = (await hours.ResourcesAsync(cancellationToken)) with { Entered = Entered(form, "nameFr", "nameEn") };
        bool known = Ids.TryParse(form["id"], out PoolId id);
        if (!known)
            id = new PoolId(Guid.CreateVersion7());
        string name = known ? id.ToString() : "pool";
        List<MachineId> machines = [.. form["machine"].Select(value => Ids.TryParse(value, out MachineId one) ? one : default).Where(one => one != default)];
        Outcome<Changed> outcome = await handler.HandleAsync(
            id, new PoolToBe(form["nameFr"], form["nameEn"], machines, known ? HoursForm.Version(form) : 0, form.ContainsKey("retired")), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return Show(refusal.Status, refusal.Field switch
            {
                "machines" => sheet with { Fault = (name, "machines", ResourcesText.BadPool) },
                "nameFr" or "nameEn" => sheet with { Fault = (name, refusal.Field, ResourcesText.BadName) },
                _ => sheet with { Problem = refusal.Code == ProblemCodes.Stale ? ResourcesText.Stale : WebText.NotDone },
            });
        }

        notes.Leave(http, new DoneNote(ResourcesText.Saved.Words(form["nameFr"].ToString().Trim())));
        return Results.LocalRedirect(Address);
    }

    private static Dictionary<string, string> Entered(IFormCollection form, params string[] fields) =>
        fields.ToDictionary(field => field, field => HoursForm.Text(form, field), StringComparer.Ordinal);

    private static bool Number(string? text, out int? number)
    {
        number = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int read) ? read : null;
        return string.IsNullOrEmpty(text) || number is not null;
    }

    private static RazorComponentResult<ResourcesPage> Show(int status, ResourcesSheet sheet) => Web.Pages.Show<ResourcesPage>(status, (nameof(ResourcesPage.Sheet), sheet));
}
