using CsvHelper;

namespace FabLab.Booking.Web;

/// <summary>A file for a spreadsheet: semicolons, as French ones read them, in UTF-8 with the mark they know it by. What somebody has typed is never run as a formula.</summary>
internal static class SpreadsheetFile
{
    private static readonly CsvWriterOptions Options = new() { Separator = ';', Injection = CsvInjection.Escape, WriteByteOrderMark = true };

    /// <param name="lines">Writes the lines.</param>
    /// <returns>The whole file.</returns>
    public static byte[] Write(Action<CsvWriter> lines)
    {
        using var file = new MemoryStream();
        using (var writer = CsvWriter.Create(file, Options, leaveOpen: true))
            lines(writer);
        return file.ToArray();
    }
}
