using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>The words of the page about rooms, desks, kits and pools.</summary>
public static class ResourcesText
{
    public static readonly Phrase Title = new("Salles, bureaux, malles", "Rooms, desks, kits");
    public static readonly Phrase Lead = new("Ce qui se réserve à côté des machines, et les machines qui se remplacent.", "What is booked beside machines, and machines that stand in for one another.");
    public static readonly Phrase Empty = new("Rien à réserver à part les machines.", "Nothing to book but machines.");
    public static readonly Phrase Room = new("Salle", "Room");
    public static readonly Phrase Desk = new("Bureau", "Desk");
    public static readonly Phrase Kit = new("Malle à emprunter", "Kit to borrow");
    public static readonly Phrase Add = new("Ajouter une salle, un bureau ou une malle", "Add a room, a desk or a kit");
    public static readonly Phrase FieldKind = new("Quoi", "What");
    public static readonly Phrase Code = new("Code", "Code");
    public static readonly Phrase CodeHint = new("Écrit dessus, par exemple SAL-A.", "Written on it, for example SAL-A.");
    public static readonly Phrase NameFr = new("Nom en français", "French name");
    public static readonly Phrase NameEn = new("Nom en anglais", "English name");
    public static readonly Phrase Capacity = new("Places", "Places");
    public static readonly Phrase SetUp = new("Minutes de remise en ordre", "Minutes to clear up");
    public static readonly Phrase InRoom = new("Dans la salle", "In the room");
    public static readonly Phrase NoRoom = new("Aucune salle", "No room");
    public static readonly Phrase Retire = new("N’existe plus", "No longer there");
    public static readonly Phrase Save = new("Enregistrer", "Save");
    public static readonly Phrase Saved = new("{0} est enregistré.", "{0} is saved.");
    public static readonly Phrase Places = new("{0} {0:place|places}", "{0} {0:place|places}");
    public static readonly Phrase PlacesTitle = new("Quelle machine est dans quelle salle", "Which machine stands in which room");
    public static readonly Phrase PlacesHint = new("Réserver toute la salle réserve ce qui s’y trouve.", "Booking the whole room books what stands in it.");
    public static readonly Phrase PlacedIn = new("{0} : {1}.", "{0}: {1}.");
    public static readonly Phrase NoRooms = new("Ajoutez d’abord une salle.", "Add a room first.");
    public static readonly Phrase PoolsTitle = new("Machines qui se remplacent", "Machines that stand in for one another");
    public static readonly Phrase PoolsHint = new("On réserve « n’importe laquelle » ; la machine est choisie au badge.", "One books “any of them”; which one it is settled at the tap.");
    public static readonly Phrase PoolsEmpty = new("Aucun groupe de machines.", "No pool.");
    public static readonly Phrase PoolAdd = new("Ajouter un groupe de machines", "Add a pool");
    public static readonly Phrase PoolMachines = new("Machines", "Machines");
    public static readonly Phrase BadCode = new("1 à 16 lettres sans accent, chiffres, tirets.", "1 to 16 letters without accents, digits, hyphens.");
    public static readonly Phrase CodeTaken = new("Ce code est déjà pris.", "That code is taken.");
    public static readonly Phrase BadName = new("1 à 100 signes.", "1 to 100 characters.");
    public static readonly Phrase BadPlaces = new("Un nombre de 1 à 1000.", "A number from 1 to 1000.");
    public static readonly Phrase BadSetUp = new("Un nombre de 0 à 1440.", "A number from 0 to 1440.");
    public static readonly Phrase BadRoom = new("Cette salle n’existe pas.", "There is no such room.");
    public static readonly Phrase StillBooked = new("Il y a encore des réservations. Déplacez-les d’abord.", "There are still bookings. Move them first.");
    public static readonly Phrase RoomInUse = new("Des machines s’y trouvent encore.", "Machines still stand in it.");
    public static readonly Phrase BadPool = new("Choisissez au moins deux machines, chacune dans un seul groupe.", "Choose at least two machines, each in one pool only.");
    public static readonly Phrase Stale = new("Quelqu’un a changé cela entre-temps. Relisez la page, puis recommencez.", "Somebody changed this in the meantime. Read the page again, then repeat.");
}
