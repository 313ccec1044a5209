using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Sites.Pages;

/// <summary>Words about the sites of the lab.</summary>
public static class SiteText
{
    public static readonly Phrase Title = new("Sites", "Sites");
    public static readonly Phrase Lead = new("Les lieux de votre lab : la maison, une annexe. Les règles, les horaires et les personnes sont les mêmes partout.", "The places of your lab: the house, an annexe. Rules, hours and people are the same everywhere.");
    public static readonly Phrase One = new("Tout est dans un seul site. Ajoutez-en un autre, et les bilans comptent par site.", "Everything is at one site. Add another one, and reports count by site.");
    public static readonly Phrase Site = new("Site", "Site");
    public static readonly Phrase All = new("Tous les sites", "All sites");
    public static readonly Phrase SessionHint = new("Pour une séance au lab.", "For a session at the lab.");
    public static readonly Phrase Number = new("Site n° {0}", "Site no. {0}");
    public static readonly Phrase NumberHint = new("La borne d’accueil de ce site porte ce numéro dans son réglage Kiosk:Site.", "The kiosk of this site has this number in its setting Kiosk:Site.");
    public static readonly Phrase Name = new("Nom", "Name");
    public static readonly Phrase Commune = new("Commune", "Town");
    public static readonly Phrase PostCode = new("Code postal", "Post code");
    public static readonly Phrase Insee = new("Code Insee", "Insee code");
    public static readonly Phrase Closed = new("Fermé : on ne le propose plus, son passé reste", "Closed: it is not offered any more, its past stays");
    public static readonly Phrase Change = new("Modifier", "Change");
    public static readonly Phrase Save = new("Enregistrer", "Save");
    public static readonly Phrase Add = new("Ajouter un site", "Add a site");
    public static readonly Phrase Things = new("Où sont les machines et les lecteurs de porte", "Where machines and door readers are");
    public static readonly Phrase ThingsHint = new("Le temps d’une machine compte au site où elle est. Une machine qui déménage emmène son passé avec elle.", "The time of a machine counts at the site where it is. A machine that moves takes its past with it.");
    public static readonly Phrase Thing = new("Machine ou lecteur", "Machine or reader");
    public static readonly Phrase Door = new("Lecteur de porte {0}", "Door reader {0}");
    public static readonly Phrase Saved = new("C’est enregistré : {0}.", "Saved: {0}.");
    public static readonly Phrase Moved = new("{0} machines ou lecteurs ont changé de site.", "{0} machines or readers have moved to another site.");
    public static readonly Phrase NothingMoved = new("Rien n’a changé de site.", "Nothing has moved.");
    public static readonly Phrase BadName = new("Donnez un nom, 80 signes au plus.", "Give a name of at most 80 characters.");
    public static readonly Phrase BadInsee = new("Un code Insee a cinq signes.", "An Insee code has five signs.");
    public static readonly Phrase FirstStays = new("Le premier site reste ouvert : tout ce qui ne nomme pas de site lui appartient.", "The first site stays open: whatever names no site belongs to it.");
    public static readonly Phrase Stale = new("Ce site a changé entre-temps. Voici comment il est maintenant.", "This site has changed meanwhile. This is how it is now.");
    public static readonly Phrase TooMany = new("Il y a déjà 20 sites.", "There are 20 sites already.");
}
