using System.Globalization;
using System.Text;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>Lines of a file for a spreadsheet: semicolons, each on a line of its own.</summary>
internal static class CsvFile
{
    public static void Line(StringBuilder file, params string[] cells) => file.AppendJoin(';', cells.Select(Cell)).Append("\r\n");

    /// <summary>A name may hold anything; a spreadsheet must neither split it nor take it for a formula.</summary>
    private static string Cell(string text)
    {
        string safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(";\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
