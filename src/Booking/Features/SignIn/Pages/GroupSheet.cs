using FabLab.Booking.Data;
using FabLab.Booking.Features.People.Pages;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.SignIn.Pages;

/// <summary>One group in the list.</summary>
public sealed record GroupLine(PersonGroup Group, int Members, IReadOnlyList<string> LookedAfterBy);

/// <summary>Somebody's place in a group.</summary>
public sealed record GroupPerson(PersonId Id, string? Name, string Code, GroupPart Part);

/// <summary>One group and everybody in it.</summary>
public sealed record GroupSheet(PersonGroup Group, IReadOnlyList<GroupPerson> People)
{
    /// <summary>The people of one part.</summary>
    public IEnumerable<GroupPerson> Of(GroupPart part) => People.Where(p => p.Part == part);
}

/// <summary>What was typed to find somebody for a group, and who was found.</summary>
public sealed record GroupSearch(string Words, GroupPart Part, IReadOnlyList<PersonLine> Found);

/// <summary>Reads what the pages of groups show.</summary>
public sealed class GroupQueries(BookingDbContext db)
{
    public async Task<IReadOnlyList<GroupLine>> AllAsync(CancellationToken cancellationToken)
    {
        var places = await db.GroupPlaces.Join(db.People, place => place.PersonId, person => person.Id, (place, person) => new { place.GroupId, place.Part, Name = person.DisplayName ?? person.ShortCode })
            .ToListAsync(cancellationToken);
        var byGroup = places.ToLookup(p => p.GroupId);
        return
        [
            .. (await db.PersonGroups.ToListAsync(cancellationToken)).OrderBy(g => g.Closed).ThenBy(g => g.Name, StringComparer.CurrentCultureIgnoreCase).Select(g => new GroupLine(
                g, byGroup[g.Id].Count(p => p.Part == GroupPart.Member), [.. byGroup[g.Id].Where(p => p.Part == GroupPart.LooksAfter).Select(p => p.Name).Order(StringComparer.CurrentCulture)])),
        ];
    }

    /// <returns>Null when there is none.</returns>
    public async Task<GroupSheet?> OneAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await db.PersonGroups.SingleOrDefaultAsync(g => g.Id == id, cancellationToken) is not { } group)
            return null;
        var people = await db.GroupPlaces.Where(place => place.GroupId == id)
            .Join(db.People, place => place.PersonId, person => person.Id, (place, person) => new GroupPerson(person.Id, person.DisplayName, person.ShortCode, place.Part))
            .ToListAsync(cancellationToken);
        return new GroupSheet(group, [.. people.OrderBy(p => p.Name ?? p.Code, StringComparer.CurrentCultureIgnoreCase)]);
    }
}

/// <summary>The words of groups.</summary>
public static class GroupText
{
    public static readonly Phrase Title = new("Groupes", "Groups");
    public static readonly Phrase Lead = new(
        "Une classe, un chantier, les personnes d’une structure partenaire. Qui encadre un groupe voit les personnes qui y sont, et elles seules.",
        "A class, a programme, the people of a partner. Whoever looks after a group sees the people in it, and no others.");
    public static readonly Phrase None = new("Aucun groupe pour l’instant", "No group yet");
    public static readonly Phrase NoneBody = new("Donnez un nom au premier, puis ajoutez-y des personnes.", "Give the first one a name, then add people.");
    public static readonly Phrase Name = new("Nom du groupe", "Name of the group");
    public static readonly Phrase New = new("Nouveau groupe", "New group");
    public static readonly Phrase Create = new("Créer le groupe", "Make the group");
    public static readonly Phrase Members = new("Personnes", "People");
    public static readonly Phrase LookedAfter = new("Encadrement", "Looked after by");
    public static readonly Phrase Nobody = new("personne", "nobody");
    public static readonly Phrase NobodyIn = new("Personne dans ce groupe pour l’instant.", "Nobody in this group yet.");
    public static readonly Phrase NobodyAfter = new("Personne n’encadre ce groupe pour l’instant.", "Nobody looks after this group yet.");
    public static readonly Phrase Closed = new("Fermé", "Closed");
    public static readonly Phrase Open = new("Ouvert", "Open");
    public static readonly Phrase State = new("État", "State");
    public static readonly Phrase ClosedBody = new("Ce groupe est fermé : personne ne voit plus personne par lui.", "This group is closed: nobody sees anybody through it any more.");
    public static readonly Phrase Back = new("Tous les groupes", "All groups");
    public static readonly Phrase Add = new("Ajouter quelqu’un", "Add somebody");
    public static readonly Phrase Find = new("Nom ou code court", "Name or short code");
    public static readonly Phrase AsMember = new("fait partie du groupe", "is in the group");
    public static readonly Phrase AsKeeper = new("encadre le groupe", "looks after the group");
    public static readonly Phrase Part = new("Cette personne", "This person");
    public static readonly Phrase NobodyFound = new("Personne ne correspond à « {0} ».", "Nobody matches “{0}”.");
    public static readonly Phrase Several = new("Plusieurs personnes correspondent. Laquelle ?", "Several people match. Which one?");
    public static readonly Phrase AddThis = new("Ajouter", "Add");
    public static readonly Phrase Remove = new("Retirer", "Remove");
    public static readonly Phrase Added = new("{0} est maintenant dans « {1} ».", "{0} is in “{1}” now.");
    public static readonly Phrase Removed = new("{0} n’est plus dans « {1} ».", "{0} is no longer in “{1}”.");
    public static readonly Phrase Rename = new("Changer le nom", "Change the name");
    public static readonly Phrase Renamed = new("Le groupe s’appelle maintenant « {0} ».", "The group is called “{0}” now.");
    public static readonly Phrase Close = new("Fermer le groupe", "Close the group");
    public static readonly Phrase CloseLead = new("Les places restent notées ; qui encadre ne voit plus personne par ce groupe. On peut le rouvrir.", "The places stay noted; who looks after it sees nobody through it any more. It can be opened again.");
    public static readonly Phrase Reopen = new("Rouvrir le groupe", "Open the group again");
    public static readonly Phrase ClosedNow = new("Le groupe « {0} » est fermé.", "Group “{0}” is closed.");
    public static readonly Phrase OpenNow = new("Le groupe « {0} » est ouvert.", "Group “{0}” is open.");
    public static readonly Phrase Made = new("Le groupe « {0} » existe. Ajoutez-y des personnes.", "Group “{0}” is there. Add people to it.");
    public static readonly Phrase NameWrong = new("Un nom de 1 à 80 signes, s’il vous plaît.", "A name of 1 to 80 characters, please.");
    public static readonly Phrase Changed = new("Quelqu’un a changé ce groupe entre-temps. Le voici comme il est ; recommencez.", "Somebody changed this group in the meantime. Here it is as it stands; try again.");
    public static readonly Phrase TooMany = new("Un groupe a au plus 500 personnes.", "A group has at most 500 people.");
}
