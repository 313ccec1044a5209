using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Sites;

/// <summary>
/// A site of the lab: a house, an annexe. What everybody shares (rules, hours, people, habilitations) is the lab's; a site is where
/// machines and doors stand, and where visits and séances are. It is never deleted: what was done there is counted there.
/// </summary>
public sealed class LabSite
{
    public const int MaxName = 80;
    public const int MaxCommune = 80;
    public const int MaxPostCode = 10;
    public const int MaxInsee = 5;

    /// <summary>More than these would be labs of their own.</summary>
    public const int Most = 20;

    /// <summary>The number of the first site, to which everything belongs that names none.</summary>
    public const int First = 1;

    /// <summary>The number that stands for no site: hors les murs, or remote.</summary>
    public const int Away = 0;

    /// <summary>From <see cref="First"/> on, in the order in which they were made. It stands in the settings of kiosks.</summary>
    public required int Number { get; init; }

    /// <summary>Empty for a first site that nobody has named: it is called as the lab is.</summary>
    public required string Name { get; set; }

    public string Commune { get; set; } = "";

    public string PostCode { get; set; } = "";

    /// <summary>The code of the commune by INSEE, five signs; may be empty.</summary>
    public string Insee { get; set; } = "";

    /// <summary>No longer offered; its past stays.</summary>
    public bool Closed { get; set; }

    public long Version { get; set; }
}

/// <summary>The sites by their names.</summary>
internal static class LabSites
{
    /// <summary>All sites by number, the first always among them, with the names under which people know them.</summary>
    public static async Task<IReadOnlyList<LabSite>> NamedSitesAsync(this BookingDbContext db, CancellationToken cancellationToken)
    {
        var sites = await db.LabSites.AsNoTracking().OrderBy(s => s.Number).ToListAsync(cancellationToken);
        if (sites.Count == 0 || sites[0].Number != LabSite.First)
            sites.Insert(0, new LabSite { Number = LabSite.First, Name = "" });
        if (sites[0].Name.Length == 0)
            sites[0].Name = (await db.Sites.AsNoTracking().SingleOrDefaultAsync(cancellationToken))?.Rule.Name is { Length: > 0 } name ? name : "FabLab";
        return sites;
    }

    /// <summary>What may be chosen where something stands at a site: nothing while there is only one.</summary>
    public static async Task<IReadOnlyList<(int Number, string Name)>> SiteChoicesAsync(this BookingDbContext db, CancellationToken cancellationToken)
    {
        var open = (await db.NamedSitesAsync(cancellationToken)).Where(s => !s.Closed).Select(s => (s.Number, s.Name)).ToList();
        return open.Count > 1 ? open : [];
    }

    /// <summary>Whether there is such a site and it is open.</summary>
    public static Task<bool> HasSiteAsync(this BookingDbContext db, int number, CancellationToken cancellationToken) =>
        number == LabSite.First ? Task.FromResult(true) : db.LabSites.AnyAsync(s => s.Number == number && !s.Closed, cancellationToken);
}
