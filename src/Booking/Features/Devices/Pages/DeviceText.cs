using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Devices.Pages;

/// <summary>The words of the devices.</summary>
public static class DeviceText
{
    public static readonly Phrase Title = new("Boîtiers", "Devices");
    public static readonly Phrase Lead = new("Lecteurs, relais et compteurs : qui répond, et pour quelle machine.", "Readers, relays and meters: which answer, and for which machine.");
    public static readonly Phrase Empty = new("Aucun boîtier connu", "No device known");
    public static readonly Phrase EmptyBody = new("Enrôlez le premier avec le code qui l’accompagne. Un boîtier du fichier devices.json d’une passerelle apparaît ici de lui-même.", "Enrol the first one with the code that comes with it. A device in a gateway’s file devices.json appears here by itself.");
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
    public static readonly Phrase NoSpare = new("Aucun boîtier libre. Enrôlez d’abord le nouveau.", "No device is free. First enrol the new one.");
    public static readonly Phrase Withdraw = new("Retirer ses clés", "Withdraw its keys");
    public static readonly Phrase WithdrawLead = new("Son relais s’ouvre tout de suite et il ne peut plus se connecter. Pour revenir, il faut l’enrôler de nouveau.", "Its relay opens at once and it can no longer connect. To come back it must be enrolled again.");
    public static readonly Phrase WithdrawnNow = new("Le boîtier {0} est retiré. Son relais est ouvert.", "Device {0} is withdrawn. Its relay is open.");
    public static readonly Phrase Door = new("À l’entrée", "At the door");
    public static readonly Phrase DoorLead = new("Un badge tenu devant ce lecteur note l’arrivée de la personne, comme à la borne d’accueil.", "A badge held before this reader notes the person’s arrival, as at the kiosk.");
    public static readonly Phrase DoorIs = new("Un badge ici note une arrivée.", "A badge here notes an arrival.");
    public static readonly Phrase DoorDo = new("Noter les arrivées ici", "Note arrivals here");
    public static readonly Phrase DoorStop = new("Ne plus noter d’arrivées ici", "Note no more arrivals here");
    public static readonly Phrase DoorNow = new("Un badge au lecteur {0} note une arrivée.", "A badge at reader {0} notes an arrival.");
    public static readonly Phrase DoorNoMore = new("Le lecteur {0} ne note plus d’arrivées.", "Reader {0} notes no arrivals any more.");
    public static readonly Phrase Allow = new("Accepter de nouveau", "Allow it again");
    public static readonly Phrase AllowedNow = new("Le boîtier {0} peut être enrôlé de nouveau.", "Device {0} may be enrolled again.");
    public static readonly Phrase Changed = new("Quelqu’un a changé ce boîtier entre-temps. Relisez la page, puis recommencez.", "Somebody changed this device in the meantime. Read the page again, then repeat.");
    public static readonly Phrase Device = new("Boîtier", "Device");
    public static readonly Phrase State = new("État", "State");
    public static readonly Phrase Never = new("jamais", "never");
    public static readonly Phrase BackToAll = new("Tous les boîtiers", "All devices");
    public static readonly Phrase Enrol = new("Enrôler un boîtier", "Enrol a device");
    public static readonly Phrase EnrolLead = new(
        "Le nom et le code accompagnent le boîtier : qui lui a donné sa clé, en main propre, les a notés. La passerelle prend la clé tout de suite.",
        "Name and code come with the device: whoever gave it its key, in hand, wrote them down. The gateway takes the key at once.");
    public static readonly Phrase EnrolOther = new(
        "Un boîtier sur une ligne série ou d’une autre marque s’ajoute dans le fichier devices.json de sa passerelle.",
        "A device on a serial line or of another make is added in the file devices.json of its gateway.");
    public static readonly Phrase Name = new("Nom du boîtier", "Name of the device");
    public static readonly Phrase NameHint = new("3 à 24 lettres minuscules, chiffres et tirets, par exemple las-2", "3 to 24 small letters, digits and dashes, for example las-2");
    public static readonly Phrase Code = new("Code", "Code");
    public static readonly Phrase CodeHint = new(
        "14 groupes de 4 signes. Majuscules, espaces et tirets n’ont pas d’importance.", "14 groups of 4 signs. Case, blanks and dashes do not matter.");
    public static readonly Phrase Relays = new("Nombre de relais", "Number of relays");
    public static readonly Phrase EnrolDo = new("Enrôler", "Enrol");
    public static readonly Phrase NameWrong = new(
        "Ce nom n’est pas possible : 3 à 24 lettres minuscules sans accent, chiffres et tirets, sans tiret au début ni à la fin.",
        "This name is not possible: 3 to 24 small letters without accents, digits and dashes, no dash at either end.");
    public static readonly Phrase CodeUnreadable = new(
        "Ce code est incomplet ou contient un signe impossible. Il a 14 groupes de 4 signes ; il n’y a ni I, ni L, ni O, ni U.",
        "This code is incomplete or has an impossible sign. It has 14 groups of 4 signs; there is no I, L, O or U.");
    public static readonly Phrase CodeOfOther = new(
        "Ce code n’est pas celui d’un boîtier de ce nom. Vérifiez le nom, puis relisez le code groupe par groupe.",
        "This code is not the code of a device of that name. Check the name, then read the code again group by group.");
    public static readonly Phrase EnrolWithdrawn = new(
        "Ce boîtier est retiré. Ouvrez sa page, acceptez-le de nouveau, puis revenez ici.", "This device is withdrawn. Open its page, allow it again, then come back here.");
    public static readonly Phrase EnrolAlready = new(
        "Ce boîtier est déjà enrôlé, et il répond. Pour changer sa clé, retirez d’abord ses clés sur sa page.",
        "This device is enrolled already, and it answers. To change its key, first withdraw its keys on its page.");
    public static readonly Phrase WhichGateway = new("Dites quelle passerelle s’occupe de ce boîtier.", "Say which gateway looks after this device.");
    public static readonly Phrase NoGateway = new("Aucune passerelle n’est connue ici. Démarrez-en une d’abord.", "No gateway is known here. Start one first.");
    public static readonly Phrase WhichRelays = new("De 0 à 4 relais.", "From 0 to 4 relays.");
    public static readonly Phrase EnrolAsked = new("La passerelle {0} vient chercher la clé de ce boîtier.", "Gateway {0} is fetching the key of this device.");
    public static readonly Phrase EnrolMissed = new("La passerelle {0} n’est pas venue chercher la clé.", "Gateway {0} did not come for the key.");
    public static readonly Phrase EnrolMissedBody = new(
        "Vérifiez qu’elle tourne, puis saisissez de nouveau le code : il n’a pas été gardé.", "Check that it runs, then type the code again: it was not kept.");
    public static readonly Phrase EnrolTaken = new("La passerelle a la clé. Allumez le boîtier : on l’attend.", "The gateway has the key. Switch the device on: it is awaited.");
    public static readonly Phrase EnrolSilent = new("Ce boîtier est enrôlé mais ne s’est pas encore montré.", "This device is enrolled but has not shown itself yet.");
    public static readonly Phrase EnrolSilentBody = new(
        "Vérifiez son alimentation, son réseau et l’adresse de la passerelle qu’on lui a donnée. Si sa clé a été changée depuis, son code aussi : saisissez le nouveau.",
        "Check its power, its network and the address of the gateway that it was given. If its key was changed since, so was its code: type the new one.");
    public static readonly Phrase EnrolDone = new("Le boîtier est enrôlé, et il répond.", "The device is enrolled, and it answers.");
    public static readonly Phrase EnrolKnown = new("La passerelle {0} connaît déjà un boîtier de ce nom, avec une autre clé.", "Gateway {0} knows a device of this name already, with another key.");
    public static readonly Phrase EnrolKnownBody = new(
        "Retirez ses clés, acceptez-le de nouveau, puis saisissez le code.", "Withdraw its keys, allow it again, then type the code.");
    public static readonly Phrase EnrolWrong = new("La passerelle vient de refuser un boîtier : sa clé n’est pas celle de ce code.", "The gateway has just turned a device away: its key is not the one of this code.");
    public static readonly Phrase EnrolWrongBody = new(
        "Si c’est celui-ci, sa clé a été changée après que ce code a été noté : saisissez le code le plus récent, ou donnez-lui une nouvelle clé.",
        "If it is this one, its key was changed after this code was written down: type the latest code, or give it a new key.");
    public static readonly Phrase EnrolNotStored = new("La passerelle {0} n’a pas pu écrire la liste de ses boîtiers.", "Gateway {0} could not write the list of its devices.");
    public static readonly Phrase EnrolNotStoredBody = new("Regardez ses alertes (disque plein ?), puis recommencez.", "Look at its alarms (disk full?), then try again.");
    public static readonly Phrase Discovery = new("Autour des passerelles", "Around the gateways");
    public static readonly Phrase DiscoveryLead = new(
        "Ce qui est branché ou qui se fait entendre, et qui n’est pas encore de la maison.", "What is plugged in or makes itself heard, and is not one of yours yet.");
    public static readonly Phrase DiscoverDo = new("Chercher autour", "Look around");
    public static readonly Phrase DiscoveryAt = new("vu {0}", "seen {0}");
    public static readonly Phrase DiscoveryNoGateway = new("Aucune passerelle n’a encore rien dit.", "No gateway has said anything yet.");
    public static readonly Phrase DiscoveryNoGatewayBody = new("Vérifiez qu’elle tourne, puis regardez de nouveau.", "Check that it runs, then look again.");
    public static readonly Phrase DiscoveryEmpty = new("Rien de nouveau ici.", "Nothing new here.");
    public static readonly Phrase DiscoveryEmptyBody = new(
        "Branchez un lecteur USB, ou mettez une prise ou une imprimante sur le même réseau : elle apparaît en quelques minutes.",
        "Plug in a USB reader, or put a plug or a printer on the same network: it appears in a few minutes.");
    public static readonly Phrase DiscoveryOther = new("Un boîtier à nous, avec son code :", "One of our own devices, with its code:");
    public static readonly Phrase DriverHint = new("Le modèle du lecteur. S’il ne répond pas, retirez-le et essayez l’autre.", "The reader’s model. If it does not answer, withdraw it and try the other.");
    public static readonly Phrase WillSet = new("{0} réglages seront posés", "{0} settings will be made");
    public static readonly Phrase WillSetLead = new(
        "La passerelle les pose, puis les relit. Sans ceux dont la coupure dépend, aucun relais ne se ferme.",
        "The gateway makes them, then reads them back. Without those the switch-off depends on, no relay is closed.");
    public static readonly Phrase FoundAt = new("à l’adresse {0}", "at {0}");
    public static readonly Phrase Secret = new("Clé ou mot de passe", "Key or password");
    public static readonly Phrase SecretHint = new("Celui que l’appareil affiche dans ses réglages.", "The one that the device shows in its settings.");
    public static readonly Phrase SecretOctoPrint = new("Clé d’application d’OctoPrint", "Application key of OctoPrint");
    public static readonly Phrase SecretOctoPrintHint = new("Dans OctoPrint : Settings, Application Keys, Generate.", "In OctoPrint: Settings, Application Keys, Generate.");
    public static readonly Phrase SecretPrusaLink = new("Mot de passe de PrusaLink", "Password of PrusaLink");
    public static readonly Phrase SecretPrusaLinkHint = new("L’imprimante l’affiche dans Settings, Network, PrusaLink.", "The printer shows it under Settings, Network, PrusaLink.");
    public static readonly Phrase SecretBambu = new("Code d’accès de l’imprimante", "Access code of the printer");
    public static readonly Phrase SecretBambuHint = new("L’imprimante l’affiche dans Settings, WLAN.", "The printer shows it under Settings, WLAN.");
    public static readonly Phrase Certificate = new("Empreinte SHA-256 de son certificat", "SHA-256 of its certificate");
    public static readonly Phrase CertificateHint = new(
        "64 signes de 0 à 9 et de a à f. Le mode d’emploi du pilote donne la commande qui la lit.", "64 signs of 0 to 9 and a to f. The page of its driver gives the command that reads it.");
    public static readonly Phrase AdoptSecretWrong = new("Il manque la clé, le mot de passe ou le code de l’appareil.", "The key, password or code of the device is missing.");
    public static readonly Phrase AdoptCertificateWrong = new("L’empreinte du certificat a 64 signes, de 0 à 9 et de a à f.", "The SHA-256 of the certificate has 64 signs, of 0 to 9 and a to f.");
    public static readonly Phrase AdoptNoBroker = new(
        "Il ne peut pas joindre la passerelle : son courtier MQTT n’écoute que sur son propre ordinateur. Réglez FabLab:Listen ou Gateway:Broker:LanAddress, puis regardez de nouveau.",
        "It cannot reach the gateway: its MQTT broker listens on its own computer only. Set FabLab:Listen or Gateway:Broker:LanAddress, then look again.");
    public static readonly Phrase ToSet = new("À régler sur l’appareil", "To set on the device");
    public static readonly Phrase ToSetLead = new(
        "Il ne parle pas encore avec la passerelle. Une fois adopté, sa page donne ces réglages avec son mot de passe, à recopier sur l’appareil.",
        "It does not speak with the gateway yet. Once it is adopted, its page gives these settings with its password, to copy onto the device.");
    public static readonly Phrase ToSetName = new("(son nom)", "(its name)");
    public static readonly Phrase ToSetPassword = new("(son mot de passe)", "(its password)");
    public static readonly Phrase ToSetNow = new(
        "Recopiez ceci dans les réglages MQTT de l’appareil (Tasmota : dans sa console ; ESPHome : dans son fichier). Il vient ensuite de lui-même.",
        "Copy this into the MQTT settings of the device (Tasmota: into its console; ESPHome: into its file). It then comes by itself.");
    public static readonly Phrase ToSetText = new("Réglages", "Settings");
    public static readonly Phrase ToSetHint = new("Montré pendant 30 minutes, ou jusqu’à ce qu’il réponde.", "Shown for 30 minutes, or until it answers.");
    public static readonly Phrase Settings = new("Réglages lus sur l’appareil", "Settings read from the device");
    public static readonly Phrase SettingsInStep = new("Tous comme demandé", "All as asked");
    public static readonly Phrase SettingsNeeded = new("Il en manque : aucun relais ne se ferme", "Some are missing: no relay is closed");
    public static readonly Phrase SettingsOther = new("Certains sont autres que demandé", "Some are other than asked");
    public static readonly Phrase Setting = new("Réglage", "Setting");
    public static readonly Phrase SettingAsked = new("Demandé", "Asked");
    public static readonly Phrase SettingSaid = new("L’appareil dit", "The device says");
    public static readonly Phrase SettingUnsaid = new("rien encore", "nothing yet");
    public static readonly Phrase SettingInStep = new("Comme demandé", "As asked");
    public static readonly Phrase SettingNotInStep = new("Autre", "Other");
    public static readonly Phrase Adopt = new("Adopter", "Adopt");
    public static readonly Phrase AdoptGone = new("La passerelle ne le voit plus. Rebranchez-le, puis regardez de nouveau.", "The gateway does not see it any more. Plug it in again, then look again.");
    public static readonly Phrase AdoptNamed = new("Un boîtier porte déjà ce nom. Donnez-en un autre.", "A device has this name already. Give another one.");
    public static readonly Phrase AdoptAsked = new("La passerelle {0} prend ce boîtier sur sa liste.", "Gateway {0} takes this device on its list.");
    public static readonly Phrase AdoptMissed = new("La passerelle {0} n’a pas répondu.", "Gateway {0} did not answer.");
    public static readonly Phrase AdoptMissedBody = new("Vérifiez qu’elle tourne, puis adoptez-le de nouveau.", "Check that it runs, then adopt it again.");
    public static readonly Phrase AdoptKnown = new("La passerelle {0} a déjà un boîtier de ce nom. Adoptez-le sous un autre.", "Gateway {0} has a device of this name already. Adopt it under another one.");
    public static readonly Phrase AdoptTaken = new("La passerelle l’a sur sa liste et lui parle.", "The gateway has it on its list and speaks to it.");
    public static readonly Phrase AdoptSilent = new("Ce boîtier est sur la liste mais ne répond pas.", "This device is on the list but does not answer.");
    public static readonly Phrase AdoptSilentBody = new(
        "Vérifiez ses fils, son alimentation et son réseau. Le mode d’emploi de son pilote dit les réglages qu’il lui faut.",
        "Check its wires, its power and its network. The page of its driver says the settings it needs.");
    public static readonly Phrase AdoptAgain = new("Chercher de nouveau", "Look around again");
    public static readonly Phrase TypeAgain = new("Saisir le code", "Type the code");
    public static readonly Phrase LookAgain = new("Regarder de nouveau", "Look again");
    public static readonly Phrase Test = new("Essai de coupure", "Switch-off test");
    public static readonly Phrase TestLead = new(
        "Le relais se ferme pendant environ 8 secondes, puis doit s’ouvrir de lui-même sans ordre de personne. Éloignez-vous de la machine : elle reçoit du courant.",
        "The relay closes for about 8 seconds, then must open by itself without anybody’s order. Stand back from the machine: it has power.");
    public static readonly Phrase TestDo = new("Lancer l’essai", "Run the test");
    public static readonly Phrase TestAsked = new("L’essai du boîtier {0} est demandé. Il dure une dizaine de secondes.", "The test of device {0} is asked for. It takes about ten seconds.");
    public static readonly Phrase TestUnderWay = new("Essai en cours…", "Test under way…");
    public static readonly Phrase TestMissed = new(
        "La passerelle n’a pas répondu à la demande d’essai. Vérifiez qu’elle tourne, puis recommencez.", "The gateway did not answer the request for a test. Check that it runs, then try again.");
    public static readonly Phrase TestSilent = new(
        "Ce boîtier ne répond pas. Vérifiez son alimentation et son réseau, puis recommencez.", "This device does not answer. Check its power and its network, then try again.");
    public static readonly Phrase TestRunning = new("Ce boîtier est déjà à l’essai.", "This device is being tested already.");
    public static readonly Phrase TestNever = new("Jamais essayé", "Never tested");
    public static readonly Phrase TestOld = new("Réussi, avec un autre logiciel ({0})", "Passed, with other firmware ({0})");
    public static readonly Phrase TestWith = new("{0}, logiciel {1}", "{0}, firmware {1}");
    public static readonly Phrase TestSeenByPower = new("Vu aussi par le compteur.", "Seen by the meter too.");
    public static readonly Phrase Update = new("Mise à jour du logiciel", "Firmware update");
    public static readonly Phrase UpdateWaits = new("Elle attend son tour", "It waits for its turn");
    public static readonly Phrase UpdateOffered = new("Proposée au boîtier…", "Offered to the device…");
    public static readonly Phrase UpdatePulls = new("{0} % reçus par le boîtier", "{0} % received by the device");
    public static readonly Phrase UpdateRestarts = new("Le boîtier redémarre…", "The device restarts…");
    public static readonly Phrase UpdateApplied = new("Réussie", "Done");
    public static readonly Phrase UpdateRefused = new("Pas faite", "Not made");
    public static readonly Phrase UpdateWentBack = new("Le boîtier a repris l’ancien logiciel", "The device went back to the firmware before");
    public static readonly Phrase UpdateSilent = new("Plus de nouvelles du boîtier", "Nothing more was heard of the device");
    public static readonly Phrase UpdateVersions = new("de {0} à {1}", "from {0} to {1}");
    public static readonly Phrase UpdateWentBackNext = new(
        "Le nouveau logiciel n’a pas démarré ou n’a pas été confirmé en 5 minutes. Prévenez son auteur.",
        "The new firmware did not start or was not confirmed within 5 minutes. Tell its author.");
    public static readonly Phrase UpdateSilentNext = new(
        "Le boîtier garde l’ancien logiciel, ou y revient de lui-même. Vérifiez son alimentation et son réseau, puis recommencez.",
        "The device keeps the firmware before, or goes back to it by itself. Check its power and its network, then try again.");
    public static readonly Phrase UpdateBusyNext = new(
        "Une machine de ce boîtier servait. Recommencez quand elle sera libre.", "A machine of this device was in use. Try again when it is free.");
    public static readonly Phrase UpdateAwayNext = new(
        "Le boîtier ne répondait pas. Vérifiez son alimentation et son réseau, puis recommencez.", "The device did not answer. Check its power and its network, then try again.");
    public static readonly Phrase UpdateVersionNext = new(
        "Ce logiciel ne peut pas remplacer celui du boîtier : il n’est pas plus récent, ou il en demande un autre avant lui.",
        "This firmware cannot replace the one of the device: it is not newer, or it asks for another one first.");
    public static readonly Phrase UpdateSignatureNext = new(
        "Le fichier n’est pas celui que l’auteur a signé, ou ce n’est pas l’auteur que le boîtier connaît. Demandez-lui le fichier et sa signature.",
        "The file is not the one its author signed, or not the author whom the device knows. Ask for the file and its signature.");
    public static readonly Phrase UpdateUnknownNext = new("Ce boîtier ne prend pas de logiciel à distance.", "This device takes no firmware over its link.");
    public static readonly Phrase UpdateWrongNext = new(
        "Ce logiciel ne convient pas à ce boîtier. Le journal de la passerelle dit pourquoi.", "This firmware does not suit this device. The gateway’s log says why.");
    public static readonly Phrase UpdateFetched = new("La passerelle {0} vient chercher le logiciel {1}.", "Gateway {0} is fetching firmware {1}.");
    public static readonly Phrase UpdateMissed = new("La passerelle {0} n’est pas venue chercher le logiciel.", "Gateway {0} did not come for the firmware.");
    public static readonly Phrase UpdateMissedNext = new("Vérifiez qu’elle tourne, puis envoyez-le de nouveau : il n’a pas été gardé.", "Check that it runs, then upload it again: it was not kept.");
    public static readonly Phrase Upload = new("Donner un nouveau logiciel", "Give it a new firmware");
    public static readonly Phrase UploadLead = new(
        "Le boîtier ne prend qu’un logiciel signé par l’auteur qu’il connaît, plus récent que le sien, quand personne ne se sert de ses machines. Si le nouveau ne démarre pas, il reprend l’ancien. Une machine dangereuse demandera ensuite un nouvel essai de coupure.",
        "The device takes only a firmware signed by the author it knows, newer than its own, while nobody uses its machines. If the new one does not start it goes back to the one before. A dangerous machine then asks for a new switch-off test.");
    public static readonly Phrase UploadFile = new("Fichier du logiciel", "Firmware file");
    public static readonly Phrase UploadFileHint = new("16 Mo au plus.", "16 MB at most.");
    public static readonly Phrase UploadSignature = new("Fichier de sa signature", "Its signature file");
    public static readonly Phrase UploadSignatureHint = new("L’auteur le donne avec le logiciel ; il finit le plus souvent par .sig.", "The author gives it with the firmware; its name mostly ends in .sig.");
    public static readonly Phrase UploadDo = new("Proposer au boîtier", "Offer it to the device");
    public static readonly Phrase UploadAsked = new("Le logiciel est envoyé. Le boîtier {0} décide s’il le prend.", "The firmware is on its way. Device {0} decides whether it takes it.");
    public static readonly Phrase UploadRunning = new("Une mise à jour est déjà en cours. Attendez sa fin.", "An update is under way already. Wait for its end.");
    public static readonly Phrase UploadOtherFile = new(
        "Cette signature n’est pas celle de ce fichier. Demandez à l’auteur le fichier et sa signature, sans les modifier.",
        "This signature is not of this file. Ask the author for the file and its signature, and change neither.");
    public static readonly Phrase UploadNoFile = new("Il manque le fichier du logiciel, ou il dépasse 16 Mo.", "The firmware file is missing, or it is above 16 MB.");
    public static readonly Phrase UploadNoSignature = new("Le second fichier n’est pas une signature. L’auteur en donne une avec chaque logiciel.", "The second file is no signature. The author gives one with each firmware.");
    public static readonly Phrase UploadOthers = new("Ce que chacun fait tourner", "What each of them runs");
    public static readonly Phrase Refuses = new("{0} ne démarre pas avec ce boîtier", "{0} does not start with this device");
    public static readonly Phrase RefusesNever = new(
        "C’est une machine dangereuse : le relais doit d’abord montrer qu’il s’ouvre de lui-même. Lancez l’essai de coupure ci-dessous.",
        "It is a dangerous machine: the relay must first show that it opens by itself. Run the switch-off test below.");
    public static readonly Phrase RefusesOld = new(
        "Le logiciel du boîtier a changé depuis l’essai. Refaites l’essai de coupure ci-dessous.",
        "The device’s firmware has changed since the test. Run the switch-off test below again.");
    public static readonly Phrase RefusesFailed = new(
        "L’essai de coupure n’a pas réussi. Corrigez ce qu’il dit, puis refaites-le ; sinon, reliez un autre boîtier.",
        "The switch-off test was not passed. Put right what it says, then run it again; or bind another device.");
    public static readonly Phrase TestPassed = new("Réussi : le relais s’ouvre de lui-même", "Passed: the relay opens by itself");
    public static readonly Phrase TestAway = new("Pas fait : le boîtier ne répondait pas", "Not made: the device did not answer");
    public static readonly Phrase TestBusy = new("Pas fait : une machine de ce boîtier servait", "Not made: a machine of this device was in use");
    public static readonly Phrase TestCannotTell = new("Impossible : ce boîtier ne dit pas ce que fait son relais", "Impossible: this device does not say what its relay does");
    public static readonly Phrase TestNotClosed = new("Échec : le relais ne s’est pas fermé en 2 secondes", "Failed: the relay did not close within 2 seconds");
    public static readonly Phrase TestOpenedEarly = new("Échec : le relais s’est ouvert alors qu’il était prolongé", "Failed: the relay opened although it was renewed");
    public static readonly Phrase TestNotOpened = new("Échec : le relais ne s’est pas ouvert de lui-même", "Failed: the relay did not open by itself");
    public static readonly Phrase TestStillDraws = new(
        "Échec : le relais se dit ouvert, mais du courant passe encore", "Failed: the relay says it is open, but current still flows");
    public static readonly Phrase TestNotStored = new("Réussi, mais la passerelle n’a pas pu l’écrire. Regardez ses alertes", "Passed, but the gateway could not write it down. Look at its alarms");
    public static readonly Phrase TestNotCut = new("Pas fait : rien n’a été coupé en 90 secondes", "Not made: nothing was cut within 90 seconds");
    public static readonly Phrase TestNotBack = new("Pas fini : le boîtier n’est pas revenu en 3 minutes", "Not finished: the device did not come back within 3 minutes");
    public static readonly Phrase TestNotRestarted = new("Pas fait : le boîtier est revenu sans avoir été privé de courant", "Not made: the device came back and had never been without power");
    public static readonly Phrase TestClosedAtReturn = new("Échec : au retour, le relais était fermé", "Failed: when the device came back its relay was closed");
    public static readonly Phrase TestReturned = new("Réussi : au retour, le relais est resté ouvert", "Passed: when the device came back its relay stayed open");
    public static readonly Phrase TestLink = new("Réseau coupé, puis rendu", "Network cut, then given back");
    public static readonly Phrase TestPower = new("Courant coupé, puis rendu", "Power cut, then given back");
    public static readonly Phrase TestByHand = new("Essais de votre main", "Tests by your hand");
    public static readonly Phrase TestByHandLead = new(
        "Après le clic, le relais se ferme. Vous avez 90 secondes pour couper le boîtier, puis 3 minutes pour le rétablir. À son retour, le relais doit être ouvert.",
        "After the click the relay closes. You have 90 seconds to cut the device off, then 3 minutes to give it back. When it returns its relay must be open.");
    public static readonly Phrase TestCutLink = new(
        "Coupez maintenant le réseau du boîtier (câble, ou borne Wi-Fi), attendez qu’il soit « hors ligne », puis rétablissez-le.",
        "Now cut the device’s network (its cable, or the Wi-Fi access point), wait until it is “offline”, then give it back.");
    public static readonly Phrase TestCutPower = new(
        "Débranchez maintenant le boîtier, attendez qu’il soit « hors ligne », puis rebranchez-le.", "Now unplug the device, wait until it is “offline”, then plug it in again.");
    public static readonly Phrase TestLinkDo = new("Essayer la coupure du réseau", "Test a cut of the network");
    public static readonly Phrase TestPowerDo = new("Essayer la coupure du courant", "Test a cut of the power");
    public static readonly Phrase TestHandAsked = new("L’essai du boîtier {0} commence : suivez ce que dit la page.", "The test of device {0} begins: do what the page says.");
    public static readonly Phrase TestBroke = new("Pas fait : la passerelle a rencontré une panne. Son journal la décrit", "Not made: the gateway had a fault. Its log describes it");
}
