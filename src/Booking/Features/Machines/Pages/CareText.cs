using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>The words of a machine's sheet, its care and the report of a fault.</summary>
public static class CareText
{
    public static readonly Phrase SheetTitle = new("Fiche signalétique", "Machine sheet");
    public static readonly Phrase SeeSheet = new("Consignes et protections", "Instructions and protection");
    public static readonly Phrase Report = new("Signaler une panne", "Report a fault");
    public static readonly Phrase Care = new("Entretien et état", "Care and state");
    public static readonly Phrase Protection = new("Équipements de protection individuelle (EPI)", "Personal protective equipment (PPE)");
    public static readonly Phrase Allowed = new("Matériaux autorisés", "Materials allowed");
    public static readonly Phrase Forbidden = new("Matériaux interdits", "Materials forbidden");
    public static readonly Phrase Advice = new("À savoir avant de commencer", "To know before you start");
    public static readonly Phrase NotWritten = new("Pas encore écrit. Demandez à l’équipe avant de commencer.", "Not written yet. Ask the team before you start.");
    public static readonly Phrase Rules = new("Qui peut l’utiliser", "Who may use it");
    public static readonly Phrase LastMaintenance = new("Dernier entretien", "Last maintenance");
    public static readonly Phrase Never = new("Aucun noté", "None on record");
    public static readonly Phrase StateNow = new("État", "State");
    public static readonly Phrase Badge = new("Badge demandé", "Badge asked for");
    public static readonly Phrase BadgeAny = new("Tout badge", "Any badge");
    public static readonly Phrase BadgeSafe = new("Badge protégé", "Protected badge");
    public static readonly Phrase QrTitle = new("Une panne ?", "A fault?");
    public static readonly Phrase QrLead = new("Scannez ce code pour la signaler. Pas besoin de compte.", "Scan this code to report it. No account needed.");
    public static readonly Phrase QrAlt = new("Code QR qui mène à {0}", "QR code that leads to {0}");
    public static readonly Phrase Back = new("Retour à la machine", "Back to the machine");

    public static readonly Phrase ReportLead = new("Dites en une phrase ce qui ne va pas. L’équipe est prévenue. La machine ne s’arrête pas toute seule.", "Say in one sentence what is wrong. The team is told. The machine does not stop by itself.");
    public static readonly Phrase ReportDanger = new("Si c’est dangereux : utilisez l’arrêt d’urgence de la machine et appelez quelqu’un.", "If it is dangerous: use the machine’s own emergency stop and call somebody.");
    public static readonly Phrase What = new("Que se passe-t-il ?", "What happens?");
    public static readonly Phrase WhatHint = new("N’écrivez pas de nom.", "Do not write a name.");
    public static readonly Phrase WhatWrong = new("Écrivez ce qui ne va pas, en {0} signes au plus.", "Write what is wrong, in at most {0} characters.");
    public static readonly Phrase Photo = new("Photo", "Photo");
    public static readonly Phrase PhotoHint = new("JPEG, PNG ou WebP, 8 Mo au plus. Le lieu et l’appareil sont effacés de la photo.", "JPEG, PNG or WebP, at most 8 MB. Place and camera are erased from the photo.");
    public static readonly Phrase PhotoWrong = new("Cette photo n’a pas pu être lue. Envoyez une photo JPEG, PNG ou WebP, ou n’en mettez pas.", "This photo could not be read. Send a JPEG, PNG or WebP photo, or none.");
    public static readonly Phrase Send = new("Prévenir l’équipe", "Tell the team");
    public static readonly Phrase TooMany = new("Beaucoup de signalements viennent d’ici. Attendez dix minutes, ou parlez à une personne de l’équipe.", "Many reports have come from here. Wait ten minutes, or talk to somebody of the team.");
    public static readonly Phrase Thanks = new("Merci. L’équipe est prévenue.", "Thank you. The team has been told.");

    public static readonly Phrase ReportsTitle = new("Pannes signalées", "Faults reported");
    public static readonly Phrase NoReports = new("Rien de signalé", "Nothing reported");
    public static readonly Phrase PhotoOf = new("Photo jointe au signalement", "Photo sent with the report");
    public static readonly Phrase Close = new("C’est réglé", "Dealt with");
    public static readonly Phrase Closed = new("Le signalement est réglé.", "The report is dealt with.");
    public static readonly Phrase ClosedBefore = new("Quelqu’un l’a déjà réglé.", "Somebody has dealt with it already.");

    public static readonly Phrase BrokenTitle = new("Mettre en panne", "Take out of service");
    public static readonly Phrase BrokenLead = new("La machine refuse les nouveaux usages. Un usage en cours s’arrête.", "The machine refuses new uses. A use in progress stops.");
    public static readonly Phrase BrokenDo = new("Mettre en panne", "Take out of service");
    public static readonly Phrase BrokenSince = new("En panne depuis {0}", "Out of service since {0}");
    public static readonly Phrase BrokenBy = new("Par {0}", "By {0}");
    public static readonly Phrase ServiceDo = new("Remettre en service", "Put back in service");
    public static readonly Phrase BrokenNow = new("La machine {0} est en panne.", "Machine {0} is out of service.");
    public static readonly Phrase InService = new("La machine {0} est remise en service.", "Machine {0} is back in service.");
    public static readonly Phrase WhoMay = new("Qui peut la remettre en service ?", "Who may put it back in service?");
    public static readonly Phrase MaintainerOnly = new("Il faut l’habilitation d’entretien de cette machine.", "It takes the maintenance habilitation of this machine.");
    public static readonly Phrase ManagerOnly = new("La gestion du lieu peut la remettre en service.", "A manager may put it back in service.");
    public static readonly Phrase AuthorOnly = new("La personne qui l’a arrêtée peut la remettre en service.", "Whoever took it out may put it back in service.");

    public static readonly Phrase MaintenanceTitle = new("Entretien", "Maintenance");
    public static readonly Phrase UsedSince = new("Utilisation depuis", "Use since then");
    public static readonly Phrase Every = new("À faire toutes les", "Due every");
    public static readonly Phrase Hours = new("{0} {0:heure|heures} d’utilisation", "{0} {0:hour|hours} of use");
    public static readonly Phrase Due = new("L’entretien est à faire.", "Maintenance is due.");
    public static readonly Phrase NoteLabel = new("Qu’avez-vous fait ?", "What did you do?");
    public static readonly Phrase NoteDo = new("Noter l’entretien", "Note the maintenance");
    public static readonly Phrase Noted = new("L’entretien est noté. Les heures repartent de zéro.", "The maintenance is noted. The hours count from zero.");
    public static readonly Phrase NoteWrong = new("Écrivez ce qui a été fait, en {0} signes au plus.", "Write what was done, in at most {0} characters.");
    public static readonly Phrase Changed = new("Quelqu’un a changé cela entre-temps. Relisez la page, puis recommencez.", "Somebody changed this in the meantime. Read the page again, then repeat.");
    public static readonly Phrase PastMaintenance = new("{0} : {1} ({2} d’utilisation)", "{0}: {1} ({2} of use)");

    public static readonly Phrase EditTitle = new("Écrire la fiche", "Write the sheet");
    public static readonly Phrase OneALine = new("Une chose par ligne.", "One thing a line.");
    public static readonly Phrase Referent = new("Référent·e", "Looked after by");
    public static readonly Phrase Nobody = new("Personne", "Nobody");
    public static readonly Phrase MaintenanceTraining = new("Habilitation d’entretien", "Maintenance habilitation");
    public static readonly Phrase NoTraining = new("Aucune : la gestion du lieu", "None: managers");
    public static readonly Phrase EveryLabel = new("Entretien toutes les … heures d’utilisation", "Maintenance every … hours of use");
    public static readonly Phrase EveryWrong = new("Un nombre d’heures de 1 à {0}, ou rien.", "A number of hours from 1 to {0}, or nothing.");
    public static readonly Phrase TextWrong = new("C’est trop long : {0} signes au plus.", "Too long: at most {0} characters.");
    public static readonly Phrase Save = new("Enregistrer la fiche", "Save the sheet");
    public static readonly Phrase Saved = new("La fiche est enregistrée.", "The sheet is saved.");
}
