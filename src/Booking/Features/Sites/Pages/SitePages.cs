using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Sites.Pages;

/// <summary>A machine or a reader at the door, and the site where it stands.</summary>
/// <param name="Field">Its name in the form.</param>
/// <param name="Label">What it is called.</param>
/// <param name="Site">The number of its site.</param>
public sealed record ThingLine(string Field, string Label, int Site);

/// <summary>The sites and what stands there.</summary>
public sealed record SitesSheet(IReadOnlyList<LabSite> Sites, IReadOnlyList<ThingLine> Things, Phrase? Fault = null, int FaultOf = 0);

/// <summary>Where sites are made and named.</summary>
internal static class SitePages
{
    private const string Address = "/sites";
    private const string MachineMark = "m-";
    private const string DoorMark = "d-";

    /// <summary>So many moves and no more are taken back with one touch: the note that offers it is a cookie.</summary>
    private const int MostToUndo = 25;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keeping = routes.Pages(Right.KeepLab);
        keeping.MapGet(Address, async (BookingDbContext db, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<SitesPage>((nameof(SitesPage.Sheet), await SheetAsync(db, text, cancellationToken))));
        keeping.MapPost(Address, AddAsync);
        keeping.MapPost(Address + "/{number:int}", ChangeAsync);
        keeping.MapPost(Address + "/things", MoveAsync);
    }

    private static async Task<IResult> AddAsync(
        IFormCollection form, HttpContext http, SetSites handler, BookingDbContext db, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        var outcome = await handler.AddAsync(Read(form) with { Version = 0, Closed = false }, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await RefusedAsync(refusal, 0, db, text, cancellationToken);
        notes.Leave(http, new DoneNote(
            SiteText.Saved.Words(form["name"].ToString().Trim()), $"{Address}/{outcome.Value.Number}",
            Fields(Read(form) with { Version = outcome.Value.Version, Closed = true })));
        return Results.LocalRedirect(Address);
    }

    private static async Task<IResult> ChangeAsync(
        int number, IFormCollection form, HttpContext http, SetSites handler, BookingDbContext db, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if ((await db.NamedSitesAsync(cancellationToken)).FirstOrDefault(s => s.Number == number) is not { } before)
            return Results.NotFound();
        var outcome = await handler.ChangeAsync(number, Read(form), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await RefusedAsync(refusal, number, db, text, cancellationToken);
        var was = new SiteToBe(outcome.Value.Version, before.Name, before.Commune, before.PostCode, before.Insee, before.Closed);
        notes.Leave(http, form["undo"] == "true"
            ? new DoneNote(SiteText.Saved.Words(form["name"].ToString().Trim()))
            : new DoneNote(SiteText.Saved.Words(form["name"].ToString().Trim()), $"{Address}/{number}", Fields(was)));
        return Results.LocalRedirect(Address);
    }

    private static async Task<IResult> MoveAsync(
        IFormCollection form, HttpContext http, SetSites handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var (machines, doors) = (new List<MachineAtSite>(), new List<DoorAtSite>());
        foreach (var (field, value) in form)
        {
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var site))
                continue;
            if (field.StartsWith(MachineMark, StringComparison.Ordinal) && Ids.TryParse(field[MachineMark.Length..], out MachineId machine))
                machines.Add(new MachineAtSite(machine, site));
            else if (field.StartsWith(DoorMark, StringComparison.Ordinal))
                doors.Add(new DoorAtSite(field[DoorMark.Length..], site));
        }
        var outcome = await handler.MoveAsync(new SiteThings(machines, doors), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        var before = outcome.Value.Machines!.Select(m => (Field: MachineMark + m.Machine, m.Site)).Concat(outcome.Value.Doors!.Select(d => (Field: DoorMark + d.Device, d.Site)))
            .ToDictionary(line => line.Field, line => line.Site.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);
        var said = before.Count == 0 ? SiteText.NothingMoved.Words() : SiteText.Moved.Words(before.Count);
        notes.Leave(http, before.Count is 0 or > MostToUndo ? new DoneNote(said) : new DoneNote(said, Address + "/things", before));
        return Results.LocalRedirect(Address);
    }

    private static async Task<IResult> RefusedAsync(Refusal refusal, int number, BookingDbContext db, PageText text, CancellationToken cancellationToken)
    {
        var fault = (refusal.Code, refusal.Field) switch
        {
            (ProblemCodes.Stale, _) => SiteText.Stale,
            ("first_site", _) => SiteText.FirstStays,
            ("too_many_sites", _) => SiteText.TooMany,
            (_, "name") => SiteText.BadName,
            (_, "insee") => SiteText.BadInsee,
            _ => WebText.NotDone,
        };
        return Web.Pages.Show<SitesPage>(refusal.Status, (nameof(SitesPage.Sheet), await SheetAsync(db, text, cancellationToken) with { Fault = fault, FaultOf = number }));
    }

    private static async Task<SitesSheet> SheetAsync(BookingDbContext db, PageText text, CancellationToken cancellationToken)
    {
        var machines = await db.Machines.Where(m => !m.Retired).OrderBy(m => m.Code).Select(m => new { m.Id, m.Code, m.NameFr, m.NameEn, m.Site }).ToListAsync(cancellationToken);
        var doors = await db.Devices.Where(d => d.AtDoor && d.WithdrawnAt == null).OrderBy(d => d.Id).Select(d => new { d.Id, d.Label, d.Site }).ToListAsync(cancellationToken);
        return new SitesSheet(
            await db.NamedSitesAsync(cancellationToken),
            [
                .. machines.Select(m => new ThingLine(MachineMark + m.Id, $"{m.Code} · {text.Pick(m.NameFr, m.NameEn)}", m.Site)),
                .. doors.Select(d => new ThingLine(DoorMark + d.Id, text[SiteText.Door, d.Label.Length > 0 ? d.Label : d.Id.Value], d.Site)),
            ]);
    }

    private static SiteToBe Read(IFormCollection form) => new(
        long.TryParse(form["version"], CultureInfo.InvariantCulture, out var version) ? version : -1, form["name"], form["commune"], form["postCode"], form["insee"], form.ContainsKey("closed"));

    private static Dictionary<string, string> Fields(SiteToBe site)
    {
        var fields = new Dictionary<string, string>
        {
            ["version"] = site.Version.ToString(CultureInfo.InvariantCulture), ["name"] = site.Name ?? "", ["commune"] = site.Commune ?? "", ["postCode"] = site.PostCode ?? "", ["insee"] = site.Insee ?? "", ["undo"] = "true",
        };
        if (site.Closed)
            fields["closed"] = "on";
        return fields;
    }
}
