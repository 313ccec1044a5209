using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Devices.Pages;

/// <summary>The words of the devices.</summary>
public static class DeviceText
{
    public static readonly Phrase Title = new("Boîtiers", "Devices");
    public static readonly Phrase Lead = new("Lecteurs, relais et compteurs : qui répond, et pour quelle machine.", "Readers, relays and meters: which answer, and for which machine.");
    public static readonly Phrase Empty = new("Aucun boîtier connu", "No device known");
    public static readonly Phrase EmptyBody = new("Un boîtier apparaît ici dès que sa passerelle le connaît (son fichier devices.json).", "A device appears here once its gateway knows it (its file devices.json).");
    public static readonly Phrase Online = new("Répond", "Answers");
    public static readonly Phrase Silent = new("Ne répond pas", "Does not answer");
    public static readonly Phrase Unheard = new("Jamais vu", "Never seen");
    public static readonly Phrase Withdrawn = new("Retiré", "Withdrawn");
    public static readonly Phrase LastSeen = new("Vu", "Last seen");
    public static readonly Phrase Firmware = new("Logiciel", "Firmware");
    public static readonly Phrase Driver = new("Type", "Kind");
    public static readonly Phrase Gateway = new("Passerelle", "Gateway");
    public static readonly Phrase Work = new("Travaille pour", "Works for");
    public static readonly Phrase NoWork = new("Aucune machine", "No machine");
    public static readonly Phrase WithdrawnSince = new("Retiré {0}", "Withdrawn {0}");
    public static readonly Phrase ReplacedBy = new("Remplacé par {0}", "Replaced by {0}");
    public static readonly Phrase Bind = new("Relier à une machine", "Bind to a machine");
    public static readonly Phrase Machine = new("Machine", "Machine");
    public static readonly Phrase Role = new("Rôle", "Role");
    public static readonly Phrase Channel = new("Voie (0 est la première)", "Channel (0 is the first)");
    public static readonly Phrase BindDo = new("Relier", "Bind");
    public static readonly Phrase Unbind = new("Délier", "Unbind");
    public static readonly Phrase Bound = new("Le boîtier {0} est relié à {1}.", "Device {0} is bound to {1}.");
    public static readonly Phrase Unbound = new("Le boîtier {0} n’est plus relié à {1}.", "Device {0} is no longer bound to {1}.");
    public static readonly Phrase Taken = new("Cette voie commande déjà une autre machine.", "This channel switches another machine already.");
    public static readonly Phrase BindWrong = new("Ce boîtier ne peut pas être relié ainsi. Vérifiez la machine, le rôle et la voie.", "This device cannot be bound like that. Check machine, role and channel.");
    public static readonly Phrase Replace = new("Remplacer", "Replace");
    public static readonly Phrase ReplaceLead = new("Le nouveau boîtier prend toutes ses places. L’historique reste à la machine. L’ancien est retiré.", "The new device takes all its places. The past stays with the machine. The old one is withdrawn.");
    public static readonly Phrase By = new("Par quel boîtier ?", "By which device?");
    public static readonly Phrase Replaced = new("Le boîtier {0} est remplacé par {1}.", "Device {0} is replaced by {1}.");
    public static readonly Phrase NoSpare = new("Aucun boîtier libre. Ajoutez d’abord le nouveau à la passerelle.", "No device is free. First add the new one to the gateway.");
    public static readonly Phrase Withdraw = new("Retirer ses clés", "Withdraw its keys");
    public static readonly Phrase WithdrawLead = new("Son relais s’ouvre tout de suite et il ne peut plus se connecter. Pour revenir, il faut l’enrôler de nouveau.", "Its relay opens at once and it can no longer connect. To come back it must be enrolled again.");
    public static readonly Phrase WithdrawnNow = new("Le boîtier {0} est retiré. Son relais est ouvert.", "Device {0} is withdrawn. Its relay is open.");
    public static readonly Phrase Allow = new("Accepter de nouveau", "Allow it again");
    public static readonly Phrase AllowedNow = new("Le boîtier {0} peut être enrôlé de nouveau.", "Device {0} may be enrolled again.");
    public static readonly Phrase Changed = new("Quelqu’un a changé ce boîtier entre-temps. Relisez la page, puis recommencez.", "Somebody changed this device in the meantime. Read the page again, then repeat.");
}
