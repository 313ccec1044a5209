using System.Globalization;
using System.Text;
using CsvHelper;
using FabLab.Core;

namespace FabLab.Booking.Features.Import;

internal enum ImportColumn
{
    Code,
    FirstName,
    LastName,
    Name,
    BirthDate,
    Adult,
    MemberThrough,
    Badges,
    Reader,
    Habilitations,
    Since,
    Evidence,
}

/// <summary>One line of the file: what each known column holds.</summary>
internal sealed record ImportRow(int Line, IReadOnlyDictionary<ImportColumn, string> Fields, ImportLine? Fault)
{
    public string Of(ImportColumn column) => Fields.GetValueOrDefault(column, "");
}

/// <summary>
/// Reads a CSV file as offices save it: UTF-8 or Windows-1252, separated by semicolons, commas or tabs, its heads in French or
/// English with or without accents. Columns that are not known are left aside and named.
/// </summary>
internal sealed class ImportFile
{
    public const int MaxLines = 5000;

    private static readonly Dictionary<string, ImportColumn> Heads = new(StringComparer.Ordinal)
    {
        ["code"] = ImportColumn.Code,
        ["code court"] = ImportColumn.Code,
        ["short code"] = ImportColumn.Code,
        ["prenom"] = ImportColumn.FirstName,
        ["first name"] = ImportColumn.FirstName,
        ["nom"] = ImportColumn.LastName,
        ["last name"] = ImportColumn.LastName,
        ["nom affiche"] = ImportColumn.Name,
        ["nom complet"] = ImportColumn.Name,
        ["name"] = ImportColumn.Name,
        ["date de naissance"] = ImportColumn.BirthDate,
        ["naissance"] = ImportColumn.BirthDate,
        ["birth date"] = ImportColumn.BirthDate,
        ["majeur"] = ImportColumn.Adult,
        ["majeur·e"] = ImportColumn.Adult,
        ["adulte"] = ImportColumn.Adult,
        ["adult"] = ImportColumn.Adult,
        ["adhesion jusqu au"] = ImportColumn.MemberThrough,
        ["fin d adhesion"] = ImportColumn.MemberThrough,
        ["fin adhesion"] = ImportColumn.MemberThrough,
        ["member through"] = ImportColumn.MemberThrough,
        ["badge"] = ImportColumn.Badges,
        ["badges"] = ImportColumn.Badges,
        ["lecteur"] = ImportColumn.Reader,
        ["reader"] = ImportColumn.Reader,
        ["habilitation"] = ImportColumn.Habilitations,
        ["habilitations"] = ImportColumn.Habilitations,
        ["habilitation depuis"] = ImportColumn.Since,
        ["habilitations since"] = ImportColumn.Since,
        ["preuve"] = ImportColumn.Evidence,
        ["evidence"] = ImportColumn.Evidence,
    };

    private ImportFile(IReadOnlyList<ImportRow> rows, IReadOnlyList<string> leftAside, ImportLine? fault)
    {
        Rows = rows;
        LeftAside = leftAside;
        Fault = fault;
    }

    public IReadOnlyList<ImportRow> Rows { get; }

    /// <summary>Heads of columns that nothing is done with.</summary>
    public IReadOnlyList<string> LeftAside { get; }

    /// <summary>Why the file as a whole cannot be read.</summary>
    public ImportLine? Fault { get; }

    static ImportFile() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static ImportFile Read(byte[] bytes)
    {
        var text = Decode(bytes);
        if (string.IsNullOrWhiteSpace(text))
            return Bad("Le fichier est vide.", "The file is empty.");
        if (text.Contains('\0', StringComparison.Ordinal))
            return Bad("Ce n’est pas un fichier CSV. Dans le tableur : enregistrer sous, CSV.", "This is no CSV file. In the spreadsheet: save as, CSV.");
        var separator = Separator(text);
        List<(int Line, string[] Fields)> records;
        try
        {
            records = Records(text, separator);
        }
        catch (CsvFormatException fault)
        {
            return Bad(
                "Les guillemets de cette ligne ne vont pas ensemble. Enregistrez le fichier de nouveau depuis le tableur.",
                "The quotation marks of this line do not pair. Save the file again from the spreadsheet.", (int)fault.LineNumber);
        }
        if (records.Count == 0)
            return Bad("Le fichier est vide.", "The file is empty.");
        var heads = records[0].Fields;
        var columns = new Dictionary<int, ImportColumn>();
        var leftAside = new List<string>();
        for (var place = 0; place < heads.Length; place++)
        {
            if (!Heads.TryGetValue(Plain(heads[place]), out var column))
            {
                if (heads[place].Length > 0)
                    leftAside.Add(Text.Clean(heads[place], 40));
            }
            else if (columns.ContainsValue(column))
            {
                return Bad($"La colonne « {heads[place]} » est là deux fois.", $"The column “{heads[place]}” is there twice.");
            }
            else
            {
                columns[place] = column;
            }
        }
        if (!columns.Values.Any(column => column is ImportColumn.Code or ImportColumn.Name or ImportColumn.FirstName or ImportColumn.LastName))
        {
            return Bad(
                "La première ligne doit nommer les colonnes, au moins « code court », « prénom » ou « nom ».",
                "The first line must name the columns, at least “short code”, “first name” or “last name”.");
        }
        var rows = new List<ImportRow>();
        foreach (var (line, record) in records.Skip(1))
        {
            if (record.All(field => field.Length == 0))
                continue;
            if (rows.Count == MaxLines)
                return Bad($"Le fichier a plus de {MaxLines} lignes. Coupez-le en deux.", $"The file has more than {MaxLines} lines. Cut it in two.");
            var fault = record.Length > heads.Length && record.Skip(heads.Length).Any(field => field.Length > 0)
                ? new ImportLine(line, ImportFate.Fault, new Words(
                    "Cette ligne a plus de colonnes que la première. Un texte qui contient le séparateur se met entre guillemets.",
                    "This line has more columns than the first. A text that contains the separator goes between quotation marks."))
                : null;
            rows.Add(new ImportRow(
                line, columns.Where(column => column.Key < record.Length).ToDictionary(column => column.Value, column => record[column.Key]), fault));
        }
        return new ImportFile(rows, leftAside, null);
    }

    /// <summary>Lower case, without accents, every other sign a single blank.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var sign in text.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(sign) == UnicodeCategory.NonSpacingMark)
                continue;
            if (char.IsLetterOrDigit(sign) || sign == '·')
                plain.Append(char.ToLowerInvariant(sign));
            else if (plain.Length > 0 && plain[^1] != ' ')
                plain.Append(' ');
        }
        return plain.ToString().TrimEnd();
    }

    private static List<(int Line, string[] Fields)> Records(string text, char separator)
    {
        var records = new List<(int Line, string[] Fields)>();
        using var reader = CsvReader.FromText(text, new CsvReaderOptions
        {
            Separator = separator,
            HasHeader = false,
            SkipEmptyLines = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
        });
        while (reader.Read())
            records.Add(((int)reader.LineNumber, [.. Enumerable.Range(0, reader.FieldCount).Select(place => reader.GetString(place).Trim())]));
        return records;
    }

    private static string Decode(byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, ..])
            return Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2);
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            // What is not UTF-8 comes from an office program on Windows.
            return Encoding.GetEncoding(1252).GetString(bytes);
        }
    }

    /// <summary>The one that stands most often in the first line, outside quotation marks.</summary>
    private static char Separator(string text)
    {
        var counts = new Dictionary<char, int> { [';'] = 0, [','] = 0, ['\t'] = 0 };
        var quoted = false;
        foreach (var sign in text.TrimStart('\r', '\n').TakeWhile(sign => sign is not ('\r' or '\n')))
        {
            if (sign == '"')
                quoted = !quoted;
            else if (!quoted && counts.TryGetValue(sign, out var count))
                counts[sign] = count + 1;
        }
        return counts.MaxBy(count => count.Value).Key;
    }

    private static ImportFile Bad(string french, string english, int line = 1) => new([], [], new ImportLine(line, ImportFate.Fault, new Words(french, english)));
}
