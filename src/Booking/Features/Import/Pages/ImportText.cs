using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Import.Pages;

/// <summary>The words of the import.</summary>
public static class ImportText
{
    public static readonly Phrase Title = new("Importer des personnes", "Import people");
    public static readonly Phrase Lead = new("Un fichier CSV, avec une ligne par personne. Essayez d’abord : chaque ligne dit ce qu’elle devient.", "A CSV file, one line a person. Try first: each line says what becomes of it.");
    public static readonly Phrase File = new("Fichier CSV", "CSV file");
    public static readonly Phrase FileHint = new(
        "Colonnes connues : code court, prénom, nom, date de naissance, majeur, fin d’adhésion, badge, lecteur, habilitations, habilitation depuis, preuve. Les autres sont laissées de côté.",
        "Known columns: short code, first name, last name, birth date, adult, member through, badge, reader, habilitations, habilitations since, evidence. Others are left aside.");
    public static readonly Phrase FileMissing = new("Choisissez un fichier, de 4 Mo au plus.", "Choose a file, of 4 MB at most.");
    public static readonly Phrase Try = new("Essayer sans rien changer", "Try without changing anything");
    public static readonly Phrase Do = new("Importer", "Import");
    public static readonly Phrase Tried = new("Essai : rien n’a été changé", "A try: nothing was changed");
    public static readonly Phrase Done = new("C’est importé", "Imported");
    public static readonly Phrase NotDone = new("Rien n’a été importé", "Nothing was imported");
    public static readonly Phrase Counts = new("{0} {0:nouvelle personne|nouvelles personnes}, {1} {1:complétée|complétées}, {2} {2:ligne|lignes} à corriger.", "{0} new {0:person|people}, {1} completed, {2} {2:line|lines} to mend.");
    public static readonly Phrase Again = new("Corrigez le fichier, puis choisissez-le de nouveau.", "Mend the file, then choose it again.");
    public static readonly Phrase Line = new("Ligne", "Line");
    public static readonly Phrase Fate = new("Ce qu’elle devient", "What becomes of it");
}
