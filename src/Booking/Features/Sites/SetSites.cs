using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Sites;

/// <summary>A site as it is to be. A change names the version it saw; 0 for a new one.</summary>
public sealed record SiteToBe(long Version, string? Name, string? Commune = null, string? PostCode = null, string? Insee = null, bool Closed = false);

/// <summary>A site that was made or changed.</summary>
public sealed record SiteSet(int Number, long Version);

/// <summary>Where a machine stands.</summary>
public sealed record MachineAtSite(MachineId Machine, int Site);

/// <summary>At which site's door a reader hangs.</summary>
public sealed record DoorAtSite(string? Device, int Site);

/// <summary>What is to be moved; what is not named stays where it is.</summary>
public sealed record SiteThings(IReadOnlyList<MachineAtSite>? Machines, IReadOnlyList<DoorAtSite>? Doors = null);

/// <summary>Makes and names sites, and says which machines and readers at the door stand there.</summary>
internal sealed class SetSites(BookingWriter writer)
{
    /// <summary>As many things as a lab has, and more.</summary>
    private const int MostThings = 500;

    public static void Map(RouteGroupBuilder keeping)
    {
        keeping.MapPost("/sites", async (SiteToBe request, HttpContext http, SetSites handler, CancellationToken cancellationToken) =>
                (await handler.AddAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("AddSite").WithTags("sites").WithSummary("Makes a site of the lab.")
            .Produces<SiteSet>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPut("/sites/{number:int}", async (int number, SiteToBe request, HttpContext http, SetSites handler, CancellationToken cancellationToken) =>
                (await handler.ChangeAsync(number, request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ChangeSite").WithTags("sites").WithSummary("Names a site, says where it is, closes it or opens it again.")
            .Produces<SiteSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPut("/sites/things", async (SiteThings request, HttpContext http, SetSites handler, CancellationToken cancellationToken) =>
                (await handler.MoveAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("MoveToSites").WithTags("sites").WithSummary("Says at which site machines and readers at the door stand.")
            .WithDescription("Answers where those that were moved stood before.")
            .Produces<SiteThings>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<SiteSet>> AddAsync(SiteToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SiteSet>(
            async (write, cancel) =>
            {
                var known = await write.Db.LabSites.Select(s => s.Number).ToListAsync(cancel);
                if (known.Count >= LabSite.Most)
                    return Refusal.Conflict("too_many_sites", $"There are {LabSite.Most} sites already.");
                var site = new LabSite { Number = known.Append(LabSite.First).Max() + 1, Name = "" };
                if (Fill(site, request) is { } fault)
                    return fault;
                write.Db.LabSites.Add(site);
                write.Audit(by.Id, "site.added", Guid.Empty, $"{site.Number}: {site.Name}");
                return new SiteSet(site.Number, site.Version);
            },
            cancellationToken);

    public Task<Outcome<SiteSet>> ChangeAsync(int number, SiteToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SiteSet>(
            async (write, cancel) =>
            {
                if (await write.Db.LabSites.SingleOrDefaultAsync(s => s.Number == number, cancel) is not { } site)
                    return Refusal.NotFound("site");
                if (site.Version != request.Version)
                    return Refusal.Stale;
                if (request.Closed && number == LabSite.First)
                    return Refusal.Conflict("first_site", "What names no site belongs to the first one: it stays open.", "closed");
                if (Fill(site, request) is { } fault)
                    return fault;
                write.Audit(by.Id, "site.changed", Guid.Empty, $"{number}: {site.Name}{(site.Closed ? ", closed" : "")}");
                return new SiteSet(number, site.Version);
            },
            cancellationToken);

    /// <summary>Moves what is named.</summary>
    /// <returns>Where those that moved stood before: what takes it back.</returns>
    public Task<Outcome<SiteThings>> MoveAsync(SiteThings request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SiteThings>(
            async (write, cancel) =>
            {
                var (machines, doors) = (request.Machines ?? [], request.Doors ?? []);
                if (machines.Count + doors.Count > MostThings || machines.Any(m => m is null) || doors.Any(d => d?.Device is null))
                    return Refusal.BadValue("machines", $"At most {MostThings} things, each with its site.");
                var open = (await write.Db.NamedSitesAsync(cancel)).Where(s => !s.Closed).Select(s => s.Number).ToHashSet();
                var (movedMachines, movedDoors) = (new List<MachineAtSite>(), new List<DoorAtSite>());
                foreach (var (id, to) in machines)
                {
                    if (await write.Db.Machines.SingleOrDefaultAsync(m => m.Id == id, cancel) is not { } machine)
                        return Refusal.NotFound("machine");
                    if (machine.Site == to)
                        continue;
                    if (!open.Contains(to))
                        return Refusal.NotFound("site");
                    movedMachines.Add(new MachineAtSite(id, machine.Site));
                    write.Audit(by.Id, "site.machine", id.Value, $"{machine.Code}: {machine.Site} -> {to}");
                    machine.Site = to;
                }
                foreach (var (name, to) in doors)
                {
                    var id = new DeviceId(name!);
                    if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
                        return Refusal.NotFound("device");
                    if (device.Site == to)
                        continue;
                    if (!open.Contains(to))
                        return Refusal.NotFound("site");
                    movedDoors.Add(new DoorAtSite(name, device.Site));
                    write.Audit(by.Id, "site.door", Guid.Empty, $"{name}: {device.Site} -> {to}");
                    device.Site = to;
                }
                return new SiteThings(movedMachines, movedDoors);
            },
            cancellationToken);

    private static Refusal? Fill(LabSite site, SiteToBe request)
    {
        if (Text.Required(request.Name, LabSite.MaxName) is not { } name)
            return Refusal.BadValue("name", $"A name of 1 to {LabSite.MaxName} characters.");
        if (!string.IsNullOrWhiteSpace(request.Insee) && !(request.Insee.Trim() is { Length: LabSite.MaxInsee } code && code.All(char.IsAsciiLetterOrDigit)))
            return Refusal.BadValue("insee", "The code of a commune has five signs.");
        (site.Name, site.Commune, site.PostCode) = (name, Text.Clean(request.Commune, LabSite.MaxCommune), Text.Clean(request.PostCode, LabSite.MaxPostCode));
        (site.Insee, site.Closed) = (Text.Clean(request.Insee, LabSite.MaxInsee).ToUpperInvariant(), request.Closed);
        site.Version++;
        return null;
    }
}
